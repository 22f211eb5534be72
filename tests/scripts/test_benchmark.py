"""The benchmark runs, tells what it measured, and reports absent peers as absent."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[2] / "scripts" / "benchmark.py"


SLOWED = {"OPENBLAS_CORETYPE": "Nehalem", "OPENBLAS_L2_SIZE": "64"}


def run(*arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    own = {name: value for name, value in os.environ.items() if name not in SLOWED}
    return subprocess.run(
        [sys.executable, str(SCRIPT), *arguments], capture_output=True, text=True, env={**own, **variables}
    )


def test_json_holds_every_measurement_with_its_spread() -> None:
    result = run("--only", "single", "--repeats", "1", "--json")
    assert result.returncode == 0, result.stderr
    told = json.loads(result.stdout)
    assert told["versions"]["numpy"]
    rows = told["sections"]["single"]
    assert {"through gym.make", "unwrapped"} == {row["task"] for row in rows}
    for row in rows:
        assert row["note"] == "not installed" or 0 < row["low"] <= row["median"] <= row["high"]


def test_variables_that_slow_numpy_alone_are_unset_and_told() -> None:
    quick = ("--only", "largest", "--repeats", "1", "--json")
    plain, slowed = run(*quick), run(*quick, **SLOWED)
    assert plain.returncode == slowed.returncode == 0, slowed.stderr
    plain_told, slowed_told = json.loads(plain.stdout), json.loads(slowed.stdout)
    assert slowed_told["versions"]["BLAS kernel"] == plain_told["versions"]["BLAS kernel"] != ""
    assert plain_told["unset"] == {}
    assert slowed_told["unset"] == SLOWED
    said = " ".join(run(*quick[:-1], **SLOWED).stdout.split())
    assert "OPENBLAS_CORETYPE=Nehalem is unset for what is measured." in said
    assert f"BLAS kernel {plain_told['versions']['BLAS kernel']}." in said


def test_unknown_section_is_a_wrong_use() -> None:
    result = run("--only", "everything")
    assert result.returncode == 2
    assert "everything" in result.stderr


def test_a_figure_is_of_how_cost_grows() -> None:
    result = run("--only", "single", "--figure", "cost.png")
    assert result.returncode == 2
    assert "--only growth" in result.stderr


def test_the_command_with_its_start_up_is_measured_by_the_clock() -> None:
    result = run("--only", "start", "--repeats", "1", "--json")
    assert result.returncode == 0, result.stderr
    whole, start_up, libraries = json.loads(result.stdout)["sections"]["start"]
    assert whole["median"] > start_up["median"] > libraries["median"] > 0


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
