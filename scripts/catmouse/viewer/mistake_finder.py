"""Finds games in which a policy errs, searching from every start there is."""

from __future__ import annotations

from typing import Any

import numpy as np

from agents import Policy
from agents.environments import all_starts
from agents.every_start import games_from
from catmouse.viewer.playback import Game, record

CHUNK = 512  # games at a time, between which a window has to answer


class MistakeFinder:
    """Finds one game after another in which a policy errs, searching the starts in a shuffled order.

    Args:
        policy: Who moves the mouse.
        env: A single environment, as `playback.single_env_like` makes it.
        seed: Of the order, and of the environment's chance.

    Attributes:
        total: Starts there are.
        searched: Starts searched so far.
        found: The numbers of those with a mistake, in the order in which they are searched.
        in_vain: Whether every start was searched and none has a mistake.
    """

    def __init__(self, policy: Policy, env: Any, seed: int = 0) -> None:
        self._policy = policy
        self._env = env
        starts = all_starts(env)
        self.total = len(next(iter(starts.values())))
        order = np.random.default_rng(seed).permutation(self.total)
        self._starts = {name: value[order] for name, value in starts.items()}
        self._chunks = games_from(self._starts, env, CHUNK, seed)
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
        games = next(self._chunks, None)
        if games is not None:
            self.searched += int(games.playing.sum())
            erred = np.zeros(len(games.starts), np.bool_)
            for move in games.play(self._policy):
                erred |= move.mistakes
            self.found += games.starts[erred].tolist()
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
