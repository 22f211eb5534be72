"""The door through which agents see environments: Gymnasium's public interface, observations and `info`."""

from __future__ import annotations

from typing import Any

import gymnasium as gym
import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]


def is_vector(env: Any) -> bool:
    """Whether `env` is a Gymnasium vector environment."""
    return isinstance(env, gym.vector.VectorEnv)


class OneGame(gym.vector.VectorEnv[Any, Any, Any]):
    """A single environment as a batch of one game, for those who play batches.

    A step of it takes a fifth of the time of a vector environment with `num_envs=1`. Numbers that belong to
    the one game (rewards, what is in `info`) are not wrapped in arrays. After its end a game stands still,
    and the environment is not stepped.

    Args:
        env: The single environment, whose actions are `Discrete` or a `Box`.
    """

    num_envs = 1
    YES, NO = np.ones(1, np.bool_), np.zeros(1, np.bool_)

    def __init__(self, env: gym.Env[Any, Any]) -> None:
        self.env = env
        self.spec = env.spec
        self.single_observation_space = env.observation_space
        self.single_action_space = env.action_space
        self._discrete = isinstance(env.action_space, gym.spaces.Discrete)
        self._step = env.step
        self._end: tuple[Array, Any, Array, Array, dict[str, Any]] | None = None

    @property
    def np_random(self) -> np.random.Generator:
        """The single environment's random stream."""
        return self.env.unwrapped.np_random

    @np_random.setter
    def np_random(self, value: np.random.Generator) -> None:
        self.env.unwrapped.np_random = value

    def reset(
        self, *, seed: Any = None, options: dict[str, Any] | None = None
    ) -> tuple[Array, dict[str, Any]]:
        """Start a game; `options` as the single environment takes them."""
        observation, info = self.env.reset(seed=seed, options=options)
        self._end = None
        return observation[None], info

    def step(self, actions: Any) -> tuple[Array, Any, Array, Array, dict[str, Any]]:
        """One move: actions (1,) or (1, numbers)."""
        if self._end is not None:
            return self._end
        action = actions[0]
        observation, reward, terminated, truncated, info = self._step(
            int(action) if self._discrete else action
        )
        yes, no = self.YES, self.NO
        seen, ends = observation[None], (yes if terminated else no, yes if truncated else no)
        if terminated or truncated:
            self._end = seen, 0.0, *ends, info
        return seen, reward, *ends, info

    def close_extras(self, **kwargs: Any) -> None:
        """Close the single environment."""
        self.env.close()


def action_space(env: Any) -> gym.Space[Any]:
    """The action space of one game; ValueError if `env` is no environment."""
    if not isinstance(env, (gym.Env, gym.vector.VectorEnv)):
        raise ValueError(f"env must be a Gymnasium environment, single or vector, got {env!r}")
    return env.single_action_space if isinstance(env, gym.vector.VectorEnv) else env.action_space


def observation_size(env: Any) -> int:
    """How many numbers are observed in one game; ValueError if it is not a plain vector of them."""
    space = env.single_observation_space if is_vector(env) else env.observation_space
    if not isinstance(space, gym.spaces.Box) or len(space.shape) != 1:
        raise ValueError(f"env must observe a vector of numbers, got {space}")
    return int(space.shape[0])


def specification(env: Any) -> gym.envs.registration.EnvSpec:
    """What an environment was made from; ValueError if neither `gymnasium.make` nor `make_vec` made it."""
    spec: gym.envs.registration.EnvSpec | None = env.unwrapped.spec if is_vector(env) else env.spec
    if spec is None:
        raise ValueError("env must be made by gymnasium.make or gymnasium.make_vec, to be made once more")
    return spec


def episode_length(env: Any) -> int:
    """The number of moves after which a game is truncated; ValueError if there is no limit."""
    spec = specification(env)
    limits = [spec.kwargs.get("max_steps"), spec.kwargs.get("max_episode_steps", spec.max_episode_steps)]
    known = [int(limit) for limit in limits if limit not in (None, -1)]
    if not known:
        raise ValueError("env must have a limit of moves: make it with max_steps or max_episode_steps")
    return min(known)


def make_vector_like(
    env: Any, num_envs: int, moves: int | None = None, **changes: Any
) -> gym.vector.VectorEnv[Any, Any, Any]:
    """A new native vector environment of the same id and arguments.

    Args:
        env: A single or vector environment made by `gymnasium.make` or `make_vec`.
        num_envs: How many games.
        moves: Moves a game; None: as in `env`.
        changes: Other arguments that shall be different.
    """
    spec = specification(env)
    arguments = {**spec.kwargs, "render_mode": None, "vectorization_mode": "vector_entry_point", **changes}
    length = moves or episode_length(env)
    if moves is not None and "max_steps" in spec.kwargs:
        arguments["max_steps"] = moves
    arguments["max_episode_steps"] = length  # of a single environment Gymnasium's limit is no argument
    return gym.make_vec(spec.id, **{**arguments, "num_envs": num_envs})


NOT_OF_THE_GAME = ("num_envs", "vectorization_mode", "render_mode", "max_episode_steps", "autoreset_mode")


def game_of(env: Any, learned_from: str = "labels") -> dict[str, Any]:
    """What a policy's file says of the game that it learned: plain values that JSON can say.

    Args:
        env: A single or vector environment made by `gymnasium.make` or `make_vec`.
        learned_from: "labels" of the environment's teacher, or "rewards".

    Returns:
        `env_id`, `player` (the "mouse" or the "cat"), `learned_from`, and the environment's arguments; one
        that is no plain value (a cat or teacher of one's own) is there in words only.
    """
    spec = specification(env)
    arguments = {name: value for name, value in spec.kwargs.items() if name not in NOT_OF_THE_GAME}
    if "max_steps" in arguments:
        arguments["max_steps"] = episode_length(env)
    for name, value in arguments.items():
        plain = value.item() if isinstance(value, np.generic) else value
        if not isinstance(plain, (str, int, float, type(None))):
            plain = f"an object, {type(value).__name__}"
        arguments[name] = plain
    return {"player": "mouse", **arguments, "env_id": spec.id, "learned_from": learned_from}


def is_stochastic(env: Any) -> bool:
    """Whether games from one start may differ though the policy does the same: what the environment says."""
    return bool(getattr(env.unwrapped, "stochastic", False))


def starts_suffice(env: Any) -> bool:
    """Whether whatever a game may come to is also how one may start; no unless the environment says so."""
    return bool(getattr(env.unwrapped, "starts_suffice", False))


def all_starts(env: Any) -> dict[str, Array]:
    """Every start of an environment, (starts, ...) each; ValueError if it tells none."""
    probe = env if is_vector(env) else make_vector_like(env, 1)
    starts = getattr(probe.unwrapped, "starts", None)
    if probe is not env:
        probe.close()
    if not isinstance(starts, dict) or not starts:
        raise ValueError(f"env must tell its starts (env.unwrapped.starts), {env} does not")
    return {name: np.asarray(value) for name, value in starts.items()}
