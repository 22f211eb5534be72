"""A Q table learns the best there is without a teacher, keeps what it knows, and says what it can't do."""

from __future__ import annotations

from pathlib import Path

import gymnasium as gym
import numpy as np
import pytest

import catmouse_env  # noqa: F401  (registers the environments)
from agents import BadFileError, Brain, TeacherAgent, evaluate
from agents.q_learning import QLearner, QTable


def learned(name: str, games: int, seed: int = 0) -> QLearner:
    learner = QLearner(gym.make_vec(name, num_envs=128, width=4, height=4), games, seed=seed)
    while learner.games_played < games:
        learner.step()
    return learner


@pytest.mark.parametrize("name", ["CatMouse-v0", "CatMouseChase-v0"])
def test_it_learns_to_play_as_well_as_the_best_player_there_is(name: str) -> None:
    learner = learned(name, 20_000)
    best = evaluate(
        TeacherAgent(gym.make_vec(name, width=4, height=4, teacher="optimal")), learner.env
    ).mean_return
    result = evaluate(learner.table, learner.env)
    assert result.mean_return == pytest.approx(best, abs=0.02)
    assert result.survival_rate == 1
    assert len(learner.table.rows) == 256


def test_one_seed_gives_one_table() -> None:
    one, two, other = (learned("CatMouseChase-v0", 500, seed) for seed in (1, 1, 2))
    assert one.table.rows == two.table.rows
    np.testing.assert_array_equal(one.table.values, two.table.values)
    assert one.table.rows.keys() != other.table.rows.keys() or (one.table.values != other.table.values).any()


def test_moves_into_a_new_game_teach_nothing() -> None:
    """With a discount of 0, values are rewards: in one column, every move is a change of -1, 0 or 1."""
    env = gym.make_vec("CatMouse-v0", num_envs=64, max_steps=2)
    learner = QLearner(env, 2_000, learning_rate=1, discount=0)
    while learner.games_played < 2_000:
        learner.step()
    assert set(np.unique(learner.table.values)) == {-1.0, 0.0, 1.0}
    assert learner.moves == pytest.approx(2 * learner.games_played, abs=64)


def test_a_saved_table_plays_the_same(tmp_path: Path) -> None:
    table = learned("CatMouse-v0", 3_000).table
    table.save(tmp_path / "table.safetensors")
    again = QTable.load(tmp_path / "table.safetensors")
    seen = np.random.default_rng(0).integers(0, 4, (500, 4)).astype(np.float32) / np.float32(3)
    np.testing.assert_array_equal(table.predict(seen)[0], again.predict(seen)[0])
    assert again.rows == table.rows


def test_one_game_is_played_without_the_first_axis() -> None:
    table = learned("CatMouse-v0", 500).table
    seen = np.array([0, 0, 1, 1], np.float32)
    action, _ = table.predict(seen)
    assert action == table.predict(seen[None])[0][0]
    assert np.ndim(action) == 0


def test_what_was_never_met_is_answered_all_the_same() -> None:
    assert QTable(4, 4).predict(np.zeros((3, 4)))[0].tolist() == [0, 0, 0]


def test_a_file_that_holds_no_table_is_refused(tmp_path: Path) -> None:
    Brain().save(tmp_path / "brain.safetensors")
    with pytest.raises(BadFileError, match="q_table"):
        QTable.load(tmp_path / "brain.safetensors")


@pytest.mark.parametrize(
    ("argument", "value"),
    [("total_games", 0), ("learning_rate", 0), ("learning_rate", 1.5), ("discount", 1), ("explore", 2)],
)
def test_a_wrong_argument_is_named(argument: str, value: float) -> None:
    arguments = {"total_games": 10, argument: value}
    with pytest.raises(ValueError, match=argument):
        QLearner(gym.make_vec("CatMouse-v0"), **arguments)  # type: ignore[arg-type]


def test_readings_are_no_actions_for_a_table() -> None:
    with pytest.raises(ValueError, match="discrete"):
        QLearner(gym.make_vec("CatMouse-v0", continuous=True), 10)


def test_observations_of_another_size_are_refused() -> None:
    with pytest.raises(ValueError, match="shape"):
        QTable(4, 4).predict(np.zeros((3, 5)))


@pytest.mark.parametrize("rounds", [0, 1, 2])
def test_a_learner_goes_on_bit_for_bit(rounds: int) -> None:
    def learner() -> QLearner:
        return QLearner(gym.make_vec("CatMouseChase-v0", num_envs=16, width=3, height=3), 15_000)

    whole, part = learner(), learner()
    for _ in range(rounds):
        whole.advance()
    part.load_state_dict(whole.state_dict())
    for one in (whole, part):
        one.advance()
    for name, array in whole.state_dict().items():
        np.testing.assert_array_equal(part.state_dict()[name], array)
    assert (part.games_played, part.moves) == (whole.games_played, whole.moves)


def test_a_learner_that_was_loaded_can_be_stepped_at_once() -> None:
    env = gym.make_vec("CatMouseChase-v0", num_envs=64, width=3, height=3)
    learner, small = QLearner(env, 100), QLearner(env, 100)
    for _ in range(40):
        learner.step()
    state = learner.state_dict()
    state["met"], state["values"] = state["met"][:2], state["values"][:2]
    small.load_state_dict(state)
    small.step()
    assert small.table.values.shape[1] == 4


def test_an_observation_twice_is_no_table() -> None:
    table = learned("CatMouse-v0", 500).table
    state = table.state_dict()
    with pytest.raises(ValueError, match="twice"):
        QTable(4, 4).load_state_dict({name: array[[0, 0]] for name, array in state.items()})
