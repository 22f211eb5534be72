"""Optimisers over one flat parameter vector, and the schedules of their rate.

Each is made from the number of weights, their dtype, the shapes of the matrices that they are and `rates`: by
what each weight's steps are multiplied, (size,), or None for all alike.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from agents.muon import Muon

Array = NDArray[Any]
Shapes = Sequence[tuple[int, int]]

FALLS = 5  # of the schedule "restarts"


class Sgd:
    """Plain gradient descent: w -= rate x gradient."""

    name = "sgd"

    def __init__(self, size: int, dtype: Any, shapes: Shapes = (), rates: Array | None = None) -> None:
        self.rates = rates
        self._change = np.empty(size, dtype)

    def update(self, weights: Array, gradient: Array, rate: float) -> None:
        """Change the weights in place, (size,)."""
        np.multiply(gradient, rate, out=self._change)
        if self.rates is not None:
            np.multiply(self._change, self.rates, out=self._change)
        np.subtract(weights, self._change, out=weights)

    def state_dict(self) -> dict[str, Array]:
        """What must be kept to go on later, by name."""
        return {}

    def load_state_dict(self, state: dict[str, Array]) -> None:
        """Go on from what `state_dict` gave."""


class Adam:
    """Adam (Kingma and Ba 2015): each weight's step is scaled by the running size of its gradient.

    The running means are kept as plain decayed sums, without the factors 1 - beta in front, which go
    into the step: two passes over the weights less.

    Attributes:
        mean: Decayed sum of the gradients, the paper's m / (1 - beta1), (size,).
        square: Decayed sum of their squares, the paper's v / (1 - beta2), (size,).
        updates: Steps made.
    """

    name = "adam"

    def __init__(
        self,
        size: int,
        dtype: Any,
        shapes: Shapes = (),
        rates: Array | None = None,
        beta1: float = 0.9,
        beta2: float = 0.99,
        epsilon: float = 1e-8,
    ) -> None:
        self.rates = rates
        self.beta1, self.beta2, self.epsilon = beta1, beta2, epsilon
        self.updates = 0
        self.mean = np.zeros(size, dtype)
        self.square = np.zeros(size, dtype)
        self._work = np.empty(size, dtype)

    def update(self, weights: Array, gradient: Array, rate: float) -> None:
        """Change the weights in place, (size,)."""
        self.updates += 1
        work = self._work
        np.multiply(self.mean, self.beta1, out=self.mean)
        np.add(self.mean, gradient, out=self.mean)
        np.multiply(self.square, self.beta2, out=self.square)
        np.multiply(gradient, gradient, out=work)
        np.add(self.square, work, out=self.square)
        # What makes means of the decayed sums, from the first step on.
        mean_scale = (1 - self.beta1) / (1 - self.beta1**self.updates)
        root_scale = math.sqrt((1 - self.beta2) / (1 - self.beta2**self.updates))
        np.sqrt(self.square, out=work)
        np.add(work, self.epsilon / root_scale, out=work)
        np.divide(self.mean, work, out=work)
        np.multiply(work, rate * mean_scale / root_scale, out=work)
        if self.rates is not None:
            np.multiply(work, self.rates, out=work)
        np.subtract(weights, work, out=weights)

    def state_dict(self) -> dict[str, Array]:
        """What must be kept to go on later, by name."""
        return {"mean": self.mean, "square": self.square, "updates": np.array(self.updates)}

    def load_state_dict(self, state: dict[str, Array]) -> None:
        """Go on from what `state_dict` gave; ValueError if it can't be."""
        if (state["square"] < 0).any():
            raise ValueError("square, a mean of squares, holds negative numbers")
        self.mean[...] = state["mean"]
        self.square[...] = state["square"]
        self.updates = int(state["updates"])


OPTIMIZERS = {"sgd": Sgd, "adam": Adam, "muon": Muon}


def constant(rate: float, progress: float) -> float:
    """The same rate throughout."""
    return rate


def linear(rate: float, progress: float) -> float:
    """Falling in a straight line to 0 at the end; `progress` is the part of the games played, 0 to 1."""
    return rate * max(0.0, 1.0 - progress)


def cosine(rate: float, progress: float) -> float:
    """Falling along half a cosine to 0 at the end."""
    return float(rate * 0.5 * (1.0 + np.cos(np.pi * min(1.0, progress))))


def restarts(rate: float, progress: float) -> float:
    """Falling to 0 in a straight line five times over, each time from half as high.

    Warm restarts (Loshchilov and Hutter 2017): the first fall is meant to be enough, and a run that it
    was not enough for goes on.
    """
    fall, part = divmod(min(progress, 1.0) * FALLS, 1.0)
    return float(rate * 0.5**fall * (1.0 - part)) if progress < 1.0 else 0.0


SCHEDULES = {"constant": constant, "linear": linear, "cosine": cosine, "restarts": restarts}
