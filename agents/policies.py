"""The one protocol that ties all policies together, and a policy that draws its actions."""

from __future__ import annotations

from typing import Any, Protocol, runtime_checkable

import gymnasium as gym
import numpy as np
from numpy.typing import NDArray

from agents import validation
from agents.environments import action_space

Array = NDArray[Any]


@runtime_checkable
class Policy(Protocol):
    """Anything that plays: a brain, an agent of your own, a model of Stable-Baselines3.

    `predict` takes observations (games, numbers), the state that it returned before (None at first)
    and a mask (games,) of the games that have just begun, whose state is to be forgotten. It returns
    actions in the environment's action space, batched likewise, and the new state.
    """

    def predict(
        self,
        observation: Any,
        state: Any = None,
        episode_start: Any = None,
        deterministic: bool = True,
    ) -> tuple[Any, Any]: ...


class RandomAgent:
    """Draws every action uniformly.

    Args:
        env: An environment, single or vector, in whose action space it plays.
        seed: Of its own random stream.
    """

    stochastic = True  # it draws, whatever `deterministic` says

    def __init__(self, env: Any, seed: int | None = None) -> None:
        space = action_space(env)
        if seed is not None:
            validation.whole_number("seed", seed, 0)
        self._rng = np.random.default_rng(seed)
        self._actions = int(space.n) if isinstance(space, gym.spaces.Discrete) else None
        if isinstance(space, gym.spaces.Box):
            self._box = space
        elif self._actions is None:
            raise ValueError(f"env must have a Discrete or Box action space, got {space}")

    def predict(
        self, observation: Any, state: Any = None, episode_start: Any = None, deterministic: bool = True
    ) -> tuple[Array, Any]:
        """See `Policy`. What is observed makes no difference."""
        games = np.shape(observation)[:-1]
        if self._actions:
            return np.asarray(self._rng.integers(self._actions, size=games)), state
        box = self._box
        return self._rng.uniform(box.low, box.high, (*games, *box.shape)).astype(box.dtype), state

    def action_probabilities(self, observation: Any) -> Array:
        """The probabilities of all actions, (games, actions); ValueError for compass readings."""
        if self._actions is None:
            raise ValueError("compass readings have no probabilities")
        return np.full((len(observation), self._actions), 1 / self._actions)
