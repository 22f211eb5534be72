"""The solved game: optimal values, action values, best responses, equilibrium and exploitability of a game.

The functions take an `EnvConfig` and give arrays by steps left and state, as `catmouse_env.solver` describes
them. `criterion` says what the mouse wants: "return" (the sum of rewards) or "survival" (the probability of
never being caught). Values are exact: backward induction over every state, no sampling and no discount.

    config = EnvConfig(cat="chasing", lethal=True, max_steps=30)
    V = optimal_values(config)       # (31, 1296)
    Q = action_values(config)        # (31, 1296, 4)
    V[30, config.dynamics.state_of(observation[None])]
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from catmouse_env import solver
from catmouse_env.config import EnvConfig
from catmouse_env.solver import Criterion, Equilibrium, Player, Policy, TabularGame, Values


def optimal_values(config: EnvConfig, criterion: Criterion = "return") -> Values:
    """The value of each state to a mouse that plays perfectly against this game's cat and sees everything.

    Args:
        config: The game.
        criterion: What is valued.

    Returns:
        V, (max_steps + 1, states) float64: row k with k moves left; row 0 is 0, or 1 for survival.

    Raises:
        ValueError: The room is too large, or the cat's probabilities can't be known.
    """
    cat = config.make_cat().policy()
    return TabularGame(config.dynamics).best_response(cat, config.max_steps, "mouse", criterion)[0]


def action_values(config: EnvConfig, criterion: Criterion = "return") -> NDArray[np.float64]:
    """What each action is worth where the mouse plays perfectly afterwards; see `optimal_values`.

    Returns:
        Q, (max_steps + 1, states, 4) float64; row 0, with no move left, is that of V for every action.
    """
    game, values = TabularGame(config.dynamics), optimal_values(config, criterion)
    cat = game.policy(config.make_cat().policy(), config.max_steps, "cat")
    found = np.repeat(values[:, :, None], 4, axis=2)
    for left in range(1, config.max_steps + 1):
        found[left] = np.einsum("sc,sac->sa", cat[left], game.payoffs(values[left - 1], criterion))
    return found


def policy_values(
    config: EnvConfig, mouse: Policy, cat: Policy | None = None, criterion: Criterion = "return"
) -> Values:
    """What each state is worth when both play fixed policies.

    Args:
        config: The game.
        mouse: Probabilities that broadcast to (max_steps + 1, states, 4).
        cat: The same of the cat's actions; None: those of this game's cat.
        criterion: What is valued.

    Returns:
        (max_steps + 1, states) float64.
    """
    game = TabularGame(config.dynamics)
    cat = config.make_cat().policy() if cat is None else cat
    return (game.survival if criterion == "survival" else game.returns)(mouse, cat, config.max_steps)


def best_response(
    config: EnvConfig, opponent: Policy, player: Player = "mouse", criterion: Criterion = "survival"
) -> tuple[Values, NDArray[np.int8]]:
    """What a player reaches who knows the other's policy, and how; see `TabularGame.best_response`.

    Returns:
        Values, always the mouse's, and actions, both (max_steps + 1, states).
    """
    return TabularGame(config.dynamics).best_response(opponent, config.max_steps, player, criterion)


def equilibrium(config: EnvConfig, criterion: Criterion = "survival") -> Equilibrium:
    """How two perfect players fight in this room, whoever the cat of the game is.

    Returns:
        `values` (max_steps + 1, states), `mouse` (max_steps + 1, states, 4) and `cat` (max_steps + 1, states,
        cat actions), probabilities; not to be written to.

    Raises:
        DependencyNotInstalled: scipy is missing and strategies are mixed.
    """
    return solver.equilibrium(config.dynamics, config.max_steps, criterion)


def exploitability(
    config: EnvConfig, policy: Policy, player: Player = "mouse", criterion: Criterion = "survival"
) -> float:
    """What a policy gives away at worst, averaged over all starts; see `TabularGame.exploitability`."""
    return TabularGame(config.dynamics).exploitability(policy, config.max_steps, player, criterion)
