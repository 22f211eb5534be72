"""The transition table in the form of Gymnasium's toy_text: `P[state][action]`, a list of what may come."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from catmouse_env.dynamics import MOUSE_ACTIONS, Dynamics

Transition = tuple[float, int, float, bool]  # probability, next state, reward, terminated
Row = dict[int, list[Transition]]


class TransitionTable(Mapping[int, Row]):
    """What each move of the mouse leads to, in the form of FrozenLake's and Taxi's `P`.

    `P[state][action]` is a list of (probability, next_state, reward, terminated), one for each move that the
    cat may make, those to the same end put together. A state is cat's cell x cells + mouse's cell, a cell
    x * height + y; `EnvConfig.dynamics.state_of` reads states from observations in which the cat shows. A row
    is made when it is asked for, so a large room costs nothing until then.

    Only capture terminates; the end after `max_steps` moves is no part of the table, as in toy_text. A state
    in which both animals of a lethal game are in one cell is no state of a game: it is absorbing, with reward
    0. Where the cat goes out of sight the table is still that of the states, which the mouse then can't tell.

    Args:
        dynamics: The rules.
        cat: The cat's probabilities, which broadcast to (max_steps + 1, states, cat_actions).

    Raises:
        ValueError: The cat minds the moves left.
    """

    def __init__(self, dynamics: Dynamics, cat: NDArray[Any]) -> None:
        self._dynamics = dynamics
        policy = np.asarray(cat, np.float64)
        if policy.ndim == 3 and len(policy) > 1:
            raise ValueError("a cat that minds the moves left has no transition table by state alone")
        shape = (dynamics.states, dynamics.cat_actions)
        self._cat: NDArray[np.float64] = np.broadcast_to(policy.reshape(-1, policy.shape[-1]), shape)
        self._rows: dict[int, Row] = {}

    def __len__(self) -> int:
        return self._dynamics.states

    def __iter__(self) -> Iterator[int]:
        return iter(range(self._dynamics.states))

    def __getitem__(self, state: int) -> Row:
        if state not in self._rows:
            if state not in range(self._dynamics.states):
                raise KeyError(state)
            self._rows[int(state)] = {
                action: self._transitions(int(state), action) for action in range(MOUSE_ACTIONS)
            }
        return self._rows[state]

    def _transitions(self, state: int, action: int) -> list[Transition]:
        cat, mouse = self._dynamics.split(state)
        if self._dynamics.lethal and cat == mouse:
            return [(1.0, state, 0.0, True)]
        ends: dict[tuple[int, float, bool], float] = {}
        for cat_action in np.flatnonzero(self._cat[state]).tolist():
            end = self._dynamics.transition(state, action, cat_action)
            ends[end] = ends.get(end, 0.0) + float(self._cat[state, cat_action])
        return [(probability, *end) for end, probability in ends.items()]
