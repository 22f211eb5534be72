"""A mouse and a cat that learn side by side, from the equilibrium's labels or from each other."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from catmouse.duel.game import ROLES, DuelConfig
from catmouse.duel.learner import Learner, LearnerConfig
from catmouse_env.solver import Player

Array = NDArray[Any]

STEP = 20  # updates of both, of those who are taught


class Pair(Protocol):
    """Both sides of a lesson.

    Attributes:
        learners: By role.
        played: Steps made.
        rounds: Steps in all.
    """

    learners: dict[Player, Learner]
    played: int
    rounds: int

    def round(self) -> None:
        """One step."""

    def state_dict(self) -> dict[str, Array]:
        """See `agents.state.Stateful`."""

    def load_state_dict(self, state: dict[str, Array]) -> None:
        """See `agents.state.Stateful`."""


class Taught:
    """Two brains that learn the equilibrium's mixes.

    Args:
        game: The game.
        config: How both learn.

    Attributes: see `Pair`.
    """

    def __init__(self, game: DuelConfig, config: LearnerConfig) -> None:
        self.rounds = -(-config.updates // STEP)
        self.played = 0
        learning = replace(config, updates=self.rounds * STEP)
        self.learners: dict[Player, Learner] = make_learners(
            game, learning, dict.fromkeys(ROLES, "equilibrium")
        )

    def round(self) -> None:
        """Some updates of both."""
        for learner in self.learners.values():
            for _ in range(STEP):
                learner.trainer.update()
        self.played += 1

    def state_dict(self) -> dict[str, Array]:
        """See `agents.state.Stateful`."""
        return {"played": np.array(self.played), **learners_state(self.learners)}

    def load_state_dict(self, state: dict[str, Array]) -> None:
        """See `agents.state.Stateful`; ValueError if it can't be."""
        self.played = steps_played(state, self.rounds)
        load_learners(self.learners, state)


def make_learners(
    game: DuelConfig, config: LearnerConfig, teachers: dict[Player, Any]
) -> dict[Player, Learner]:
    """Both sides, with seeds of their own."""
    return {
        role: Learner(game, role, replace(config, seed=len(ROLES) * config.seed + number), teachers[role])
        for number, role in enumerate(ROLES)
    }


def learners_state(learners: dict[Player, Learner]) -> dict[str, Array]:
    """The states of both, by role and name."""
    return {
        f"{role}.{name}": value for role, one in learners.items() for name, value in one.state_dict().items()
    }


def load_learners(learners: dict[Player, Learner], state: dict[str, Array]) -> None:
    """Go on from what `learners_state` gave."""
    for role, learner in learners.items():
        inside = f"{role}."
        learner.load_state_dict(
            {name.removeprefix(inside): one for name, one in state.items() if name.startswith(inside)}
        )


def steps_played(state: dict[str, Array], rounds: int) -> int:
    """How many steps a state has behind it; ValueError if there can't be so many."""
    played = int(state["played"])
    if played > rounds:
        raise ValueError(f"{played} steps can't be made of {rounds}")
    return played
