"""How things are timed: in turns, on one thread, and what is told of it."""

from __future__ import annotations

import importlib.util
import time
from collections.abc import Callable
from typing import Any

import numpy as np

SHORTEST = 0.05  # seconds that a measurement takes at least


def installed(name: str) -> bool:
    """Whether a peer is installed."""
    return importlib.util.find_spec(name) is not None


def cpu_seconds(work: Callable[[], Any], times: int, clock: Callable[[], float] = time.process_time) -> float:
    """CPU time of one call, the mean of some in a row.

    CPU time is what a clock shows on an idle machine; on a busy one it leaves the waiting out.
    """
    began = clock()
    for _ in range(times):
        work()
    return (clock() - began) / times


def in_turns(
    task: str,
    workers: dict[str, tuple[Callable[[], Any], float]],
    unit: str,
    repeats: int,
    clock: Callable[[], float] = time.process_time,
) -> list[dict[str, Any]]:
    """Measure several ways to do a task, in turns, so that all meet the same disturbances.

    Args:
        task: What is done.
        workers: Name -> what to call, and how many of `unit` a call does.
        unit: What is counted, a second.
        repeats: Measurements of each.
        clock: What tells the time; CPU time does not see what an accelerator does.

    Returns:
        A row for each: median, lowest and highest of its measurements.
    """
    calls = {}
    for name, (work, _) in workers.items():
        work()
        calls[name] = max(1, round(SHORTEST / max(cpu_seconds(work, 1, clock), 1e-7)))
    seconds: dict[str, list[float]] = {name: [] for name in workers}
    for _ in range(repeats):
        for name, (work, _) in workers.items():
            seconds[name].append(cpu_seconds(work, calls[name], clock))
    rows = []
    for name, (_, amount) in workers.items():
        rates = amount / np.array(seconds[name])
        rows.append(row(task, name, float(np.median(rates)), unit, float(rates.min()), float(rates.max())))
    return rows


def row(
    task: str,
    who: str,
    median: float,
    unit: str,
    low: float | None = None,
    high: float | None = None,
    note: str = "",
) -> dict[str, Any]:
    """A measurement."""
    return {
        "task": task,
        "who": who,
        "median": median,
        "low": median if low is None else low,
        "high": median if high is None else high,
        "unit": unit,
        "note": note,
    }


def absent(task: str, who: str) -> dict[str, Any]:
    """A peer that can't be measured here."""
    return {"task": task, "who": who, "note": "not installed"}
