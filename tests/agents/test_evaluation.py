"""The certificate is exhaustive, exact and leaves the environment alone; by chance it is called a sample."""

from __future__ import annotations

from typing import Any

import gymnasium as gym
import numpy as np
import pytest
from catmouse.console import certificate_text

import catmouse_env  # noqa: F401
from agents import Brain, RandomAgent, TeacherAgent, evaluate
from agents.evaluation import mean_interval, wilson_interval
from catmouse_env.policies import TablePolicy

GAMES: list[tuple[str, dict[str, Any]]] = [
    ("CatMouse-v0", {}),
    ("CatMouse-v0", {"continuous": True}),
    ("CatMouse-v0", {"width": 3, "height": 7, "max_steps": 4}),
    ("CatMouse-v0", {"observe_moves_left": True, "lethal": True}),
    ("CatMouseMemory-v0", {}),
]


@pytest.mark.parametrize(("name", "arguments"), GAMES)
@pytest.mark.parametrize("single", [False, True])
def test_the_teacher_makes_no_mistake(name: str, arguments: dict[str, Any], single: bool) -> None:
    env = gym.make(name, **arguments) if single else gym.make_vec(name, num_envs=2, **arguments)
    result = evaluate(TeacherAgent(env), env)
    assert result.mistakes == 0
    assert result.perfect
    assert result.perfect_starts == result.starts
    assert result.compass_error_per_game == pytest.approx(0, abs=1e-6)
    assert result.worst_starts == []
    cells = arguments.get("width", 6) * arguments.get("height", 6)
    assert result.starts == (cells * (cells - 1) if arguments.get("lethal") else cells**2)


def test_the_random_agent_does_what_arithmetic_says() -> None:
    env = gym.make_vec("CatMouse-v0")
    result = evaluate(RandomAgent(env, seed=1), env)
    # Every move is wrong with probability 3/4, independently: 12,960 coins.
    assert result.moves == 12_960
    spread = np.sqrt(0.25 * 0.75 * result.moves)
    assert abs(result.mistakes - 0.75 * result.moves) < 5 * spread
    confusion = np.array(result.confusion)
    assert confusion.sum() == result.moves
    assert confusion.sum() - np.trace(confusion) == result.mistakes
    labels = confusion.sum(axis=1) / result.moves
    # The expected compass error of a move: the mean distance, in bands, to a direction drawn uniformly.
    expected = sum(labels[a] * abs(a - b) / 4 for a in range(4) for b in range(4))
    assert abs(result.compass_error_per_game / 10 - expected) < 5 * 1.2 / np.sqrt(result.moves)


def test_a_certificate_does_not_depend_on_how_it_is_cut() -> None:
    env = gym.make_vec("CatMouse-v0", width=4, height=5)
    brain = Brain(hidden=5)
    whole = evaluate(brain, env)
    parts = evaluate(brain, env, num_envs=37)
    assert parts.mistakes == whole.mistakes
    assert parts.confusion == whole.confusion
    assert parts.worst_starts == whole.worst_starts
    assert parts.mean_return == pytest.approx(whole.mean_return)
    assert parts.compass_error_per_game == pytest.approx(whole.compass_error_per_game)


def test_a_certificate_equals_games_played_one_by_one() -> None:
    env = gym.make("CatMouse-v0", width=3, height=3, max_steps=5)
    brain = Brain(hidden=4, seed=2)
    result = evaluate(brain, env)
    mistakes, returned = 0, 0.0
    for cat in np.ndindex(3, 3):
        for mouse in np.ndindex(3, 3):
            observation, info = env.reset(options={"cat": cat, "mouse": mouse})
            state, over = None, False
            while not over:
                action, state = brain.predict(observation, state)
                mistakes += int(action) != info["ideal_action"]
                observation, reward, terminated, truncated, info = env.step(int(action))
                returned += float(reward)
                over = terminated or truncated
    assert result.mistakes == mistakes
    assert result.mean_return == pytest.approx(returned / 81)


def test_evaluating_leaves_the_environment_as_it_was() -> None:
    one, two = (gym.make_vec("CatMouse-v0", num_envs=3) for _ in range(2))
    one.reset(seed=4)
    two.reset(seed=4)
    evaluate(Brain(), one)
    actions = np.array([0, 1, 2])
    np.testing.assert_array_equal(one.step(actions)[0], two.step(actions)[0])
    np.testing.assert_array_equal(one.reset()[0], two.reset()[0])


def test_progress_is_told_to_the_end() -> None:
    told: list[tuple[int, int]] = []
    evaluate(Brain(), gym.make("CatMouse-v0"), progress=lambda done, total: told.append((done, total)))
    assert told[-1] == (1296, 1296)


def test_an_environment_without_starts_is_refused() -> None:
    with pytest.raises(ValueError, match="starts"):
        evaluate(RandomAgent(gym.make("CartPole-v1")), gym.make("CartPole-v1"))


def test_a_brain_that_does_not_fit_is_refused() -> None:
    with pytest.raises(ValueError, match="takes 5 numbers"):
        evaluate(Brain(inputs=5), gym.make("CatMouse-v0"))


# Chance


class Forgetful:
    """A cat without memory that goes where its column says."""

    def predict(
        self, observation: Any, state: Any = None, episode_start: Any = None, deterministic: bool = True
    ) -> tuple[Any, Any]:
        return (observation[:, 0] * 3.9).astype(int), None


class Rememberer(Forgetful):
    """The same, with a state that it does not use."""

    def predict(
        self, observation: Any, state: Any = None, episode_start: Any = None, deterministic: bool = True
    ) -> tuple[Any, Any]:
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
def test_a_sample_is_called_one(cat: Any, sampled: bool) -> None:
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


@pytest.mark.parametrize(
    ("policy", "deterministic", "sampled"),
    [
        (RandomAgent(gym.make("CatMouse-v0"), 0), True, True),
        (TablePolicy(np.full((1296, 4), 0.25), 6, 6, seed=0), True, True),
        (Brain(hidden=4), False, True),
        (Brain(hidden=4), True, False),
    ],
    ids=["random", "table", "brain drawing", "brain"],
)
def test_a_policy_that_draws_gives_a_sample(policy: Any, deterministic: bool, sampled: bool) -> None:
    env = gym.make("CatMouse-v0")
    first, second = (evaluate(policy, env, deterministic=deterministic) for _ in range(2))
    assert first.sampled == second.sampled == sampled
    assert (first.mistakes != second.mistakes) == sampled
    assert (first.return_interval is not None) == sampled
    said = certificate_text(first)
    assert said.startswith("Sample" if sampled else "Certificate")


def test_disagreement_is_no_mistake_of_who_follows_another_aim() -> None:
    env = gym.make("CatMouse-v0")
    result = evaluate(TeacherAgent(gym.make("CatMouse-v0", teacher="optimal")), env)
    told = certificate_text(result, follows_teacher=False)
    assert "mistake" not in told
    assert f"disagreements           {result.mistakes:,}" in told
    assert f"  mistakes                {result.mistakes:,}" in certificate_text(result)


@pytest.mark.parametrize("lethal", [False, True])
def test_survival_is_told_where_the_mouse_can_be_caught(lethal: bool) -> None:
    env = gym.make("CatMouse-v0", lethal=lethal)
    result = evaluate(TeacherAgent(env), env)
    assert result.lethal == lethal
    assert ("survived" in certificate_text(result)) == lethal


def test_intervals_are_the_textbooks() -> None:
    # Wilson's interval of 81 of 263: Newcombe (1998), Statistics in Medicine 17, table I.
    assert wilson_interval(81, 263) == pytest.approx((0.2553, 0.3662), abs=1e-4)
    assert wilson_interval(0, 20) == pytest.approx((0.0, 0.1611), abs=1e-4)
    values = np.arange(10.0)
    low, high = mean_interval(values.sum(), (values**2).sum(), 10)
    assert (low + high) / 2 == pytest.approx(4.5)
    assert high - low == pytest.approx(2 * 1.959964 * values.std() / np.sqrt(10))
