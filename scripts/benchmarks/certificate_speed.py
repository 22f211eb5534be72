"""How soon brains are good, and what it costs to prove it."""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import gymnasium as gym
import numpy as np
from timing import row
from training_speed import original

import catmouse_env  # noqa: F401  (registers the environments)
from agents import Brain, evaluate
from agents.runs.config import RunConfig
from agents.runs.run import Run, train

SEEDS = 10
ORIGINAL_GAMES = 239_721  # to 1.2 errors a game at hidden 32: the article's table
EVALUATED = (6, 8, 12, 16, 24, 32)  # sides of rooms
TRAINED = (6, 8, 12, 16)
LONGEST = 60.0  # seconds that a room gets
HIDDEN = 48


def targets(repeats: int) -> list[dict[str, Any]]:
    """Seconds to compass error 1.2 and 1.0, and to a certificate without mistakes: the default recipe."""
    rate, rows = original(repeats)
    train(RunConfig(games=2_000))  # the first run of a process also loads and looks things up
    for task, options in (
        ("compass error 1.2", {"measure": "error", "target": 1.2}),
        ("compass error 1.0", {"measure": "error", "target": 1.0}),
        ("no mistake from any start", {}),
    ):
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
    """How the cost of a certificate without mistakes grows with the room, by one recipe."""
    rows = []
    for side in TRAINED:
        config = RunConfig(width=side, height=side, max_steps=2 * side - 2)
        run, took = timed(config, LONGEST)
        left = run.finish().mistakes_per_game
        note = (
            f"hidden {run.config.hidden}, {run.trainer.games_played:,} games, {left:.4f} mistakes a game left"
        )
        if left:
            note += f"; stopped after {LONGEST:.0f} s"
        task = f"{side} x {side}, games of {2 * side - 2} moves"
        rows.append(row(task, "no mistake from any start", took, "s", note=note))
    return rows


def certificates(repeats: int) -> list[dict[str, Any]]:
    """Time and peak memory of a certificate, each room in a process of its own."""
    rows = []
    for side in EVALUATED:
        answer = subprocess.run(
            [sys.executable, str(Path(__file__).with_name("section.py")), "certificate", str(side)],
            check=True,
            capture_output=True,
            text=True,
        )
        result = json.loads(answer.stdout)
        task = f"{side} x {side}"
        note = f"{result['starts']:,} starts, {result['megabytes']:.0f} MB at the peak"
        rows.append(
            {**row(task, "certificate", result["seconds"], "s", note=note), "megabytes": result["megabytes"]}
        )
    return rows


def certificate(side: int) -> dict[str, Any]:
    """One certificate: seconds, and the process's peak memory."""
    env = gym.make_vec("CatMouse-v0", num_envs=1, width=side, height=side)
    brain = Brain(hidden=HIDDEN)
    if side < max(EVALUATED):
        evaluate(brain, env)
    began = time.process_time()
    starts = evaluate(brain, env).starts
    seconds = time.process_time() - began
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return {
        "seconds": seconds,
        "starts": starts,
        "megabytes": peak / (2**20 if sys.platform == "darwin" else 2**10),
    }
