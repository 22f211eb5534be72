"""The benchmark runs, tells what it measured, and reports absent peers as absent."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[2] / "scripts" / "benchmark.py"


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, str(SCRIPT), *arguments], capture_output=True, text=True)


def test_json_holds_every_measurement_with_its_spread() -> None:
    result = run("--only", "single", "--repeats", "1", "--json")
    assert result.returncode == 0, result.stderr
    told = json.loads(result.stdout)
    assert told["versions"]["numpy"]
    rows = told["sections"]["single"]
    assert {"through gym.make", "unwrapped"} == {row["task"] for row in rows}
    for row in rows:
        assert row["note"] == "not installed" or 0 < row["low"] <= row["median"] <= row["high"]


def test_unknown_section_is_a_wrong_use() -> None:
    result = run("--only", "everything")
    assert result.returncode == 2
    assert "everything" in result.stderr


def test_environments_play_in_a_compiled_loop_of_jax() -> None:
    pytest.importorskip("jax")
    from benchmarks.jax_speed import ours, player

    for vmapped in (False, True):
        player(*ours(3, vmapped), 20)()


def test_the_peer_in_jax_learns() -> None:
    pytest.importorskip("jax")
    from benchmarks.jax_peer import JaxTrainer

    trainer = JaxTrainer("elman", 16, 64, None, 4, 4)
    first = trainer.updates(1)
    assert trainer.updates(300) < first / 4
