"""The game for two players, with the calls of JaxMARL."""

from __future__ import annotations

from functools import partial
from typing import Any

import jax
import jax.numpy as jnp

from catmouse_env.jax.game import Game
from catmouse_env.jax.spaces import Box, Discrete
from catmouse_env.jax.tables import EnvState
from catmouse_env.two_players import CAT, MOUSE, duel_config, duel_labels

Array = Any  # a jax.Array
ByAgent = dict[str, Any]


class CatMouseDuel:
    """The game of `catmouse_env.parallel_env` with JaxMARL's calls: a cat hunts a mouse, and both learn.

        env = CatMouseDuel()
        observations, state = env.reset(key)
        observations, state, rewards, dones, infos = env.step(key, state, {"cat": 3, "mouse": 1})

    All but the state are dicts by agent; `dones` has "__all__" as well. Both decide
    at once and move together.
    Many games: under `jax.vmap`, or as arrays with one key (see `catmouse_env.jax.CatMouse`).

    Args:
        width: Columns of the room.
        height: Rows of the room.
        cat_directions: 4 or 8.
        max_steps: Moves a game.
        observe_moves_left: Whether the fifth coordinate is shown.
        teacher: "simple" or "equilibrium".

    Raises:
        ValueError: An argument is wrong.
    """

    def __init__(
        self,
        width: int = 6,
        height: int = 6,
        cat_directions: int = 8,
        max_steps: int = 10,
        observe_moves_left: bool = False,
        teacher: str = "simple",
    ) -> None:
        self.config = duel_config(width, height, cat_directions, max_steps, observe_moves_left)
        self.game = Game(self.config, duel_labels(self.config, teacher))
        self.agents = [CAT, MOUSE]
        self.num_agents = 2

    @property
    def name(self) -> str:
        """Of the class."""
        return type(self).__name__

    def action_space(self, agent: str) -> Discrete:
        """What an agent can do."""
        return Discrete(self.config.cat_directions if agent == CAT else 4)

    def observation_space(self, agent: str) -> Box:
        """What an agent sees."""
        return Box(-1.0, 1.0, (5 if self.config.observe_moves_left else 4,))

    @partial(jax.jit, static_argnums=(0, 2))
    def reset(self, key: Array, shape: tuple[int, ...] = ()) -> tuple[ByAgent, EnvState]:
        """Begin a game, or an array of them."""
        state = self.game.draw_start(key, shape)
        return self.get_obs(state), state

    @partial(jax.jit, static_argnums=0)
    def step(
        self, key: Array, state: EnvState, actions: ByAgent
    ) -> tuple[ByAgent, EnvState, ByAgent, ByAgent, ByAgent]:
        """Move both; a game that is over begins anew in the same step, and the observations are of that."""
        _, last, rewards, dones, _ = self.step_env(key, state, actions)
        state = self.game.begin_anew(key, last, dones["__all__"])
        return self.get_obs(state), state, rewards, dones, self.labels(state)

    @partial(jax.jit, static_argnums=0)
    def step_env(
        self, key: Array, state: EnvState, actions: ByAgent
    ) -> tuple[ByAgent, EnvState, ByAgent, ByAgent, ByAgent]:
        """Move both, and begin nothing anew."""
        count = self.config.cat_directions
        cat_action = jnp.clip(jnp.asarray(actions[CAT], jnp.int32), 0, count - 1)
        direction = self.game.direction(actions[MOUSE])
        state, reward, caught = self.game.transition(self.game.tables, state, direction, cat_action)
        done = caught | self.game.truncated(state)
        dones = {**dict.fromkeys(self.agents, done), "__all__": done}
        rewards = {CAT: 0.0 - reward, MOUSE: reward}  # not -0.0
        return self.get_obs(state), state, rewards, dones, self.labels(state)

    def get_obs(self, state: EnvState) -> ByAgent:
        """What both see of a state."""
        return dict.fromkeys(self.agents, self.game.observe(self.game.tables, state))

    def labels(self, state: EnvState) -> ByAgent:
        """What the teachers of both say of a state."""
        return {agent: self.game.labels(self.game.tables, state, agent) for agent in self.agents}
