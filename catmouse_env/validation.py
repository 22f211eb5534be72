"""Checks of arguments: each returns the value in its proper type or raises a one-line ValueError."""

from __future__ import annotations

import operator
from typing import Any

import numpy as np

MIN_SIDE = 2
MAX_SIDE = 64


def whole_number(name: str, value: Any, least: int, most: int | None = None) -> int:
    """`value` as an int between `least` and `most`; ValueError if it is anything else."""
    takes = f"at least {least}" if most is None else f"{least} to {most}"
    try:
        if isinstance(value, (bool, np.bool_)):
            raise TypeError
        number = operator.index(value)
    except TypeError:
        raise ValueError(f"{name} must be a whole number ({takes}), got {value!r}") from None
    if number < least or (most is not None and number > most):
        raise ValueError(f"{name} must be {takes}, got {number}")
    return number


def side(name: str, value: Any) -> int:
    """A room's width or height."""
    return whole_number(name, value, MIN_SIDE, MAX_SIDE)


def flag(name: str, value: Any) -> bool:
    """`value` as a bool; ValueError if it is anything else."""
    if not isinstance(value, (bool, np.bool_)):
        raise ValueError(f"{name} must be True or False, got {value!r}")
    return bool(value)


def one_of(name: str, value: Any, choices: tuple[Any, ...]) -> Any:
    """`value` if it is among `choices`; ValueError if not."""
    if not any(value is choice or (isinstance(value, str) and value == choice) for choice in choices):
        raise ValueError(f"{name} must be one of {', '.join(map(repr, choices))}, got {value!r}")
    return value


def seed(value: Any) -> int | None:
    """The seed of a reset; ValueError if it is neither None nor a whole number of at least 0."""
    return None if value is None else whole_number("seed", value, 0)


def option_keys(options: Any, known: tuple[str, ...]) -> dict[str, Any]:
    """`options` of a reset as a dict that holds known keys only."""
    if options is None:
        return {}
    if not isinstance(options, dict):
        raise ValueError(f"options must be a dict or None, got {options!r}")
    for key in options:
        if key not in known:
            raise ValueError(f"options takes {', '.join(map(repr, known))}, got {key!r}")
    return options


def position(name: str, value: Any, count: int | None, width: int, height: int) -> tuple[Any, Any]:
    """Columns and rows of cells inside the room: of one (x, y) for `count` None, else of (count, 2)."""
    # A pair of Python's own numbers, the usual case, is checked in a tenth of an array's time.
    if count is None and value.__class__ in (tuple, list) and len(value) == 2:
        x, y = value
        if x.__class__ is y.__class__ is int and 0 <= x < width and 0 <= y < height:
            return x, y
    shape = (2,) if count is None else (count, 2)
    try:
        array = np.asarray(value)
    except ValueError:
        array = np.asarray(None)
    if array.shape != shape or array.dtype.kind not in "iu":
        raise ValueError(f"options[{name!r}] must be whole numbers of shape {shape}, got {value!r}")
    if (array < 0).any() or (array >= (width, height)).any():
        raise ValueError(
            f"options[{name!r}] must lie in the room, 0 to {width - 1} and 0 to {height - 1}, got {value!r}"
        )
    if count is None:
        return int(array[0]), int(array[1])
    array = array.astype(np.int64)
    return array[:, 0], array[:, 1]
