"""The symmetries of a room: turned and mirrored games are the same game, so one of them is solved."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from catmouse_env.directions import STEPS
from catmouse_env.dynamics import Dynamics

# Linear maps of (x, y) about the middle of the room. The first four keep a rectangle's sides apart (the
# Klein group), all eight are a square's (the dihedral group).
MAPS = np.array(
    [
        [[1, 0], [0, 1]],
        [[-1, 0], [0, 1]],
        [[1, 0], [0, -1]],
        [[-1, 0], [0, -1]],
        [[0, 1], [1, 0]],
        [[0, -1], [1, 0]],
        [[0, 1], [-1, 0]],
        [[0, -1], [-1, 0]],
    ]
)


@dataclass(frozen=True)
class Symmetry:
    """One way to turn or mirror the room onto itself.

    Attributes:
        cells: Where each cell goes, (cells,).
        actions: Where each action goes, by the number of directions: {4: (4,), 8: (8,)}.
    """

    cells: NDArray[np.intp]
    actions: dict[int, NDArray[np.intp]]

    def states(self) -> NDArray[np.intp]:
        """Where each state goes, (states,)."""
        return (self.cells[:, None] * len(self.cells) + self.cells).ravel()


def symmetries(dynamics: Dynamics) -> list[Symmetry]:
    """The symmetries of a room: eight of a square, four of another rectangle; the identity first."""
    places = np.stack([dynamics.x, dynamics.y], axis=1).astype(int)  # (cells, 2)
    last = np.array([dynamics.width - 1, dynamics.height - 1])
    found = []
    for matrix in MAPS[: 8 if dynamics.width == dynamics.height else 4]:
        moved = ((2 * places - last) @ matrix.T + last) // 2
        actions = {directions: _actions(matrix, directions) for directions in STEPS}
        found.append(Symmetry(dynamics.cell(moved[:, 0], moved[:, 1]).astype(np.intp), actions))
    return found


def _actions(matrix: NDArray[Any], directions: int) -> NDArray[np.intp]:
    steps = [tuple(step) for step in STEPS[directions]]
    return np.array([steps.index(tuple(matrix @ step)) for step in steps], np.intp)
