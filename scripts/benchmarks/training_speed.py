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
from benchmarks.timing import absent, cpu_seconds, in_turns, installed, row

CELLS = ("elman", "mlp", "gru", "lstm")
SIZES = ((16, 256), (64, 64), (64, 256), (128, 256))  # hidden units, games a batch
GATES = {"mlp": 1, "elman": 1, "gru": 3, "lstm": 4}
MOVES, SIDE, INPUTS, OUTPUTS = 10, 6, 4, 4
UPDATES = 20  # a call
PLAIN = Path(__file__).parents[2] / "tests" / "reference" / "plain_original.py"


def training(repeats: int) -> list[dict[str, Any]]:
    """Every cell at every size."""
    labels = teacher_labels()
    rows = []
    for cell in CELLS:
        for hidden, games in SIZES:
            rows += one_size(cell, hidden, games, labels, repeats)
    return rows


def one_size(cell: str, hidden: int, games: int, labels: Any, repeats: int) -> list[dict[str, Any]]:
    """One cell at one size: ours, the peers, the first update, the bare products."""
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
    bare = bare_work(cell, hidden, games)
    workers["bare products and tanh"] = (bare, games / 1e3)
    rows = in_turns(task, workers, "k games/s", repeats)
    for one in rows:
        if one["who"] in first:
            one["first_updates_seconds"] = first[one["who"]]
            one["note"] = f"first {UPDATES} updates {first[one['who']]:.2f} s"
    fraction = rows[0]["median"] / rows[-1]["median"]
    rows[-1]["note"] = f"a yardstick; {100 * fraction:.0f} % of its speed"
    return rows + [absent(task, name) for name in missing]


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


def bare_work(cell: str, hidden: int, games: int) -> Callable[[], None]:
    """Only the matrix products and the squashing of one update: what no program on numpy can do without."""
    rng = np.random.default_rng(0)

    def some(*shape: int) -> Any:
        return rng.standard_normal(shape, np.float32)

    units = GATES[cell] * hidden
    features = INPUTS + 1 + (hidden if cell != "mlp" else 0)
    inner, outer, back, out_back = (
        some(units, features),
        some(OUTPUTS, hidden + 1),
        some(hidden, units),
        some(hidden, OUTPUTS),
    )
    z, h1, d = some(MOVES, features, games), some(MOVES, hidden + 1, games), some(MOVES, OUTPUTS, games)
    a, out, da, dh = (
        some(units, games),
        some(OUTPUTS, games),
        some(MOVES, units, games),
        some(MOVES, hidden, games),
    )
    carried = some(hidden, games)

    def work() -> None:
        for t in range(MOVES):
            np.matmul(inner, z[t], out=a)
            np.tanh(a, out=a)
            np.matmul(outer, h1[t], out=out)
        np.matmul(out_back, d, out=dh)
        if cell != "mlp":
            for t in range(MOVES - 1):
                np.matmul(back, da[t], out=carried)
        np.matmul(da, z.transpose(0, 2, 1))
        np.matmul(d, h1.transpose(0, 2, 1))

    return work


def plain_program(repeats: int, hidden: int = 32) -> tuple[float, list[dict[str, Any]]]:
    """Games a second of the original program, written plainly in tests/reference."""
    program = runpy.run_path(str(PLAIN))["PlainProgram"](hidden)
    rates = sorted(1 / cpu_seconds(program.play, 100) for _ in range(repeats))
    middle = rates[len(rates) // 2]
    return middle, [
        row("the original's loop, hidden 32", "plain program", middle, "games/s", rates[0], rates[-1])
    ]
