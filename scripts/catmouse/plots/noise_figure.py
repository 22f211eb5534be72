"""How much noise a brain bears, start by start, drawn with matplotlib."""

from __future__ import annotations

from typing import Any

import numpy as np

from agents.noise import Tolerance

PROVED, BROKEN = "#0072b2", "#d55e00"


def draw_noise(found: Tolerance, name: str) -> Any:
    """Both bounds of every start, sorted by the upper one; between them lies what nobody knows.

    Returns:
        A matplotlib figure.
    """
    from matplotlib.figure import Figure

    order = np.argsort(found.broken)
    starts = np.arange(len(order))
    figure = Figure(figsize=(8, 4.2), layout="constrained")
    axes = figure.subplots()
    axes.fill_between(starts, found.borne[order], found.broken[order], color="0.88", linewidth=0)
    axes.plot(starts, found.broken[order], color=BROKEN, linewidth=1.6, label="a decision was changed")
    axes.plot(starts, found.borne[order], ".", color=PROVED, markersize=2.5, label="proved: none can change")
    axes.set(yscale="log", xlabel="starts", ylabel="noise in each number observed", xlim=(0, len(order)))
    axes.legend(frameon=False, markerscale=4)
    axes.set_title(name, fontsize=11)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    return figure
