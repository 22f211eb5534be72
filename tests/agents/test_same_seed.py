"""Same seed, same result: whatever else is different, and without touching anybody's random numbers."""

from __future__ import annotations

import os
import random
import subprocess
import sys
from pathlib import Path
from typing import Any

import gymnasium as gym
import numpy as np
import pytest

import catmouse_env  # noqa: F401  (registers the environments)
from agents import Brain, RandomAgent, evaluate
from agents.runs.config import RunConfig
from agents.runs.folder import FILES
from agents.runs.run import Run, train

TRAIN = Path(__file__).parents[2] / "scripts" / "train_supervised.py"
OPTIONS = ["--hidden", "6", "--games", "3000", "--report-every", "500", "--seed", "7"]
OPTIONS += ["--rollout-policy", "mixed"]


def trained(folder: Path, *options: str, cwd: Path | None = None, **environment: str) -> dict[str, bytes]:
    """What a run of its own process leaves in its folder."""
    done = subprocess.run(
        [sys.executable, str(TRAIN), *OPTIONS, "--out", str(folder), *options],
        cwd=cwd,
        env={**os.environ, **environment},
        capture_output=True,
        timeout=100,
        check=False,
    )
    assert done.returncode in (0, 1), done.stderr
    return {name: (folder / name).read_bytes() for name in FILES}


def test_two_processes_give_the_same_whatever_is_around_them(tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    one = trained(tmp_path / "one", "--quiet", PYTHONHASHSEED="0", OPENBLAS_NUM_THREADS="1")
    assert one == trained(
        tmp_path / "two",
        "--csv",
        "--save-every",
        "0.05",
        cwd=elsewhere,
        PYTHONHASHSEED="4242",
        OPENBLAS_NUM_THREADS="2",
    )


def test_how_often_a_certificate_is_made_changes_no_weight() -> None:
    often, seldom = (train(RunConfig(games=960, hidden=5, report_every=every)) for every in (64, 10_000))
    np.testing.assert_array_equal(often.brain.flat, seldom.brain.flat)
    assert often.certificate == seldom.certificate


def test_who_looks_on_changes_nothing() -> None:
    def play(run: Run) -> None:
        single = gym.make("CatMouse-v0", render_mode="rgb_array")
        observation, _ = single.reset(seed=1)
        action, _ = run.brain.predict(observation, deterministic=False)
        single.step(int(action))
        single.render()
        single.close()

    watched = Run(RunConfig(games=960, hidden=5))
    alone = Run(RunConfig(games=960, hidden=5))
    while not watched.finished:
        watched.advance()
        play(watched)
        alone.advance()
    np.testing.assert_array_equal(watched.brain.flat, alone.brain.flat)
    assert watched.curve == alone.curve


def global_state() -> tuple[Any, ...]:
    name, keys, *rest = np.random.get_state()  # noqa: NPY002
    return random.getstate(), name, np.asarray(keys).tobytes(), *rest


def everything() -> list[Any]:
    """A bit of all that there is, for its results."""
    results: list[Any] = []
    for name in ("CatMouse-v0", "CatMouseMemory-v0", "CatMouseChase-v0"):
        env = gym.make(name)
        env.reset(seed=5)
        results.append(env.step(2)[0].tolist())
        results.append(evaluate(RandomAgent(env, 3), env, seed=3).as_dict())
    brain = Brain(hidden=4)
    results.append(brain.predict(np.zeros((3, 4)), deterministic=False)[0].tolist())
    results.append(train(RunConfig(games=320, hidden=4, rollout_policy="mixed")).brain.flat.tolist())
    return results


def test_global_random_state_is_neither_touched_nor_used() -> None:
    before = global_state()
    first = everything()
    assert global_state() == before
    random.seed(99)
    np.random.seed(99)  # noqa: NPY002
    before = global_state()
    assert everything() == first
    assert global_state() == before


@pytest.mark.parametrize("seed", [0, 1, 2**31, 2**63 - 1])
def test_any_seed_will_do_and_counts(seed: int) -> None:
    one, two = Brain(hidden=4, seed=seed), Brain(hidden=4, seed=seed)
    np.testing.assert_array_equal(one.flat, two.flat)
    assert (Brain(hidden=4, seed=seed - 1 if seed else 5).flat != one.flat).any()


def test_first_weights_do_not_depend_on_the_number_of_threads() -> None:
    code = (
        "import hashlib, agents; brain = agents.Brain(hidden=300, dtype='float64');"
        "print(hashlib.sha256(brain.flat.tobytes()).hexdigest())"
    )
    told = {
        subprocess.run(
            [sys.executable, "-c", code],
            env={**os.environ, "OPENBLAS_NUM_THREADS": threads, "OMP_NUM_THREADS": threads},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for threads in ("1", "2", "3")
    }
    assert len(told) == 1
