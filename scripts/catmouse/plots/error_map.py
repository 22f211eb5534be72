"""Where a policy errs: its mistakes from every start, by where the mouse stood."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from agents import Policy
from agents.environments import all_starts
from agents.every_start import games_from

Array = NDArray[Any]

MAX_NUMBERS = 13  # columns up to which the counts stand in the cells
MAX_LINES = 40  # cells up to which there are lines between them
COLOUR_MAP = "YlOrBr"
DARK_FROM = 0.6  # of the scale; numbers there are white
NEVER = "#e4e4e4"


@dataclass(frozen=True)
class ErrorMap:
    """Counts of a game from every start.

    Attributes:
        games: Games, one from every start.
        relative_moves: Moves made with the mouse at [dy + height - 1, dx + width - 1] from the cat,
            (2 height - 1, 2 width - 1).
        relative_mistakes: The mistakes among them.
        room_moves: Moves made with the mouse at [y, x], (height, width).
        room_mistakes: The mistakes among them.
    """

    games: int
    relative_moves: Array
    relative_mistakes: Array
    room_moves: Array
    room_mistakes: Array

    @property
    def moves(self) -> int:
        """Moves in all."""
        return int(self.room_moves.sum())

    @property
    def mistakes(self) -> int:
        """Mistakes in all."""
        return int(self.room_mistakes.sum())


def error_map(
    policy: Policy, env: Any, seed: int = 0, progress: Callable[[int, int], None] | None = None
) -> ErrorMap:
    """Play one game from every start and count by place.

    Args:
        policy: Who moves the mouse.
        env: Says which game to play; it is not touched.
        seed: Of the environment, where it is stochastic.
        progress: Called with the games played and the games in all, now and then.

    Raises:
        ValueError: The environment tells no starts, or has no limit of moves.
    """
    starts = all_starts(env)
    total = len(starts["mouse"])
    width, height = (int(last) + 1 for last in starts["mouse"].max(axis=0))
    relative = np.zeros((2, 2 * height - 1, 2 * width - 1), np.int64)  # moves, mistakes
    room = np.zeros((2, height, width), np.int64)
    scale = np.array([width - 1, height - 1] * 2)
    done = 0
    # Places are read off the observations of twins in which the cat always shows.
    twins = games_from(starts, env, seed=seed, cat_visible_moves=None)
    for games, shown in zip(games_from(starts, env, seed=seed), twins, strict=True):
        done += int(games.playing.sum())
        for move in games.play(policy):
            places = np.rint(shown.observation[:, :4] * scale).astype(np.int64)
            for layer, counted in enumerate((move.playing, move.mistakes)):
                cat_x, cat_y, x, y = places[counted].T
                np.add.at(relative[layer], (y - cat_y + height - 1, x - cat_x + width - 1), 1)
                np.add.at(room[layer], (y, x), 1)
            shown.step(move.action)
        if progress is not None:
            progress(done, total)
    return ErrorMap(total, relative[0], relative[1], room[0], room[1])


def draw_error_map(counts: ErrorMap, title: str) -> Any:
    """A figure of both maps: colour for the part of the moves that were mistakes, numbers for how many."""
    import matplotlib
    from matplotlib.figure import Figure
    from matplotlib.layout_engine import ConstrainedLayoutEngine

    height, width = counts.room_moves.shape
    shares = [
        np.divide(100 * mistakes, moves, out=np.full(moves.shape, np.nan), where=moves > 0)
        for mistakes, moves in (
            (counts.relative_mistakes, counts.relative_moves),
            (counts.room_mistakes, counts.room_moves),
        )
    ]
    most = max(1e-9, *(float(np.nanmax(share)) for share in shares))
    if counts.mistakes == 0:
        most = 1.0
    colours = matplotlib.colormaps[COLOUR_MAP].with_extremes(bad=NEVER)
    figure = Figure(figsize=(10.5, 5.2), layout=ConstrainedLayoutEngine(w_pad=0.1, h_pad=0.1))
    panels = figure.subplots(1, 2)
    extents = (
        (0.5 - width, width - 0.5, 0.5 - height, height - 0.5),
        (-0.5, width - 0.5, -0.5, height - 0.5),
    )
    numbers = (counts.relative_mistakes, counts.room_mistakes)
    for panel, share, extent, count in zip(panels, shares, extents, numbers, strict=True):
        image = panel.imshow(share, origin="lower", extent=extent, cmap=colours, vmin=0, vmax=most)
        if count.shape[1] <= MAX_NUMBERS:
            _write_numbers(panel, count, share, extent, most)
        panel.tick_params(which="both", length=0)
        for axis, low, high in ((panel.xaxis, *extent[:2]), (panel.yaxis, *extent[2:])):
            axis.get_major_locator().set_params(integer=True)
            if high - low <= MAX_LINES:
                axis.set_ticks(np.arange(low + 1, high), minor=True)
        panel.grid(which="minor", color="#c8c8c8", linewidth=0.6)
        for spine in panel.spines.values():
            spine.set_color("#888888")
    panels[0].set_title("by the mouse's place relative to the cat", fontsize=12)
    panels[0].set_xlabel("cells to the right of the cat")
    panels[0].set_ylabel("cells above the cat")
    for at in (-0.5, 0.5):
        panels[0].plot([-0.5, 0.5], [at, at], color="#0072b2", linewidth=2)
        panels[0].plot([at, at], [-0.5, 0.5], color="#0072b2", linewidth=2)
    panels[1].set_title("by the mouse's place in the room", fontsize=12)
    panels[1].set_xlabel("x")
    panels[1].set_ylabel("y")
    bar = figure.colorbar(image, ax=panels, shrink=0.85, pad=0.02)
    bar.set_label("mistakes in 100 moves made there")
    bar.outline.set_visible(False)
    plural = "" if counts.mistakes == 1 else "s"
    said = f"{counts.mistakes:,} mistake{plural} in {counts.moves:,} moves from all {counts.games:,} starts"
    figure.suptitle(f"{title}: {said}", fontsize=13)
    notes = ["numbers: mistakes"] if width <= MAX_NUMBERS and counts.mistakes else []
    notes.append("blue frame: the cat's own cell")
    if any(np.isnan(share).any() for share in shares):
        notes.append("grey: the mouse was never there")
    figure.supxlabel("   ".join(notes), fontsize=10, color="#555555")
    return figure


def _write_numbers(
    panel: Any, count: Array, share: Array, extent: tuple[float, float, float, float], most: float
) -> None:
    left, _, bottom, _ = extent
    for (row, column), number in np.ndenumerate(count):
        if number:
            colour = "white" if share[row, column] > DARK_FROM * most else "#333333"
            panel.text(
                left + column + 0.5,
                bottom + row + 0.5,
                f"{number}",
                ha="center",
                va="center",
                fontsize=9 if count.shape[1] <= 8 else 7,
                color=colour,
            )
