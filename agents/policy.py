"""The one protocol that ties all policies together, and two policies that need no training."""

from __future__ import annotations

from typing import Any, Protocol, runtime_checkable

import gymnasium as gym
import numpy as np
from numpy.typing import NDArray

from agents import checks
from agents.environments import (
    action_space_of,
    moves_per_game,
    observation_size_of,
    starts_of,
    vector_env_like,
)

Array = NDArray[Any]

DIRECTIONS = 4  # that a mouse can go
CHUNK = 1 << 16  # starts that the teacher is asked about at a time


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
        self._space = action_space_of(env)
        if not isinstance(self._space, (gym.spaces.Discrete, gym.spaces.Box)):
            raise ValueError(f"env must have a Discrete or Box action space, got {self._space}")
        if seed is not None:
            checks.whole_number("seed", seed, 0)
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

    def mix(self, observation: Any) -> Array:
        """The probabilities of all actions, (games, actions); ValueError for compass readings."""
        if not isinstance(self._space, gym.spaces.Discrete):
            raise ValueError("compass readings have no probabilities")
        actions = int(self._space.n)
        return np.full((len(observation), actions), 1 / actions)


class TeacherAgent:
    """Does what the environment's teacher says, learned by heart from the labels at every start.

    It looks through the door that everybody has: it resets a vector environment of its own to every start
    and reads the labels in `info`. Where the moves left are observed it does so for each number of
    moves. A cat that is out of sight is where it was seen last.

    Args:
        env: An environment, single or vector, that tells its `starts` and puts `ideal_action` and
            `ideal_direction` in `info`, and observes cat x, cat y, mouse x, mouse y [, moves left].
    """

    def __init__(self, env: Any) -> None:
        self._continuous = isinstance(action_space_of(env), gym.spaces.Box)
        self._limit = moves_per_game(env)
        timed = observation_size_of(env) > 4
        layers = [self._learn(env, moves) for moves in (range(self._limit + 1) if timed else [self._limit])]
        self._actions = np.stack([actions for actions, _ in layers])  # (1 or limit + 1, places)
        self._readings = np.stack([readings for _, readings in layers])

    def _learn(self, env: Any, moves: int) -> tuple[Array, Array]:
        """The labels at every start with so many moves to go, in the order of places."""
        own = vector_env_like(env, CHUNK, cat_visible_moves=None, max_episode_steps=max(moves, 1))
        starts = starts_of(own)
        total = len(next(iter(starts.values())))
        seen, actions, readings = [], [], []
        for first in range(0, total, CHUNK):
            chosen = np.arange(first, first + CHUNK) % total  # the last chunk is filled up from the first
            observations, info = own.reset(options={name: places[chosen] for name, places in starts.items()})
            seen.append(observations[: total - first, :4])
            actions.append(info["ideal_action"][: total - first])
            readings.append(info["ideal_direction"][: total - first])
        own.close()
        places = np.concatenate(seen)
        self._axes = [np.unique(column) for column in places.T]
        order = self._place(places)
        # Places that are no start (both in one cell of a lethal game) never come up; they read 0.
        size = int(np.prod([len(axis) for axis in self._axes]))
        action, reading = np.zeros(size, np.int64), np.zeros(size)
        action[order], reading[order] = np.concatenate(actions), np.concatenate(readings)
        return action, reading

    def _place(self, seen: Array) -> Array:
        """The number of each (cat x, cat y, mouse x, mouse y) that is seen, (games,)."""
        place = np.zeros(len(seen), np.int64)
        for axis, column in zip(self._axes, seen.T, strict=True):
            place = place * len(axis) + np.searchsorted(axis, column).clip(0, len(axis) - 1)
        return place

    def predict(
        self, observation: Any, state: Any = None, episode_start: Any = None, deterministic: bool = True
    ) -> tuple[Array, Array]:
        """See `Policy`; the state is where each game's cat was last seen, (games, 2)."""
        observation = np.asarray(observation)
        seen = np.array(np.atleast_2d(observation)[:, :4])
        if state is not None:
            hidden = (
                (seen[:, 0] < 0) if episode_start is None else (seen[:, 0] < 0) & ~np.asarray(episode_start)
            )
            seen[hidden, :2] = state[hidden]
        layer = 0
        if len(self._actions) > 1:
            layer = np.rint(np.atleast_2d(observation)[:, 4] * self._limit).astype(np.int64)
        place = self._place(seen)
        if self._continuous:
            action = self._readings[layer, place].astype(np.float32)[:, None]
        else:
            action = self._actions[layer, place]
        return (action[0] if observation.ndim == 1 else action), seen[:, :2]

    def mix(self, observation: Any) -> Array:
        """What it plays, as probabilities (games, actions), where the cat is in sight."""
        action, _ = self.predict(observation)
        if self._continuous:
            action = np.minimum((action[:, 0] * DIRECTIONS).astype(np.int64), DIRECTIONS - 1)
        return np.asarray(np.eye(DIRECTIONS)[action])
