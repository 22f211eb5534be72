"""How soon brains are good, and what it costs to prove it."""

from __future__ import annotations

import json
import math
import subprocess
import sys
import time
from typing import Any

import gymnasium as gym
import numpy as np

import catmouse_env  # noqa: F401  (registers the environments)
from agents import Brain, evaluate
from agents.runs.config import RunConfig
from agents.runs.run import Run, train
from benchmarks.timing import row
from benchmarks.training_speed import plain_program

SEEDS = 10
ORIGINAL_GAMES = 239_721  # to 1.2 errors a game at hidden 32: the article's table
EVALUATED = (6, 8, 12, 16, 24, 32)  # sides of rooms
LARGEST = 64
LONGEST = 60.0  # seconds that a run gets
TRAINED: dict[str, dict[str, Any]] = {
    "6 x 6, 10 moves": {},
    "8 x 8, 14 moves": {"width": 8, "height": 8, "max_steps": 14},
    "12 x 12, 22 moves": {"width": 12, "height": 12, "max_steps": 22},
    "16 x 16, 30 moves": {"width": 16, "height": 16, "max_steps": 30},
    "9 x 5, 12 moves": {"width": 9, "height": 5, "max_steps": 12},
    "2 x 7, 7 moves": {"width": 2, "height": 7, "max_steps": 7},
    "20 x 4, 22 moves": {"width": 20, "height": 4, "max_steps": 22},
    "6 x 6, 50 moves": {"max_steps": 50},
    "6 x 6, 100 moves": {"max_steps": 100},
    "cat seen once": {"env_id": "CatMouseMemory-v0"},
    "cat seen once, 10 x 10, 30 moves": {
        "env_id": "CatMouseMemory-v0",
        "width": 10,
        "height": 10,
        "max_steps": 30,
    },
    "cat seen once, 200 moves": {"env_id": "CatMouseMemory-v0", "max_steps": 200},
    "chasing cat seen once": {"cat": "chasing", "cat_visible_moves": 1},
    "chase, teacher optimal": {"env_id": "CatMouseChase-v0", "teacher": "optimal"},
}
HIDDEN = 48


def targets(repeats: int) -> list[dict[str, Any]]:
    """Seconds to compass error 1.2 and 1.0, and to a certificate without mistakes: the default recipe."""
    rate, rows = plain_program(repeats)
    train(RunConfig(games=2_000))  # the first run of a process also loads and looks things up
    tasks: tuple[tuple[str, dict[str, Any]], ...] = (
        ("compass error 1.2", {"measure": "error", "target": 1.2}),
        ("compass error 1.0", {"measure": "error", "target": 1.0}),
        ("no mistake from any start", {}),
    )
    for task, options in tasks:
        seconds, games, missed = [], [], 0
        for seed in range(SEEDS):
            run, took = timed(RunConfig(seed=seed, **options))
            seconds.append(took)
            games.append(run.trainer.games_played)
            missed += not run.met
        note = f"median of {SEEDS} seeds, best and worst; {int(np.median(games)):,} games"
        if missed:
            note += f"; {missed} seeds did not get there"
        rows.append(row(task, "CatMouse", float(np.median(seconds)), "s", min(seconds), max(seconds), note))
        if task == "compass error 1.2":
            rows.append(
                row(
                    task,
                    "the original program",
                    ORIGINAL_GAMES / rate,
                    "s",
                    note=f"its {ORIGINAL_GAMES:,} games at the rate measured above: extrapolated",
                )
            )
    return rows


def timed(config: RunConfig, longest: float | None = None) -> tuple[Run, float]:
    """Run a configuration, and for how long (CPU seconds)."""
    began = time.process_time()
    run = Run(config)
    while not run.finished and (longest is None or time.process_time() - began < longest):
        run.advance()
    return run, time.process_time() - began


def rooms(repeats: int) -> list[dict[str, Any]]:
    """Cost of a certificate without mistakes in different rooms and games, by the default recipe."""
    train(RunConfig(games=2_000))  # the first run of a process also loads and looks things up
    rows = []
    for task, options in TRAINED.items():
        seconds, games, missed = [], [], 0
        for seed in range(SEEDS):
            run, took = timed(RunConfig(seed=seed, **options), LONGEST)
            seconds.append(took)
            games.append(run.trainer.games_played)
            missed += not run.met
        note = f"median of {SEEDS} seeds; {int(np.median(games)):,} games, at most {max(games):,}"
        if missed:
            note += f"; {missed} seeds did not get there in {LONGEST:.0f} s"
        median = float(np.median(seconds))
        rows.append(row(task, "no mistake from any start", median, "s", min(seconds), max(seconds), note))
    return rows


def certificates(repeats: int) -> list[dict[str, Any]]:
    """Time and peak memory of a certificate, each room in a process of its own."""
    rows = []
    for side in EVALUATED:
        result = alone("certificate", side)
        note = f"{result['starts']:,} starts, {result['megabytes']:.0f} MB at the peak"
        line = row(f"{side} x {side}", "certificate", result["seconds"], "s", note=note)
        rows.append({**line, "megabytes": result["megabytes"]})
    return rows


def largest(repeats: int) -> list[dict[str, Any]]:
    """What the tables of the largest room cost, which are made at its first use."""
    rows = []
    for _ in range(repeats):
        result = alone("first_move", LARGEST)
        rows.append((result["seconds"], result["megabytes"]))
    seconds = sorted(took for took, _ in rows)
    note = f"{max(size for _, size in rows):.0f} MB at the peak"
    task = f"{LARGEST} x {LARGEST}"
    middle = seconds[len(seconds) // 2]
    return [row(task, "made, reset, one step", middle, "s", seconds[0], seconds[-1], note)]


def alone(what: str, side: int) -> dict[str, Any]:
    """Measure something in a process of its own."""
    answer = subprocess.run(
        [sys.executable, "-m", "benchmarks.section", what, str(side)],
        check=True,
        capture_output=True,
        text=True,
    )
    result: dict[str, Any] = json.loads(answer.stdout)
    return result


def certificate(side: int) -> dict[str, Any]:
    """One certificate: seconds, and the process's peak memory."""
    env = gym.make_vec("CatMouse-v0", num_envs=1, width=side, height=side)
    brain = Brain(hidden=HIDDEN)
    if side < max(EVALUATED):
        evaluate(brain, env)
    began = time.process_time()
    starts = evaluate(brain, env).starts
    seconds = time.process_time() - began
    return {"seconds": seconds, "starts": starts, "megabytes": peak_megabytes()}


def first_move(side: int) -> dict[str, Any]:
    """Seconds until the first move in a room is made, and the process's peak memory."""
    began = time.process_time()
    env = gym.make("CatMouseChase-v0", width=side, height=side)
    env.reset(seed=0)
    env.step(0)
    return {"seconds": time.process_time() - began, "megabytes": peak_megabytes()}


def peak_megabytes() -> float:
    """This process's peak memory; not a number where the system doesn't tell."""
    if sys.platform == "win32":
        return math.nan
    import resource

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (2**20 if sys.platform == "darwin" else 2**10)
