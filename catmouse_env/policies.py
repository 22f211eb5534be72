"""Policies as tables: a cat or a mouse that knows its move at every pair by heart."""

from __future__ import annotations

from typing import Any

import numpy as np
from gymnasium.error import InvalidAction
from numpy.typing import NDArray

from catmouse_env.directions import reading_to_action
from catmouse_env.game import Game
from catmouse_env.grid import grid_of

Array = NDArray[Any]


class TablePolicy:
    """A memoryless policy: probabilities of the actions by moves left and pair.

    A mixed strategy is one only if it is played by chance, so `predict` always draws, from a random
    stream of its own, whatever `deterministic` says; where one action has all the probability there is
    nothing to draw.

    Args:
        table: (moves + 1, pairs, actions) by moves left, or (pairs, actions) where they don't matter.
        width: Columns of the room.
        height: Rows of the room.
        seed: Of its random stream.

    Raises:
        ValueError: The table's shape does not fit the room.
    """

    def __init__(self, table: Array, width: int, height: int, seed: int | None = None) -> None:
        table = np.asarray(table, np.float64)
        self.table = table[None] if table.ndim == 2 else table  # (1 or moves + 1, pairs, actions)
        self.width, self.height = width, height
        self._grid = grid_of(width, height)
        if self.table.ndim != 3 or self.table.shape[1] != self._grid.cells**2:
            raise ValueError(
                f"table must be of shape (moves + 1, {self._grid.cells**2}, actions), got {table.shape}"
            )
        self._rng = np.random.default_rng(seed)

    def action_probabilities(self, observation: Any) -> Array:
        """The probabilities of the actions, (games, actions), where (games, 4 or 5) is observed.

        Raises:
            ValueError: The policy depends on the moves left, and they are not observed.
        """
        observation = np.asarray(observation)
        scale = np.array([self.width - 1, self.height - 1] * 2)
        pair = np.rint(observation[:, :4] * scale).astype(np.int64) @ self._grid.pair_weights
        left: Any = 0
        if len(self.table) > 1:
            if observation.shape[1] < 5:
                raise ValueError("this policy looks at the moves left: make it with observe_moves_left=True")
            left = np.rint(observation[:, 4] * (len(self.table) - 1)).astype(np.int64)
        chosen: Array = self.table[left, pair]
        return chosen

    def predict(
        self, observation: Any, state: Any = None, episode_start: Any = None, deterministic: bool = True
    ) -> tuple[Array, Any]:
        """Actions (games,) for observations (games, 4 or 5), or one for one; there is no state."""
        observation = np.asarray(observation)
        mix = self.action_probabilities(np.atleast_2d(observation))
        sums = mix.cumsum(axis=1)
        drawn = self._rng.random((len(mix), 1)) * sums[:, -1:]
        action = (drawn >= sums).sum(axis=1)
        return (action[0] if observation.ndim == 1 else action), None


def observe(game: Game, pair: Array, moves_left: Any = None) -> Array:
    """What is seen at pairs, nothing hidden: (games, 4), or (games, 5) with the part of moves left."""
    seen = game.observe(pair)
    if moves_left is None:
        return seen
    left = np.empty((len(seen), 1), np.float32)
    left[:, 0] = moves_left
    return np.concatenate([seen, left], axis=1)


def as_actions(answer: Any, games: int, directions: int) -> NDArray[np.int64]:
    """A policy's answer as actions (games,); InvalidAction if it is none.

    Args:
        answer: Actions (games,), or compass readings (games, 1).
        games: How many were asked for.
        directions: How many there are.
    """
    array = np.asarray(answer)
    if array.shape == (games, 1) and array.dtype.kind == "f" and ((array >= 0) & (array <= 1)).all():
        return reading_to_action(array[:, 0], directions)
    if array.shape != (games,) or array.dtype.kind not in "iu" or ((array < 0) | (array >= directions)).any():
        raise InvalidAction(
            f"a policy must answer with actions ({games},) from 0 to {directions - 1} or compass readings "
            f"({games}, 1), got {answer!r}"
        )
    return array.astype(np.int64, copy=False)


def table_of(policy: Any, game: Game, directions: int, moves: int, timed: bool) -> Array:
    """What a memoryless policy plays everywhere, (moves + 1, pairs, directions) probabilities.

    A policy that has a method `action_probabilities`, observations -> probabilities, is asked for them; any
    other is asked for its actions, twice, and must say the same.

    Args:
        policy: An object with `predict`.
        game: The room.
        directions: How many actions the policy has.
        moves: Moves a game.
        timed: Whether it observes the moves left; if not, the first axis has length 1.

    Raises:
        ValueError: The policy has a memory, or plays by chance and does not tell its probabilities.
    """
    pairs = np.arange(game.grid.cells**2)
    layers = []
    for left in range(moves + 1) if timed else [moves]:
        seen = observe(game, pairs, left / moves if timed else None)
        if hasattr(policy, "action_probabilities"):
            layers.append(np.asarray(policy.action_probabilities(seen), np.float64))
            continue
        (answer, state), (again, _) = (
            policy.predict(seen, state=None, episode_start=np.ones(len(pairs), np.bool_), deterministic=True)
            for _ in range(2)
        )
        actions = as_actions(answer, len(pairs), directions)
        if state is not None or (actions != as_actions(again, len(pairs), directions)).any():
            raise ValueError(
                "this takes a policy without memory (its predict returns the state None) that always plays "
                "the same or tells its probabilities by a method action_probabilities(observation); "
                f"got {policy!r}"
            )
        layers.append(np.eye(directions)[actions])
    return np.stack(layers)
