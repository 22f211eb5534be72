"""Results of independent jobs, kept in a file as they come."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from agents.files import read_text, write_text

BEGINNING = '{"job": '  # of each line of results

Job = dict[str, Any]
"""What tells a job from the others: plain values that JSON can say."""
Row = dict[str, Any]
"""What came of a job, which is under "job"; where it failed, words under "error"."""


class Results:
    """Results in a file of JSON lines, each written when it is known.

    Args:
        path: The file; one that is there is gone on with.
        check: Called with each row that is read; whatever it raises for a wrong one (KeyError, TypeError,
            ValueError) is told with the line's number.

    Attributes:
        rows: What is known.

    Raises:
        ValueError: The file holds something else.
        OSError: It can't be read or written.
    """

    def __init__(self, path: Path, check: Callable[[Row], object] = lambda row: None) -> None:
        self.path = path
        self.rows: list[Row] = []
        self._check = check
        text = read_text(path) if path.exists() else ""
        *whole, torn = text.split("\n")
        for number, line in enumerate(whole, start=1):
            try:
                self.rows.append(self._read(line))
            except ValueError as error:
                raise ValueError(f"{path}, line {number}, is no result of these jobs: {error}") from None
        if torn:  # the writer was interrupted in the middle of a line, or before its end
            try:
                self.rows.append(self._read(torn))
            except ValueError:
                if torn[: len(BEGINNING)] != BEGINNING[: len(torn)]:
                    raise ValueError(f"{path} ends with no result of these jobs") from None
                text = text.removesuffix(torn)
            else:
                text += "\n"
            write_text(path, text)  # all at once: a second interruption loses nothing

    def _read(self, line: str) -> Row:
        """A row from a line of JSON; ValueError if it is none."""
        try:
            row = json.loads(line)
            if not isinstance(row["job"], dict):
                raise ValueError("its job is no table")
            self._check(row)
        except KeyError as error:
            raise ValueError(f"it has no {error}") from error
        except (TypeError, RecursionError) as error:
            raise ValueError(str(error)) from error
        return dict(row)

    def add(self, row: Row) -> None:
        """Append a result; it is on the disk when this returns. OSError if it can't be written."""
        self.rows.append(row)  # first, so that a signal meets no result on the disk that is not known
        try:
            with self.path.open("a") as file:
                file.write(json.dumps(row) + "\n")
                file.flush()
                os.fsync(file.fileno())
        except OSError:
            self.rows.pop()
            raise

    def select(self, jobs: list[Job]) -> list[Row]:
        """The results of these jobs, in their order, of those that are known."""
        known = {job_key(row["job"]): row for row in self.rows}
        return [known[job_key(job)] for job in jobs if job_key(job) in known]

    def missing(self, jobs: list[Job]) -> list[Job]:
        """The jobs that have no result yet, or only an error."""
        known = {job_key(row["job"]) for row in self.rows if "error" not in row}
        return [job for job in jobs if job_key(job) not in known]


def job_key(job: Job) -> str:
    """What tells a job from the others."""
    return json.dumps(job, sort_keys=True)
