"""Teachers: rules that label every pair of positions with the ideal direction.

A teacher is a function of the two animals' cells that knows nothing of numpy tables or of time. It is
written once for arrays; a room's table of labels follows from it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from catmouse_env.directions import Direction

Cells = NDArray[Any]
Teacher = Callable[[Cells, Cells, Cells, Cells, int, int], NDArray[Any]]
"""`teacher(cat_x, cat_y, mouse_x, mouse_y, width, height)` -> actions.

The four arrays hold whole numbers and broadcast against each other; so do the actions returned.
"""


def flee(cat_x: Cells, cat_y: Cells, mouse_x: Cells, mouse_y: Cells, width: int, height: int) -> NDArray[Any]:
    """Where the mouse should run, as the article of 2016 taught it.

    Up or down where the cat is farther off along y than along x and there is room to run; else away
    from the cat along x; at the wall on that side, along the wall away from the cat.

    Args:
        cat_x: Cat's column, 0 at the left.
        cat_y: Cat's row, 0 at the bottom.
        mouse_x: Mouse's column.
        mouse_y: Mouse's row.
        width: Columns in the room.
        height: Rows in the room.

    Returns:
        Actions (see `Direction`), the shape that the four arrays broadcast to.
    """
    dx = mouse_x - cat_x
    dy = mouse_y - cat_y
    m = np.abs(dx)
    right = dx >= 0
    at_wall = np.where(right, mouse_x == width - 1, mouse_x == 0)
    return np.select(
        [
            (dy > m) & (mouse_y < height - 1),
            (-dy > m) & (mouse_y > 0),
            at_wall & ((dy > 0) | (~right & (dy == 0))),
            at_wall & (dy < 0),
            right,
        ],
        [np.int8(d) for d in (Direction.UP, Direction.DOWN, Direction.UP, Direction.DOWN, Direction.RIGHT)],
        np.int8(Direction.LEFT),
    )


def chase(
    cat_x: Cells, cat_y: Cells, mouse_x: Cells, mouse_y: Cells, width: int, height: int
) -> NDArray[Any]:
    """Where the cat should run: towards the mouse along the axis of the larger distance, x on a tie.

    Args and return value as for `flee`; the room's size does not matter here.
    """
    dx = mouse_x - cat_x
    dy = mouse_y - cat_y
    return np.select(
        [np.abs(dy) > np.abs(dx), dx >= 0],
        [np.where(dy > 0, np.int8(Direction.UP), np.int8(Direction.DOWN)), np.int8(Direction.RIGHT)],
        np.int8(Direction.LEFT),
    )


def chase_diagonally(
    cat_x: Cells, cat_y: Cells, mouse_x: Cells, mouse_y: Cells, width: int, height: int
) -> NDArray[Any]:
    """`chase` for a cat with eight moves: diagonally towards the mouse, straight where it is in line.

    Args as for `flee`.

    Returns:
        Actions 0 to 7, clockwise from up, the shape that the four arrays broadcast to.
    """
    dx = np.sign(mouse_x - cat_x)
    dy = np.sign(mouse_y - cat_y)
    # By dx and dy, each from -1 to 1; right where both are in one cell, as in `chase`.
    actions = np.array([[5, 6, 7], [4, 2, 0], [3, 2, 1]], np.int8)
    return np.asarray(actions[dx + 1, dy + 1])


MOUSE_TEACHERS: dict[str, Teacher] = {"flee": flee}
CAT_TEACHERS: dict[int, Teacher] = {4: chase, 8: chase_diagonally}  # by the cat's number of directions
