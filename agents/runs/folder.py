"""The folder of a run: what lies where, who may write there, and that nothing is lost.

`checkpoint.safetensors` holds all of a run. What else lies there is drawn from it for people and other
programs: the brain alone, the learning curve as CSV, configuration and certificate as JSON.
"""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path

from agents import certificate, files
from agents.runs.checkpoint import CURVE_COLUMNS, KIND, save_checkpoint
from agents.runs.config import TaskConfig
from agents.runs.lock import LOCK, LockedFolder, RunFolderError
from agents.runs.run import Run

CHECKPOINT = "checkpoint.safetensors"
BRAIN = "brain.safetensors"
CONFIG = "config.json"
CURVE = "curve.csv"
CERTIFICATE = "certificate.json"
FILES = (CHECKPOINT, BRAIN, CERTIFICATE, CURVE, CONFIG)


class CheckpointFolder(LockedFolder):
    """A folder in which what learns is kept, whatever it is. Nothing is touched until something is saved.

    Args:
        path: The folder; made if need be.
        kind: Of its checkpoint: who learns.
        names: Of the files that are written here.

    Raises:
        RunFolderError: Another process uses it.
        OSError: It can't be made or written.
    """

    def __init__(self, path: Path, kind: str, names: Iterable[str]) -> None:
        super().__init__(path, names)
        self.kind = kind

    @property
    def checkpoint(self) -> Path:
        """The file that holds all of the run."""
        return self.path / CHECKPOINT

    def take(self, config: TaskConfig, overwrite: bool = False) -> bool:
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
            saved, _ = files.read(self.checkpoint, self.kind)
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


class RunFolder(CheckpointFolder):
    """The folder of a run."""

    def __init__(self, path: Path) -> None:
        super().__init__(path, KIND, FILES)

    def save(self, run: Run) -> None:
        """Write the checkpoint, then what is drawn from it; each file whole or not at all.

        Raises:
            OSError: A file can't be written, or the lock is gone; what was there is intact.
        """
        self.check()
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
