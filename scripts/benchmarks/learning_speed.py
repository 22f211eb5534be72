"""How soon brains are good by the default recipe: an average error, no mistake at all, and where it grows."""

from __future__ import annotations

import math
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

import catmouse_env  # noqa: F401  (registers the environments)
from agents.runs.config import RunConfig
from agents.runs.run import Run, train
from agents.trainer import SMOOTHING
from benchmarks.timing import row
from benchmarks.training_speed import plain_program

SEEDS = range(10)
FEW = range(3)  # where a run takes a minute
IDS = ("CatMouse-v0", "CatMouseMemory-v0", "CatMouseChase-v0")
MANY = range(30)  # seeds for the certificates of every id
ORIGINAL_GAMES = 239_721  # to 1.2 errors a game at hidden 32: the article's table
LONGEST = 60.0  # seconds that a run gets
LONGEST_LARGE = 150.0
SIDES = {4: SEEDS, 6: SEEDS, 8: SEEDS, 10: SEEDS, 12: SEEDS, 16: FEW}  # of rooms, and seeds for each
FITTED_FROM = 6  # the recipe's own room; smaller ones get the same brain
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
    "chasing cat seen once": {"cat": "chasing", "cat_visible_moves": 1},
    "chase, teacher optimal": {"env_id": "CatMouseChase-v0", "teacher": "optimal"},
}
REMEMBERED: dict[str, dict[str, Any]] = {
    "cat seen once": {"env_id": "CatMouseMemory-v0"},
    "cat seen once, 10 x 10, 30 moves": {
        "env_id": "CatMouseMemory-v0",
        "width": 10,
        "height": 10,
        "max_steps": 30,
    },
    "cat seen once, 200 moves": {"env_id": "CatMouseMemory-v0", "max_steps": 200},
}
TO_CERTIFICATE = "no mistake from any start"


@dataclass(frozen=True)
class Runs:
    """Some seeds of one configuration.

    Attributes:
        seconds: CPU time of each.
        games: That each played.
        missed: How many did not reach their target.
        weights: Of each brain.
        first_errors: Compass error of each seed's first batch.
    """

    seconds: list[float]
    games: list[int]
    missed: int
    weights: int
    first_errors: list[float]

    def row(self, task: str, who: str = "CatMouse") -> dict[str, Any]:
        """As a measurement."""
        number = len(self.seconds)
        note = f"median of {number} seeds; {int(np.median(self.games)):,} games, at most {max(self.games):,}"
        note += f"; {self.missed} did not get there" if self.missed else f"; {number} of {number}"
        middle = float(np.median(self.seconds))
        return row(task, who, middle, "s", min(self.seconds), max(self.seconds), note)


def runs(seeds: Iterable[int], longest: float = LONGEST, **options: Any) -> Runs:
    """Run a configuration with several seeds."""
    seconds, games, first_errors, missed, weights = [], [], [], 0, 0
    for seed in seeds:
        began = time.process_time()
        run = Run(RunConfig(seed=seed, **options))
        run.advance()
        first_errors.append(run.trainer.smoothed_error)
        while not run.finished and time.process_time() - began < longest:
            run.advance()
        seconds.append(time.process_time() - began)
        games.append(run.trainer.games_played)
        missed += not run.met
        weights = run.brain.flat.size
    return Runs(seconds, games, missed, weights, first_errors)


def warm_up() -> None:
    """The first run of a process also loads and looks things up."""
    train(RunConfig(games=2_000))


def targets(repeats: int) -> list[dict[str, Any]]:
    """Seconds to compass error 1.2 and 1.0, beside the plain program and what smoothing allows."""
    rate, rows = plain_program(repeats)
    warm_up()
    for target in (1.2, 1.0):
        found = runs(SEEDS, measure="error", target=target)
        rows.append(found.row(f"compass error {target}"))
        if target == 1.2:
            seconds = ORIGINAL_GAMES / rate
            note = f"its {ORIGINAL_GAMES:,} games at the rate measured above: extrapolated"
            rows.append(row("compass error 1.2", "the original program", seconds, "s", note=note))
            rows.append(least_by_smoothing(found, target))
    rows.append(runs(SEEDS).row(TO_CERTIFICATE))
    return rows


def least_by_smoothing(found: Runs, target: float) -> dict[str, Any]:
    """What a brain would take that makes no error after its first batch, at the same cost of a game.

    A game leaves `SMOOTHING` of the smoothed error before it, so no brain is sooner.
    """
    games = [math.log(error / target) / -math.log(SMOOTHING) for error in found.first_errors]
    cost = np.median(np.array(found.seconds) / np.array(found.games))
    seconds = np.array(games) * cost
    note = (
        f"no error from the second batch on, {int(np.median(games)):,} games ({int(min(games)):,} to "
        f"{int(max(games)):,}) at {1e6 * cost:.2f} us each: a game leaves {SMOOTHING:g} of the error"
    )
    middle = float(np.median(seconds))
    return row(f"compass error {target}", "bound by smoothing", middle, "s", min(seconds), max(seconds), note)


def rooms(repeats: int) -> list[dict[str, Any]]:
    """Cost of a certificate without mistakes in different rooms and games."""
    warm_up()
    return [runs(SEEDS, **options).row(task, TO_CERTIFICATE) for task, options in TRAINED.items()]


def remembering(repeats: int) -> list[dict[str, Any]]:
    """The same where the cat is seen once."""
    warm_up()
    return [runs(SEEDS, **options).row(task, TO_CERTIFICATE) for task, options in REMEMBERED.items()]


def large(repeats: int) -> list[dict[str, Any]]:
    """A room of 331,776 starts."""
    warm_up()
    found = runs(FEW, LONGEST_LARGE, width=24, height=24, max_steps=46)
    return [found.row("24 x 24, 46 moves", TO_CERTIFICATE)]


def ids(repeats: int) -> list[dict[str, Any]]:
    """Default certificates of every id, seed after seed."""
    warm_up()
    return [runs(MANY, env_id=env_id).row(env_id, TO_CERTIFICATE) for env_id in IDS]


def growth(repeats: int) -> list[dict[str, Any]]:
    """Seconds, games and weights to a certificate, by the room's side, and the powers that they follow."""
    warm_up()
    rows = []
    for side, seeds in SIDES.items():
        room = {"width": side, "height": side, "max_steps": 2 * side - 2}
        found = runs(seeds, **room)
        one = found.row(f"{side} x {side}, {2 * side - 2} moves", TO_CERTIFICATE)
        one["note"] += f"; {found.weights:,} weights"
        every = {"seconds": found.seconds, "games": found.games, "weights": found.weights}
        rows.append({**one, "side": side, **every})
    fitted = [one for one in rows if one["side"] >= FITTED_FROM]
    measured = {
        "seconds": [one["median"] for one in fitted],
        "games": [float(np.median(one["games"])) for one in fitted],
        "weights": [one["weights"] for one in fitted],
    }
    sides = np.log([one["side"] for one in fitted])
    for name, values in measured.items():
        exponent = float(np.polyfit(sides, np.log(values), 1)[0])
        rows.append(row(f"side to the power, {name}", name, exponent, "", note=f"from side {FITTED_FROM} on"))
    return rows


def start(repeats: int) -> list[dict[str, Any]]:
    """Wall seconds from the command to the certificate, start-up included, and what of it is start-up.

    With the modules' bytecode kept, as it is where a package is installed.
    """
    catmouse = [sys.executable, "-m", "catmouse", "train"]
    with tempfile.TemporaryDirectory() as folder:
        variables = {**os.environ, "PYTHONPYCACHEPREFIX": folder}
        variables.pop("PYTHONDONTWRITEBYTECODE", None)
        programs = {
            "from the command to certificate and files": [
                *catmouse,
                "--quiet",
                "--overwrite",
                "--out",
                str(Path(folder, "run")),
            ],
            "of it start-up (--help)": [*catmouse, "--help"],
            "of it numpy and gymnasium": [sys.executable, "-c", "import gymnasium"],
        }
        seconds: dict[str, list[float]] = {name: [] for name in programs}
        cpu: dict[str, list[float]] = {name: [] for name in programs}
        for turn in range(-1, repeats):  # the first turn makes the bytecode
            for name, program in programs.items():
                began, cpu_began = time.perf_counter(), children_seconds()
                subprocess.run(program, check=True, capture_output=True, env=variables)
                if turn >= 0:
                    seconds[name].append(time.perf_counter() - began)
                    cpu[name].append(children_seconds() - cpu_began)
    return [
        row(
            name,
            "catmouse train",
            float(np.median(took)),
            "s",
            min(took),
            max(took),
            f"{float(np.median(cpu[name])):.2f} s of processor time",
        )
        for name, took in seconds.items()
    ]


def children_seconds() -> float:
    """Processor time of all processes that were started and have ended."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime
