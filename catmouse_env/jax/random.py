"""Uniform numbers for games: 32 bits each."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp

Array = Any  # a jax.Array

GOLDEN = 0x9E3779B9


def uniform_word(key: Array, shape: tuple[int, ...]) -> Array:
    """Uniform numbers of 32 bits, `shape`, uint32.

    The key of a single game (so of each game under `jax.vmap`) has been split from another for this one step,
    and its bits are as random as what could be drawn from it. They are only mixed once more, for keys that
    somebody wrote down (`jax.random.key(1)`): a draw would take longer than all the rest of the step.
    """
    if shape:
        return jax.random.bits(key, shape, jnp.uint32)
    word = jnp.uint32(GOLDEN)  # 0 would stay 0
    for part in jax.random.key_data(key):
        word = _mix(word ^ part)
    return word


def _mix(word: Array) -> Array:
    """The finalizer of MurmurHash3 (Appleby 2011), a permutation of the numbers of 32 bits."""
    for shift, factor in ((16, 0x85EBCA6B), (13, 0xC2B2AE35)):
        word = (word ^ (word >> shift)) * jnp.uint32(factor)
    return word ^ (word >> 16)


def below(word: Array, count: int) -> tuple[Array, Array]:
    """A uniform number below `count`, int32, and what is left of the word, to draw another from.

    The word is a fraction of 2**32, of which `count` times the whole part is taken; numpy's environments
    scale theirs the same way. `count` is at most 2**16.
    """
    high, low = word >> 16, word & 0xFFFF
    product = high * jnp.uint32(count) + ((low * jnp.uint32(count)) >> 16)
    return (product >> 16).astype(jnp.int32), word * jnp.uint32(count)
