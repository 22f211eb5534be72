"""Spaces that sample by a key, as gymnax's do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import jax
import jax.numpy as jnp

Array = Any  # a jax.Array


@dataclass(frozen=True)
class Discrete:
    """Whole numbers below n."""

    n: int
    dtype: Any = jnp.int32

    @property
    def shape(self) -> tuple[int, ...]:
        """Of one of them."""
        return ()

    def sample(self, key: Array) -> Array:
        """One of them."""
        return jax.random.randint(key, (), 0, self.n, self.dtype)

    def contains(self, x: Array) -> Array:
        """Whether it is one."""
        return jnp.logical_and(x >= 0, x < self.n)


@dataclass(frozen=True)
class Box:
    """Numbers from low to high."""

    low: float
    high: float
    shape: tuple[int, ...]
    dtype: Any = jnp.float32

    def sample(self, key: Array) -> Array:
        """An array of them."""
        return jax.random.uniform(key, self.shape, self.dtype, self.low, self.high)

    def contains(self, x: Array) -> Array:
        """Whether they all are."""
        return jnp.logical_and(jnp.all(x >= self.low), jnp.all(x <= self.high))
