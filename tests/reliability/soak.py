"""Play for long, and make and close environments by the thousand: memory must stay flat.

Four jobs: moves in vector environments; single games; environments made and closed, every tenth with a
pygame window (without a screen: SDL's dummy driver); and updates of a trainer, of which every hundredth is
made by a copy as well, with the same result, after four threads have played with its brain at once. Memory
is looked at ten times after the first tenth of each, which may fill caches.
"""

from __future__ import annotations

import argparse
import copy
import gc
import os
import pickle
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

os.environ.setdefault("SDL_VIDEODRIVER", "dummy")
os.environ.setdefault("SDL_AUDIODRIVER", "dummy")

import gymnasium as gym
import numpy as np
from tqdm import tqdm

import catmouse_env  # noqa: F401  (registers the environments)
from agents import Brain, SupervisedTrainer
from agents.environments import all_starts

IDS = ("CatMouse-v0", "CatMouseMemory-v0", "CatMouseChase-v0")
SAMPLES = 10
MAY_GROW = 8 << 20  # bytes that memory may be larger at the end: allocators do not give all back at once


def memory() -> int:
    """Bytes of this process that are in memory."""
    gc.collect()
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def open_files() -> int:
    """How many files this process has open."""
    return len(list(Path("/proc/self/fd").iterdir()))


def vector_moves(total: int) -> Iterator[int]:
    """Play games side by side; yields moves made."""
    games = 64
    envs = [gym.make_vec(name, num_envs=games) for name in IDS]
    share = -(-total // (games * len(envs) * SAMPLES * 10))  # steps between looks
    for env in envs:
        env.reset(seed=0)
    actions = np.random.default_rng(0).integers(4, size=(256, games))
    while True:
        for env in envs:
            for step in range(share):
                env.step(actions[step % 256])
            yield share * games


def single_games(total: int) -> Iterator[int]:
    """Play one game after the other; yields games."""
    envs = [gym.make(name) for name in IDS]
    envs[0].reset(seed=0)
    for env in envs:  # from every start, because an environment remembers what it has worked out
        starts = all_starts(env)
        for cat, mouse in zip(starts["cat"].tolist(), starts["mouse"].tolist(), strict=True):
            play(env, {"cat": cat, "mouse": mouse})
    while True:
        for env in envs:
            play(env)
            yield 1


def play(env: Any, options: dict[str, Any] | None = None) -> None:
    """One game, as the teacher says."""
    _, info = env.reset(options=options)
    over = False
    while not over:
        _, _, terminated, truncated, info = env.step(info["ideal_action"])
        over = terminated or truncated


def environments(total: int) -> Iterator[int]:
    """Make and close; yields environments."""
    number = 0
    while True:
        name = IDS[number % len(IDS)]
        if number % 10 == 0:
            env = gym.make(name, render_mode="human" if number % 20 else "rgb_array")
            env.unwrapped.metadata = {**env.unwrapped.metadata, "render_fps": 1_000_000}  # do not wait
            env.reset(seed=0)
            env.step(0)
            env.render()
            env.close()
        elif number % 10 == 1:
            vector = gym.make_vec(name, num_envs=8, width=4 + number % 3)
            vector.reset(seed=0)
            vector.close()
        else:
            env = gym.make(name, width=4 + number % 3)
            env.reset(seed=0)
            env.step(0)
            env.close()
        number += 1
        yield 1


def updates(total: int) -> Iterator[int]:
    """Train; yields updates."""
    trainer = SupervisedTrainer(gym.make_vec(IDS[0], num_envs=64), Brain())
    seen, _ = trainer.env.reset(seed=1)
    while True:
        twin = None
        if trainer.updates % 100 == 0:
            twin = copy.deepcopy(trainer) if trainer.updates % 200 else pickle.loads(pickle.dumps(trainer))
            expected, _ = trainer.brain.step(seen)
            with ThreadPoolExecutor(4) as pool:
                for outputs, _ in pool.map(lambda _: trainer.brain.step(seen), range(16)):
                    if (outputs != expected).any():
                        raise SystemExit("soak.py: a brain that is used by several threads answers otherwise")
        trainer.update()
        if twin is not None:
            twin.update()
            if (twin.brain.flat != trainer.brain.flat).any():
                raise SystemExit("soak.py: a copy of a trainer learns something else")
        yield 1


def soak(name: str, job: Callable[[int], Iterator[int]], total: int, quiet: bool) -> bool:
    """Do a job for long; print what memory did; whether it stayed flat."""
    began = time.monotonic()
    bar = tqdm(total=total, unit=f" {name}", unit_scale=True, disable=quiet, leave=False)
    samples: list[int] = []
    files = objects = done = 0
    looked = 0
    for count in job(total):
        done += count
        bar.update(count)
        if done * (SAMPLES + 1) // total > looked:
            looked = done * (SAMPLES + 1) // total
            samples.append(memory())
            if len(samples) == 1:
                files, objects = open_files(), len(gc.get_objects())
        if done >= total:
            break
    bar.close()
    more_files, more_objects = open_files() - files, len(gc.get_objects()) - objects
    growth = samples[-1] - samples[0]
    told = " ".join(f"{sample / 2**20:.1f}" for sample in samples)
    print(f"{done:,} {name} in {time.monotonic() - began:.0f} s; memory in MB: {told}")
    # Objects waver a little from one collection to the next; a leak would leave one a game or more.
    flat = growth <= MAY_GROW and more_files <= 0 and more_objects < 200
    if not flat:
        print(f"  NOT FLAT: {growth:,} bytes, {more_files} open files, {more_objects} objects more")
    return flat


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, epilog="Needs Linux. Exit status: 0 memory is flat, 1 it is not."
    )
    jobs: dict[str, tuple[str, Callable[[int], Iterator[int]], int]] = {
        "moves": ("moves in vector environments", vector_moves, 100_000_000),
        "games": ("single games", single_games, 100_000),
        "environments": ("environments made and closed", environments, 10_000),
        "updates": ("updates of a trainer", updates, 20_000),
    }
    for option, (help, _, default) in jobs.items():
        parser.add_argument(
            f"--{option}", type=int, default=default, help=f"{help}; 0: none (default: %(default)s)"
        )
    parser.add_argument("--quiet", action="store_true", help="no progress bar")
    parsed = parser.parse_args(arguments)
    flat = True
    for option, (name, job, _) in jobs.items():
        total = getattr(parsed, option)
        if total < 0:
            parser.error(f"--{option} must not be negative")
        if total:
            flat &= soak(name, job, total, parsed.quiet)
    print("Memory stayed flat." if flat else "Memory grew.")
    return 0 if flat else 1


if __name__ == "__main__":
    sys.exit(main())
