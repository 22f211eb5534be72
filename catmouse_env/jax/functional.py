"""The environment as Gymnasium's `FuncEnv`."""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp
from gymnasium.experimental.functional import FuncEnv

from catmouse_env.jax.environment import make_config
from catmouse_env.jax.game import Game
from catmouse_env.jax.tables import EnvState, Tables

Array = Any  # a jax.Array
Info = dict[str, Any]


class FunctionalCatMouse(FuncEnv[Array, Array, Array, Array, Array, Any, Tables]):
    """The game of `catmouse_env.CatMouseEnv` as Gymnasium's functional environment.

        env = FunctionalJaxEnv(FunctionalCatMouse("CatMouse-v0"))
        env = FunctionalJaxVectorEnv(FunctionalCatMouse("CatMouse-v0"), num_envs=64, max_episode_steps=10)

    from `gymnasium.envs.functional_jax_env`. A state is an array of four whole numbers, int32, as the vector
    environment wants it: both cells as one number, moves made, whether the mouse is caught, and the reward of
    the move that led there. `terminal` is being caught; the limit of moves is set outside, by Gymnasium's
    `max_episode_steps` or `TimeLimit`, where such environments have theirs.

    Args:
        env_id: See `catmouse_env.jax.make`.
        arguments: See `catmouse_env.jax.make`.
    """

    def __init__(self, env_id: str = "CatMouse-v0", **arguments: Any) -> None:
        self.config = make_config(env_id, arguments)
        self.game = Game(self.config)
        self.observation_space = self.config.observation_space
        self.action_space = self.config.action_space
        super().__init__()

    def get_default_params(self, **kwargs: Any) -> Tables:
        """The tables."""
        return self.game.tables

    def initial(self, rng: Array, params: Tables | None = None) -> Array:
        """A start, drawn."""
        return self._pack(self.game.draw_start(rng), False, 0)

    def transition(self, state: Array, action: Array, rng: Array, params: Tables | None = None) -> Array:
        """The state after a move of the mouse and of the environment's cat."""
        tables, games = self._tables(params), self._unpack(state)
        cat_action = self.game.cat_action(tables, rng, games)
        after, reward, caught = self.game.transition(tables, games, self.game.direction(action), cat_action)
        return self._pack(after, caught, reward)

    def observation(self, state: Array, rng: Array, params: Tables | None = None) -> Array:
        """What the mouse sees."""
        return self.game.observe(self._tables(params), self._unpack(state))

    def reward(
        self, state: Array, action: Array, next_state: Array, rng: Array, params: Tables | None = None
    ) -> Array:
        """The mouse's reward of a move."""
        return next_state[..., 3].astype(jnp.float32)

    def terminal(self, state: Array, rng: Array, params: Tables | None = None) -> Array:
        """Whether the mouse is caught."""
        return state[..., 2] > 0

    def state_info(self, state: Array, params: Tables | None = None) -> Info:
        """What the teacher says of a state."""
        return self.game.labels(self._tables(params), self._unpack(state))

    def transition_info(
        self, state: Array, action: Array, next_state: Array, params: Tables | None = None
    ) -> Info:
        """What the teacher says of the state after."""
        return self.game.labels(self._tables(params), self._unpack(next_state))

    def _tables(self, params: Tables | None) -> Tables:
        return self.game.tables if params is None else params

    @staticmethod
    def _pack(state: EnvState, caught: Any, reward: Any) -> Array:
        numbers = jnp.broadcast_arrays(state.cells, state.time, caught, reward)
        return jnp.stack([number.astype(jnp.int32) for number in numbers], axis=-1)

    @staticmethod
    def _unpack(state: Array) -> EnvState:
        return EnvState(state[..., 0], state[..., 1])
