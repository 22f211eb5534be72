"""Games from every start there is, side by side and a chunk at a time, so that memory stays bounded."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import gymnasium as gym
import numpy as np
from numpy.typing import NDArray

from agents.actions import action_to_reading, reading_to_action
from agents.brain import Brain
from agents.cost import check_evaluation
from agents.environments import action_space, episode_length, make_vector_like
from agents.policies import Policy

Array = NDArray[Any]

DIRECTIONS = 4  # that compass readings tell apart
CHUNK = 4096  # games at a time: enough to be fast, few enough to stay in the cache


@dataclass(frozen=True)
class Move:
    """One move of every game.

    Attributes:
        info: What the environment told before it, the teacher's labels among it.
        action: As the policy gave it.
        direction: The same as a direction, (games,).
        reading: The same as a compass reading, (games,).
        reward: What it brought, (games,).
        terminated: Games that it ended by capture, (games,) bool.
        playing: Games that were on before it, and count, (games,) bool.
        mistakes: Those of them in which the direction was not the teacher's, (games,) bool.
    """

    info: dict[str, Any]
    action: Any
    direction: Array
    reading: Array
    reward: Array
    terminated: Array
    playing: Array
    mistakes: Array


@dataclass
class Games:
    """A chunk of games, one from each of some starts.

    Attributes:
        env: The vector environment in which they are played.
        starts: The numbers of those starts, (games,).
        observation: What is seen now.
        info: What the environment told with it.
        playing: Games that are still on, and count, (games,) bool. The last chunk is filled up with games
            that do not count.
    """

    env: gym.vector.VectorEnv[Any, Any, Any]
    starts: Array
    observation: Array
    info: dict[str, Any]
    playing: Array

    def step(self, action: Any) -> tuple[Array, Array]:
        """Make a move in every game; its rewards (games,), and which games ended by capture (games,)."""
        self.observation, reward, terminated, truncated, self.info = self.env.step(action)
        self.playing = self.playing & ~(terminated | truncated)
        return reward, terminated

    def play(self, policy: Policy, deterministic: bool = True) -> Iterator[Move]:
        """Let a policy play them to their end, move by move; `deterministic` is told to its `predict`."""
        space = action_space(self.env)
        actions = int(space.n) if isinstance(space, gym.spaces.Discrete) else None
        state = None
        for t in range(episode_length(self.env)):
            info, playing = self.info, self.playing
            begin = np.full(len(playing), t == 0)
            action, direction, reading, state = act(
                policy, self.observation, state, begin, actions, deterministic
            )
            mistakes = playing & (direction != info["ideal_action"])
            yield Move(info, action, direction, reading, *self.step(action), playing, mistakes)
            if not self.playing.any():
                return


def games_from(
    starts: dict[str, Array],
    env: Any,
    num_envs: int = CHUNK,
    seed: int = 0,
    weights: int = 0,
    **changes: Any,
) -> Iterator[Games]:
    """Begin one game from each start, chunk after chunk, each to be played before the next is asked for.

    Args:
        starts: Options for a vector environment's reset, (starts, ...) each: `all_starts(env)`, in any order.
        env: A single or vector environment. It says which game to play and is not touched itself.
        num_envs: Games at a time, at the most.
        seed: Of the environment, where it is stochastic.
        weights: Of the brain that plays, which makes games cost more.
        changes: What is different in the environments in which they are played; see `make_vector_like`.
    """
    total = len(next(iter(starts.values())))
    num_envs = min(num_envs, total)
    check_evaluation(total, num_envs, changes.get("moves") or episode_length(env), weights)
    own = make_vector_like(env, num_envs, **changes)
    own.reset(seed=seed)
    for first in range(0, total, num_envs):
        places = np.arange(first, first + num_envs)
        options = {name: value[places % total] for name, value in starts.items()}
        yield Games(own, places % total, *own.reset(options=options), places < total)
    own.close()


def act(
    policy: Policy,
    observation: Array,
    state: Any,
    episode_start: Array,
    actions: int | None,
    deterministic: bool = True,
) -> tuple[Any, Array, Array, Any]:
    """A policy's actions as it gave them, as directions and as compass readings, and its new state.

    A brain with a compass head is asked for its reading even where it answers in directions. `actions` says
    how many directions there are; None where actions are compass readings. ValueError if the policy's answer
    is no action there.
    """
    if isinstance(policy, Brain) and deterministic:
        outputs, state = policy.step(observation, state, episode_start)
        direction = policy.head.action(outputs)
        reading = policy.head.reading(outputs, direction)
        return (direction if actions else reading.astype(np.float32)[:, None]), direction, reading, state
    answer = policy.predict(observation, state, episode_start, deterministic=deterministic)
    if not isinstance(answer, tuple) or len(answer) != 2:
        raise ValueError(f"policy must answer with its actions and its state, it did with {answer!r}")
    action, state = answer
    games = len(observation)
    if actions:
        direction = np.asarray(action)
        if direction.shape != (games,) or direction.dtype.kind not in "iu":
            raise wrong_action(f"directions, whole numbers of shape ({games},)", direction)
        return action, direction, action_to_reading(direction, actions), state
    reading = np.asarray(action, np.float64)
    if reading.shape != (games, 1) or not np.isfinite(reading).all():
        raise wrong_action(f"compass readings, finite numbers of shape ({games}, 1)", reading)
    return action, reading_to_action(reading[:, 0], DIRECTIONS), reading[:, 0], state


def wrong_action(wanted: str, got: Array) -> ValueError:
    """That a policy's actions are none here."""
    return ValueError(f"policy must answer with {wanted}, it did with {got.dtype} {got.shape}")
