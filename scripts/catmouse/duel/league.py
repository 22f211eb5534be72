"""Who fights in `duel.py`, what they learn, and the table of all fights, computed without playing one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import gymnasium as gym
import numpy as np
from catmouse_env.advice import duel_advice, equilibrium_of
from catmouse_env.game import game_of
from numpy.typing import NDArray

from agents import Brain, SupervisedTrainer
from catmouse_env.policies import TablePolicy, table_of
from catmouse_env.solver import Fight, one_hot
from catmouse_env.teachers import flee

Array = NDArray[Any]

PLAYERS = ("mouse", "cat")
BATCH = 512  # positions before each update
LEARNING_RATE = 6e-3


@dataclass(frozen=True)
class Lesson:
    """What one brain learns.

    Attributes:
        name: How it is called in the table.
        teacher: "simple" or "equilibrium".
        timed: Whether it observes the moves left.
        share: Its part of the updates that the longest lesson takes.
    """

    name: str
    teacher: str
    timed: bool
    share: float


LESSONS = (
    Lesson("brain, simple teacher", "simple", False, 0.1),
    Lesson("brain, equilibrium, no moves left", "equilibrium", False, 0.25),
    Lesson("brain, equilibrium", "equilibrium", True, 1.0),
)


@dataclass
class Fighter:
    """One side's policy.

    Attributes:
        name: How it is called.
        policy: What it plays, (1 or moves + 1, pairs, actions) probabilities.
        brain: The network that plays it, if one does.
    """

    name: str
    policy: Array
    brain: Brain | None = None


@dataclass(frozen=True)
class Ring:
    """The game that is fought about: a lethal one, for two players.

    Attributes:
        width: Columns of the room.
        height: Rows.
        cat_directions: The cat's moves, 4 or 8.
        moves: Moves a game.
    """

    width: int = 6
    height: int = 6
    cat_directions: int = 8
    moves: int = 10

    @property
    def fight(self) -> Fight:
        """Its tables."""
        return fight_of(self)

    @property
    def equilibrium(self) -> Any:
        """How perfect players fight here."""
        return equilibrium_of(self.width, self.height, self.cat_directions, True, self.moves)

    def actions(self, player: str) -> int:
        """How many actions a player has."""
        return self.cat_directions if player == "cat" else 4


class Mixed:
    """A brain that draws its moves from its probabilities."""

    def __init__(self, brain: Brain) -> None:
        self.action_probabilities = brain.probabilities


@lru_cache(maxsize=4)
def fight_of(ring: Ring) -> Fight:
    """The tables of a game, made once."""
    return Fight(game_of(ring.width, ring.height, flee, ring.cat_directions))


class Teaching:
    """One brain's lesson.

    Args:
        ring: The game.
        player: "cat" or "mouse".
        lesson: What it learns.
        hidden: Units in each of its layers.
        updates: Of the longest lesson.
        seed: Of its first weights and of the positions that it is shown.
        cell: "mlp2" (two layers) or "mlp" (one): a brain without memory.

    Attributes:
        brain: Who learns.
        updates: How many its lesson takes.
    """

    def __init__(
        self,
        ring: Ring,
        player: str,
        lesson: Lesson,
        hidden: int,
        updates: int,
        seed: int,
        cell: str = "mlp2",
    ) -> None:
        self.ring, self.player, self.lesson = ring, player, lesson
        self.updates = max(1, round(updates * lesson.share))
        env = gym.make_vec(
            "CatMouseDrill-v0",
            num_envs=BATCH,
            player=player,
            teacher=lesson.teacher,
            width=ring.width,
            height=ring.height,
            cat_directions=ring.cat_directions,
            moves=ring.moves,
            observe_moves_left=lesson.timed,
        )
        self.brain = Brain(
            cell=cell,
            hidden=hidden,
            inputs=5 if lesson.timed else 4,
            actions=ring.actions(player),
            seed=seed,
        )
        self.trainer = SupervisedTrainer(
            env,
            self.brain,
            learning_rate=LEARNING_RATE,
            schedule="cosine",
            total_games=self.updates * BATCH,
            seed=seed,
        )

    def teach(self, tick: Callable[[], bool]) -> None:
        """Learn to the end; `tick` is called after each update and ends it early by returning False."""
        while self.trainer.updates < self.updates:
            self.trainer.update()
            if not tick():
                return

    def fighter(self) -> Fighter:
        """The brain as it plays: by its probabilities if its teacher mixes, else the likeliest action."""
        game = self.ring.fight.game
        mixed = Mixed(self.brain)
        policy = table_of(mixed, game, self.ring.actions(self.player), self.ring.moves, self.lesson.timed)
        if self.lesson.teacher == "simple":
            policy = one_hot(policy.argmax(axis=-1), policy.shape[-1])
        return Fighter(self.lesson.name, policy, self.brain)


def fighters(ring: Ring, player: str, taught: list[Fighter]) -> list[Fighter]:
    """All of one side, from the weakest kind to the strongest; `taught` are the brains."""
    actions = ring.actions(player)
    fight = ring.fight
    simple = duel_advice(fight.game, False, ring.moves)[player].actions[:1]  # the same at all moves
    return [
        Fighter("random", np.full((1, fight.pairs, actions), 1 / actions)),
        Fighter("simple teacher", one_hot(simple, actions)),
        *taught,
        Fighter("equilibrium", getattr(ring.equilibrium, player)),
    ]


@dataclass(frozen=True)
class League:
    """Every mouse against every cat, averaged over all starts. Exact: no game is played.

    Attributes:
        mice: Names, one a row.
        cats: Names, one a column.
        survival: The probability that the mouse is never caught, (mice, cats).
        moves: Expected moves that it makes uncaught, (mice, cats).
        mouse_exploitability: Survival that each mouse loses at worst, against the cat that knows it best,
            compared with the equilibrium, (mice,).
        cat_exploitability: Survival that each cat grants at worst, beyond the equilibrium's, (cats,).
        value: Survival in equilibrium.
    """

    mice: list[str]
    cats: list[str]
    survival: Array
    moves: Array
    mouse_exploitability: Array
    cat_exploitability: Array
    value: float

    def as_dict(self) -> dict[str, Any]:
        """Plain values, for JSON."""
        return {
            name: value.tolist() if isinstance(value, np.ndarray) else value
            for name, value in vars(self).items()
        }


def league_of(ring: Ring, mice: list[Fighter], cats: list[Fighter]) -> League:
    """The table of all fights, by dynamic programming."""
    fight, moves = ring.fight, ring.moves
    value = fight.average(ring.equilibrium.values[moves])
    survival, lasted = np.empty((len(mice), len(cats))), np.empty((len(mice), len(cats)))
    for row, mouse in enumerate(mice):
        for column, cat in enumerate(cats):
            survival[row, column] = fight.average(fight.survival(mouse.policy, cat.policy, moves)[moves])
            lasted[row, column] = fight.average(fight.moves_survived(mouse.policy, cat.policy, moves)[moves])
    return League(
        [mouse.name for mouse in mice],
        [cat.name for cat in cats],
        survival,
        lasted,
        np.array([mouse_exploitability(ring, mouse.policy) for mouse in mice]),
        np.array([cat_exploitability(ring, cat.policy) for cat in cats]),
        value,
    )


def mouse_exploitability(ring: Ring, policy: Array) -> float:
    """Survival that a mouse loses against the cat that knows it best, compared with the equilibrium."""
    fight, moves = ring.fight, ring.moves
    lost = fight.average(ring.equilibrium.values[moves] - fight.best_cat(policy, moves)[moves])
    return max(0.0, lost)  # below 0 is rounding


def cat_exploitability(ring: Ring, policy: Array) -> float:
    """Survival that a cat grants the mouse that knows it best, beyond the equilibrium's."""
    fight, moves = ring.fight, ring.moves
    granted = fight.average(fight.best_mouse(policy, moves)[moves] - ring.equilibrium.values[moves])
    return max(0.0, granted)  # below 0 is rounding


def as_policy(ring: Ring, fighter: Fighter, seed: int) -> TablePolicy:
    """A fighter as a policy to play games with."""
    return TablePolicy(fighter.policy, ring.width, ring.height, seed)
