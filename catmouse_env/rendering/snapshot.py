"""What a picture needs to know of one game, and nothing else."""

from __future__ import annotations

from dataclasses import dataclass

Cell = tuple[int, int]


@dataclass(frozen=True)
class Snapshot:
    """One game at one moment. Renderers draw it; environments make it.

    Attributes:
        width: Cells from left to right.
        height: Cells from bottom to top.
        mouse_path: Cells (x, y) of the mouse since the game began, the present one last. Never
            empty; a bump into a wall repeats a cell.
        cat_path: The same for the cat. As long as `mouse_path`; a stationary cat's repeats one cell.
        cat_visible: Whether the mouse sees the cat in the present observation.
        caught: Whether the cat has caught the mouse.
    """

    width: int
    height: int
    mouse_path: tuple[Cell, ...]
    cat_path: tuple[Cell, ...]
    cat_visible: bool = True
    caught: bool = False

    @property
    def mouse(self) -> Cell:
        """The mouse's present cell (x, y)."""
        return self.mouse_path[-1]

    @property
    def cat(self) -> Cell:
        """The cat's present cell (x, y)."""
        return self.cat_path[-1]

    @property
    def moves(self) -> int:
        """Moves played so far."""
        return len(self.mouse_path) - 1
