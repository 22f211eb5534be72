"""A brain that learns one side of the fight from labels on games whose positions jump."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import gymnasium as gym
import numpy as np
from numpy.typing import NDArray

from agents import Brain, SupervisedTrainer
from agents.brain import CELLS
from agents.state import RandomStream, Stateful
from catmouse.duel.fighters import BrainFighter
from catmouse.duel.game import DuelConfig
from catmouse_env.solver import Player

Array = NDArray[Any]


@dataclass(frozen=True)
class Recipe:
    """How a kind of cell learns.

    Attributes:
        hidden: Units.
        batch: Games before each update.
        updates: How many of a brain that is taught; one that teaches itself takes as many.
        optimizer: See `SupervisedTrainer`; so the next three.
        learning_rate: At the start.
        schedule: How it falls.
        recurrent_rate: By what the steps of recurrent weights are multiplied.
        input_gain: By what the first input weights are multiplied.
        thoughts: How often the brain looks at a state before it moves: its layers, as it were. A cell of one
            layer can't tell all states apart at one look.
    """

    hidden: int
    batch: int
    updates: int
    optimizer: str
    learning_rate: float
    schedule: str
    recurrent_rate: float = 1.0
    input_gain: float = 1.0
    thoughts: int = 1


MEMORYLESS = Recipe(256, 512, 25_000, "adam", 6e-3, "cosine")
RECURRENT = Recipe(128, 128, 16_000, "muon", 0.015, "linear", 0.3, 1.3, thoughts=3)


def recipe_of(cell: str) -> Recipe:
    """That of a cell's kind."""
    return RECURRENT if CELLS[cell].recurrent else MEMORYLESS


@dataclass(frozen=True)
class LearnerConfig:
    """Who learns what.

    Attributes:
        cell: Of the brain.
        sees_clock: Whether it observes the moves left. Who has a memory can count instead.
        hidden: Units.
        updates: How many it makes.
        seed: Of its first weights and of what it is shown.
        thoughts: See `Recipe`; 0: as many as the recipe has. Who has no memory thinks once.
    """

    cell: str
    sees_clock: bool
    hidden: int
    updates: int
    seed: int
    thoughts: int = 0

    @property
    def name(self) -> str:
        """How the brain is called, without who taught it."""
        blind = not self.sees_clock and not CELLS[self.cell].recurrent
        return self.cell + (", can't see the clock" if blind else "")


class Learner:
    """Teaches one brain.

    Args:
        game: The game.
        role: Whose labels it learns.
        config: How.
        teacher: "equilibrium", or a table of probabilities (max_steps + 1, states, actions) that may change.

    Attributes:
        fighter: The brain as it plays.
        updates: Made so far.
    """

    def __init__(
        self, game: DuelConfig, role: Player, config: LearnerConfig, teacher: str | Array = "equilibrium"
    ) -> None:
        recipe = recipe_of(config.cell)
        self.config = config
        arguments = {**asdict(game), "observe_moves_left": config.sees_clock}
        thoughts = config.thoughts or recipe.thoughts if CELLS[config.cell].recurrent else 1
        looks = game.max_steps * thoughts
        env = gym.make_vec(
            "CatMouseStateSampler-v0",
            num_envs=recipe.batch,
            player=role,
            teacher=teacher,
            thoughts=thoughts,
            **{**arguments, "max_steps": looks},
            max_episode_steps=looks if CELLS[config.cell].recurrent else 1,
        )
        self.brain = Brain(
            cell=config.cell,
            hidden=config.hidden,
            inputs=5 if config.sees_clock else 4,
            actions=game.actions(role),
            seed=config.seed,
            input_gain=recipe.input_gain,
        )
        self.trainer = SupervisedTrainer(
            env,
            self.brain,
            recipe.optimizer,
            recipe.learning_rate,
            recipe.schedule,
            total_games=config.updates * recipe.batch,
            seed=config.seed,
            recurrent_rate=recipe.recurrent_rate,
        )
        # What the brain's file says: the game of a single mouse against a hunting cat, in the same room.
        self.brain.game = {
            "env_id": "CatMouseChase-v0",
            "player": role,
            "learned_from": "labels" if isinstance(teacher, str) else "self-play",
            "teacher": "equilibrium",
            "thoughts": thoughts,
            **arguments,
        }
        self.fighter = BrainFighter(config.name, game, role, self.brain)

    @property
    def updates(self) -> int:
        """Made so far."""
        return self.trainer.updates

    def parts(self) -> dict[str, Stateful]:
        """All that must be kept to go on later."""
        return {
            "brain": self.brain,
            "trainer": self.trainer,
            "optimizer": self.trainer.optimizer,
            "env": RandomStream(self.trainer.env.np_random),
        }

    def state_dict(self) -> dict[str, Array]:
        """See `agents.state.Stateful`."""
        return {
            f"{name}.{key}": np.asarray(value)
            for name, part in self.parts().items()
            for key, value in part.state_dict().items()
        }

    def load_state_dict(self, state: dict[str, Array]) -> None:
        """See `agents.state.Stateful`."""
        for name, part in self.parts().items():
            inside = f"{name}."
            part.load_state_dict(
                {key.removeprefix(inside): value for key, value in state.items() if key.startswith(inside)}
            )
