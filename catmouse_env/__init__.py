"""CatMouse: a cat, a mouse and an exact teacher in a small room, as a Gymnasium environment.

Importing this package registers its environments, so `gymnasium.make("CatMouse-v0")` works after it,
and `gymnasium.make("catmouse_env:CatMouse-v0")` without.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gymnasium.envs.registration import register

from catmouse_env.directions import Direction, action_to_reading, reading_to_action
from catmouse_env.single import CatMouseEnv
from catmouse_env.snapshot import Snapshot
from catmouse_env.vector import CatMouseVectorEnv

if TYPE_CHECKING:
    from catmouse_env.duel import CatMouseDuelEnv

__all__ = [
    "CatMouseEnv",
    "CatMouseVectorEnv",
    "Direction",
    "Snapshot",
    "action_to_reading",
    "parallel_env",
    "reading_to_action",
]


def parallel_env(
    width: int = 6,
    height: int = 6,
    cat_directions: int = 8,
    max_episode_steps: int = 10,
    render_mode: str | None = None,
    observe_moves_left: bool = False,
    teacher: str = "simple",
) -> CatMouseDuelEnv:
    """The game for two players, a PettingZoo `ParallelEnv` with the agents "cat" and "mouse".

    See `catmouse_env.duel.CatMouseDuelEnv` for the arguments.

    Raises:
        DependencyNotInstalled: pettingzoo is missing: pip install "catmouse-env[duel]".
        ValueError: An argument is wrong.
    """
    from catmouse_env.duel import CatMouseDuelEnv

    return CatMouseDuelEnv(
        width, height, cat_directions, max_episode_steps, render_mode, observe_moves_left, teacher
    )


def _register(name: str, max_episode_steps: int, **arguments: object) -> None:
    register(
        name,
        entry_point="catmouse_env.single:CatMouseEnv",
        vector_entry_point="catmouse_env.vector:CatMouseVectorEnv",
        max_episode_steps=max_episode_steps,
        # The environment checks order and arguments itself, in less time.
        order_enforce=False,
        disable_env_checker=True,
        kwargs=arguments,
    )


_register("CatMouse-v0", max_episode_steps=10)
_register("CatMouseMemory-v0", max_episode_steps=10, cat_visible_moves=1)
_register("CatMouseChase-v0", max_episode_steps=30, cat="chasing", lethal=True)
register(
    "CatMouseDrill-v0",
    vector_entry_point="catmouse_env.drill:CatMouseDrillVectorEnv",
    max_episode_steps=1,
    disable_env_checker=True,
)
