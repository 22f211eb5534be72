"""A folder that one process at a time writes to: locked, and what a killed process left is taken away."""

from __future__ import annotations

import contextlib
import errno
import os
import re
import stat
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import TypeVar

from filelock import FileLock, Timeout

LOCK = "lock"
SIGNATURE = re.compile(r"(\d{1,20}\n)?")  # what a lock says; nothing, where its process was killed early
ROOM = 1 << 16  # bytes that a disk must have left before work begins whose results are small

Folder = TypeVar("Folder", bound="LockedFolder")


class RunFolderError(ValueError):
    """A folder can't be used for this: another process has it, or it holds another run, or none."""


def need_room(folder: Path) -> None:
    """See that files can be written to a folder, made if need be, before there is work to lose.

    Raises:
        OSError: They can't.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryFile(dir=folder) as probe:
        probe.write(bytes(ROOM))
        probe.flush()
        os.fsync(probe.fileno())


class LockedFolder:
    """A folder, locked against other processes from making to closing.

    The lock goes with the process: one that is killed leaves none behind. But for what a killed process was
    about to write, nothing is touched. A folder that was made and is still empty in the end is taken away
    again.

    Args:
        path: The folder; made if need be.
        names: Of the files that are written here by `agents.files`, whose halves may have been left.

    Raises:
        RunFolderError: Another process uses it.
        OSError: It can't be made or written.
    """

    def __init__(self, path: Path, names: Iterable[str] = ()) -> None:
        self.path = path
        self._made = [folder for folder in (path, *path.parents) if not folder.exists()]
        path.mkdir(parents=True, exist_ok=True)
        try:
            self._lock = FolderLock(path / LOCK)
        except BaseException:
            self._take_away()
            raise
        if self._lock.signed_before:  # so the folder is ours, and what that process was about to write too
            leftover = re.compile(rf"({'|'.join(map(re.escape, names))})\.[0-9a-f]{{8}}\.tmp")
            for name in os.listdir(path):
                if leftover.fullmatch(name):
                    (path / name).unlink()

    def _take_away(self) -> None:
        """Remove the folders that were made and are empty."""
        with contextlib.suppress(OSError):
            for folder in self._made:
                folder.rmdir()

    def check(self) -> None:
        """See that this process still has the folder; OSError if the lock was removed or replaced by hand."""
        self._lock.check()

    def close(self) -> None:
        """Let others have it. May be called twice."""
        self._lock.release()
        self._take_away()

    def __enter__(self: Folder) -> Folder:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()


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
