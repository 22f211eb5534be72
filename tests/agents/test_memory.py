"""Brains remember their own games and no others, and games that need it can be learned."""

from __future__ import annotations

from typing import Any

import gymnasium as gym
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import catmouse_env  # noqa: F401  (registers the environments)
from agents import Brain, SupervisedTrainer, TrainingError
from agents.brain import CELLS
from agents.heads import HEADS
from agents.runs.config import RunConfig
from agents.runs.run import train

PLAIN: dict[str, Any] = {"optimizer": "sgd", "dtype": "float64"}
RECURRENT = [cell for cell in CELLS if CELLS[cell].recurrent]


def trainer_of(
    cell: str = "elman", env_id: str = "CatMouseMemory-v0", moves: int = 10, batch: int = 16, **options: Any
) -> SupervisedTrainer:
    brain_options = {name: options.pop(name) for name in ("head", "dtype", "hidden") if name in options}
    env = gym.make_vec(env_id, num_envs=batch, max_steps=moves, lethal=options.pop("lethal", False))
    return SupervisedTrainer(env, Brain(cell=cell, **{"hidden": 8, **brain_options}), **options)


@settings(max_examples=40, deadline=None)
@given(
    cell=st.sampled_from(list(CELLS)),
    head=st.sampled_from(list(HEADS)),
    lengths=st.lists(st.lists(st.integers(1, 6), min_size=1, max_size=4), min_size=1, max_size=5),
    seed=st.integers(0, 2**32),
)
def test_a_batch_of_games_of_any_lengths_is_played_as_each_game_alone(
    cell: str, head: str, lengths: list[list[int]], seed: int
) -> None:
    """`lengths`: for each place in the batch, those of the games that follow each other there."""
    brain = Brain(
        cell=cell, head=head, hidden=6, seed=seed % 100, dtype="float64", continuous=True, recurrent_gain=1.5
    )
    moves = min(sum(row) for row in lengths)
    begins = np.zeros((moves, len(lengths)), np.bool_)
    for place, row in enumerate(lengths):
        first = np.cumsum([0, *row])
        begins[first[first < moves], place] = True
    seen = np.random.default_rng(seed).uniform(-1, 1, (moves, len(lengths), 4))

    together, state = [], None
    for t in range(moves):
        action, state = brain.predict(seen[t], state, begins[t])
        together.append(action)
    for place in range(len(lengths)):
        alone: Any = None
        for t in range(moves):
            if begins[t, place]:
                alone = None  # a new game, of which the brain is told nothing else
            action, alone = brain.predict(seen[t, place], alone)
            np.testing.assert_allclose(action, together[t][place], rtol=1e-6)


@pytest.mark.parametrize("cell", CELLS)
def test_games_that_end_by_capture_at_different_times_are_kept_apart(cell: str) -> None:
    env = gym.make_vec(
        "CatMouseMemory-v0",
        num_envs=32,
        lethal=True,
        width=3,
        height=3,
        max_steps=7,
        autoreset_mode="SameStep",
    )
    brain = Brain(cell=cell, hidden=6, seed=2, dtype="float64", recurrent_gain=1.5)
    observation, _ = env.reset(seed=1)
    begin, state = np.ones(32, np.bool_), None
    games: list[list[list[Any]]] = [[] for _ in range(32)]  # by place: its games, each (seen, done) by move
    for _ in range(40):
        action, state = brain.predict(observation, state, begin)
        for place in range(32):
            if begin[place]:
                games[place].append([])
            games[place][-1].append((observation[place], action[place]))
        observation, _, terminated, truncated, _ = env.step(action)
        begin = terminated | truncated
    played = [game for place in games for game in place]
    assert len({len(game) for game in played}) > 3  # they did end at different times
    for game in played:
        alone: Any = None
        for seen, done in game:
            action, alone = brain.predict(seen, alone)
            assert action == done


# Truncated backpropagation through time


@pytest.mark.parametrize("lethal", [False, True])
@pytest.mark.parametrize("head", HEADS)
@pytest.mark.parametrize("cell", CELLS)
def test_a_window_that_covers_the_game_is_full_backpropagation(cell: str, head: str, lethal: bool) -> None:
    options: dict[str, Any] = {
        "rollout_policy": "mixed",
        "schedule": "linear",
        "total_games": 160,
        "clip": 1.0,
    }
    runs = [
        trainer_of(cell, head=head, lethal=lethal, bptt_steps=window, **options)
        for window in (None, 10, 1000)
    ]
    for _ in range(10):
        for run in runs:
            run.update()
    for run in runs[1:]:
        np.testing.assert_array_equal(run.brain.flat, runs[0].brain.flat)
        assert run.smoothed_error == runs[0].smoothed_error
        assert run.smoothed_mistakes == runs[0].smoothed_mistakes


@pytest.mark.parametrize("window", [1, 3, 5, 9])
@pytest.mark.parametrize("lethal", [False, True])
@pytest.mark.parametrize("cell", CELLS)
def test_a_window_goes_on_with_the_memory_and_the_games(cell: str, lethal: bool, window: int) -> None:
    """With a rate too small to change anything, a game in windows is the game in one piece."""
    whole, windows = (
        trainer_of(
            cell, lethal=lethal, bptt_steps=size, optimizer="sgd", learning_rate=1e-300, dtype="float64"
        )
        for size in (None, window)
    )
    for run in (whole, windows):
        run.update()
        run.update()
    assert windows.smoothed_error == pytest.approx(whole.smoothed_error, rel=1e-12)
    assert windows.smoothed_mistakes == pytest.approx(whole.smoothed_mistakes, rel=1e-12)


@pytest.mark.parametrize("lethal", [False, True])
@pytest.mark.parametrize("cell", ["mlp", "mlp2"])
def test_windows_add_up_to_the_whole_gradient_where_nothing_is_remembered(cell: str, lethal: bool) -> None:
    """A cell without memory has nothing that a window could cut off."""
    whole, windows = (
        trainer_of(
            cell,
            lethal=lethal,
            bptt_steps=size,
            optimizer="sgd",
            learning_rate=1e-7,
            dtype="float64",
            hidden=5,
        )
        for size in (None, 3)
    )
    before = whole.brain.flat.copy()
    whole.update()
    windows.update()
    step = whole.brain.flat - before
    np.testing.assert_allclose(windows.brain.flat - before, step, rtol=1e-4, atol=1e-4 * np.abs(step).max())


@pytest.mark.parametrize("cell", RECURRENT)
def test_a_window_cuts_the_gradient_at_its_border(cell: str) -> None:
    whole, windows = (
        trainer_of(
            cell,
            "CatMouse-v0",
            bptt_steps=size,
            optimizer="sgd",
            learning_rate=1e-7,
            dtype="float64",
            hidden=5,
        )
        for size in (None, 3)
    )
    before = whole.brain.flat.copy()
    whole.update()
    windows.update()
    apart = np.abs((windows.brain.flat - before) - (whole.brain.flat - before)).max()
    assert apart > 0.01 * np.abs(whole.brain.flat - before).max()


@pytest.mark.parametrize("window", [0, -1, 2.0, True, "3"])
def test_a_window_that_is_no_number_of_moves_is_refused(window: Any) -> None:
    with pytest.raises(ValueError, match="bptt_steps"):
        trainer_of(bptt_steps=window)


# Long games and extreme numbers


@pytest.mark.parametrize("window", [None, 20])
@pytest.mark.parametrize("cell", CELLS)
def test_games_of_200_moves_train_without_blowing_up(cell: str, window: int | None) -> None:
    run = trainer_of(cell, moves=200, batch=8, learning_rate=0.02, clip=1.0, bptt_steps=window, hidden=32)
    for _ in range(40):
        run.update()
    assert np.isfinite(run.brain.flat).all()
    assert np.abs(run.brain.flat).max() < 100


@pytest.mark.parametrize("clip", [None, 1.0])
@pytest.mark.parametrize("optimizer", ["sgd", "adam"])
@pytest.mark.parametrize("rate", [1e2, 1e10, 1e30, 1e38])
@pytest.mark.parametrize("cell", CELLS)
def test_whatever_the_rate_training_stays_finite_or_stops_with_the_weights_kept(
    cell: str, rate: float, optimizer: str, clip: float | None
) -> None:
    run = trainer_of(cell, learning_rate=rate, optimizer=optimizer, clip=clip, moves=5)
    before, error = run.brain.flat.copy(), None
    for _ in range(20):
        before = run.brain.flat.copy()
        try:
            run.update()
        except TrainingError as caught:
            error = str(caught)
            break
        assert np.isfinite(run.brain.flat).all()
    if error is not None:
        assert "not finite" in error
        assert "learning rate" in error
        assert "the weights" in error or (run.brain.flat == before).all()


def test_an_infinite_weight_stops_training_with_the_weights_as_before() -> None:
    run = trainer_of()
    run.brain.parameters["hidden_to_output"][0, 0] = np.inf
    before = run.brain.flat.copy()
    with pytest.raises(TrainingError, match="not finite"):
        run.update()
    np.testing.assert_array_equal(run.brain.flat, before)


def test_the_clip_bounds_the_step() -> None:
    free, clipped = (
        trainer_of(optimizer="sgd", learning_rate=1.0, clip=clip, dtype="float64") for clip in (None, 1e-3)
    )
    before = free.brain.flat.copy()
    free.update()
    clipped.update()
    full, short = free.brain.flat - before, clipped.brain.flat - before
    assert np.linalg.norm(short) == pytest.approx(1e-3)
    np.testing.assert_allclose(short / np.linalg.norm(short), full / np.linalg.norm(full), atol=1e-9)


# What the game asks for


def test_a_cell_without_memory_stays_at_chance_where_the_cat_is_hidden_and_one_with_it_does_not() -> None:
    mistakes = {}
    for cell in ("mlp", "elman"):
        run = trainer_of(cell, hidden=32, batch=64, learning_rate=0.02, clip=1.0)
        for _ in range(400):
            run.update()
        mistakes[cell] = run.smoothed_mistakes
    assert mistakes["mlp"] > 1.5
    assert mistakes["elman"] < 0.75


def test_the_recipe_for_a_hidden_cat_reaches_a_certificate_without_a_mistake() -> None:
    run = train(RunConfig(env_id="CatMouseMemory-v0", seed=1))
    assert run.certificate is not None
    assert run.certificate.mistakes == 0
    assert run.certificate.starts == 1296
    assert run.brain.cell.recurrent


def test_any_environment_that_hides_the_cat_gets_a_brain_that_remembers() -> None:
    for options in ({"env_id": "CatMouseMemory-v0"}, {"cat_visible_moves": 3}, {"cat_visible_moves": 0}):
        filled = RunConfig(**options).filled()
        assert filled.cell is not None
        assert CELLS[filled.cell].recurrent


def test_long_games_with_a_hidden_cat_get_a_window_unless_the_user_says_otherwise() -> None:
    assert RunConfig(env_id="CatMouseMemory-v0", max_steps=200).filled().bptt_steps == 20
    said = RunConfig(env_id="CatMouseMemory-v0", max_steps=200, bptt_steps=200)
    assert said.filled().bptt_steps == 200
    assert RunConfig(env_id="CatMouseMemory-v0").filled().bptt_steps is None
    assert RunConfig(env_id="CatMouse-v0", max_steps=200).filled().bptt_steps is None
