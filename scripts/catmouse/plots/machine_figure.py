"""A machine as a graph, drawn with matplotlib."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import numpy as np
from numpy.typing import NDArray

from agents.histories import BEGIN
from agents.machine import Machine

Array = NDArray[Any]

MAX_STATES = 16  # that a graph shows readably
ARROWS = "↑→↓←"
COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7")  # Okabe and Ito's, by move
BENT = 0.18  # of an edge, so that there and back lie apart
LABEL = 0.37  # of the way along an edge, where its label stands
SIZE = 0.17  # radius of a state, where all lie on a circle of radius 1


def draw_machine(machine: Machine, sides: tuple[int, int], title: str) -> Any:
    """States on a circle, those of a move side by side; edges tell where the mouse is when they are taken.

    Args:
        machine: Of `MAX_STATES` states at the most.
        sides: Columns and rows of the room.
        title: Stands above.

    Returns:
        A matplotlib figure.
    """
    from matplotlib.figure import Figure
    from matplotlib.patches import FancyArrowPatch

    edges: dict[tuple[int, int], list[int]] = defaultdict(list)
    for (state, number), after in sorted(machine.transitions.items()):
        if state != BEGIN:
            edges[state, after].append(number)
    count = len(machine.moves)
    order = sorted(range(count), key=lambda state: (machine.moves[state], state))
    angles = np.pi / 2 - 2 * np.pi * np.arange(count) / count  # clockwise from the top
    at = {state: np.array([np.cos(angle), np.sin(angle)]) for state, angle in zip(order, angles, strict=True)}
    figure = Figure(figsize=(9, 9), layout="constrained")
    axes = figure.subplots()
    for (state, after), seen in edges.items():
        told = where(machine.observations[seen], sides)
        if state == after:
            x, y = at[state] * 1.33
            axes.text(x, y, f"stays: {told}", ha="center", va="center", fontsize=9, color="0.35")
            continue
        colour = COLOURS[machine.moves[after] % len(COLOURS)]
        way = at[after] - at[state]
        unit = way / np.hypot(*way)
        patch = FancyArrowPatch(
            at[state] + SIZE * unit,
            at[after] - SIZE * unit,
            connectionstyle=f"arc3,rad={BENT}",
            arrowstyle="-|>",
            mutation_scale=16,
            color=colour,
            linewidth=1.4,
        )
        axes.add_patch(patch)
        # At LABEL of the way along the curve, where fewer edges cross than in the middle.
        bow = 2 * LABEL * (1 - LABEL) * BENT * np.array([way[1], -way[0]])
        x, y = at[state] + LABEL * way + bow
        box = {"boxstyle": "round,pad=0.15", "facecolor": "white", "edgecolor": "none", "alpha": 0.85}
        axes.text(x, y, told, ha="center", va="center", fontsize=9, color=colour, bbox=box)
    for state, (x, y) in at.items():
        move = machine.moves[state]
        axes.scatter(x, y, s=2600, color=COLOURS[move % len(COLOURS)], zorder=3, edgecolors="white")
        axes.text(x, y, ARROWS[move], ha="center", va="center", fontsize=26, color="white", zorder=4)
    axes.set(xlim=(-1.7, 1.7), ylim=(-1.7, 1.7), aspect="equal")
    axes.axis("off")
    axes.set_title(title, fontsize=12)
    return figure


def where(seen: Array, sides: tuple[int, int]) -> str:
    """Where the mouse is in some observations, in a few words."""
    places = np.unique(np.rint(seen[:, 2:4] * (np.array(sides) - 1)).astype(int), axis=0)
    x, y = places.T
    told = []
    for name, values, last in (("left column", x, 0), ("right column", x, sides[0] - 1)):
        if (values == last).all():
            told.append(name)
    for name, values, last in (("bottom row", y, 0), ("top row", y, sides[1] - 1)):
        if (values == last).all():
            told.append(name)
    if len(told) == 2:
        return f"{told[1].split()[0]} {told[0].split()[0]} corner"
    return told[0] if told else f"{len(places)} cells" if len(places) > 1 else f"cell {x[0]}, {y[0]}"
