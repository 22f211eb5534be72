"""The main job: a fresh machine, one command, a certificate without a mistake."""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import catmouse_env  # noqa: F401  (registers the environments)
from agents import Brain, SupervisedTrainer
from agents.runs.checkpoint import CURVE_COLUMNS
from agents.runs.config import RunConfig, make_env
from agents.runs.run import train

SCRIPTS = Path(__file__).parents[2] / "scripts"


def run(name: str, *arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "SDL_VIDEODRIVER": "dummy"}
    return subprocess.run(
        [sys.executable, str(SCRIPTS / name), *arguments],
        cwd=cwd,
        env=environment,
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )


def test_with_no_argument_it_ends_with_a_certificate_of_no_mistakes(tmp_path: Path) -> None:
    done = run("train_supervised.py", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "one game from each of the 1,296 starts, 12,960 moves" in done.stdout
    assert "mistakes                0 (0.0000 a game)" in done.stdout
    folder = tmp_path / "runs" / "CatMouse-v0-seed-0"
    proof = json.loads((folder / "certificate.json").read_text())
    assert proof["claim"] == "games"
    assert proof["counts"]["mistakes"] == 0
    assert RunConfig.load(folder / "config.json").env_id == "CatMouse-v0"
    with (folder / "curve.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert tuple(rows[0]) == CURVE_COLUMNS
    assert float(rows[-1]["certificate_mistakes"]) == 0
    proved = run("evaluate.py", str(folder), "--json", cwd=tmp_path)
    told = json.loads(proved.stdout)
    assert {name: told[name] for name in ("starts", "moves", "mistakes", "perfect_starts")}.items() <= (
        proof["counts"].items()
    )


def test_exit_status_says_whether_the_target_was_met(tmp_path: Path) -> None:
    few = ("--games", "500", "--quiet", "--hidden", "4")
    assert run("train_supervised.py", *few, cwd=tmp_path).returncode == 1
    assert run("train_supervised.py", *few, "--target", "10", "--out", "easy", cwd=tmp_path).returncode == 0


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (["--hidden", "0"], "hidden"),
        (["--env-id", "Nowhere-v0"], "Nowhere"),
        (["--width", "65"], "width"),
        (["--cell", "brainy"], "cell"),
        (["--learning-rate", "-1"], "learning_rate"),
        (["--batch", "0"], "batch"),
        (["--target", "nan"], "target"),
    ],
)
def test_a_wrong_value_is_refused_in_one_line(arguments: list[str], word: str, tmp_path: Path) -> None:
    done = run("train_supervised.py", *arguments, cwd=tmp_path)
    assert done.returncode == 2
    assert word in done.stderr.splitlines()[-1]
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "runs").exists()


def test_help_explains_every_option_with_its_default(tmp_path: Path) -> None:
    text = run("train_supervised.py", "--help", cwd=tmp_path).stdout
    for name in RunConfig.__dataclass_fields__:
        assert "--" + name.replace("_", "-") in text
    assert text.count("(default:") >= len(RunConfig.__dataclass_fields__)


def test_headless_training_never_imports_pygame(tmp_path: Path) -> None:
    code = (
        "import sys; from catmouse.command_line import run\n"
        "assert run('train', ['--games', '500', '--quiet', '--hidden', '4']) == 1\n"
        "assert 'pygame' not in sys.modules and 'torch' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], cwd=tmp_path, check=True, capture_output=True)


def test_the_same_seed_gives_the_same_weights_and_curve() -> None:
    config = RunConfig(games=3_000, report_every=1_000, seed=11)
    one, two = train(config), train(config)
    np.testing.assert_array_equal(one.brain.flat, two.brain.flat)
    assert one.curve == two.curve
    assert (train(RunConfig(games=3_000, seed=12)).brain.flat != one.brain.flat).any()


@pytest.mark.parametrize("rollout_policy", ["learner", "teacher", "mixed"])
def test_whoever_moves_the_mouse_the_brain_learns(rollout_policy: str) -> None:
    run = train(RunConfig(rollout_policy=rollout_policy, games=20_000))
    assert run.certificate is not None
    assert run.certificate.mistakes_per_game < 2.5  # chance is 7.5


@pytest.mark.parametrize("head", ["compass", "direction"])
@pytest.mark.parametrize("continuous", [False, True])
@pytest.mark.parametrize("activation", ["tanh", "sigmoid"])
def test_both_heads_learn_in_both_action_spaces(head: str, continuous: bool, activation: str) -> None:
    run = train(RunConfig(head=head, continuous=continuous, activation=activation, games=40_000))
    assert run.certificate is not None
    assert run.certificate.mistakes_per_game < 4.5  # chance is 7.5


def test_games_that_end_early_teach_only_until_their_end() -> None:
    config = RunConfig(lethal=True, games=20_000, batch=64)
    run = train(config)
    assert run.certificate is not None
    assert run.certificate.mistakes_per_game < 2.5


def test_a_trainer_takes_environments_and_brains_that_fit_only() -> None:
    env = make_env(RunConfig(), 4)
    with pytest.raises(ValueError, match="takes 5 numbers"):
        SupervisedTrainer(env, Brain(inputs=5))
    for argument, value in (
        ("optimizer", "magic"),
        ("learning_rate", 0.0),
        ("schedule", "linear"),  # needs games
        ("rollout_policy", "cat"),
        ("clip", -1.0),
    ):
        with pytest.raises(ValueError, match=argument if argument != "schedule" else "games"):
            SupervisedTrainer(env, Brain(), **{argument: value})  # type: ignore[arg-type]


def test_a_clip_that_no_gradient_reaches_changes_nothing() -> None:
    plain, clipped = (train(RunConfig(games=640, clip=clip)) for clip in (None, 1e300))
    np.testing.assert_array_equal(plain.brain.flat, clipped.brain.flat)
