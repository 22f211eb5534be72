"""What a long command has done so far, kept in a folder: the same command with --resume goes on there."""

from __future__ import annotations

import contextlib
import hashlib
import json
import time
from argparse import Namespace
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from agents import files
from agents.runs.checkpoint import load_beside, load_checkpoint
from agents.runs.config import RunConfig
from agents.runs.lock import LOCK, LockedFolder, need_room
from agents.runs.results import Job, Results, Row, job_key
from agents.runs.run import Run
from agents.trainer import TrainingError
from catmouse.command_line import STOPPED, WRONG_USAGE, Failed, Parser, wrong_usage
from catmouse.console import progress_bar

ABOUT, RESULTS = "about.json", "results.jsonl"
SAVE_SECONDS = 5.0  # between two times that a job is saved which is not finished


class Unfinished:
    """Independent jobs, what came of those that are done, and checkpoints of those that are not.

    Args:
        folder: Where all is kept.
        jobs: What is to be done; what tells one from the others is all that decides its result.
        results: What is known.
    """

    def __init__(self, folder: LockedFolder, jobs: list[Job], results: Results) -> None:
        self.path = folder.path
        self.jobs = jobs
        self._folder = folder
        self._results = results

    @property
    def left(self) -> list[Job]:
        """The jobs that are not done."""
        return self._results.missing(self.jobs)

    @property
    def rows(self) -> list[Row]:
        """What came of those that are done, in the order of the jobs."""
        return self._results.select(self.jobs)

    @property
    def begun(self) -> bool:
        """Whether there is anything to go on with."""
        return bool(self._results.rows) or any(self.checkpoint(job).exists() for job in self.jobs)

    def carry_out(
        self, measure: Callable[[Job], Row], unit: str, quiet: bool, told: str | None = None
    ) -> list[Row]:
        """Do what is left, a job after the other, under a progress bar; what came of all.

        Args:
            measure: Does a job and gives what came of it, without the job itself.
            unit: Of the bar: what jobs make.
            quiet: No bar.
            told: What the bar says of a job: a text with names of its fields in braces.
        """
        left = self.left
        with progress_bar(len(self.jobs), unit, quiet, initial=len(self.jobs) - len(left)) as bar:
            for job in left:
                if told is not None:
                    bar.set_description(told.format(**job))
                self.add({"job": job, **measure(job)})
                bar.update()
        return self.rows

    def checkpoint(self, job: Job) -> Path:
        """The file in which a job is kept that is not finished."""
        return checkpoint_path(self.path, job)

    def add(self, row: Row) -> None:
        """Keep a result, `{"job": ..., ...}`; it is on the disk when this returns."""
        self._folder.check()
        self._results.add(row)
        self.checkpoint(row["job"]).unlink(missing_ok=True)


def checkpoint_path(folder: Path, job: Job) -> Path:
    """The file in which a job is kept that is not finished."""
    return folder / f"{digest([job])}.safetensors"


def digest(jobs: list[Job]) -> str:
    """A short name for jobs."""
    return hashlib.sha256("\n".join(map(job_key, jobs)).encode()).hexdigest()[:16]


def add_keeping(parser: Parser, name: str) -> None:
    """Add `--keep` and `--resume`."""
    parser.add_argument(
        "--keep",
        type=Path,
        metavar="FOLDER",
        help=f"where what is done so far is kept, until all is done (default: runs/unfinished-{name}-ABCDEF, "
        "named by the options)",
    )
    parser.set_defaults(name=name)
    parser.add_argument(
        "--resume", action="store_true", help="go on where the same command was stopped (default: begin)"
    )


@contextlib.contextmanager
def unfinished(
    parsed: Namespace,
    jobs: list[Job],
    check: Callable[[Row], object] = lambda row: None,
    outputs: Iterable[Path] = (),
) -> Iterator[Unfinished]:
    """Keep what jobs give until this context ends well; told how to go on when it ends otherwise.

    Args:
        parsed: Options, with those of `add_keeping`.
        jobs: What is to be done.
        check: Refuses rows in the file that are none of this command's; see `Results`.
        outputs: Folders that are written to in the end.

    Raises:
        Failed: The folder can't be taken or written; or the work was stopped or could not go on.
    """
    path = parsed.keep or Path("runs") / f"unfinished-{parsed.name}-{digest(jobs)[:6]}"
    with wrong_usage():
        folder = LockedFolder(path, [ABOUT, RESULTS, *(checkpoint_path(path, job).name for job in jobs)])
    with folder:
        fresh = not (path / ABOUT).exists()
        try:
            with wrong_usage():
                take(path, parsed, jobs)
                work = Unfinished(folder, jobs, Results(path / RESULTS, check))
            check_writable({path, *outputs})
        except BaseException:
            if fresh:  # and nothing else is ours yet
                (path / ABOUT).unlink(missing_ok=True)
            raise
        try:
            yield work
        except (KeyboardInterrupt, OSError, MemoryError, Failed) as error:
            stop(error, parsed, work)
        except Exception as error:
            if isinstance(error, TrainingError) or not work.begun:  # to go on would end alike
                clear(path, jobs)
            raise
        clear(path, jobs)
    with contextlib.suppress(OSError):
        path.rmdir()  # of a process before this one


def take(path: Path, parsed: Namespace, jobs: list[Job]) -> None:
    """See that the folder is empty, and sign it; or that it holds the work to go on with. Failed if not."""
    about = {"command": parsed.command, "jobs": digest(jobs)}
    if not (path / ABOUT).exists():
        foreign = sorted({one.name for one in path.iterdir()} - {LOCK})
        if foreign:
            raise Failed(f"{path} holds {foreign[0]!r} and no unfinished work; take another folder")
        if parsed.resume:
            raise Failed(f"{path} holds no work to resume")
        files.write_text(path / ABOUT, json.dumps(about) + "\n")
        return
    try:
        held: Any = json.loads(files.read_text(path / ABOUT, files.MAX_BYTES))
        command, known = str(held["command"]), held["jobs"] == about["jobs"]
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise Failed(f"{path / ABOUT} tells of no unfinished work: {error}") from error
    if not parsed.resume:
        raise Failed(f"{path} holds work that was stopped: {command} --resume goes on; or remove that folder")
    if not known:
        raise Failed(f"{path} holds other work, of {command}: say the same options to resume it")


def check_writable(folders: Iterable[Path]) -> None:
    """See that there is room in some folders, made if need be; Failed if not."""
    for folder in folders:
        try:
            need_room(folder)
        except OSError as error:
            raise Failed(f"{folder} can't be written: {error}") from error


def clear(path: Path, jobs: list[Job]) -> None:
    """Take away what was kept; `ABOUT` last, by which the folder is known."""
    for name in (*(checkpoint_path(path, job).name for job in jobs), RESULTS, ABOUT):
        (path / name).unlink(missing_ok=True)


def stop(error: BaseException, parsed: Namespace, work: Unfinished) -> None:
    """Say why work did not come to its end, and how to go on with it."""
    stopped = isinstance(error, KeyboardInterrupt)
    status = STOPPED if stopped else getattr(error, "status", WRONG_USAGE)
    if isinstance(error, BrokenPipeError):
        raise error
    if not work.begun:
        clear(work.path, work.jobs)
        if not stopped:
            raise error
        raise Failed("stopped; nothing was done that could be kept", STOPPED) from None
    told = "stopped" if stopped else str(error)
    done = f"{len(work.rows)} of {len(work.jobs)} are done, all is kept in {work.path}"
    raise Failed(f"{told}; {done}: {parsed.command} --resume goes on", status) from None


def kept_run(
    config: RunConfig, path: Path, beside: dict[str, tuple[int, ...]]
) -> tuple[Run, dict[str, NDArray[Any]]]:
    """A run as it was kept in a file, and the arrays beside it; a new one if there is no such file.

    Args:
        config: What it must be a run of.
        path: The file, written by `save_checkpoint`.
        beside: The arrays by name, with the shape of each but for its first axis, on which there is
            nothing yet for a new run.

    Raises:
        BadFileError: It is another run, or other arrays.
        ValueError: The configuration can't be run.
    """
    if not path.exists():
        return Run(config), {name: np.zeros((0, *shape)) for name, shape in beside.items()}
    run, kept = load_checkpoint(path, config.env_id), load_beside(path)
    shapes = {name: array.shape[1:] for name, array in kept.items() if array.ndim}
    rows = {len(array) for array in kept.values() if array.ndim}
    if run.config != config.filled() or shapes != beside or len(rows) > 1:
        raise files.BadFileError(f"{path} holds another run")
    return run, kept


class Due:
    """Whether it is time to save again: true every few seconds.

    Args:
        seconds: Between two times.
    """

    def __init__(self, seconds: float = SAVE_SECONDS) -> None:
        self._seconds = seconds
        self._next = time.monotonic() + seconds

    def __call__(self) -> bool:
        if time.monotonic() < self._next:
            return False
        self._next = time.monotonic() + self._seconds
        return True
