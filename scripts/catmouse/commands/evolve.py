"""Let mice learn without any teacher: a population of brains, of which the best have children."""

from __future__ import annotations

import argparse
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from tqdm import tqdm

import catmouse_env  # noqa: F401  (registers the environments)
from agents import Brain, evaluate
from agents.environments import observation_size
from agents.evolution import FITNESSES, Evolution
from agents.runs.config import TaskConfig, add_options, given, make_env, option
from catmouse.console import certificate_text
from catmouse.stopping import STOPPED, Stopping


@dataclass(frozen=True)
class EvolutionConfig(TaskConfig):
    """Everything that decides how evolution goes."""

    cell: str = option("mlp", "what each brain remembers with", ("mlp", "elman"))
    hidden: int = option(32, "hidden units")
    fitness: str = option("return", "what is bred for: sum of rewards, or moves before capture", FITNESSES)
    population: int = option(128, "brains")
    games_each: int = option(64, "games that each brain plays a generation, the same for all")
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
            games_per_individual=self.games_each,
            generations=self.generations,
            parents=self.parents,
            elite=self.elite,
            mutation=self.mutation,
            fitness=self.fitness,
            seed=self.seed,
        )


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, epilog="Exit status: 0 done, 1 not saved, 2 wrong usage, 130 interrupted."
    )
    parser.add_argument(
        "--out",
        type=Path,
        help="file for the best brain (default: runs/ENV-ID-evolved-seed-SEED.safetensors)",
    )
    parser.add_argument("--quiet", action="store_true", help="no progress bar")
    add_options(parser.add_argument_group("what to learn, and how"), EvolutionConfig)
    arguments = parser.parse_args()
    try:
        config = EvolutionConfig(**given(arguments, EvolutionConfig))
        evolution = config.evolution()
    except ValueError as error:
        print(f"train_evolution.py: {error}", file=sys.stderr)
        return 2
    name = f"{config.env_id.split(':')[-1]}-evolved-seed-{config.seed}.safetensors"
    path = arguments.out or Path("runs") / name
    began = time.perf_counter()
    bar = tqdm(total=config.generations, unit=" generations", disable=arguments.quiet)
    with Stopping() as stopping, bar:
        while evolution.generation < config.generations and not stopping.wanted:
            evolution.advance()
            bar.set_postfix(best=f"{evolution.best:.2f}", mean=f"{evolution.mean:.2f}", refresh=False)
            bar.update()
    seconds = time.perf_counter() - began
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        evolution.brain.save(path)
    except OSError as error:
        print(f"train_evolution.py: the brain can't be saved: {error}", file=sys.stderr)
        return 1
    print(
        f"{evolution.generation} generations, {evolution.games_played:,} games in {seconds:.1f} s "
        f"({evolution.games_played / seconds:,.0f} games/s), seed {config.seed}\n"
    )
    print(certificate_text(evaluate(evolution.brain, evolution.env, config.seed)))
    print(f"\nSaved. Next:\n  python scripts/evaluate.py {path} --env-id {config.env_id}")
    return STOPPED if stopping.wanted else 0
