"""Bounds of rounding and of noise hold for every cell, however the sums are ordered."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from agents import Brain
from agents.enclosure import Forward

Array = NDArray[Any]

KINDS = [
    {"cell": "mlp"},
    {"cell": "mlp2"},
    {"cell": "elman"},
    {"cell": "elman", "activation": "sigmoid", "bias": False, "centred": False},
    {"cell": "elman", "dtype": "float64"},
    {"cell": "gru"},
    {"cell": "gru", "bias": False},
    {"cell": "lstm"},
    {"cell": "lstm", "head": "compass"},
]


def brain_of(kind: dict[str, Any]) -> Brain:
    brain = Brain(hidden=12, seed=3, recurrent_gain=0.9, **kind)
    rng = np.random.default_rng(1)
    brain.flat += rng.normal(0, 0.3, brain.flat.size).astype(brain.flat.dtype)
    return brain


def games_of(moves: int = 6, games: int = 50) -> Array:
    return np.random.default_rng(0).random((moves, games, 4)).astype(np.float32)


def shuffled(brain: Brain, rng: np.random.Generator) -> tuple[Brain, Array]:
    """The same network with its hidden units in another order, so that sums have another."""
    other = Brain(**{**brain.config.__dict__})
    order = rng.permutation(brain.config.hidden)
    for name, view in other.parameters.items():
        array = brain.parameters[name]
        units = len(order)
        if name in ("input_to_hidden", "hidden_to_hidden", "hidden_bias"):
            gates = array.shape[-1] // units
            array = np.concatenate([part[..., order] for part in np.split(array, gates, -1)], -1)
        if name in ("recurrent_bias",):
            array = array[order]
        if name in ("hidden_to_hidden", "hidden_to_output"):
            array = array[order]
        view[...] = array
    return other, order


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: "-".join(map(str, kind.values())))
def test_what_a_brain_computes_lies_within_the_bounds_of_its_rounding(kind: dict[str, Any]) -> None:
    brain, seen = brain_of(kind), games_of()
    forward, state, own, worst = Forward(brain), None, None, 0.0
    for observation in seen:
        outputs, state = forward.step(forward.encode(observation), state)
        computed, own = brain.step(observation, own)
        off = np.abs(computed - outputs.value)
        assert (off <= outputs.radius).all()
        worst = max(worst, float((off / outputs.radius).max()))
        assert outputs.radius.max() < 0.01
    assert worst > 1e-4 or kind.get("dtype") == "float64"  # the bounds are not idle


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind["cell"] not in ("mlp", "mlp2")], ids=str)
def test_another_order_of_the_sums_stays_within_the_bounds(kind: dict[str, Any]) -> None:
    brain, seen = brain_of(kind), games_of()
    for seed in range(3):
        other, _ = shuffled(brain, np.random.default_rng(seed))
        forward, state, own = Forward(brain), None, None
        for observation in seen:
            outputs, state = forward.step(forward.encode(observation), state)
            computed, own = other.step(observation, own)
            assert (np.abs(computed - outputs.value) <= outputs.radius).all()


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: "-".join(map(str, kind.values())))
def test_what_noise_can_do_lies_within_the_bounds(kind: dict[str, Any]) -> None:
    brain, seen = brain_of(kind), games_of(3, 20).astype(np.float64)
    games, size = seen.shape[1], 0.02
    forward, exact = Forward(brain, rounding=False), Forward(brain, rounding=False)
    own = np.zeros((12, 3, 4, games))
    for t in range(3):
        for i in range(4):
            own[4 * t + i, t, i] = size
    state, outputs = None, []
    for t, observation in enumerate(seen):
        told, state = forward.step(forward.encode(observation, own[:, t]), state)
        outputs.append(told)
    rng = np.random.default_rng(0)
    for _ in range(20):
        noise, state = rng.uniform(-size, size, seen.shape), None
        for told, observation in zip(outputs, seen + noise, strict=True):
            x = forward.encode(observation)
            x.value[:4] = (2 * observation.T - 1) if brain.config.centred else observation.T  # not rounded
            found, state = exact.step(x, state)
            assert (np.abs(found.value - told.value) <= told.spread + 1e-12).all()


def test_a_decision_that_rounding_could_turn_is_not_called_safe() -> None:
    brain = Brain(cell="mlp", hidden=3, seed=0)
    brain.parameters["hidden_to_output"][...] = 0
    brain.parameters["output_bias"][...] = [0.1, 0.1, 0, 0]
    forward = Forward(brain)
    outputs, _ = forward.step(forward.encode(np.zeros((1, 4), np.float32)), None)
    chosen, margins, bounds = forward.decide(outputs)
    assert chosen[0] == 0
    assert (margins <= bounds).any()
