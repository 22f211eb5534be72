"""A brain in JAX answers as it does here, and what is trained there comes back."""

from __future__ import annotations

import subprocess
import sys
from itertools import product
from typing import Any

import numpy as np
import pytest

from agents import Brain

jax = pytest.importorskip("jax")

from agents.jax_weights import forward, from_jax, initial_state, to_jax  # noqa: E402

KINDS = [
    {"cell": cell, "head": head, "bias": bias, "activation": activation, "centred": bias}
    for cell, head, bias, activation in product(
        ("mlp", "mlp2", "elman", "gru", "lstm"), ("direction", "compass"), (True, False), ("tanh", "sigmoid")
    )
    if cell not in ("gru", "lstm") or activation == "tanh"
]


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: "-".join(map(str, kind.values())))
def test_it_answers_as_the_brain_does_move_by_move(kind: dict[str, Any]) -> None:
    brain = Brain(hidden=9, seed=3, **kind)
    rng = np.random.default_rng(0)
    brain.flat[...] = rng.normal(size=brain.flat.shape) * 0.7  # biases, too
    parameters, games = to_jax(brain), 17
    ours, state = None, initial_state(brain.config, (games,))
    assert state.shape == (games, brain.cell.state_units)
    for _ in range(6):
        observation = rng.random((games, 4), np.float32)
        expected, ours = brain.step(observation, ours)
        outputs, state = forward(brain.config, parameters, observation, state)
        np.testing.assert_allclose(outputs, expected.T, rtol=1e-5, atol=2e-5)
        if ours is not None:
            np.testing.assert_allclose(state, ours, rtol=1e-5, atol=2e-5)


def test_what_it_learned_there_is_known_here() -> None:
    brain = Brain(cell="lstm", hidden=6)
    there = jax.tree.map(lambda x: x * 1.5 + 0.1, to_jax(brain))
    before = brain.flat.copy()
    from_jax(there, brain)
    assert (brain.flat != before).all()
    for name, view in brain.parameters.items():
        np.testing.assert_array_equal(view, there[name])


def test_weights_that_do_not_fit_leave_the_brain_alone() -> None:
    brain = Brain(cell="elman", hidden=6)
    good, before = to_jax(brain), brain.flat.copy()
    for wrong in (
        to_jax(Brain(cell="gru", hidden=6)),
        to_jax(Brain(cell="elman", hidden=5)),
        to_jax(Brain(cell="elman", hidden=6, bias=False)),
        good | {"output_bias": good["output_bias"] * np.nan},
        {},
    ):
        with pytest.raises(ValueError, match="parameters"):
            from_jax(wrong, brain)
    np.testing.assert_array_equal(brain.flat, before)


def test_without_jax_one_line_says_what_to_install() -> None:
    code = "import sys; sys.modules['jax'] = None; import agents.jax_weights"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert 'ImportError: agents.jax_weights needs JAX: pip install "catmouse-env[jax]"' in done.stderr
