"""Policies as tables: a cat or a mouse that knows its move in every state by heart."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from gymnasium.error import InvalidAction
from numpy.typing import NDArray

from catmouse_env.directions import reading_to_action
from catmouse_env.dynamics import ALL, Dynamics, View

Array = NDArray[Any]

CHUNK = 1 << 16  # states that a policy is asked about at a time


class TablePolicy:
    """A memoryless policy: probabilities of the actions by steps left and state.

    A mixed strategy is one only if it is played by chance, so `predict` always draws, from a random
    stream of its own, whatever `deterministic` says; where one action has all the probability there is
    nothing to draw.

    Args:
        table: (max_steps + 1, states, actions), or (states, actions) where the steps left don't matter.
        width: Columns of the room.
        height: Rows of the room.
        seed: Of its random stream.

    Raises:
        ValueError: The table's shape does not fit the room.
    """

    stochastic = True  # it draws, whatever `deterministic` says

    def __init__(self, table: Array, width: int, height: int, seed: int | None = None) -> None:
        table = np.asarray(table, np.float64)
        self.table = table[None] if table.ndim == 2 else table  # (1 or max_steps + 1, states, actions)
        self.width, self.height = width, height
        self._dynamics = Dynamics.cached(width, height, 1, False)
        if self.table.ndim != 3 or self.table.shape[1] != self._dynamics.states:
            raise ValueError(
                f"table must be of shape (max_steps + 1, {self._dynamics.states}, actions), got {table.shape}"
            )
        self._rng = np.random.default_rng(seed)

    def action_probabilities(self, observation: Any) -> Array:
        """The probabilities of the actions, (n, actions), where (n, 4 or 5) is observed.

        Raises:
            ValueError: The policy depends on the steps left, and they are not observed.
        """
        observation = np.asarray(observation)
        left: Any = 0
        if len(self.table) > 1:
            if observation.shape[1] < 5:
                raise ValueError("this policy looks at the moves left: make it with observe_moves_left=True")
            left = np.rint(observation[:, 4] * (len(self.table) - 1)).astype(np.int64)
        chosen: Array = self.table[left, self._dynamics.state_of(observation)]
        return chosen

    def predict(
        self, observation: Any, state: Any = None, episode_start: Any = None, deterministic: bool = True
    ) -> tuple[Array, Any]:
        """Actions (n,) for observations (n, 4 or 5), or one for one; there is no state."""
        observation = np.asarray(observation)
        sums = self.action_probabilities(np.atleast_2d(observation)).cumsum(axis=1)
        drawn = self._rng.random((len(sums), 1)) * sums[:, -1:]
        action = (drawn >= sums).sum(axis=1)
        return (action[0] if observation.ndim == 1 else action), None


def to_actions(answer: Any, count: int, directions: int) -> NDArray[np.int64]:
    """A policy's answer as actions (count,); InvalidAction if it is none.

    Args:
        answer: Actions (count,), or compass readings (count, 1).
        count: How many were asked for.
        directions: How many there are.
    """
    array = np.asarray(answer)
    if array.shape == (count, 1) and array.dtype.kind == "f" and ((array >= 0) & (array <= 1)).all():
        return reading_to_action(array[:, 0], directions)
    if array.shape != (count,) or array.dtype.kind not in "iu" or ((array < 0) | (array >= directions)).any():
        raise InvalidAction(
            f"a policy must answer with actions ({count},) from 0 to {directions - 1} or compass readings "
            f"({count}, 1), got {answer!r}"
        )
    return array.astype(np.int64, copy=False)


def policy_rows(
    policy: Any, dynamics: Dynamics, directions: int, max_steps: int | None = None
) -> Iterator[Array]:
    """What a memoryless policy plays, as probabilities (n, directions), some states at a time.

    Of all states in turn, for each number of steps left from 0 to `max_steps`.

    A policy that draws its actions whatever `deterministic` says tells so by an attribute `stochastic`, and
    its probabilities by a method `action_probabilities`, observations -> (n, directions). Any other is asked
    for its actions, twice, and must say the same.

    Args:
        policy: An object with `predict`.
        dynamics: The rules.
        directions: How many actions the policy has.
        max_steps: Moves a game, if it observes those that are left; None if it doesn't.

    Raises:
        ValueError: The policy has a memory, or plays by chance and does not tell its probabilities.
    """
    view = ALL if max_steps is None else View(None, True, max_steps)
    for left in [0] if max_steps is None else range(max_steps + 1):
        for first in range(0, dynamics.states, CHUNK):
            states = np.arange(first, min(first + CHUNK, dynamics.states))
            seen = dynamics.observe(states, (max_steps or 0) - left, view)
            if getattr(policy, "stochastic", False):
                yield np.asarray(policy.action_probabilities(seen), np.float64)
                continue
            begins = np.ones(len(states), np.bool_)
            (answer, memory), (again, _) = (
                policy.predict(seen, state=None, episode_start=begins, deterministic=True) for _ in range(2)
            )
            actions = to_actions(answer, len(states), directions)
            if memory is not None or (actions != to_actions(again, len(states), directions)).any():
                raise ValueError(
                    "this takes a policy without memory (its predict returns the state None) that always "
                    "plays the same, or is stochastic and tells its action_probabilities(observation); "
                    f"got {policy!r}"
                )
            yield np.eye(directions)[actions]


def policy_table(policy: Any, dynamics: Dynamics, directions: int, max_steps: int | None = None) -> Array:
    """All of `policy_rows`, (1 or max_steps + 1, states, directions)."""
    rows = np.concatenate(list(policy_rows(policy, dynamics, directions, max_steps)))
    return rows.reshape(-1, dynamics.states, directions)
