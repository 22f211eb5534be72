"""The commands of the agents that need no teacher, as people call them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPTS = Path(__file__).parents[2] / "scripts"


def run(name: str, *arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "OPENBLAS_NUM_THREADS": "1"}
    command = [sys.executable, str(SCRIPTS / name), *arguments]
    return subprocess.run(
        command, cwd=cwd, env=environment, capture_output=True, text=True, timeout=100, check=False
    )


@pytest.mark.parametrize(
    ("name", "few"),
    [("train_q_learning.py", ("--games", "2000")), ("train_evolution.py", ("--generations", "3"))],
)
def test_what_is_learned_is_saved_and_judged_by_the_same_certificate(
    name: str, few: tuple[str, ...], tmp_path: Path
) -> None:
    game = ("--width", "4", "--height", "4")
    done = run(name, *few, *game, "--out", "learned.safetensors", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    judged = run("evaluate.py", "learned.safetensors", *game, "--json", cwd=tmp_path)
    assert judged.returncode == 0, judged.stderr
    result = json.loads(judged.stdout)
    assert result["starts"] == 256
    assert f"mean return             {result['mean_return']:.4f}" in done.stdout


@pytest.mark.parametrize(
    ("name", "wrong", "word"),
    [
        ("train_q_learning.py", ("--discount", "1"), "discount"),
        ("train_q_learning.py", ("--continuous",), "discrete"),
        ("train_evolution.py", ("--population", "1"), "population"),
        ("compare_agents.py", ("--env-id", "DogCat-v0"), "DogCat"),
        ("compare_agents.py", ("--seeds", "-1"), "seeds"),
        ("sweep.py", ("hidden",), "hidden"),
        ("sweep.py", ("--workers", "0"), "workers"),
        ("compare_agents.py", ("--figure", "no/where.png"), "folder"),
        ("evaluate.py", ("model.zip",), "model.zip"),
    ],
)
def test_a_wrong_option_is_named_in_one_line(
    name: str, wrong: tuple[str, ...], word: str, tmp_path: Path
) -> None:
    done = run(name, *wrong, "--quiet", cwd=tmp_path)
    assert done.returncode == 2
    assert word in done.stderr or "matplotlib" in done.stderr
    assert done.stderr.count("\n") == 1
