"""Configurations of the learners without a teacher, and what is done with what they have learned."""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from agents import Brain, evaluate
from agents.environments import observation_size
from agents.evolution import FITNESSES, Evolution
from agents.q_learning import QLearner
from agents.runs.config import TaskConfig, make_env, option
from catmouse.command_line import Failed, Parser, discard_output, typed
from catmouse.console import certificate_text, example_game
from catmouse.stopping import Stopping


@dataclass(frozen=True)
class EvolutionConfig(TaskConfig):
    """Everything that decides how evolution goes."""

    cell: str = option("mlp", "what each brain remembers with", ("mlp", "elman"))
    hidden: int = option(32, "hidden units")
    fitness: str = option("return", "what is bred for: sum of rewards, or moves before capture", FITNESSES)
    population: int = option(128, "brains")
    games_per_individual: int = option(64, "games that each brain plays a generation, the same for all")
    generations: int = option(100, "generations")
    parents: float = option(0.2, "part of the population that has children")
    elite: int = option(4, "brains that live on unchanged")
    mutation: float = option(1.0, "noise on a child's weights, in sizes of the first weights; falls linearly")
    seed: int = option(0, "of all chance")

    def evolution(self) -> Evolution:
        """The population before its first generation; ValueError if it can't be made."""
        env = make_env(self, 1)
        inputs, actions = observation_size(env), int(getattr(env.single_action_space, "n", 4))
        brain = Brain(cell=self.cell, hidden=self.hidden, seed=self.seed, inputs=inputs, actions=actions)
        return Evolution(
            env,
            brain,
            population=self.population,
            games_per_individual=self.games_per_individual,
            generations=self.generations,
            parents=self.parents,
            elite=self.elite,
            mutation=self.mutation,
            fitness=self.fitness,
            seed=self.seed,
        )


@dataclass(frozen=True)
class QLearningConfig(TaskConfig):
    """Everything that decides how Q-learning goes."""

    games: int = option(100_000, "games to play")
    batch: int = option(256, "games played at a time")
    learning_rate: float = option(0.5, "how far a value moves towards its target, above 0 and at most 1")
    discount: float = option(0.98, "what a reward is worth one move later")
    explore: float = option(1.0, "how often the first moves are drawn; falls to 0 over --games")
    seed: int = option(0, "of all chance")

    def learner(self) -> QLearner:
        """The learner before its first game; ValueError if it can't be made."""
        if self.batch < 1:
            raise ValueError(f"batch must be at least 1, got {self.batch}")
        return QLearner(
            make_env(self, self.batch),
            self.games,
            self.learning_rate,
            self.discount,
            self.explore,
            self.seed,
        )


def work_through(pieces: Iterable[None]) -> tuple[float, bool]:
    """Do some work piece by piece, until its end or a wish to stop; seconds, and whether it was stopped."""
    began = time.perf_counter()
    with Stopping() as stopping:
        try:
            for _ in pieces:
                if stopping.wanted:
                    break
        except BrokenPipeError:  # who read the progress bar has gone; what was learned is kept
            discard_output()
            stopping.wanted = True
    return time.perf_counter() - began, stopping.wanted


def default_folder(config: TaskConfig, kind: str, seed: int) -> Path:
    """Where what was learned is saved unless told otherwise."""
    return Path("runs") / f"{config.env_id.split(':')[-1]}-{kind}-seed-{seed}"


def add_out(parser: Parser, kind: str) -> None:
    """Add `--out`, the folder of what is learned."""
    parser.add_argument(
        "--out",
        type=Path,
        metavar="FOLDER",
        help=f"where it is saved (default: runs/ENV-ID-{kind}-seed-SEED)",
    )


def save_and_judge(policy: Any, env: Any, path: Path, done: str, seed: int) -> None:
    """Save what has learned, then print what was done, its certificate, a game, and how to go on.

    Args:
        policy: What has learned; it can be saved.
        env: What it learned in.
        path: The file.
        done: What was done to get there.
        seed: Of the environment's chance.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        policy.save(path)
    except OSError as error:
        raise Failed(f"what was learned can't be saved: {error}") from error
    print(f"{done}, seed {seed}\n")
    print(certificate_text(evaluate(policy, env, seed), follows_teacher=False))
    print(f"\nAn example game, as it plays now:\n\n{example_game(policy, env, seed)}")
    print(f"\nSaved. Next:\n  {typed('evaluate')} {path}")
