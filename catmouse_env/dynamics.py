"""The rules, as pure functions on plain numbers: states, transitions, captures, rewards, starts.

Cells are numbered upwards column by column, cell = x * height + y. A *state* is both animals' cells as one
number, cat * cells + mouse. Everything here takes one state (an int) or many (an array) alike, so one game,
thousands and a proof over all of them are played by the same code.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from catmouse_env.directions import STEPS

Array = NDArray[Any]
State = Any  # a whole number, or an array of them; so are cells and actions

MOUSE_ACTIONS = 4
MAX_TABLE = 1 << 18  # entries; up to here (22 x 22 cells by state) transitions and observations are tabled
UNSEEN = (-1.0, -1.0)  # what the mouse sees of a cat that it can't see
FOUR = np.array(MOUSE_ACTIONS)  # as an array, which numpy would have to make of the number each time


@dataclass(frozen=True)
class View:
    """What is seen of a state; see "Arguments" of `catmouse_env.envs.single.CatMouseEnv`."""

    cat_visible_moves: int | None = None
    observe_moves_left: bool = False
    max_steps: int = 1


ALL = View()  # both animals, and no clock


class Dynamics:
    """What a joint move leads to. Never changes, so environments share one: see `Dynamics.cached`.

    Args:
        width: Columns of the room.
        height: Rows of the room.
        cat_actions: 1 for a cat that stays, 4, or 8 with the diagonals.
        lethal: Whether the mouse can be caught.

    Attributes:
        cells: width * height.
        states: cells * cells.
        x: Column of each cell, (cells,) int8.
        y: Row of each cell, (cells,) int8.
        mouse_neighbours: The cell after each action, (cells, 4); a wall stops the move.
        cat_neighbours: The same for the cat, (cells, cat_actions). A diagonal move is stopped along each axis
            by itself, so it slides along a wall.
        distances: Manhattan distance between the animals by state, (states,) int8.
        caught_reward: The mouse's reward for being caught, -(width + height).
        num_starts: How many states a game can start in.
    """

    def __init__(self, width: int, height: int, cat_actions: int, lethal: bool) -> None:
        self.width, self.height = width, height
        self.cat_actions = cat_actions
        self.lethal = lethal
        self.cells = width * height
        self.states = self.cells**2
        self.x = np.repeat(np.arange(width, dtype=np.int8), height)
        self.y = np.tile(np.arange(height, dtype=np.int8), width)
        self.mouse_neighbours = self._neighbours(STEPS[MOUSE_ACTIONS])
        self.cat_neighbours = self._neighbours(STEPS[cat_actions])
        distances = np.abs(self.x[:, None] - self.x)  # (cells, cells)
        distances += np.abs(self.y[:, None] - self.y)
        self.distances = distances.ravel()
        self.caught_reward = -(width + height)
        self.num_starts = self.cells * (self.cells - lethal)
        self._scale = np.array([width - 1, height - 1], np.float32)
        self._coordinates = np.stack([self.x, self.y], axis=1) / self._scale  # (cells, 2), 0 to 1
        self._state_weights = np.array([height * self.cells, self.cells, height, 1])
        moves = np.arange(self.states * MOUSE_ACTIONS * cat_actions) if self._fits(cat_actions) else None
        self._table = () if moves is None else self._look_up(*self.split_move(moves))
        self._observed = self._observe(np.arange(self.states)) if self._fits(1) else None
        for array in (self.x, self.y, self.mouse_neighbours, self.cat_neighbours, self.distances):
            array.flags.writeable = False

    @staticmethod
    @lru_cache(maxsize=16)
    def cached(width: int, height: int, cat_actions: int, lethal: bool) -> Dynamics:
        """The one of these arguments."""
        return Dynamics(width, height, cat_actions, lethal)

    def __reduce__(self) -> tuple[Any, ...]:
        return Dynamics.cached, (self.width, self.height, self.cat_actions, self.lethal)

    def __deepcopy__(self, memo: dict[int, Any]) -> Dynamics:
        return self

    def _fits(self, cat_actions: int) -> bool:
        return self.states * MOUSE_ACTIONS * cat_actions <= MAX_TABLE

    def _neighbours(self, steps: tuple[tuple[int, int], ...]) -> NDArray[np.int64]:
        dx, dy = np.array(steps).T
        x = np.clip(self.x[:, None] + dx, 0, self.width - 1)  # (cells, actions)
        y = np.clip(self.y[:, None] + dy, 0, self.height - 1)
        return np.asarray(x * self.height + y, np.int64)

    # States

    def cell(self, x: Any, y: Any) -> Any:
        """The number of the cell at column x and row y."""
        return x * self.height + y

    def position(self, cell: int) -> tuple[int, int]:
        """The column and row of a cell."""
        return divmod(int(cell), self.height)

    def join(self, cat: State, mouse: State) -> State:
        """The state of a cat's and a mouse's cell."""
        return cat * self.cells + mouse

    def split(self, state: State) -> tuple[State, State]:
        """The cat's and the mouse's cell."""
        return split(state, self.cells)

    def observe(self, state: State, steps: Any = 0, view: View = ALL) -> NDArray[np.float32]:
        """Cat x, cat y, mouse x, mouse y from 0 to 1 and, if the view has it, the share of moves left.

        Args:
            state: One state, or (n,).
            steps: Moves made, a number or (n,).
            view: What is seen of it.

        Returns:
            A new array: (4 or 5,) in one state, (n, 4 or 5) in many.
        """
        seen: Any = self._observe(state) if self._observed is None else self._observed.take(state, 0)
        if view.cat_visible_moves is not None:
            hidden = steps >= view.cat_visible_moves
            if hidden is True:  # in all games, or in the only one
                seen[..., :2] = UNSEEN
            elif hidden is not False:
                seen[hidden, :2] = UNSEEN
        if view.observe_moves_left:
            left = np.empty((*seen.shape[:-1], 1), np.float32)
            left[..., 0] = np.maximum(view.max_steps - steps, 0) / view.max_steps
            seen = np.concatenate([seen, left], axis=-1)
        return np.asarray(seen)

    def _observe(self, state: State) -> NDArray[np.float32]:
        return np.concatenate([self._coordinates.take(cell, 0) for cell in self.split(state)], axis=-1)

    def state_of(self, observation: Any) -> NDArray[np.int64]:
        """The states that were observed, (n,), from (n, 4 or more) in which the cat shows."""
        places = np.rint(np.asarray(observation)[:, :4] * np.tile(self._scale, 2)).astype(np.int64)
        return np.asarray(places @ self._state_weights)

    # Moves

    def transition(self, state: State, action: State, cat_action: State = 0) -> tuple[State, Any, Any]:
        """What a joint move leads to: every rule of the game.

        Both animals move at once. The mouse is caught when both end in one cell or swap cells, if the game is
        lethal; its reward is then `caught_reward`, else the change in distance.

        Args:
            state: The state before.
            action: The mouse's action, 0 to 3.
            cat_action: The cat's action, 0 to cat_actions - 1.

        Returns:
            The state after, the mouse's reward (float) and whether it is caught (bool): numbers for numbers,
            new arrays for arrays.
        """
        if state.__class__ is int and action.__class__ is int:
            if not self._table:
                return tuple(one.item() for one in self._look_up(np.int64(state), action, cat_action))
            next_states, rewards, caught = self._table
            move = (state * MOUSE_ACTIONS + action) * self.cat_actions + cat_action
            return next_states.item(move), rewards.item(move), caught.item(move)
        if not self._table:
            return self._look_up(state, action, cat_action)
        move = state * FOUR
        move += action
        if self.cat_actions > 1:
            move *= self.cat_actions
            move += cat_action
        next_states, rewards, caught = self._table
        # Where nothing is lethal, zeros come sooner than looked-up ones.
        over = caught.take(move) if self.lethal else np.zeros(move.shape, np.bool_)
        return next_states.take(move), rewards.take(move), over

    def split_move(self, move: State) -> tuple[State, State, State]:
        """State, mouse's and cat's action of move (state * 4 + action) * cat_actions + cat_action."""
        rest, cat_action = divmod(move, self.cat_actions)
        return *divmod(rest, MOUSE_ACTIONS), cat_action

    def _look_up(self, state: State, action: State, cat_action: State) -> tuple[Array, Array, Array]:
        next_state, reward, caught = joint_move(self, state, action, cat_action, np)
        return next_state, reward.astype(np.float64), caught

    # Starts

    def start(self, number: State) -> State:
        """The state of each start, numbered from 0 to num_starts - 1 in the order of states."""
        if not self.lethal:
            return number
        cat, rest = number // (self.cells - 1), number % (self.cells - 1)
        return self.join(cat, rest + (rest >= cat))

    def draw_number(self, rng: np.random.Generator, count: int | None = None, choices: int = 0) -> State:
        """Numbers below `choices` (0: of all starts) drawn uniformly: an int, or (count,)."""
        if count is None:
            return int(rng.random() * (choices or self.num_starts))
        return (rng.random(count) * (choices or self.num_starts)).astype(np.int64)

    def draw_start(
        self,
        rng: np.random.Generator,
        count: int | None = None,
        cat: State | None = None,
        mouse: State | None = None,
    ) -> State:
        """Starts drawn uniformly, by one uniform number each.

        Args:
            rng: The environment's random stream.
            count: How many, or None for one as an int; the stream gives the same numbers either way.
            cat: Cells that are given, so not drawn.
            mouse: The same for the mouse.

        Returns:
            States, (count,), or one.
        """
        if cat is mouse is count is None:  # the usual case, in half of the time
            number = int(rng.random() * self.num_starts)
            return self.start(number) if self.lethal else number
        if cat is not None and mouse is not None:
            return self.join(cat, mouse)
        given = cat if mouse is None else mouse
        if given is None:
            return self.start(self.draw_number(rng, count))
        drawn = self.draw_number(rng, count, self.cells - self.lethal)
        if self.lethal:
            drawn = drawn + (drawn >= given)
        return self.join(drawn, given) if cat is None else self.join(given, drawn)

    @property
    def start_states(self) -> NDArray[np.int64]:
        """Every state that a game can start in, (num_starts,)."""
        return np.asarray(self.start(np.arange(self.num_starts)))


def split(state: State, cells: int) -> tuple[State, State]:
    """The cat's and the mouse's cell of a state in a room of so many cells."""
    cat = state // cells
    return cat, state - cat * cells


def joint_move(tables: Any, state: State, action: State, cat_action: State, xp: Any) -> tuple[Any, Any, Any]:
    """What a joint move leads to, worked out: every rule of the game, for arrays of any kind.

    Args:
        tables: A `Dynamics`, or whatever has its `cells`, `cat_actions`, `lethal`, `caught_reward`,
            `mouse_neighbours`, `cat_neighbours` and `distances`.
        state: The state before.
        action: The mouse's action.
        cat_action: The cat's action.
        xp: The library of the arrays: numpy, or one with its functions.

    Returns:
        The state after, the mouse's reward (whole numbers) and whether it is caught (bool).
    """
    cat, mouse = split(state, tables.cells)
    next_cat = xp.take(tables.cat_neighbours.ravel(), cat * tables.cat_actions + cat_action)
    next_mouse = xp.take(tables.mouse_neighbours.ravel(), mouse * MOUSE_ACTIONS + action)
    next_state = next_cat * tables.cells + next_mouse
    together, swapped = next_cat == next_mouse, (next_cat == mouse) & (next_mouse == cat)
    caught = (together | swapped) & tables.lethal
    gain = xp.take(tables.distances, next_state) - xp.take(tables.distances, state)
    return next_state, xp.where(caught, tables.caught_reward, gain), caught
