"""The article's table and its claims, as the command prints them."""

from __future__ import annotations

import argparse
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from catmouse.command_line import run
from catmouse.experiments.original_claims import SEEDS, SHORT, STEP, Job, answers, train_all
from catmouse.unfinished import unfinished

from agents.original import PRESET
from agents.runs.config import RunConfig
from agents.runs.run import Run
from agents.threads import kernel_name
from catmouse_env.extras import install_command

SCRIPTS = Path(__file__).parents[2] / "scripts"


def test_the_table_tells_games_match_and_ratio(tmp_path: Path) -> None:
    script = str(SCRIPTS / "reproduce_original.py")
    command = [sys.executable, script, "--quiet", "--hidden", "4", "8", "--target", "8", "--seed", "3"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    rows = [line.split() for line in done.stdout.splitlines() if line.strip() and line.split()[0] in "48"]
    assert [row[:2] for row in rows] == [["4", "3"], ["8", "3"]]
    assert all("sooner" in row for row in rows)
    assert f"BLAS kernel {kernel_name()}" in done.stdout.splitlines()[0]


def test_without_matplotlib_the_table_stands_and_a_line_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    monkeypatch.chdir(tmp_path)
    assert run("original", ["--quiet", "--hidden", "4", "--target", "8.5", "--seed", "3"]) == 0
    printed = capsys.readouterr().out
    assert "sooner" in printed
    assert install_command("plots") in printed.splitlines()[-1]
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    "wrong",
    [
        ["--hidden", "0"],
        ["--target", "0"],
        ["--seed", "-1"],
        ["--games", "no"],
        ["--long-games", "9"],
        ["--figure", "none/of/these/x.png"],
    ],
)
def test_a_wrong_option_of_the_table_is_one_clear_line(wrong: list[str]) -> None:
    command = [sys.executable, str(SCRIPTS / "reproduce_original.py"), *wrong]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 1
    assert wrong[0] in done.stderr


def test_claims_are_measured_side_by_side_as_they_are_one_by_one(tmp_path: Path) -> None:
    jobs = [Job(4, 0.1, 0, STEP), Job(4, 0.3, 1, STEP)]
    parsed = argparse.Namespace(keep=tmp_path / "kept", resume=False, command="")
    with unfinished(parsed, [asdict(job) for job in jobs]) as work:
        curves = train_all(jobs, work, workers=2, quiet=True)
    for job in jobs:
        options = {"hidden": job.hidden, "learning_rate": job.rate, "seed": job.seed}
        trainer = Run(RunConfig(**{**PRESET, **options})).trainer
        for _ in range(STEP):
            trainer.update()
        assert curves[job].tolist() == [trainer.smoothed_error]


def test_claims_are_answered_with_figures() -> None:
    def curve(games: int, level: float) -> Any:
        return level + 8.0 / np.arange(1, games // STEP + 1)

    jobs = [Job(16, 0.1, seed, 1_000_000) for seed in SEEDS]
    jobs += [Job(size, 0.1, seed, SHORT) for size in (32, 64, 128) for seed in SEEDS]
    jobs += [Job(16, rate, seed, SHORT) for rate in (0.01, 0.03, 0.3) for seed in SEEDS]
    curves = {job: curve(job.games, 1.0 + 0.1 * job.seed) for job in jobs}
    for job in jobs:
        if job.hidden == 64:
            curves[job][:30] += 1
    told = list(answers(curves, 1_000_000))
    assert "1.18 (1.08-1.28)" in told[0]
    assert "64 is last behind 16 after 30,000, 30,000, 30,000 games,\n" in told[1]
    assert "ahead first after 31,000, 31,000, 31,000" in told[1]
    assert "128 is last behind 16 after 0, 0, 0 games" in told[2]
    assert [line.split()[0] for line in told[3].splitlines()[2:]] == ["0.01", "0.03", "0.1", "0.3"]
    assert "1.11 (1.01-1.21)" in told[4]
    assert len(told) == 5
    assert max(len(line) for answer in told for line in answer.splitlines()) <= 80
