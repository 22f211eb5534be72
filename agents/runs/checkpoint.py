"""Checkpoints: all that a run is at one moment, in one file from which it goes on bit for bit."""

from __future__ import annotations

import math
from dataclasses import asdict, fields, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from agents import files
from agents.runs.config import RunConfig
from agents.runs.run import CurvePoint, Run
from agents.state import check_state

Array = NDArray[Any]

KIND = "checkpoint"
BESIDE = "beside"  # begins the names of arrays that are none of the run's
CURVE_COLUMNS = tuple(one.name for one in fields(CurvePoint))


def save_checkpoint(run: Run, path: Path, beside: dict[str, Array] | None = None) -> None:
    """Write all that a run is at this moment to one file.

    Args:
        run: It.
        path: The file.
        beside: What else is to be kept with it, arrays by name; see `load_beside`.

    Raises:
        OSError: It can't be written; the older file is intact.
    """
    tensors = {
        f"{part}.{name}": array
        for part, owner in run.parts().items()
        for name, array in owner.state_dict().items()
    }
    for column in CURVE_COLUMNS:
        # None, where no certificate was made, is written as nan.
        values = [getattr(point, column) for point in run.curve]
        tensors[f"curve.{column}"] = np.array(values, column_type(column))
    tensors |= {f"{BESIDE}.{name}": array for name, array in (beside or {}).items()}
    files.write(path, KIND, {"run": asdict(run.config), "finished": run.finished}, tensors)


def load_checkpoint(path: Path, env_id: str | None = None, games: int | None = None) -> Run:
    """The run as it was when the checkpoint was written.

    Args:
        path: What `save_checkpoint` wrote.
        env_id: An environment whose module may be imported; see `RunConfig.from_file`.
        games: Where the run is to end, if later than it was to. Schedules then go as in a run begun with so
            many: a learning rate that had fallen is higher again, a constant one gives that run bit for bit.

    Raises:
        BadFileError: The file is damaged, of another version, or does not fit the run it tells of.
        OSError: It can't be opened.
    """
    told, tensors = files.read(path, KIND)
    try:
        config = RunConfig.from_file(told["run"], env_id)
        if games is not None:
            config = replace(config, games=max(games, config.games or 0))
        run = Run(config, weights=tensors["brain.weights"].size)
        for name, part in run.parts().items():
            saved = {
                key.removeprefix(f"{name}."): tensors[key] for key in tensors if key.startswith(f"{name}.")
            }
            check_state(saved, part.state_dict())
            part.load_state_dict(saved)
        run.curve = read_curve(tensors, run.trainer.games_played)
    except (KeyError, TypeError, ValueError, OverflowError, MemoryError) as error:
        raise files.BadFileError(f"{path} can't be resumed: {error}") from error
    return run


def load_beside(path: Path) -> dict[str, Array]:
    """What was kept beside a run, arrays by name; the errors are those of `load_checkpoint`."""
    _, tensors = files.read(path, KIND)
    return {
        name.removeprefix(f"{BESIDE}."): array
        for name, array in tensors.items()
        if name.startswith(f"{BESIDE}.")
    }


def read_curve(tensors: dict[str, Array], played: int) -> list[CurvePoint]:
    """The learning curve of a run of so many games; ValueError if it is none."""
    columns = {name: tensors[f"curve.{name}"] for name in CURVE_COLUMNS}
    games = columns["games"]
    if any(
        column.shape != (games.size,) or column.dtype != column_type(name) for name, column in columns.items()
    ):
        raise ValueError("the learning curve has columns that do not fit together")
    if (np.diff(games, prepend=0) <= 0).any() or (games > played).any():
        raise ValueError("the learning curve's games do not rise to the games played")
    rows = zip(*(column.tolist() for column in columns.values()), strict=True)
    return [
        CurvePoint(count, error, mistakes, None if math.isnan(proved) else proved)
        for count, error, mistakes, proved in rows
    ]


def column_type(name: str) -> Any:
    """How a column of the learning curve is kept."""
    return np.int64 if name == "games" else np.float64
