"""The article's table, from our own brain and world: games to so many errors a game, beside the article's."""

from __future__ import annotations

import argparse
import importlib.util
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

from tqdm import tqdm

import catmouse_env  # noqa: F401  (registers the environments)
from agents.original import PRESET
from agents.runs.config import RunConfig
from agents.runs.run import Run
from agents.trainer import TrainingError
from catmouse.original_claims import SHORT, measure_claims
from catmouse.stopping import STOPPED, Stopping

NAME = "reproduce_original.py"
NEEDS_MATPLOTLIB = 'No picture: it needs matplotlib, pip install ".[plots]"'
ARTICLE_TARGET = 1.2
ARTICLE = {16: (716_342, "8m40s"), 32: (239_721, "3m29s"), 64: (216_513, "3m13s"), 128: (279_732, "5m45s")}
MOST_GAMES = 10_000_000
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
    parser = argparse.ArgumentParser(
        description=__doc__,
        epilog="Exit status: 0 every brain came down to the target, 1 one did not within --games, 2 wrong "
        "usage or a file that can't be written, 130 interrupted.",
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
    )
    parser.add_argument(
        "--hidden", type=int, nargs="+", default=list(ARTICLE), help="hidden units, a row each"
    )
    parser.add_argument("--target", type=float, default=ARTICLE_TARGET, help="errors a game at which to stop")
    parser.add_argument(
        "--seeds",
        type=int,
        nargs="+",
        default=[0],
        help="of the random stream, a row each; 0 is the article's",
    )
    parser.add_argument("--games", type=int, default=MOST_GAMES, help="games to play at the most, each row")
    parser.add_argument(
        "--picture", type=Path, default=Path("original.png"), help="where the learning curves are drawn"
    )
    parser.add_argument(
        "--claims", action="store_true", help="measure the article's other claims instead, over three seeds"
    )
    parser.add_argument(
        "--long-games", type=int, default=3_000_000, help="games of the longest runs of --claims"
    )
    parser.add_argument("--processes", type=int, default=2, help="brains that --claims trains side by side")
    parser.add_argument("--quiet", action="store_true", help="no progress bars")
    parsed = parser.parse_args(arguments)
    if min(*parsed.hidden, parsed.games, parsed.processes, parsed.long_games) < 1 or min(parsed.seeds) < 0:
        parser.error("--hidden, --games, --long-games and --processes take numbers from 1, --seeds from 0")
    if parsed.long_games < SHORT:
        parser.error(f"--long-games must be at least {SHORT:,}, got {parsed.long_games:,}")
    if not parsed.picture.parent.is_dir():
        parser.error(f"--picture must go into a folder that exists, got {parsed.picture}")
    if not parsed.target > 0:
        parser.error(f"--target must be above 0, got {parsed.target}")
    return parsed


def main(arguments: list[str] | None = None) -> int:
    parsed = parse(arguments)
    try:
        if parsed.claims:
            return measure_claims(parsed.long_games, parsed.processes, parsed.quiet)
        return table(parsed)
    except KeyboardInterrupt:
        return STOPPED
    except (ValueError, OSError, TrainingError) as error:
        print(f"{NAME}: {' '.join(str(error).split())}", file=sys.stderr)
        return 2


def table(parsed: argparse.Namespace) -> int:
    """Train a brain a row, print the rows, draw the curves."""
    print(f"Games to fewer than {parsed.target:g} errors a game, numbered from 0\n")
    print(
        f"{'hidden':>6} {'seed':>4}  {'games':>9} {'article':>9}  {'':8}  {'games/s':>7} {'seconds':>7} "
        f"{'article':>7}  {'default recipe':>24}"
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
    if importlib.util.find_spec("matplotlib") is None:
        print(f"\n{NEEDS_MATPLOTLIB}")
    else:
        from catmouse.plots.original_figure import draw_original

        draw_original([(row.hidden, row.seed, row.curve) for row in rows], parsed.target, parsed.picture)
        print(f"\nLearning curves in {parsed.picture}")
    return 0 if all(row.game is not None for row in rows) else 1


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
        recipe = f"{row.recipe_seconds:.2f} s, {row.seconds / row.recipe_seconds:,.0f} times sooner"
    return (
        f"{row.hidden:>6} {row.seed:>4}  {game:>9} {games:>9}  {match:8}  {row.games_per_second:>7,.0f} "
        f"{row.seconds:>7.1f} {clock:>7}  {recipe:>24}"
    )
