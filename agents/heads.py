"""Heads: what turns hidden units into an answer, and how far it is from the teacher's.

A head sees outputs feature-major, (outputs, games) for a move or (moves, outputs, games) for all.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from agents.actions import action_to_reading, reading_to_action
from agents.activations import sigmoid, sigmoid_of, sigmoid_slope

Array = NDArray[Any]


class Labels:
    """The teacher's labels of a batch of games, filled move by move from `info`.

    Attributes:
        action: Ideal actions, (moves, games) int64.
        reading: Ideal compass readings, (moves, games) float64.
        policy: Ideal probabilities of the directions, (moves, actions, games), from a teacher whose
            strategy is mixed; None: the ideal action has all.
    """

    def __init__(self, moves: int, games: int, mixed: int = 0) -> None:
        self.action = np.zeros((moves, games), np.int64)
        self.reading = np.zeros((moves, games))
        self.policy = np.zeros((moves, mixed, games)) if mixed else None

    def read(self, t: int, info: dict[str, Any]) -> None:
        """Take the labels of move `t` from what the environment told."""
        self.action[t] = info["ideal_action"]
        self.reading[t] = info["ideal_direction"]
        if self.policy is not None:
            self.policy[t] = info["ideal_policy"].T


class Head(ABC):
    """The interface of both heads.

    Args:
        actions: How many directions there are to tell apart.

    Attributes:
        outputs: Rows that the network's last matrix gives it.
    """

    name: str
    outputs: int

    def __init__(self, actions: int) -> None:
        self.actions = actions

    @abstractmethod
    def finish(self, outputs: Array) -> None:
        """Squash the outputs in place, where the head does."""

    @abstractmethod
    def action(self, outputs: Array) -> Array:
        """The direction of each game, (games,) int64, from finished outputs (outputs, games)."""

    @abstractmethod
    def reading(self, outputs: Array) -> Array:
        """The compass reading of each game, (games,) float, from finished outputs (outputs, games)."""

    @abstractmethod
    def reading_of(self, outputs: Array, directions: Array) -> Array:
        """`reading` where `action` has been asked before and gave `directions`; a new array or a view."""

    @abstractmethod
    def loss_gradient(self, outputs: Array, labels: Labels) -> Array:
        """The loss's gradient by what the last matrix gave, for all moves at once.

        Args:
            outputs: Finished outputs, (moves, outputs, games); overwritten.
            labels: The teacher's.

        Returns:
            (moves, outputs, games), of the loss summed over moves and games.
        """

    @abstractmethod
    def loss(self, outputs: Array, labels: Labels) -> Array:
        """The loss of each move of each game, (moves, games), from finished outputs; leaves them."""


class CompassHead(Head):
    """One sigmoid: a compass reading, as in the article. Loss: half the squared error."""

    name = "compass"
    outputs = 1

    def finish(self, outputs: Array) -> None:
        if outputs.size == 1:
            outputs[0, 0] = sigmoid_of(outputs.item())
        else:
            sigmoid(outputs, outputs)

    def action(self, outputs: Array) -> Array:
        return reading_to_action(outputs[..., 0, :], self.actions)

    def reading(self, outputs: Array) -> Array:
        return outputs[..., 0, :]

    def reading_of(self, outputs: Array, directions: Array) -> Array:
        return self.reading(outputs)

    def loss_gradient(self, outputs: Array, labels: Labels) -> Array:
        slope = np.empty_like(outputs)
        sigmoid_slope(outputs, slope)
        np.subtract(outputs, labels.reading[:, None], out=outputs)
        return np.multiply(outputs, slope, out=outputs)

    def loss(self, outputs: Array, labels: Labels) -> Array:
        return np.asarray((outputs[:, 0] - labels.reading) ** 2 / 2)


class DirectionHead(Head):
    """A logit for each direction. Its reading is the middle of the chosen band.

    Loss: cross-entropy with the teacher's action, or with its probabilities where it mixes.
    """

    name = "direction"

    def __init__(self, actions: int) -> None:
        super().__init__(actions)
        self.outputs = actions
        self._rows = np.arange(actions)[:, None]  # (actions, 1)
        self._middles = action_to_reading(np.arange(actions), actions)  # (actions,)

    def finish(self, outputs: Array) -> None:
        pass

    def action(self, outputs: Array) -> Array:
        return np.asarray(outputs.argmax(axis=-2))

    def reading(self, outputs: Array) -> Array:
        return self.reading_of(outputs, self.action(outputs))

    def reading_of(self, outputs: Array, directions: Array) -> Array:
        return self._middles.take(directions)

    def probabilities(self, outputs: Array) -> Array:
        """Softmax over the directions, the same shape."""
        odds = np.exp(outputs - outputs.max(axis=-2, keepdims=True))
        return np.asarray(odds / odds.sum(axis=-2, keepdims=True))

    def loss_gradient(self, outputs: Array, labels: Labels) -> Array:
        # Softmax minus the teacher's probabilities, in place.
        np.subtract(outputs, np.maximum.reduce(outputs, axis=1, keepdims=True), out=outputs)
        np.exp(outputs, out=outputs)
        np.divide(outputs, np.add.reduce(outputs, axis=1, keepdims=True), out=outputs)
        ideal = labels.action[:, None] == self._rows if labels.policy is None else labels.policy
        np.subtract(outputs, ideal, out=outputs, casting="same_kind")
        return outputs

    def loss(self, outputs: Array, labels: Labels) -> Array:
        top = outputs.max(axis=1)
        total = top + np.log(np.exp(outputs - top[:, None]).sum(axis=1))
        if labels.policy is not None:
            return np.asarray(total - (outputs * labels.policy).sum(axis=1))
        chosen = np.take_along_axis(outputs, labels.action[:, None].astype(np.int64), axis=1)[:, 0]
        return np.asarray(total - chosen)


HEADS: dict[str, type[Head]] = {head.name: head for head in (CompassHead, DirectionHead)}
