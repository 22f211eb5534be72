"""Imitation learning with an exact expert: how many labels does each way of asking for them need?

Cloning watches the teacher play. The mixture draws half of the moves at random, so that the teacher is asked
off its own path too. DAgger plays what it learned from the labels so far, and is told what would have been
right. Each learner begins anew with each number of games and makes the same number of updates. All are judged
by a game from every start there is.
"""

from __future__ import annotations

import argparse
import statistics

from tqdm import tqdm

from agents.threads import kernel_name
from catmouse.command_line import DONE, Parser, need, wrong_usage
from catmouse.experiments.imitation import CELLS, TASKS, WAYS, Point, learning_curve, without_memory

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
    jobs = [
        (task, way, cell, seed)
        for task in TASKS
        for cell in arguments.cells
        for way in WAYS
        for seed in arguments.seeds
    ]
    points: list[Point] = []
    with tqdm(total=len(jobs) * len(sizes), unit=" brains", disable=arguments.quiet) as bar:
        for job in jobs:
            bar.set_description("{}, {}, {}, seed {}".format(*job))
            for point in learning_curve(*job, sizes, arguments.updates):
                points.append(point)
                bar.update()
    floors = {task: without_memory(task) for task in TASKS}
    print(text(points, floors, len(arguments.seeds)))
    if arguments.figure is not None:
        from catmouse.plots.imitation_figure import draw_imitation

        with wrong_usage():  # a ValueError: no such format
            draw_imitation(points, floors).savefig(arguments.figure, dpi=130)
    return DONE


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
