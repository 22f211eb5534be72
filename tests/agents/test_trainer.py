"""A trainer sets up its brain, mixes teacher and learner by a schedule, and can be copied and pickled."""

from __future__ import annotations

import copy
import dataclasses
import pickle
from pathlib import Path
from typing import Any

import gymnasium as gym
import numpy as np
import pytest

import catmouse_env  # noqa: F401  (registers the environments)
from agents import Brain, SupervisedTrainer
from agents.brain import CELLS
from agents.optimizers import OPTIMIZERS, SCHEDULES
from agents.original import OriginalBrain


def trainer_of(brain: Brain | None = None, continuous: bool = False, **options: Any) -> SupervisedTrainer:
    env = gym.make_vec("CatMouse-v0", num_envs=16, continuous=continuous)
    return SupervisedTrainer(env, brain or Brain(hidden=8), **options)


def twin_by_pickle(trainer: SupervisedTrainer) -> SupervisedTrainer:
    twin: SupervisedTrainer = pickle.loads(pickle.dumps(trainer))
    return twin


@pytest.mark.parametrize("twin_of", [copy.deepcopy, twin_by_pickle])
@pytest.mark.parametrize("optimizer", OPTIMIZERS)
@pytest.mark.parametrize("cell", CELLS)
def test_a_copied_trainer_goes_on_bit_for_bit_and_apart(cell: str, optimizer: str, twin_of: Any) -> None:
    trainer = trainer_of(
        Brain(cell=cell, hidden=8),
        optimizer=optimizer,
        rollout_policy="mixed",
        total_games=640,
        schedule="linear",
        bptt_steps=4,
    )
    for _ in range(3):
        trainer.update()
    twin, before = twin_of(trainer), trainer.brain.flat.copy()
    for _ in range(3):
        twin.update()
    np.testing.assert_array_equal(trainer.brain.flat, before)
    for _ in range(3):
        trainer.update()
    np.testing.assert_array_equal(twin.brain.flat, trainer.brain.flat)
    np.testing.assert_array_equal(
        twin.brain.parameters["hidden_to_output"], trainer.brain.parameters["hidden_to_output"]
    )
    assert twin.smoothed_error == trainer.smoothed_error
    assert (twin.games_played, twin.progress, twin.beta) == (96, 0.15, 0.7)


@pytest.mark.parametrize("twin_of", [copy.copy, copy.deepcopy, pickle.dumps])
def test_a_rollout_buffer_refuses_to_be_copied(twin_of: Any) -> None:
    with pytest.raises(TypeError, match="rollout buffer"):
        twin_of(Brain().make_buffer(3, 2))


def test_a_copied_brain_of_the_original_program_is_still_one() -> None:
    brain = OriginalBrain(bias=False, activation="sigmoid", dtype="float64", head="compass")
    assert type(copy.deepcopy(brain)) is OriginalBrain


@pytest.mark.parametrize(
    ("rollout_policy", "betas"),
    [("learner", [0, 0, 0, 0]), ("teacher", [1, 1, 1, 1]), ("mixed", [1, 0.5, 0, 0])],
)
def test_the_teachers_part_of_the_games_follows_its_schedule(rollout_policy: str, betas: list[float]) -> None:
    trainer = trainer_of(rollout_policy=rollout_policy, total_games=64)
    seen = []
    for _ in betas:
        seen.append(trainer.beta)
        trainer.update()
    assert seen == betas


@pytest.mark.parametrize("head", ["direction", "compass"])
def test_the_action_space_is_the_environments_and_is_saved_with_the_brain(head: str, tmp_path: Path) -> None:
    brain = Brain(hidden=8, head=head)
    for continuous in (True, False):
        trainer_of(brain, continuous)
        assert brain.config.continuous == continuous
        brain.save(tmp_path / "brain")
        loaded = Brain.load(tmp_path / "brain")
        assert loaded.config == brain.config
        assert loaded.predict(np.zeros((2, 4)))[0].shape == ((2, 1) if continuous else (2,))
    with pytest.raises(dataclasses.FrozenInstanceError):
        brain.config.continuous = True  # type: ignore[misc]


@pytest.mark.parametrize("name", ["linear", "cosine", "restarts"])
def test_a_rate_that_falls_is_0_at_the_end(name: str) -> None:
    schedule = SCHEDULES[name]
    assert schedule(0.3, 0.0) == 0.3
    assert schedule(0.3, 0.999) > 0
    assert schedule(0.3, 1.0) == schedule(0.3, 1.5) == 0.0


def test_one_game_teaches_mixed_strategies_as_a_batch_of_one_does() -> None:
    options = {"teacher": "equilibrium", "cat_directions": 8, "lethal": False, "width": 4, "max_steps": 5}
    brains = []
    for env in (gym.make("CatMouseChase-v0", **options), gym.make_vec("CatMouseChase-v0", 1, **options)):
        trainer = SupervisedTrainer(env, Brain(hidden=4))
        for _ in range(5):
            trainer.update()
        brains.append(trainer.brain.flat)
    np.testing.assert_array_equal(*brains)


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("continuous", [False, True])
def test_a_single_game_that_ends_early_is_stepped_no_more(continuous: bool) -> None:
    arguments = {"width": 3, "height": 3, "cat_directions": 8, "continuous": continuous}
    env = gym.make("CatMouseChase-v0", **arguments)
    trainer = SupervisedTrainer(env, Brain(hidden=4))
    for _ in range(20):  # the environment warns of a step after the end
        trainer.update()
    assert trainer.games_played == 20
    assert trainer.env.step([0])[1] == 0.0
    trainer.env.reset()
    assert not trainer.env.step(np.zeros((1, 1)) if continuous else [0])[3]


@pytest.mark.parametrize("bptt_steps", [None, 2])
def test_short_rollouts_are_learned_from_as_games_cut_short_by_gymnasium_are(bptt_steps: int | None) -> None:
    brains, measured = [], []
    for cut, steps in ((3, None), (None, 3)):
        env = gym.make_vec("CatMouse-v0", num_envs=16, max_episode_steps=cut)
        trainer = SupervisedTrainer(env, Brain(hidden=8), rollout_steps=steps, bptt_steps=bptt_steps)
        for _ in range(5):
            trainer.update()
        brains.append(trainer.brain.flat)
        measured.append(np.array([trainer.smoothed_error, trainer.smoothed_mistakes]))
        assert trainer.games_played == 80
    np.testing.assert_array_equal(*brains)
    np.testing.assert_allclose(measured[0] * 10 / 3, measured[1])  # as a whole game would have
    assert brains[0].any()


def test_rollouts_longer_than_a_game_are_games_and_none_is_shorter_than_a_move() -> None:
    assert trainer_of(rollout_steps=99).moves == 10
    for wrong in (0, 2.5, True):
        with pytest.raises(ValueError, match="rollout_steps"):
            trainer_of(rollout_steps=wrong)
