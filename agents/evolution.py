"""Evolution: brains that learn without any teacher, by being better than their siblings.

Each generation, every individual of the population plays the same games. The best become parents; a
child's weights come from two of them, unit by unit, with a little noise. Nothing is differentiated.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from agents import validation
from agents.brain import Brain
from agents.environments import action_space, all_starts, make_vector_like
from agents.threads import OneThread

Array = NDArray[Any]

FITNESSES = ("return", "survival")
GAMES_AT_ONCE = 1 << 15  # bounds the memory of a generation


class Population:
    """Many brains of one build that play side by side: one matrix product moves all of them.

    Args:
        brain: What each is built like; a cell "mlp" or "elman".
        size: How many.

    Attributes:
        flat: The weights, (size, parameters): a row is an individual's `Brain.flat`.
    """

    def __init__(self, brain: Brain, size: int) -> None:
        if brain.config.cell not in ("mlp", "elman"):
            raise ValueError(f"a population's cell must be mlp or elman, got {brain.config.cell!r}")
        self.brain = brain
        self.flat = np.zeros((size, brain.flat.size), brain.dtype)

    def __len__(self) -> int:
        return len(self.flat)

    def stacked(self) -> dict[str, Array]:
        """The matrices of all, by the names of `Brain.parameters`, (size, ...) each."""
        each = [self.brain.named(self.brain.blocks_of(row)) for row in self.flat]
        return {name: np.stack([one[name] for one in each]) for name in each[0]}

    def play(self, env: Any, starts: dict[str, Array] | None) -> tuple[Array, Array]:
        """Let each play a game in each column of a vector environment.

        Args:
            env: A vector environment of size x games environments: the first `games` are the first
                individual's.
            starts: Options for its reset, or None: it draws.

        Returns:
            Sum of rewards and number of moves without capture, each game's, (size, games).
        """
        weights = self.stacked()
        config, squash, head = self.brain.config, self.brain.cell.squash, self.brain.head
        size, games = len(self), env.num_envs // len(self)
        inner = weights["input_to_hidden"]  # (size, inputs, hidden)
        hidden_bias = weights["hidden_bias"][:, None] if config.bias else 0
        output_bias = weights["output_bias"][:, None] if config.bias else 0
        h = np.zeros((size, games, config.hidden), self.brain.dtype)
        observation, _ = env.reset(options=starts)
        returned, survived = np.zeros(env.num_envs), np.zeros(env.num_envs, np.int64)
        playing = np.ones(env.num_envs, np.bool_)
        while playing.any():
            x = observation.reshape(size, games, -1).astype(self.brain.dtype, copy=False)
            if config.centred:
                x = 2 * x - 1
            drive = x @ inner
            if self.brain.cell.recurrent:
                drive += h @ weights["hidden_to_hidden"]
            drive += hidden_bias
            squash(drive, h)
            outputs = np.moveaxis(h @ weights["hidden_to_output"] + output_bias, -1, 0)
            head.finish(outputs)
            action = self.brain._action(outputs.reshape(len(outputs), -1), True)
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
        games: Games that each plays a generation; None: one from every start there is.
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
        games: Games played by all together.
        best: Fitness of the best individual in the last generation.
        mean: The population's mean fitness.

    Raises:
        ValueError: An argument is wrong, or the brain's cell can't be bred.
    """

    def __init__(
        self,
        env: Any,
        brain: Brain,
        population: int = 128,
        games: int | None = 128,
        generations: int = 200,
        parents: float = 0.2,
        elite: int = 4,
        mutation: float = 1.0,
        fitness: str = "return",
        seed: int = 0,
    ) -> None:
        validation.whole_number("population", population, 2)
        if games is not None:
            validation.whole_number("games", games, 1)
        validation.whole_number("generations", generations, 1)
        validation.positive_number("parents", parents, 1.0)
        validation.whole_number("elite", elite, 0, population - 1)
        validation.positive_number("mutation", mutation)
        validation.one_of("fitness", fitness, FITNESSES)
        validation.whole_number("seed", seed, 0)
        self.brain = brain
        self.fitness = fitness
        self.mutation = mutation
        self.generations = generations
        self.elite = elite
        self.parents = max(2, round(parents * population))
        self.population = Population(brain, population)
        self._rng = np.random.default_rng([seed, 4])
        self._units = units_of(brain)
        self._scale = scale_of(brain, self._units)
        self.population.flat[...] = self._rng.standard_normal(self.population.flat.shape) * self._scale
        brain.continuous = hasattr(action_space(env), "high")
        self._starts = all_starts(env)
        self._every = games is None
        self._games = len(next(iter(self._starts.values()))) if games is None else games
        self._together = max(1, min(population, GAMES_AT_ONCE // self._games))  # individuals at a time
        self.env = make_vector_like(env, self._together * self._games)
        self.env.reset(seed=seed)
        self.generation = 0
        self.games = 0
        self.best = self.mean = float("nan")

    def advance(self) -> None:
        """Play and breed one generation."""
        if self.generation:
            self._breed()
        with OneThread():
            self._fitness = self._play()
        self.games += len(self.population) * self._games
        self.generation += 1
        self.best, self.mean = float(self._fitness.max()), float(self._fitness.mean())
        self.brain.flat[...] = self.population.flat[self._fitness.argmax()]

    def _play(self) -> Array:
        """The fitness of all, (population,): the same games for each, so that luck does not decide."""
        total = len(next(iter(self._starts.values())))
        chosen = np.arange(total) if self._every else self._rng.integers(total, size=self._games)
        starts = {name: np.tile(at[chosen], (self._together, 1)) for name, at in self._starts.items()}
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


def units_of(brain: Brain) -> Array:
    """Which unit each weight leads into, (parameters,): 0 to units - 1. Rows of the matrices are units."""
    units, first = [], 0
    for block in brain.blocks.values():
        units.append(np.repeat(np.arange(first, first + len(block)), block.shape[1]))
        first += len(block)
    return np.concatenate(units)


def scale_of(brain: Brain, units: Array) -> Array:
    """The size of each weight at first, (parameters,): 1 / sqrt(weights that lead into its unit)."""
    return np.asarray(1 / np.sqrt(np.bincount(units)[units]))
