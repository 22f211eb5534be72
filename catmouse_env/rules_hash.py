"""The rules and the teacher's labels as one number, by which another program knows that it has the same."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from catmouse_env.dynamics import MOUSE_ACTIONS
from catmouse_env.teachers import MOUSE_RULES

if TYPE_CHECKING:
    from catmouse_env.config import EnvConfig

MOVE = np.dtype([("next_state", "<u4"), ("reward", "<i2"), ("caught", "u1")])  # packed, 7 bytes
CHUNK = 1 << 16  # states at a time


def rules_hash(config: EnvConfig, fight: bool = False) -> str:
    """SHA-256 in hexadecimal of a game whose cat and teacher have names.

    Hashed are, state after state (cat's cell x cells + mouse's cell, cell = x * height + y), for each of the
    mouse's four actions and within it each action that this cat may take there in rising order: the state
    after (4 bytes), the mouse's reward (2 bytes, signed) and whether it is caught (1 byte), little-endian.
    After them, where the teacher is a rule, its action in every state, a byte each; of those who plan ahead,
    whose labels follow from the moves, the name alone. In a fight the cat may take any action, and
    there is no teacher.
    """
    dynamics = config.dynamics
    cat = np.ones(1) if fight else config.make_cat().policy()
    chances = np.broadcast_to(cat, (dynamics.states, dynamics.cat_actions))
    total = hashlib.sha256()
    for first in range(0, dynamics.states, CHUNK):
        states = np.arange(first, min(first + CHUNK, dynamics.states))
        may: NDArray[Any] = chances[states] > 0  # (states, cat_actions)
        chosen = np.broadcast_to(may[:, None], (len(states), MOUSE_ACTIONS, dynamics.cat_actions))
        state, action, cat_action = np.nonzero(chosen)
        moves = np.empty(len(state), MOVE)
        for name, told in zip(
            MOVE.names or (), dynamics.transition(states[state], action, cat_action), strict=True
        ):
            moves[name] = told
        total.update(moves.tobytes())
    named = "" if fight else str(config.teacher)
    total.update(config.labels.actions.tobytes() if named in MOUSE_RULES else named.encode())
    return total.hexdigest()
