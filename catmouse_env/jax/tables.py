"""What the rules read, as JAX arrays: the tables of `Dynamics`, `ExpertLabels` and the cat.

All are pytrees, so they may be arguments of a compiled function: a large room's tables are then no constants
of the program.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from catmouse_env.cats import StationaryCat, WanderingCat
from catmouse_env.config import EnvConfig
from catmouse_env.dynamics import MAX_TABLE, MOUSE_ACTIONS, Dynamics, View
from catmouse_env.teachers import ExpertLabels, MixedLabels
from catmouse_env.two_players import MOUSE

Array = Any  # a jax.Array


@dataclass(frozen=True)
class EnvState:
    """One game, or many: both fields have the shape of the games, int32.

    Attributes:
        cells: Both animals' cells as one number, cat * cells + mouse: what `Dynamics` calls a state.
        time: Moves made.
    """

    cells: Array
    time: Array


@dataclass(frozen=True)
class Transitions:
    """Every joint move of a small room, by (state * 4 + action) * cat_actions + cat_action.

    All that a move leads to is one number, because every look-up takes as long as all that is done with it.

    Attributes:
        packed: (moves,) int32: from the lowest bit on 1 bit whether the mouse is caught, 8 bits its reward,
            and the state after.
    """

    packed: Array

    @classmethod
    def pack(cls, state: Any, reward: Any, caught: Any) -> Transitions:
        """Of numpy's arrays, (moves,) each."""
        number = (state.astype(np.int32) << 8 | (reward.astype(np.int32) & 0xFF)) << 1 | caught
        return cls(jnp.asarray(number, jnp.int32))

    def unpack(self, move: Array) -> tuple[Array, Array, Array]:
        """State after, reward (int32) and caught (bool) of moves."""
        packed = look_up(self.packed, move)
        return packed >> 9, packed << 23 >> 24, (packed & 1) > 0


@dataclass(frozen=True)
class Neighbours:
    """What a joint move of a large room is worked out from; see `catmouse_env.dynamics.joint_move`."""

    mouse_neighbours: Array  # (cells, 4) int32
    cat_neighbours: Array  # (cells, cat_actions) int32
    distances: Array  # (states,) int8
    cells: int
    cat_actions: int
    lethal: bool
    caught_reward: int


@dataclass(frozen=True)
class LabelTables:
    """What a teacher says.

    Attributes:
        actions: Ideal action, (layers * states,) int8; layers: steps left from 0, or one for all.
        probabilities: Of a teacher who mixes, (layers * states, actions) float32; else None.
        layer: From one number of steps left to the next: states, or 0.
        directions: How many actions there are.
    """

    actions: Array
    probabilities: Array | None
    layer: int
    directions: int


@dataclass(frozen=True)
class CatTables:
    """What the cat does, unless it stays or wanders: None each that is not needed.

    Attributes:
        actions: By steps left and state, (layers * states,) int8, of a cat that leaves nothing to chance.
        sums: Running sums of its probabilities, (layers * states, cat_actions) float32, of one that does.
        layer: As in `LabelTables`.
    """

    actions: Array | None = None
    sums: Array | None = None
    layer: int = 0


@dataclass(frozen=True)
class Tables:
    """All that a game reads: the `params` of the faces.

    Attributes:
        moves: What joint moves lead to.
        observed: What is seen of a state, (states, 4) float32; in a large room of a cell, (cells, 2).
        clock: The share of moves left by moves made, (max_steps + 1,) float32; None where it isn't observed.
        labels: What the teacher says, by player.
        cat: What the cat does.
    """

    moves: Transitions | Neighbours
    observed: Array
    clock: Array | None
    labels: dict[str, LabelTables]
    cat: CatTables


def _register(cls: type, *meta: str) -> None:
    names = [name for name in cls.__dataclass_fields__ if name not in meta]  # type: ignore[attr-defined]
    jax.tree_util.register_dataclass(cls, names, list(meta))


_register(EnvState)
_register(Transitions)
_register(Neighbours, "cells", "cat_actions", "lethal", "caught_reward")
_register(LabelTables, "layer", "directions")
_register(CatTables, "layer")
_register(Tables)


def make_tables(config: EnvConfig, labels: dict[str, ExpertLabels]) -> Tables:
    """The tables of a game; ValueError if the cat has a memory or plays by chance and does not tell how.

    Args:
        config: The game.
        labels: The teachers, by player.
    """
    dynamics = config.dynamics
    clock = None
    if config.observe_moves_left:
        steps = np.arange(config.max_steps + 1)
        clock = jnp.asarray(
            dynamics.observe(np.zeros_like(steps), steps, View(None, True, config.max_steps))[:, 4]
        )
    if tabled(dynamics):
        observed = dynamics.observe(np.arange(dynamics.states))
    else:
        observed = dynamics.observe(np.arange(dynamics.cells))[:, 2:]  # the mouse's; the cat is in cell 0
    return Tables(
        moves=_moves(dynamics),
        observed=jnp.asarray(observed),
        clock=clock,
        labels={
            player: _labels(said, MOUSE_ACTIONS if player == MOUSE else config.cat_actions)
            for player, said in labels.items()
        },
        cat=_cat(config),
    )


def tabled(dynamics: Dynamics) -> bool:
    """Whether all joint moves are few enough to be listed."""
    return dynamics.states * MOUSE_ACTIONS * dynamics.cat_actions <= MAX_TABLE


def _moves(dynamics: Dynamics) -> Transitions | Neighbours:
    if tabled(dynamics):
        moves = np.arange(dynamics.states * MOUSE_ACTIONS * dynamics.cat_actions)
        return Transitions.pack(*dynamics.transition(*dynamics.split_move(moves)))
    return Neighbours(
        jnp.asarray(dynamics.mouse_neighbours, jnp.int32),
        jnp.asarray(dynamics.cat_neighbours, jnp.int32),
        jnp.asarray(dynamics.distances),
        dynamics.cells,
        dynamics.cat_actions,
        dynamics.lethal,
        dynamics.caught_reward,
    )


def _labels(said: ExpertLabels, directions: int) -> LabelTables:
    layers, states = said.actions.shape
    mixed = None
    if isinstance(said, MixedLabels):
        mixed = jnp.asarray(said.probabilities.reshape(-1, directions), jnp.float32)
    return LabelTables(jnp.asarray(said.actions.ravel()), mixed, states if layers > 1 else 0, directions)


def _cat(config: EnvConfig) -> CatTables:
    cat = config.make_cat()
    if isinstance(cat, (StationaryCat, WanderingCat)):
        return CatTables()
    policy = np.atleast_2d(cat.policy())
    states, actions = policy.shape[-2:]
    layer = states if policy.ndim == 3 and len(policy) > 1 else 0
    rows = policy.reshape(-1, actions)
    if cat.stochastic:
        return CatTables(sums=jnp.asarray(rows.cumsum(axis=1), jnp.float32), layer=layer)
    return CatTables(actions=jnp.asarray(rows.argmax(axis=1), jnp.int8), layer=layer)


def look_up(table: Array, place: Array) -> Array:
    """`table[place]` of places that are known to be in the table, and not negative: which saves asking."""
    return table.at[place.astype(jnp.uint32)].get(mode="promise_in_bounds")
