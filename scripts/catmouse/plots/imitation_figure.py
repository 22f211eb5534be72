"""Mistakes by labels as a picture, drawn with matplotlib."""

from __future__ import annotations

import statistics
from typing import Any

# Okabe and Ito's, with a mark each, so that nobody needs the colours.
LOOKS = {"cloning": ("#d55e00", "o"), "mixture": ("#0072b2", "s"), "dagger": ("#009e73", "^")}
LINES = {"elman": "-", "mlp": "--"}
NONE = 2e-4  # where "no mistake" is drawn on the log axis: less than one in all games of a 6 x 6 room


def draw_imitation(points: list[Any], floors: dict[str, float]) -> Any:
    """A panel a task: median over seeds as a line, the worst as a thin mark above it.

    Args:
        points: `experiments.imitation.Point`s.
        floors: What a table without memory was found to make, by task.

    Returns:
        A matplotlib figure.
    """
    from matplotlib.figure import Figure

    tasks = list(dict.fromkeys(point.task for point in points))
    figure = Figure(figsize=(4.2 * len(tasks), 4.4), layout="constrained")
    row = figure.subplots(1, len(tasks), sharey=True, squeeze=False)[0]
    for axes, task in zip(row, tasks, strict=True):
        for cell, line in LINES.items():
            for way, (colour, mark) in LOOKS.items():
                by_games: dict[int, list[Any]] = {}
                for point in points:
                    if (point.task, point.cell, point.way) == (task, cell, way):
                        by_games.setdefault(point.games, []).append(point)
                same = by_games.values()
                labels = [statistics.median(point.labels for point in group) for group in same]
                median = [max(NONE, statistics.median(p.mistakes for p in group)) for group in same]
                worst = [max(NONE, *(p.mistakes for p in group), NONE) for group in same]
                axes.plot(
                    labels, median, line, color=colour, marker=mark, markersize=5, label=f"{way}, {cell}"
                )
                axes.plot(labels, worst, "_", color=colour, markersize=7, alpha=0.7)
        if floors[task] > NONE:
            axes.axhline(floors[task], color="0.4", linewidth=1, linestyle=":")
            axes.text(
                0.99,
                floors[task],
                "best table without memory found",
                fontsize=8,
                color="0.3",
                ha="right",
                va="top",
                transform=axes.get_yaxis_transform(),
            )
        axes.set_xscale("log")
        axes.set_yscale("log")
        axes.set_title(task, fontsize=11)
        axes.set_xlabel("labels of the teacher")
        axes.grid(color="0.9")
        for side in ("top", "right"):
            axes.spines[side].set_visible(False)
    ticks = [NONE, 1e-3, 1e-2, 1e-1, 1, 10]
    row[0].set_yticks(ticks, ["none", *(f"{tick:g}" for tick in ticks[1:])])
    row[0].minorticks_off()
    row[0].set_ylabel("mistakes a game, over every start")
    handles, names = row[0].get_legend_handles_labels()
    figure.legend(handles, names, loc="outside upper center", ncols=len(names), frameon=False, fontsize=9)
    return figure
