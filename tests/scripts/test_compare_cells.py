"""The comparison of cells prints what it promises."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from catmouse.command_line import run
from catmouse.commands import compare_cells

from agents.runs.config import RunConfig
from catmouse_env.extras import install_command

Compare = Callable[..., int]


@pytest.fixture
def compare(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> Compare:
    """The command, called in this process, in a folder of its own."""
    monkeypatch.chdir(tmp_path_factory.mktemp("work"))

    def compare(*arguments: Any) -> int:
        return run("compare-cells", [str(argument) for argument in arguments])

    return compare


FEW = ("--games", "256", "--hidden", "4", "--cells", "mlp", "gru")


@pytest.mark.parametrize("which", [(), ("--harder",)])
def test_the_table_has_a_paragraph_a_game_and_a_line_a_cell_in_80_columns(
    which: tuple[str, ...], compare: Compare, capsys: pytest.CaptureFixture[str]
) -> None:
    assert compare(*FEW, *which, "--seeds", 1) == 0
    printed, told = capsys.readouterr()
    lines = printed[printed.index("CPU s\n") :].splitlines()[1:]
    assert len(lines) == 3 * (6 if which else 4)
    for game, mlp, gru in zip(lines[::3], lines[1::3], lines[2::3], strict=True):
        assert game.startswith("c"), game
        assert game.endswith("moves, 256 games")
        assert [mlp.split()[0], gru.split()[0]] == ["mlp", "gru"]
        assert mlp.split()[4:7] == ["0", "of", "1"]
    assert max(map(len, printed.splitlines())) <= 80
    assert "moves/s" in told  # the progress bar


def test_json_has_every_seeds_figures_and_the_same_seed_gives_the_same(
    compare: Compare, capsys: pytest.CaptureFixture[str]
) -> None:
    results = []
    for _ in range(2):
        assert compare(*FEW, "--seeds", 0, 1, "--json", "--quiet") == 0
        printed, told = capsys.readouterr()
        assert told == ""
        results.append(json.loads(printed))
    assert [(row["cell"], row["task"]["moves"]) for row in results[0][:4]] == [
        ("mlp", 10),
        ("gru", 10),
        ("mlp", 50),
        ("gru", 50),
    ]
    assert all(len(row["mistakes_per_game"]) == len(row["seconds"]) == 2 for row in results[0])
    first, second = ([row["mistakes_per_game"] for row in rows] for rows in results)
    assert first == second


@pytest.mark.parametrize("which", [(), ("--harder",)])
def test_every_compared_run_has_the_same_optimiser_rate_and_schedule(
    which: tuple[str, ...], compare: Compare, monkeypatch: pytest.MonkeyPatch
) -> None:
    trained = []

    class Noted(compare_cells.Run):
        def __init__(self, config: RunConfig) -> None:
            super().__init__(config)
            trained.append(self.config)

    monkeypatch.setattr(compare_cells, "Run", Noted)
    assert compare(*FEW, *which, "--seeds", 1, "--quiet") == 0
    assert len(trained) == 2 * (6 if which else 4)
    assert {(one.optimizer, one.learning_rate, one.schedule, one.clip, one.batch) for one in trained} == {
        ("adam", 0.02, "linear", 1.0, 128)
    }


def test_the_caption_says_how_all_were_trained(compare: Compare, capsys: pytest.CaptureFixture[str]) -> None:
    assert compare(*FEW, "--seeds", 1, "--quiet", "--learning-rate", 0.01) == 0
    assert "Every run: adam at 0.01, linear schedule, batch 128, clip 1, 4" in capsys.readouterr().out


def test_a_figure_is_drawn(compare: Compare, tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    assert compare(*FEW, "--seeds", 1, "--quiet", "--figure", tmp_path / "cells.png") == 0
    assert (tmp_path / "cells.png").read_bytes()[:4] == b"\x89PNG"


def test_without_matplotlib_a_line_says_what_to_install(
    compare: Compare, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    assert compare("--figure", "cells.png") == 2
    assert install_command("plots") in capsys.readouterr().err


@pytest.mark.parametrize(
    ("wrong", "word"),
    [
        (["--seeds", -1], "seeds"),
        (["--games", 0], "games"),
        (["--hidden", 0], "hidden"),
        (["--bptt-steps", 0], "bptt"),
        (["--learning-rate", -1], "learning_rate"),
        (["--figure", "no/where.png"], "folder"),
    ],
)
def test_a_wrong_option_is_refused_in_a_line(
    wrong: list[Any], word: str, compare: Compare, capsys: pytest.CaptureFixture[str]
) -> None:
    if word == "folder":
        pytest.importorskip("matplotlib")
    assert compare("--quiet", *wrong) == 2
    told = capsys.readouterr().err
    assert word in told
    assert told.count("\n") == 1


def test_the_row_with_a_window_differs_from_the_one_without(
    compare: Compare, capsys: pytest.CaptureFixture[str]
) -> None:
    assert compare("--games", 256, "--hidden", 4, "--cells", "gru", "--seeds", 1, "--harder", "--json") == 0
    whole, window = json.loads(capsys.readouterr().out)[:2]
    assert whole["task"]["moves"] == window["task"]["moves"] == 200
    assert whole["mistakes_per_game"] != window["mistakes_per_game"]
