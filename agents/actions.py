"""Directions and compass readings: the bands of [0, 1], read clockwise, that stand for the directions."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray


def reading_to_action(reading: NDArray[Any], actions: int) -> NDArray[np.int64]:
    """The direction in whose band each reading lies, the same shape; 1 belongs to the last band."""
    return np.minimum((reading * actions).astype(np.int64), actions - 1)


def action_to_reading(action: NDArray[Any], actions: int) -> NDArray[np.float64]:
    """The middle of each direction's band, the same shape."""
    return np.asarray((action + 0.5) / actions, np.float64)
