"""Draw the learning curves of any number of runs, and where a brain errs, as PNG and SVG."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

from tqdm import tqdm

import catmouse_env  # noqa: F401  (registers the environments)
from agents.runs.config import TaskConfig, add_options, given, make_env
from catmouse.plots.curves import draw_curves, grouped, read_curve
from catmouse.plots.error_map import draw_error_map, error_map
from catmouse.policies import POLICY_HELP, game_of, load_policy
from catmouse.viewer.playback import describe

LEARNING, ERRORS = "learning", "errors"
DPI = 130
NEEDS_MATPLOTLIB = 'plots need matplotlib: pip install ".[plots]"'
INTERRUPTED = 130


def parse(arguments: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__,
        epilog=f"Leaves {LEARNING}.png and .svg, {ERRORS}.png and .svg. Exit status: 0 done, 1 a file "
        "can't be written, 2 wrong usage, 130 interrupted.",
    )
    parser.add_argument(
        "runs",
        nargs="*",
        type=Path,
        metavar="RUN",
        help="run folders; those that differ in nothing but the seed become one curve, with its spread",
    )
    parser.add_argument(
        "--errors",
        metavar="POLICY",
        help=f"also draw where it errs, in a game from every start: {POLICY_HELP} (default: none)",
    )
    parser.add_argument(
        "--out", type=Path, default=Path("plots"), metavar="FOLDER", help="where to (default: %(default)s)"
    )
    parser.add_argument("--seed", type=int, default=0, help="of all chance (default: %(default)s)")
    parser.add_argument("--quiet", action="store_true", help="no progress bar")
    add_options(parser.add_argument_group("the game of --errors"), TaskConfig)
    parsed = parser.parse_args(arguments)
    if not parsed.runs and parsed.errors is None:
        parser.error("there is nothing to draw: name runs, or a policy with --errors")
    return parsed


def main(command: list[str] | None = None) -> int:
    arguments = parse(command)
    try:
        import matplotlib.figure  # noqa: F401
    except ImportError:
        return failed(NEEDS_MATPLOTLIB, 2)
    try:
        figures = {}
        if arguments.runs:
            figures[LEARNING] = draw_curves(grouped([read_curve(run) for run in arguments.runs]))
        if arguments.errors is not None:
            figures[ERRORS] = errors_of(arguments)
    except ValueError as error:
        return failed(error, 2)
    try:
        for name, figure in figures.items():
            save(figure, arguments.out, name)
    except OSError as error:
        return failed(f"a figure can't be written: {error}", 1)
    return 0


def failed(error: Exception | str, status: int) -> int:
    """Say in a line what went wrong; the exit status."""
    print(f"plot_learning.py: {error}", file=sys.stderr)
    return status


def errors_of(arguments: argparse.Namespace) -> Any:
    """The figure of where a policy errs."""
    env = make_env(game_of(arguments.errors, given(arguments, TaskConfig)), 1)
    policy = load_policy(arguments.errors, env, arguments.seed)
    with tqdm(unit=" games", unit_scale=True, disable=arguments.quiet, leave=False, delay=1) as bar:

        def progress(done: int, total: int) -> None:
            bar.total = total
            bar.update(done - bar.n)

        counts = error_map(policy, env, arguments.seed, progress)
    return draw_error_map(counts, describe(policy, arguments.errors))


def save(figure: Any, folder: Path, name: str) -> None:
    """Write a figure as PNG and as SVG, the same each time."""
    import matplotlib

    folder.mkdir(parents=True, exist_ok=True)
    with matplotlib.rc_context({"svg.hashsalt": "catmouse"}):
        figure.savefig(folder / f"{name}.png", dpi=DPI)
        figure.savefig(folder / f"{name}.svg", metadata={"Date": None})
    print(f"saved {folder / name}.png and .svg")
