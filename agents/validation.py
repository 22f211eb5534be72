"""Checks of arguments; each raises a ValueError of one line that names the argument."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

import numpy as np


def of_type(name: str, value: Any, kind: type) -> Any:
    """A value of exactly this type, finite if it is a float; a whole number may stand for a float.

    Returns:
        The value, as a float if `kind` is.
    """
    if kind is float and type(value) is int and abs(value) < 1 << 63:
        value = float(value)
    if type(value) is not kind or (isinstance(value, float) and not math.isfinite(value)):
        raise ValueError(f"{name} must be of type {kind.__name__}, got {value!r}")
    return value


def within(name: str, value: Any, least: float, most: float) -> None:
    """A number from `least` to `most`."""
    if value < least:
        raise ValueError(f"{name} must be at least {least}, got {value!r}")
    if value > most:
        raise ValueError(f"{name} must be at most {most:,}, got {value!r}")


def whole_number(name: str, value: Any, least: int, most: float = math.inf) -> None:
    """A whole number from `least` to `most`, Python's or numpy's."""
    if not isinstance(value, (int, np.integer)) or isinstance(value, bool) or not least <= value <= most:
        bounds = f"from {least}" + (f" to {most:,}" if most < math.inf else "")
        raise ValueError(f"{name} must be a whole number {bounds}, got {value!r}")


def positive_number(name: str, value: Any, most: float = math.inf) -> None:
    """A finite number above 0, up to `most`."""
    if not is_number(value) or not 0 < value <= most or value == math.inf:
        bounds = "above 0" + (f" and at most {most:g}" if most < math.inf else "")
        raise ValueError(f"{name} must be a number {bounds}, got {value!r}")


def fraction(name: str, value: Any) -> None:
    """A number from 0 to 1."""
    if not is_number(value) or not 0 <= value <= 1:
        raise ValueError(f"{name} must be a number from 0 to 1, got {value!r}")


def is_number(value: Any) -> bool:
    """Whether it is a number, Python's or numpy's, and no truth value."""
    return isinstance(value, (int, float, np.integer, np.floating)) and not isinstance(value, bool)


def one_of(name: str, value: Any, choices: Iterable[str]) -> None:
    """One of some words."""
    if not isinstance(value, str) or value not in tuple(choices):
        raise ValueError(f"{name} must be one of {', '.join(choices)}, got {value!r}")
