"""What agents find out about an environment through Gymnasium's public interface."""

from __future__ import annotations

from typing import Any

import gymnasium as gym
import numpy as np
import pytest

import catmouse_env  # noqa: F401
from agents.environments import all_starts, episode_length, is_stochastic, make_vector_like


class Counting(gym.Env[Any, Any]):
    """Counts its moves itself, or not at all."""

    observation_space = gym.spaces.Box(0, 1, (1,))
    action_space = gym.spaces.Discrete(2)

    def __init__(self, max_steps: int | None = None) -> None:
        self.max_steps = max_steps


@pytest.fixture
def counting() -> Any:
    gym.register("Counting-v0", Counting)
    yield "Counting-v0"
    del gym.registry["Counting-v0"]


@pytest.mark.parametrize(
    ("arguments", "moves"),
    [
        ({"max_steps": 7}, 7),
        ({"max_steps": 7, "max_episode_steps": 5}, 5),
        ({"max_steps": 7, "max_episode_steps": 9}, 7),
        ({"max_steps": 7, "max_episode_steps": -1}, 7),
        ({"max_episode_steps": 9}, 9),
        ({"max_episode_steps": -1}, None),
        ({"max_steps": None}, None),
        ({}, None),
    ],
)
def test_the_earlier_of_two_limits_ends_a_game(
    arguments: dict[str, int], moves: int | None, counting: str
) -> None:
    env = gym.make(counting, disable_env_checker=True, **arguments)
    if moves is None:
        with pytest.raises(ValueError, match="limit of moves"):
            episode_length(env)
    else:
        assert episode_length(env) == moves


@pytest.mark.parametrize("moves", [4, 10, 20])
def test_a_vector_environment_like_another_plays_as_long(moves: int) -> None:
    for env in (
        gym.make("CatMouse-v0", max_steps=moves),
        gym.make_vec("CatMouse-v0", max_steps=moves),
        gym.make("CatMouse-v0", max_steps=30, max_episode_steps=moves),
        gym.make_vec("CatMouse-v0", max_steps=30, max_episode_steps=moves),
    ):
        like = make_vector_like(env, 3)
        like.reset(seed=0)
        assert episode_length(env) == episode_length(like) == moves
        for move in range(1, moves + 1):
            truncated = like.step(np.zeros(3, np.int64))[3]
            assert truncated.all() == truncated.any() == (move == moves)
        assert episode_length(make_vector_like(env, 2, moves=3)) == 3


def test_starts_and_chance_are_told_by_single_and_vector_environments() -> None:
    for make in (gym.make, gym.make_vec):
        assert len(all_starts(make("CatMouse-v0", width=3, height=2))["cat"]) == 36
        assert is_stochastic(make_vector_like(make("CatMouse-v0", cat="wandering"), 1))
        assert not is_stochastic(make_vector_like(make("CatMouse-v0"), 1))
    with pytest.raises(ValueError, match="starts"):
        all_starts(gym.make("CartPole-v1"))
