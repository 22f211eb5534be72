"""What each cell makes of games with and without a need for memory: the README's table.

Every cell gets the same recipe in every game (Adam at 0.02, falling linearly to 0, unless told otherwise) and
the same number of games; then a game from every start is played. In the basic games the cat sits still, in
view all the time (CatMouse-v0) or on the first observation only (CatMouseMemory-v0). The harder ones ask more
of the memory: it has to last longer, to tell more places apart, or to follow in mind a cat that runs after
the mouse unseen.
"""

from __future__ import annotations

import argparse
import json
import math
import statistics
import textwrap
import time
from dataclasses import asdict, dataclass, field
from typing import Any

from tqdm import tqdm

import catmouse_env  # noqa: F401  (registers the environments)
from agents.brain import CELLS
from agents.runs.config import RunConfig
from agents.runs.run import Run
from agents.threads import kernel_name
from agents.trainer import TrainingError
from catmouse.command_line import DONE, WIDTH, Parser, need, wrong_usage

COMPARED = ("mlp", "elman", "gru", "lstm")
# All is said here, so that no game's own recipe chooses.
RECIPE = {
    "optimizer": "adam",
    "schedule": "linear",
    "recurrent_gain": 0.9,
    "batch": 128,
    "clip": 1.0,
    "report_every": 1 << 40,
}
TOLD = (
    "optimizer",
    "learning_rate",
    "schedule",
    "batch",
    "clip",
    "hidden",
)  # what a caption says of the recipe


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
        return {"max_steps": self.moves, **self.options}


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
        recipe: How it was trained, read from the runs.
    """

    task: Task
    cell: str
    mistakes_per_game: list[float]
    seconds: list[float]
    weights: int
    recipe: dict[str, Any]

    @property
    def line(self) -> str:
        """The cell's line of the table."""
        mistakes = self.mistakes_per_game
        perfect = f"{sum(value == 0 for value in mistakes)} of {len(mistakes)}"
        return (
            f"  {self.cell:<10}{self.weights:>10,}{statistics.median(mistakes):>17.3f}{max(mistakes):>9.3f}"
            f"{perfect:>16}{statistics.median(self.seconds):>10.1f}"
        )


def parse(arguments: list[str] | None = None) -> argparse.Namespace:
    parser = Parser("compare-cells", __doc__)
    parser.add_argument(
        "--cells",
        nargs="+",
        choices=tuple(CELLS),
        default=list(COMPARED),
        metavar="CELL",
        help=f"which cells, of {', '.join(CELLS)} (default: {' '.join(COMPARED)})",
    )
    parser.add_argument("--harder", action="store_true", help="the harder games in place of the basic ones")
    parser.add_number("--games", None, "games that each cell may play", otherwise="as the table says")
    parser.add_seeds(range(5), "a brain of each kind for each")
    parser.add_number("--hidden", 64, "hidden units")
    parser.add_argument(
        "--learning-rate",
        type=float,
        default=0.02,
        metavar="RATE",
        help="of Adam at the start, in every row and column, falling linearly to 0 (default: %(default)s)",
    )
    parser.add_number(
        "--bptt-steps", None, "truncated backpropagation through time, in moves", otherwise="none"
    )
    parser.add_argument("--json", action="store_true", help="print JSON, every seed's figures")
    parser.add_figure()
    parser.add_quiet()
    return parser.read(arguments)


def main(command_line: list[str] | None = None) -> int:
    arguments = parse(command_line)
    if arguments.figure is not None:
        need("matplotlib.figure", "plots", "--figure")
    tasks: tuple[Task, ...] = HARDER if arguments.harder else BASIC
    if arguments.games is not None:
        tasks = tuple(Task(task.name, arguments.games, task.moves, task.options) for task in tasks)
    with wrong_usage():
        results = compare(tasks, arguments)
    if arguments.json:
        print(json.dumps([as_dict(result) for result in results], indent=2))
    else:
        print(table(results, arguments.cells))
    if arguments.figure is not None:
        from catmouse.plots.cells_figure import draw_cells

        with wrong_usage():  # a ValueError: no such format
            draw_cells(results, arguments.cells, caption(results)).savefig(arguments.figure, dpi=130)
    return DONE


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
    total = len(arguments.seeds) * len(arguments.cells) * sum(task.games * task.moves for task in tasks)
    results, done = [], 0
    with tqdm(total=total, unit=" moves", unit_scale=True, disable=arguments.quiet) as bar:
        for task, cell in jobs:
            mistakes, seconds, weights = [], [], 0
            recipe: dict[str, Any] = {}
            for seed in arguments.seeds:
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
                recipe = {name: getattr(run.config, name) for name in TOLD}
                began = time.process_time()
                mistakes.append(learn(run, bar, task.moves))
                done += task.games * task.moves
                bar.update(done - bar.n)
                seconds.append(time.process_time() - began)
            results.append(Result(task, cell, mistakes, seconds, weights, recipe))
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


def caption(results: list[Result]) -> str:
    """How all of them were trained."""
    one = results[0].recipe
    return (
        f"Every run: {one['optimizer']} at {one['learning_rate']:g}, {one['schedule']} schedule, batch "
        f"{one['batch']}, clip {one['clip']:g}, {one['hidden']} hidden units"
    )


def table(results: list[Result], cells: list[str]) -> str:
    """The results as text: a paragraph a task, a line a cell."""
    told = (
        f"{caption(results)}. One game from every start: mistakes a game, median and worst of the seeds; "
        f"seconds of one core to train, median; BLAS kernel {kernel_name()}."
    )
    lines = [
        textwrap.fill(told, WIDTH),
        "",
        f"  {'cell':<10}{'weights':>10}{'mistakes a game':>17}{'worst':>9}{'perfect seeds':>16}{'CPU s':>10}",
    ]
    for first in range(0, len(results), len(cells)):
        task = results[first].task
        lines += [
            f"{task.name}, {task.moves} moves, {task.games:,} games",
            *(result.line for result in results[first : first + len(cells)]),
        ]
    return "\n".join(lines)
