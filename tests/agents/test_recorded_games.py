"""A data set of games that a trainer learns from as from an environment."""

from __future__ import annotations

import gymnasium as gym
import numpy as np
import pytest

import catmouse_env  # noqa: F401  (registers the environments)
from agents import Brain, SupervisedTrainer, evaluate
from agents.recorded_games import RecordedGames, Recording, record


def teacher(observation, ideal, rng):
    return ideal


def drawn(observation, ideal, rng):
    return rng.integers(4, size=len(ideal))


def recorded(games=20, mover=teacher, seed=0, env_id="CatMouse-v0", **arguments) -> Recording:
    return record(gym.make(env_id, **arguments), games, mover, seed)


def test_the_recording_is_what_the_environment_showed_and_said() -> None:
    kept = recorded(games=8, seed=3)
    envs = gym.make_vec("CatMouse-v0", num_envs=8)
    observation, info = envs.reset(seed=3)
    for t in range(10):
        assert np.array_equal(kept.observation[t], observation)
        assert np.array_equal(kept.info["ideal_action"][t], info["ideal_action"])
        assert np.array_equal(kept.info["ideal_direction"][t], info["ideal_direction"])
        observation, _, _, _, info = envs.step(info["ideal_action"])
    assert kept.labels == 80


def test_captured_games_hold_no_labels_after_their_end() -> None:
    kept = recorded(games=50, env_id="CatMouseChase-v0")
    assert 50 < kept.labels < 50 * 30
    assert kept.playing[0].all()
    assert (np.diff(kept.playing.astype(int), axis=0) <= 0).all()


def test_two_recordings_together_hold_the_games_of_both() -> None:
    first, second = recorded(games=3), recorded(games=5, mover=drawn, seed=1)
    both = first + second
    assert both.labels == first.labels + second.labels
    assert np.array_equal(both.observation[:, :3], first.observation)
    assert np.array_equal(both.info["ideal_action"][:, 3:], second.info["ideal_action"])


def test_every_batch_is_games_out_of_the_recording_whatever_the_actions() -> None:
    kept = recorded(games=4)
    games = {kept.observation[:, game].tobytes() for game in range(4)}
    envs = RecordedGames(kept, 6)
    observation, _ = envs.reset(seed=0)
    shown = [observation]
    for t in range(10):
        observation, reward, terminated, truncated, _ = envs.step(np.full(6, t % 4))
        assert not reward.any()
        assert not terminated.any()
        assert truncated.all() == (t == 9)
        shown.append(observation)
    played = np.stack(shown[:10])
    assert {played[:, game].tobytes() for game in range(6)} <= games


def test_a_brain_learns_from_a_recording_by_the_usual_trainer() -> None:
    """Two hundred of the teacher's games are enough to err less than one that learned nothing, by far."""
    brain = Brain(cell="elman", hidden=32, seed=0)
    trainer = SupervisedTrainer(RecordedGames(recorded(games=200), 64), brain, learning_rate=0.02)
    before = evaluate(brain, gym.make("CatMouse-v0")).mistakes_per_game
    for _ in range(200):
        trainer.update()
    assert evaluate(brain, gym.make("CatMouse-v0")).mistakes_per_game < before / 4


def test_the_same_seed_gives_the_same_brain() -> None:
    brains = []
    for _ in range(2):
        brains.append(Brain(hidden=8, seed=1))
        trainer = SupervisedTrainer(RecordedGames(recorded(mover=drawn, seed=5), 16), brains[-1], seed=2)
        for _ in range(5):
            trainer.update()
    assert np.array_equal(brains[0].flat, brains[1].flat)


@pytest.mark.parametrize("games", [0, -1, 1.5])
def test_a_number_of_games_that_cannot_be_is_refused(games) -> None:
    with pytest.raises(ValueError, match="games"):
        recorded(games=games)
