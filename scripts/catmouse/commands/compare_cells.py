"""What each cell makes of games with and without a need for memory: the README's table.

Every cell gets the same recipe and the same number of games; then a game from every start is played. In
the basic games the cat sits still, in view all the time (CatMouse-v0) or on the first observation only
(CatMouseMemory-v0). The harder ones ask more of the memory: it has to last longer, to tell more places
apart, or to follow in mind a cat that runs after the mouse unseen.
"""

from __future__ import annotations

import argparse
import json
import math
import statistics
import sys
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from tqdm import tqdm

import catmouse_env  # noqa: F401  (registers the environments)
from agents.brain import CELLS
from agents.runs.config import RunConfig
from agents.runs.run import Run
from agents.trainer import TrainingError

COMPARED = ("mlp", "elman", "gru", "lstm")
RECIPE = {"optimizer": "adam", "recurrent_gain": 0.9, "batch": 128, "clip": 1.0, "report_every": 1 << 40}
NEEDS_MATPLOTLIB = '--figure needs matplotlib: pip install ".[plots]"'
INTERRUPTED = 130


@dataclass(frozen=True)
class Task:
    """A row of the table: a game, and how many games a cell may play to learn it."""

    name: str
    games: int
    moves: int
    options: dict[str, Any] = field(default_factory=dict)

    @property
    def arguments(self) -> dict[str, Any]:
        """Fields of a run's configuration."""
        return {"max_episode_steps": self.moves, **self.options}


SEEN = {"env_id": "CatMouse-v0"}
ONCE = {"env_id": "CatMouseMemory-v0"}
BASIC = (
    Task("cat in view", 200_000, 10, SEEN),
    Task("cat in view", 50_000, 50, SEEN),
    Task("cat seen once", 200_000, 10, ONCE),
    Task("cat seen once", 50_000, 50, ONCE),
)
HARDER = (
    Task("cat seen once", 10_000, 200, ONCE),
    Task("cat seen once, window of 20 moves", 10_000, 200, {**ONCE, "bptt_steps": 20}),
    Task("cat seen once, 10 x 10 room", 50_000, 30, {**ONCE, "width": 10, "height": 10}),
    Task("chasing cat in view", 200_000, 10, {**SEEN, "cat": "chasing"}),
    Task("chasing cat seen once", 200_000, 10, {**ONCE, "cat": "chasing"}),
    Task(
        "chasing cat seen once, 10 x 10 room",
        100_000,
        18,
        {**ONCE, "cat": "chasing", "width": 10, "height": 10},
    ),
)


@dataclass(frozen=True)
class Result:
    """One cell on one task.

    Attributes:
        mistakes_per_game: Over every start, a seed each; infinite where the training blew up.
        seconds: Of training on one core (processor time), a seed each.
        weights: The brain's.
    """

    task: Task
    cell: str
    mistakes_per_game: list[float]
    seconds: list[float]
    weights: int

    @property
    def text(self) -> str:
        """Median (worst) mistakes, how many seeds made none, and the seconds."""
        mistakes = self.mistakes_per_game
        perfect = sum(value == 0 for value in mistakes)
        proved = f", {perfect} of {len(mistakes)} perfect" if perfect else ""
        return (
            f"{statistics.median(mistakes):.3f} ({max(mistakes):.3f}){proved}, "
            f"{statistics.median(self.seconds):.1f} s"
        )


def parse(arguments: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        epilog="Exit status: 0 done, 1 the figure can't be written, 2 wrong usage, 130 interrupted.",
    )
    parser.add_argument(
        "--cells",
        nargs="+",
        choices=tuple(CELLS),
        default=list(COMPARED),
        help="which cells (default: mlp elman gru lstm)",
    )
    parser.add_argument("--harder", action="store_true", help="the harder games in place of the basic ones")
    parser.add_argument(
        "--games", type=int, help="games that each cell may play (default: as the table says)"
    )
    parser.add_argument("--seeds", type=int, default=5, help="brains of each kind (default: %(default)s)")
    parser.add_argument("--hidden", type=int, default=64, help="hidden units (default: %(default)s)")
    parser.add_argument(
        "--learning-rate",
        type=float,
        default=0.02,
        help="of Adam at the start, falling to 0 (default: %(default)s)",
    )
    parser.add_argument(
        "--bptt-steps", type=int, help="truncated backpropagation through time, in moves (default: none)"
    )
    parser.add_argument("--json", action="store_true", help="print JSON, every seed's figures")
    parser.add_argument("--figure", type=Path, metavar="FILE", help="also draw it (default: no figure)")
    parser.add_argument("--quiet", action="store_true", help="no progress bar")
    return parser.parse_args(arguments)


def main(command_line: list[str] | None = None) -> int:
    arguments = parse(command_line)
    if arguments.figure is not None:
        try:
            import matplotlib.figure  # noqa: F401
        except ImportError:
            return failed(NEEDS_MATPLOTLIB, 2)
        if not arguments.figure.parent.is_dir():
            return failed(f"there is no folder {arguments.figure.parent} for the figure", 2)
    tasks = HARDER if arguments.harder else BASIC
    if arguments.games is not None:
        tasks = tuple(Task(task.name, arguments.games, task.moves, task.options) for task in tasks)
    try:
        for name in ("seeds", "bptt_steps"):
            value = getattr(arguments, name)
            if value is not None and value < 1:
                raise ValueError(f"{name} must be at least 1, got {value}")
        results = compare(tasks, arguments)
    except ValueError as error:
        return failed(error, 2)
    if arguments.json:
        print(json.dumps([as_dict(result) for result in results], indent=2))
    else:
        print(table(results, arguments.cells))
    if arguments.figure is not None:
        from catmouse.plots.cells_figure import draw_cells

        try:
            draw_cells(results, arguments.cells).savefig(arguments.figure, dpi=130)
        except (OSError, ValueError) as error:
            return failed(f"the figure can't be written: {error}", 1)
    return 0


def failed(error: Exception | str, status: int) -> int:
    """Say in a line what went wrong; the exit status."""
    print(f"compare_cells.py: {error}", file=sys.stderr)
    return status


def as_dict(result: Result) -> dict[str, Any]:
    """Plain values for JSON, which knows no infinity: null."""
    mistakes = [value if math.isfinite(value) else None for value in result.mistakes_per_game]
    return {**asdict(result), "mistakes_per_game": mistakes}


def compare(tasks: tuple[Task, ...], arguments: argparse.Namespace) -> list[Result]:
    """Every cell on every task, several seeds each.

    Raises:
        ValueError: The options can't be run.
    """
    jobs = [(task, cell) for task in tasks for cell in arguments.cells]
    total = arguments.seeds * len(arguments.cells) * sum(task.games * task.moves for task in tasks)
    results = []
    with tqdm(total=total, unit=" moves", unit_scale=True, disable=arguments.quiet) as bar:
        for task, cell in jobs:
            mistakes, seconds, weights = [], [], 0
            for seed in range(arguments.seeds):
                bar.set_description(f"{task.name}, {task.moves} moves, {cell}, seed {seed}")
                options = {
                    **RECIPE,
                    "hidden": arguments.hidden,
                    "learning_rate": arguments.learning_rate,
                    "bptt_steps": arguments.bptt_steps or task.moves,  # said, so that no recipe chooses
                    **task.arguments,
                }
                run = Run(RunConfig(cell=cell, games=task.games, seed=seed, **options))
                weights = run.brain.flat.size
                began = time.process_time()
                mistakes.append(learn(run, bar, task.moves))
                seconds.append(time.process_time() - began)
            results.append(Result(task, cell, mistakes, seconds, weights))
    return results


def learn(run: Run, bar: Any, moves: int) -> float:
    """Train to the end; mistakes a game over every start, infinite where the numbers ran away."""
    games = 0
    try:
        while not run.finished:
            run.advance()
            if run.trainer.updates % 16 == 0:
                bar.update((run.trainer.games_played - games) * moves)
                games = run.trainer.games_played
    except TrainingError:
        return float("inf")
    return run.finish().mistakes_per_game


def table(results: list[Result], cells: list[str]) -> str:
    """The results in Markdown, a row a task, a column a cell."""
    weights = {result.cell: result.weights for result in results}
    seeds = len(results[0].seconds)
    lines = [
        f"Mistakes a game over every start: median (worst) of {seeds} seeds; seconds of one core to train.\n",
        "| game | moves | games played | " + " | ".join(f"{c}, {weights[c]:,} weights" for c in cells) + " |",
        "| --- " * (3 + len(cells)) + "|",
    ]
    for first in range(0, len(results), len(cells)):
        row = results[first : first + len(cells)]
        task = row[0].task
        texts = " | ".join(result.text for result in row)
        lines.append(f"| {task.name} | {task.moves} | {task.games:,} | {texts} |")
    return "\n".join(lines)
