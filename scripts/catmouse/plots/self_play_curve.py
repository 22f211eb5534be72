"""What self-taught brains give away, over the rounds of self-play, drawn with matplotlib."""

from __future__ import annotations

import csv
import io
from pathlib import Path

from agents.files import read_text
from catmouse.plots.curves import COLOURS, label_plainly
from catmouse.plots.images import CannotSave, make_folder

STROKES = {"mouse": "-", "cat": "--"}


def save_self_play_curve(curves: dict[str, Path], path: Path) -> None:
    """Write the figure as a PNG.

    Args:
        curves: By cell, the CSV that `duel` wrote: round, mouse, cat.
        path: Where to.

    Raises:
        CannotSave: matplotlib is missing, or the file can't be written.
    """
    try:
        from matplotlib.figure import Figure
    except ImportError as error:
        raise CannotSave("the curve needs matplotlib: pip install 'catmouse-env[plots]'") from error
    figure = Figure(figsize=(7.5, 4.6), layout="constrained")
    panel = figure.subplots()
    for colour, (cell, file) in zip(COLOURS, curves.items(), strict=False):
        rows = list(csv.DictReader(io.StringIO(read_text(file))))
        rounds = [int(row["round"]) for row in rows]
        for role, stroke in STROKES.items():
            lost = [100 * float(row[role]) for row in rows]
            panel.plot(rounds, lost, stroke, color=colour, linewidth=2, label=f"{cell}, {role}")
    panel.set_xscale("symlog", linthresh=1)
    panel.set_yscale("log")
    panel.xaxis.set_major_formatter("{x:g}")
    label_plainly(panel.yaxis, "g")
    panel.set_xlim(left=0)
    panel.set_xlabel("rounds of self-play")
    panel.set_ylabel(
        "given away at worst by the mix that is\nplayed on average over histories (% of survival)"
    )
    panel.grid(True, which="both", color="#e4e4e4", linewidth=0.6)
    panel.set_axisbelow(True)
    panel.spines[["top", "right"]].set_visible(False)
    panel.legend(frameon=False)
    make_folder(path)
    try:
        figure.savefig(path, dpi=110)
    except OSError as error:
        raise CannotSave(f"{path} can't be written: {error}") from error
