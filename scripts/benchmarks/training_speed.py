"""Games a second of training, beside the same network and loop in PyTorch and JAX, and what bounds it."""

from __future__ import annotations

import runpy
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import gymnasium as gym
import numpy as np

import catmouse_env  # noqa: F401  (registers the environments)
from agents import Brain, SupervisedTrainer
from benchmarks.bound import Operations, Rates
from benchmarks.timing import absent, cpu_seconds, in_turns, installed, row

CELLS = ("elman", "mlp", "gru", "lstm")
SIZES = ((16, 256), (64, 64), (64, 256), (128, 256))  # hidden units, games a batch
MOVES, SIDE, INPUTS, OUTPUTS = 10, 6, 4, 4
UPDATES = 20  # a call
UNIT = "k games/s"
PLAIN = Path(__file__).parents[2] / "tests" / "reference" / "plain_original.py"


def training(repeats: int) -> list[dict[str, Any]]:
    """Every cell at every size, and the share of the bound that each program reaches."""
    labels, rates = teacher_labels(), Rates()
    groups = {}
    for cell in CELLS:
        rates.measure()
        for hidden, games in SIZES:
            groups[cell, hidden, games] = one_size(cell, hidden, games, labels, repeats)
    return [one for size, group in groups.items() for one in with_bound(group, *size, rates)]


def one_size(cell: str, hidden: int, games: int, labels: Any, repeats: int) -> list[dict[str, Any]]:
    """One cell at one size: ours, the peers, and how long each takes for its first updates."""
    task = f"{cell}, hidden {hidden}, batch {games}"
    env = gym.make_vec("CatMouse-v0", num_envs=games)
    makers: dict[str, Callable[[], Callable[[int], Any]]] = {
        "CatMouse": lambda: ours(SupervisedTrainer(env, Brain(cell=cell, hidden=hidden)))
    }
    missing = []
    arguments = (cell, hidden, games, labels, SIDE, SIDE)
    if installed("torch"):
        from benchmarks.torch_peer import TorchTrainer

        makers["PyTorch eager"] = lambda: TorchTrainer(*arguments).updates
    else:
        missing.append("PyTorch eager")
    if installed("jax"):
        from benchmarks.jax_peer import JaxTrainer

        makers["JAX jit + scan"] = lambda: JaxTrainer(*arguments).updates
    else:
        missing.append("JAX jit + scan")
    workers: dict[str, tuple[Callable[[], Any], float]] = {}
    first = {}
    for name, make in makers.items():
        began = time.process_time()
        updates = make()
        updates(UPDATES)
        first[name] = time.process_time() - began
        workers[name] = (partial(updates, UPDATES), UPDATES * games / 1e3)
    rows = in_turns(task, workers, UNIT, repeats)
    for one in rows:
        one["first_updates_seconds"] = first[one["who"]]
    return rows + [absent(task, name) for name in missing]


def with_bound(
    rows: list[dict[str, Any]], cell: str, hidden: int, games: int, rates: Rates
) -> list[dict[str, Any]]:
    """Rows of one size with their share of what its operations allow, and that as a row of its own."""
    least = Operations.of(cell, hidden, games, MOVES, INPUTS, OUTPUTS)
    bound = games / least.seconds(rates) / 1e3
    for one in rows:
        if "median" in one:
            one["share"] = one["median"] / bound
            first = one["first_updates_seconds"]
            one["note"] = f"{100 * one['share']:.0f} % of the bound; first {UPDATES} updates {first:.2f} s"
    note = (
        f"{least.products / 1e6:.1f} million sums and products at {rates.products:.0f} a ns, "
        f"{least.functions / 1e3:.0f} thousand of tanh and exp at {rates.functions:.1f}, "
        f"{least.bytes / 1e6:.1f} MB at {rates.bytes:.0f} GB/s an update"
    )
    return [*rows, row(rows[0]["task"], "the bound", bound, UNIT, note=note)]


def ours(trainer: SupervisedTrainer) -> Callable[[int], None]:
    def updates(count: int) -> None:
        for _ in range(count):
            trainer.update()

    return updates


def teacher_labels() -> Any:
    """The teacher's direction for each pair of cells, (cells x cells,); a cell is y x width + x."""
    env: Any = gym.make_vec("CatMouse-v0", num_envs=SIDE**4)
    starts = env.unwrapped.starts
    _, info = env.reset(options=starts)
    cat, mouse = (starts[name][:, 1] * SIDE + starts[name][:, 0] for name in ("cat", "mouse"))
    labels = np.zeros(SIDE**4, np.int64)
    labels[cat * SIDE**2 + mouse] = info["ideal_action"]
    return labels


def plain_program(repeats: int, hidden: int = 32) -> tuple[float, list[dict[str, Any]]]:
    """Games a second of the original program, written plainly in tests/reference."""
    program = runpy.run_path(str(PLAIN))["PlainProgram"](hidden)
    rates = sorted(1 / cpu_seconds(program.play, 100) for _ in range(repeats))
    middle = rates[len(rates) // 2]
    return middle, [
        row("the original's loop, hidden 32", "plain program", middle, "games/s", rates[0], rates[-1])
    ]
