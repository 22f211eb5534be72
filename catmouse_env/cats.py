"""Cats: who moves the cat, the one that stays too. What an environment's argument `cat` stands for."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from catmouse_env.dynamics import Dynamics, State, View
from catmouse_env.policies import policy_rows, policy_table, to_actions
from catmouse_env.solver import one_hot
from catmouse_env.teachers import CAT_RULES, apply_rule

Array = NDArray[Any]


class Cat(ABC):
    """Who moves the cats of one environment.

    Args:
        dynamics: The rules.
        max_steps: Moves a game.
    """

    def __init__(self, dynamics: Dynamics, max_steps: int) -> None:
        self.dynamics = dynamics
        self.max_steps = max_steps

    @abstractmethod
    def act(self, state: State, steps: Any, rng: np.random.Generator) -> State:
        """The cats' actions, decided before the mouse's are known.

        Args:
            state: One state, or (n,).
            steps: Moves made so far, a number or (n,). What is said of a game that is over is ignored.
            rng: The environment's random stream.

        Returns:
            One action, or (n,); a number may stand for all.
        """

    @property
    @abstractmethod
    def stochastic(self) -> bool:
        """Whether it plays by chance, or may."""

    @abstractmethod
    def policy(self) -> Array:
        """What it plays, as probabilities that broadcast to (max_steps + 1, states, cat_actions).

        Raises:
            ValueError: That can't be known.
        """


class StationaryCat(Cat):
    """Stays: it has one action, and that leads nowhere."""

    stochastic = False

    def act(self, state: State, steps: Any, rng: np.random.Generator) -> int:
        return 0

    def policy(self) -> Array:
        return np.ones(1)


class ChasingCat(Cat):
    """Runs as the `chase` teacher says."""

    stochastic = False

    def __init__(self, dynamics: Dynamics, max_steps: int) -> None:
        super().__init__(dynamics, max_steps)
        count = dynamics.cat_actions
        self.actions = apply_rule(CAT_RULES[count], dynamics, count)  # by state, (states,) int8

    def act(self, state: State, steps: Any, rng: np.random.Generator) -> State:
        return self.actions.item(state) if state.__class__ is int else self.actions.take(state)

    def policy(self) -> Array:
        return one_hot(self.actions, self.dynamics.cat_actions)


class WanderingCat(Cat):
    """Draws every action uniformly, from the environment's random stream, by one uniform number."""

    stochastic = True

    def act(self, state: State, steps: Any, rng: np.random.Generator) -> State:
        if state.__class__ is int:
            return int(rng.random() * self.dynamics.cat_actions)
        return (rng.random(len(state)) * self.dynamics.cat_actions).astype(np.int64)

    def policy(self) -> Array:
        return np.full(self.dynamics.cat_actions, 1 / self.dynamics.cat_actions)


class PolicyCat(Cat):
    """Does what a policy predicts from both animals' places, whatever the mouse sees.

    Args:
        dynamics: The rules.
        max_steps: Moves a game.
        player: An object with `predict`; its state is kept here, and forgotten with its game.
        observe_moves_left: Whether it observes the moves left.
    """

    def __init__(self, dynamics: Dynamics, max_steps: int, player: Any, observe_moves_left: bool) -> None:
        super().__init__(dynamics, max_steps)
        self.player = player
        self.observe_moves_left = observe_moves_left
        self._memory: Any = None

    def act(self, state: State, steps: Any, rng: np.random.Generator) -> State:
        states = np.atleast_1d(state)
        begins = np.broadcast_to(np.equal(steps, 0), states.shape)
        if begins.all():
            self._memory = None
        seen = self.dynamics.observe(states, steps, View(None, self.observe_moves_left, self.max_steps))
        answer, self._memory = self.player.predict(
            seen, state=self._memory, episode_start=begins, deterministic=True
        )
        actions = to_actions(answer, len(states), self.dynamics.cat_actions)
        return int(actions[0]) if state.__class__ is int else actions

    @property
    def stochastic(self) -> bool:
        try:
            rows = policy_rows(self.player, self.dynamics, self.dynamics.cat_actions, self._observed_steps)
            return any((some.max(axis=-1) < 1).any() for some in rows)
        except ValueError:  # it has a memory, and what it does with it can't be known
            return True

    def policy(self) -> Array:
        return policy_table(self.player, self.dynamics, self.dynamics.cat_actions, self._observed_steps)

    @property
    def _observed_steps(self) -> int | None:
        return self.max_steps if self.observe_moves_left else None


CATS: dict[str, type[Cat]] = {
    "stationary": StationaryCat,
    "chasing": ChasingCat,
    "wandering": WanderingCat,
}
