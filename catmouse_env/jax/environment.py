"""The environment with the calls of gymnax."""

from __future__ import annotations

import math
from functools import partial
from typing import Any

import gymnasium as gym
import jax
import jax.numpy as jnp
import numpy as np

from catmouse_env.config import EnvConfig
from catmouse_env.envs.single import CatMouseEnv
from catmouse_env.jax.game import Game
from catmouse_env.jax.spaces import Box, Discrete
from catmouse_env.jax.tables import EnvState, Tables

Array = Any  # a jax.Array
Info = dict[str, Any]


def make(env_id: str = "CatMouse-v0", **arguments: Any) -> tuple[CatMouse, Tables]:
    """An environment and its parameters, as `gymnax.make` gives them.

    Args:
        env_id: "CatMouse-v0", or another that `catmouse_env` registers for the mouse.
        arguments: Those of `catmouse_env.CatMouseEnv`, but `render_mode`.

    Raises:
        ValueError: There is no such id, or an argument is wrong.
    """
    env = CatMouse(env_id, **arguments)
    return env, env.default_params


def make_config(env_id: str, arguments: dict[str, Any]) -> EnvConfig:
    """The configuration of a registered id with some arguments changed; ValueError for what is none."""
    known = [name for name, spec in gym.registry.items() if _makes_a_mouse(spec)]
    name = env_id.removeprefix("catmouse_env:")
    if name not in known:
        raise ValueError(f"env_id must be one of {', '.join(known)}, got {env_id!r}")
    fields = EnvConfig.__dataclass_fields__
    for argument in arguments:
        if argument not in fields:
            raise ValueError(f"there is no argument {argument!r}; there are {', '.join(fields)}")
    return EnvConfig(**{**gym.registry[name].kwargs, **arguments})


def _makes_a_mouse(spec: Any) -> bool:
    return bool(spec.entry_point == f"{CatMouseEnv.__module__}:{CatMouseEnv.__name__}")


class CatMouse:
    """The game of `catmouse_env.CatMouseEnv` with gymnax's calls: rules, labels, arguments are the same.

        env, params = catmouse_env.jax.make("CatMouse-v0")
        observation, state = env.reset(key, params)
        observation, state, reward, terminated, truncated, info = env.step(key, state, action, params)

    Many games: under `jax.vmap`, a key each. Or as arrays, which is faster: `reset(key, params, (1024,))`,
    and `step` with one key for all; it then draws only when a game ends.

    `info` is about the observation returned with it: `ideal_direction`, `ideal_action` and, with
    `teacher="equilibrium"`, `ideal_policy`; `labels(state, params)` tells the same of any state,
    so of the first.
    Observations, rewards and readings are float32, whole numbers int32, whatever precision JAX is set to.

    Args:
        env_id: See `make`.
        arguments: See `make`.
    """

    def __init__(self, env_id: str = "CatMouse-v0", **arguments: Any) -> None:
        self.config = make_config(env_id, arguments)
        self.name = env_id.removeprefix("catmouse_env:")
        self.game = Game(self.config)

    @property
    def default_params(self) -> Tables:
        """The tables, which a compiled function may take as an argument or hold as constants."""
        return self.game.tables

    @property
    def num_actions(self) -> int:
        """How many directions there are; of a compass reading, how many numbers."""
        return 1 if self.config.continuous else 4

    def action_space(self, params: Tables | None = None) -> Discrete | Box:
        """Directions, or a compass reading."""
        return Box(0.0, 1.0, (1,)) if self.config.continuous else Discrete(4)

    def observation_space(self, params: Tables | None = None) -> Box:
        """What the mouse sees."""
        return Box(-1.0, 1.0, (5 if self.config.observe_moves_left else 4,))

    def reset(
        self,
        key: Array,
        params: Tables | None = None,
        shape: tuple[int, ...] = (),
        cat: Any = None,
        mouse: Any = None,
    ) -> tuple[Array, EnvState]:
        """Begin a game.

        Args:
            key: A random key.
            params: The tables.
            shape: Of an array of games, (num_envs,); () for one.
            cat: Its start, x and y as whole numbers, (2,) or (..., 2); None: drawn.
            mouse: The same.

        Raises:
            ValueError: A start lies outside the room, or both animals of a lethal game are in one cell. In a
                compiled function, where starts are not known yet, they are not checked.
        """
        given = {name: place for name, place in (("cat", cat), ("mouse", mouse)) if place is not None}
        if not any(isinstance(place, jax.core.Tracer) for place in given.values()):
            count = math.prod(shape)
            places = {name: np.broadcast_to(place, (*shape, 2)) for name, place in given.items()}
            rows = {name: place.reshape(count, 2) for name, place in places.items()}
            self.config.start_cells(rows, count)
        begun: tuple[Array, EnvState] = self._reset(key, params, shape, cat, mouse)
        return begun

    @partial(jax.jit, static_argnums=(0, 3))
    def _reset(
        self, key: Array, params: Tables | None, shape: tuple[int, ...], cat: Any, mouse: Any
    ) -> tuple[Array, EnvState]:
        state = self.game.draw_start(key, shape, self._cell(cat), self._cell(mouse))
        return self.game.observe(self._tables(params), state), state

    @partial(jax.jit, static_argnums=0)
    def step(
        self, key: Array, state: EnvState, action: Array, params: Tables | None = None
    ) -> tuple[Array, EnvState, Array, Array, Array, Info]:
        """Move the mouse; a game that is over begins anew in the same step.

        Returns:
            Observation (of the new game where one ended), state, reward, terminated (caught), truncated (the
            moves are used up), and info, which also has the `final_observation`: the last one of a game that
            ended.
        """
        tables = self._tables(params)
        key, after = self._keys(key)
        last, reward, caught = self._move(tables, key, state, action)
        truncated = self.game.truncated(last)
        state = self.game.begin_anew(after, last, caught | truncated)
        info = self.game.labels(tables, state) | {"final_observation": self.game.observe(tables, last)}
        return self.game.observe(tables, state), state, reward, caught, truncated, info

    @partial(jax.jit, static_argnums=0)
    def step_env(
        self, key: Array, state: EnvState, action: Array, params: Tables | None = None
    ) -> tuple[Array, EnvState, Array, Array, Info]:
        """Move the mouse, and begin nothing anew: observation, state, reward, terminated, info."""
        tables = self._tables(params)
        state, reward, caught = self._move(tables, self._keys(key)[0], state, action)
        return self.game.observe(tables, state), state, reward, caught, self.game.labels(tables, state)

    def is_truncated(self, state: EnvState, params: Tables | None = None) -> Array:
        """Whether the moves are used up."""
        return self.game.truncated(state)

    def observe(self, state: EnvState, params: Tables | None = None) -> Array:
        """What the mouse sees of a state."""
        return self.game.observe(self._tables(params), state)

    def labels(self, state: EnvState, params: Tables | None = None) -> Info:
        """What the teacher says of a state."""
        return self.game.labels(self._tables(params), state)

    def _tables(self, params: Tables | None) -> Tables:
        return self.default_params if params is None else params

    def _keys(self, key: Array) -> tuple[Array, Array]:
        """For the cat's move and for new starts; who draws nothing needs no key of its own."""
        if not self.game.stochastic:
            return key, key
        mine, starts = jax.random.split(key)
        return mine, starts

    def _move(
        self, tables: Tables, key: Array, state: EnvState, action: Array
    ) -> tuple[EnvState, Array, Array]:
        cat_action = self.game.cat_action(tables, key, state)
        return self.game.transition(tables, state, self.game.direction(action), cat_action)

    def _cell(self, place: Any) -> Array:
        if place is None:
            return None
        place = jnp.asarray(place, jnp.int32)
        return self.config.dynamics.cell(place[..., 0], place[..., 1])


class DoneStep:
    """An environment as programs for gymnax before 1.0 know it, PureJaxRL's: five results a step.

    `observation, state, reward, done, info = env.step(key, state, action, params)`

    Args:
        env: The environment, whose other attributes stay what they are.
    """

    def __init__(self, env: CatMouse) -> None:
        self._env = env

    def __getattr__(self, name: str) -> Any:
        return getattr(self._env, name)

    def step(
        self, key: Array, state: EnvState, action: Array, params: Tables | None = None
    ) -> tuple[Array, EnvState, Array, Array, Info]:
        """See `CatMouse.step`; `done` says that a game ended, `info` has `terminated` and `truncated`."""
        observation, state, reward, terminated, truncated, info = self._env.step(key, state, action, params)
        info = info | {"terminated": terminated, "truncated": truncated}
        return observation, state, reward, terminated | truncated, info
