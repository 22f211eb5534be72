"""Muon: an optimiser that sees matrices, not numbers."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]

ITERATIONS = 3  # enough for a direction of step; more only makes it rounder
TINY = 1e-20  # so that a gradient of nothing makes no step instead of an error


class Muon:
    """Muon (Jordan et al. 2024): each matrix steps along the nearest orthogonal matrix to its momentum.

    Adam makes the steps of all weights equally long; Muon makes those of all *directions* in a matrix
    equally long, rare ones too, and it is the rare mistakes that take a brain so long to unlearn. Steps
    are scaled so that a weight moves by `rate` (root mean square), which keeps rates comparable to Adam's.

    Args:
        size: Weights in all.
        dtype: Of the weights.
        shapes: Rows and columns of the matrices that lie one after the other in the flat vector.
        rates: By what each weight's steps are multiplied, (size,), after the matrix was made orthogonal;
            None: all alike.
        beta: How much of the momentum stays at a step.

    Attributes:
        momentum: Decayed sum of the gradients, (size,).
    """

    name = "muon"

    def __init__(
        self,
        size: int,
        dtype: Any,
        shapes: Sequence[tuple[int, int]],
        rates: Array | None = None,
        beta: float = 0.9,
    ) -> None:
        self.beta = beta
        self.rates = rates
        self.momentum = np.zeros(size, dtype)
        self._matrices = []  # a slice of the flat vector, shape and work space each
        first = 0
        for rows, columns in shapes:
            if rows * columns:
                self._matrices.append(
                    (slice(first, first + rows * columns), Orthogonal(rows, columns, dtype))
                )
            first += rows * columns
        if first != size:
            raise ValueError(f"shapes must have {size} weights together, they have {first}")

    def update(self, weights: Array, gradient: Array, rate: float) -> None:
        """Change the weights in place, (size,)."""
        np.multiply(self.momentum, self.beta, out=self.momentum)
        np.add(self.momentum, gradient, out=self.momentum)
        for place, orthogonal in self._matrices:
            step = orthogonal.step(self.momentum[place], rate)
            if self.rates is not None:
                step *= self.rates[place]
            weights[place] -= step

    def state_dict(self) -> dict[str, Array]:
        """What must be kept to go on later, by name."""
        return {"momentum": self.momentum}

    def load_state_dict(self, state: dict[str, Array]) -> None:
        """Go on from what `state_dict` gave."""
        self.momentum[...] = state["momentum"]


class Orthogonal:
    """Brings one matrix near the nearest orthogonal one (all singular values near 1), with arrays of its own.

    Newton and Schulz's iteration X <- (a + b XX' + c (XX')²) X, with the coefficients of Jordan et al., which
    bring singular values quickly into about [0.7, 1.2].
    """

    A, B, C = 3.4445, -4.7750, 2.0315

    def __init__(self, rows: int, columns: int, dtype: Any) -> None:
        self.shape = rows, columns
        self.flipped = rows > columns  # the product with its own transpose is the smaller one this way round
        few, many = min(rows, columns), max(rows, columns)
        self.scale = math.sqrt(many)
        self._x, self._y = np.empty((few, many), dtype), np.empty((few, many), dtype)
        self._square, self._inner, self._outer = (np.empty((few, few), dtype) for _ in range(3))
        self._diagonals = [array.ravel()[:: few + 1] for array in (self._inner, self._outer)]

    def __reduce__(self) -> Any:  # its arrays hold nothing between steps, and some are views of others
        return Orthogonal, (*self.shape, self._x.dtype)

    def step(self, momentum: Array, rate: float) -> Array:
        """The step along a flat matrix, flat; a buffer that the next call overwrites."""
        x, y, square, inner, outer = self._x, self._y, self._square, self._inner, self._outer
        matrix = momentum.reshape(self.shape)
        length = math.sqrt(float(np.dot(momentum, momentum))) + TINY
        np.divide(matrix.T if self.flipped else matrix, length, out=x)
        for _ in range(ITERATIONS):
            np.matmul(x, x.T, out=square)
            np.multiply(square, self.C, out=inner)
            self._diagonals[0] += self.B
            np.matmul(square, inner, out=outer)
            self._diagonals[1] += self.A
            np.matmul(outer, x, out=y)
            x, y = y, x
        np.multiply(x, rate * self.scale, out=x)
        return (x.T if self.flipped else x).reshape(-1)
