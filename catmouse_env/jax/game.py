"""The game as pure functions: states in, states out, of one game or of many at once."""

from __future__ import annotations

from functools import cached_property
from typing import Any

import jax
import jax.numpy as jnp

from catmouse_env.cats import WanderingCat
from catmouse_env.config import EnvConfig
from catmouse_env.dynamics import MOUSE_ACTIONS, UNSEEN, joint_move, split
from catmouse_env.jax.random import below, uniform_word
from catmouse_env.jax.tables import EnvState, LabelTables, Tables, Transitions, look_up, make_tables
from catmouse_env.teachers import ExpertLabels
from catmouse_env.two_players import MOUSE

Array = Any  # a jax.Array
Info = dict[str, Any]


class Game:
    """The functions of one game.

    Every function takes arrays of any one shape, () for a single game. Compiled code checks nothing: an
    action outside its space is taken for the nearest one inside.

    Args:
        config: The game.
        labels: The teachers by player; None: the mouse's, as `config` says.
    """

    def __init__(self, config: EnvConfig, labels: dict[str, ExpertLabels] | None = None) -> None:
        self.config = config
        self._teachers = labels
        self._dynamics = config.dynamics
        self._wanders = isinstance(config.make_cat(), WanderingCat)

    @cached_property
    def tables(self) -> Tables:
        """All that the functions read."""
        # Known numbers, even if they are first asked for while something is compiled.
        with jax.ensure_compile_time_eval():
            return make_tables(self.config, self._teachers or {MOUSE: self.config.labels})

    # Starts

    def draw_start(
        self, key: Array, shape: tuple[int, ...] = (), cat: Any = None, mouse: Any = None
    ) -> EnvState:
        """Games at their first observation, all starts equally likely.

        One number of 32 bits is drawn a game, so a start's probability is right to one part in 3 million in a
        room of 6 x 6, and to one in 256 in the largest.

        Args:
            key: A key for all.
            shape: Of the games.
            cat: Cells that are given, so not drawn.
            mouse: The same for the mouse.
        """
        cells, lethal = self._dynamics.cells, self._dynamics.lethal
        word = uniform_word(key, shape)
        if cat is None and mouse is None:
            cat, word = below(word, cells)
        if mouse is None:
            mouse, _ = below(word, cells - lethal)
            mouse = mouse + (lethal & (mouse >= cat))
        elif cat is None:
            cat, _ = below(word, cells - lethal)
            cat = cat + (lethal & (cat >= mouse))
        number = jnp.broadcast_to(jnp.asarray(cat * cells + mouse, jnp.int32), shape)
        return EnvState(number, jnp.zeros(shape, jnp.int32))

    def begin_anew(self, key: Array, state: EnvState, over: Array) -> EnvState:
        """The states, with new starts where games are over."""

        def begin(cells: Array) -> Array:
            return jnp.where(over, self.draw_start(key, jnp.shape(over)).cells, cells)

        # Under vmap both are worked out anyway. Else it saves the draws of all steps in which no game ends.
        cells = jax.lax.cond(jnp.any(over), begin, lambda cells: cells, state.cells)
        return EnvState(cells, jnp.where(over, 0, state.time))

    # Moves

    def direction(self, action: Array) -> Array:
        """The direction of an action of the mouse's action space, int32."""
        if self.config.continuous:  # a compass reading, (..., 1)
            action = jnp.asarray(action)[..., 0] * MOUSE_ACTIONS
        return jnp.clip(jnp.asarray(action).astype(jnp.int32), 0, MOUSE_ACTIONS - 1)

    def cat_action(self, tables: Tables, key: Array, state: EnvState) -> Array:
        """What the environment's own cat does, int32."""
        count, cat = self._dynamics.cat_actions, tables.cat
        shape = jnp.shape(state.cells)
        if self._wanders:
            return below(uniform_word(key, shape), count)[0]
        place = state.cells + (self.config.max_steps - state.time) * cat.layer
        if cat.sums is not None:
            sums = look_up(cat.sums, place)
            drawn = (uniform_word(key, shape) >> 8).astype(jnp.float32) / (1 << 24) * sums[..., -1]
            return (drawn[..., None] >= sums).sum(axis=-1, dtype=jnp.int32)
        if cat.actions is not None:
            return look_up(cat.actions, place).astype(jnp.int32)
        return jnp.zeros(shape, jnp.int32)

    @property
    def stochastic(self) -> bool:
        """Whether the cat draws its moves."""
        return self._wanders or self.tables.cat.sums is not None

    def transition(
        self, tables: Tables, state: EnvState, direction: Array, cat_action: Any
    ) -> tuple[Any, Any, Any]:
        """A joint move: the state after, the mouse's reward (float32) and whether it is caught (bool)."""
        moves = tables.moves
        if isinstance(moves, Transitions):
            move = (state.cells * MOUSE_ACTIONS + direction) * self._dynamics.cat_actions + cat_action
            number, reward, caught = moves.unpack(move)
        else:
            number, reward, caught = joint_move(moves, state.cells, direction, cat_action, jnp)
        return EnvState(number, state.time + 1), reward.astype(jnp.float32), caught

    def truncated(self, state: EnvState) -> Array:
        """Whether the moves are used up."""
        return state.time >= self.config.max_steps

    # What is seen and said

    def observe(self, tables: Tables, state: EnvState) -> Array:
        """What the mouse sees, (..., 4 or 5) float32."""
        if isinstance(tables.moves, Transitions):
            seen = look_up(tables.observed, state.cells)
        else:
            both = split(state.cells, self._dynamics.cells)
            seen = jnp.concatenate([look_up(tables.observed, cell) for cell in both], axis=-1)
        visible = self.config.cat_visible_moves
        if visible is not None:
            hidden = (state.time >= visible)[..., None] & (jnp.arange(4) < len(UNSEEN))
            seen = jnp.where(hidden, UNSEEN[0], seen)
        if tables.clock is not None:
            time = jnp.minimum(state.time, self.config.max_steps)
            seen = jnp.concatenate([seen, look_up(tables.clock, time)[..., None]], axis=-1)
        return seen

    def labels(self, tables: Tables, state: EnvState, player: str = MOUSE) -> Info:
        """What a teacher says.

        Returns:
            `ideal_direction` (float32) and `ideal_action` (int32); of one who mixes `ideal_policy` as well,
            (..., actions) float32.
        """
        said: LabelTables = tables.labels[player]
        # After the last move nothing is left, and whoever goes on nevertheless is told what holds then.
        left = jnp.maximum(self.config.max_steps - state.time, 0)
        place = state.cells + left * said.layer if said.layer else state.cells
        action = look_up(said.actions, place).astype(jnp.int32)
        # The middle of the action's band, as `action_to_reading` has it: exact.
        reading = (action.astype(jnp.float32) + 0.5) / said.directions
        info = {"ideal_direction": reading, "ideal_action": action}
        if said.probabilities is not None:
            info["ideal_policy"] = look_up(said.probabilities, place)
        return info
