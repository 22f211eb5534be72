"""How the cost of a certificate grows with the room, as a picture drawn with matplotlib."""

from __future__ import annotations

from typing import Any

BLUE, GREY = "#0072B2", "#888888"


def draw_growth(rows: list[dict[str, Any]]) -> Any:
    """Seconds, games and weights by the room's side, logarithmic: a dot a seed, a line at the medians.

    Args:
        rows: Of the benchmark's section "growth": rooms, and the powers that were fitted.

    Returns:
        A matplotlib figure.
    """
    from matplotlib.figure import Figure
    from matplotlib.ticker import NullFormatter, NullLocator

    rooms = [one for one in rows if "side" in one]
    powers = {one["who"]: one["median"] for one in rows if "side" not in one}
    sides = [one["side"] for one in rooms]
    figure = Figure(figsize=(11, 3.6), layout="constrained")
    panels = (("seconds", "CPU seconds"), ("games", "games"), ("weights", "weights"))
    for axis, (name, label) in zip(figure.subplots(1, 3), panels, strict=True):
        values = [one[name] if isinstance(one[name], list) else [one[name]] for one in rooms]
        middles = [sorted(some)[len(some) // 2] for some in values]
        for side, some in zip(sides, values, strict=True):
            axis.scatter([side] * len(some), some, s=26, color=BLUE, alpha=0.5, linewidths=0, zorder=3)
        axis.plot(sides, middles, color=BLUE, lw=1.5)
        axis.set_xscale("log")
        axis.set_yscale("log")
        if max(middles) < 10 * min(middles):  # at least a power of ten, to tell how little it is
            axis.set_ylim(min(middles) / 2, 10 * min(middles))
        axis.yaxis.set_major_formatter(lambda value, _: f"{value:,.6g}")
        axis.yaxis.set_minor_formatter(NullFormatter())
        axis.set_xticks(sides, [str(side) for side in sides])
        axis.xaxis.set_minor_locator(NullLocator())
        axis.set_xlabel("side of the room, cells (log)")
        axis.set_title(f"{label} ~ side^{powers[name]:.1f}", loc="left")
        axis.grid(color="#e5e5e5")
        axis.spines[["top", "right"]].set_visible(False)
    figure.suptitle(
        "To no mistake from any start, games of 2 (side - 1) moves", x=0.01, ha="left", color=GREY
    )
    return figure
