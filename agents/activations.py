"""Activation functions, each beside its derivative."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]

# 1 in each precision: numpy takes longer to make an array of Python's 1 than to add it to a few units.
ONE = {np.dtype(kind): np.ones((), kind) for kind in (np.float32, np.float64)}


def tanh(x: Array, out: Array) -> None:
    """out = tanh(x); the two may be one array."""
    np.tanh(x, out=out)


def tanh_derivative(y: Array, out: Array) -> None:
    """The derivative where tanh gave `y`: out = 1 - y²; not in place."""
    np.multiply(y, y, out=out)
    np.subtract(ONE[out.dtype], out, out)


def sigmoid(x: Array, out: Array) -> None:
    """out = 1 / (1 + exp(-x)); the two may be one array. exp may overflow to inf, which gives 0."""
    np.negative(x, out)
    np.exp(out, out)
    np.add(out, ONE[out.dtype], out)
    np.reciprocal(out, out)


def sigmoid_derivative(y: Array, out: Array) -> None:
    """The derivative where the sigmoid gave `y`: out = y (1 - y); not in place."""
    np.subtract(ONE[out.dtype], y, out)
    np.multiply(out, y, out)


ACTIVATIONS = {"tanh": (tanh, tanh_derivative), "sigmoid": (sigmoid, sigmoid_derivative)}
