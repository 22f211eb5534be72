"""A sweep as a picture, drawn with matplotlib."""

from __future__ import annotations

from typing import Any


def draw_sweep(groups: dict[str, list[dict[str, Any]]]) -> Any:
    """Games, seconds and mistakes of every run: a row a combination, a dot a seed, a bar at the mean.

    Args:
        groups: By the name of a combination, its runs' results.

    Returns:
        A matplotlib figure.
    """
    from matplotlib.figure import Figure
    from matplotlib.lines import Line2D
    from matplotlib.ticker import MaxNLocator

    panels = (
        ("games", "games until it stopped"),
        ("seconds", "CPU seconds until it stopped"),
        ("mistakes_per_game", "mistakes a game, over every start"),
    )
    height = 1.4 + 0.32 * len(groups)
    figure = Figure(figsize=(11, height), layout="constrained")
    axes = figure.subplots(1, 3, sharey=True)
    for axis, (key, label) in zip(axes, panels, strict=True):
        for place, group in enumerate(groups.values()):
            values = [row[key] for row in group]
            colours = ["#0072B2" if row["met"] else "#D55E00" for row in group]
            axis.scatter(values, [place] * len(values), c=colours, s=28, alpha=0.8, linewidths=0, zorder=3)
            axis.plot([sum(values) / len(values)] * 2, [place - 0.3, place + 0.3], color="#333333", lw=2)
        right = 1.05 * max(row[key] for group in groups.values() for row in group) or 1
        axis.set_xlim(-0.03 * right, right)
        axis.xaxis.set_major_locator(MaxNLocator(4))
        axis.xaxis.set_major_formatter(lambda value, _: f"{value:,.6g}")
        axis.set_xlabel(label)
        axis.set_yticks(range(len(groups)), list(groups))
        axis.grid(axis="x", color="#dddddd")
        axis.spines[["top", "right", "left"]].set_visible(False)
        axis.tick_params(axis="y", length=0)
    axes[0].invert_yaxis()
    handles = [
        Line2D([], [], marker="o", ls="", color=colour, label=text)
        for colour, text in (("#0072B2", "a seed that met its target"), ("#D55E00", "a seed that did not"))
    ]
    handles.append(Line2D([], [], marker="|", ls="", ms=12, mew=2, color="#333333", label="mean"))
    figure.legend(handles=handles, loc="outside upper center", ncols=3, frameon=False)
    return figure
