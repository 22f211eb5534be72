"""Teachers: rules that name the ideal direction, and the labels of every teacher by steps left and state.

A rule is a function of the two animals' cells that knows nothing of tables or of time. It is written once for
arrays; a room's labels follow from it. The teachers that plan ahead know the whole game, as
`catmouse_env.solver` works it out.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from catmouse_env.directions import Direction, action_to_reading
from catmouse_env.dynamics import MAX_TABLE, MOUSE_ACTIONS, Dynamics
from catmouse_env.solver import TabularGame, equilibrium

Cells = NDArray[Any]
Rule = Callable[[Cells, Cells, Cells, Cells, int, int], NDArray[Any]]
"""`rule(cat_x, cat_y, mouse_x, mouse_y, width, height)` -> actions.

The four arrays hold whole numbers and broadcast against each other; so do the actions returned.
"""

LABEL = np.dtype([("ideal_direction", np.float64), ("ideal_action", np.int64)])


def flee(cat_x: Cells, cat_y: Cells, mouse_x: Cells, mouse_y: Cells, width: int, height: int) -> NDArray[Any]:
    """Where the mouse should run, as the article of 2016 taught it.

    Up or down where the cat is farther off along y than along x and there is room to run; else away
    from the cat along x; at the wall on that side, along the wall away from the cat.

    Args:
        cat_x: Cat's column, 0 at the left.
        cat_y: Cat's row, 0 at the bottom.
        mouse_x: Mouse's column.
        mouse_y: Mouse's row.
        width: Columns in the room.
        height: Rows in the room.

    Returns:
        Actions (see `Direction`), the shape that the four arrays broadcast to.
    """
    dx = mouse_x - cat_x
    dy = mouse_y - cat_y
    m = np.abs(dx)
    right = dx >= 0
    at_wall = np.where(right, mouse_x == width - 1, mouse_x == 0)
    return np.select(
        [
            (dy > m) & (mouse_y < height - 1),
            (-dy > m) & (mouse_y > 0),
            at_wall & ((dy > 0) | (~right & (dy == 0))),
            at_wall & (dy < 0),
            right,
        ],
        [np.int8(d) for d in (Direction.UP, Direction.DOWN, Direction.UP, Direction.DOWN, Direction.RIGHT)],
        np.int8(Direction.LEFT),
    )


def chase(
    cat_x: Cells, cat_y: Cells, mouse_x: Cells, mouse_y: Cells, width: int, height: int
) -> NDArray[Any]:
    """Where the cat should run: towards the mouse along the axis of the larger distance, x on a tie.

    Args and return value as for `flee`; the room's size does not matter here.
    """
    dx = mouse_x - cat_x
    dy = mouse_y - cat_y
    return np.select(
        [np.abs(dy) > np.abs(dx), dx >= 0],
        [np.where(dy > 0, np.int8(Direction.UP), np.int8(Direction.DOWN)), np.int8(Direction.RIGHT)],
        np.int8(Direction.LEFT),
    )


def chase_diagonally(
    cat_x: Cells, cat_y: Cells, mouse_x: Cells, mouse_y: Cells, width: int, height: int
) -> NDArray[Any]:
    """`chase` for a cat with eight moves: diagonally towards the mouse, straight where it is in line.

    Args as for `flee`.

    Returns:
        Actions 0 to 7, clockwise from up, the shape that the four arrays broadcast to.
    """
    dx = np.sign(mouse_x - cat_x)
    dy = np.sign(mouse_y - cat_y)
    # By dx and dy, each from -1 to 1; right where both are in one cell, as in `chase`.
    actions = np.array([[5, 6, 7], [4, 2, 0], [3, 2, 1]], np.int8)
    return np.asarray(actions[dx + 1, dy + 1])


MOUSE_RULES: dict[str, Rule] = {"flee": flee}
CAT_RULES: dict[int, Rule] = {4: chase, 8: chase_diagonally}  # by the number of the cat's actions
PLANNERS = ("optimal", "equilibrium")

PLAN_BYTES = 80  # a transition, while a game is solved
STEP_WORK = 20_000  # of a move, however few transitions there are
MIXED_WORK = 16  # times as long as without mixed strategies
PLAN_SPEED = 1e8  # transitions a second on one core
MAX_PLAN_BYTES = 1 << 31
MAX_PLAN_WORK = 1 << 35


class ExpertLabels:
    """What a teacher says, by steps left and state.

    Args:
        actions: The ideal action, (1 or max_steps + 1, states): 1 for a teacher that ignores the clock.
        directions: How many actions there are, 4 or 8.

    Attributes:
        actions: The same, not to be written to.
        clocked: Whether what the teacher says depends on the steps left.
    """

    def __init__(self, actions: NDArray[np.int8], directions: int = 4) -> None:
        self.actions = np.ascontiguousarray(actions)
        self.actions.flags.writeable = False
        layers, states = self.actions.shape
        self.clocked = layers > 1
        self._layer = states if self.clocked else 0  # from one number of steps left to the next
        self._flat = self.actions.ravel()
        self._labels = np.zeros(directions, LABEL)  # by action
        self._labels["ideal_action"] = range(directions)
        self._labels["ideal_direction"] = action_to_reading(range(directions), directions)
        # Two numbers side by side are looked up as quickly as one.
        self._table = self._labels.take(self._flat) if self._flat.size <= MAX_TABLE else None
        self._by_action = [(one["ideal_direction"], one["ideal_action"]) for one in self._labels]

    def info(self, steps_left: Any, state: Any) -> dict[str, Any]:
        """The labels as an environment's `info` tells them.

        Args:
            steps_left: How many moves are left, a number or (n,).
            state: One state, or (n,).

        Returns:
            `ideal_direction` (the compass reading, float64) and `ideal_action` (int64): numpy scalars of one
            state, arrays (n,) of many.
        """
        place = state + steps_left * self._layer if self._layer else state
        if place.__class__ is int:
            direction, action = self._by_action[self._flat.item(place)]
            return {"ideal_direction": direction, "ideal_action": action}
        found = self._labels.take(self._flat.take(place)) if self._table is None else self._table.take(place)
        return {"ideal_direction": found["ideal_direction"], "ideal_action": found["ideal_action"]}


class MixedLabels(ExpertLabels):
    """The labels of a teacher with a mixed strategy: `info` tells its probabilities, too, as `ideal_policy`.

    Args:
        probabilities: (max_steps + 1, states, directions). The likeliest action is the ideal one, the first
            of equals.
    """

    def __init__(self, probabilities: NDArray[np.float64]) -> None:
        # Rounded, so that of equals the first is chosen on every machine.
        super().__init__(probabilities.round(6).argmax(axis=-1).astype(np.int8), probabilities.shape[-1])
        self.probabilities = probabilities

    def info(self, steps_left: Any, state: Any) -> dict[str, Any]:
        """See `ExpertLabels.info`; with `ideal_policy`, (directions,) or (n, directions) float64."""
        policy = np.array(self.probabilities[steps_left, state])
        return {**super().info(steps_left, state), "ideal_policy": policy}


def apply_rule(rule: Rule, dynamics: Dynamics, directions: int = 4) -> NDArray[np.int8]:
    """A rule's action by state, (states,); ValueError if it names no direction.

    Filled a column of cats at a time, which bounds the memory of a 64 x 64 room.
    """
    cells, height = dynamics.cells, dynamics.height
    x, y = dynamics.x, dynamics.y
    actions = np.empty((cells, cells), np.int8)
    for first in range(0, cells, height):
        cats = slice(first, first + height)
        said = np.asarray(rule(x[cats, None], y[cats, None], x, y, dynamics.width, height))
        if said.dtype.kind not in "iu" or (said < 0).any() or (said >= directions).any():
            raise ValueError(f"teacher must return whole numbers from 0 to {directions - 1} (see Direction)")
        actions[cats] = said
    return actions.ravel()


@lru_cache(maxsize=8)
def rule_labels(rule: Rule, dynamics: Dynamics, directions: int = 4) -> ExpertLabels:
    """The labels of a rule, made once for all environments; ValueError if it names no direction."""
    return ExpertLabels(apply_rule(rule, dynamics, directions)[None], directions)


def check_plan(width: int, height: int, cat_actions: int, max_steps: int, mixed: bool) -> None:
    """See that a teacher that plans ahead can be worked out; ValueError if the game is too large.

    Args:
        width: Columns of the room.
        height: Rows of the room.
        cat_actions: How many actions the cat has.
        max_steps: Moves of the game.
        mixed: Whether strategies are mixed: the equilibrium's.
    """
    states = (width * height) ** 2
    transitions = states * MOUSE_ACTIONS * cat_actions
    size = PLAN_BYTES * transitions
    size += (max_steps + 1) * states * (8 * (1 + MOUSE_ACTIONS + cat_actions) if mixed else 1)
    work = (max_steps + 1) * (transitions + STEP_WORK) * (MIXED_WORK if mixed else 1)
    if size > MAX_PLAN_BYTES or work > MAX_PLAN_WORK:
        raise ValueError(
            f"width x height or max_steps must be smaller for a teacher that plans ahead: {max_steps:,} "
            f"moves in {width} x {height} cells take {size / 2**30:,.1f} GB"
            + (f" and about {work / PLAN_SPEED / 60:,.0f} minutes" if work > MAX_PLAN_WORK else "")
        )


def optimal_labels(dynamics: Dynamics, cat_policy: NDArray[Any], max_steps: int) -> ExpertLabels:
    """The best against a cat whose policy is known; see `TabularGame.best_actions`."""
    return ExpertLabels(TabularGame(dynamics).best_actions(cat_policy, max_steps))


def equilibrium_labels(dynamics: Dynamics, max_steps: int, player: str = "mouse") -> MixedLabels:
    """The best against the cleverest opponent: in survival, or in return if nothing is lethal."""
    check_plan(dynamics.width, dynamics.height, dynamics.cat_actions, max_steps, True)
    solved = equilibrium(dynamics, max_steps, "survival" if dynamics.lethal else "return")
    return MixedLabels(solved.mouse if player == "mouse" else solved.cat)
