"""Dynamic programming on the two-player game: values, best responses, exploitability, equilibrium.

The game is finite: (cells * cells) states and so many steps left. From the last move backwards, what each
state is worth follows from what the states after it are worth (backward induction; Shapley 1953 for moves
made at the same time). Nothing here is sampled.

Words used throughout: a *policy* is an array of action probabilities by steps left, state and action,
(max_steps + 1, states, actions). Its row 0, when no move is left, never matters; those made here repeat row 1
there. Any array that broadcasts to this shape will do: (states, actions) for a policy that does not look
at the steps left. *Values* are (max_steps + 1, states), always the mouse's.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from catmouse_env.dynamics import MOUSE_ACTIONS, Dynamics
from catmouse_env.matrix_games import solve
from catmouse_env.symmetry import symmetries

MAX_STATES = 1 << 20  # 32 x 32 cells; beyond, the tables outgrow a small machine
EQUAL = 1e-9  # values closer than this are the same but for rounding

Criterion = Literal["survival", "return"]
"""What the mouse wants and the cat does not: the probability of never being caught, or the return."""

Player = Literal["cat", "mouse"]
Policy = NDArray[Any]
Values = NDArray[np.float64]


@dataclass(frozen=True)
class Equilibrium:
    """How two perfect players fight.

    Attributes:
        values: What each state is worth to the mouse, (max_steps + 1, states).
        mouse: The mouse's policy, (max_steps + 1, states, 4).
        cat: The cat's policy, (max_steps + 1, states, cat_actions).
    """

    values: Values
    mouse: Policy
    cat: Policy


class _Transitions(NamedTuple):
    """A cat's policy and what comes of the moves that it makes; the first axis are states."""

    cat: Policy
    next_state: NDArray[np.int32]
    survives: NDArray[np.bool_]
    reward: NDArray[np.int16]


class TabularGame:
    """All transitions of a game in which both animals move, and what can be computed on them.

    Args:
        dynamics: The rules; where nothing is lethal, every survival is 1.

    Attributes:
        starts: The states that a game can start in, (num_starts,).
        next_state: The state after a move, (states, 4, cat_actions) int32; so the next two.
        survives: Whether the mouse survives the move.
        reward: The mouse's reward for the move.

    Raises:
        ValueError: The room has more than `MAX_STATES` states.
    """

    def __init__(self, dynamics: Dynamics) -> None:
        if dynamics.states > MAX_STATES:
            raise ValueError(
                f"width x height must be at most {int(MAX_STATES**0.5)} cells to be solved, "
                f"got {dynamics.cells}"
            )
        self.dynamics = dynamics
        self.starts = dynamics.start_states
        moves = np.indices((dynamics.states, MOUSE_ACTIONS, dynamics.cat_actions))
        next_state, reward, caught = dynamics.transition(*moves)
        self.next_state = next_state.astype(np.int32)
        self.survives = ~caught
        self.reward = reward.astype(np.int16)

    def policy(self, policy: Policy, max_steps: int, player: Player) -> Policy:
        """A policy in its full shape; ValueError if it is not one of probabilities."""
        actions = self.dynamics.cat_actions if player == "cat" else MOUSE_ACTIONS
        shape = (max_steps + 1, self.dynamics.states, actions)
        given = np.asarray(policy, np.float64)
        try:
            full = np.broadcast_to(given, shape)
        except ValueError:
            raise ValueError(f"a policy must broadcast to {shape}, got {given.shape}") from None
        if (given < 0).any() or not np.allclose(given.sum(axis=-1), 1, atol=1e-6):
            raise ValueError("a policy must hold probabilities that sum to 1")
        return full

    def average(self, values: NDArray[Any]) -> float:
        """The average of values (states,) over all starts."""
        return float(values[self.starts].mean())

    def survival(self, mouse: Policy, cat: Policy, max_steps: int) -> Values:
        """The probability that the mouse is never caught when both play fixed policies."""
        return self._policy_values(
            mouse, cat, max_steps, lambda values: self.payoffs(values, "survival"), 1.0
        )

    def returns(self, mouse: Policy, cat: Policy, max_steps: int) -> Values:
        """The mouse's expected return when both play fixed policies."""
        return self._policy_values(mouse, cat, max_steps, lambda values: self.payoffs(values, "return"), 0.0)

    def steps_survived(self, mouse: Policy, cat: Policy, max_steps: int) -> Values:
        """The expected number of moves that the mouse makes without being caught, both policies fixed."""
        return self._policy_values(
            mouse, cat, max_steps, lambda values: self.survives * (1 + values[self.next_state]), 0.0
        )

    def payoffs(self, values: NDArray[Any], criterion: Criterion) -> NDArray[np.float64]:
        """What each joint move is worth if the state after it is worth `values`: (states, 4, cat_actions)."""
        worth: NDArray[np.float64] = self.survives * values[self.next_state]
        return worth + self.reward if criterion == "return" else worth

    def _policy_values(
        self, mouse: Policy, cat: Policy, max_steps: int, payoffs: Callable[[Values], Values], last: float
    ) -> Values:
        mouse, cat = self.policy(mouse, max_steps, "mouse"), self.policy(cat, max_steps, "cat")
        values = np.full((max_steps + 1, self.dynamics.states), last)
        for left in range(1, max_steps + 1):
            values[left] = np.einsum("sa,sc,sac->s", mouse[left], cat[left], payoffs(values[left - 1]))
        return values

    def best_response(
        self, opponent: Policy, max_steps: int, player: Player, criterion: Criterion = "survival"
    ) -> tuple[Values, NDArray[np.int8]]:
        """What a player reaches who knows the other's policy, and how.

        Args:
            opponent: The other's policy, that of the cat where `player` is "mouse".
            max_steps: Moves a game.
            player: Who answers.
            criterion: What the mouse wants and the cat does not.

        Returns:
            Values (max_steps + 1, states), the mouse's; and the answer's actions, the same shape, the first
            of equally good ones.
        """
        against = self.policy(opponent, max_steps, "cat" if player == "mouse" else "mouse")
        product, sign = ("sc,sac->sa", 1) if player == "mouse" else ("sa,sac->sc", -1)
        values = np.full((max_steps + 1, self.dynamics.states), float(criterion == "survival"))
        actions = np.zeros(values.shape, np.int8)
        for left in range(1, max_steps + 1):
            payoffs = np.einsum(product, against[left], self.payoffs(values[left - 1], criterion))
            actions[left] = (sign * payoffs).argmax(axis=1)
            values[left] = np.take_along_axis(payoffs, actions[left][:, None], 1)[:, 0]
        actions[0] = actions[min(max_steps, 1)]
        return values, actions

    def look_ahead(self, opponent: Policy, values: Values, moves: int, player: Player) -> Values:
        """What states seem worth to a player who knows the other's policy and looks some moves ahead.

        Args:
            opponent: The other's policy, that of the cat where `player` is "mouse".
            values: What states are believed to be worth after these moves, survival, (max_steps + 1, states).
            moves: How many, at least 0; as many as are left make it the best response's values.
            player: Who looks ahead.

        Returns:
            Values (max_steps + 1, states), the mouse's.
        """
        max_steps = len(values) - 1
        against = self.policy(opponent, max_steps, "cat" if player == "mouse" else "mouse")
        for _ in range(moves):
            seen = np.ones_like(values)
            for left in range(1, max_steps + 1):
                payoffs = self.payoffs(values[left - 1], "survival")
                if player == "mouse":
                    seen[left] = np.einsum("sc,sac->sa", against[left], payoffs).max(axis=1)
                else:
                    seen[left] = np.einsum("sa,sac->sc", against[left], payoffs).min(axis=1)
            values = seen
        return values

    def exploitability(
        self, policy: Policy, max_steps: int, player: Player, criterion: Criterion = "survival"
    ) -> float:
        """What a policy gives away at worst, to an opponent that knows it, compared with the equilibrium.

        Args:
            policy: The player's.
            max_steps: Moves a game.
            player: Whose policy it is.
            criterion: What it is counted in: probability of survival, or return.

        Returns:
            The loss averaged over all starts, at least 0.

        Raises:
            DependencyNotInstalled: scipy is missing and the equilibrium has mixed strategies.
        """
        value = equilibrium(self.dynamics, max_steps, criterion).values[max_steps]
        other: Player = "cat" if player == "mouse" else "mouse"
        reached = self.best_response(policy, max_steps, other, criterion)[0][max_steps]
        lost = self.average(value - reached) * (1 if player == "mouse" else -1)
        return max(0.0, lost)  # below 0 is rounding

    def best_actions(self, cat: Policy, max_steps: int) -> NDArray[np.int8]:
        """What the mouse should do against a fixed cat, (max_steps + 1, states).

        First of all it survives with the greatest probability there is; of the actions that do it takes
        the greatest expected return, then the greatest sum of distances on the way, then the first.
        (The return tells the distance at the end only, so against most cats many ways are equally good.)
        """
        states = self.dynamics.states
        cat = self.policy(cat, max_steps, "cat")
        actions = np.zeros((max_steps + 1, states), np.int8)
        apart = self.dynamics.distances.astype(np.float64)
        survival, returned, distance = np.ones(states), np.zeros(states), np.zeros(states)
        for left in range(1, max_steps + 1):
            if left == 1 or cat.strides[0] != 0:  # 0: the same at all moves
                against = self._transitions_against(cat[left])
            worth = [
                np.einsum(
                    "sc,sac->sa",
                    against.cat,
                    against.survives * values[against.next_state] + against.reward * paid,
                )
                for values, paid in ((survival, 0), (returned, 1), (apart + distance, 0))
            ]
            good = np.ones((self.dynamics.states, 4), np.bool_)
            for one in worth:
                best = np.where(good, one, -np.inf).max(axis=1, keepdims=True)
                good &= one >= best - EQUAL
            actions[left] = good.argmax(axis=1)
            survival, returned, distance = (
                one[np.arange(self.dynamics.states), actions[left]] for one in worth
            )
        actions[0] = actions[min(max_steps, 1)]
        return actions

    def _transitions_against(self, cat: Policy) -> _Transitions:
        """The transitions against a cat's policy (states, cat_actions); of a sure cat, only what it does."""
        if not (cat.max(axis=1) == 1).all():
            return _Transitions(cat, self.next_state, self.survives, self.reward)
        cat_action = cat.argmax(axis=1)[:, None, None]
        chosen = (
            np.take_along_axis(table, cat_action, axis=2)
            for table in (self.next_state, self.survives, self.reward)
        )
        return _Transitions(np.ones((len(cat), 1)), *chosen)

    def equilibrium(self, max_steps: int, criterion: Criterion = "survival") -> Equilibrium:
        """The equilibrium of the fight: neither side can do better, whatever the other does.

        In every state, for every number of steps left, the two choose at the same time, which is a matrix
        game; of states that a symmetry of the room maps onto each other one is solved. Policies are as
        symmetric as the room.

        Raises:
            DependencyNotInstalled: scipy is missing and a mixed strategy is needed.
        """
        cat_actions, states = self.dynamics.cat_actions, self.dynamics.states
        maps = symmetries(self.dynamics)
        images = np.stack([one.states() for one in maps])  # (symmetries, states)
        chosen = np.flatnonzero(images.min(axis=0) == np.arange(states))
        count = np.zeros((states, 1))
        for image in images:
            np.add.at(count, image[chosen], 1)
        values = np.full((max_steps + 1, states), float(criterion == "survival"))
        mouse = np.zeros((max_steps + 1, states, 4))
        cat = np.zeros((max_steps + 1, states, cat_actions))
        for left in range(1, max_steps + 1):
            value, mouse_policy, cat_policy = solve(self.payoffs(values[left - 1], criterion)[chosen])
            for one, image in zip(maps, images, strict=True):
                to = image[chosen]
                values[left, to] = value
                # A state that several symmetries lead to gets the mean of their images.
                np.add.at(mouse[left], to, mouse_policy[:, np.argsort(one.actions[4])] / count[to])
                np.add.at(cat[left], to, cat_policy[:, np.argsort(one.actions[cat_actions])] / count[to])
        mouse[0], cat[0] = mouse[min(max_steps, 1)], cat[min(max_steps, 1)]
        return Equilibrium(values, mouse, cat)


@lru_cache(maxsize=8)
def equilibrium(dynamics: Dynamics, max_steps: int, criterion: Criterion = "survival") -> Equilibrium:
    """`TabularGame.equilibrium`, worked out once; its arrays are shared, so not to be written to."""
    solved = TabularGame(dynamics).equilibrium(max_steps, criterion)
    for array in (solved.values, solved.mouse, solved.cat):
        array.flags.writeable = False
    return solved


def one_hot(actions: NDArray[Any], count: int) -> Policy:
    """The policy that plays the given actions (...) for certain, (..., count)."""
    policy: Policy = np.eye(count)[actions]
    return policy
