"""How one environment learns the number of its moves, which Gymnasium tells its own wrapper only."""

from __future__ import annotations

import inspect

from gymnasium.envs import registration


def limit_in_make(environment: object) -> int | None:
    """The `max_episode_steps` of the `gymnasium.make` call that an environment is being made by.

    `gymnasium.make` keeps `max_episode_steps` for its TimeLimit wrapper and does not pass it to the
    environment, which must know it to show the moves left. So it is read from the running call.

    Args:
        environment: The environment whose `__init__` calls this. Where another one's makes it, the
            limit of that other one is not taken for its own.

    Returns:
        The number of moves, or None outside of `gymnasium.make` or without a limit.
    """
    frame = inspect.currentframe()
    frame = None if frame is None else frame.f_back
    while frame is not None and frame.f_locals.get("self") is environment:
        frame = frame.f_back  # its own `__init__`, or those of its subclasses
    if frame is None or frame.f_code is not registration.make.__code__:
        return None
    limit = frame.f_locals.get("max_episode_steps")
    if limit is None:
        limit = frame.f_locals["env_spec"].max_episode_steps
    return None if limit == -1 else limit
