"""The folder of a run: what lies where, who may write there, and that nothing is lost.

`checkpoint.safetensors` holds all of a run. What else lies there is drawn from it for people and other
programs: the brain alone, the learning curve as CSV, configuration and certificate as JSON.
"""

from __future__ import annotations

import contextlib
import csv
import errno
import io
import os
import re
import stat
from dataclasses import asdict
from pathlib import Path

from filelock import FileLock, Timeout

from agents import certificate, files
from agents.runs.checkpoint import CURVE_COLUMNS, KIND, save_checkpoint
from agents.runs.config import RunConfig
from agents.runs.run import Run

LOCK = "lock"
CHECKPOINT = "checkpoint.safetensors"
BRAIN = "brain.safetensors"
CONFIG = "config.json"
CURVE = "curve.csv"
CERTIFICATE = "certificate.json"
FILES = (CHECKPOINT, BRAIN, CERTIFICATE, CURVE, CONFIG)
LEFTOVER = re.compile(rf"({'|'.join(map(re.escape, FILES))})\.[0-9a-f]{{8}}\.tmp")  # of a killed process
SIGNATURE = re.compile(r"(\d{1,20}\n)?")  # what a lock says; nothing, where its process was killed early


class RunFolderError(ValueError):
    """A folder can't be used for this: another process has it, or it holds another run, or none."""


class RunFolder:
    """A folder in which one run is kept; locked against other processes from making to closing.

    The lock goes with the process: one that is killed leaves none behind. But for what a killed process was
    about to write, nothing is touched until the first `save`. A folder that was made and is still empty in
    the end is taken away again.

    Args:
        path: The folder; made if need be.

    Raises:
        RunFolderError: Another process uses it.
        OSError: It can't be made or written.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._made = [folder for folder in (path, *path.parents) if not folder.exists()]
        path.mkdir(parents=True, exist_ok=True)
        try:
            self._lock = FolderLock(path / LOCK)
        except BaseException:
            self._take_away()
            raise
        if self._lock.signed_before:  # so the folder is ours, and what that process was about to write too
            for name in os.listdir(path):
                if LEFTOVER.fullmatch(name):
                    (path / name).unlink()

    def _take_away(self) -> None:
        """Remove the folders that were made and are empty."""
        with contextlib.suppress(OSError):
            for folder in self._made:
                folder.rmdir()

    @property
    def checkpoint(self) -> Path:
        """The file that holds all of the run."""
        return self.path / CHECKPOINT

    def close(self) -> None:
        """Let others have it. May be called twice."""
        self._lock.release()
        self._take_away()

    def __enter__(self) -> RunFolder:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def take(self, config: RunConfig, overwrite: bool = False) -> bool:
        """See that a new run may be written here: the folder is empty, or holds a run of this program.

        Args:
            config: Of the new run, filled.
            overwrite: Whether any run gives way.

        Returns:
            Whether the run is here already, finished.

        Raises:
            RunFolderError: There is a run that would be lost, or somebody's files.
            OSError: The folder can't be read.
        """
        if not os.path.lexists(self.checkpoint):
            foreign = sorted({*os.listdir(self.path)} - {LOCK})
            if foreign:
                raise RunFolderError(f"{self.path} holds {foreign[0]!r} and no run; take another folder")
            return False
        try:
            saved, _ = files.read(self.checkpoint, KIND)
        except files.BadFileError as error:
            raise RunFolderError(f"take another folder than {self.path}: {error}") from error
        if overwrite:
            return False
        if saved.get("run") != asdict(config):
            held = "a run of another configuration"
        elif saved.get("finished"):
            return True
        else:
            held = f"an unfinished run (--resume {self.path} goes on with it)"
        raise RunFolderError(f"{self.path} holds {held}; take another folder, or say --overwrite")

    def save(self, run: Run) -> None:
        """Write the checkpoint, then what is drawn from it; each file whole or not at all.

        Raises:
            OSError: A file can't be written, or the lock is gone; what was there is intact.
        """
        self._lock.check()
        save_checkpoint(run, self.checkpoint)
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
            told = certificate.certificate(run.brain, run.env, run.certificate, self.path / BRAIN)
            certificate.write(self.path / CERTIFICATE, told)


class FolderLock:
    """A locked file whose text is the number of the process that has it.

    Args:
        path: The file; made if need be. One that is there must be a lock of ours, and a plain file under no
            other name, so that no file of anybody's is written over, by way of a link or not.

    Attributes:
        signed_before: Whether a process that was killed had left its lock.

    Raises:
        RunFolderError: Another process has it.
        OSError: It can't be opened, or not be locked on this file system.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self.signed_before = False
        there_before = os.path.lexists(path)
        self._lock = FileLock(
            path, blocking=False, thread_local=False, fallback_to_soft=False, on_acquired=self._sign
        )
        try:
            with contextlib.suppress(FileNotFoundError):
                # Looked at before, because filelock up to 4.0 empties what it has locked.
                there = path.lstat()
                if not stat.S_ISREG(there.st_mode) or there.st_nlink != 1:
                    raise OSError(errno.EINVAL, "no plain file of its own")
                with contextlib.suppress(PermissionError):  # Windows: another process has it
                    with path.open("rb") as file:
                        if not SIGNATURE.fullmatch(file.read(64).decode("latin-1")):
                            raise OSError(errno.EINVAL, "a file that is no lock of this program")
                    self.signed_before = there.st_size > 0
            self._lock.acquire()
        except Timeout:
            holder = "unknown"
            with contextlib.suppress(OSError):
                holder = path.read_text(errors="replace")[:20].strip() or holder
            raise RunFolderError(f"{path.parent} is used by another process (number {holder})") from None
        except OSError as error:
            if not there_before:
                with contextlib.suppress(OSError):
                    if path.lstat().st_size == 0:
                        path.unlink()
            raise OSError(error.errno, f"can't be locked: {error.strerror}", str(path)) from error

    def _sign(self, file: int) -> None:
        self._status = os.fstat(file)
        os.ftruncate(file, 0)
        os.write(file, f"{os.getpid()}\n".encode())

    def check(self) -> None:
        """See that this process still has the folder; OSError if the lock was removed or replaced by hand."""
        with contextlib.suppress(FileNotFoundError):
            if os.path.samestat(self._path.lstat(), self._status):
                return
        raise OSError(errno.ESTALE, "the lock was removed, another process may be writing", str(self._path))

    def release(self) -> None:
        """Remove the file and let others lock a new one. May be called twice."""
        if self._lock.is_locked:
            # Before unlocking, when nobody else can have locked this file; and not one that another process
            # has made after this was removed by hand.
            with contextlib.suppress(OSError):
                if os.path.samestat(self._path.lstat(), self._status):
                    self._path.unlink()
            self._lock.release()
