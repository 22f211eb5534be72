"""Against a cat that moves by chance the truth is computed, and is what samples come to."""

import gymnasium as gym
import numpy as np
import pytest
from catmouse.duel.exact import exact_result

import catmouse_env  # noqa: F401  (registers the environments)
from agents import Brain, RandomAgent, TeacherAgent, evaluate


@pytest.mark.parametrize("agent", ["teacher", "random", "brain"])
@pytest.mark.parametrize("timed", [False, True])
def test_what_is_computed_is_what_samples_come_to(agent, timed):
    env = gym.make_vec(
        "CatMouse-v0",
        num_envs=1,
        width=4,
        height=3,
        cat="wandering",
        cat_directions=8,
        lethal=True,
        teacher="optimal",
        observe_moves_left=timed,
        max_steps=6,
    )
    policy = {
        "teacher": lambda: TeacherAgent(env),
        "random": lambda: RandomAgent(env, 0),
        "brain": lambda: Brain(cell="mlp", inputs=5 if timed else 4, seed=1),
    }[agent]()
    exact = exact_result(policy, env)
    results = [evaluate(policy, env, seed) for seed in range(40)]
    survival = np.array([one.survival_rate for one in results])
    returned = np.array([one.mean_return for one in results])
    # A mean of 40 lies within four of its standard errors of the truth.
    assert abs(survival.mean() - exact.survival) < 4 * survival.std() / np.sqrt(40) + 1e-9
    assert abs(returned.mean() - exact.mean_return) < 4 * returned.std() / np.sqrt(40) + 1e-9
    assert exact.survival <= exact.best_survival + 1e-9
    inside = np.mean([low <= exact.survival <= high for low, high in (r.survival_interval for r in results)])
    assert inside > 0.8


def test_what_can_not_be_computed_says_why():
    seen = {"cat": "wandering", "lethal": True}
    for arguments, policy, reason in (
        (seen, Brain(), "without memory"),
        ({**seen, "cat_visible_moves": 1}, Brain(cell="mlp"), "not always seen"),
        ({}, Brain(cell="mlp"), "does not move"),
    ):
        env = gym.make_vec("CatMouse-v0", num_envs=1, **arguments)
        with pytest.raises(ValueError, match=reason):
            exact_result(policy, env)
