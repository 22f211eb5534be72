"""Evolution breeds mice without a teacher, by the same brains and the same games as everybody else."""

from __future__ import annotations

from typing import Any

import gymnasium as gym
import numpy as np
import pytest

import catmouse_env  # noqa: F401  (registers the environments)
from agents import Brain, evaluate
from agents.evolution import Evolution, Population, output_units


@pytest.mark.parametrize("cell", ["mlp", "elman"])
@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize(
    ("head", "continuous"), [("direction", False), ("direction", True), ("compass", False), ("compass", True)]
)
def test_a_population_plays_as_its_brains_do_one_by_one(
    cell: str, bias: bool, head: str, continuous: bool
) -> None:
    name, size, games = "CatMouseChase-v0", 3, 20
    brains = [
        Brain(cell=cell, hidden=5, head=head, seed=seed, bias=bias, continuous=continuous, dtype="float64")
        for seed in range(size)
    ]
    population = Population(brains[0], size)
    population.flat[...] = [brain.flat for brain in brains]
    rng = np.random.default_rng(0)
    cats = rng.integers(0, 3, (games, 2))
    mice = rng.integers(3, 6, (games, 2))
    env = gym.make_vec(name, num_envs=size * games, continuous=continuous)
    starts = {"cat": np.tile(cats, (size, 1)), "mouse": np.tile(mice, (size, 1))}
    returned, survived = population.play(env, starts)
    for member, brain in enumerate(brains):
        alone = gym.make_vec(name, num_envs=games, continuous=continuous)
        observation, _ = alone.reset(options={"cat": cats, "mouse": mice})
        state, playing = None, np.ones(games, np.bool_)
        total, moves = np.zeros(games), np.zeros(games)
        while playing.any():
            action, state = brain.predict(observation, state)
            observation, reward, terminated, truncated, _ = alone.step(action)
            total += reward * playing
            moves += playing & ~terminated
            playing &= ~(terminated | truncated)
        np.testing.assert_allclose(returned[member], total)
        np.testing.assert_array_equal(survived[member], moves)


def evolved(generations: int, name: str = "CatMouse-v0", **arguments: Any) -> Evolution:
    env = gym.make_vec(name, width=4, height=4)
    brain = Brain(cell="mlp", hidden=8)
    evolution = Evolution(env, brain, population=64, generations=max(generations, 1), **arguments)
    for _ in range(generations):
        evolution.advance()
    return evolution


def test_it_learns_to_run_without_a_teacher() -> None:
    evolution = evolved(40, games_per_individual=64)
    result = evaluate(evolution.brain, evolution.env)
    assert result.mean_return > 2  # random 0, the best 2.5
    assert evolution.games_played == 40 * 64 * 64


def test_it_learns_to_survive_the_chase() -> None:
    evolution = evolved(60, "CatMouseChase-v0", games_per_individual=64, fitness="survival")
    first = evolved(1, "CatMouseChase-v0", games_per_individual=64, fitness="survival")
    assert evaluate(evolution.brain, evolution.env).moves > 1.5 * evaluate(first.brain, first.env).moves


def test_fitness_over_every_start_is_the_certificate() -> None:
    evolution = evolved(3, games_per_individual=None)
    assert evolution.best == pytest.approx(evaluate(evolution.brain, evolution.env).mean_return)


def test_the_elite_lives_on_so_the_best_never_gets_worse() -> None:
    evolution = evolved(1, games_per_individual=None)
    best = []
    for _ in range(10):
        evolution.advance()
        best.append(evolution.best)
    assert best == sorted(best)


def test_one_seed_breeds_one_brain() -> None:
    one, two, other = (evolved(3, games_per_individual=32, seed=seed).brain.flat for seed in (1, 1, 2))
    np.testing.assert_array_equal(one, two)
    assert (one != other).any()


def test_a_large_population_is_played_in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = evolved(2, games_per_individual=32)
    monkeypatch.setattr("agents.evolution.MAX_NUM_ENVS", 32 * 10)  # 64 is no multiple of 10
    parts = evolved(2, games_per_individual=32)
    np.testing.assert_allclose(whole.brain.flat, parts.brain.flat)


def test_a_unit_is_what_leads_into_it() -> None:
    brain = Brain(cell="elman", hidden=3)
    units = output_units(brain)
    for unit in range(3):
        brain.flat[...] = units
        assert (brain.parameters["hidden_to_hidden"][:, unit] == unit).all()
        assert brain.parameters["hidden_bias"][unit] == unit
    assert brain.parameters["output_bias"].tolist() == [3, 4, 5, 6]


@pytest.mark.parametrize(
    ("argument", "value"),
    [
        ("population", 1),
        ("games_per_individual", 0),
        ("generations", 0),
        ("parents", 0),
        ("elite", 128),
        ("mutation", 0),
        ("fitness", "beauty"),
    ],
)
def test_a_wrong_argument_is_named(argument: str, value: Any) -> None:
    with pytest.raises(ValueError, match=argument):
        Evolution(gym.make_vec("CatMouse-v0"), Brain(cell="mlp"), **{argument: value})


def test_a_cell_that_is_not_bred_is_named() -> None:
    with pytest.raises(ValueError, match="gru"):
        Evolution(gym.make_vec("CatMouse-v0"), Brain(cell="gru"))


@pytest.mark.parametrize("generations", [0, 1, 2])
def test_evolution_goes_on_bit_for_bit(generations: int) -> None:
    whole, part = (evolved(0, "CatMouseChase-v0", games_per_individual=8) for _ in range(2))
    for _ in range(generations):
        whole.advance()
    part.load_state_dict(whole.state_dict())
    for one in (whole, part):
        one.advance()
    np.testing.assert_array_equal(part.population.flat, whole.population.flat)
    np.testing.assert_array_equal(part.brain.flat, whole.brain.flat)
    assert (part.generation, part.games_played) == (whole.generation, whole.games_played)
