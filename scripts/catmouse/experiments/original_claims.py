"""The article's other claims about its program, each measured over several seeds and answered."""

from __future__ import annotations

import argparse
import contextlib
import time
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np

from agents.original import PRESET
from agents.runs.checkpoint import save_checkpoint
from agents.runs.config import RunConfig
from agents.runs.results import Row
from agents.runs.workers import run_jobs
from agents.threads import kernel_name
from catmouse.console import progress_bar
from catmouse.unfinished import Due, Unfinished, kept_run, unfinished

SEEDS = (0, 1, 2)
SIZES = (16, 32, 64, 128)
RATES = (0.01, 0.03, 0.1, 0.3)
SHORT = 100_000
MILLION = 1_000_000
STEP = 1_000  # games between two points of a curve
SHOWN = (3_000, 10_000, 30_000, 100_000)


@dataclass(frozen=True)
class Job:
    """One brain to train."""

    hidden: int
    rate: float
    seed: int
    games: int


def measure_claims(parsed: argparse.Namespace) -> int:
    """Train all brains, print the figures and the answers.

    Args:
        parsed: `long_games` of the longest runs, one a seed; `workers`, brains that learn side by side; and
            the options of `catmouse.unfinished`.
    """
    # The short ones first, so that there is something to see soon.
    jobs = [Job(hidden, 0.1, seed, SHORT) for hidden in SIZES[1:] for seed in SEEDS]
    jobs += [Job(16, rate, seed, SHORT) for rate in RATES if rate != 0.1 for seed in SEEDS]
    jobs += [Job(16, 0.1, seed, parsed.long_games) for seed in SEEDS]
    began = time.perf_counter()
    with unfinished(parsed, [asdict(job) for job in jobs], check_row) as work:
        curves = train_all(jobs, work, parsed.workers, parsed.quiet)
        print(
            f"{sum(job.games for job in jobs):,} games in {time.perf_counter() - began:,.0f} s; "
            f"BLAS kernel {kernel_name()}\n\n"
            f"Smoothed errors a game after so many games: mean (least-most of seeds {listed(SEEDS)})"
        )
        for answer in answers(curves, parsed.long_games):
            print(f"\n{answer}", flush=True)
    return 0


def check_row(row: Row) -> None:
    """KeyError, TypeError or ValueError unless `train` told it."""
    if np.array(row["curve"], np.float64).shape != (row["job"]["games"] // STEP,):
        raise ValueError("its curve is none of so many games")


def train_all(jobs: list[Job], work: Unfinished, workers: int, quiet: bool) -> dict[Job, np.ndarray]:
    """The smoothed error of each after every `STEP` games, (games / STEP,)."""
    total, left = sum(job.games for job in jobs), work.left
    done = total - sum(job["games"] for job in left)
    tasks = [{"job": job, "path": str(work.checkpoint(job))} for job in left]
    with (
        progress_bar(total, "games", quiet, unit_scale=True, initial=done) as bar,
        contextlib.closing(run_jobs(tasks, train, workers)) as rows,
    ):
        for row in rows:
            bar.update(row.pop("played"))
            if not row.pop("unfinished"):
                work.add(row)
    return {job: np.array(row["curve"]) for job, row in zip(jobs, work.rows, strict=True)}


def train(task: dict[str, Any]) -> Row:
    """Train one brain for some seconds, on from where it was kept; its error after every `STEP` games."""
    import_module("catmouse_env")  # registers the environments
    job, path, due = task["job"], Path(task["path"]), Due()
    options = {"hidden": job["hidden"], "learning_rate": job["rate"], "seed": job["seed"]}
    run, kept = kept_run(RunConfig(**{**PRESET, **options, "games": job["games"]}), path, {"curve": ()})
    trainer, curve = run.trainer, kept["curve"].tolist()
    before = trainer.games_played
    while (left := len(curve) < job["games"] // STEP) and not due():
        for _ in range(STEP):
            trainer.update()
        curve.append(trainer.smoothed_error)
    save_checkpoint(run, path, {"curve": np.array(curve)})
    return {"job": job, "curve": curve, "played": trainer.games_played - before, "unfinished": left}


def answers(curves: dict[Job, np.ndarray], long_games: int) -> Iterable[str]:
    """Each claim with its figures, in the order of the article."""

    def errors(hidden: int, rate: float, games: int) -> np.ndarray:
        """After so many games, of each seed."""
        return np.array(
            [
                curve[games // STEP - 1]
                for job, curve in curves.items()
                if (job.hidden, job.rate) == (hidden, rate)
            ]
        )

    def rows(heading: str, kinds: Iterable[tuple[str, int, float]]) -> list[str]:
        """A line a kind of brain: its name, and its errors after each number of `SHOWN`."""
        return [
            f"  {heading:>6}" + "".join(f"{games:>18,}" for games in SHOWN),
            *(
                f"  {kind:>6}" + "".join(f"{told(errors(hidden, rate, n)):>18}" for n in SHOWN)
                for kind, hidden, rate in kinds
            ),
        ]

    yield "\n".join(
        [
            "Below 100,000 games the size hardly matters; all come down to about 2 errors.",
            *rows("hidden", [(str(size), size, 0.1) for size in SIZES]),
        ]
    )
    small = [curves[Job(16, 0.1, seed, long_games)][: SHORT // STEP] for seed in SEEDS]
    for size, saying in (
        (64, "64 hidden units need about 30,000 games to catch up with the small ones."),
        (128, "Yet 128 hidden units are much quicker to train."),
    ):
        large = [curves[Job(size, 0.1, seed, SHORT)] for seed in SEEDS]
        caught = [catching_up(*pair) for pair in zip(large, small, strict=True)]
        on_average = catching_up(np.mean(large, axis=0), np.mean(small, axis=0))
        ahead = [first_ahead(*pair) for pair in zip(large, small, strict=True)]
        yield (
            f"{saying}\n"
            f"  {size} is last behind 16 after {listed(caught)} games,\n"
            f"  the mean of the seeds after {on_average:,};\n"
            f"  it is ahead first after {listed(ahead)}"
        )
    yield "\n".join(
        ["The training rate matters little.", *rows("rate", [(f"{rate:g}", 16, rate) for rate in RATES])]
    )
    for games, claim in ((MILLION, 1.4), (3 * MILLION, 1.0)):
        if games <= long_games:
            yield (
                f"{claim} errors a game after {games:,} games with 16 hidden units.\n"
                f"  {told(errors(16, 0.1, games))}"
            )


def listed(numbers: Iterable[int]) -> str:
    """Numbers in a row."""
    return ", ".join(f"{number:,}" for number in numbers)


def told(errors: np.ndarray) -> str:
    """Mean, least and most."""
    return f"{errors.mean():.2f} ({errors.min():.2f}-{errors.max():.2f})"


def first_ahead(large: np.ndarray, small: np.ndarray) -> int:
    """After how many games the large brain, behind at first, is ahead; 0 if it was never behind."""
    behind = np.cumsum(large > small) > 0
    ahead = np.flatnonzero(behind & (large <= small))
    return int(ahead[0] + 1) * STEP if ahead.size else (len(large) * STEP if behind.any() else 0)


def catching_up(large: np.ndarray, small: np.ndarray) -> int:
    """The number of games after which the large brain is never again behind the small one."""
    behind = np.flatnonzero(large > small)
    return 0 if not behind.size else int(behind[-1] + 1) * STEP
