"""The game: every rule once, as look-ups that serve one game as well as thousands.

`Game` holds a room's tables. `Game.one` and `Game.many` are the same `Rules` over these tables: the
first looks up with whole numbers, the second with arrays of them. All faces (single environment,
vector environment, two players) and the exact solver play by them. `Outcomes` remembers what the
rules said of one game's moves, which is what makes a single environment fast.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from catmouse_env.directions import action_to_reading
from catmouse_env.grid import Grid, grid_of
from catmouse_env.teachers import Teacher

Cell = Any  # a cell's number, or an array of them
Lookup = Callable[[Any], Any]
Table = NDArray[Any]

SMALL_TABLE_PAIRS = 1 << 18  # up to here (22 x 22 cells) what is seen is tabled by pair: 4 MB
MOST_OUTCOMES = 1 << 16  # remembered at the most, about 25 MB; a 6 x 6 room has 5,184


class Rules:
    """What a move leads to and what it is worth, for one game (ints) or many (arrays alike)."""

    def __init__(self, game: Game, lookup: Callable[[Table], Lookup]) -> None:
        self._cells = game.grid.cells
        self._cat_directions = game.cat_directions
        self._mouse_after = lookup(game.mouse_neighbours)
        self._cat_after = lookup(game.cat_neighbours)
        self._distance = lookup(game.distances)
        self._caught_reward = game.caught_reward

    def mouse_move(self, mouse: Cell, action: Any) -> Cell:
        """The mouse's cell after its action."""
        return self._mouse_after(mouse * 4 + action)

    def cat_move(self, cat: Cell, action: Any) -> Cell:
        """The cat's cell after its action."""
        return self._cat_after(cat * self._cat_directions + action)

    def pair(self, cat: Cell, mouse: Cell) -> Any:
        """The number of a pair of cells."""
        return cat * self._cells + mouse

    def distance(self, pair: Any) -> Any:
        """The Manhattan distance between the two cells of a pair."""
        return self._distance(pair)

    def caught(self, cat: Cell, mouse: Cell, new_cat: Cell, new_mouse: Cell) -> Any:
        """Whether a move ends with both in one cell, or swapped the two."""
        return (new_cat == new_mouse) | ((new_cat == mouse) & (new_mouse == cat))

    def reward(self, gain: Any, caught: Any) -> Any:
        """The mouse's reward: the change in distance, or the price of being caught."""
        return gain + caught * (self._caught_reward - gain)


class Game:
    """A room's tables: who stands next to whom, how far apart, and what the teacher says.

    Games never change and are shared; make them with `game_of`.

    Attributes:
        grid: The room.
        teacher: The mouse's teacher.
        cat_directions: The cat's moves, 4 or 8 (diagonals too). The mouse has 4.
        caught_reward: The mouse's reward for being caught, -(width + height).
        mouse_neighbours: Cell after each action, index cell * 4 + action.
        cat_neighbours: Cell after each action, index cell * cat_directions + action.
        distances: Manhattan distance by pair, int8.
        labels: The teacher's action by pair, int8.
    """

    def __init__(self, width: int, height: int, teacher: Teacher, cat_directions: int = 4) -> None:
        self.grid: Grid = grid_of(width, height)
        self.teacher = teacher
        self.cat_directions = cat_directions
        self.caught_reward = -(width + height)
        self.mouse_neighbours = self.grid.neighbours(4)
        self.cat_neighbours = self.grid.neighbours(cat_directions)
        self.distances = self.grid.distances()
        self.labels = label_table(self.grid, teacher)
        self._coordinates = self.grid.coordinates()
        self._seen: NDArray[np.float32] | None = None
        if self.grid.cells**2 <= SMALL_TABLE_PAIRS:
            self._seen = self._look(*np.divmod(np.arange(self.grid.cells**2), self.grid.cells))
        self.one = Rules(self, lambda table: memoryview(table).__getitem__)
        self.many = Rules(self, lambda table: table.take)
        self._outcomes: dict[tuple[bool, bool], Outcomes] = {}

    def _look(self, cat: NDArray[Any], mouse: NDArray[Any]) -> NDArray[np.float32]:
        seen = np.empty((len(cat), 4), np.float32)
        seen[:, :2] = self._coordinates.take(cat, axis=0)
        seen[:, 2:] = self._coordinates.take(mouse, axis=0)
        return seen

    def observe(self, cat: NDArray[Any], mouse: NDArray[Any], pair: NDArray[Any]) -> NDArray[np.float32]:
        """What the mouse sees: cat x, cat y, mouse x, mouse y, a new array (games, 4) float32.

        The pair goes without saying, but whoever calls this has it at hand.
        """
        if self._seen is None:
            return self._look(cat, mouse)
        return self._seen.take(pair, axis=0)

    def observe_one(self, pair: int) -> NDArray[np.float32]:
        """The same for one game, (4,) float32."""
        if self._seen is None:
            cat, mouse = divmod(pair, self.grid.cells)
            return np.concatenate([self._coordinates[cat], self._coordinates[mouse]])
        return self._seen[pair].copy()

    def outcomes(self, lethal: bool, cat_moves: bool) -> Outcomes:
        """What one game's moves lead to, remembered for all environments of this game."""
        found = self._outcomes.get((lethal, cat_moves))
        if found is None:
            found = self._outcomes[lethal, cat_moves] = Outcomes(self, lethal, cat_moves)
        return found

    def __reduce__(self) -> tuple[Any, ...]:
        return game_of, (self.grid.width, self.grid.height, self.teacher, self.cat_directions)

    def __deepcopy__(self, memo: dict[int, Any]) -> Game:
        return self


Outcome = tuple[int, float, bool, float, int, NDArray[np.float32]]
"""New pair, reward, caught, the teacher's reading and action there, what the mouse sees there."""


class Outcomes(dict[int, Outcome]):
    """The outcome of each move of one game: worked out by the rules when first met, then remembered.

    The key is pair * 4 + action where the cat stays, (pair * 4 + action) * cat_directions + the cat's
    action where it moves.
    """

    def __init__(self, game: Game, lethal: bool, cat_moves: bool) -> None:
        self._game = game
        self._lethal = lethal
        self._cat_actions = game.cat_directions if cat_moves else 1

    def __missing__(self, key: int) -> Outcome:
        game, rules = self._game, self._game.one
        rest, cat_action = divmod(key, self._cat_actions)
        pair, action = divmod(rest, 4)
        cat, mouse = divmod(pair, game.grid.cells)
        new_mouse = rules.mouse_move(mouse, action)
        new_cat = cat if self._cat_actions == 1 else rules.cat_move(cat, cat_action)
        new_pair = rules.pair(new_cat, new_mouse)
        caught = self._lethal and rules.caught(cat, mouse, new_cat, new_mouse)
        reward = rules.reward(rules.distance(new_pair) - rules.distance(pair), caught)
        label = int(game.labels[new_pair])
        seen = game.observe_one(new_pair)
        outcome = (new_pair, float(reward), caught, float(action_to_reading(label)), label, seen)
        if len(self) < MOST_OUTCOMES:
            self[key] = outcome
        return outcome


@lru_cache(maxsize=8)
def game_of(width: int, height: int, teacher: Teacher, cat_directions: int = 4) -> Game:
    """The one game of this size and teacher; environments share it."""
    return Game(width, height, teacher, cat_directions)


def label_table(grid: Grid, teacher: Teacher) -> NDArray[np.int8]:
    """A teacher's action by pair, (cells * cells,) int8; ValueError if it names no direction.

    Filled a column of cats at a time, which bounds the memory of a 64 x 64 room.
    """
    labels = np.empty((grid.cells, grid.cells), np.int8)
    for first in range(0, grid.cells, grid.height):
        cats = slice(first, first + grid.height)
        actions = np.asarray(
            teacher(grid.x[cats, None], grid.y[cats, None], grid.x, grid.y, grid.width, grid.height)
        )
        if not np.issubdtype(actions.dtype, np.integer) or (actions < 0).any() or (actions > 3).any():
            raise ValueError("teacher must return whole numbers from 0 to 3 (see Direction)")
        labels[cats] = actions
    return labels.ravel()


def draw_starts(
    rng: np.random.Generator,
    count: int,
    grid: Grid,
    apart: bool,
    cat: NDArray[np.int64] | None = None,
    mouse: NDArray[np.int64] | None = None,
) -> NDArray[np.int64]:
    """Starts of `count` games, drawn uniformly in the order cat x, cat y, mouse x, mouse y.

    Args:
        rng: The environment's own random stream.
        count: How many games.
        grid: The room.
        apart: Whether to draw again where cat and mouse would share a cell.
        cat: Cells (count,) that are given, so not drawn.
        mouse: The same for the mouse.

    Returns:
        Pairs, (count,).
    """
    if cat is not None and mouse is not None:
        return cat * grid.cells + mouse
    drawn = slice(2 * (cat is not None), 4 - 2 * (mouse is not None))
    # Numbers below one bound come faster than numbers below four, and are the same if all are equal.
    high = grid.width if grid.width == grid.height else (grid.width, grid.height) * 2
    pairs: NDArray[np.int64] = rng.integers(
        0, high if isinstance(high, int) else high[drawn], (count, drawn.stop - drawn.start)
    ).dot(grid.pair_weights[drawn])
    if cat is not None:
        pairs += cat * grid.cells
    if mouse is not None:
        pairs += mouse
    if apart:
        while (again := np.flatnonzero(pairs % (grid.cells + 1) == 0)).size:  # cat * cells + cat
            pairs[again] = draw_starts(
                rng,
                again.size,
                grid,
                False,
                None if cat is None else cat[again],
                None if mouse is None else mouse[again],
            )
    return pairs
