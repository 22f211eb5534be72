"""Certificates: what is in them is what was played, and the checker of Python alone accepts it."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import check_certificate
import check_chances
import gymnasium as gym
import numpy as np
import pytest

import catmouse_env  # noqa: F401  (registers the environments)
from agents import Brain, RandomAgent, evaluate, zoo
from agents.certificate import certificate, pack, unpack, write
from agents.environments import all_starts
from agents.runs.config import RunConfig
from agents.runs.run import Run, train

REFERENCE = Path(__file__).parents[1] / "reference"
SMALL: dict[str, Any] = {"width": 3, "height": 4, "max_steps": 4, "hidden": 4, "batch": 8, "games": 800}
GAMES = [
    {"cell": "mlp"},
    {"cell": "mlp2"},
    {"cell": "elman", "activation": "sigmoid", "bias": False, "centred": False, "dtype": "float64"},
    {"cell": "elman", "head": "compass"},
    {"cell": "elman", "env_id": "CatMouseContinuous-v0", "head": "compass"},
    {"cell": "gru", "env_id": "CatMouseMemory-v0"},
    {"cell": "gru", "bias": False},
    {"cell": "lstm", "cat": "chasing", "cat_directions": 8},
    {"cell": "lstm", "env_id": "CatMouseChase-v0", "observe_moves_left": True},
    {"cell": "elman", "env_id": "CatMouseChase-v0", "teacher": "optimal"},
    {"cell": "elman", "env_id": "CatMouseChase-v0", "teacher": "equilibrium", "max_steps": 3},
]


def certified(folder: Path, options: dict[str, Any]) -> tuple[Run, dict[str, Any], Path]:
    run = train(RunConfig(**{**SMALL, **options}))
    path = folder / "brain.safetensors"
    run.brain.save(path)
    return run, certificate(run.brain, run.env, run.finish(), path), path


@pytest.mark.parametrize("options", GAMES, ids=lambda options: "-".join(map(str, options.values())))
def test_the_checker_accepts_what_was_played(options: dict[str, Any], tmp_path: Path) -> None:
    if options.get("teacher") == "equilibrium":
        pytest.importorskip("scipy")
    run, told, path = certified(tmp_path, options)
    write(tmp_path / "certificate.json", told)
    found = check_certificate.check((tmp_path / "certificate.json").read_text(), path.read_bytes())
    result = run.finish()
    assert found["counts"] == told["counts"]
    assert told["counts"]["moves"] == result.moves
    assert told["counts"]["return"] == pytest.approx(result.mean_return * result.starts)
    assert told["counts"]["captures"] == round((1 - result.survival_rate) * result.starts)
    if "mistakes" in told["counts"]:
        assert told["counts"]["mistakes"] == result.mistakes


def test_the_moves_of_a_certificate_are_those_of_the_brain(tmp_path: Path) -> None:
    run, told, _ = certified(tmp_path, {"cell": "gru", "env_id": "CatMouseMemory-v0"})
    moves = unpack(told["moves"], told["counts"]["moves"]).reshape(-1, 4)
    env = gym.make("CatMouseMemory-v0", width=3, height=4, max_steps=4)
    starts = all_starts(env)
    for number in range(0, len(moves), 7):
        seen, _ = env.reset(options={name: value[number] for name, value in starts.items()})
        state = None
        for move in moves[number]:
            action, state = run.brain.predict(seen, state)
            assert action == move
            seen, *_ = env.step(action)


def test_packing_moves_is_undone() -> None:
    moves = np.random.default_rng(0).integers(0, 4, 1001)
    assert (unpack(pack(moves), 1001) == moves).all()


@pytest.mark.parametrize(
    ("game", "why"),
    [
        ({"cat": "wandering"}, "stochastic"),
        ({"cat": RandomAgent(gym.make("CatMouse-v0"))}, "program of its own"),
        ({"teacher": lambda cx, cy, x, y, w, h: 0 * (cx + cy + x + y)}, "program of its own"),
        ({"max_episode_steps": 3}, "cut short"),
        ({"max_steps": 2000}, "moves"),
    ],
)
def test_what_can_not_be_proved_says_why(game: dict[str, Any], why: str, tmp_path: Path) -> None:
    brain, path = Brain(hidden=3), tmp_path / "brain.safetensors"
    brain.save(path)
    env = gym.make("CatMouse-v0", **game)
    told = certificate(
        brain, env, evaluate(RandomAgent(gym.make("CatMouse-v0"), 0), gym.make("CatMouse-v0")), path
    )
    assert told["claim"] == "counts"
    assert why in told["why"]
    assert told["counts"]["starts"] == 1296


def test_a_wandering_cat_s_exact_value_is_checked(tmp_path: Path) -> None:
    from catmouse.certificates import certificate_of

    options = {"cell": "mlp", "cat": "wandering", "lethal": True, "observe_moves_left": True}
    run, _, path = certified(tmp_path, options)
    told = certificate_of(str(path), run.brain, run.env, run.finish())
    assert told["claim"] == "expectation"
    write(tmp_path / "certificate.json", told)
    text = (tmp_path / "certificate.json").read_text()
    assert check_chances.check(text, path.read_bytes()) == told["values"]
    low, high = run.finish().survival_interval or (0, 1)
    assert low <= told["values"]["survival"] <= high
    with pytest.raises(ValueError, match="values"):
        check_chances.check(text.replace('"survival": 0.', '"survival": 0.0'), path.read_bytes())


# The fighters are worth half a minute of plain Python each.
ZOO = [pytest.param(name, marks=[pytest.mark.slow] * name.startswith("fight")) for name in zoo.names()]


@pytest.mark.parametrize("name", ZOO)
def test_the_checker_accepts_the_zoo_where_nothing_is_installed(name: str, tmp_path: Path) -> None:
    """In a folder with nothing but the checkers, by a Python that has no packages."""
    for checker in ("check_certificate.py", "check_chances.py"):
        shutil.copy(REFERENCE / checker, tmp_path)
    files = [zoo.locate(f"zoo:{name}", ending) for ending in (zoo.CERTIFICATE, zoo.BRAIN)]
    games = json.loads(files[0].read_text())["claim"] == "games"
    command = [
        sys.executable,
        "-S",
        "-E",
        f"check_{'certificate' if games else 'chances'}.py",
        *map(str, files),
    ]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("ACCEPTED")


def test_the_checker_is_one_short_file_of_the_standard_library() -> None:
    import ast

    text = (REFERENCE / "check_certificate.py").read_text()
    assert len(text.splitlines()) <= 200
    for node in ast.walk(ast.parse(text)):
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
        assert {name.split(".")[0] for name in names} <= sys.stdlib_module_names
