"""The solved game as data: toy_text's `P`, values that value iteration finds again, the rules' hash."""

from __future__ import annotations

from typing import Any

import gymnasium as gym
import numpy as np
import pytest

import catmouse_env  # noqa: F401  (registers the environments)
from agents import RandomAgent
from catmouse_env import EnvConfig, planning
from catmouse_env.policies import TablePolicy
from catmouse_env.solver import one_hot

GAMES: list[dict[str, Any]] = [
    {},
    {"cat": "chasing", "lethal": True},
    {"cat": "chasing", "lethal": True, "cat_directions": 8},
    {"cat": "wandering"},
    {"cat": "wandering", "lethal": True, "cat_directions": 8},
    {"cat_visible_moves": 1},
]


def small(game: dict[str, Any]) -> Any:
    return gym.make("CatMouse-v0", width=3, height=4, max_steps=5, **game).unwrapped


@pytest.mark.parametrize("game", GAMES, ids=str)
def test_p_has_the_form_of_toy_text_and_is_what_steps_do(game: dict[str, Any]) -> None:
    env = small(game)
    dynamics = env.config.dynamics
    assert len(env.P) == 144
    assert list(env.P) == list(range(144))
    seen: dict[tuple[int, int], set[Any]] = {}
    show = gym.make("CatMouse-v0", width=3, height=4, max_steps=5, **{**game, "cat_visible_moves": None})
    show.reset(seed=0)
    rng = np.random.default_rng(0)
    for state in rng.choice(dynamics.start_states, 60).tolist():
        cat, mouse = (dynamics.position(cell) for cell in dynamics.split(state))
        for action in range(4):
            transitions = env.P[state][action]
            assert sum(one[0] for one in transitions) == pytest.approx(1)
            assert all([type(value) for value in one] == [float, int, float, bool] for one in transitions)
            show.reset(options={"cat": cat, "mouse": mouse})
            observation, reward, terminated, _, _ = show.step(action)
            after = (int(dynamics.state_of(observation[None])[0]), reward, terminated)
            assert after in [one[1:] for one in transitions]
            seen.setdefault((state, action), set()).add(after)
    with pytest.raises(KeyError):
        env.P[144]


@pytest.mark.parametrize("game", GAMES, ids=str)
def test_value_iteration_on_p_finds_the_optimal_values(game: dict[str, Any]) -> None:
    env = small(game)
    p, config = env.P, env.config
    known, q = planning.optimal_values(config), planning.action_values(config)
    assert known.shape == (6, 144)
    assert q.shape == (6, 144, 4)
    values, starts = np.zeros(144), config.dynamics.start_states
    for left in range(1, 6):
        table = [
            [sum(o * (r + (not over) * values[s]) for o, s, r, over in p[state][a]) for a in range(4)]
            for state in p
        ]
        values = np.array(table).max(axis=1)
        np.testing.assert_allclose(values[starts], known[left][starts], atol=1e-12)
        np.testing.assert_allclose(np.array(table)[starts], q[left][starts], atol=1e-12)
    np.testing.assert_allclose(q.max(axis=2)[:, starts], known[:, starts], atol=1e-12)
    best = one_hot(q.argmax(axis=2), 4)
    np.testing.assert_allclose(planning.policy_values(config, best)[5, starts], known[5, starts], atol=1e-12)
    assert env.initial_state_distrib.sum() == pytest.approx(1)
    assert (np.flatnonzero(env.initial_state_distrib) == starts).all()


def test_values_of_survival_and_of_a_fight() -> None:
    pytest.importorskip("scipy")
    config = EnvConfig(width=3, height=3, cat="chasing", lethal=True, cat_directions=8, max_steps=4)
    fight = planning.equilibrium(config)
    survives = planning.optimal_values(config, "survival")
    starts = config.dynamics.start_states
    assert (survives[4, starts] >= fight.values[4, starts] - 1e-12).all()  # this cat is not the cleverest
    assert planning.exploitability(config, fight.mouse) == pytest.approx(0, abs=1e-9)
    assert planning.exploitability(config, fight.cat, "cat") == pytest.approx(0, abs=1e-9)
    values, _ = planning.best_response(config, fight.cat)
    np.testing.assert_allclose(values[4, starts], fight.values[4, starts], atol=1e-9)


def test_a_cat_that_minds_the_clock_has_no_table_by_state() -> None:
    table = np.full((6, 144, 4), 0.25)
    table[3] = [1, 0, 0, 0]
    cat = TablePolicy(table, 3, 4)
    env = small({"cat": cat, "observe_moves_left": True})
    with pytest.raises(ValueError, match="moves left"):
        env.P  # noqa: B018
    with pytest.raises(ValueError, match="moves left"):
        gym.make("CatMouse-v0", cat=cat).unwrapped.P  # noqa: B018


def test_a_policy_without_memory_as_cat_has_a_table() -> None:
    env = small({"cat": TablePolicy(np.full((144, 4), 0.25), 3, 4)})
    wandering = small({"cat": "wandering"})
    assert all(sorted(env.P[s][a]) == sorted(wandering.P[s][a]) for s in range(144) for a in range(4))


def test_the_hash_tells_rules_apart() -> None:
    games = [*GAMES[:5], {"teacher": "optimal"}, {"lethal": True}, {"width": 4}, {"height": 3}]
    told = {EnvConfig(**{"width": 3, "height": 4, **game}).rules_sha256 for game in games}
    assert len(told) == len(games)
    assert EnvConfig(cat_visible_moves=1).rules_sha256 == EnvConfig().rules_sha256  # the rules are the same
    assert gym.make("CatMouse-v0").unwrapped.rules_sha256 == EnvConfig().rules_sha256  # type: ignore[attr-defined]
    assert EnvConfig(cat=RandomAgent(gym.make("CatMouse-v0"))).rules_sha256 is None
