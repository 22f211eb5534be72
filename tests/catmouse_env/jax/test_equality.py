"""The game in JAX is the numpy world's: every state and move compared, and long play from given starts."""

from __future__ import annotations

from typing import Any

import gymnasium as gym
import numpy as np
import pytest

import catmouse_env  # noqa: F401  (registers the environments)

jax = pytest.importorskip("jax")

import jax.numpy as jnp  # noqa: E402

from catmouse_env.jax import make  # noqa: E402
from catmouse_env.jax.equality import compare, make_game, name_of, rooms, table_cat  # noqa: E402
from catmouse_env.jax.tables import EnvState  # noqa: E402

ROOMS = list(rooms())
PLAYED = [
    ("CatMouse-v0", {}),
    ("CatMouseMemory-v0", {"observe_moves_left": True}),
    ("CatMouseChase-v0", {}),
    ("CatMouseChase-v0", {"cat_directions": 8, "teacher": "equilibrium", "max_steps": 7}),
    ("CatMouseContinuous-v0", {"width": 9, "height": 3, "lethal": True}),
    ("CatMouseChase-v0", {"width": 24, "height": 23, "cat_visible_moves": 2}),
]


@pytest.mark.parametrize(("name", "arguments"), ROOMS, ids=[name_of(*room) for room in ROOMS])
def test_every_transition_observation_and_label_is_the_same(name: str, arguments: dict[str, Any]) -> None:
    count = compare(*make_game(name, arguments))
    assert count.differences == 0
    assert count.moves > 0
    assert count.looks > 0


def test_a_difference_would_be_found() -> None:
    game, labels = make_game("CatMouseChase-v0", {"width": 3, "height": 3})
    packed = game.tables.moves.packed
    object.__setattr__(game.tables.moves, "packed", packed.at[17].set(packed[17] ^ 2))  # its reward
    assert compare(game, labels).differences == 1


@pytest.mark.parametrize(("name", "arguments"), PLAYED, ids=[name_of(*room) for room in PLAYED])
def test_long_play_is_the_same_where_starts_are_given(name: str, arguments: dict[str, Any]) -> None:
    games, steps, rng = 700, 60, np.random.default_rng(5)
    theirs: Any = gym.make_vec(name, games, "vector_entry_point", autoreset_mode="Disabled", **arguments)
    env, params = make(name, **arguments)
    starts, step = theirs.unwrapped.starts, jax.jit(jax.vmap(env.step_env, (0, 0, 0, None)))
    keys = jax.random.split(jax.random.key(0), games)
    over, state = np.ones(games, np.bool_), None
    for _ in range(steps):
        if over.any():
            drawn = rng.integers(0, len(starts["cat"]), games)
            given = {animal: places[drawn] for animal, places in starts.items()}
            seen, _ = theirs.reset(options={**given, "reset_mask": over})
            ours, begun = env.reset(keys[0], params, (games,), **given)
            state = begun if state is None else merged(over, begun, state)
            np.testing.assert_array_equal(env.observe(state, params), seen)
            np.testing.assert_array_equal(np.asarray(ours)[over], seen[over])
        action = theirs.action_space.sample() if env.config.continuous else rng.integers(0, 4, games)
        seen, reward, terminated, truncated, info = theirs.step(action)
        ours, state, *rest, labels = step(keys, state, jnp.asarray(action), params)
        for mine, numpys in zip((ours, *rest), (seen, reward, terminated), strict=True):
            np.testing.assert_array_equal(mine, numpys)
        np.testing.assert_array_equal(env.is_truncated(state), truncated)
        assert {key for key in info if key[0] != "_"} == labels.keys()
        for key, mine in labels.items():
            np.testing.assert_array_equal(mine, info[key].astype(np.float32))
        over = terminated | truncated


def merged(mask: Any, new: EnvState, old: EnvState) -> EnvState:
    """The new states where the mask says so."""
    return EnvState(np.where(mask, new.cells, old.cells), np.where(mask, new.time, old.time))


def uneven(drawn: Any, count: int, odds: Any = 1.0) -> float:
    """Chi-squared of draws, by its degrees of freedom: about 1."""
    expected = np.broadcast_to(odds, count) / np.sum(np.broadcast_to(odds, count)) * np.size(drawn)
    return float(
        ((np.bincount(np.ravel(drawn), minlength=count) - expected) ** 2 / expected).sum() / (count - 1)
    )


@pytest.mark.parametrize("lethal", [False, True])
def test_starts_are_uniform_whatever_key_they_are_drawn_by(lethal: bool) -> None:
    env, params = make("CatMouse-v0", lethal=lethal)
    cells, count = env.config.dynamics.cells, 200_000
    each = jax.vmap(env.reset, (0, None))
    drawn = {
        "one key": env.reset(jax.random.key(3), params, (count,)),
        "split keys": each(jax.random.split(jax.random.key(4), count), params),
        "keys written down": each(jax.vmap(jax.random.key)(jnp.arange(count)), params),
    }
    for name, (_, state) in drawn.items():
        assert (np.asarray(state.time) == 0).all()
        number = np.asarray(state.cells)
        if lethal:
            cat, mouse = number // cells, number % cells
            assert (cat != mouse).all()
            number = cat * (cells - 1) + mouse - (mouse > cat)
        assert 0.8 < uneven(number, env.config.dynamics.num_starts) < 1.2, name


@pytest.mark.parametrize("given", ["cat", "mouse"])
def test_a_given_animal_stands_there_and_the_other_anywhere_else(given: str) -> None:
    env, params = make("CatMouseChase-v0")
    seen, state = env.reset(jax.random.key(0), params, (100_000,), **{given: (2, 3)})
    first = 0 if given == "cat" else 2
    np.testing.assert_array_equal(np.unique(seen[:, first : first + 2], axis=0), np.float32([[0.4, 0.6]]))
    cat, mouse = np.divmod(np.asarray(state.cells), 36)
    other = mouse if given == "cat" else cat
    assert not (cat == mouse).any()
    assert 0.5 < uneven(other - (other > 2 * 6 + 3), 35) < 1.6


@pytest.mark.parametrize("cat", ["wandering", "a table"])
def test_a_cat_that_plays_by_chance_has_its_odds(cat: str) -> None:
    policy = table_cat(mixed=True) if cat == "a table" else cat
    env, params = make("CatMouse-v0", width=3, height=4, cat=policy)
    state, count = 77, 100_000
    odds = policy.table[0, state] if cat == "a table" else np.ones(4)
    for key, shape in ((jax.random.key(1), (count,)), (jax.random.split(jax.random.key(2), count), ())):
        games = EnvState(jnp.full(count, state), jnp.zeros(count, jnp.int32))
        draw = env.game.cat_action if shape else jax.vmap(env.game.cat_action, (None, 0, 0))
        assert uneven(np.asarray(draw(params, key, games)), 4, odds) < 4
