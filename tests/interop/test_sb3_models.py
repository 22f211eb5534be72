"""`scripts/evaluate.py` takes a model of Stable-Baselines3 from its zip file."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

import catmouse_env  # noqa: F401  (registers the environments)
from agents import evaluate

stable_baselines3 = pytest.importorskip("stable_baselines3")
sb3_contrib = pytest.importorskip("sb3_contrib")

EVALUATE = Path(__file__).parents[2] / "scripts" / "evaluate.py"
ID = "catmouse_env:CatMouse-v0"


@pytest.mark.parametrize("name", ["PPO", "DQN", "SAC", "RecurrentPPO"])
def test_a_model_is_judged_as_it_plays(name: str, tmp_path: Path) -> None:
    import gymnasium as gym

    continuous = name == "SAC"
    library = sb3_contrib if hasattr(sb3_contrib, name) else stable_baselines3
    policy = "MlpLstmPolicy" if name == "RecurrentPPO" else "MlpPolicy"
    env = gym.make(ID, continuous=continuous)
    model = getattr(library, name)(policy, env, seed=0, device="cpu")
    model.save(tmp_path / "model.zip")
    options = ["--continuous"] if continuous else []
    command = [sys.executable, str(EVALUATE), str(tmp_path / "model.zip"), "--trust", "--json", *options]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=200)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == json.loads(json.dumps(evaluate(model, env).as_dict()))
    if continuous:
        wrong = subprocess.run(command[:-1], capture_output=True, text=True, check=False, timeout=200)
        assert wrong.returncode == 2
        assert "plays with" in wrong.stderr
