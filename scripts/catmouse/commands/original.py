"""The article's table, from our own brain and world: games to so many errors a game, beside the article's."""

from __future__ import annotations

import argparse
import time
from dataclasses import dataclass, field
from pathlib import Path

from tqdm import tqdm

import catmouse_env  # noqa: F401  (registers the environments)
from agents.original import PRESET
from agents.runs.config import RunConfig
from agents.runs.run import Run
from agents.threads import kernel_name
from agents.trainer import TrainingError
from catmouse.command_line import (
    DONE,
    MISSED,
    STOPPED,
    Failed,
    Parser,
    install,
    installed,
    ranged,
    wrong_usage,
)
from catmouse.experiments.original_claims import SHORT, measure_claims
from catmouse.stopping import Stopping

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
    parser.add_quiet()
    parsed = parser.read(arguments)
    if not parsed.target > 0:
        parser.error(f"--target must be above 0, got {parsed.target}")
    return parsed


def main(arguments: list[str] | None = None) -> int:
    parsed = parse(arguments)
    try:
        with wrong_usage():
            if parsed.claims:
                return measure_claims(parsed.long_games, parsed.workers, parsed.quiet)
            return table(parsed)
    except TrainingError as error:
        raise Failed(error, MISSED) from error


def table(parsed: argparse.Namespace) -> int:
    """Train a brain a row, print the rows, draw the curves."""
    print(
        f"Games to fewer than {parsed.target:g} errors a game, numbered from 0; BLAS kernel {kernel_name()}\n"
    )
    print(
        f"{'hidden':>6} {'seed':>4} {'games':>9} {'article':>7} {'':6} {'games/s':>7} {'seconds':>7} "
        f"{'2016':>5} {'default recipe':>21}"
    )
    rows = []
    with Stopping() as stopping:
        for hidden in parsed.hidden:
            for seed in parsed.seeds:
                row = reproduce(hidden, seed, parsed.target, parsed.games, stopping, parsed.quiet)
                if stopping.wanted:
                    return STOPPED
                row.recipe_seconds = recipe_seconds(hidden, seed, parsed.target)
                print(line(row, parsed.target), flush=True)
                rows.append(row)
    if not installed("matplotlib"):
        print(f"\nNo figure: it needs matplotlib, {install('plots')}")
    else:
        from catmouse.plots.original_figure import draw_original

        draw_original([(row.hidden, row.seed, row.curve) for row in rows], parsed.target, parsed.figure)
        print(f"\nLearning curves in {parsed.figure}")
    return DONE if all(row.game is not None for row in rows) else MISSED


def reproduce(hidden: int, seed: int, target: float, games: int, stopping: Stopping, quiet: bool) -> Row:
    """Train one brain as the original program did, until its error is below the target."""
    trainer = Run(RunConfig(**{**PRESET, "hidden": hidden, "seed": seed, "games": games})).trainer
    row, next_point = Row(hidden, seed), 1
    expected = ARTICLE[hidden][0] + 1 if is_the_articles(row, target) else None
    bar = tqdm(
        total=expected, unit=" games", unit_scale=True, desc=f"hidden {hidden}", leave=False, disable=quiet
    )
    began = time.perf_counter()
    while row.game is None and trainer.games_played < games:
        trainer.update()
        error = trainer.smoothed_error
        if error < target:
            row.game = trainer.games_played - 1
        if trainer.games_played >= next_point or row.game is not None:
            row.curve.append((trainer.games_played, error))
            next_point = int(trainer.games_played * CURVE_STEP) + 1
        if trainer.games_played % GAMES_A_LOOK == 0:
            if stopping.wanted:
                break
            bar.set_postfix_str(f"{error:.3f} errors a game", refresh=False)
            bar.update(GAMES_A_LOOK)
    row.seconds = time.perf_counter() - began
    row.games_per_second = trainer.games_played / row.seconds
    bar.close()
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
