"""Games from every start: each once, a bounded number at a time, played as the policy says."""

from __future__ import annotations

import gymnasium as gym
import numpy as np
import pytest

import catmouse_env  # noqa: F401  (registers the environments)
from agents import Brain, RandomAgent, TeacherAgent
from agents.environments import all_starts
from agents.every_start import games_from


@pytest.mark.parametrize("num_envs", [1, 7, 81, 1000])
def test_every_start_is_played_once_in_the_order_given(num_envs: int) -> None:
    env = gym.make("CatMouse-v0", width=3, height=3)
    order = np.random.default_rng(0).permutation(81)
    starts = {name: value[order] for name, value in all_starts(env).items()}
    played = []
    for games in games_from(starts, env, num_envs):
        assert games.env.num_envs <= num_envs
        assert (games.observation[:, :2] * 2 == starts["cat"][games.starts]).all()
        assert (games.observation[:, 2:] * 2 == starts["mouse"][games.starts]).all()
        played += games.starts[games.playing].tolist()
    assert played == list(range(81))


def test_a_move_tells_what_was_done_and_whether_it_was_right() -> None:
    for arguments in ({}, {"continuous": True}, {"lethal": True, "cat": "chasing"}):
        env = gym.make("CatMouse-v0", **arguments)
        for policy in (TeacherAgent(env), RandomAgent(env, 0), Brain(continuous="continuous" in arguments)):
            for games in games_from(all_starts(env), env, 500):
                before = games.playing
                for move in games.play(policy):
                    assert (move.playing <= before).all()  # what has ended stays ended
                    before = move.playing
                    wrong = move.direction != move.info["ideal_action"]
                    assert (move.mistakes == (wrong & move.playing)).all()
                    assert ((move.reading * 4).astype(int).clip(0, 3) == move.direction).all()
                    assert not (isinstance(policy, TeacherAgent) and move.mistakes.any())
                assert not games.playing.any()
