"""The registered ids and what they stand for."""

import subprocess
import sys

import gymnasium as gym
import numpy as np
import pytest

import catmouse_env  # noqa: F401


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
