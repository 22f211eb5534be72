"""Every cell's way back through time is the gradient of its way forward, and PyTorch agrees."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from agents import Brain
from agents.brain import CELLS
from agents.gated_cells import FORGET_BIAS
from agents.heads import HEADS

Array = NDArray[Any]

KINDS = [(cell, head) for cell in CELLS for head in HEADS]


class Game:
    """A few random games with random labels, and a brain of random weights that plays them."""

    def __init__(self, seed: int = 0, moves: int = 6, games: int = 3, hidden: int = 5, **config: Any) -> None:
        rng = np.random.default_rng(seed)
        self.brain = Brain(hidden=hidden, **config)
        self.brain.flat[...] = rng.normal(scale=0.7, size=self.brain.flat.size)
        self.observations = rng.random((moves, games, 4)).astype(self.brain.dtype)
        self.buffer = self.brain.make_buffer(moves, games)
        self.outputs, self.labels = self.buffer.outputs, self.buffer.labels
        self.labels.action[...] = rng.integers(4, size=(moves, games))
        self.labels.reading[...] = rng.random((moves, games))
        self.state: tuple[Array, Array] | None = None  # h and cell state that the games go on from

    def loss(self) -> float:
        """Play; the loss summed over moves and games."""
        self.buffer.reset_state()
        if self.state is not None:
            self.buffer.set_state(*self.state)
        for t, seen in enumerate(self.observations):
            self.brain.encode(seen, self.buffer, t)
            self.brain.forward(self.buffer, t)
        return float(self.brain.head.loss(self.outputs, self.labels).sum())

    def gradient(self) -> Array:
        """Of the loss, by backpropagation through time."""
        self.loss()
        gradient = np.full_like(self.brain.flat, np.nan)
        finished = self.outputs.copy()
        self.brain.backward(self.buffer, self.brain.head.loss_gradient(finished, self.labels), gradient)
        return gradient

    def differences(self, step: float = 1e-5) -> Array:
        """The same by central differences, a weight at a time."""
        gradient, flat = np.empty_like(self.brain.flat), self.brain.flat
        for weight, value in enumerate(flat.tolist()):
            flat[weight] = value + step
            up = self.loss()
            flat[weight] = value - step
            down = self.loss()
            flat[weight] = value
            gradient[weight] = (up - down) / (2 * step)
        return gradient


@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("begun", ["new games", "games that go on"])
@pytest.mark.parametrize(("cell", "head"), KINDS)
def test_the_gradient_is_what_finite_differences_say(cell: str, head: str, begun: str, bias: bool) -> None:
    game = Game(cell=cell, head=head, bias=bias, dtype="float64")
    if begun != "new games":
        rng = np.random.default_rng(1)
        game.state = rng.uniform(-1, 1, (5, 3)), rng.normal(size=(game.brain.cell.cell_state_units, 3))
    np.testing.assert_allclose(game.gradient(), game.differences(), rtol=1e-6, atol=1e-8)


@pytest.mark.parametrize("activation", ["tanh", "sigmoid"])
@pytest.mark.parametrize("cell", ["mlp", "elman"])
def test_so_it_is_with_either_activation(cell: str, activation: str) -> None:
    game = Game(cell=cell, activation=activation, dtype="float64")
    np.testing.assert_allclose(game.gradient(), game.differences(), rtol=1e-6, atol=1e-8)


@pytest.mark.parametrize("cell", CELLS)
def test_a_buffer_used_before_gives_the_same_as_a_new_one(cell: str) -> None:
    game, fresh = Game(cell=cell, dtype="float64"), Game(cell=cell, dtype="float64")
    game.observations = game.observations[::-1].copy()
    game.gradient()
    game.observations = game.observations[::-1].copy()
    np.testing.assert_array_equal(game.gradient(), fresh.gradient())


def test_a_new_lstm_remembers_by_default() -> None:
    brain = Brain(cell="lstm", hidden=6)
    bias = brain.parameters["hidden_bias"].reshape(4, 6)
    np.testing.assert_array_equal(bias[1], FORGET_BIAS)
    np.testing.assert_array_equal(bias[[0, 2, 3]], 0)


@pytest.mark.parametrize(("cell", "gates"), [("gru", 3), ("lstm", 4)])
def test_a_new_cells_recurrent_matrices_are_orthogonal_gate_by_gate(cell: str, gates: int) -> None:
    recurrent = Brain(cell=cell, hidden=8, recurrent_gain=0.9, dtype="float64").parameters["hidden_to_hidden"]
    assert recurrent.shape == (8, gates * 8)
    for gate in np.split(recurrent, gates, axis=1):
        np.testing.assert_allclose(gate @ gate.T, 0.81 * np.eye(8), atol=1e-12)


@pytest.mark.parametrize("gate", ["shut", "open"])
def test_the_grus_update_gate_keeps_or_replaces_the_memory(gate: str) -> None:
    brain = Brain(cell="gru", hidden=4, dtype="float64")
    brain.parameters["hidden_bias"][4:8] = 50 if gate == "shut" else -50
    seen = np.random.default_rng(0).random((3, 4))
    state = np.random.default_rng(1).uniform(-1, 1, (3, 4))
    _, after = brain.predict(seen, state)
    assert np.allclose(after, state) == (gate == "shut")


def test_the_lstms_forget_gate_keeps_or_wipes_the_memory() -> None:
    brain = Brain(cell="lstm", hidden=4, dtype="float64")
    bias = brain.parameters["hidden_bias"]
    bias[:4] = -50  # nothing new is let in
    state = np.random.default_rng(1).normal(size=(3, 8))
    bias[4:8] = 50
    _, kept = brain.predict(np.zeros((3, 4)), state)
    np.testing.assert_allclose(kept[:, 4:], state[:, 4:])
    bias[4:8] = -50
    _, wiped = brain.predict(np.zeros((3, 4)), state)
    np.testing.assert_allclose(wiped[:, 4:], 0, atol=1e-12)
