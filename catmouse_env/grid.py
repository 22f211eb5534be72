"""The room as tables: cells are numbered, so that a move is one look-up."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from catmouse_env.directions import STEPS

UNSEEN = (-1.0, -1.0)  # what the mouse sees of a cat that it can't see


class Grid:
    """`width` x `height` cells, numbered upwards column by column: cell = x * height + y.

    Attributes:
        width: Columns.
        height: Rows.
        cells: How many cells, width * height. A *pair* of cells, cat's and mouse's, is numbered
            cat * cells + mouse.
        x: Column of each cell, (cells,) int8.
        y: Row of each cell, (cells,) int8.
    """

    def __init__(self, width: int, height: int) -> None:
        self.width = width
        self.height = height
        self.cells = width * height
        self.x = np.repeat(np.arange(width, dtype=np.int8), height)  # (cells,)
        self.y = np.tile(np.arange(height, dtype=np.int8), width)  # (cells,)
        # A pair's number is the product of its four coordinates with these.
        self.pair_weights = np.array([height * self.cells, self.cells, height, 1])
        # What each of the four is drawn below, and how many of 2**32 numbers would make that uneven.
        self.draws = tuple((side, 2**32 % side) for side in (width, height, width, height))

    def cell(self, x: Any, y: Any) -> Any:
        """The number of the cell at column x and row y (ints or arrays)."""
        return x * self.height + y

    def position(self, cell: int) -> tuple[int, int]:
        """The column and row of a cell."""
        return divmod(int(cell), self.height)

    def neighbours(self, directions: int) -> NDArray[np.intp]:
        """Where each move leads: entry cell * directions + action is a cell; a wall stops the move.

        A diagonal move is stopped along each axis by itself, so it slides along a wall.
        """
        steps = np.array(STEPS[directions])  # (directions, 2)
        x = np.clip(self.x[:, None] + steps[:, 0], 0, self.width - 1)  # (cells, directions)
        y = np.clip(self.y[:, None] + steps[:, 1], 0, self.height - 1)
        cells: NDArray[np.intp] = self.cell(x, y).astype(np.intp).ravel()
        return cells

    def coordinates(self) -> NDArray[np.float32]:
        """Each cell as the mouse sees it: x and y from 0 to 1, (cells, 2)."""
        scale = np.array([self.width - 1, self.height - 1], np.float32)
        return np.asarray(np.stack([self.x, self.y], axis=1) / scale, np.float32)

    def distances(self) -> NDArray[np.int8]:
        """The Manhattan distance of each pair, (cells * cells,)."""
        distances: NDArray[np.int8] = np.abs(self.x[:, None] - self.x)  # (cells, cells)
        distances += np.abs(self.y[:, None] - self.y)
        return distances.ravel()


@lru_cache(maxsize=32)
def grid_of(width: int, height: int) -> Grid:
    """The one grid of this size: grids never change, so environments share them."""
    return Grid(width, height)
