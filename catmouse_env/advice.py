"""Teachers that plan ahead: what they say depends on the moves left, so it is looked up by both.

The rules of `catmouse_env.teachers` look at the two animals only. These here know the whole game, as
`catmouse_env.solver` works it out.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from catmouse_env.cats import Cat, ChasingCat, WanderingCat
from catmouse_env.directions import action_to_reading
from catmouse_env.game import Game, game_of, label_table
from catmouse_env.solver import Equilibrium, Fight
from catmouse_env.teachers import CAT_TEACHERS, flee

PLANNERS = ("optimal", "equilibrium")


@dataclass(frozen=True)
class Advice:
    """The labels of a teacher that looks at the moves left.

    Attributes:
        actions: The ideal action by moves left and pair, (moves + 1, pairs).
        mix: The ideal probabilities of all actions, (moves + 1, pairs, directions); None where one
            action is right. The ideal action is the likeliest of them, the first of equals.
        directions: How many actions there are.
    """

    actions: NDArray[np.int8]
    mix: NDArray[np.float64] | None
    directions: int = 4

    def info(self, left: Any, pair: Any) -> dict[str, Any]:
        """Labels where `left` moves are left: (games,) of pairs (games,), numbers of one pair."""
        action = self.actions[left, pair]
        single = np.ndim(action) == 0
        reading = action_to_reading(action, self.directions)
        info = {
            "ideal_direction": float(reading) if single else reading,
            "ideal_action": int(action) if single else action.astype(np.int64),
        }
        if self.mix is not None:
            info["ideal_policy"] = np.array(self.mix[left, pair])
        return info

    @classmethod
    def mixed(cls, mix: NDArray[np.float64]) -> Advice:
        """Advice to play a mixed strategy, (moves + 1, pairs, directions)."""
        # Rounded, so that of equals the first is chosen on every machine.
        return cls(mix.round(6).argmax(axis=-1).astype(np.int8), mix, mix.shape[-1])


def duel_advice(game: Game, equilibrium: bool, moves: int) -> dict[str, Advice]:
    """The advice to both players of a lethal game, by name: of the simple teachers or the equilibrium."""
    grid = game.grid
    if equilibrium:
        solved = equilibrium_of(grid.width, grid.height, game.cat_directions, True, moves)
        return {"cat": Advice.mixed(solved.cat), "mouse": Advice.mixed(solved.mouse)}
    chase = label_table(grid, CAT_TEACHERS[game.cat_directions], game.cat_directions)
    shape = (moves + 1, grid.cells**2)
    return {
        "cat": Advice(np.broadcast_to(chase, shape), None, game.cat_directions),
        "mouse": Advice(np.broadcast_to(label_table(grid, flee), shape), None),
    }


def advice_of(name: str, game: Game, cat: Cat | None, lethal: bool, moves: int) -> Advice:
    """The advice of one of the `PLANNERS` to the mouse.

    Args:
        name: "optimal": the best against this very cat. "equilibrium": the best against the worst of
            all cats.
        game: The room.
        cat: Who moves the cat; None if it stays.
        lethal: Whether the mouse can be caught.
        moves: Moves a game.
    """
    room = (game.grid.width, game.grid.height, game.cat_directions, lethal, moves)
    if name == "equilibrium":
        return Advice.mixed(equilibrium_of(*room).mouse)
    if cat is None or isinstance(cat, (ChasingCat, WanderingCat)):
        kind: Any = type(cat)
        return _best_advice(kind, *room)
    return Advice(Fight(game, lethal).best_actions(cat.table(moves), moves), None)


@lru_cache(maxsize=8)
def _best_advice(
    kind: type[Any], width: int, height: int, cat_directions: int, lethal: bool, moves: int
) -> Advice:
    """The best against one of the cats that have a name; worked out once for all environments."""
    game = game_of(width, height, flee, cat_directions)
    if kind is type(None):
        return Advice(Fight(game, lethal, cat_moves=False).best_actions(np.ones(1), moves), None)
    return Advice(Fight(game, lethal).best_actions(kind(game).table(moves), moves), None)


@lru_cache(maxsize=8)
def equilibrium_of(width: int, height: int, cat_directions: int, lethal: bool, moves: int) -> Equilibrium:
    """The equilibrium of a fight, worked out once: of survival, or of return if nothing is lethal."""
    fight = Fight(game_of(width, height, flee, cat_directions), lethal)
    return fight.equilibrium(moves, "survival" if lethal else "return")
