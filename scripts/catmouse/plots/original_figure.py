"""Learning curves of the original program as a picture, drawn with matplotlib."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from matplotlib.figure import Figure

Curve = list[tuple[int, float]]

COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")  # Okabe and Ito
FIRST_GAMES = 100  # before, the smoothed error is that of the first game
DPI = 150


def draw_original(curves: list[tuple[int, int, Curve]], target: float, path: Path) -> None:
    """Draw one line a brain: errors a game over games, on a log axis.

    Args:
        curves: (hidden units, seed, [(games, errors a game)]) of each.
        target: Errors a game at which training stopped.
        path: Where the PNG goes.

    Raises:
        OSError: It can't be written.
    """
    figure = Figure(figsize=(8, 4.8), layout="constrained")
    axes: Any = figure.subplots()
    sizes = list(dict.fromkeys(hidden for hidden, _, _ in curves))
    axes.axhline(target, color="0.55", linewidth=1, linestyle=(0, (4, 3)), zorder=1)
    axes.text(FIRST_GAMES * 1.1, target + 0.12, f"{target:g} errors a game", color="0.35", fontsize=10)
    for hidden, seed, curve in curves:
        colour = COLOURS[sizes.index(hidden) % len(COLOURS)]
        games, errors = zip(*curve, strict=True)
        first = seed == curves[0][1]
        label = f"{hidden} hidden units: game {games[-1] - 1:,}" if first else None
        axes.plot(games, errors, color=colour, linewidth=2, alpha=1 if first else 0.45, label=label)
        axes.plot(games[-1], errors[-1], "o", color=colour, markersize=7, markeredgecolor="white", zorder=4)
    axes.set_xscale("log")
    axes.xaxis.set_major_formatter("{x:,.0f}")
    axes.set_xlim(left=FIRST_GAMES)
    axes.set_ylim(0, None)
    axes.set_xlabel("Games played (log axis)", fontsize=12)
    axes.set_ylabel("Errors a game (smoothed over about 1,000)", fontsize=12)
    axes.set_title("The original program, reproduced", fontsize=14, loc="left")
    axes.grid(True, which="major", color="0.9")
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(
        frameon=False, fontsize=11, title="Brain, and the game that ended its training", alignment="left"
    )
    figure.savefig(path, dpi=DPI)
