"""What a memoryless mouse is worth against a cat that moves by chance: computed, not sampled."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from agents.environments import episode_length
from catmouse_env.policies import policy_table
from catmouse_env.solver import TabularGame


@dataclass(frozen=True)
class ExactResult:
    """Expectations, averaged over all starts.

    Attributes:
        survival: The probability that the mouse is never caught.
        mean_return: The expected sum of rewards.
        best_survival: The same of the best of all mice.
    """

    survival: float
    mean_return: float
    best_survival: float


def exact_result(policy: Any, env: Any) -> ExactResult:
    """By dynamic programming over every pair of cells and every move left.

    Args:
        policy: Who moves the mouse.
        env: A `CatMouseVectorEnv` whose cat is always seen.

    Raises:
        ValueError: It can't be computed: cat or mouse has a memory or plays by chance without telling its
            probabilities, the cat is hidden, or the room is too large.
    """
    config = env.unwrapped.config
    if config.cat_visible_moves is not None:
        raise ValueError("the cat is not always seen")
    if config.cat_actions == 1:
        raise ValueError("the cat does not move")
    if episode_length(env) != config.max_steps:
        raise ValueError(f"games are cut short: max_episode_steps is below max_steps, {config.max_steps}")
    moves = config.max_steps
    game = TabularGame(config.dynamics)
    mouse = policy_table(policy, config.dynamics, 4, moves if config.observe_moves_left else None)
    cat = config.make_cat().policy()
    best, _ = game.best_response(cat, moves, "mouse")
    return ExactResult(
        game.average(game.survival(mouse, cat, moves)[moves]),
        game.average(game.returns(mouse, cat, moves)[moves]),
        game.average(best[moves]),
    )
