"""One game and many: the single and the vector environment agree bit for bit, in Gymnasium's form."""

import gymnasium as gym
import numpy as np
import pytest
from gymnasium.vector import AutoresetMode, SyncVectorEnv

import catmouse_env  # noqa: F401  (registers the environments)

MODES = list(AutoresetMode)
ROOMS = [
    {},
    {"width": 2, "height": 7},
    {"width": 9, "height": 3, "lethal": True},
    {"width": 3, "height": 3, "lethal": True, "continuous": True},
    {"width": 30, "height": 25, "lethal": True, "max_steps": 4},
    {"width": 5, "height": 4, "cat_visible_moves": 3, "observe_moves_left": True, "max_steps": 6},
    {"width": 4, "height": 4, "lethal": True, "cat_visible_moves": 0, "observe_moves_left": True},
    {"width": 5, "height": 6, "lethal": True, "cat": "chasing", "max_steps": 20},
    {
        "width": 3,
        "height": 4,
        "cat": "chasing",
        "cat_directions": 8,
        "teacher": "optimal",
        "continuous": True,
    },
]


def same(left, right, where=""):
    """Assert that two results of `step` or `reset` are equal in values, types and structure."""
    assert type(left) is type(right), where
    if isinstance(left, dict):
        assert left.keys() == right.keys(), where
        for key in left:
            same(left[key], right[key], f"{where}/{key}")
    elif isinstance(left, tuple) or (isinstance(left, np.ndarray) and left.dtype == object):
        assert len(left) == len(right), where
        for number, (one, other) in enumerate(zip(left, right, strict=True)):
            same(one, other, f"{where}/{number}")
    elif isinstance(left, np.ndarray):
        assert left.dtype == right.dtype, where
        assert left.shape == right.shape, where
        np.testing.assert_array_equal(left, right, err_msg=where)
    else:
        assert left == right, where


def both(games, mode, room):
    """A vector environment and a SyncVectorEnv of single ones, with equal starts ahead of them."""
    many = gym.make_vec("CatMouse-v0", games, "vector_entry_point", autoreset_mode=mode, **room)
    singles = SyncVectorEnv([lambda: gym.make("CatMouse-v0", **room)] * games, autoreset_mode=mode)
    many.np_random = np.random.default_rng(3)
    shared = np.random.default_rng(3)
    for env in singles.envs:
        env.unwrapped.np_random = shared
    return many, singles


@pytest.mark.parametrize("mode", MODES, ids=[mode.name for mode in MODES])
@pytest.mark.parametrize("room", ROOMS, ids=str)
def test_many_games_are_as_many_single_ones(room, mode):
    games, steps = 500, 80  # 27 times 40,000: over a million moves
    many, singles = both(games, mode, room)
    rng = np.random.default_rng(4)
    same(many.reset(), singles.reset(), "reset")
    for step in range(steps):
        if room.get("continuous"):  # noqa: SIM108
            actions = rng.random((games, 1), np.float32)
        else:
            actions = rng.integers(0, 4, games)
        ours, theirs = many.step(actions), singles.step(actions)
        same(ours, theirs, f"step {step}")
        if mode is AutoresetMode.DISABLED:
            over = ours[2] | ours[3]
            if over.any():
                same(
                    many.reset(options={"reset_mask": over}),
                    singles.reset(options={"reset_mask": over.copy()}),
                    f"reset after step {step}",
                )
