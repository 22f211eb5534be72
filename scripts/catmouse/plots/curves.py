"""Learning curves: read from run folders, gathered over seeds, drawn with matplotlib."""

from __future__ import annotations

import csv
import io
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from agents.files import read_text
from agents.runs.config import RunConfig
from catmouse.policies import CONFIG_FILE

Array = NDArray[Any]

CURVE_FILE = "curve.csv"
MEASURES = {"compass_error": "compass error a game", "mistakes": "mistakes a game"}
GRID = 300  # places along the games at which seeds are compared
MAX_LINES = 12  # seeds of a group that get a thin line each
MAX_LABEL = 48  # letters; what differs is told up to there, else the folders' names
LEGEND_COLUMNS = 110  # letters beside each other in the legend
# Okabe and Ito's, those that stand out on white; once they are used up the strokes change.
COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#000000")
STROKES = ("-", "--", "-.", ":")


@dataclass(frozen=True)
class Curve:
    """One run's learning curve.

    Attributes:
        name: The run folder's.
        config: The run's configuration.
        games: Games played, (points,), rising.
        measures: Name -> smoothed values, (points,).
        perfect: Whether it ended with a certificate without a mistake.
    """

    name: str
    config: RunConfig
    games: Array
    measures: dict[str, Array]
    perfect: bool


def read_curve(run: Path) -> Curve:
    """The learning curve in a run's folder.

    Raises:
        ValueError: There is none, or it is damaged.
    """
    folder = run.parent if run.name == CURVE_FILE else run
    try:
        config = RunConfig.load(folder / CONFIG_FILE)
        rows = list(csv.DictReader(io.StringIO(read_text(folder / CURVE_FILE))))
        games = np.array([float(row["games"]) for row in rows])
        measures = {name: np.array([float(row[name]) for row in rows]) for name in MEASURES}
    except OSError as error:
        raise ValueError(f"{run} is no run's folder: {error}") from error
    except (KeyError, TypeError, ValueError, csv.Error) as error:
        raise ValueError(f"{folder / CURVE_FILE} is damaged: {error}") from error
    if not rows:
        raise ValueError(f"{folder / CURVE_FILE} has no point yet")
    if games[0] <= 0 or (np.diff(games) <= 0).any():
        raise ValueError(f"{folder / CURVE_FILE} is damaged: its games do not rise")
    perfect = rows[-1].get("certificate_mistakes") not in (None, "") and not float(
        rows[-1]["certificate_mistakes"]
    )
    return Curve(folder.name, config, games, measures, perfect)


def grouped(curves: list[Curve], labels: list[str] | None = None) -> dict[str, list[Curve]]:
    """Runs that differ in nothing but the seed together, each group under a name that tells it apart.

    Args:
        curves: The runs.
        labels: The groups' names in their order; None: what differs, or where that is much, the folder.

    Raises:
        ValueError: There are more or fewer labels than groups, or two are the same.
    """
    groups: list[tuple[dict[str, Any], list[Curve]]] = []
    for curve in curves:
        settings = {name: value for name, value in asdict(curve.config).items() if name != "seed"}
        for known, members in groups:
            if known == settings:
                members.append(curve)
                break
        else:
            groups.append((settings, [curve]))
    if labels is not None:
        if len(labels) != len(groups) or len(set(labels)) < len(labels):
            raise ValueError(
                f"there are {len(groups)} kinds of runs, and as many different labels are needed"
            )
        return {label: members for label, (_, members) in zip(labels, groups, strict=True)}
    first = groups[0][0]
    telling = [name for name in first if any(known[name] != first[name] for known, _ in groups)]
    said = [
        ", ".join(f"{name.replace('_', ' ')} {plainly(known[name])}" for name in telling)
        for known, _ in groups
    ]
    if max(map(len, said)) > MAX_LABEL:
        said = [members[0].name[-MAX_LABEL:] for _, members in groups]
    named: dict[str, list[Curve]] = {}
    for words, (known, members) in zip(said, groups, strict=True):
        label = words or f"{known['cell']}, {known['hidden']} hidden, {known['head']}"
        label += f", {len(members)} seeds" if len(members) > 1 else f", seed {members[0].config.seed}"
        while label in named:  # folders of one name
            label += "'"
        named[label] = members
    return named


def plainly(value: Any) -> str:
    """A setting in a legend."""
    return f"{value:,}" if type(value) is int else str(value)


def spread(curves: list[Curve], measure: str) -> tuple[Array, Array, Array, Array]:
    """Games, and the lowest, median and highest value of several seeds there, (GRID,) each.

    Values between two points follow a straight line over the logarithm of the games. A run that has ended
    stays where it was.
    """
    first = max(curve.games[0] for curve in curves)
    last = max(curve.games[-1] for curve in curves)
    games = np.geomspace(first, max(last, first), GRID)
    values = np.stack(
        [np.interp(np.log(games), np.log(curve.games), curve.measures[measure]) for curve in curves]
    )
    return games, values.min(axis=0), np.median(values, axis=0), values.max(axis=0)


def draw_curves(groups: dict[str, list[Curve]]) -> Any:
    """A figure with a panel for each measure."""
    from matplotlib.figure import Figure
    from matplotlib.layout_engine import ConstrainedLayoutEngine

    columns = max(1, min(len(groups), LEGEND_COLUMNS // (max(map(len, groups)) + 6)))
    rows = -(-len(groups) // columns)
    figure = Figure(figsize=(10.5, 4.2 + 0.22 * rows), layout=ConstrainedLayoutEngine(h_pad=0.08))
    panels = figure.subplots(1, len(MEASURES), sharex=True)
    for panel, (measure, title) in zip(panels, MEASURES.items(), strict=True):
        for number, (label, curves) in enumerate(groups.items()):
            colour, stroke = COLOURS[number % len(COLOURS)], STROKES[number // len(COLOURS) % len(STROKES)]
            if len(curves) > 1:
                games, low, middle, high = spread(curves, measure)
                panel.fill_between(games, low, high, color=colour, alpha=0.18, linewidth=0)
                panel.plot(games, middle, stroke, color=colour, linewidth=2.2, label=label)
            else:
                one = curves[0]
                panel.plot(one.games, one.measures[measure], stroke, color=colour, linewidth=2, label=label)
            for curve in curves:
                if 1 < len(curves) <= MAX_LINES:
                    panel.plot(curve.games, curve.measures[measure], color=colour, linewidth=0.6, alpha=0.4)
                fill = colour if curve.perfect else "white"
                panel.plot(curve.games[-1], curve.measures[measure][-1], "o", mec=colour, mfc=fill, ms=6)
        panel.set_xscale("log")
        if any((curve.measures[measure] > 0).any() for curves in groups.values() for curve in curves):
            panel.set_yscale("log")
            label_plainly(panel.yaxis, "g")
        label_plainly(panel.xaxis, ",.0f")
        panel.set_xlabel("games played")
        panel.set_title(title, fontsize=13)
        panel.grid(True, which="major", color="#d0d0d0", linewidth=0.8)
        panel.grid(True, which="minor", color="#ececec", linewidth=0.5)
        panel.set_axisbelow(True)
        for side in ("top", "right"):
            panel.spines[side].set_visible(False)
    lines, names = panels[0].get_legend_handles_labels()
    figure.legend(lines, names, loc="outside upper center", ncols=columns, frameon=False, fontsize=10)
    notes = []
    if any(len(curves) > 1 for curves in groups.values()):
        notes.append("thick: median, band: lowest to highest seed")
    if any(curve.perfect for curves in groups.values() for curve in curves):
        notes.append("filled end: no mistake from any start")
    figure.supxlabel("   ".join(notes), fontsize=10, color="#555555")
    return figure


def label_plainly(axis: Any, style: str) -> None:
    """Write the numbers along a logarithmic axis out, all in one way, where matplotlib would write some."""
    from matplotlib.ticker import LogFormatter

    class Plain(LogFormatter):
        def __call__(self, value: float, pos: int | None = None) -> str:
            return f"{value:{style}}" if super().__call__(value, pos) else ""

    axis.set_major_formatter(Plain())
    axis.set_minor_formatter(Plain(labelOnlyBase=False, minor_thresholds=(1, 0.4)))
