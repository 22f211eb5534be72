"""Who fights in `duel.py`, what they learn, and the table of all fights, computed without playing one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import gymnasium as gym
import numpy as np
from numpy.typing import NDArray

from agents import Brain, SupervisedTrainer
from catmouse_env.advice import duel_advice, equilibrium_of
from catmouse_env.game import game_of
from catmouse_env.policies import TablePolicy, table_of
from catmouse_env.solver import Fight, one_hot
from catmouse_env.teachers import flee

Array = NDArray[Any]

ROLES = ("mouse", "cat")
BATCH = 512  # positions before each update
LEARNING_RATE = 6e-3


@dataclass(frozen=True)
class TrainingSpec:
    """What one brain learns.

    Attributes:
        name: How it is called in the table.
        teacher: "simple" or "equilibrium".
        observe_moves_left: Whether it observes the moves left.
        share: Its part of the updates that the longest training takes.
    """

    name: str
    teacher: str
    observe_moves_left: bool
    share: float


TRAINING_SPECS = (
    TrainingSpec("brain, simple teacher", "simple", False, 0.1),
    TrainingSpec("brain, equilibrium, no moves left", "equilibrium", False, 0.25),
    TrainingSpec("brain, equilibrium", "equilibrium", True, 1.0),
)


@dataclass
class Player:
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
class DuelConfig:
    """The game of a duel: a lethal one, for two players.

    Attributes:
        width: Columns of the room.
        height: Rows.
        cat_directions: The cat's moves, 4 or 8.
        max_steps: Moves a game.
    """

    width: int = 6
    height: int = 6
    cat_directions: int = 8
    max_steps: int = 10

    @property
    def fight(self) -> Fight:
        """Its tables."""
        return make_fight(self)

    @property
    def equilibrium(self) -> Any:
        """How perfect players fight here."""
        return equilibrium_of(self.width, self.height, self.cat_directions, True, self.max_steps)

    def actions(self, role: str) -> int:
        """How many actions a player has, the "cat" or the "mouse"."""
        return self.cat_directions if role == "cat" else 4


class Mixed:
    """A brain that draws its moves from its probabilities."""

    def __init__(self, brain: Brain) -> None:
        self.mix = brain.probabilities


@lru_cache(maxsize=4)
def make_fight(config: DuelConfig) -> Fight:
    """The tables of a game, made once."""
    return Fight(game_of(config.width, config.height, flee, config.cat_directions))


class Training:
    """Teaches one brain.

    Args:
        config: The game.
        role: "cat" or "mouse".
        spec: What it learns.
        hidden: Units in each of its layers.
        updates: Of the longest training.
        seed: Of its first weights and of the positions that it is shown.
        cell: "mlp2" (two layers) or "mlp" (one): a brain without memory.

    Attributes:
        brain: Who learns.
        updates: How many this one takes.
    """

    def __init__(
        self,
        config: DuelConfig,
        role: str,
        spec: TrainingSpec,
        hidden: int,
        updates: int,
        seed: int,
        cell: str = "mlp2",
    ) -> None:
        self.config, self.role, self.spec = config, role, spec
        self.updates = max(1, round(updates * spec.share))
        env = gym.make_vec(
            "CatMouseDrill-v0",
            num_envs=BATCH,
            player=role,
            teacher=spec.teacher,
            width=config.width,
            height=config.height,
            cat_directions=config.cat_directions,
            moves=config.max_steps,
            observe_moves_left=spec.observe_moves_left,
        )
        self.brain = Brain(
            cell=cell,
            hidden=hidden,
            inputs=5 if spec.observe_moves_left else 4,
            actions=config.actions(role),
            seed=seed,
        )
        self.trainer = SupervisedTrainer(
            env,
            self.brain,
            learning_rate=LEARNING_RATE,
            schedule="cosine",
            games=self.updates * BATCH,
            seed=seed,
        )

    def teach(self, tick: Callable[[], bool]) -> None:
        """Learn to the end; `tick` is called after each update and ends it early by returning False."""
        while self.trainer.updates < self.updates:
            self.trainer.update()
            if not tick():
                return

    def player(self) -> Player:
        """The brain as it plays: by its probabilities if its teacher mixes, else the likeliest action."""
        game = self.config.fight.game
        mixed = Mixed(self.brain)
        policy = table_of(
            mixed, game, self.config.actions(self.role), self.config.max_steps, self.spec.observe_moves_left
        )
        if self.spec.teacher == "simple":
            policy = one_hot(policy.argmax(axis=-1), policy.shape[-1])
        return Player(self.spec.name, policy, self.brain)


def players(config: DuelConfig, role: str, taught: list[Player]) -> list[Player]:
    """All of one side, from the weakest kind to the strongest; `taught` are the brains."""
    actions = config.actions(role)
    fight = config.fight
    simple = duel_advice(fight.game, False, config.max_steps)[role].actions[:1]  # the same at all moves
    return [
        Player("random", np.full((1, fight.pairs, actions), 1 / actions)),
        Player("simple teacher", one_hot(simple, actions)),
        *taught,
        Player("equilibrium", getattr(config.equilibrium, role)),
    ]


@dataclass(frozen=True)
class PayoffTable:
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


def payoff_table(config: DuelConfig, mice: list[Player], cats: list[Player]) -> PayoffTable:
    """The table of all fights, by dynamic programming."""
    fight, moves = config.fight, config.max_steps
    value = fight.average(config.equilibrium.values[moves])
    survival, lasted = np.empty((len(mice), len(cats))), np.empty((len(mice), len(cats)))
    for row, mouse in enumerate(mice):
        for column, cat in enumerate(cats):
            survival[row, column] = fight.average(fight.survival(mouse.policy, cat.policy, moves)[moves])
            lasted[row, column] = fight.average(fight.moves_survived(mouse.policy, cat.policy, moves)[moves])
    return PayoffTable(
        [mouse.name for mouse in mice],
        [cat.name for cat in cats],
        survival,
        lasted,
        np.array([mouse_exploitability(config, mouse.policy) for mouse in mice]),
        np.array([cat_exploitability(config, cat.policy) for cat in cats]),
        value,
    )


def mouse_exploitability(config: DuelConfig, policy: Array) -> float:
    """Survival that a mouse loses against the cat that knows it best, compared with the equilibrium."""
    fight, moves = config.fight, config.max_steps
    lost = fight.average(config.equilibrium.values[moves] - fight.best_cat(policy, moves)[moves])
    return max(0.0, lost)  # below 0 is rounding


def cat_exploitability(config: DuelConfig, policy: Array) -> float:
    """Survival that a cat grants the mouse that knows it best, beyond the equilibrium's."""
    fight, moves = config.fight, config.max_steps
    granted = fight.average(fight.best_mouse(policy, moves)[moves] - config.equilibrium.values[moves])
    return max(0.0, granted)  # below 0 is rounding


def as_policy(config: DuelConfig, player: Player, seed: int) -> TablePolicy:
    """A player as a policy to play games with."""
    return TablePolicy(player.policy, config.width, config.height, seed)
