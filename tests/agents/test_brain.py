"""A brain keeps its promises as a policy, as a file and as an object."""

from __future__ import annotations

import copy
import pickle
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file
from threadpoolctl import threadpool_limits

from agents import BadFileError, Brain, Policy, files
from agents.brain import CELLS
from agents.heads import HEADS

KINDS = [(cell, head) for cell in CELLS for head in HEADS]


def observations(games: int, seed: int = 0) -> np.ndarray[Any, Any]:
    return np.random.default_rng(seed).random((games, 4), np.float32)


@pytest.mark.parametrize(("cell", "head"), KINDS)
def test_a_brain_is_a_policy_that_plays_batches_and_single_games_alike(cell: str, head: str) -> None:
    brain = Brain(cell=cell, head=head, hidden=9, seed=3)
    assert isinstance(brain, Policy)
    seen = observations(5)
    actions, state = brain.predict(seen)
    assert actions.shape == (5,)
    assert set(actions.tolist()) <= {0, 1, 2, 3}
    for game in range(5):
        alone, _ = brain.predict(seen[game])
        assert alone == actions[game]
    again, _ = brain.predict(seen, state, np.ones(5, bool))  # all games new: no memory
    assert (again == actions).all()


@pytest.mark.parametrize(("cell", "head"), KINDS)
def test_a_continuous_brain_answers_with_readings(cell: str, head: str) -> None:
    brain = Brain(cell=cell, head=head, hidden=9, continuous=True)
    actions, _ = brain.predict(observations(6))
    assert actions.shape == (6, 1)
    assert actions.dtype == np.float32
    assert ((actions >= 0) & (actions <= 1)).all()


@pytest.mark.parametrize("cell", [cell for cell in CELLS if CELLS[cell].recurrent])
def test_memory_changes_what_a_recurrent_brain_answers_and_episode_start_wipes_it(cell: str) -> None:
    brain = Brain(cell=cell, head="compass", hidden=9, continuous=True, recurrent_gain=2.0)
    seen = observations(4)
    first, state = brain.predict(seen)
    second, _ = brain.predict(seen, state)
    assert (second != first).all()
    mixed, _ = brain.predict(seen, state, np.array([True, False, True, False]))
    np.testing.assert_array_equal(mixed[::2], first[::2])
    np.testing.assert_array_equal(mixed[1::2], second[1::2])


def test_sampled_actions_follow_the_probabilities() -> None:
    brain = Brain(hidden=5, seed=1)
    seen = np.repeat(observations(1), 40_000, axis=0)
    odds = brain.action_probabilities(seen[:1])[0]
    actions, _ = brain.predict(seen, deterministic=False)
    shares = np.bincount(actions, minlength=4) / len(actions)
    np.testing.assert_allclose(shares, odds, atol=5 * 0.5 / np.sqrt(len(actions)))


@pytest.mark.parametrize(("cell", "head"), KINDS)
@pytest.mark.parametrize("copied", ["file", "pickle", "deepcopy"])
def test_a_copied_brain_plays_the_same(cell: str, head: str, copied: str, tmp_path: Path) -> None:
    brain = Brain(cell=cell, head=head, hidden=7, seed=5, dtype="float64", continuous=True)
    if copied == "file":
        brain.save(tmp_path / "brain.safetensors")
        twin = Brain.load(tmp_path / "brain.safetensors")
    elif copied == "pickle":
        twin = pickle.loads(pickle.dumps(brain))
    else:
        twin = copy.deepcopy(brain)
    assert twin.config == brain.config
    np.testing.assert_array_equal(twin.flat, brain.flat)
    twin.parameters["hidden_to_output"][...] += 1  # the names are views of the twin's own weights
    assert (twin.flat != brain.flat).any()
    twin.parameters["hidden_to_output"][...] = brain.parameters["hidden_to_output"]
    answer, _ = twin.predict(observations(3))
    np.testing.assert_array_equal(answer, brain.predict(observations(3))[0])


@pytest.mark.parametrize(
    ("argument", "value"),
    [
        ("cell", "lstmm"),
        ("hidden", 0),
        ("hidden", 2.0),
        ("hidden", True),
        ("head", None),
        ("seed", -1),
        ("activation", "relu"),
        ("bias", 1),
        ("dtype", "float16"),
        ("recurrent_gain", float("nan")),
        ("colour", "grey"),
    ],
)
def test_a_wrong_argument_is_named(argument: str, value: Any) -> None:
    with pytest.raises(ValueError, match=argument):
        Brain(**{argument: value})


@pytest.mark.parametrize(
    "seen",
    [np.zeros((2, 3)), np.zeros((2, 4, 1)), np.full((2, 4), np.nan), np.array([["a"] * 4]), np.zeros(0)],
)
def test_a_wrong_observation_is_refused(seen: Any) -> None:
    with pytest.raises(ValueError, match="observation"):
        Brain().predict(seen)


@pytest.mark.parametrize("damage", ["truncated", "empty", "text", "foreign", "shape", "nan", "missing"])
def test_a_damaged_file_gives_the_documented_error(damage: str, tmp_path: Path) -> None:
    path = tmp_path / "brain.safetensors"
    Brain(hidden=3).save(path)
    data = path.read_bytes()
    tensors = load_file(path)
    about = asdict(Brain(hidden=3).config)
    if damage == "truncated":
        path.write_bytes(data[:-10])
    elif damage == "empty":
        path.write_bytes(b"")
    elif damage == "text":
        path.write_text("not a brain at all, but long enough to look like something")
    elif damage == "foreign":
        save_file(tensors, path)
    elif damage == "shape":
        files.write(path, "brain", about, {**tensors, "hidden_bias": np.zeros(4, np.float32)})
    elif damage == "nan":
        files.write(path, "brain", about, {**tensors, "hidden_bias": np.full(3, np.nan, np.float32)})
    else:
        del tensors["hidden_bias"]
        files.write(path, "brain", about, tensors)
    with pytest.raises(BadFileError, match=r"brain\.safetensors"):
        Brain.load(path)


def test_a_missing_file_gives_the_systems_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        Brain.load(tmp_path / "nowhere")


def test_threads_may_play_the_same_brain_at_once() -> None:
    brain = Brain(cell="lstm", hidden=24)
    batches = [observations(games, seed) for seed, games in enumerate([3, 3, 5, 5])]
    alone = [brain.step(seen)[0] for seen in batches]

    def play(turn: int) -> bool:
        outputs, _ = brain.step(batches[turn % 4])
        return bool((outputs == alone[turn % 4]).all())

    with ThreadPoolExecutor(4) as pool:
        assert all(pool.map(play, range(2_000)))


@pytest.mark.parametrize("cell", ["elman", "gru"])
def test_the_first_weights_do_not_depend_on_the_linear_algebra_librarys_threads(cell: str) -> None:
    flats = []
    for threads in (1, 2):
        with threadpool_limits(threads):
            flats.append(Brain(cell=cell, hidden=400, seed=1).flat)
    np.testing.assert_array_equal(*flats)
