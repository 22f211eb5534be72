"""Cats that move: what an environment's argument `cat` stands for."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from catmouse_env.game import Game, label_table
from catmouse_env.policies import as_actions, observe, table_of
from catmouse_env.solver import one_hot
from catmouse_env.teachers import CAT_TEACHERS

Array = NDArray[Any]

CATS = ("stationary", "chasing", "wandering")


class Cat(ABC):
    """Who moves the cats of one environment.

    Args:
        game: The room.
    """

    def __init__(self, game: Game) -> None:
        self.game = game

    @abstractmethod
    def act(
        self, pair: Array, left: Any, begins: Array, playing: Array | None, rng: np.random.Generator
    ) -> Array:
        """The cats' actions, (games,).

        Args:
            pair: The animals' cells, (games,).
            left: The part of the moves that is left, a number or (games,).
            begins: Which games are at their first move, (games,) bool.
            playing: Which games go on, (games,) bool; None: all. What is said of the rest is ignored.
            rng: The environment's random stream.
        """

    @abstractmethod
    def chance(self, moves: int) -> bool:
        """Whether it plays by chance, or may, in games of so many moves."""

    @abstractmethod
    def table(self, moves: int) -> Array:
        """What it plays, as probabilities that broadcast to (moves + 1, pairs, directions).

        Raises:
            ValueError: That can't be known.
        """


class ChasingCat(Cat):
    """Runs as the `chase` teacher says."""

    def __init__(self, game: Game) -> None:
        super().__init__(game)
        self._actions = label_table(game.grid, CAT_TEACHERS[game.cat_directions], game.cat_directions)

    def act(
        self, pair: Array, left: Any, begins: Array, playing: Array | None, rng: np.random.Generator
    ) -> Array:
        return self._actions.take(pair)

    def chance(self, moves: int) -> bool:
        return False

    def table(self, moves: int) -> Array:
        return one_hot(self._actions, self.game.cat_directions)


class WanderingCat(Cat):
    """Draws every action uniformly, from the environment's random stream."""

    def act(
        self, pair: Array, left: Any, begins: Array, playing: Array | None, rng: np.random.Generator
    ) -> Array:
        directions = self.game.cat_directions
        if playing is None:
            return rng.integers(0, directions, len(pair))
        actions = np.zeros(len(pair), np.int64)
        actions[playing] = rng.integers(0, directions, np.count_nonzero(playing))
        return actions

    def chance(self, moves: int) -> bool:
        return True

    def table(self, moves: int) -> Array:
        return np.full(self.game.cat_directions, 1 / self.game.cat_directions)


class PolicyCat(Cat):
    """Does what a policy predicts from both animals' places, whatever the mouse sees.

    Args:
        game: The room.
        policy: An object with `predict`; its state is kept here, and forgotten with its game.
        timed: Whether it observes the moves left.
    """

    def __init__(self, game: Game, policy: Any, timed: bool) -> None:
        super().__init__(game)
        self.policy = policy
        self.timed = timed
        self._state: Any = None

    def act(
        self, pair: Array, left: Any, begins: Array, playing: Array | None, rng: np.random.Generator
    ) -> Array:
        if begins.all():
            self._state = None
        seen = observe(self.game, pair, left if self.timed else None)
        answer, self._state = self.policy.predict(
            seen, state=self._state, episode_start=begins, deterministic=True
        )
        return as_actions(answer, len(pair), self.game.cat_directions)

    def chance(self, moves: int) -> bool:
        try:
            return bool((self.table(moves).max(axis=-1) < 1).any())
        except ValueError:  # it has a memory, and what it does with it can't be known
            return True

    def table(self, moves: int) -> Array:
        return table_of(self.policy, self.game, self.game.cat_directions, moves, self.timed)


def cat_of(cat: Any, game: Game, timed: bool) -> Cat | None:
    """The cat that an environment's argument stands for; None if it never moves.

    Raises:
        ValueError: It is neither one of `CATS` nor an object with `predict`.
    """
    if isinstance(cat, str):
        if cat == "stationary":
            return None
        if cat == "chasing":
            return ChasingCat(game)
        if cat == "wandering":
            return WanderingCat(game)
    elif callable(getattr(cat, "predict", None)):
        return PolicyCat(game, cat, timed)
    raise ValueError(
        f"cat must be one of {', '.join(map(repr, CATS))} or a policy with a method predict, got {cat!r}"
    )
