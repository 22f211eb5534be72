"""Sweeps: many runs, one for each combination of settings and seed, on many cores or many machines."""

from __future__ import annotations

import itertools
import time
from collections.abc import Iterable
from dataclasses import fields
from typing import get_type_hints

from agents import validation
from agents.runs.config import RunConfig, plain_type
from agents.runs.results import Job, Row
from agents.runs.run import Run, train
from agents.trainer import TrainingError

FIGURES = (
    *("mistakes_per_game", "compass_error_per_game", "perfect_starts", "starts"),
    *("mean_return", "survival_rate"),
)  # of a certificate that are kept
ROOM = "room"  # short for width and height: room=6x6,8x8


def make_jobs(grid: list[str], seeds: Iterable[int]) -> list[Job]:
    """The jobs of a grid.

    Args:
        grid: Axes such as "hidden=16,32", "cell=elman,gru", "room=6x6,8x8"; every combination is run.
        seeds: Each combination is run with each of them.

    Returns:
        The jobs, in the order of the grid, seeds fastest.

    Raises:
        ValueError: An axis is malformed, or names or values are none that `RunConfig` has.
    """
    seeds = tuple(dict.fromkeys(seeds))  # a job is run once
    if not seeds:
        raise ValueError("seeds must be at least one, got none")
    axes: dict[str, list[Job]] = {}
    for axis in grid:
        name, equals, values = axis.partition("=")
        name = name.replace("-", "_")
        if not equals or not values:
            raise ValueError(f"an axis of the grid looks like hidden=16,32, got {axis!r}")
        if name in axes or name == "seed":
            raise ValueError(f"{name} must be said once (seed: with --seeds), got {axis!r}")
        axes[name] = [parse_setting(name, value) for value in values.split(",")]
    axes["seed"] = [{"seed": seed} for seed in seeds]
    jobs = [
        {key: value for part in parts for key, value in part.items()}
        for parts in itertools.product(*axes.values())
    ]
    for job in jobs[:: len(seeds)]:
        Run(RunConfig(**job)).env.close()  # what can't be run is said now, not an hour later
    return jobs


def parse_setting(name: str, text: str) -> Job:
    """One value of an axis, from text, by the type of the field; ValueError if it does not fit."""
    if name == ROOM:
        width, by, height = text.partition("x")
        if not (by and width.isdigit() and height.isdigit()):
            raise ValueError(f"a room looks like 6x8, got {text!r}")
        return {"width": int(width), "height": int(height)}
    if name not in {field.name for field in fields(RunConfig)}:
        raise ValueError(f"{name!r} is no setting of a run; see train_supervised.py --help")
    kind, _ = plain_type(get_type_hints(RunConfig)[name])
    if kind is bool:
        if text not in ("true", "false"):
            raise ValueError(f"{name} must be true or false, got {text!r}")
        return {name: text == "true"}
    try:
        return {name: kind(text)}
    except ValueError:
        raise ValueError(f"{name} must be of type {kind.__name__}, got {text!r}") from None


def run_job(job: Job) -> Row:
    """Train one job's run to its end, in whichever process; never raises for what training does.

    Returns:
        The job, and what came of it: games, seconds of processor time, target met, and the certificate's
        figures; or an error's text.
    """
    began = time.process_time()
    try:
        run = train(RunConfig(**job))
    except (TrainingError, ValueError) as error:
        return {"job": job, "error": str(error)}
    seconds = round(time.process_time() - began, 3)
    figures = {name: getattr(run.finish(), name) for name in FIGURES}
    return {"job": job, "games": run.trainer.games_played, "seconds": seconds, "met": run.met, **figures}


def check_row(row: Row) -> None:
    """See that a row is one that `run_job` tells: KeyError, TypeError or ValueError if not."""
    validation.of_type("seed", row["job"]["seed"], int)
    if "error" in row:
        validation.of_type("error", row["error"], str)
        return
    for name in ("games", "seconds", *FIGURES):
        validation.of_type(name, row[name], float)
    validation.of_type("met", row["met"], bool)
