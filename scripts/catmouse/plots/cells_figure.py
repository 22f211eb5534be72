"""A comparison of cells as a picture, drawn with matplotlib."""

from __future__ import annotations

import statistics
from typing import Any

import numpy as np

# Okabe and Ito's, with a mark each, so that nobody needs the colours.
LOOKS = {
    "mlp": ("#000000", "x"),
    "mlp2": ("#cc79a7", "P"),
    "elman": ("#d55e00", "^"),
    "gru": ("#0072b2", "s"),
    "lstm": ("#009e73", "o"),
}
APART = 0.17  # between cells on an axis where games are 1 apart
NONE = 2e-4  # where "no mistake" is drawn on the log axis: less than one in all games of a 6 x 6 room


def draw_cells(results: list[Any], cells: list[str], caption: str) -> Any:
    """Mistakes a game on a log axis: a small mark a seed, a large one the median.

    Args:
        results: `compare_cells.Result`s.
        cells: In the order of drawing.
        caption: Stands below.

    Returns:
        A matplotlib figure.
    """
    from matplotlib.figure import Figure

    tasks = list(dict.fromkeys(label(result.task) for result in results))
    figure = Figure(figsize=(2.0 + 1.9 * len(tasks), 4.6), layout="constrained")
    axes = figure.subplots()
    for result in results:
        place = tasks.index(label(result.task))
        x = place + APART * (cells.index(result.cell) - (len(cells) - 1) / 2)
        colour, mark = LOOKS[result.cell]
        y = np.clip(result.mistakes_per_game, NONE, None)
        axes.plot([x, x], [y.min(), y.max()], color=colour, linewidth=1.5, alpha=0.6, zorder=1)
        axes.scatter([x] * len(y), y, s=14, color=colour, alpha=0.6, marker=mark, linewidths=1, zorder=2)
        axes.scatter(x, statistics.median(y), s=90, color=colour, marker=mark, linewidths=2.5, zorder=3)
    for cell in cells:
        colour, mark = LOOKS[cell]
        axes.scatter([], [], s=90, color=colour, marker=mark, linewidths=2.5, label=cell)
    axes.set_yscale("log")
    axes.set_ylim(NONE / 1.6, None)
    ticks = [NONE, *(10.0**power for power in range(-3, 3) if 10.0**power < 2 * axes.get_ylim()[1])]
    axes.set_yticks(ticks, ["none", *(f"{tick:g}" for tick in ticks[1:])])
    axes.minorticks_off()
    axes.set_xticks(range(len(tasks)), tasks, fontsize=11)
    axes.set_xlim(-0.5, len(tasks) - 0.5)
    for place in range(1, len(tasks)):
        axes.axvline(place - 0.5, color="0.85", linewidth=1, zorder=0)
    axes.grid(axis="y", color="0.9", zorder=0)
    axes.set_ylabel("mistakes a game, over every start", fontsize=11)
    figure.supxlabel(caption, fontsize=9, color="0.3")
    axes.legend(ncols=len(cells), loc="lower center", bbox_to_anchor=(0.5, 1.0), frameon=False, fontsize=11)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    return figure


def label(task: Any) -> str:
    """What stands below a game, one thing a line."""
    name = task.name.replace(", ", "\n")
    return f"{name}\n{task.moves} moves"
