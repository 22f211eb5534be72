"""The folder of a run: what lies where, who may write there, and that nothing is lost.

`checkpoint.safetensors` holds all of a run. What else lies there is drawn from it for people and other
programs: the brain alone, the learning curve as CSV, configuration and certificate as JSON.
"""

from __future__ import annotations

import contextlib
import csv
import io
import json
import os
from dataclasses import asdict
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING

from agents import files

if TYPE_CHECKING:
    from agents.configuration import RunConfig
    from agents.training import Run

LOCK = "lock"
CHECKPOINT = "checkpoint.safetensors"
BRAIN = "brain.safetensors"
CONFIG = "config.json"
CURVE = "curve.csv"
CERTIFICATE = "certificate.json"
FILES = (CHECKPOINT, BRAIN, CERTIFICATE, CURVE, CONFIG)

CURVE_COLUMNS = ("games", "compass_error", "mistakes", "certificate_mistakes")
FAR = 1 << 30  # the byte that Windows locks: beyond the text, which others may read


class RunFolderError(ValueError):
    """A folder can't be used for this: another process has it, or it holds another run, or none."""


class RunFolder:
    """A folder in which one run is kept; locked against other processes from making to closing.

    The lock goes with the process: one that is killed leaves none behind.

    Args:
        path: The folder; made if need be.

    Raises:
        RunFolderError: Another process uses it.
        OSError: It can't be made or written.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        path.mkdir(parents=True, exist_ok=True)
        self._lock: int | None = lock(path / LOCK)
        for name in FILES:  # what a killed process was about to write
            for left in path.glob(f"{name}.*.tmp"):
                left.unlink()

    @property
    def checkpoint(self) -> Path:
        """The file that holds all of the run."""
        return self.path / CHECKPOINT

    def close(self) -> None:
        """Let others have it. May be called twice."""
        if self._lock is not None:
            with contextlib.suppress(OSError):
                (self.path / LOCK).unlink()  # before unlocking: nobody else can have locked this file
            os.close(self._lock)
            self._lock = None

    def __enter__(self) -> RunFolder:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def make_room(self, config: RunConfig, overwrite: bool = False) -> None:
        """See that a new run may be written here, and that nothing of another one stays.

        Only a finished run of the very same configuration gives way, for it comes out the same again.

        Args:
            config: Of the new run, filled.
            overwrite: Whether any run gives way.

        Raises:
            RunFolderError: There is a run that would be lost.
        """
        if not overwrite:
            held = self._held(config)
            if held:
                raise RunFolderError(f"{self.path} holds {held}; take another folder, or say --overwrite")
        for name in FILES:
            (self.path / name).unlink(missing_ok=True)

    def _held(self, config: RunConfig) -> str:
        """What would be lost, in words; "" for nothing."""
        if self.checkpoint.exists():
            try:
                saved, _ = files.read(self.checkpoint, "checkpoint")
            except files.BadFileError:
                return "a checkpoint that can't be read"
            if saved.get("run") != asdict(config):
                return "a run of another configuration"
            return (
                "" if saved.get("finished") else f"an unfinished run (--resume {self.path} goes on with it)"
            )
        return "a brain" if (self.path / BRAIN).exists() else ""

    def save(self, run: Run) -> None:
        """Write the checkpoint, then what is drawn from it; each file whole or not at all.

        Raises:
            OSError: A file can't be written; the older one is intact.
        """
        run.save_checkpoint(self.checkpoint)
        run.config.save(self.path / CONFIG)
        run.brain.save(self.path / BRAIN)
        text = io.StringIO()
        rows = csv.writer(text, lineterminator="\n")
        rows.writerow(CURVE_COLUMNS)
        rows.writerows([getattr(point, name) for name in CURVE_COLUMNS] for point in run.curve)
        files.write_text(self.path / CURVE, text.getvalue())
        if run.certificate is None or run.certified != run.trainer.games_played:
            (self.path / CERTIFICATE).unlink(missing_ok=True)
        else:
            files.write_text(self.path / CERTIFICATE, json.dumps(run.certificate.as_dict(), indent=2) + "\n")


def lock(path: Path) -> int:
    """Open and lock a file, made if need be; its text is the process that has it.

    Returns:
        The file, to be kept open.

    Raises:
        RunFolderError: Another process has it.
        OSError: It can't be opened.
    """
    while True:
        file = os.open(path, os.O_RDWR | os.O_CREAT, 0o666)
        try:
            take(file)
        except OSError:
            holder = ""
            with contextlib.suppress(OSError):
                holder = os.read(file, 20).decode(errors="replace").strip()
            os.close(file)
            raise RunFolderError(
                f"{path.parent} is used by another process (number {holder or 'unknown'})"
            ) from None
        # Whoever had it may have removed the file in the meantime; a lock on that would be no lock.
        with contextlib.suppress(FileNotFoundError):
            if os.stat(path).st_ino == os.fstat(file).st_ino:
                break
        os.close(file)
    os.ftruncate(file, 0)
    os.write(file, f"{os.getpid()}\n".encode())
    return file


def take(file: int) -> None:
    """Lock an open file, without waiting; OSError if another process has."""
    try:
        import fcntl
    except ModuleNotFoundError:  # Windows
        import msvcrt

        os.lseek(file, FAR, os.SEEK_SET)
        try:
            msvcrt.locking(file, msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined]
        finally:
            os.lseek(file, 0, os.SEEK_SET)
    else:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
