"""Where a cat moves by chance, a certificate says that it is a sample, and the truth is computed."""

import gymnasium as gym
import numpy as np
import pytest

import catmouse_env  # noqa: F401
from agents import Brain, RandomAgent, TeacherAgent, evaluate
from agents.evaluation import mean_interval, wilson_interval
from catmouse_env.policies import TablePolicy


class Forgetful:
    """A cat without memory that goes where its column says."""

    def predict(self, observation, state=None, episode_start=None, deterministic=True):
        return (observation[:, 0] * 3.9).astype(int), None


class Rememberer(Forgetful):
    """The same, with a state that it does not use."""

    def predict(self, observation, state=None, episode_start=None, deterministic=True):
        return super().predict(observation)[0], np.zeros(len(observation))


@pytest.mark.parametrize(
    ("cat", "sampled"),
    [
        ("stationary", False),
        ("chasing", False),
        ("wandering", True),
        (Forgetful(), False),
        (Rememberer(), True),
        (TablePolicy(np.full((1296, 4), 0.25), 6, 6), True),
        (TablePolicy(np.eye(4)[np.zeros(1296, int)], 6, 6), False),
    ],
    ids=["stationary", "chasing", "wandering", "forgetful", "rememberer", "mixed", "pure"],
)
def test_a_sample_is_called_one(cat, sampled):
    env = gym.make("CatMouse-v0", cat=cat, lethal=True)
    result = evaluate(TeacherAgent(env), env)
    assert result.sampled == sampled
    for interval, value in (
        (result.survival_interval, result.survival_rate),
        (result.return_interval, result.mean_return),
    ):
        assert (interval is None) == (not sampled)
        if sampled:
            assert interval[0] <= value <= interval[1]
    same = evaluate(TeacherAgent(env), env, seed=1)
    if not sampled:
        assert same == result


@pytest.mark.parametrize("agent", ["teacher", "random", "brain"])
@pytest.mark.parametrize("timed", [False, True])
def test_what_is_computed_is_what_samples_come_to(agent, timed, monkeypatch):
    from catmouse.duel.exact import exact_result

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
        max_episode_steps=6,
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


def test_what_can_not_be_computed_says_why(monkeypatch):
    from catmouse.duel.exact import exact_result

    seen = {"cat": "wandering", "lethal": True}
    for arguments, policy, reason in (
        (seen, Brain(), "without memory"),
        ({**seen, "cat_visible_moves": 1}, Brain(cell="mlp"), "not always seen"),
        ({}, Brain(cell="mlp"), "does not move"),
    ):
        env = gym.make_vec("CatMouse-v0", num_envs=1, **arguments)
        with pytest.raises(ValueError, match=reason):
            exact_result(policy, env)


def test_intervals_are_the_textbooks():
    # Wilson's interval of 81 of 263: Newcombe (1998), Statistics in Medicine 17, table I.
    assert wilson_interval(81, 263) == pytest.approx((0.2553, 0.3662), abs=1e-4)
    assert wilson_interval(0, 20) == pytest.approx((0.0, 0.1611), abs=1e-4)
    values = np.arange(10.0)
    low, high = mean_interval(values.sum(), (values**2).sum(), 10)
    assert (low + high) / 2 == pytest.approx(4.5)
    assert high - low == pytest.approx(2 * 1.959964 * values.std() / np.sqrt(10))
