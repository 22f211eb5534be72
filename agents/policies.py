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

    def __init__(self, env: Any, seed: int | None = None) -> None:
        self._space = action_space(env)
        if not isinstance(self._space, (gym.spaces.Discrete, gym.spaces.Box)):
            raise ValueError(f"env must have a Discrete or Box action space, got {self._space}")
        if seed is not None:
            validation.whole_number("seed", seed, 0)
        self._rng = np.random.default_rng(seed)

    def predict(
        self, observation: Any, state: Any = None, episode_start: Any = None, deterministic: bool = True
    ) -> tuple[Array, Any]:
        """See `Policy`. What is observed makes no difference."""
        games = np.shape(observation)[:-1]
        space = self._space
        if isinstance(space, gym.spaces.Discrete):
            return np.asarray(self._rng.integers(int(space.n), size=games)), state
        assert isinstance(space, gym.spaces.Box)  # noqa: S101  (the constructor saw to it)
        drawn = self._rng.uniform(space.low, space.high, size=(*games, *space.shape))
        return drawn.astype(space.dtype), state

    def action_probabilities(self, observation: Any) -> Array:
        """The probabilities of all actions, (games, actions); ValueError for compass readings."""
        if not isinstance(self._space, gym.spaces.Discrete):
            raise ValueError("compass readings have no probabilities")
        actions = int(self._space.n)
        return np.full((len(observation), actions), 1 / actions)
