"""The registered ids and what they stand for."""

import subprocess
import sys

import gymnasium as gym
import numpy as np
import pytest

import catmouse_env


@pytest.mark.parametrize("name", ["CatMouse-v0", "CatMouseMemory-v0"])
def test_an_id_serves_both_faces_alike(name):
    env, many = gym.make(name), gym.make_vec(name, num_envs=1)
    assert env.reset(seed=6)[0].tolist() == many.reset(seed=6)[0][0].tolist()
    for _ in range(10):
        one, other = env.step(1), many.step(np.array([1]))
        assert one[0].tolist() == other[0][0].tolist()
        assert one[1:4] == tuple(part[0] for part in other[1:4])


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


def test_the_frame_rate_is_told():
    assert gym.make("CatMouse-v0").metadata["render_fps"] > 0
    assert set(gym.make("CatMouse-v0").metadata["render_modes"]) == {"human", "rgb_array", "ansi"}


def test_the_limit_of_moves_reaches_the_environment_it_was_meant_for():
    class Other(gym.Env):
        """An environment that has a game of cat and mouse within."""

        def __init__(self):
            self.inner = catmouse_env.CatMouseEnv(observe_moves_left=True, max_episode_steps=5)

    class Heir(catmouse_env.CatMouseEnv):
        """A subclass."""

        def __init__(self, **arguments):
            super().__init__(**arguments)

    gym.register("Other-v0", entry_point=Other, max_episode_steps=99, disable_env_checker=True)
    gym.register("Heir-v0", entry_point=Heir, max_episode_steps=7)
    try:
        assert gym.make("Other-v0").unwrapped.inner.world.limit == 5
        assert gym.make("Heir-v0", observe_moves_left=True).unwrapped.world.limit == 7
        assert gym.make("Heir-v0", observe_moves_left=True, max_episode_steps=3).unwrapped.world.limit == 3
    finally:
        del gym.registry["Other-v0"], gym.registry["Heir-v0"]


@pytest.mark.parametrize("arguments", [{}, {"observe_moves_left": True, "width": 3}], ids=str)
def test_an_environment_is_made_again_from_its_spec(arguments):
    env, many = (
        gym.make("CatMouse-v0", max_episode_steps=4, **arguments),
        gym.make_vec("CatMouse-v0", 2, **arguments),
    )
    for make, first in ((gym.make, env), (gym.make_vec, many)):
        again = make(first.spec)
        assert again.reset(seed=2)[0].tolist() == first.reset(seed=2)[0].tolist()
    shorter = gym.make(env.spec, max_episode_steps=2)
    shorter.reset(seed=0)
    assert [shorter.step(0)[3] for _ in range(2)] == [False, True]
