"""Training writes its learning curve for TensorBoard when asked to."""

from __future__ import annotations

import csv
import subprocess
import sys
from pathlib import Path

import pytest

TRAIN = Path(__file__).parents[2] / "scripts" / "train_supervised.py"


def test_tensorboard_shows_the_learning_curve(tmp_path: Path) -> None:
    pytest.importorskip("tensorboard")
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    learning = ["--games", "20000", "--report-every", "2000", "--target", "2"]
    options = [*learning, "--out", "run", "--tensorboard", "log", "--quiet"]
    done = subprocess.run(
        [sys.executable, str(TRAIN), *options], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    events = EventAccumulator(str(tmp_path / "log"))
    events.Reload()
    with (tmp_path / "run" / "curve.csv").open() as file:
        curve = list(csv.DictReader(file))
    for tag, column in (
        ("a game/compass error", "compass_error"),
        ("a game/mistakes", "mistakes"),
        ("certificate/mistakes a game", "certificate_mistakes"),
    ):
        points = events.Tensors(tag)
        rows = [row for row in curve if row[column]]  # no certificate is made while it has no chance
        assert rows[-1] == curve[-1]
        assert [point.step for point in points] == [int(row["games"]) for row in rows]
        values = [point.tensor_proto.float_val[0] for point in points]
        assert values == pytest.approx([float(row[column]) for row in rows], rel=1e-5)
