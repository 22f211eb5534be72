"""The game for two players, and the states that its brains learn from."""

import subprocess
import sys
import warnings

import gymnasium as gym
import numpy as np
import pytest
from gymnasium.error import InvalidAction, ResetNeeded

import catmouse_env
from catmouse_env.directions import action_to_reading
from catmouse_env.dynamics import Dynamics
from catmouse_env.solver import equilibrium

pytest.importorskip("pettingzoo")

with warnings.catch_warnings():  # pettingzoo's tests import environments of its own that warn
    warnings.simplefilter("ignore")
    from pettingzoo.test import parallel_api_test, parallel_seed_test, render_test
    from pettingzoo.utils import parallel_to_aec

CASES = (
    {},
    {"cat_directions": 4, "width": 3, "height": 5},
    {"observe_moves_left": True, "teacher": "equilibrium", "width": 4, "height": 4},
)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_pettingzoos_own_tests_pass(case):
    parallel_api_test(catmouse_env.parallel_env(**case), num_cycles=200)
    parallel_seed_test(lambda: catmouse_env.parallel_env(**case))


@pytest.mark.filterwarnings("ignore::UserWarning", "ignore::DeprecationWarning")
def test_pettingzoos_render_test_passes():
    def quick(render_mode):
        env = catmouse_env.parallel_env(render_mode=render_mode)
        env.metadata = {**env.metadata, "render_fps": 1000}
        return parallel_to_aec(env)

    render_test(quick)


def test_importing_the_package_does_not_import_pettingzoo():
    code = "import sys, catmouse_env; sys.exit('pettingzoo' in sys.modules or 'scipy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.parametrize("directions", [4, 8])
def test_it_is_zero_sum_and_plays_by_the_rules(directions):
    env = catmouse_env.parallel_env(cat_directions=directions, max_steps=6)
    rng = np.random.default_rng(0)
    dynamics = env.config.dynamics
    ends = {"caught": 0, "late": 0}
    for game in range(150):
        observations, _ = env.reset(seed=game)
        for move in range(1, 7):
            state = dynamics.state_of(observations["cat"][None]).item()
            actions = {"cat": int(rng.integers(directions)), "mouse": int(rng.integers(4))}
            observations, rewards, terminated, truncated, _ = env.step(actions)
            next_state, gain, caught = dynamics.transition(state, actions["mouse"], actions["cat"])
            assert dynamics.state_of(observations["mouse"][None]).item() == next_state
            assert rewards == {"cat": -gain, "mouse": gain}
            assert terminated == {"cat": caught, "mouse": caught}
            assert truncated == dict.fromkeys(("cat", "mouse"), move == 6)
            if caught or move == 6:
                ends["caught" if caught else "late"] += 1
                assert env.agents == []
                break
    assert min(ends.values()) > 10


def test_each_agent_has_its_own_teacher():
    env = catmouse_env.parallel_env()
    observations, infos = env.reset(options={"cat": (1, 1), "mouse": (3, 4)})
    assert np.allclose(observations["cat"], [0.2, 0.2, 0.6, 0.8])
    assert infos["cat"] == {"ideal_direction": 3 / 16, "ideal_action": 1}  # up and right
    assert infos["mouse"] == {"ideal_direction": 1 / 8, "ideal_action": 0}
    assert env.observation_space("cat").contains(observations["cat"])


def test_the_equilibrium_teaches_both_by_moves_left():
    env = catmouse_env.parallel_env(
        width=4, height=4, teacher="equilibrium", observe_moves_left=True, max_steps=5
    )
    solved = equilibrium(Dynamics.cached(4, 4, 8, True), 5)
    observations, infos = env.reset(seed=3)
    for left in (5, 4, 3):
        state = env.config.dynamics.state_of(observations["cat"][None]).item()
        assert observations["mouse"][4] == np.float32(left / 5)
        assert np.array_equal(infos["cat"]["ideal_policy"], solved.cat[left, state])
        assert np.array_equal(infos["mouse"]["ideal_policy"], solved.mouse[left, state])
        assert infos["cat"]["ideal_direction"] == action_to_reading(infos["cat"]["ideal_action"], 8)
        observations, _, terminated, _, infos = env.step(
            {agent: info["ideal_action"] for agent, info in infos.items()}
        )
        if terminated["cat"]:
            break


@pytest.mark.parametrize(
    "actions", [{}, {"cat": 0}, {"cat": 8, "mouse": 0}, {"cat": 0, "mouse": -1}, {"cat": 0, "mouse": 0.5}]
)
def test_nothing_moves_on_a_wrong_action(actions):
    env = catmouse_env.parallel_env(render_mode="ansi")
    with pytest.raises(ResetNeeded):
        env.step({"cat": 0, "mouse": 0})
    env.reset(seed=0)
    before = env.snapshot()
    with pytest.raises(InvalidAction):
        env.step(actions)
    assert env.snapshot() == before


def test_after_the_end_nobody_acts():
    env = catmouse_env.parallel_env(max_steps=1, cat_directions=4)
    with pytest.raises(ResetNeeded):
        env.step({})
    env.reset(seed=np.int64(3))
    assert env.step({"cat": 0, "mouse": 0})[3] == {"cat": True, "mouse": True}
    assert env.step({}) == ({}, {}, {}, {}, {})
    with pytest.raises(ResetNeeded):
        env.step({"cat": 0, "mouse": 0})


def test_the_state_is_what_both_see():
    env = catmouse_env.parallel_env(observe_moves_left=True)
    observations, _ = env.reset(seed=1)
    assert np.array_equal(env.state(), observations["cat"])
    assert np.array_equal(env.state(), observations["mouse"])
    assert env.state_space.contains(env.state())
    env.state()[:] = 9
    assert env.state_space.contains(env.state())


def test_starts_come_from_the_environments_own_random_stream():
    one, other = catmouse_env.parallel_env(), catmouse_env.parallel_env()
    one.reset(seed=4)
    other.np_random = np.random.default_rng(4)
    other.reset()
    assert np.array_equal(one.state(), other.state())


def test_no_reward_is_a_negative_zero():
    env = catmouse_env.parallel_env()
    env.reset(options={"cat": (0, 0), "mouse": (5, 5)})
    _, rewards, *_ = env.step({"cat": 4, "mouse": 0})  # both run into walls
    assert [str(reward) for reward in rewards.values()] == ["0.0", "0.0"]


@pytest.mark.parametrize("actions", [None, 3, [("cat", 0), ("mouse", 0)], "ab"])
def test_actions_and_options_that_are_no_dict_are_named(actions):
    env = catmouse_env.parallel_env()
    env.reset(seed=0)
    before = env.state()
    with pytest.raises(InvalidAction, match="dict of actions"):
        env.step(actions)
    if actions is not None:
        with pytest.raises(ValueError, match="options must be a dict"):
            env.reset(options=actions)
    assert np.array_equal(env.state(), before)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"cat_directions": 6}, "cat_directions must be one of 4, 8"),
        ({"max_steps": 0}, "max_steps must be at least 1"),
        ({"teacher": "flee"}, "teacher must be one of 'simple', 'equilibrium'"),
        ({"render_mode": "video"}, "render_mode"),
    ],
)
def test_wrong_arguments_are_named(arguments, message):
    with pytest.raises(ValueError, match=message):
        catmouse_env.parallel_env(**arguments)


def test_wrong_starts_are_named():
    env = catmouse_env.parallel_env()
    with pytest.raises(ValueError, match="apart"):
        env.reset(options={"cat": (1, 1), "mouse": (1, 1)})
    with pytest.raises(ValueError, match="must lie in the room"):
        env.reset(options={"cat": (6, 1)})


@pytest.mark.parametrize("player", ["cat", "mouse"])
def test_the_state_sampler_draws_every_state_with_its_label(player):
    env = gym.make_vec(
        "CatMouseStateSampler-v0", num_envs=20_000, player=player, width=3, height=3, max_steps=3
    )
    solved = equilibrium(Dynamics.cached(3, 3, 8, True), 3)
    observation, info = env.reset(seed=0)
    assert env.observation_space.contains(observation)
    state = env.unwrapped.config.dynamics.state_of(observation)
    left = np.rint(observation[:, 4] * 3).astype(int)
    drawn = np.unique(np.stack([left, state]), axis=1, return_counts=True)
    assert drawn[0].shape == (2, 3 * 72)
    assert drawn[1].min() > 50
    assert np.array_equal(info["ideal_policy"], getattr(solved, player)[left, state])
    assert info["_ideal_policy"].all()
    _, reward, terminated, truncated, _ = env.step(info["ideal_action"])
    assert truncated.all()
    assert not reward.any()
    assert not terminated.any()


@pytest.mark.parametrize("thoughts", [1, 2])
def test_the_state_sampler_jumps_while_the_clock_runs(thoughts):
    moves = 4
    env = gym.make_vec(
        "CatMouseStateSampler-v0",
        num_envs=3000,
        player="cat",
        width=3,
        height=3,
        max_steps=moves * thoughts,
        max_episode_steps=moves * thoughts,
        thoughts=thoughts,
    )
    best = equilibrium(Dynamics.cached(3, 3, 8, True), moves).cat
    observation, info = env.reset(seed=0)
    before = None
    for shown in range(2 * moves * thoughts):
        state = env.unwrapped.config.dynamics.state_of(observation)
        left = moves - shown // thoughts % moves
        assert np.allclose(observation[:, 4], left / moves)
        assert np.array_equal(info["ideal_policy"], best[left, state])
        assert np.array_equal(info["ideal_action"], best[left, state].round(6).argmax(axis=1))
        if shown % thoughts:
            assert np.array_equal(state, before)  # it is looked at once more
        else:
            assert len(np.unique(state)) == 72
            assert before is None or (state == before).mean() < 0.1  # drawn anew, wherever it was
        before = state
        observation, reward, terminated, truncated, info = env.step(info["ideal_action"])
        assert truncated.all() == ((shown + 1) % (moves * thoughts) == 0)
        assert not reward.any()
        assert not terminated.any()


def test_the_state_sampler_tells_a_table_as_it_is_now():
    table = np.full((4, 81, 4), 0.25)
    env = gym.make_vec("CatMouseStateSampler-v0", num_envs=50, width=3, height=3, max_steps=3, teacher=table)
    _, info = env.reset(seed=0)
    assert (info["ideal_policy"] == 0.25).all()
    table[...] = [0, 0, 1, 0]
    *_, info = env.step(np.zeros(50, int))
    assert (info["ideal_policy"] == [0, 0, 1, 0]).all()
    assert (info["ideal_action"] == 2).all()
    assert (info["ideal_direction"] == 0.625).all()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"max_episode_steps": 7}, "max_episode_steps"),
        ({"thoughts": 3, "max_steps": 10}, "max_steps must be so many times thoughts"),
        ({"thoughts": 0}, "thoughts"),
        ({"teacher": np.zeros((2, 3))}, "teacher must be probabilities of shape"),
    ],
)
def test_the_state_sampler_names_what_is_wrong(arguments, message):
    with pytest.raises(ValueError, match=message):
        gym.make_vec("CatMouseStateSampler-v0", num_envs=2, **arguments)
