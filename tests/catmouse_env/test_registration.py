"""The registered ids and what they stand for."""

import subprocess
import sys
from importlib.metadata import version

import gymnasium as gym
import numpy as np
import pytest

import catmouse_env
from catmouse_env.solver import TabularGame


@pytest.mark.parametrize("name", ["CatMouse-v0", "CatMouseMemory-v0", "CatMouseChase-v0"])
def test_an_id_serves_both_faces_alike(name):
    env, many = gym.make(name), gym.make_vec(name, num_envs=1)
    assert env.reset(seed=6)[0].tolist() == many.reset(seed=6)[0][0].tolist()
    over = False
    while not over:
        one, other = env.step(1), many.step(np.array([1]))
        assert one[0].tolist() == other[0][0].tolist()
        assert one[1:4] == tuple(part[0] for part in other[1:4])
        over = one[2] or one[3]


def test_memory_shows_the_cat_on_the_first_observation_only():
    env = gym.make("CatMouseMemory-v0")
    assert (env.reset(seed=0)[0][:2] >= 0).all()
    for _ in range(10):
        observation, _, _, truncated, _ = env.step(0)
        assert observation[:2].tolist() == [-1, -1]
    assert truncated


def test_a_module_name_in_the_id_needs_no_import():
    code = "import gymnasium as gym; gym.make('catmouse_env:CatMouse-v0').reset(); print('made')"
    output = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert output.strip() == "made"


@pytest.mark.parametrize(
    "name", ["CatMouse-v0", "CatMouseMemory-v0", "CatMouseChase-v0", "CatMouseContinuous-v0"]
)
def test_the_reward_threshold_is_the_best_mean_return_there_is(name):
    config = gym.make(name).unwrapped.config
    game = TabularGame(config.dynamics)
    best, _ = game.best_response(config.make_cat().policy(), config.max_steps, "mouse", "return")
    assert gym.spec(name).reward_threshold == pytest.approx(game.average(best[config.max_steps]), abs=1e-12)


def test_the_state_sampler_says_that_it_is_a_vector_environment():
    with pytest.raises(gym.error.Error, match=r"gymnasium\.make_vec"):
        gym.make("CatMouseStateSampler-v0")


def test_the_frame_rate_is_told():
    assert gym.make("CatMouse-v0").metadata["render_fps"] > 0
    assert set(gym.make("CatMouse-v0").metadata["render_modes"]) == {"human", "rgb_array", "ansi"}


def test_make_returns_the_bare_environment():
    for name in ("CatMouse-v0", "CatMouseMemory-v0", "CatMouseChase-v0", "CatMouseContinuous-v0"):
        env = gym.make(name)
        assert type(env) is catmouse_env.CatMouseEnv
        assert env is env.unwrapped


def test_the_continuous_id_takes_compass_readings():
    env = gym.make("CatMouseContinuous-v0")
    assert env.action_space == gym.spaces.Box(0, 1, (1,), np.float32)
    assert gym.make_vec("CatMouseContinuous-v0", 2).action_space.shape == (2, 1)
    env.reset(seed=0)
    env.step(env.action_space.sample())


def test_a_subclass_keeps_its_number_of_moves():
    class Heir(catmouse_env.CatMouseEnv):
        """A subclass."""

        def __init__(self, **arguments):
            super().__init__(**{"max_steps": 7, **arguments})

    gym.register("Heir-v0", entry_point=Heir, disable_env_checker=True, order_enforce=False)
    try:
        for moves, arguments in ((7, {}), (3, {"max_steps": 3}), (4, {"max_episode_steps": 4})):
            env = gym.make("Heir-v0", **arguments)
            env.reset(seed=0)
            assert [env.step(0)[3] for _ in range(moves)] == [False] * (moves - 1) + [True]
    finally:
        del gym.registry["Heir-v0"]


@pytest.mark.parametrize(("cut", "moves"), [(4, 4), (99, 6), (None, 6), (-1, 6)])
def test_gymnasiums_own_limit_can_only_cut_a_game_shorter(cut, moves):
    arguments = {"max_steps": 6, "max_episode_steps": cut, "observe_moves_left": True}
    env, many = gym.make("CatMouse-v0", **arguments), gym.make_vec("CatMouse-v0", 2, **arguments)
    env.reset(seed=0)
    many.reset(seed=0)
    for move in range(1, moves + 1):
        one, other = env.step(0), many.step(np.zeros(2, int))
        assert one[0][4] == other[0][0][4] == np.float32((6 - move) / 6)
        assert one[3] == other[3].all() == (move == moves)


@pytest.mark.parametrize("arguments", [{}, {"observe_moves_left": True, "width": 3}], ids=str)
def test_an_environment_is_made_again_from_its_spec(arguments):
    env, many = (
        gym.make("CatMouse-v0", max_steps=4, **arguments),
        gym.make_vec("CatMouse-v0", 2, **arguments),
    )
    for make, first in ((gym.make, env), (gym.make_vec, many)):
        again = make(first.spec)
        assert again.reset(seed=2)[0].tolist() == first.reset(seed=2)[0].tolist()
    shorter = gym.make(env.spec, max_steps=2)
    shorter.reset(seed=0)
    assert [shorter.step(0)[3] for _ in range(2)] == [False, True]


def test_the_version_is_the_distributions_or_says_that_there_is_none():
    assert catmouse_env.__version__ == version("catmouse-env")
    code = (
        "import importlib.metadata as metadata\n"
        "def version(name): raise metadata.PackageNotFoundError(name)\n"
        "metadata.version = version\n"
        "import catmouse_env; print(catmouse_env.__version__)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "0+unknown\n"
