"""CatMouse: a cat, a mouse and an exact teacher in a small room, as a Gymnasium environment.

Importing this package registers its environments, so `gymnasium.make("CatMouse-v0")` works after it,
and `gymnasium.make("catmouse_env:CatMouse-v0")` without.
"""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Any

from gymnasium.envs.registration import register

from catmouse_env.config import EnvConfig
from catmouse_env.directions import Direction, action_to_reading, reading_to_action
from catmouse_env.envs.single import CatMouseEnv
from catmouse_env.envs.vector import CatMouseVectorEnv
from catmouse_env.rendering.snapshot import Snapshot

if TYPE_CHECKING:
    from catmouse_env.envs.duel import CatMouseDuelEnv

__all__ = [
    "CatMouseEnv",
    "CatMouseVectorEnv",
    "Direction",
    "EnvConfig",
    "Snapshot",
    "__version__",
    "action_to_reading",
    "parallel_env",
    "reading_to_action",
]

try:
    __version__ = version("catmouse-env")
except PackageNotFoundError:  # a checkout that is on the path, not installed
    __version__ = "0+unknown"


def parallel_env(**arguments: Any) -> CatMouseDuelEnv:
    """The game for two players, a PettingZoo `ParallelEnv` with the agents "cat" and "mouse".

    See `catmouse_env.envs.duel.CatMouseDuelEnv` for the arguments.

    Raises:
        DependencyNotInstalled: pettingzoo is missing.
        ValueError: An argument is wrong.
    """
    from catmouse_env.envs.duel import CatMouseDuelEnv

    return CatMouseDuelEnv(**arguments)


def _register(name: str, reward_threshold: float, **arguments: Any) -> None:
    # The environment checks order and arguments itself, in less time than Gymnasium's wrappers, and keeps its
    # own number of moves: so `gymnasium.make` returns it bare.
    register(
        name,
        entry_point="catmouse_env.envs.single:CatMouseEnv",
        vector_entry_point="catmouse_env.envs.vector:CatMouseVectorEnv",
        reward_threshold=reward_threshold,
        order_enforce=False,
        disable_env_checker=True,
        kwargs=arguments,
    )


# The best mean return there is, over all 1,296 or 1,260 starts.
STILL, CHASED = 5328 / 1296, -2640 / 1260

_register("CatMouse-v0", STILL, max_steps=10)
_register("CatMouseMemory-v0", STILL, max_steps=10, cat_visible_moves=1)
_register("CatMouseChase-v0", CHASED, max_steps=30, cat="chasing", lethal=True)
_register("CatMouseContinuous-v0", STILL, max_steps=10, continuous=True)
register(
    "CatMouseStateSampler-v0",
    entry_point="catmouse_env.envs.state_sampler:refuse_single",
    vector_entry_point="catmouse_env.envs.state_sampler:CatMouseStateSamplerVectorEnv",
    disable_env_checker=True,
    max_episode_steps=1,
    kwargs={"max_steps": 10},
)
