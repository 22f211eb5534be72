"""Squashing functions, each beside its slope."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]


def tanh(x: Array, out: Array) -> None:
    """out = tanh(x); the two may be one array."""
    np.tanh(x, out=out)


def tanh_slope(y: Array, out: Array) -> None:
    """The derivative where tanh gave `y`: out = 1 - y²; not in place."""
    np.multiply(y, y, out=out)
    np.subtract(1, out, out=out)


def sigmoid(x: Array, out: Array) -> None:
    """out = 1 / (1 + exp(-x)); the two may be one array. exp may overflow to inf, which gives 0."""
    np.negative(x, out=out)
    np.exp(out, out=out)
    np.add(out, 1, out=out)
    np.reciprocal(out, out=out)


def sigmoid_slope(y: Array, out: Array) -> None:
    """The derivative where the sigmoid gave `y`: out = y (1 - y); not in place."""
    np.subtract(1, y, out=out)
    np.multiply(out, y, out=out)


ACTIVATIONS = {"tanh": (tanh, tanh_slope), "sigmoid": (sigmoid, sigmoid_slope)}
