"""CatMouse: a cat, a mouse and an exact teacher in a small room, as a Gymnasium environment.

Importing this package registers its environments, so `gymnasium.make("CatMouse-v0")` works after it,
and `gymnasium.make("catmouse_env:CatMouse-v0")` without.
"""

from gymnasium.envs.registration import register

from catmouse_env.directions import Direction, action_to_reading, reading_to_action
from catmouse_env.single import CatMouseEnv
from catmouse_env.snapshot import Snapshot
from catmouse_env.vector import CatMouseVectorEnv

__all__ = [
    "CatMouseEnv",
    "CatMouseVectorEnv",
    "Direction",
    "Snapshot",
    "action_to_reading",
    "reading_to_action",
]


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
