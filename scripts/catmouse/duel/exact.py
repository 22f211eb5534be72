"""What a memoryless mouse is worth against a cat that moves by chance: computed, not sampled."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from catmouse_env.policies import table_of
from catmouse_env.solver import Fight


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
    world = env.unwrapped.world
    if world.sight is not None:
        raise ValueError("the cat is not always seen")
    if world.cat is None:
        raise ValueError("the cat does not move")
    moves = world.limit
    fight = Fight(world.game, world.lethal)
    mouse = table_of(policy, world.game, 4, moves, world.moves_left)
    cat = world.cat.table(moves)
    return ExactResult(
        fight.average(fight.survival(mouse, cat, moves)[moves]),
        fight.average(fight.returns(mouse, cat, moves)[moves]),
        fight.average(fight.best_mouse(cat, moves)[moves]),
    )
