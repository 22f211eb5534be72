"""Imitation learning with an exact expert: how many labels does each way of asking for them need?

Cloning watches the teacher play. The mixture draws half of the moves at random, so that the teacher is asked
off its own path too. DAgger plays what it learned from the labels so far, and is told what would have been
right. Each learner begins anew with each number of games and makes the same number of updates. All are judged
by a game from every start there is.
"""

from __future__ import annotations

import argparse
import statistics
from dataclasses import asdict

from agents import validation
from agents.runs.results import Job, Row
from agents.threads import kernel_name
from catmouse.command_line import DONE, Parser, need, wrong_usage
from catmouse.experiments.imitation import CELLS, TASKS, WAYS, Point, learning_curve, without_memory
from catmouse.unfinished import add_keeping, unfinished

GAMES = (10, 30, 100, 300, 1_000, 3_000, 10_000)


def parse(arguments: list[str] | None = None) -> argparse.Namespace:
    parser = Parser("compare-imitation", __doc__)
    parser.add_argument(
        "--cells", nargs="+", choices=CELLS, default=CELLS, help=f"which brains (default: {' '.join(CELLS)})"
    )
    parser.add_argument(
        "--games",
        type=int,
        nargs="+",
        default=GAMES,
        metavar="N",
        help=f"numbers of recorded games, increasing (default: {' '.join(map(str, GAMES))})",
    )
    parser.add_number("--updates", 1000, "updates that each brain makes, of 64 games")
    parser.add_seeds(range(5), "a learner of each kind for each")
    parser.add_figure()
    add_keeping(parser, "compare-imitation")
    parser.add_quiet()
    return parser.read(arguments)


def main(command_line: list[str] | None = None) -> int:
    arguments = parse(command_line)
    if arguments.figure is not None:
        need("matplotlib.figure", "plots", "--figure")
    sizes = list(arguments.games)
    if sizes != sorted({*sizes}) or sizes[0] < 1:
        with wrong_usage():
            raise ValueError(f"--games must be increasing numbers of at least 1, got {sizes}")
    jobs: list[Job] = [
        {"task": task, "way": way, "cell": cell, "seed": seed, "sizes": sizes, "updates": arguments.updates}
        for task in TASKS
        for cell in arguments.cells
        for way in WAYS
        for seed in arguments.seeds
    ]
    outputs = [] if arguments.figure is None else [arguments.figure.parent]
    with unfinished(arguments, jobs, points_of, outputs) as work, wrong_usage():
        told = "{task}, {way}, {cell}, seed {seed}"
        rows = work.carry_out(curve_of, "learners", arguments.quiet, told)
        report([point for row in rows for point in points_of(row)], arguments)
    return DONE


def curve_of(job: Job) -> Row:
    """A learner's curve, as `points_of` reads it."""
    return {"points": [asdict(point) for point in learning_curve(**job)]}


def points_of(row: Row) -> list[Point]:
    """What is kept of a learner; KeyError, TypeError or ValueError if it is not that."""
    points = [Point(**point) for point in row["points"]]
    for point in points:
        validation.of_type("labels", point.labels, int)
        validation.of_type("mistakes", point.mistakes, float)
    if [point.games for point in points] != row["job"]["sizes"]:
        raise ValueError("a learner has a point for each number of games")
    return points


def report(points: list[Point], arguments: argparse.Namespace) -> None:
    """Print the results, and draw them; ValueError if the figure has no such format."""
    floors = {task: without_memory(task) for task in TASKS}
    print(text(points, floors, len(arguments.seeds)), flush=True)
    if arguments.figure is not None:
        from catmouse.plots.imitation_figure import draw_imitation

        draw_imitation(points, floors).savefig(arguments.figure, dpi=130)


def text(points: list[Point], floors: dict[str, float], seeds: int) -> str:
    """The results, a block a task and cell, a row a number of games."""
    lines = [
        f"Mistakes a game over every start by labels: median (worst) of {seeds} seeds",
        f"BLAS kernel {kernel_name()}",
    ]
    for task, cell in dict.fromkeys((point.task, point.cell) for point in points):
        lines += ["", f"{task}, {cell}; the best table without memory that was found: {floors[task]:.3f}"]
        lines.append("   games" + "".join(f"{way:>23}" for way in WAYS).rstrip())
        for games in dict.fromkeys(point.games for point in points):
            row = f"{games:8,}"
            for way in WAYS:
                same = [p for p in points if (p.task, p.cell, p.games, p.way) == (task, cell, games, way)]
                mistakes = [point.mistakes for point in same]
                labels = round(statistics.median(point.labels for point in same))
                row += f"{labels:9,} {statistics.median(mistakes):5.3f} ({max(mistakes):5.3f})"
            lines.append(row)
    return "\n".join(lines)
