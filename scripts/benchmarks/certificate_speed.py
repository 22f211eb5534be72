"""What it costs to prove that a brain is good, and to begin in the largest room."""

from __future__ import annotations

import json
import math
import subprocess
import sys
import time
from typing import Any

import gymnasium as gym

import catmouse_env  # noqa: F401  (registers the environments)
from agents import Brain, evaluate
from benchmarks.timing import row

EVALUATED = (6, 8, 12, 16, 24, 32)  # sides of rooms
LARGEST = 64
HIDDEN = 48


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
