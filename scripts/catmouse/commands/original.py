"""The article's table, from our own brain and world: games to so many errors a game, beside the article's."""

from __future__ import annotations

import argparse
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

import catmouse_env  # noqa: F401  (registers the environments)
from agents.original import PRESET
from agents.runs.checkpoint import save_checkpoint
from agents.runs.config import RunConfig
from agents.runs.results import Job
from agents.runs.run import Run
from agents.threads import kernel_name
from agents.trainer import TrainingError
from catmouse.command_line import (
    DONE,
    MISSED,
    Failed,
    Parser,
    install,
    installed,
    ranged,
    wrong_usage,
)
from catmouse.console import progress_bar
from catmouse.experiments.original_claims import SHORT, measure_claims
from catmouse.stopping import Stopping
from catmouse.unfinished import Due, add_keeping, kept_run, unfinished

ARTICLE_TARGET = 1.2
ARTICLE = {16: (716_342, "8m40s"), 32: (239_721, "3m29s"), 64: (216_513, "3m13s"), 128: (279_732, "5m45s")}
MAX_GAMES = 10_000_000
CURVE_STEP = 1.03  # between two points of the learning curve
GAMES_A_LOOK = 1_000  # between two looks at the clock


@dataclass
class Row:
    """What came of one brain.

    Attributes:
        hidden: Hidden units.
        seed: Of the random stream.
        game: The game after which the error was below the target, numbered from 0; None: it never was.
        seconds: That it took.
        games_per_second: While it did.
        recipe_seconds: That the default recipe takes to the same error with as many hidden units, or None.
        curve: (games, errors a game).
    """

    hidden: int
    seed: int
    game: int | None = None
    seconds: float = 0.0
    games_per_second: float = 0.0
    recipe_seconds: float | None = None
    curve: list[tuple[int, float]] = field(default_factory=list)


def parse(arguments: list[str] | None = None) -> argparse.Namespace:
    parser = Parser("original", __doc__, missed="a brain did not come down to the target within --games")
    parser.add_argument(
        "--hidden",
        type=ranged(1),
        nargs="+",
        default=list(ARTICLE),
        metavar="N",
        help="hidden units, a row each (default: the article's 16 32 64 128)",
    )
    parser.add_argument(
        "--target",
        type=float,
        default=ARTICLE_TARGET,
        metavar="ERRORS",
        help="errors a game at which to stop (default: %(default)s)",
    )
    parser.add_seeds([0], "of the random stream, a row each; 0 is the article's")
    parser.add_number("--games", MAX_GAMES, "games to play at the most, each row")
    parser.add_figure(Path("original.png"))
    parser.add_argument(
        "--claims", action="store_true", help="measure the article's other claims instead, over three seeds"
    )
    parser.add_number("--long-games", 3_000_000, "games of the longest runs of --claims", least=SHORT)
    parser.add_number("--workers", 2, "brains that --claims trains side by side")
    add_keeping(parser, "original")
    parser.add_quiet()
    parsed = parser.read(arguments)
    if not parsed.target > 0:
        parser.error(f"--target must be above 0, got {parsed.target}")
    return parsed


def main(arguments: list[str] | None = None) -> int:
    parsed = parse(arguments)
    try:
        with wrong_usage():
            return measure_claims(parsed) if parsed.claims else table(parsed)
    except TrainingError as error:
        raise Failed(error, MISSED) from error


def table(parsed: argparse.Namespace) -> int:
    """Train a brain a row, print the rows, draw the curves."""
    jobs = [
        {"hidden": hidden, "seed": seed, "target": parsed.target, "games": parsed.games}
        for hidden in dict.fromkeys(parsed.hidden)
        for seed in dict.fromkeys(parsed.seeds)
    ]
    draws = installed("matplotlib")
    with unfinished(parsed, jobs, row_from, [parsed.figure.parent] if draws else []) as work:
        print(
            f"Games to fewer than {parsed.target:g} errors a game, numbered from 0; BLAS kernel "
            f"{kernel_name()}\n"
        )
        print(
            f"{'hidden':>6} {'seed':>4} {'games':>9} {'article':>7} {'':6} {'games/s':>7} {'seconds':>7} "
            f"{'2016':>5} {'default recipe':>21}"
        )
        for known in work.rows:
            print(line(row_from(known), parsed.target))
        for job in work.left:
            row = reproduce(job, work.checkpoint(job), parsed.quiet)
            row.recipe_seconds = recipe_seconds(row.hidden, row.seed, parsed.target)
            work.add({"job": job, "row": asdict(row)})
            print(line(row, parsed.target), flush=True)
        rows = [row_from(row) for row in work.rows]
        if draws:
            from catmouse.plots.original_figure import draw_original

            draw_original([(row.hidden, row.seed, row.curve) for row in rows], parsed.target, parsed.figure)
    if draws:
        print(f"\nLearning curves in {parsed.figure}")
    else:
        print(f"\nNo figure: it needs matplotlib, {install('plots')}")
    return DONE if all(row.game is not None for row in rows) else MISSED


def row_from(kept: dict[str, Any]) -> Row:
    """A row that was kept; KeyError, TypeError or ValueError if it is none."""
    row = Row(**kept["row"])
    row.curve = [(int(games), float(error)) for games, error in row.curve]
    line(row, ARTICLE_TARGET)
    return row


def reproduce(job: Job, path: Path, quiet: bool) -> Row:
    """Train one brain as the original program did, until its error is below the target.

    Args:
        job: Hidden units, seed, target, and games at the most.
        path: Where it is kept until it is done.
        quiet: No progress bar.

    Raises:
        KeyboardInterrupt: It was stopped, and is kept.
    """
    hidden, seed, target, games = job["hidden"], job["seed"], job["target"], job["games"]
    config = RunConfig(**{**PRESET, "hidden": hidden, "seed": seed, "games": games})
    run, kept = kept_run(config, path, {"games": (), "errors": (), "seconds": ()})
    trainer = run.trainer
    row = Row(hidden, seed, seconds=float(kept["seconds"][-1]) if len(kept["seconds"]) else 0.0)
    row.curve = [
        (int(count), float(error)) for count, error in zip(kept["games"], kept["errors"], strict=True)
    ]
    next_point = int(row.curve[-1][0] * CURVE_STEP) + 1 if row.curve else 1
    expected = ARTICLE[hidden][0] + 1 if is_the_articles(row, target) else None
    bar = progress_bar(
        expected,
        "games",
        quiet,
        unit_scale=True,
        desc=f"hidden {hidden}",
        leave=False,
        initial=trainer.games_played,
    )
    began, before, due = time.perf_counter(), row.seconds, Due()

    def keep() -> None:
        row.seconds = before + time.perf_counter() - began
        counts, errors = np.array(row.curve, np.float64).reshape(-1, 2).T
        seconds = np.full(len(row.curve), row.seconds)
        save_checkpoint(run, path, {"games": counts, "errors": errors, "seconds": seconds})

    with Stopping() as stopping, bar:
        keep()
        while row.game is None and trainer.games_played < games:
            trainer.update()
            error = trainer.smoothed_error
            if error < target:
                row.game = trainer.games_played - 1
            if trainer.games_played >= next_point or row.game is not None:
                row.curve.append((trainer.games_played, error))
                next_point = int(trainer.games_played * CURVE_STEP) + 1
            if trainer.games_played % GAMES_A_LOOK == 0 and row.game is None:
                if stopping.wanted:
                    keep()
                    raise KeyboardInterrupt
                if due():
                    keep()
                bar.set_postfix_str(f"{error:.3f} errors a game", refresh=False)
                bar.update(GAMES_A_LOOK)
    row.seconds = before + time.perf_counter() - began
    row.games_per_second = trainer.games_played / row.seconds
    return row


def recipe_seconds(hidden: int, seed: int, target: float) -> float | None:
    """Seconds that the default recipe takes to the same smoothed error; None if it doesn't get there."""
    run = Run(RunConfig(hidden=hidden, seed=seed, measure="error", target=target))
    began = time.perf_counter()
    while not run.finished:
        run.trainer.update()
    return time.perf_counter() - began if run.met else None


def is_the_articles(row: Row, target: float) -> bool:
    """Whether the article's table has this row."""
    return row.seed == 0 and target == ARTICLE_TARGET and row.hidden in ARTICLE


def line(row: Row, target: float) -> str:
    """A row as it is printed."""
    game = "not met" if row.game is None else f"{row.game:,}"
    games, clock, match = "", "", ""
    if is_the_articles(row, target):
        number, clock = ARTICLE[row.hidden]
        games = f"{number:,}"
        if row.game is not None:
            match = "exact" if row.game == number else f"{row.game / number - 1:+.1%}"
    recipe = "not met"
    if row.recipe_seconds is not None:
        recipe = f"{row.recipe_seconds:.2f} s, {row.seconds / row.recipe_seconds:,.0f}x sooner"
    return (
        f"{row.hidden:>6} {row.seed:>4} {game:>9} {games:>7} {match:6} {row.games_per_second:>7,.0f} "
        f"{row.seconds:>7.1f} {clock:>5} {recipe:>21}"
    )
