"""Self-play: two brains that learn from nothing but their sides' answers to each other.

Fictitious play (Brown 1951) with brains, after Heinrich and Silver (2016): in each round either side's best
response to what the other has learned to play is found by dynamic programming, and becomes part of the
average of all its answers so far, which its brain learns. Nobody knows the equilibrium, and no matrix game is
solved.

Two things make it many times as quick. The sides take turns, so that the second answers what the first
has just answered. And each answers what the other will play when it has given its last answer once more:
the dynamics anticipate (Shamma and Arslan 2005), by the weight of a new answer in the average, so ever less.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from catmouse.duel.game import OTHER, ROLES, DuelConfig
from catmouse.duel.learner import LearnerConfig
from catmouse.duel.pairs import learners_state, load_learners, make_learners, steps_played
from catmouse_env.solver import Player, one_hot

Array = NDArray[Any]

MEASURED = 20  # rounds, at the least


class SelfPlay:
    """A mouse and a cat that teach each other.

    Args:
        game: The game.
        config: How both learn; `updates` are those of each.
        rounds: Rounds, over which these are spread evenly.

    Attributes:
        learners: Both, by role.
        answers: The average of each side's answers so far, its labels: (max_steps + 1, states, actions).
        played: Rounds played.
        curve: What both brains gave away after each round, (rounds + 1, 2), the mouse first: the
            exploitability of their tables, which of one that remembers is an average over histories. NaN
            after rounds where it was not measured.
    """

    def __init__(self, game: DuelConfig, config: LearnerConfig, rounds: int) -> None:
        self.game, self.rounds = game, rounds
        self.updates = max(1, round(config.updates / rounds))  # a round
        shape = game.max_steps + 1, game.dynamics.states
        self.answers = {role: np.full((*shape, n), 1 / n) for role in ROLES for n in [game.actions(role)]}
        self._last = {role: self.answers[role].copy() for role in ROLES}
        learning = replace(config, updates=self.updates * rounds)
        self.learners = make_learners(game, learning, self.answers)
        self.played = 0
        self.curve = np.full((rounds + 1, len(ROLES)), np.nan)
        self._measure()

    @property
    def given_away(self) -> Array:
        """The last measured row of the curve, (2,)."""
        measured: Array = self.curve[: self.played + 1]
        return np.asarray(measured[~np.isnan(measured[:, 0])][-1])

    def round(self) -> None:
        """Each side answers the other, and its brain learns."""
        weight = 2 / (self.played + 3)
        for role in ROLES:
            self._answer(role, weight)
            for _ in range(self.updates):
                self.learners[role].trainer.update()
        self.played += 1
        every = max(1, self.rounds // MEASURED)
        if self.played <= MEASURED or self.played % every == 0 or self.played == self.rounds:
            self._measure()

    def _answer(self, role: Player, weight: float) -> None:
        """Answer what the other plays, and soon; the answer becomes part of the average."""
        other = OTHER[role]
        coming = (1 - weight) * self.answers[other] + weight * self._last[other]
        _, actions = self.game.game.best_response(coming, self.game.max_steps, role)
        self._last[role] = one_hot(actions, self.game.actions(role))
        self.answers[role] += weight * (self._last[role] - self.answers[role])

    def _measure(self) -> None:
        """What both brains give away now. Only this needs the equilibrium; nobody learns from it."""
        for column, role in enumerate(ROLES):
            table = self.learners[role].fighter.table(seed=self.played, passes=1)
            lost = self.game.game.exploitability(table, self.game.max_steps, role)
            self.curve[self.played, column] = lost

    def state_dict(self) -> dict[str, Array]:
        """See `agents.state.Stateful`."""
        state = {"played": np.array(self.played), "curve": self.curve, **learners_state(self.learners)}
        for role in ROLES:
            state |= {f"{role}_answers": self.answers[role], f"{role}_last": self._last[role]}
        return state

    def load_state_dict(self, state: dict[str, Array]) -> None:
        """Go on from what `state_dict` gave; ValueError if it can't be."""
        self.played = steps_played(state, self.rounds)
        self.curve[...] = state["curve"]
        load_learners(self.learners, state)
        for role in ROLES:
            self.answers[role][...] = state[f"{role}_answers"]  # the arrays that the labels are read from
            self._last[role] = np.array(state[f"{role}_last"])
