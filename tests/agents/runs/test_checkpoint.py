"""A run goes on from its checkpoint as if nothing had been; what is no checkpoint of ours is refused."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import save_file

import catmouse_env  # noqa: F401  (registers the environments)
from agents import BadFileError, files
from agents.original import PRESET
from agents.runs.checkpoint import load_checkpoint, save_checkpoint
from agents.runs.config import RunConfig
from agents.runs.run import Run, train

KINDS: dict[str, dict[str, Any]] = {
    "default": {},
    "adam": {"optimizer": "adam"},
    "muon, gru, restarts": {"optimizer": "muon", "cell": "gru", "schedule": "restarts"},
    "lstm, mixed hand": {"cell": "lstm", "rollout_policy": "mixed", "schedule": "cosine"},
    "gru, continuous": {"cell": "gru", "continuous": True, "clip": 1.0},
    "mlp, sgd, compass": {"cell": "mlp", "optimizer": "sgd", "head": "compass", "schedule": "constant"},
    "float64, teacher": {"dtype": "float64", "rollout_policy": "teacher", "measure": "error"},
    "original": {**PRESET, "hidden": 3},
    "original, a cat by chance": {**PRESET, "hidden": 3, "cat": "wandering"},
    "one game at a time, a window": {"batch": 1, "bptt_steps": 3, "clip": 0.1},
    "a cat by chance": {"cat": "wandering", "lethal": True},
    "memory": {"env_id": "CatMouseMemory-v0"},
    "chase": {"env_id": "CatMouseChase-v0", "max_steps": 8},
    "lethal, oblong, clock": {"lethal": True, "width": 5, "height": 3, "observe_moves_left": True},
}


def small(**options: Any) -> RunConfig:
    return RunConfig(**{"hidden": 5, "batch": 8, "games": 480, "report_every": 50, **options})


def assert_same(one: Run, two: Run) -> None:
    assert one.config == two.config
    assert one.curve == two.curve
    assert one.finish() == two.finish()
    for name, part in one.parts().items():
        other = two.parts()[name].state_dict()
        for key, array in part.state_dict().items():
            np.testing.assert_array_equal(array, other[key], f"{name}.{key}")


@pytest.mark.parametrize("options", KINDS.values(), ids=KINDS.keys())
def test_a_run_resumed_any_number_of_times_ends_bit_for_bit_the_same(
    options: dict[str, Any], tmp_path: Path
) -> None:
    path = tmp_path / "checkpoint"
    batch = options.get("batch", 8)
    config = small(**{**options, "games": 24 * batch, "report_every": 5 * batch})
    run, updates = Run(config), 0
    while not run.finished:
        run.advance()
        updates += 1
        if updates % 3 != 1:
            save_checkpoint(run, path)
            run = load_checkpoint(path)
    assert_same(run, train(config))


def test_a_finished_run_is_finished_when_resumed(tmp_path: Path) -> None:
    run = train(small(target=20.0))
    assert run.met
    save_checkpoint(run, tmp_path / "checkpoint")
    again = load_checkpoint(tmp_path / "checkpoint")
    assert again.finished
    assert again.met
    assert_same(run, again)


@pytest.mark.parametrize("cell", ["mlp", "elman", "gru", "lstm"])
@pytest.mark.parametrize("head", ["direction", "compass"])
def test_a_brain_of_one_unit_learns_and_is_kept(cell: str, head: str, tmp_path: Path) -> None:
    run = train(small(hidden=1, cell=cell, head=head, batch=1, games=60, max_steps=1))
    save_checkpoint(run, tmp_path / "run")
    assert_same(run, load_checkpoint(tmp_path / "run"))


def test_a_checkpoint_of_another_kind_or_shape_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "checkpoint.safetensors"
    run = Run(small())
    run.brain.save(path)
    with pytest.raises(BadFileError, match="not a checkpoint"):
        load_checkpoint(path)
    save_checkpoint(run, path)
    told, tensors = files.read(path, "checkpoint")
    files.write(path, "checkpoint", {**told, "run": {**told["run"], "hidden": 6}}, tensors)
    with pytest.raises(BadFileError, match="weights"):
        load_checkpoint(path)


@pytest.mark.parametrize("version", ["1", "99"])
def test_a_checkpoint_of_another_version_says_so_in_one_line(version: str, tmp_path: Path) -> None:
    path = tmp_path / "checkpoint"
    about = {"version": version, "kind": "checkpoint", "config": {"run": {"hand": "learner"}}}
    save_file({"brain.weights": np.zeros(3)}, path, {"catmouse": json.dumps(about)})
    with pytest.raises(BadFileError) as caught:
        load_checkpoint(path)
    assert str(caught.value) == (
        f"{path} was written by version {version} of this program; this one reads version 2: train again"
    )


def test_a_file_larger_than_any_of_ours_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "large"
    with path.open("wb") as file:
        file.truncate(1 << 40)  # takes no place on the disk
    with pytest.raises(BadFileError, match="larger"):
        load_checkpoint(path)
