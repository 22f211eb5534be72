"""Who fights in `duel.py`, what they learn, and the table of all fights, computed without playing one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from functools import lru_cache
from typing import Any

import gymnasium as gym
import numpy as np
from numpy.typing import NDArray

from agents import Brain, SupervisedTrainer
from catmouse_env.dynamics import Dynamics
from catmouse_env.policies import TablePolicy, policy_table
from catmouse_env.solver import Equilibrium, TabularGame, equilibrium, one_hot
from catmouse_env.teachers import CAT_RULES, MOUSE_RULES, apply_rule

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
        policy: What it plays, (1 or max_steps + 1, states, actions) probabilities.
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
    def dynamics(self) -> Dynamics:
        """Its rules."""
        return Dynamics.cached(self.width, self.height, self.cat_directions, True)

    @property
    def game(self) -> TabularGame:
        """Its transitions."""
        return make_game(self.dynamics)

    @property
    def equilibrium(self) -> Equilibrium:
        """How perfect players fight here."""
        return equilibrium(self.dynamics, self.max_steps)

    def learned_by(self, role: str, spec: TrainingSpec) -> dict[str, Any]:
        """What a brain's file says of this game: that of a single mouse against the hunting cat."""
        teacher = "flee" if spec.teacher == "simple" else "equilibrium"
        arguments = {**asdict(self), "observe_moves_left": spec.observe_moves_left, "teacher": teacher}
        return {"env_id": "CatMouseChase-v0", "player": role, "learned_from": "labels", **arguments}

    def actions(self, role: str) -> int:
        """How many actions a player has, the "cat" or the "mouse"."""
        return self.cat_directions if role == "cat" else 4


class Mixed:
    """A brain that draws its moves from its probabilities."""

    stochastic = True

    def __init__(self, brain: Brain) -> None:
        self.action_probabilities = brain.action_probabilities


@lru_cache(maxsize=4)
def make_game(dynamics: Dynamics) -> TabularGame:
    """The transitions of a game, made once."""
    return TabularGame(dynamics)


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
            "CatMouseStateSampler-v0",
            num_envs=BATCH,
            player=role,
            teacher=spec.teacher,
            width=config.width,
            height=config.height,
            cat_directions=config.cat_directions,
            max_steps=config.max_steps,
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
            total_games=self.updates * BATCH,
            seed=seed,
        )
        self.brain.game = self.config.learned_by(role, spec)

    def teach(self, tick: Callable[[], bool]) -> None:
        """Learn to the end; `tick` is called after each update and ends it early by returning False."""
        while self.trainer.updates < self.updates:
            self.trainer.update()
            if not tick():
                return

    def player(self) -> Player:
        """The brain as it plays: by its probabilities if its teacher mixes, else the likeliest action."""
        policy = policy_table(
            Mixed(self.brain),
            self.config.dynamics,
            self.config.actions(self.role),
            self.config.max_steps if self.spec.observe_moves_left else None,
        )
        if self.spec.teacher == "simple":
            policy = one_hot(policy.argmax(axis=-1), policy.shape[-1])
        return Player(self.spec.name, policy, self.brain)


def random_player(config: DuelConfig, role: str) -> Player:
    """Any action, all alike."""
    actions = config.actions(role)
    return Player("random", np.full((1, config.dynamics.states, actions), 1 / actions))


def simple_player(config: DuelConfig, role: str) -> Player:
    """The rule that each side's teacher has: flee or chase."""
    actions = config.actions(role)
    rule = CAT_RULES[actions] if role == "cat" else MOUSE_RULES["flee"]
    simple = apply_rule(rule, config.dynamics, actions)[None]  # the same at all moves
    return Player("simple teacher", one_hot(simple, actions))


def equilibrium_player(config: DuelConfig, role: str) -> Player:
    """Each side's best against the cleverest."""
    return Player("equilibrium", getattr(config.equilibrium, role))


def players(config: DuelConfig, role: str, taught: list[Player]) -> list[Player]:
    """All of one side, from the weakest kind to the strongest; `taught` are the brains."""
    return [
        random_player(config, role),
        simple_player(config, role),
        *taught,
        equilibrium_player(config, role),
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
    game, moves = config.game, config.max_steps
    value = game.average(config.equilibrium.values[moves])
    survival, lasted = np.empty((len(mice), len(cats))), np.empty((len(mice), len(cats)))
    for row, mouse in enumerate(mice):
        for column, cat in enumerate(cats):
            survival[row, column] = game.average(game.survival(mouse.policy, cat.policy, moves)[moves])
            lasted[row, column] = game.average(game.steps_survived(mouse.policy, cat.policy, moves)[moves])
    return PayoffTable(
        [mouse.name for mouse in mice],
        [cat.name for cat in cats],
        survival,
        lasted,
        np.array([game.exploitability(mouse.policy, moves, "mouse") for mouse in mice]),
        np.array([game.exploitability(cat.policy, moves, "cat") for cat in cats]),
        value,
    )


def as_policy(config: DuelConfig, player: Player, seed: int | None) -> TablePolicy:
    """A player as a policy to play games with."""
    return TablePolicy(player.policy, config.width, config.height, seed)
