"""Brains learn to fight, and the payoff table is right."""

import json
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("pettingzoo")
pytest.importorskip("scipy")

SCRIPTS = Path(__file__).parents[2] / "scripts"


def run(script, *arguments):
    return subprocess.run(
        [sys.executable, SCRIPTS / script, *map(str, arguments)], capture_output=True, text=True, check=False
    )


def test_duel_prints_the_league_and_saves_all(tmp_path):
    pytest.importorskip("PIL")
    out = tmp_path / "duel"
    small = ("--width", 3, "--height", 4, "--max-steps", 4, "--hidden", 16, "--updates", 60)
    done = run("duel.py", *small, "--out", out, "--quiet")
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    assert "brain, equilibrium, no moves left" in done.stdout
    printed = done.stdout.partition("\nSaved in")[0].splitlines()
    assert max(map(len, printed)) <= 80
    assert len([line for line in printed if re.match(r"\[\d\] .{60,}$", line)]) == 6
    league = json.loads((out / "league.json").read_text())
    survival = np.array(league["survival"])
    assert survival.shape == (6, 6)
    assert survival[-1, -1] == pytest.approx(league["value"], abs=1e-9)
    # A perfect mouse gets the value at least, and a perfect cat grants it at most.
    assert survival[-1].min() >= league["value"] - 1e-9
    assert survival[:, -1].max() <= league["value"] + 1e-9
    for name in ("mouse_exploitability", "cat_exploitability"):
        assert min(league[name]) > -1e-9
        assert league[name][-1] == pytest.approx(0, abs=1e-9)
    assert league["mice"][0] == league["cats"][0] == "random"
    for name in ("league.png", "fight.gif", "cat-brain-equilibrium.safetensors"):
        assert (out / name).stat().st_size > 500


@pytest.mark.parametrize(
    ("arguments", "message"),
    [(("--width", 1), "--width must be 2 to 64, got 1"), (("--updates", 0), "--updates must be at least 1")],
)
def test_duel_names_wrong_usage(arguments, message, tmp_path):
    done = run("duel.py", *arguments, "--out", tmp_path)
    assert done.returncode == 2
    assert message in done.stderr
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.parametrize("role", ["mouse", "cat"])
def test_a_brain_taught_by_the_equilibrium_can_hardly_be_exploited(role):
    from catmouse.duel.payoffs import TRAINING_SPECS, DuelConfig, Training

    config = DuelConfig(3, 3, 8, 3)
    training = Training(config, role, TRAINING_SPECS[-1], hidden=64, updates=1500, seed=0)
    before = config.game.exploitability(training.player().policy, config.max_steps, role)
    training.teach(lambda: True)
    after = config.game.exploitability(training.player().policy, config.max_steps, role)
    assert after < min(0.05, before / 5)


def test_the_simple_lesson_is_learned_by_heart():
    from catmouse.duel.payoffs import TRAINING_SPECS, DuelConfig, Training, players

    config = DuelConfig(3, 3, 8, 3)
    for role in ("mouse", "cat"):
        training = Training(config, role, TRAINING_SPECS[0], hidden=48, updates=4000, seed=0)
        training.teach(lambda: True)
        taught, teacher = training.player().policy, players(config, role, [])[1].policy
        starts = config.game.starts
        assert (taught[0, starts] == teacher[0, starts]).all()
