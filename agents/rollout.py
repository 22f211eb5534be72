"""Rollout buffer: what a batch of games leaves behind to learn from by backpropagation through time.

Arrays are *feature-major*: one row a feature, one column a game. A step's inputs, a constant 1 (for the
bias) and the hidden units of the step before lie as rows of one array,

    z[t] = [x_t; 1; h_(t-1)]        # (inputs + 1 + hidden, num_envs)

so that a step forward is one matrix product, biases are weights like any other, and every array that a step
touches is contiguous. The gradient of a weight matrix is the sum over steps of da_t z_t^T.
"""

from __future__ import annotations

from typing import Any, NoReturn

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]


def contains_true(mask: Array) -> bool:
    """Whether any is True. Looking through the bytes takes a quarter of the time of count_nonzero."""
    return 1 in mask.tobytes()


class Labels:
    """The teacher's labels of a batch of games, filled step by step from `info`.

    Args:
        steps: Steps a game.
        num_envs: Games side by side.
        policy_actions: How many actions a teacher with a mixed strategy tells the probabilities of; 0: none.

    Attributes:
        action: Ideal actions, (steps, num_envs) int64.
        reading: Ideal compass readings, (steps, num_envs) float64.
        policy: Ideal probabilities of the directions, (steps, actions, num_envs), from a teacher whose
            strategy is mixed; None: the ideal action has all.
    """

    def __init__(self, steps: int, num_envs: int, policy_actions: int = 0) -> None:
        self.action = np.zeros((steps, num_envs), np.int64)
        self.reading = np.zeros((steps, num_envs))
        self.policy = np.zeros((steps, policy_actions, num_envs)) if policy_actions else None

    def read(self, t: int, info: dict[str, Any]) -> None:
        """Take the labels of step `t` from what the environment told."""
        self.action[t] = info["ideal_action"]
        self.reading[t] = info["ideal_direction"]
        if self.policy is not None:
            self.policy[t].T[...] = info["ideal_policy"]  # of one game: without its axis


class RolloutBuffer:
    """The arrays of a batch of games, or of some steps of it in a row: made once and used again.

    `Brain.make_buffer` makes one of the right sizes.

    Attributes:
        steps: Steps that it holds.
        num_envs: Games side by side.
        z: Inputs, the constant 1 and hidden units before each step, (steps + 1, features, num_envs).
        h: Hidden units *after* each step, (steps, hidden, num_envs); rows of `z`.
        head_input: What the head is given after each step: [1; h], (steps, bias + hidden, num_envs).
        outputs: What the head makes of it, (steps, outputs, num_envs).
        dh: The loss's gradient by `h`, of use on the way back only, (steps, hidden, num_envs).
        step_views: For each step its (x, z, h, head_input, outputs), x being the inputs' rows of z.
        initial: Whether step 0 begins the games, so that the hidden units before it are 0.
        cell_state: What the cell carries besides h, (steps + 1, units, num_envs).
        scratch: Further arrays of the cell, by name, (steps, rows, num_envs).
        cell_views: What the cell works on at each step; see `Cell.views`.
        prepared: What the cell makes of its weights at step 0 for all steps, by name.
        directions: Those that the brain chose, (steps, num_envs).
        labels: The teacher's.
        mask: Which steps belong to a game still on, (steps, num_envs) bool; None: all.
    """

    def __init__(
        self,
        steps: int,
        num_envs: int,
        dtype: Any,
        *,
        inputs: int,
        bias: int,
        hidden: int,
        outputs: int,
        cell_state: int,
        scratch: dict[str, int],
        policy_actions: int = 0,
    ) -> None:
        self.steps = steps
        self.num_envs = num_envs
        self.z = np.zeros((steps + 1, inputs + bias + hidden, num_envs), dtype)
        if bias:
            self.z[:, inputs] = 1
        self.h = self.z[1:, inputs + bias :]
        self.head_input = self.z[1:, inputs:]
        self.outputs = np.empty((steps, outputs, num_envs), dtype)
        self.dh = np.empty((steps, hidden, num_envs), dtype)
        # Made once, because to make a view takes as long as to add to a few units.
        self.step_views: list[tuple[Array, ...]] = list(
            zip(self.z[:-1, :inputs], self.z[:-1], self.h, self.head_input, self.outputs, strict=True)
        )
        self.initial = True
        self.cell_state = np.zeros((steps + 1, cell_state, num_envs), dtype)
        self.scratch = {name: np.empty((steps, rows, num_envs), dtype) for name, rows in scratch.items()}
        self.cell_views: list[Any] = []
        self.prepared: dict[str, Array] = {}
        self.directions = np.empty((steps, num_envs), np.int64)
        self.labels = Labels(steps, num_envs, policy_actions)
        self.mask: Array | None = None

    def set_state(self, h: Array, cell_state: Array) -> None:
        """Go on with games from their hidden units (hidden, num_envs) and cell state (units, num_envs)."""
        self.z[0, -self.h.shape[1] :] = h
        self.cell_state[0] = cell_state
        self.initial = False

    def reset_state(self) -> None:
        """Begin new games: nothing is remembered of the ones before."""
        if not self.initial:
            self.set_state(np.zeros_like(self.h[0]), np.zeros_like(self.cell_state[0]))
        self.initial = True

    def begin(self, before: RolloutBuffer | None, done: Array) -> None:
        """Begin new games (None), or go on where the buffer before left them, without those `done`."""
        self.mask = None
        if before is None:
            self.reset_state()
        else:
            self.set_state(before.h[-1], before.cell_state[-1])
            self.mask_out(done, 0)

    def mask_out(self, done: Array, first: int) -> None:
        """Leave the games of the mask `done`, (num_envs,), out from step `first` on."""
        if first < self.steps and contains_true(done):
            if self.mask is None:
                self.mask = np.ones(self.directions.shape, np.bool_)
            self.mask[first:, done] = False

    def __reduce__(self) -> NoReturn:
        raise TypeError("a rollout buffer can't be copied or pickled: its arrays are views of one another")
