"""The game of a duel: its arguments, rules and equilibrium."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from catmouse_env.dynamics import Dynamics
from catmouse_env.solver import Equilibrium, Player, TabularGame, equilibrium

ROLES: tuple[Player, Player] = ("mouse", "cat")
OTHER: dict[Player, Player] = {"mouse": "cat", "cat": "mouse"}


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

    def actions(self, role: str) -> int:
        """How many actions a player has, the "cat" or the "mouse"."""
        return self.cat_directions if role == "cat" else 4


@lru_cache(maxsize=4)
def make_game(dynamics: Dynamics) -> TabularGame:
    """The transitions of a game, made once."""
    return TabularGame(dynamics)
