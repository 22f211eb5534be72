"""A policy's file knows its game: commands play it there, and refuse another room or the other player."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import gymnasium as gym
import pytest
from catmouse.command_line import run
from catmouse.commands.play import make_window, parse
from catmouse.duel.game import DuelConfig
from catmouse.duel.learner import Learner, LearnerConfig
from catmouse.policies import brain_path, follows_teacher, make_config

import catmouse_env  # noqa: F401  (registers the environments)
from agents import BadFileError, Brain, SupervisedTrainer, files
from agents.q_learning import QTable
from agents.runs.config import TaskConfig, make_env

SMALL = ("--width", "4", "--height", "3", "--quiet")
LEARNERS = {
    "train": ("--games", "256", "--hidden", "4", "--report-every", "1000"),
    "q-learning": ("--games", "500"),
    "evolve": ("--generations", "1", "--population", "8"),
}


@pytest.fixture
def learned(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """The file of what a command has learned in a small room, away from its folder."""
    command = request.param
    out, copy = tmp_path / "learned", tmp_path / "elsewhere" / "copy.safetensors"
    run(command, [*LEARNERS[command], *SMALL, "--max-steps", "5", "--out", str(out)])
    copy.parent.mkdir()
    shutil.copy(brain_path(str(out)), copy)
    return copy


@pytest.mark.parametrize("learned", LEARNERS, indirect=True)
def test_a_copied_file_is_judged_in_its_own_room(learned: Path, capsys: pytest.CaptureFixture[str]) -> None:
    capsys.readouterr()
    assert run("evaluate", [str(learned), "--json"]) == 0
    result = json.loads(capsys.readouterr().out)
    assert result["starts"] == 144
    assert result["moves"] == 144 * 5


@pytest.mark.parametrize("learned", LEARNERS, indirect=True)
def test_another_room_is_refused_in_a_line(learned: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for options in (["--width", "6"], ["--env-id", "CatMouseChase-v0"]):
        capsys.readouterr()
        assert run("evaluate", [str(learned), *options, "--quiet"]) == 2
        told = capsys.readouterr().err
        assert "room of 4 x 3" in told
        assert told.count("\n") == 1


@pytest.mark.parametrize("learned", ["q-learning"], indirect=True)
def test_what_stays_the_same_room_may_differ_otherwise(learned: Path) -> None:
    config = make_config(str(learned), {"max_steps": 9})
    assert (config.width, config.height, config.max_steps) == (4, 3, 9)


@pytest.mark.parametrize(("learned", "follows"), [("train", True), ("evolve", False)], indirect=["learned"])
def test_who_follows_the_teacher_is_known(
    learned: Path, follows: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    capsys.readouterr()
    assert run("evaluate", [str(learned), "--quiet"]) == 0
    told = capsys.readouterr().out
    assert ("mistakes  " in told) == follows
    assert ("disagreements  " in told) == (not follows)
    other = make_env(TaskConfig(width=4, height=3, teacher="optimal"), 1)
    assert not follows_teacher(str(learned), other)


@pytest.fixture
def cat_file(tmp_path: Path) -> Path:
    """A cat's brain of a duel in a small room."""
    config = DuelConfig(5, 4, 4, 7)
    Learner(config, "cat", LearnerConfig("mlp", True, 4, 10, 0)).brain.save(tmp_path / "cat.safetensors")
    return tmp_path / "cat.safetensors"


def test_a_cats_brain_plays_no_mouse(cat_file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("evaluate", [str(cat_file), "--quiet"]) == 2
    told = capsys.readouterr().err
    assert "learned to be the cat" in told
    assert told.count("\n") == 1


def test_play_takes_room_moves_and_directions_from_the_brain(
    cat_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("pettingzoo")
    monkeypatch.setenv("SDL_VIDEODRIVER", "dummy")
    made: dict[str, Any] = {}
    monkeypatch.setattr(
        "catmouse_env.parallel_env", lambda **arguments: made.update(arguments) or gym.make("CatMouse-v0")
    )
    monkeypatch.setattr("catmouse.viewer.play_window.PlayWindow", lambda *_: None)
    make_window(parse(["--against", str(cat_file)]))
    assert (made["width"], made["height"], made["cat_directions"], made["max_steps"]) == (5, 4, 4, 7)
    for wrong, word in ((["--as", "cat"], "learned to be the cat"), (["--width", "6"], "room of 5 x 4")):
        with pytest.raises(ValueError, match=word):
            make_window(parse(["--against", str(cat_file), *wrong]))


def test_the_game_is_kept_with_a_brain_and_a_table(tmp_path: Path) -> None:
    env = gym.make_vec("CatMouseMemory-v0", num_envs=4, width=3, teacher=catmouse_teacher)
    brain = Brain(hidden=3)
    SupervisedTrainer(env, brain)
    assert brain.game == {
        "env_id": "CatMouseMemory-v0",
        "player": "mouse",
        "learned_from": "labels",
        "width": 3,
        "max_steps": 10,
        "cat_visible_moves": 1,
        "teacher": "an object, function",
    }
    brain.save(tmp_path / "brain")
    assert Brain.load(tmp_path / "brain").game == brain.game
    table = QTable(4, 4)
    table.game = brain.game
    table.save(tmp_path / "table")
    assert QTable.load(tmp_path / "table").game == brain.game
    with pytest.raises(ValueError, match="teacher"):  # nobody can make it again; --teacher can say another
        make_env(make_config(str(tmp_path / "brain"), {}), 1)


def catmouse_teacher(*_: Any) -> int:
    """A teacher of one's own."""
    return 0


@pytest.mark.parametrize(
    "game", [3, {}, {"env_id": []}, {"env_id": "a", "player": 1, "learned_from": "labels"}]
)
def test_a_game_that_is_none_is_refused(game: Any, tmp_path: Path) -> None:
    brain = Brain(hidden=3)
    files.write(tmp_path / "brain", "brain", {**vars(brain.config), "game": game}, brain.parameters)
    with pytest.raises(BadFileError, match="game"):
        Brain.load(tmp_path / "brain")
