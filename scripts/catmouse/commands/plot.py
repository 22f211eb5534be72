"""Draw the learning curves of any number of runs, and where a brain errs, as PNG and SVG."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

import catmouse_env  # noqa: F401  (registers the environments)
from agents.runs.config import TaskConfig, given, make_env
from catmouse.command_line import DONE, Parser, need, wrong_usage
from catmouse.console import progress_bar, progress_callback
from catmouse.plots.curves import draw_curves, grouped, read_curve
from catmouse.plots.error_map import draw_error_map, error_map
from catmouse.policies import POLICY_HELP, load_policy, make_config
from catmouse.viewer.playback import describe

LEARNING, ERRORS = "learning", "errors"
DPI = 130


def parse(arguments: list[str] | None = None) -> argparse.Namespace:
    parser = Parser(
        "plot", __doc__, "[RUN ...]", notes=f"Leaves {LEARNING}.png and .svg, {ERRORS}.png and .svg."
    )
    parser.add_argument(
        "runs",
        nargs="*",
        type=Path,
        metavar="RUN",
        help="run folders; those that differ in nothing but the seed become one curve, with its spread",
    )
    parser.add_argument(
        "--labels",
        nargs="+",
        metavar="LABEL",
        help="what to call the curves, in the order of their first runs (default: what differs, or where "
        "that is much, the first run's folder)",
    )
    parser.add_argument(
        "--errors",
        metavar="POLICY",
        help=f"also draw where it errs, in a game from every start: {POLICY_HELP} (default: none)",
    )
    parser.add_argument(
        "--out", type=Path, default=Path("plots"), metavar="FOLDER", help="where to (default: %(default)s)"
    )
    parser.add_trust()
    parser.add_seed()
    parser.add_quiet()
    parser.add_config("the game of --errors", TaskConfig)
    parsed = parser.read(arguments)
    if not parsed.runs and parsed.errors is None:
        parser.error("there is nothing to draw: name runs, or a policy with --errors")
    return parsed


def main(command: list[str] | None = None) -> int:
    arguments = parse(command)
    need("matplotlib.figure", "plots", "a plot")
    with wrong_usage():
        figures = {}
        if arguments.runs:
            figures[LEARNING] = draw_curves(
                grouped([read_curve(run) for run in arguments.runs], arguments.labels)
            )
        if arguments.errors is not None:
            figures[ERRORS] = errors_figure(arguments)
    for name, figure in figures.items():
        save(figure, arguments.out, name)
    return DONE


def errors_figure(arguments: argparse.Namespace) -> Any:
    """The figure of where a policy errs."""
    env = make_env(make_config(arguments.errors, given(arguments, TaskConfig)), 1)
    policy = load_policy(arguments.errors, env, arguments.seed, arguments.trust)
    with progress_bar(None, "games", arguments.quiet, unit_scale=True, leave=False, delay=1) as bar:
        counts = error_map(policy, env, arguments.seed, progress_callback(bar))
    return draw_error_map(counts, describe(policy, arguments.errors))


def save(figure: Any, folder: Path, name: str) -> None:
    """Write a figure as PNG and as SVG, the same each time."""
    import matplotlib

    folder.mkdir(parents=True, exist_ok=True)
    with matplotlib.rc_context({"svg.hashsalt": "catmouse"}):
        figure.savefig(folder / f"{name}.png", dpi=DPI)
        figure.savefig(folder / f"{name}.svg", metadata={"Date": None})
    print(f"saved {folder / name}.png and .svg")
