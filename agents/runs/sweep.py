"""Sweeps: many runs, one for each combination of settings and seed, on many cores or many machines."""

from __future__ import annotations

import itertools
import json
import os
import time
from collections.abc import Callable, Generator, Iterable
from dataclasses import fields
from pathlib import Path
from typing import Any, get_type_hints

from agents.files import read_text, write_text
from agents.runs.config import RunConfig, plain_type
from agents.runs.run import Run, train
from agents.trainer import TrainingError

RETRIES = 3  # how often a job whose worker dies is begun again
FIGURES = (
    *("mistakes_per_game", "compass_error_per_game", "perfect_starts", "starts"),
    *("mean_return", "survival_rate"),
)  # of a certificate that are kept
BEGINNING = '{"job": '  # of each line of results
ROOM = "room"  # short for width and height: room=6x6,8x8

Job = dict[str, Any]
"""Fields of `RunConfig` that a job sets, the seed among them."""
Row = dict[str, Any]
"""What came of a job, as `run_job` tells it."""


class SweepError(RuntimeError):
    """Workers die again and again: some jobs can't be done."""


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


class Results:
    """Results in a file of JSON lines, each written when it is known.

    Args:
        path: The file; one that is there is gone on with.

    Attributes:
        rows: What is known, as `run_job` returns it.

    Raises:
        ValueError: The file holds something else.
        OSError: It can't be read or written.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.rows: list[Row] = []
        text = read_text(path) if path.exists() else ""
        *whole, torn = text.split("\n")
        for number, line in enumerate(whole, start=1):
            try:
                self.rows.append(read_row(line))
            except ValueError:
                raise ValueError(f"{path}, line {number}, is no result of a sweep") from None
        if torn:  # the writer was interrupted in the middle of a line, or before its end
            try:
                self.rows.append(read_row(torn))
            except ValueError:
                if torn[: len(BEGINNING)] != BEGINNING[: len(torn)]:
                    raise ValueError(f"{path} ends with no result of a sweep") from None
                text = text.removesuffix(torn)
            else:
                text += "\n"
            write_text(path, text)  # all at once: a second interruption loses nothing

    def add(self, row: Row) -> None:
        """Append a result; it is on the disk when this returns."""
        with self.path.open("a") as file:
            file.write(json.dumps(row) + "\n")
            file.flush()
            os.fsync(file.fileno())
        self.rows.append(row)

    def select(self, jobs: list[Job]) -> list[Row]:
        """The results of these jobs, in their order, of those that are known."""
        known = {job_key(row["job"]): row for row in self.rows}
        return [known[job_key(job)] for job in jobs if job_key(job) in known]

    def missing(self, jobs: list[Job]) -> list[Job]:
        """The jobs that have no result yet, or only an error."""
        known = {job_key(row["job"]) for row in self.rows if "error" not in row}
        return [job for job in jobs if job_key(job) not in known]


def read_row(line: str) -> Row:
    """A result from a line of JSON; ValueError if it is none that `run_job` tells."""
    try:
        row = json.loads(line)
    except RecursionError as error:
        raise ValueError("it is nested too deeply") from error
    if not (isinstance(row, dict) and isinstance(row.get("job"), dict)):
        raise ValueError("there is no job")
    return row


def job_key(job: Job) -> str:
    """What tells a job from the others."""
    return json.dumps(job, sort_keys=True)


def run_jobs(
    jobs: list[Job],
    work: Callable[[Job], Row] = run_job,
    workers: int = -1,
    ray_address: str | None = None,
) -> Generator[Row, None, None]:
    """Do jobs side by side; their results in the order in which they come.

    When a worker dies (out of memory, killed, its machine gone), the jobs that it took along are begun
    again, up to `RETRIES` times; all others go on.

    Args:
        jobs: What to do.
        work: Does a job in a process of its own, so it must import what registers the environments.
        workers: Processes; -1: as many as there are cores, here or in the cluster.
        ray_address: Where a Ray cluster listens ("auto": one on this machine); None: this machine's cores.

    Yields:
        What `work` returns, job by job.

    Raises:
        SweepError: Workers died too often; all jobs that can be done are done.
        ModuleNotFoundError: joblib, or Ray, is not installed.
        ConnectionError: There is no cluster at that address.
    """
    if ray_address is None:
        return run_here(jobs, work, workers)
    return run_on_ray(jobs, work, workers, ray_address)


def run_here(jobs: list[Job], work: Callable[[Job], Row], workers: int) -> Generator[Row, None, None]:
    """`run_jobs` on this machine's cores."""
    from concurrent.futures.process import BrokenProcessPool

    from joblib import Parallel, delayed, effective_n_jobs

    waiting, tries = list(jobs), 0
    while waiting:
        parallel = Parallel(
            workers, "loky", return_as="generator_unordered", batch_size=1, pre_dispatch="n_jobs"
        )
        try:
            for row in parallel(delayed(work)(job) for job in waiting):
                waiting.remove(row["job"])
                tries = 0
                yield row
        except BrokenProcessPool as error:
            tries += 1
            if tries > RETRIES:
                raise SweepError(
                    f"workers died {tries} times in a row, {len(waiting)} jobs are left: {error}"
                ) from error
            # Those that were under way come last now, so that a job that kills its worker does not
            # keep the others from being done.
            under_way = effective_n_jobs(workers)
            waiting = waiting[under_way:] + waiting[:under_way]


def run_on_ray(
    jobs: list[Job], work: Callable[[Job], Row], workers: int, address: str
) -> Generator[Row, None, None]:
    """`run_jobs` on a Ray cluster, a task a job; Ray itself begins a task again whose worker died."""
    import ray
    from ray.exceptions import RayError

    ray.init(address=address, ignore_reinit_error=True, log_to_driver=False)
    task = ray.remote(num_cpus=1, max_retries=RETRIES)(work)
    waiting, lost = list(jobs), 0
    under_way: list[Any] = []
    try:
        while waiting or under_way:
            while waiting and (workers < 0 or len(under_way) < workers):
                under_way.append(task.remote(waiting.pop(0)))
            (done,), under_way = ray.wait(under_way)
            try:
                row = ray.get(done)
            except RayError as error:
                lost, cause = lost + 1, error
            else:
                yield row
    finally:  # an interrupted sweep leaves nothing running
        for left in under_way:
            ray.cancel(left, force=True)
    if lost:
        raise SweepError(f"{lost} jobs are left, whose workers died or failed: {cause}") from cause
