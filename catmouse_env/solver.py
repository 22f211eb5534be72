"""The truth about the fight, computed: dynamic programming over every pair of cells and every move left.

The game is finite: (cells * cells) pairs and so many moves left. From the last move backwards, what
each pair is worth follows from what the pairs after it are worth (backward induction; Shapley 1953 for
moves made at the same time). Nothing here is sampled.

Words used throughout: a *policy* is an array of probabilities by moves left, pair and action,
(moves + 1, pairs, actions). Its row 0, when no move is left, never matters; those made here repeat row 1
there. Any array that broadcasts to this shape will do: (pairs, actions) for a policy that does not look
at the moves left. *Values* are (moves + 1, pairs).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from catmouse_env.game import Game
from catmouse_env.matrix_games import solve
from catmouse_env.symmetry import symmetries

MOST_PAIRS = 1 << 20  # 32 x 32 cells; beyond, the tables outgrow a small machine
EQUAL = 1e-9  # values closer than this are the same but for rounding

Criterion = Literal["survival", "return"]
"""What the mouse wants and the cat does not: the probability of never being caught, or the return."""

Policy = NDArray[Any]
Values = NDArray[np.float64]


@dataclass(frozen=True)
class Equilibrium:
    """How two perfect players fight.

    Attributes:
        values: What each pair is worth to the mouse, (moves + 1, pairs).
        mouse: The mouse's policy, (moves + 1, pairs, 4).
        cat: The cat's policy, (moves + 1, pairs, cat_directions).
    """

    values: Values
    mouse: Policy
    cat: Policy


class _Tables(NamedTuple):
    """A cat's policy and what comes of the moves that it makes; the first axis are pairs."""

    cat: Policy
    after: NDArray[np.int32]
    alive: NDArray[np.bool_]
    reward: NDArray[np.int16]


class Fight:
    """The tables of one game in which both animals move, and what can be computed on them.

    Args:
        game: The room.
        lethal: Whether the mouse can be caught; if not, every survival is 1.
        cat_moves: Whether the cat moves at all; if not, it has one action, to stay.

    Attributes:
        cat_actions: How many actions the cat has.
        starts: The pairs that a game can start with, (starts,): cat and mouse apart if it is lethal.
        after: The pair after a move, (pairs, 4, cat_actions) int32; so the next two.
        alive: Whether the mouse survives the move.
        reward: The mouse's reward for the move.

    Raises:
        ValueError: The room has more than `MOST_PAIRS` pairs.
    """

    def __init__(self, game: Game, lethal: bool = True, cat_moves: bool = True) -> None:
        cells = game.grid.cells
        if cells**2 > MOST_PAIRS:
            raise ValueError(
                f"width x height must be at most {int(MOST_PAIRS**0.5)} cells to be solved, got {cells}"
            )
        self.game = game
        self.lethal = lethal
        self.cat_actions = game.cat_directions if cat_moves else 1
        pairs = np.arange(cells**2)
        after, reward, caught = game.many.outcome(
            pairs[:, None, None],
            np.arange(4)[:, None],
            np.arange(self.cat_actions) if cat_moves else None,
            lethal,
        )
        shape = (len(pairs), 4, self.cat_actions)
        self.after = after.astype(np.int32).reshape(shape)
        self.alive = np.broadcast_to(np.logical_not(caught), shape)
        self.reward = np.asarray(reward, np.int16).reshape(shape)
        self.starts = pairs[pairs % (cells + 1) != 0] if lethal else pairs

    @property
    def pairs(self) -> int:
        """How many pairs there are."""
        return len(self.after)

    def policy(self, policy: Policy, moves: int, actions: int) -> Policy:
        """A policy in its full shape; ValueError if it is not one of probabilities."""
        shape = (moves + 1, self.pairs, actions)
        given = np.asarray(policy, np.float64)
        try:
            full = np.broadcast_to(given, shape)
        except ValueError:
            raise ValueError(f"a policy must broadcast to {shape}, got {given.shape}") from None
        if (given < 0).any() or not np.allclose(given.sum(axis=-1), 1, atol=1e-6):
            raise ValueError("a policy must hold probabilities that sum to 1")
        return full

    def average(self, values: NDArray[Any]) -> float:
        """The average of values (pairs,) over all starts."""
        return float(values[self.starts].mean())

    def survival(self, mouse: Policy, cat: Policy, moves: int) -> Values:
        """The probability that the mouse is never caught when both play fixed policies."""
        return self._play(mouse, cat, moves, lambda values: self._payoffs(values, "survival"), 1.0)

    def returns(self, mouse: Policy, cat: Policy, moves: int) -> Values:
        """The mouse's expected return when both play fixed policies."""
        return self._play(mouse, cat, moves, lambda values: self._payoffs(values, "return"), 0.0)

    def moves_survived(self, mouse: Policy, cat: Policy, moves: int) -> Values:
        """The expected number of moves that the mouse makes without being caught, both policies fixed."""
        return self._play(mouse, cat, moves, lambda values: self.alive * (1 + values[self.after]), 0.0)

    def _payoffs(self, values: NDArray[Any], criterion: Criterion) -> NDArray[np.float64]:
        """What each joint move is worth if the pair after it is worth `values`: (pairs, 4, cat_actions)."""
        worth: NDArray[np.float64] = self.alive * values[self.after]
        return worth + self.reward if criterion == "return" else worth

    def _play(self, mouse: Policy, cat: Policy, moves: int, payoffs: Any, last: float) -> Values:
        mouse = self.policy(mouse, moves, 4)
        cat = self.policy(cat, moves, self.cat_actions)
        values = np.full((moves + 1, self.pairs), last)
        for left in range(1, moves + 1):
            values[left] = np.einsum("pa,pc,pac->p", mouse[left], cat[left], payoffs(values[left - 1]))
        return values

    def best_mouse(self, cat: Policy, moves: int, criterion: Criterion = "survival") -> Values:
        """What the best of all mice reaches against a fixed cat."""
        cat = self.policy(cat, moves, self.cat_actions)
        values = np.full((moves + 1, self.pairs), float(criterion == "survival"))
        for left in range(1, moves + 1):
            payoffs = self._payoffs(values[left - 1], criterion)
            values[left] = np.einsum("pc,pac->pa", cat[left], payoffs).max(axis=1)
        return values

    def best_cat(self, mouse: Policy, moves: int, criterion: Criterion = "survival") -> Values:
        """What a fixed mouse reaches against the best of all cats."""
        mouse = self.policy(mouse, moves, 4)
        values = np.full((moves + 1, self.pairs), float(criterion == "survival"))
        for left in range(1, moves + 1):
            payoffs = self._payoffs(values[left - 1], criterion)
            values[left] = np.einsum("pa,pac->pc", mouse[left], payoffs).min(axis=1)
        return values

    def best_actions(self, cat: Policy, moves: int) -> NDArray[np.int8]:
        """What the mouse should do against a fixed cat, (moves + 1, pairs).

        First of all it survives with the greatest probability there is; of the actions that do it takes
        the greatest expected return, then the greatest sum of distances on the way, then the first.
        (The return tells the distance at the end only, so against most cats many ways are equally good.)
        """
        cat = self.policy(cat, moves, self.cat_actions)
        actions = np.zeros((moves + 1, self.pairs), np.int8)
        apart = self.game.distances.astype(np.float64)
        survival, returned, distance = np.ones(self.pairs), np.zeros(self.pairs), np.zeros(self.pairs)
        for left in range(1, moves + 1):
            if left == 1 or cat.strides[0] != 0:  # 0: the same at all moves
                tables = self._against(cat[left])
            worth = [
                np.einsum(
                    "pc,pac->pa", tables.cat, tables.alive * values[tables.after] + tables.reward * paid
                )
                for values, paid in ((survival, 0), (returned, 1), (apart + distance, 0))
            ]
            good = np.ones((self.pairs, 4), np.bool_)
            for one in worth:
                best = np.where(good, one, -np.inf).max(axis=1, keepdims=True)
                good &= one >= best - EQUAL
            actions[left] = good.argmax(axis=1)
            survival, returned, distance = (one[np.arange(self.pairs), actions[left]] for one in worth)
        actions[0] = actions[min(moves, 1)]
        return actions

    def _against(self, cat: Policy) -> _Tables:
        """The tables against a cat's policy (pairs, cat_actions); of a sure cat, only what it does."""
        if not (cat.max(axis=1) == 1).all():
            return _Tables(cat, self.after, self.alive, self.reward)
        paw = cat.argmax(axis=1)[:, None, None]
        chosen = (np.take_along_axis(table, paw, axis=2) for table in (self.after, self.alive, self.reward))
        return _Tables(np.ones((len(cat), 1)), *chosen)

    def equilibrium(self, moves: int, criterion: Criterion = "survival") -> Equilibrium:
        """The equilibrium of the fight: neither side can do better, whatever the other does.

        At every pair and number of moves left the two choose at the same time, which is a matrix game;
        of pairs that a symmetry of the room maps onto each other one is solved. Policies are as
        symmetric as the room.

        Raises:
            DependencyNotInstalled: scipy is missing and a mixed strategy is needed.
        """
        cats = self.cat_actions
        maps = symmetries(self.game.grid)
        images = np.stack([one.pairs() for one in maps])  # (symmetries, pairs)
        chosen = np.flatnonzero(images.min(axis=0) == np.arange(self.pairs))
        count = np.zeros((self.pairs, 1))
        for image in images:
            np.add.at(count, image[chosen], 1)
        values = np.full((moves + 1, self.pairs), float(criterion == "survival"))
        mouse = np.zeros((moves + 1, self.pairs, 4))
        cat = np.zeros((moves + 1, self.pairs, cats))
        for left in range(1, moves + 1):
            value, mice, paws = solve(self._payoffs(values[left - 1], criterion)[chosen])
            for one, image in zip(maps, images, strict=True):
                to = image[chosen]
                values[left, to] = value
                # A pair that several symmetries lead to gets the mean of their images.
                np.add.at(mouse[left], to, mice[:, np.argsort(one.actions[4])] / count[to])
                np.add.at(cat[left], to, paws[:, np.argsort(one.actions[cats])] / count[to])
        mouse[0], cat[0] = mouse[min(moves, 1)], cat[min(moves, 1)]
        return Equilibrium(values, mouse, cat)


def one_hot(actions: NDArray[Any], count: int) -> Policy:
    """The policy that plays the given actions (...) for certain, (..., count)."""
    policy: Policy = np.eye(count)[actions]
    return policy
