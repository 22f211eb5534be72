"""The comparison of ways to ask a teacher."""

from __future__ import annotations

import re
from pathlib import Path

import gymnasium as gym
import numpy as np
import pytest
from catmouse.command_line import run
from catmouse.experiments.imitation import (
    TASKS,
    by_brain,
    by_teacher,
    half_at_random,
    learning_curve,
    without_memory,
)

from agents import Brain
from agents.recorded_games import record

FEW = ["--games", "2", "4", "--updates", "2", "--cells", "mlp", "--seeds", "0", "1"]


def test_every_task_and_way_has_a_row_for_each_number_of_games(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("compare-imitation", [*FEW, "--quiet"]) == 0
    printed = capsys.readouterr().out
    assert max(map(len, printed.splitlines())) <= 80
    for task in TASKS:
        assert f"{task}, mlp" in printed
    rows = [line for line in printed.splitlines() if re.match(r" +[24] ", line)]
    assert len(rows) == 2 * len(TASKS)
    assert rows[0].split()[:2] == ["2", "20"]  # two games of ten labels


@pytest.fixture(autouse=True)
def _in_a_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_what_was_stopped_goes_on_to_the_same_end(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert run("compare-imitation", [*FEW, "--quiet"]) == 0
    whole, learned = capsys.readouterr().out, []

    def stopped(**job: object) -> object:
        if len(learned) == 5:
            raise KeyboardInterrupt
        learned.append(job)
        return learning_curve(**job)

    monkeypatch.setattr("catmouse.commands.compare_imitation.learning_curve", stopped)
    assert run("compare-imitation", [*FEW, "--quiet"]) == 130
    assert "5 of 18 are done" in capsys.readouterr().err
    monkeypatch.undo()
    monkeypatch.chdir(tmp_path)
    assert run("compare-imitation", [*FEW, "--quiet", "--resume"]) == 0
    assert capsys.readouterr().out == whole
    assert not list(tmp_path.glob("runs/*"))


def test_the_figure_is_drawn(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    assert run("compare-imitation", [*FEW, "--quiet", "--figure", str(tmp_path / "labels.png")]) == 0
    assert (tmp_path / "labels.png").stat().st_size > 10_000


@pytest.mark.parametrize("games", [["4", "2"], ["0"], ["3", "3"]])
def test_numbers_of_games_that_do_not_increase_are_refused(
    games: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("compare-imitation", ["--games", *games]) == 2
    assert "--games" in capsys.readouterr().err


def test_the_ways_differ_in_who_moves() -> None:
    """The teacher itself, chance in about half of the moves that count, or the brain."""
    rng = np.random.default_rng(0)
    ideal = np.zeros(10_000, np.int64)
    assert np.array_equal(by_teacher(ideal, ideal, rng), ideal)
    assert 0.35 < (half_at_random(ideal, ideal, rng) != 0).mean() < 0.4  # 3/4 of the half
    env, brain = gym.make("CatMouse-v0"), Brain(hidden=8, seed=0)
    own = record(env, 50, by_brain(brain))
    played, state = [], None
    for observation in own.observation:
        action, state = brain.predict(observation, state)
        played.append(action)
    moved = np.sign(np.diff(own.observation[:, :, 2:], axis=0))  # (moves - 1, games, 2)
    steps = np.array([(0, 1), (1, 0), (0, -1), (-1, 0)])[np.array(played[:-1])]
    assert ((moved == steps) | (moved == 0)).all()  # 0: at a wall


def test_more_labels_are_used_and_the_same_seed_gives_the_same() -> None:
    runs = [list(learning_curve("cat in view", "dagger", "mlp", 3, [5, 20], 20)) for _ in range(2)]
    assert runs[0] == runs[1]
    assert [point.labels for point in runs[0]] == [50, 200]


def test_only_a_hidden_cat_asks_for_memory() -> None:
    assert without_memory("cat in view") == 0
    assert without_memory("chasing cat") == 0
    assert without_memory("cat seen once") > 1
