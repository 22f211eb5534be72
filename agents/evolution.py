"""Evolution: brains that learn without any teacher, by being better than their siblings.

Each generation, every individual of the population plays the same games. The best become parents; a
child's weights come from two of them, unit by unit, with a little noise. Nothing is differentiated.
"""

from __future__ import annotations

from typing import Any

import gymnasium as gym
import numpy as np
from numpy.typing import NDArray

from agents import validation
from agents.brain import Brain, check_brain
from agents.cost import MAX_TOGETHER, check_evolution
from agents.environments import (
    action_space,
    all_starts,
    episode_length,
    game_of,
    make_vector_like,
    observation_size,
)
from agents.state import check_state, random_state, restore_random_state
from agents.threads import OneThread

Array = NDArray[Any]

FITNESSES = ("return", "survival")
MAX_NUM_ENVS = MAX_TOGETHER  # bounds the memory of a generation
MAX_POPULATION = 1 << 20


class Population:
    """Many brains of one build that play side by side: one matrix product moves all of them.

    Args:
        brain: What each is built like; a cell "mlp" or "elman".
        size: How many.

    Attributes:
        flat: The weights, (size, parameters): a row is an individual's `Brain.flat`.

    Raises:
        ValueError: There is no brain, or none that can be bred; or `size` is no number of brains.
    """

    def __init__(self, brain: Brain, size: int) -> None:
        check_brain(brain)
        validation.whole_number("size", size, 1, MAX_POPULATION)
        if brain.config.cell not in ("mlp", "elman"):
            raise ValueError(f"a population's cell must be mlp or elman, got {brain.config.cell!r}")
        self.brain = brain
        self.flat = np.zeros((size, brain.flat.size), brain.dtype)

    def __len__(self) -> int:
        return len(self.flat)

    def stacked(self) -> dict[str, Array]:
        """The matrices of all, by the names of `Brain.parameters`, (size, ...) each."""
        each = [self.brain.named(self.brain.split(row)) for row in self.flat]
        return {name: np.stack([one[name] for one in each]) for name in each[0]}

    def play(self, env: Any, starts: dict[str, Array] | None) -> tuple[Array, Array]:
        """Let each play a game in each column of a vector environment.

        Args:
            env: A vector environment of size x games environments: the first `games` are the first
                individual's.
            starts: Options for its reset, or None: it draws.

        Returns:
            Sum of rewards and number of moves without capture, each game's, (size, games).

        Raises:
            ValueError: The environment is none, or does not fit.
        """
        if action_space(env) is None or env.num_envs % len(self):
            raise ValueError(f"env must have as many games for each of {len(self)}, got {env.num_envs}")
        weights = self.stacked()
        brain, config = self.brain, self.brain.config
        size, games = len(self), env.num_envs // len(self)
        inner = weights["input_to_hidden"]  # (size, inputs, hidden)
        hidden_bias = weights["hidden_bias"][:, None] if config.bias else 0
        output_bias = weights["output_bias"][:, None] if config.bias else 0
        h = np.zeros((size, games, config.hidden), brain.dtype)
        observation, _ = env.reset(options=starts)
        returned, survived = np.zeros(env.num_envs), np.zeros(env.num_envs, np.int64)
        playing = np.ones(env.num_envs, np.bool_)
        while playing.any():
            x = observation.reshape(size, games, -1).astype(brain.dtype, copy=False)
            if config.centred:
                x = 2 * x - 1
            drive = x @ inner
            if brain.cell.recurrent:
                drive += h @ weights["hidden_to_hidden"]
            drive += hidden_bias
            brain.cell.activation(drive, h)
            outputs = np.moveaxis(h @ weights["hidden_to_output"] + output_bias, -1, 0)
            brain.head.activate(outputs)
            action = brain.act(outputs.reshape(len(outputs), -1))
            observation, reward, terminated, truncated, _ = env.step(action)
            returned += reward * playing
            survived += playing & ~terminated
            playing &= ~(terminated | truncated)
        return returned.reshape(size, games), survived.reshape(size, games)


class Evolution:
    """A genetic algorithm over a brain's flat parameter vector.

    Selection: the best `parents` breed, the very best `elite` live on unchanged. Crossover: each unit
    (a column of a matrix: all weights that lead into it) comes from either of two parents. Mutation:
    normal noise on every weight, `mutation` at the start, falling linearly to a hundredth of it.

    Args:
        env: An environment, single or vector, that says which game to play; it is not touched.
        brain: What is bred; it always holds the best individual of the last generation.
        population: Individuals.
        games_per_individual: Games that each plays a generation; None: one from every start there is.
        generations: For how many the mutation's fall is made.
        parents: Part of the population that breeds.
        elite: Individuals that live on unchanged.
        mutation: Standard deviation of the noise at the start, in sizes of the first weights.
        fitness: "return" (the sum of rewards) or "survival" (moves before capture); the mean over games.
        seed: Of all chance.

    Attributes:
        env: The vector environment in which they play.
        population: All individuals.
        generation: Generations played.
        games_played: Games played by all together.

    Raises:
        ValueError: An argument is wrong, or the brain's cell can't be bred.
    """

    def __init__(
        self,
        env: Any,
        brain: Brain,
        population: int = 128,
        games_per_individual: int | None = 128,
        generations: int = 200,
        parents: float = 0.2,
        elite: int = 4,
        mutation: float = 1.0,
        fitness: str = "return",
        seed: int = 0,
    ) -> None:
        validation.whole_number("population", population, 2)
        if games_per_individual is not None:
            validation.whole_number("games_per_individual", games_per_individual, 1)
        validation.whole_number("generations", generations, 1)
        validation.positive_number("parents", parents, 1.0)
        validation.whole_number("elite", elite, 0, population - 1)
        validation.positive_number("mutation", mutation)
        validation.one_of("fitness", fitness, FITNESSES)
        validation.whole_number("seed", seed, 0)
        space, moves = action_space(env), episode_length(env)
        check_brain(brain)
        brain.check_fits(
            observation_size(env), int(space.n) if isinstance(space, gym.spaces.Discrete) else None
        )
        check_evolution(brain.config, population, games_per_individual or 1, moves)
        self.brain = brain
        self.fitness = fitness
        self.mutation = mutation
        self.generations = generations
        self.elite = elite
        self.parents = max(2, round(parents * population))
        self._rng = np.random.default_rng([seed, 4])
        self._units = output_units(brain)
        # The size of each weight at first: 1 / sqrt(weights that lead into its unit).
        self._scale = 1 / np.sqrt(np.bincount(self._units)[self._units])
        self.population = Population(brain, population)
        self.population.flat[...] = self._rng.standard_normal(self.population.flat.shape) * self._scale
        brain.set_action_space(space)
        brain.game = game_of(env, "rewards")
        probe = make_vector_like(env, 1)
        self._starts = all_starts(probe)
        probe.close()
        self._all_starts = len(next(iter(self._starts.values())))
        self._draws_starts = games_per_individual is not None
        self.games_per_individual = games_per_individual or self._all_starts
        check_evolution(brain.config, population, self.games_per_individual, moves)
        self._together = max(1, min(population, MAX_NUM_ENVS // self.games_per_individual))  # individuals
        self.env = make_vector_like(env, self._together * self.games_per_individual)
        self.env.reset(seed=seed)
        self.generation = 0
        self.games_played = 0
        self._fitness = np.full(population, np.nan)

    @property
    def finished(self) -> bool:
        """Whether all generations are played."""
        return self.generation >= self.generations

    @property
    def best(self) -> float:
        """Fitness of the best individual in the last generation."""
        return float(self._fitness.max())

    @property
    def mean(self) -> float:
        """The population's mean fitness in the last generation."""
        return float(self._fitness.mean())

    def advance(self) -> None:
        """Play and breed one generation."""
        if self.generation:
            self._breed()
        with OneThread():
            self._fitness = self._evaluate()
        self.games_played += len(self.population) * self.games_per_individual
        self.generation += 1
        self.brain.flat[...] = self.population.flat[self._fitness.argmax()]

    def state_dict(self) -> dict[str, Array]:
        """What must be kept between generations to go on bit for bit, by name."""
        return {
            "population": self.population.flat,
            "fitness": self._fitness,
            "generation": np.array(self.generation),
            "random": random_state(self._rng),
            "env": random_state(self.env.unwrapped.np_random),
        }

    def load_state_dict(self, state: dict[str, Array]) -> None:
        """Go on from what `state_dict` gave; ValueError if that can't be."""
        check_state(state, self.state_dict())
        if state["generation"] and not np.isfinite(state["fitness"]).all():
            raise ValueError("fitness holds numbers that are not finite")
        restore_random_state(self._rng, state["random"])
        restore_random_state(self.env.unwrapped.np_random, state["env"])
        self.population.flat[...] = state["population"]
        self._fitness = state["fitness"].copy()
        self.generation = int(state["generation"])
        self.games_played = self.generation * len(self.population) * self.games_per_individual
        if self.generation:
            self.brain.flat[...] = self.population.flat[self._fitness.argmax()]

    def _evaluate(self) -> Array:
        """The fitness of all, (population,): the same games for each, so that luck does not decide."""
        chosen = np.arange(self._all_starts)
        if self._draws_starts:
            chosen = self._rng.integers(self._all_starts, size=self.games_per_individual)
        starts = {name: np.tile(cells[chosen], (self._together, 1)) for name, cells in self._starts.items()}
        fitness = np.empty(len(self.population))
        some = Population(self.brain, self._together)
        for first in range(0, len(fitness), self._together):
            members = self.population.flat[first : first + self._together]
            some.flat[: len(members)] = members  # what is left over in the last lot plays in vain
            returned, survived = some.play(self.env, starts)
            counted = returned if self.fitness == "return" else survived
            fitness[first : first + self._together] = counted.mean(axis=1)[: len(members)]
        return fitness

    def _breed(self) -> None:
        """Put the next generation in the place of the last."""
        rng, flat = self._rng, self.population.flat
        order = np.argsort(-self._fitness, kind="stable")
        children = len(flat) - self.elite
        # The better of two draws is a parent the likelier the better it is.
        pairs = rng.integers(self.parents, size=(2, 2, children)).min(axis=0)  # (2, children) ranks
        mother, father = flat[order[pairs[0]]], flat[order[pairs[1]]]
        from_mother = (rng.random((children, self._units.max() + 1)) < 0.5)[:, self._units]
        fall = max(0.01, 1 - self.generation / self.generations)
        noise = rng.standard_normal(mother.shape) * (self._scale * self.mutation * fall)
        born = np.where(from_mother, mother, father) + noise
        flat[: self.elite] = flat[order[: self.elite]]
        flat[self.elite :] = born


def output_units(brain: Brain) -> Array:
    """Which unit each weight leads into, (parameters,): 0 to units - 1. Rows of the matrices are units."""
    inputs = [block.shape[1] for block in brain.blocks.values() for _ in block]
    return np.repeat(np.arange(len(inputs)), inputs)
