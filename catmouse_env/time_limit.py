"""How one environment learns the number of its moves, which Gymnasium tells its own wrapper only."""

from __future__ import annotations

import inspect

from gymnasium.envs import registration


def limit_in_make() -> int | None:
    """The `max_episode_steps` of the `gymnasium.make` call that this call is part of.

    `gymnasium.make` keeps `max_episode_steps` for its TimeLimit wrapper and does not pass it to the
    environment, which must know it to show the moves left. So it is read from the running call.

    Returns:
        The number of moves, or None outside of `gymnasium.make` or without a limit.
    """
    frame = inspect.currentframe()
    while frame is not None:
        if frame.f_code is registration.make.__code__:
            limit = frame.f_locals.get("max_episode_steps")
            if limit is None:
                limit = frame.f_locals["env_spec"].max_episode_steps
            return None if limit == -1 else limit
        frame = frame.f_back
    return None
