"""Directions, and the compass that says them as one number.

A compass reading is a number in [0, 1] read clockwise from up. With four directions the bands are
quarters: below 0.25 up, below 0.5 right, below 0.75 down, else left. The middle of a band stands for
its direction. With eight directions (diagonals too) the bands are eighths.
"""

from __future__ import annotations

from enum import IntEnum
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

# (x, y) of one move for each action, clockwise from up. y grows upwards.
STEPS: dict[int, tuple[tuple[int, int], ...]] = {
    1: ((0, 0),),
    4: ((0, 1), (1, 0), (0, -1), (-1, 0)),
    8: ((0, 1), (1, 1), (1, 0), (1, -1), (0, -1), (-1, -1), (-1, 0), (-1, 1)),
}


class Direction(IntEnum):
    """The four actions, clockwise from up."""

    UP = 0
    RIGHT = 1
    DOWN = 2
    LEFT = 3


def action_to_reading(action: ArrayLike, directions: int = 4) -> NDArray[np.float64]:
    """The compass reading in the middle of each action's band.

    Args:
        action: Action indices, any shape.
        directions: How many directions the compass tells apart, 4 or 8.

    Returns:
        Readings in (0, 1), the same shape; exact in binary, so they may be compared with `==`.
    """
    return (np.asarray(action, np.float64) + 0.5) / directions


def reading_to_action(reading: ArrayLike, directions: int = 4) -> NDArray[np.int64]:
    """The action in whose band each compass reading lies.

    Args:
        reading: Compass readings in [0, 1], any shape. A reading on the border of two bands belongs
            to the later one; 1 belongs to the last.
        directions: How many directions the compass tells apart, 4 or 8.

    Returns:
        Action indices, the same shape.
    """
    bands: NDArray[Any] = np.asarray(reading) * directions
    return np.minimum(bands.astype(np.int64), directions - 1)


def band_of(reading: float, directions: int = 4) -> int:
    """`reading_to_action` of one reading, a plain float in [0, 1], in a twentieth of the time."""
    return min(int(reading * directions), directions - 1)
