"""A policy that does what the teacher says, learned by heart from the labels at every start."""

from __future__ import annotations

from typing import Any

import gymnasium as gym
import numpy as np
from numpy.typing import NDArray

from agents.actions import reading_to_action
from agents.environments import action_space, all_starts, episode_length, observation_size, specification
from agents.every_start import DIRECTIONS, games_from

Array = NDArray[Any]

CHUNK = 1 << 16  # starts that the teacher is asked about at a time


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
        self._continuous = isinstance(action_space(env), gym.spaces.Box)
        # Of which the part that is left is observed, even if Gymnasium's limit comes earlier.
        self._moves: int = specification(env).kwargs.get("max_steps") or episode_length(env)
        starts = all_starts(env)
        sides = starts["mouse"].max(axis=0) + 1
        self._sides = (*sides, *sides)  # of the room: cat x, cat y, mouse x, mouse y
        lefts = range(self._moves + 1) if observation_size(env) > 4 else [self._moves]
        # Places that are no start (both in one cell of a lethal game) never come up; they read 0.
        self._actions = np.zeros((len(lefts), np.prod(self._sides)), np.int64)
        self._readings = np.zeros(self._actions.shape)
        for layer, left in enumerate(lefts):
            for games in games_from(starts, env, CHUNK, moves=max(left, 1), cat_visible_moves=None):
                place = self._place(games.observation[:, :4])
                self._actions[layer, place] = games.info["ideal_action"]
                self._readings[layer, place] = games.info["ideal_direction"]

    def _place(self, seen: Array) -> Array:
        """The number of each (cat x, cat y, mouse x, mouse y) that is seen, (games,)."""
        cells = np.rint(seen * (np.array(self._sides) - 1)).astype(np.int64)
        return np.asarray(np.ravel_multi_index(tuple(cells.T), self._sides, mode="clip"))

    def predict(
        self, observation: Any, state: Any = None, episode_start: Any = None, deterministic: bool = True
    ) -> tuple[Array, Array]:
        """See `agents.Policy`; the state is where each game's cat was last seen, (games, 2)."""
        observation = np.asarray(observation)
        seen = np.array(np.atleast_2d(observation)[:, :4])
        if state is not None:
            hidden = seen[:, 0] < 0
            if episode_start is not None:
                hidden &= ~np.asarray(episode_start)
            seen[hidden, :2] = state[hidden]
        timed = len(self._actions) > 1
        layer = np.rint(np.atleast_2d(observation)[:, 4] * self._moves).astype(np.int64) if timed else 0
        place = self._place(seen)
        if self._continuous:
            action = self._readings[layer, place].astype(np.float32)[:, None]
        else:
            action = self._actions[layer, place]
        return (action[0] if observation.ndim == 1 else action), seen[:, :2]

    def action_probabilities(self, observation: Any) -> Array:
        """What it plays, as probabilities (games, actions), where the cat is in sight."""
        action, _ = self.predict(observation)
        if self._continuous:
            action = reading_to_action(action[:, 0], DIRECTIONS)
        return np.asarray(np.eye(DIRECTIONS)[action])
