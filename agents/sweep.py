"""Sweeps: many runs, one for each combination of settings and seed, on many cores or many machines."""

from __future__ import annotations

import itertools
import json
import os
import time
from collections.abc import Callable, Generator, Iterator
from dataclasses import fields
from pathlib import Path
from typing import Any, get_type_hints

from agents.configuration import RunConfig, kind_of
from agents.trainer import TrainingError
from agents.training import Run, train

RETRIES = 3  # how often a job whose worker dies is begun again
ROOM = "room"  # short for width and height: room=6x6,8x8

Job = dict[str, Any]
"""Fields of `RunConfig` that a job sets, the seed among them."""


class SweepError(RuntimeError):
    """Workers die again and again: some jobs can't be done."""


def jobs_of(grid: list[str], seeds: int) -> list[Job]:
    """The jobs of a grid.

    Args:
        grid: Axes such as "hidden=16,32", "cell=elman,gru", "room=6x6,8x8"; every combination is run.
        seeds: Each combination is run with the seeds 0 to seeds - 1.

    Returns:
        The jobs, in the order of the grid, seeds fastest.

    Raises:
        ValueError: An axis is malformed, or names or values are none that `RunConfig` has.
    """
    if seeds < 1:
        raise ValueError(f"seeds must be at least 1, got {seeds}")
    axes: dict[str, list[Job]] = {}
    for axis in grid:
        name, equals, values = axis.partition("=")
        name = name.replace("-", "_")
        if not equals or not values:
            raise ValueError(f"an axis of the grid looks like hidden=16,32, got {axis!r}")
        if name in axes or name == "seed":
            raise ValueError(f"{name} must be said once (seed: with --seeds), got {axis!r}")
        axes[name] = [settings(name, value) for value in values.split(",")]
    jobs = [
        {key: value for part in parts for key, value in part.items()}
        for parts in itertools.product(*axes.values(), [{"seed": seed} for seed in range(seeds)])
    ]
    for job in jobs[::seeds]:
        Run(RunConfig(**job)).env.close()  # what can't be run is said now, not an hour later
    return jobs


def settings(name: str, text: str) -> Job:
    """One value of an axis, from text, by the type of the field; ValueError if it does not fit."""
    if name == ROOM:
        width, by, height = text.partition("x")
        if not (by and width.isdigit() and height.isdigit()):
            raise ValueError(f"a room looks like 6x8, got {text!r}")
        return {"width": int(width), "height": int(height)}
    if name not in {field.name for field in fields(RunConfig)}:
        raise ValueError(f"{name!r} is no setting of a run; see train_supervised.py --help")
    kind, _ = kind_of(get_type_hints(RunConfig)[name])
    if kind is bool:
        if text not in ("true", "false"):
            raise ValueError(f"{name} must be true or false, got {text!r}")
        return {name: text == "true"}
    try:
        return {name: kind(text)}
    except ValueError:
        raise ValueError(f"{name} must be of type {kind.__name__}, got {text!r}") from None


def do(job: Job) -> dict[str, Any]:
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
    seconds = time.process_time() - began
    certificate = run.finish()
    return {
        "job": job,
        "games": run.trainer.games_played,
        "seconds": round(seconds, 3),
        "met": run.met,
        "mistakes_per_game": certificate.mistakes_per_game,
        "compass_error_per_game": certificate.compass_error_per_game,
        "perfect_starts": certificate.perfect_starts,
        "starts": certificate.starts,
        "mean_return": certificate.mean_return,
        "survival_rate": certificate.survival_rate,
    }


class Results:
    """Results in a file of JSON lines, each written when it is known.

    Args:
        path: The file; one that is there is gone on with.

    Attributes:
        rows: What is known, as `do` returns it.

    Raises:
        ValueError: The file holds something else.
        OSError: It can't be read or written.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.rows: list[dict[str, Any]] = []
        text = path.read_text() if path.exists() else ""
        whole, _, torn = text.rpartition("\n")
        for number, line in enumerate(whole.splitlines(), start=1):
            try:
                self.rows.append({**json.loads(line), "job": dict(json.loads(line)["job"])})
            except (ValueError, TypeError, KeyError):
                raise ValueError(f"{path}, line {number}, is no result of a sweep") from None
        if torn:  # the writer was interrupted in the middle of a line
            path.write_text(whole + "\n" if whole else "")

    def add(self, row: dict[str, Any]) -> None:
        """Append a result; it is on the disk when this returns."""
        with self.path.open("a") as file:
            file.write(json.dumps(row) + "\n")
            file.flush()
            os.fsync(file.fileno())
        self.rows.append(row)

    def of(self, jobs: list[Job]) -> list[dict[str, Any]]:
        """The results of these jobs, in their order, of those that are known."""
        known = {key_of(row["job"]): row for row in self.rows}
        return [known[key_of(job)] for job in jobs if key_of(job) in known]

    def missing(self, jobs: list[Job]) -> list[Job]:
        """The jobs that have no result yet, or only an error."""
        known = {key_of(row["job"]) for row in self.rows if "error" not in row}
        return [job for job in jobs if key_of(job) not in known]


def key_of(job: Job) -> str:
    """What tells a job from the others."""
    return json.dumps(job, sort_keys=True)


def finished(
    jobs: list[Job],
    work: Callable[[Job], dict[str, Any]] = do,
    workers: int = -1,
    ray_address: str | None = None,
) -> Generator[dict[str, Any], None, None]:
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
        SweepError: Workers died without a single job being finished in between, too often.
        ModuleNotFoundError: joblib, or Ray, is not installed.
        ConnectionError: There is no cluster at that address.
    """
    from joblib import Parallel, delayed, parallel_config

    backend = {"backend": "loky"} if ray_address is None else ray_backend(ray_address)
    dead = tuple(deaths(ray_address is not None))
    waiting, tries = list(jobs), 0
    while waiting:
        with parallel_config(n_jobs=workers, **backend):
            parallel = Parallel(return_as="generator_unordered", batch_size=1, pre_dispatch="n_jobs")
            try:
                for row in parallel(delayed(work)(job) for job in waiting):
                    waiting.remove(row["job"])
                    tries = 0
                    yield row
            except dead as error:
                tries += 1
                if tries > RETRIES:
                    raise SweepError(
                        f"workers died {tries} times in a row, {len(waiting)} jobs are left: {error}"
                    ) from error
                # Those that were under way come last now, so that a job that kills its worker does not
                # keep the others from being done.
                under_way = max(1, parallel._effective_n_jobs() if workers < 0 else workers)
                waiting = waiting[under_way:] + waiting[:under_way]


def deaths(on_ray: bool) -> Iterator[type[Exception]]:
    """What is raised when a worker dies."""
    from concurrent.futures.process import BrokenProcessPool

    yield BrokenProcessPool
    if on_ray:
        from ray.exceptions import RayError

        yield RayError


def ray_backend(address: str) -> dict[str, Any]:
    """Connect to a Ray cluster and tell joblib of it; what `joblib.parallel_config` wants."""
    import ray
    from joblib import register_parallel_backend
    from ray.util.joblib.ray_backend import RayBackend

    class Backend(RayBackend):  # type: ignore[misc]
        # joblib says no for its parent's sake, a pool of processes of its own, which gets stuck when one
        # of them dies. Ray's pool does not: an actor that dies is made anew and its job is done again.
        supports_return_generator = True
        _pool: Any = None

        def terminate(self) -> None:
            """Let the workers go: at once, without waiting for what an interrupted sweep left running."""
            if self._pool is not None:
                for actor, _ in self._pool._actor_pool:
                    ray.kill(actor)
                self._pool = None

    ray.init(address=address, ignore_reinit_error=True, log_to_driver=False)
    register_parallel_backend("catmouse_ray", Backend)
    return {
        "backend": "catmouse_ray",
        "ray_remote_args": {"max_restarts": -1, "max_task_retries": RETRIES, "num_cpus": 1},
    }
