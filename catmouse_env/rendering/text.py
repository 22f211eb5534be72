"""The picture in plain characters: Gymnasium's render mode "ansi"."""

from __future__ import annotations

from catmouse_env.rendering.snapshot import Snapshot

EMPTY = "."
CAT = "C"
UNSEEN_CAT = "c"
MOUSE = "M"
BOTH = "&"
CAUGHT = "X"


def draw_text(snapshot: Snapshot) -> str:
    """Draw a game in plain characters, the origin at the bottom left and y growing upwards.

    `C` is the cat (`c` when the mouse can't see it), `M` the mouse, `&` both in one cell, `X` the mouse
    caught, a digit the last digit of the move that last brought the mouse to that cell (0 is also its
    start), `.` a cell where it has not been. A line below says the same in numbers.

    Args:
        snapshot: The game to draw.

    Returns:
        `height` + 3 lines joined by newlines, without one at the end.
    """
    marks = {cell: str(move % 10) for move, cell in enumerate(snapshot.mouse_path)}
    marks[snapshot.mouse] = MOUSE
    marks[snapshot.cat] = CAT if snapshot.cat_visible else UNSEEN_CAT
    if snapshot.caught:
        marks[snapshot.mouse] = CAUGHT
    elif snapshot.cat == snapshot.mouse:
        marks[snapshot.mouse] = BOTH

    edge = "+" + "-" * (2 * snapshot.width + 1) + "+"
    rows = [
        "| " + " ".join(marks.get((x, y), EMPTY) for x in range(snapshot.width)) + " |"
        for y in reversed(range(snapshot.height))
    ]
    cat = f"cat {snapshot.cat}" + ("" if snapshot.cat_visible else " unseen")
    mouse = f"mouse {snapshot.mouse}" + (" caught" if snapshot.caught else "")
    return "\n".join([edge, *rows, edge, f"move {snapshot.moves}, {cat}, {mouse}"])
