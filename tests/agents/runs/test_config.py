"""A configuration is kept whole, and one that was tampered with neither passes nor makes anything run."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path

import pytest

import catmouse_env  # noqa: F401  (registers the environments)
from agents import Brain
from agents.runs.config import RunConfig

SCRIPTS = Path(__file__).parents[3] / "scripts"


def test_a_configuration_is_kept_whole(tmp_path: Path) -> None:
    config = RunConfig(hidden=5, batch=8, games=480, report_every=50).filled()
    config.save(tmp_path / "config.json")
    assert asdict(RunConfig.load(tmp_path / "config.json")) == asdict(config)


@pytest.mark.parametrize(
    "text", ["", "[]", "null", "{", '{"hidden": "x"}', '{"what": 1}', "[" * 100_000, "\0"]
)
def test_a_foreign_configuration_is_refused(text: str, tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text(text)
    with pytest.raises(ValueError, match="no configuration of a run"):
        RunConfig.load(tmp_path / "config.json")


def test_the_configuration_of_an_older_version_says_so(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text('{"env_id": "CatMouse-v0", "hand": "learner"}')
    with pytest.raises(ValueError, match=r"config\.json .* 'hand' there: train again"):
        RunConfig.load(tmp_path / "config.json")


def test_a_file_never_makes_a_module_run(tmp_path: Path) -> None:
    (tmp_path / "evil.py").write_text("open('it_ran', 'w')")
    brain = Brain(hidden=3)
    brain.game = {"env_id": "evil:CatMouse-v0", "player": "mouse", "learned_from": "labels"}
    brain.save(tmp_path / "brain.safetensors")
    RunConfig(env_id="evil:CatMouse-v0").save(tmp_path / "config.json")
    command = [sys.executable, str(SCRIPTS / "evaluate.py"), str(tmp_path), "--quiet"]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(tmp_path), *sys.path])}
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "evil" in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
    assert not (tmp_path / "it_ran").exists()
    said = subprocess.run(
        [*command, "--env-id", "CatMouse-v0"], env=environment, capture_output=True, text=True, check=False
    )
    assert said.returncode == 0, said.stderr
