"""Recorded games: a data set of a teacher's labels, to learn from without an environment at hand.

What behavioural cloning learns from is a data set, not an environment. Here a data set *is* a vector
environment, one that plays back what was recorded whatever the actions: the same trainer learns from either.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import gymnasium as gym
import numpy as np
from numpy.typing import NDArray

from agents import validation
from agents.environments import episode_length, make_vector_like, specification

Array = NDArray[Any]

# Who moves in games that are recorded: the observation (games, n), the teacher's actions (games,) and a
# random stream give the actions (games,). A mover that remembers keeps its memory itself.
Mover = Callable[[Array, Array, np.random.Generator], Array]


@dataclass(frozen=True)
class Recording:
    """Games that were played once.

    Attributes:
        observation: Before each move, (moves, games, n).
        info: The labels told with it, by name, (moves, games) each.
        playing: Which moves belong to a game still on, (moves, games) bool.
        spec: What the environment was made from.
        spaces: Of one game: observation and action.
    """

    observation: Array
    info: dict[str, Array]
    playing: Array
    spec: Any
    spaces: tuple[Any, Any]

    @property
    def labels(self) -> int:
        """How many of the teacher's answers it holds."""
        return int(np.count_nonzero(self.playing))

    def __add__(self, other: Recording) -> Recording:
        """Both recordings' games: the aggregation of DAgger (Ross et al. 2011)."""
        joined = {name: np.concatenate([self.info[name], other.info[name]], axis=1) for name in self.info}
        return Recording(
            np.concatenate([self.observation, other.observation], axis=1),
            joined,
            np.concatenate([self.playing, other.playing], axis=1),
            self.spec,
            self.spaces,
        )


def record(env: Any, games: int, mover: Mover, seed: int = 0) -> Recording:
    """Play games from starts that the environment draws, and keep what was seen and what the teacher said.

    Args:
        env: A single or vector environment of directions, made by `gymnasium.make` or `make_vec`.
        games: How many.
        mover: Who moves.
        seed: Of the starts, and of the mover's random stream.

    Raises:
        ValueError: An argument is wrong.
    """
    validation.whole_number("games", games, 1)
    envs = make_vector_like(env, games)
    rng = np.random.default_rng([seed, 4])
    observation, info = envs.reset(seed=seed)
    names = [name for name in ("ideal_action", "ideal_direction", "ideal_policy") if name in info]
    seen, told, on = [], [], []
    playing = np.ones(games, np.bool_)
    for _ in range(episode_length(env)):
        seen.append(observation)
        told.append([info[name] for name in names])
        on.append(playing)
        observation, _, terminated, truncated, info = envs.step(mover(observation, info["ideal_action"], rng))
        playing = playing & ~(terminated | truncated)
    envs.close()
    return Recording(
        np.stack(seen),
        {name: np.stack([row[i] for row in told]) for i, name in enumerate(names)},
        np.stack(on),
        specification(env),
        (envs.single_observation_space, envs.single_action_space),
    )


class RecordedGames(gym.vector.VectorEnv[Any, Any, Any]):
    """A data set as a vector environment: each reset draws games out of it, and actions change nothing.

    Args:
        recording: The games.
        num_envs: Games in a batch, drawn with replacement.
    """

    def __init__(self, recording: Recording, num_envs: int) -> None:
        validation.whole_number("num_envs", num_envs, 1)
        self.num_envs = num_envs
        self.spec = recording.spec
        self.single_observation_space, self.single_action_space = recording.spaces
        self._recording = recording
        self._games, self._t = np.zeros(num_envs, np.int64), 0

    def _now(self) -> tuple[Array, dict[str, Array]]:
        t, recording = min(self._t, len(self._recording.observation) - 1), self._recording
        info = {name: values[t, self._games] for name, values in recording.info.items()}
        return recording.observation[t, self._games], info

    def reset(self, *, seed: Any = None, options: Any = None) -> tuple[Array, dict[str, Any]]:
        """Draw games and show their first observations and labels; `options` is not for recordings."""
        super().reset(seed=seed)
        self._games = self.np_random.integers(self._recording.playing.shape[1], size=self.num_envs)
        self._t = 0
        return self._now()

    def step(self, actions: Any) -> tuple[Array, Array, Array, Array, dict[str, Any]]:
        """The next observations and labels, whatever the actions; rewards are 0, since nothing is done."""
        self._t += 1
        steps = len(self._recording.playing)
        on = self._recording.playing[min(self._t, steps - 1), self._games]
        truncated = np.full(self.num_envs, self._t >= steps)
        observation, info = self._now()
        return observation, np.zeros(self.num_envs), ~on, truncated, info
