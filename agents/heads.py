"""Heads: what turns hidden units into an answer, and how far it is from the teacher's labels.

A head sees outputs feature-major, (outputs, num_envs) for a step or (steps, outputs, num_envs) for all.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from agents.actions import action_to_reading, reading_to_action
from agents.activations import sigmoid, sigmoid_derivative
from agents.rollout import Labels

Array = NDArray[Any]


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
    def activate(self, outputs: Array) -> None:
        """Apply the head's activation function, if any, in place; all below takes activated outputs."""

    @abstractmethod
    def action(self, outputs: Array) -> Array:
        """The direction of each game, (num_envs,) int64, from outputs (outputs, num_envs)."""

    @abstractmethod
    def reading(self, outputs: Array, directions: Array | None = None) -> Array:
        """The compass reading of each game, (num_envs,) float, a new array or a view.

        Args:
            outputs: (outputs, num_envs).
            directions: What `action` gave for them, if it has been asked.
        """

    @abstractmethod
    def loss_gradient(self, outputs: Array, labels: Labels) -> Array:
        """The loss's gradient by what the last matrix gave, for all steps at once.

        Args:
            outputs: (steps, outputs, num_envs); overwritten.
            labels: The teacher's.

        Returns:
            (steps, outputs, num_envs), of the loss summed over steps and games.
        """

    @abstractmethod
    def loss(self, outputs: Array, labels: Labels) -> Array:
        """The loss of each step of each game, (steps, num_envs)."""


class CompassHead(Head):
    """One sigmoid: a compass reading, as in the article. Loss: half the squared error."""

    name = "compass"
    outputs = 1

    def activate(self, outputs: Array) -> None:
        sigmoid(outputs, outputs)

    def action(self, outputs: Array) -> Array:
        return reading_to_action(outputs[..., 0, :], self.actions)

    def reading(self, outputs: Array, directions: Array | None = None) -> Array:
        return outputs[..., 0, :]

    def loss_gradient(self, outputs: Array, labels: Labels) -> Array:
        derivative = np.empty_like(outputs)
        sigmoid_derivative(outputs, derivative)
        np.subtract(outputs, labels.reading[:, None], out=outputs)
        return np.multiply(outputs, derivative, out=outputs)

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
        self._rows = np.arange(actions, dtype=np.int16)[:, None]  # (actions, 1); short numbers compare sooner
        self._middles = action_to_reading(np.arange(actions), actions)  # (actions,)

    def activate(self, outputs: Array) -> None:
        pass

    def action(self, outputs: Array) -> Array:
        return np.asarray(outputs.argmax(axis=-2))

    def reading(self, outputs: Array, directions: Array | None = None) -> Array:
        return self._middles.take(self.action(outputs) if directions is None else directions)

    def probabilities(self, outputs: Array) -> Array:
        """Softmax over the directions, the same shape."""
        odds = np.exp(outputs - outputs.max(axis=-2, keepdims=True))
        return np.asarray(odds / odds.sum(axis=-2, keepdims=True))

    def loss_gradient(self, outputs: Array, labels: Labels) -> Array:
        # Softmax minus the teacher's probabilities, in place.
        np.subtract(outputs, np.maximum.reduce(outputs, axis=1, keepdims=True), out=outputs)
        np.exp(outputs, out=outputs)
        np.divide(outputs, np.add.reduce(outputs, axis=1, keepdims=True), out=outputs)
        ideal = labels.policy
        if ideal is None:
            ideal = labels.action[:, None].astype(np.int16) == self._rows
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
