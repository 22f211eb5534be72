"""Three ways to ask a teacher for labels, and what a learner makes of them.

- *cloning*: the teacher plays, the learner watches. It never sees where its own mistakes lead.
- *mixture*: half of the moves are drawn at random, so that the teacher is asked off its own path too.
- *dagger* (Ross et al. 2011): the learner plays what it learned from the labels so far, and is told what was
  right.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import gymnasium as gym
import numpy as np
from numpy.typing import NDArray

import catmouse_env  # noqa: F401  (registers the environments)
from agents import Brain, SupervisedTrainer, evaluate
from agents.environments import all_starts
from agents.every_start import games_from
from agents.recorded_games import Mover, RecordedGames, Recording, record

Array = NDArray[Any]

WAYS = ("cloning", "mixture", "dagger")
CELLS = ("elman", "mlp")
TASKS: dict[str, tuple[str, dict[str, Any]]] = {
    "cat in view": ("CatMouse-v0", {}),
    "cat seen once": ("CatMouseMemory-v0", {}),
    "chasing cat": ("CatMouseChase-v0", {"teacher": "optimal"}),
}
HIDDEN = 48
BATCH = 64
TABLE_ROUNDS = 30  # of asking about a table's own games; it has stopped changing long before


@dataclass(frozen=True)
class Point:
    """What one learner made of some labels.

    Attributes:
        task, way, cell: Keys of `TASKS`, of `WAYS` and of `CELLS`.
        seed: Of the games, and of the brain's first weights.
        games: Recorded games.
        labels: The teacher's answers in them.
        mistakes: A game, over every start.
    """

    task: str
    way: str
    cell: str
    seed: int
    games: int
    labels: int
    mistakes: float


def by_teacher(observation: Array, ideal: Array, rng: np.random.Generator) -> Array:
    """The teacher moves."""
    return ideal


def half_at_random(observation: Array, ideal: Array, rng: np.random.Generator) -> Array:
    """The teacher moves, or chance does, half of the moves each."""
    drawn = rng.integers(4, size=len(ideal))
    return np.where(rng.random(len(ideal)) < 0.5, ideal, drawn)


def by_brain(brain: Brain) -> Mover:
    """A brain moves, with its memory."""
    state: Any = None

    def move(observation: Array, ideal: Array, rng: np.random.Generator) -> Array:
        nonlocal state
        action, state = brain.predict(observation, state)
        return np.asarray(action)

    return move


def learned(recording: Recording, cell: str, seed: int, updates: int) -> Brain:
    """A new brain after so many updates on recorded games: Adam at 0.02, falling linearly to 0, clip 1."""
    brain = Brain(cell=cell, hidden=HIDDEN, seed=seed)
    trainer = SupervisedTrainer(
        RecordedGames(recording, BATCH),
        brain,
        learning_rate=0.02,
        schedule="linear",
        total_games=updates * BATCH,
        rollout_policy="teacher",
        clip=1.0,
        seed=seed,
    )
    for _ in range(updates):
        trainer.update()
    return brain


def learning_curve(
    task: str, way: str, cell: str, seed: int, sizes: Sequence[int], updates: int
) -> Iterator[Point]:
    """What a learner of one kind makes of more and more games.

    Args:
        task, way, cell: Keys of `TASKS`, of `WAYS` and of `CELLS`.
        seed: Of the games, and of the first weights.
        sizes: Numbers of games, increasing.
        updates: Of each brain; each begins anew.
    """
    env_id, arguments = TASKS[task]
    env = gym.make(env_id, **arguments)
    recording: Recording | None = None
    brain: Brain | None = None
    kept = 0
    for size in sizes:
        if way == "dagger":
            mover = by_teacher if brain is None else by_brain(brain)
        else:
            mover = by_teacher if way == "cloning" else half_at_random
        more = record(env, size - kept, mover, seed=1000 * seed + kept)
        recording, kept = more if recording is None else recording + more, size
        brain = learned(recording, cell, seed, updates)
        mistakes = evaluate(brain, env).mistakes_per_game
        yield Point(task, way, cell, seed, size, recording.labels, mistakes)


class Table:
    """A policy without a memory: an action for every observation."""

    def __init__(self) -> None:
        self.votes: dict[bytes, Array] = {}

    def predict(
        self, observation: Array, state: Any = None, episode_start: Any = None, deterministic: bool = True
    ) -> tuple[Array, Any]:
        """The action with the most votes; what it never met goes up."""
        return np.array([self.votes.get(row.tobytes(), np.zeros(4)).argmax() for row in observation]), state


def without_memory(task: str) -> float:
    """The least mistakes a game that a table of observations was found to make: what lack of memory costs.

    A table plays from every start and then answers what was right most often at what it saw; again and again.
    The best on the way counts. It need not be the best that there is.
    """
    env_id, arguments = TASKS[task]
    env = gym.make(env_id, **arguments)
    table, best = Table(), np.inf
    for _ in range(TABLE_ROUNDS):
        asked = Table()
        for games in games_from(all_starts(env), env):
            observation = games.observation
            for move in games.play(table):
                for row, ideal, on in zip(observation, move.info["ideal_action"], move.playing, strict=True):
                    if on:
                        asked.votes.setdefault(row.tobytes(), np.zeros(4))[ideal] += 1
                observation = games.observation
        table = Table()
        table.votes = asked.votes
        best = min(best, evaluate(table, env).mistakes_per_game)
    return float(best)
