"""No configuration takes the machine down: what it costs is told before anything is made."""

from __future__ import annotations

import re
import time
import tracemalloc
from collections.abc import Callable
from typing import Any

import gymnasium as gym
import pytest
from catmouse.command_line import run

import catmouse_env  # noqa: F401  (registers the environments)
from agents import Brain, SupervisedTrainer, TeacherAgent, evaluate
from agents.brain import BrainConfig
from agents.cost import MAX_BYTES, check_evaluation
from agents.evolution import Evolution
from agents.runs.config import RunConfig, TaskConfig, make_env
from agents.runs.run import Run

HUGE: list[dict[str, Any]] = [
    {"max_steps": 1 << 40},
    {"max_steps": 1 << 40, "bptt_steps": 1},
    {"max_steps": 1 << 33, "bptt_steps": 8, "batch": 1},
    {"max_steps": 10**12, "bptt_steps": 4, "legacy_stream": True, "batch": 1},
    {"batch": 1 << 20},
    {"batch": 1 << 20, "cell": "lstm", "hidden": 8},
    {"teacher": "equilibrium", "max_steps": 10**6},
    {"teacher": "equilibrium", "width": 32, "height": 32, "cat_directions": 8},
    {"teacher": "equilibrium", "width": 64, "height": 64},
    {"teacher": "optimal", "width": 64, "height": 64, "cat": "chasing"},
    {"teacher": "optimal", "max_steps": 10**9},
    {"teacher": "optimal", "max_steps": 10**7, "width": 2, "height": 2, "cat": "chasing", "lethal": True},
]


def refused_at_once(work: Callable[[], Any]) -> None:
    """It must end in a ValueError that says what to change, within a second and 100 MB."""
    began = time.process_time()
    tracemalloc.start()
    with pytest.raises(ValueError, match="must be smaller"):
        work()
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 100e6
    assert time.process_time() - began < 2


@pytest.mark.parametrize("options", HUGE)
def test_a_run_that_is_too_large_is_refused_before_it_is_made(options: dict[str, Any]) -> None:
    refused_at_once(lambda: Run(RunConfig.from_file({"games": 10, **options})))


@pytest.mark.parametrize("options", HUGE)
def test_so_is_it_on_the_command_line(
    options: dict[str, Any],
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Any,
) -> None:
    monkeypatch.chdir(tmp_path)
    flags = [
        text
        for name, value in options.items()
        for text in ([f"--{name.replace('_', '-')}"] + ([] if value is True else [str(value)]))
    ]
    assert run("train", [*flags, "--games", "10", "--quiet"]) == 2
    assert "must be smaller" in capsys.readouterr().err
    assert not list(tmp_path.iterdir())


def test_a_trainer_that_is_too_large_is_refused() -> None:
    env = gym.make("CatMouse-v0", max_steps=1 << 40)
    refused_at_once(lambda: SupervisedTrainer(env, Brain(hidden=4), bptt_steps=8))


@pytest.mark.parametrize("options", [{"max_steps": 10**12}, {"max_steps": 10**5, "width": 64, "height": 64}])
def test_a_certificate_that_would_take_for_ever_is_refused(options: dict[str, Any]) -> None:
    env = make_env(TaskConfig(**options), 1)
    with pytest.raises(ValueError, match="must be smaller"):
        evaluate(TeacherAgent(env), env)


@pytest.mark.parametrize("cell", ["mlp", "mlp2", "elman", "gru", "lstm"])
def test_the_largest_batch_that_is_taken_fits(cell: str) -> None:
    batch = 1 << 12
    tracemalloc.start()
    training = Run(RunConfig(cell=cell, hidden=48, games=batch, batch=batch, max_steps=10))
    training.trainer.update()
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < MAX_BYTES / 2


def test_long_games_are_still_played_and_learned() -> None:
    env = gym.make("CatMouse-v0", max_steps=10**12)
    env.reset()
    env.step(0)
    Run(RunConfig(max_steps=1000, bptt_steps=10, games=8, batch=8, hidden=4)).trainer.update()


@pytest.mark.parametrize(
    ("command", "options"),
    [
        ("evolve", ["--population", "1000000", "--hidden", "1000"]),
        ("evolve", ["--hidden", "16384", "--cell", "mlp", "--games-per-individual", "1000000"]),
        ("evolve", ["--max-steps", str(10**12)]),
        ("evolve", ["--games-per-individual", str(10**12)]),
        ("evolve", ["--population", str(10**12)]),
        ("q-learning", ["--batch", str(10**12)]),
        ("q-learning", ["--max-steps", str(10**12)]),
    ],
)
def test_a_learner_without_a_teacher_that_is_too_large_is_refused_at_once(
    command: str,
    options: list[str],
    tmp_path: Any,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    began = time.process_time()
    tracemalloc.start()
    assert run(command, [*options, "--quiet"]) == 2
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 100e6
    assert time.process_time() - began < 2
    assert re.search("must be (smaller|at most)", capsys.readouterr().err)
    assert not list(tmp_path.iterdir())


def test_a_certificate_costs_what_the_brain_costs() -> None:
    env = gym.make_vec("CatMouse-v0", width=64, height=64, max_steps=100)
    brain = Brain(cell="mlp", hidden=1 << 14)
    began = time.process_time()
    with pytest.raises(ValueError, match="weights"):
        evaluate(brain, env)
    assert time.process_time() - began < 5


def test_the_largest_rooms_certificate_is_still_made() -> None:
    weights = BrainConfig(cell="elman", hidden=96).weights
    check_evaluation(starts=64**4, num_envs=4096, moves=126, weights=weights)


def test_what_takes_for_ever_is_refused_before_the_starts_are_made(monkeypatch: pytest.MonkeyPatch) -> None:
    env = gym.make_vec("CatMouse-v0", width=64, height=64, max_steps=10**12)
    monkeypatch.setattr("agents.evaluation.all_starts", lambda env: pytest.fail("made"))
    monkeypatch.setattr("agents.evolution.all_starts", lambda env: pytest.fail("made"))
    refused_at_once(lambda: evaluate(Brain(), env))
    refused_at_once(lambda: Evolution(env, Brain(cell="mlp"), games_per_individual=None))
