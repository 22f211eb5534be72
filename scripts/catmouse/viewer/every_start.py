"""Games from every start there is, a chunk at a time: to find mistakes, and to map them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import gymnasium as gym
import numpy as np
from numpy.typing import NDArray

from agents import Policy
from agents.environments import action_space_of, moves_per_game, starts_of, vector_env_like
from agents.evaluation import answers
from catmouse.viewer.playback import Game, record

Array = NDArray[Any]

CHUNK = 4096  # games at a time
SHORT_CHUNK = 512  # in a search, between whose pieces a window has to answer
DIRECTIONS = 4


@dataclass(frozen=True)
class Chunk:
    """Some games, all moves.

    Attributes:
        starts: Which starts they began from, (games,).
        played: Which moves belong to a game that was still on, (moves, games) bool.
        wrong: Which of them were mistakes, (moves, games) bool.
        places: Cat x, cat y, mouse x, mouse y before each move, (moves, games, 4).
    """

    starts: Array
    played: Array
    wrong: Array
    places: Array


def room_size(starts: dict[str, Array]) -> tuple[int, int]:
    """Columns and rows of the room that these starts fill."""
    width, height = starts["mouse"].max(axis=0) + 1
    return int(width), int(height)


def chunks(
    policy: Policy, env: Any, order: Array | None = None, seed: int = 0, size: int = CHUNK
) -> Iterator[Chunk]:
    """Play one game from every start.

    Places are read off the observations of a twin environment in which the cat always shows.

    Args:
        policy: Who moves the mouse.
        env: Says which game to play; it is not touched.
        order: The starts' numbers in the order to play them; None: as they come.
        seed: Of the environment's chance, where there is any.
        size: Games at a time.

    Raises:
        ValueError: The environment tells no starts, or has no limit of moves.
    """
    probe = vector_env_like(env, 1)
    starts = starts_of(probe)
    probe.close()
    total = len(next(iter(starts.values())))
    order = np.arange(total) if order is None else order
    continuous = isinstance(action_space_of(env), gym.spaces.Box)
    width, height = room_size(starts)
    scale = np.array([width - 1, height - 1] * 2)
    max_steps, size = moves_per_game(env), min(size, total)
    games = vector_env_like(env, size)
    twins = vector_env_like(env, size, cat_visible_moves=None)
    games.reset(seed=seed)
    twins.reset(seed=seed)
    for first in range(0, total, size):
        chosen = order[np.arange(first, first + size) % total]  # the last chunk is filled up
        counts = np.arange(first, first + size) < total  # with games that do not count
        options = {name: value[chosen] for name, value in starts.items()}
        observation, info = games.reset(options=options)
        seen, _ = twins.reset(options=options)
        played = np.zeros((max_steps, size), np.bool_)
        wrong = np.zeros((max_steps, size), np.bool_)
        places = np.zeros((max_steps, size, 4), np.int16)
        state, playing = None, counts.copy()
        for t in range(max_steps):
            begin = np.full(size, t == 0)
            action, direction, _, state = answers(policy, observation, state, begin, DIRECTIONS, continuous)
            played[t] = playing
            wrong[t] = playing & (direction != info["ideal_action"])
            places[t] = np.rint(seen[:, :4] * scale)
            observation, _, terminated, truncated, info = games.step(action)
            seen = twins.step(action)[0]
            playing &= ~(terminated | truncated)
            if not playing.any():
                break
        yield Chunk(chosen[counts], played[:, counts], wrong[:, counts], places[:, counts])
    games.close()
    twins.close()


class MistakeFinder:
    """Finds one game after another in which a policy errs, searching the starts in a shuffled order.

    Args:
        policy: Who moves the mouse.
        env: A single environment, as `playback.single_env_like` makes it.
        seed: Of the order, and of the environment's chance.

    Attributes:
        total: Starts there are.
        searched: Starts searched so far.
        found: The numbers of those with a mistake.
        in_vain: Whether every start was searched and none has a mistake.
    """

    def __init__(self, policy: Policy, env: Any, seed: int = 0) -> None:
        self._policy = policy
        self._env = env
        probe = vector_env_like(env, 1)
        self._starts = starts_of(probe)
        probe.close()
        self.total = len(next(iter(self._starts.values())))
        order = np.random.default_rng(seed).permutation(self.total)
        self._chunks = chunks(policy, env, order, seed, SHORT_CHUNK)
        self.searched = 0
        self.found: list[int] = []
        self.in_vain = False
        self._next = 0

    def seek(self, number: int = 1) -> Game | None:
        """A short piece of the search: the next game with a mistake, or None if it takes longer.

        After the last game comes the first again.
        """
        while self._next < len(self.found):
            start = self.found[self._next]
            options = {name: tuple(int(x) for x in value[start]) for name, value in self._starts.items()}
            game = record(self._policy, self._env, options, number=number)
            if game.mistakes:
                self._next += 1
                return game
            del self.found[self._next]  # chance, or rounding at a tie, had its part in the mistake
        chunk = next(self._chunks, None)
        if chunk is not None:
            self.searched += len(chunk.starts)
            self.found += chunk.starts[chunk.wrong.any(axis=0)].tolist()
        elif self.found:
            self._next = 0
        else:
            self.in_vain = True
        return None

    def seek_long(self, number: int = 1) -> Game | None:
        """The next game with a mistake, however long it takes; None if there is none."""
        while not self.in_vain:
            game = self.seek(number)
            if game is not None:
                return game
        return None
