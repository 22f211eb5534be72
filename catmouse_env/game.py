"""The game: every rule once, as look-ups that serve one game as well as thousands.

`Game` holds a room's tables. `Game.one` and `Game.many` are the same `Rules` over these tables: the
first looks up with whole numbers, the second with arrays of them. All faces (single environment,
vector environment, two players) and the exact solver play by them.

What the rules say of a move never changes, so it need not be worked out twice: `Outcomes` remembers it
for one game, `Moves` tables it for many. All that is done for the environments' speed stands there, in
`Game.observe` and `Game.advise` (the same for what follows from a pair of cells) and in `draw_start`.
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

SMALL_TABLE = 1 << 18  # entries; up to here (22 x 22 cells by pair, 4 MB) more is tabled
MOST_OUTCOMES = 1 << 16  # remembered at the most, about 25 MB; a 6 x 6 room has 5,184

ADVICE = np.dtype([("ideal_direction", np.float64), ("ideal_action", np.int64)])
FOUR = np.array(4)  # the mouse's actions; an array is ready for numpy, which has to convert a 4


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

    def cells_of(self, pair: Any) -> tuple[Cell, Cell]:
        """The cat's and the mouse's cell of a pair."""
        cat = pair // self._cells
        return cat, pair - cat * self._cells

    def distance(self, pair: Any) -> Any:
        """The Manhattan distance between the two cells of a pair."""
        return self._distance(pair)

    def caught(self, cat: Cell, mouse: Cell, new_cat: Cell, new_mouse: Cell) -> Any:
        """Whether a move ends with both in one cell, or swapped the two."""
        return (new_cat == new_mouse) | ((new_cat == mouse) & (new_mouse == cat))

    def reward(self, gain: Any, caught: Any) -> Any:
        """The mouse's reward: the change in distance, or the price of being caught."""
        return gain * (1 - caught) + self._caught_reward * caught

    def outcome(self, pair: Any, action: Any, cat_action: Any, lethal: bool) -> tuple[Any, Any, Any]:
        """What a joint move leads to.

        Args:
            pair: The animals' cells.
            action: The mouse's action.
            cat_action: The cat's; None if it stays.
            lethal: Whether the mouse can be caught.

        Returns:
            The new pair, the mouse's reward and whether it is caught (False if nothing is lethal).
        """
        cat, mouse = self.cells_of(pair)
        new_mouse = self.mouse_move(mouse, action)
        new_cat = cat if cat_action is None else self.cat_move(cat, cat_action)
        new_pair = self.pair(new_cat, new_mouse)
        gain = self.distance(new_pair) - self.distance(pair)
        if not lethal:
            return new_pair, gain, False
        caught = self.caught(cat, mouse, new_cat, new_mouse)
        return new_pair, self.reward(gain, caught), caught


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
        self.one = Rules(self, lambda table: table.data.__getitem__)
        self.many = Rules(self, lambda table: table.take)
        self._coordinates = self.grid.coordinates()
        self._advice = np.zeros(4, ADVICE)  # by action
        self._advice["ideal_action"] = range(4)
        self._advice["ideal_direction"] = action_to_reading(range(4))
        self._seen_by_pair: NDArray[np.float32] | None = None
        self._advice_by_pair: NDArray[Any] | None = None
        if self.grid.cells**2 <= SMALL_TABLE:
            self._seen_by_pair = self._look(np.arange(self.grid.cells**2))
            self._advice_by_pair = self._advice.take(self.labels)
        self._outcomes: dict[tuple[bool, bool], Outcomes] = {}
        self._moves: dict[tuple[bool, bool], Moves] = {}

    def _look(self, pair: NDArray[Any]) -> NDArray[np.float32]:
        cat, mouse = self.many.cells_of(pair)
        seen = np.empty((len(pair), 4), np.float32)
        seen[:, :2] = self._coordinates.take(cat, axis=0)
        seen[:, 2:] = self._coordinates.take(mouse, axis=0)
        return seen

    def observe(self, pair: NDArray[Any]) -> NDArray[np.float32]:
        """What the mouse sees: cat x, cat y, mouse x, mouse y, a new array (games, 4) float32."""
        if self._seen_by_pair is None:
            return self._look(pair)
        return self._seen_by_pair.take(pair, 0)

    def observe_one(self, pair: int) -> NDArray[np.float32]:
        """The same for one game, (4,) float32."""
        if self._seen_by_pair is None:
            cat, mouse = self.one.cells_of(pair)
            return self._coordinates.take((cat, mouse), axis=0).ravel()
        return np.array(self._seen_by_pair[pair])

    def advise(self, pair: NDArray[Any]) -> NDArray[Any]:
        """The teacher's `ideal_direction` and `ideal_action`, fields of a new array (games,).

        One array of both, because a look-up of two numbers side by side takes no longer than of one.
        """
        if self._advice_by_pair is None:
            return self._advice.take(self.labels.take(pair))
        return self._advice_by_pair.take(pair)

    def outcomes(self, lethal: bool, cat_moves: bool) -> Outcomes:
        """What one game's moves lead to, remembered for all environments of this game."""
        found = self._outcomes.get((lethal, cat_moves))
        if found is None:
            found = self._outcomes[lethal, cat_moves] = Outcomes(self, lethal, cat_moves)
        return found

    def moves(self, lethal: bool, cat_moves: bool) -> Moves:
        """What many games' moves lead to, tabled for all environments of this game."""
        found = self._moves.get((lethal, cat_moves))
        if found is None:
            found = self._moves[lethal, cat_moves] = Moves(self, lethal, cat_moves)
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
        game = self._game
        rest, cat_action = divmod(key, self._cat_actions)
        pair, action = divmod(rest, 4)
        new_pair, reward, caught = game.one.outcome(
            pair, action, cat_action if self._cat_actions > 1 else None, self._lethal
        )
        label = int(game.labels[new_pair])
        outcome = (
            new_pair,
            float(reward),
            caught,
            float(action_to_reading(label)),
            label,
            game.observe_one(new_pair),
        )
        if len(self) < MOST_OUTCOMES:
            self[key] = outcome
        return outcome


class Moves:
    """The outcomes of many games' moves: read from tables of all moves there are, if the room is small.

    Three look-ups take the place of the ten steps of `Rules.outcome`.
    """

    def __init__(self, game: Game, lethal: bool, cat_moves: bool) -> None:
        self._rules = game.many
        self._lethal = lethal
        self._cat_actions = np.array(game.cat_directions if cat_moves else 1)
        self._pairs_after: NDArray[np.int64] | None = None
        moves = (game.grid.cells**2, 4, int(self._cat_actions))
        if np.prod(moves) <= SMALL_TABLE:
            pair, action, cat_action = np.unravel_index(np.arange(np.prod(moves)), moves)
            self._pairs_after, self._rewards, self._caught = self._work_out(
                pair, action, cat_action if cat_moves else None
            )

    def _work_out(self, pair: Any, action: Any, cat_action: Any) -> tuple[Any, Any, Any]:
        pair_after, reward, caught = self._rules.outcome(pair, action, cat_action, self._lethal)
        return pair_after, reward.astype(np.float64), caught if self._lethal else None

    def __call__(
        self, pair: NDArray[Any], action: NDArray[Any], cat_action: NDArray[Any] | None = None
    ) -> tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.bool_] | None]:
        """New pairs, rewards and who is caught (None if nothing is lethal), new arrays (games,).

        Args:
            pair: The animals' cells, (games,).
            action: The mouse's actions, (games,).
            cat_action: The cat's; None if it stays.
        """
        if self._pairs_after is None:
            return self._work_out(pair, action, cat_action)
        move = pair * FOUR
        move += action
        if cat_action is not None:
            move *= self._cat_actions
            move += cat_action
        caught = None if self._caught is None else self._caught.take(move)
        return self._pairs_after.take(move), self._rewards.take(move), caught


@lru_cache(maxsize=8)
def game_of(width: int, height: int, teacher: Teacher, cat_directions: int = 4) -> Game:
    """The one game of this size and teacher; environments share it."""
    return Game(width, height, teacher, cat_directions)


def label_table(grid: Grid, teacher: Teacher, directions: int = 4) -> NDArray[np.int8]:
    """A teacher's action by pair, (cells * cells,) int8; ValueError if it names no direction.

    Filled a column of cats at a time, which bounds the memory of a 64 x 64 room.
    """
    labels = np.empty((grid.cells, grid.cells), np.int8)
    for first in range(0, grid.cells, grid.height):
        cats = slice(first, first + grid.height)
        actions = np.asarray(
            teacher(grid.x[cats, None], grid.y[cats, None], grid.x, grid.y, grid.width, grid.height)
        )
        if (
            not np.issubdtype(actions.dtype, np.integer)
            or (actions < 0).any()
            or (actions >= directions).any()
        ):
            raise ValueError(f"teacher must return whole numbers from 0 to {directions - 1} (see Direction)")
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
        return np.asarray(cat * grid.cells + mouse)
    drawn = slice(2 * (cat is not None), 4 - 2 * (mouse is not None))
    # Numbers below one bound come faster than numbers below four, and are the same if all are equal.
    high = grid.width if grid.width == grid.height else (grid.width, grid.height) * 2
    coordinates = rng.integers(
        0, high if isinstance(high, int) else high[drawn], (count, drawn.stop - drawn.start)
    )
    pairs: NDArray[np.int64] = coordinates @ grid.pair_weights[drawn]
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


def draw_start(rng: np.random.Generator, grid: Grid, apart: bool) -> int:
    """The same for one game of which nothing is given, and from the same numbers, four times sooner.

    `Generator.integers` takes 4 microseconds to get ready, more than all the rest of a reset. So this
    does what it does (the upper half of a 32 bit random number times the bound, unless the lower half is
    one of the few that would make that uneven: Lemire 2019, "Fast random integer generation in an
    interval") on the numbers that each of NumPy's generators offers through ctypes.
    """
    generator = rng.bit_generator.ctypes
    draw, state = generator.next_uint32, generator.state
    while True:
        pair = 0
        for bound, uneven in grid.draws:
            product = draw(state) * bound
            while product & 0xFFFFFFFF < uneven:
                product = draw(state) * bound
            pair = pair * bound + (product >> 32)
        if not (apart and pair % (grid.cells + 1) == 0):  # cat * cells + cat
            return pair
