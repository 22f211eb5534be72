"""The three faces: gymnax's calls, Gymnasium's functional environment, JaxMARL's two players."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import Any

import numpy as np
import pytest

jax = pytest.importorskip("jax")

import jax.numpy as jnp  # noqa: E402

from catmouse_env.jax import CatMouseDuel, DoneStep, EnvState, FunctionalCatMouse, make  # noqa: E402
from catmouse_env.policies import TablePolicy  # noqa: E402

IDS = ("CatMouse-v0", "CatMouseMemory-v0", "CatMouseChase-v0", "CatMouseContinuous-v0")
KEY = jax.random.key(0)


@pytest.mark.parametrize("name", IDS)
def test_a_thousand_games_in_one_compiled_loop(name: str) -> None:
    env, params = make(name)
    moves, games = env.config.max_steps, 1_000

    @jax.jit
    def play(key: Any, params: Any) -> Any:
        seen, state = jax.vmap(env.reset, (0, None))(jax.random.split(key, games), params)

        def move(carry: Any, _: None) -> Any:
            key, state = carry
            key, choose, step = jax.random.split(key, 3)
            action = jax.vmap(env.action_space(params).sample)(jax.random.split(choose, games))
            seen, state, *rest = jax.vmap(env.step, (0, 0, 0, None))(
                jax.random.split(step, games), state, action, params
            )
            return (key, state), (seen, state, *rest)

        return seen, jax.lax.scan(move, (key, state), None, 2 * moves)[1]

    first, (seen, state, reward, terminated, truncated, info) = play(KEY, params)
    space = env.observation_space(params)
    assert first.shape == (games, *space.shape)
    assert space.contains(seen)
    assert reward.dtype == seen.dtype == info["ideal_direction"].dtype == jnp.float32
    assert info["ideal_action"].dtype == state.cells.dtype == jnp.int32
    over = np.asarray(terminated | truncated)
    np.testing.assert_array_equal(np.asarray(state.time)[over], 0)  # a new game has begun
    assert terminated.any() == env.config.lethal
    # The labels are those of the observation returned with them; what was seen last is kept.
    labels = env.labels(state, params)
    np.testing.assert_array_equal(info["ideal_action"], labels["ideal_action"])
    np.testing.assert_array_equal(env.observe(state, params), seen)
    np.testing.assert_array_equal(np.asarray(info["final_observation"])[~over], np.asarray(seen)[~over])
    if not env.config.lethal:
        assert over[moves - 1].all()
        assert over.sum() == 2 * games
        assert len(np.unique(np.asarray(state.cells)[moves - 1])) > 400


@pytest.mark.parametrize("name", IDS)
def test_games_as_arrays_are_games_under_vmap(name: str) -> None:
    env, params = make(name)
    _, state = env.reset(KEY, params, (50,))
    for step in range(5):
        action = jnp.asarray(np.random.default_rng(step).random((50, 1)), jnp.float32)
        if not env.config.continuous:
            action = (action[:, 0] * 4).astype(jnp.int32)
        together = env.step_env(KEY, state, action, params)
        each = jax.vmap(env.step_env, (None, 0, 0, None))(KEY, state, action, params)
        jax.tree.map(np.testing.assert_array_equal, together, each)
        state = together[1]


def test_an_older_program_gets_five_results() -> None:
    env, params = make("CatMouse-v0")
    older = DoneStep(env)
    _, state = older.reset(KEY, params, (3,))
    for _ in range(10):
        _, state, _, done, info = older.step(KEY, state, jnp.zeros(3, jnp.int32), params)
    assert done.all()
    assert info["truncated"].all()
    assert not info["terminated"].any()
    assert older.num_actions == older.action_space(params).n == 4


def test_gymnax_s_own_wrapper_takes_it() -> None:
    pytest.importorskip("six")  # which gymnax imports and does not always bring
    wrappers = pytest.importorskip("gymnax.wrappers")
    env, params = make("CatMouse-v0")
    logged = wrappers.LogWrapper(env)
    _, state = logged.reset(KEY, params)
    for _ in range(10):
        _, state, *_, info = logged.step(KEY, state, jnp.int32(0), params)
    assert info["returned_episode"]
    assert info["returned_episode_lengths"] == 10


def test_tables_can_be_arguments_of_the_largest_room() -> None:
    env, params = make("CatMouse-v0", width=64, height=64)
    assert sum(leaf.nbytes for leaf in jax.tree.leaves(params)) < 40e6
    seen, state = env.reset(KEY, params, (10,), cat=(63, 63), mouse=(62, 63))
    seen, state, reward, *_ = jax.jit(env.step)(KEY, state, jnp.full(10, 3), params)
    np.testing.assert_array_equal(reward, np.ones(10))
    np.testing.assert_array_equal(seen[0], np.float32([1, 1, 61 / 63, 1]))


def test_what_is_no_argument_is_refused_in_one_line() -> None:
    class Remembers:
        def predict(self, observation: Any, state: Any = None, **_: Any) -> Any:
            return np.zeros(len(observation), np.int64), np.zeros(len(observation))

    for name, arguments, word in (
        ("CartPole-v1", {}, "env_id"),
        ("CatMouse-v0", {"size": 3}, "size"),
        ("CatMouse-v0", {"width": 1}, "width"),
        ("CatMouse-v0", {"cat": Remembers()}, "without memory"),
    ):
        with pytest.raises(ValueError, match=word):
            make(name, **arguments)


def test_starts_outside_the_room_are_refused() -> None:
    env, params = make("CatMouseChase-v0")
    for given in ({"cat": (6, 0)}, {"mouse": (0, -1)}, {"cat": (0.5, 0)}, {"cat": (2, 2), "mouse": (2, 2)}):
        for shape in ((), (3,)):
            with pytest.raises(ValueError, match="options"):
                env.reset(KEY, params, shape, **given)


def test_a_policy_that_looks_at_the_clock_may_be_the_cat() -> None:
    table = np.eye(4)[np.random.default_rng(0).integers(0, 4, (11, 144))]
    env, params = make(
        "CatMouse-v0", width=3, height=4, cat=TablePolicy(table, 3, 4), observe_moves_left=True
    )
    _, state = env.reset(KEY, params, (144,))
    for time in (0, 4):
        ours = env.game.cat_action(params, KEY, EnvState(state.cells, state.time + time))
        np.testing.assert_array_equal(ours, table[10 - time, np.asarray(state.cells)].argmax(-1))


@pytest.mark.parametrize("name", IDS)
def test_gymnasium_checks_the_functional_environment(name: str) -> None:
    pytest.importorskip("array_api_compat")
    functional = pytest.importorskip("gymnasium.envs.functional_jax_env")
    from gymnasium.utils.env_checker import check_env
    from gymnasium.wrappers.jax_to_numpy import jax_to_numpy

    try:
        jax_to_numpy(jnp.zeros(1))
    except TypeError:
        pytest.skip("Gymnasium 1.1 can't convert the arrays of newer JAX")
    check_env(functional.FunctionalJaxEnv(FunctionalCatMouse(name)), skip_render_check=True)


@pytest.mark.parametrize("name", ["CatMouse-v0", "CatMouseContinuous-v0"])
def test_gymnasium_s_vector_environment_plays_it(name: str) -> None:
    functional = pytest.importorskip("gymnasium.envs.functional_jax_env")
    games = 12
    envs = functional.FunctionalJaxVectorEnv(FunctionalCatMouse(name), games, max_episode_steps=10)
    env, params = make(name)
    seen, info = envs.reset(seed=3)
    state = EnvState(envs.state[:, 0], envs.state[:, 1])
    for step in range(9):
        action = envs.action_space.sample()
        ours, state, reward, terminated, labels = env.step_env(KEY, state, jnp.asarray(action), params)
        seen, rewards, ended, cut, info = envs.step(action)
        np.testing.assert_array_equal(seen, ours)
        np.testing.assert_array_equal(rewards, reward)
        np.testing.assert_array_equal(ended, terminated)
        np.testing.assert_array_equal(info["ideal_action"], labels["ideal_action"])
        assert not cut.any(), step
    *_, cut, _ = envs.step(envs.action_space.sample())
    assert cut.all()
    before = envs.state
    envs.step(envs.action_space.sample())
    assert (envs.state[:, 1] == 0).all()
    assert (envs.state[:, 0] != before[:, 0]).any()


def test_two_players_play_pettingzoo_s_game() -> None:
    pytest.importorskip("pettingzoo")
    import catmouse_env

    theirs = catmouse_env.parallel_env(teacher="equilibrium", observe_moves_left=True)
    env = CatMouseDuel(teacher="equilibrium", observe_moves_left=True)
    rng, key = np.random.default_rng(0), KEY
    step = jax.jit(env.step_env)
    assert env.agents == theirs.possible_agents
    for _ in range(20):
        key, draw = jax.random.split(key)
        ours, state = env.reset(draw)
        cat, mouse = divmod(int(state.cells), 36)
        seen, info = theirs.reset(options={"cat": divmod(cat, 6), "mouse": divmod(mouse, 6)})
        np.testing.assert_array_equal(ours["cat"], seen["cat"])
        while theirs.agents:
            actions = {agent: int(rng.integers(theirs.action_space(agent).n)) for agent in env.agents}
            seen, reward, terminated, truncated, info = theirs.step(actions)
            ours, state, rewards, dones, infos = step(key, state, actions)
            assert dones["__all__"] == (terminated["cat"] or truncated["cat"])
            for agent in env.agents:
                np.testing.assert_array_equal(ours[agent], seen[agent])
                assert rewards[agent] == reward[agent]
                for name, said in info[agent].items():
                    np.testing.assert_array_equal(infos[agent][name], np.float32(said))


def test_two_players_begin_anew_by_themselves() -> None:
    env = CatMouseDuel(cat_directions=4)
    _, state = env.reset(KEY, (2_000,))
    ended = 0
    for step in range(20):
        actions = {agent: jnp.full(2_000, step % 4) for agent in env.agents}
        seen, state, rewards, dones, _ = env.step(jax.random.key(step), state, actions)
        over = np.asarray(dones["__all__"])
        assert (np.asarray(state.time)[over] == 0).all()
        np.testing.assert_array_equal(rewards["cat"], -rewards["mouse"])
        ended += over.sum()
    assert ended > 2_000
    assert env.action_space("cat").n == env.action_space("mouse").n == 4
    assert env.observation_space("cat").contains(seen["cat"])


def test_without_jax_one_line_says_what_to_install() -> None:
    code = "import sys; sys.modules['jax'] = None; import catmouse_env, agents; import catmouse_env.jax"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (
        done.stderr.splitlines()[-1]
        == 'ImportError: catmouse_env.jax needs JAX: pip install "catmouse-env[jax]"'
    )


def test_nobody_else_imports_jax() -> None:
    code = "import sys, catmouse_env, agents, catmouse_env.two_players; print('jax' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


def test_jax_set_to_64_bits_plays_the_same() -> None:
    code = """
import jax
from catmouse_env.jax import make
for arguments in ({}, {"cat": "wandering", "lethal": True, "observe_moves_left": True}):
    env, params = make("CatMouse-v0", **arguments)
    seen, state = env.reset(jax.random.key(0), params, (9,))
    for number in range(12):
        seen, state, *told = env.step(jax.random.key(number), state, jax.numpy.full(9, number % 4), params)
        print(seen.dtype, state.cells.dtype, [x.dtype for x in jax.tree.leaves(told)], seen.tolist())
"""
    said = {
        subprocess.run(
            [sys.executable, "-c", code],
            capture_output=True,
            text=True,
            check=True,
            env={**os.environ, "JAX_ENABLE_X64": bits},
        ).stdout
        for bits in ("0", "1")
    }
    assert len(said) == 1
