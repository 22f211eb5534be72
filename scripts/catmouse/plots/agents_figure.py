"""A comparison of agents as a picture, drawn with matplotlib."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any


def draw_agents(found: dict[str, list[Any]]) -> Any:
    """A row of panels a game; in each, a line an agent and a dot a seed.

    Args:
        found: By the game's id, the `compare_agents.Row` of every agent.

    Returns:
        A matplotlib figure.
    """
    from matplotlib.figure import Figure

    colours = ["#999999", "#000000", "#E69F00", "#0072B2", "#56B4E9", "#009E73", "#CC79A7"]
    panels: tuple[tuple[str, Callable[[Any], Sequence[float]]], ...] = (
        ("mean return (cells)", lambda row: row.of("mean_return")),
        ("disagreements with the teacher", lambda row: row.of("mistakes_per_game")),
        ("games learned from", lambda row: [games for games in row.games if games]),
        # The last one, left out where nobody can be caught.
        ("survived (% of games)", lambda row: [100 * part for part in row.of("survival_rate")]),
    )
    figure = Figure(figsize=(13, 0.4 + 2.9 * len(found)), layout="constrained")
    axes = figure.subplots(len(found), len(panels), squeeze=False)
    for line, (env_id, rows) in zip(axes, found.items(), strict=True):
        lethal = any(result.lethal for row in rows for result in row.results)
        line[-1].set_visible(lethal)
        for axis, (label, figures) in zip(line, panels, strict=True):
            for place, row in enumerate(rows):
                values = figures(row)
                axis.axhline(place, color="#eeeeee", zorder=0)
                axis.scatter(
                    values,
                    [place] * len(values),
                    s=48,
                    color=colours[place],
                    alpha=0.75,
                    linewidths=0,
                    zorder=3,
                )
            axis.set_yticks(range(len(rows)), [row.agent for row in rows] if axis is line[0] else [])
            axis.set_ylim(len(rows) - 0.5, -0.5)
            axis.set_xlabel(label)
            axis.spines[["top", "right", "left"]].set_visible(False)
            axis.tick_params(axis="y", length=0)
        line[2].set_xscale("log")
        line[2].xaxis.set_major_formatter("{x:,.0f}")  # as everywhere
        line[2].set_xlim(1e4, 3e6)
        line[3].set_xlim(-4, 104)
        line[0].set_title(env_id, loc="left", fontweight="bold")
    return figure
