"""The rules and the teacher's labels as one number, by which another program knows that it has the same."""

from __future__ import annotations

import hashlib
from typing import Any

import numpy as np
from numpy.typing import NDArray

from catmouse_env.dynamics import MOUSE_ACTIONS, Dynamics

MOVE = np.dtype([("next_state", "<u4"), ("reward", "<i2"), ("caught", "u1")])  # packed, 7 bytes
CHUNK = 1 << 16  # states at a time


def rules_hash(dynamics: Dynamics, cat: NDArray[Any], said: bytes) -> str:
    """SHA-256 in hexadecimal of a game.

    Hashed are, state after state (cat's cell x cells + mouse's cell, cell = x * height + y), for each of the
    mouse's four actions and within it each action that this cat may take there in rising order: the state
    after (4 bytes), the mouse's reward (2 bytes, signed) and whether it is caught (1 byte), little-endian.
    After them what the teacher says.

    Args:
        dynamics: The rules.
        cat: The cat's probabilities, which broadcast to (states, cat_actions).
        said: Of a teacher that is a rule its action in every state, a byte each; of one that plans ahead,
            whose labels follow from the moves, the name; nothing where there is none, as in a fight.
    """
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
    total.update(said)
    return total.hexdigest()
