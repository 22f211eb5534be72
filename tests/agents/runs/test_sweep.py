"""A sweep's grid is checked before anything runs, and its results outlive whatever interrupts it."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
from catmouse.command_line import run

import catmouse_env  # noqa: F401  (registers the environments)
from agents.runs.results import Results
from agents.runs.sweep import check_row, make_jobs, run_job


def test_every_combination_is_run_with_every_seed() -> None:
    jobs = make_jobs(["hidden=8,16", "cell=elman,gru", "room=4x5", "bias=true"], seeds=range(3))
    assert len(jobs) == 12
    assert jobs[0] == {"hidden": 8, "cell": "elman", "width": 4, "height": 5, "bias": True, "seed": 0}
    assert len({json.dumps(job) for job in jobs}) == 12


def test_an_empty_grid_is_the_recipe() -> None:
    assert make_jobs([], seeds=range(2)) == [{"seed": 0}, {"seed": 1}]


@pytest.mark.parametrize(
    ("axis", "word"),
    [
        ("hidden", "looks like"),
        ("hidden=", "looks like"),
        ("hidden=many", "type int"),
        ("speed=1", "speed"),
        ("cell=brain", "cell"),
        ("room=4", "6x8"),
        ("bias=yes", "true or false"),
        ("seed=1", "--seeds"),
        ("width=1", "width"),
        ("hidden=0", "hidden"),
    ],
)
def test_a_wrong_axis_is_named_before_anything_runs(axis: str, word: str) -> None:
    with pytest.raises(ValueError, match=word):
        make_jobs([axis], seeds=range(1))


def test_results_are_kept_and_gone_on_with(tmp_path: Path) -> None:
    jobs = make_jobs(["games=64,128", "room=3x3"], seeds=range(2))
    results = Results(tmp_path / "results.jsonl")
    for job in jobs[:3]:
        results.add(run_job(job))
    again = Results(tmp_path / "results.jsonl")
    assert again.rows == results.rows
    assert again.missing(jobs) == jobs[3:]
    assert [row["job"] for row in again.select(jobs)] == jobs[:3]
    assert again.rows[0]["games"] == 64
    assert again.rows[0]["starts"] == 81


def test_a_torn_last_line_is_done_again(tmp_path: Path) -> None:
    path = tmp_path / "results.jsonl"
    path.write_text('{"job": {"seed": 0}, "games": 1}\n{"job": {"seed": 1}, "ga')
    results = Results(path)
    assert results.missing([{"seed": 0}, {"seed": 1}]) == [{"seed": 1}]
    results.add({"job": {"seed": 1}})
    assert len(Results(path).rows) == 2


def test_a_failed_job_is_tried_again_by_the_next_sweep(tmp_path: Path) -> None:
    results = Results(tmp_path / "results.jsonl")
    job = {"games": 64, "env_id": "DogCat-v0", "seed": 0}
    row = run_job(job)
    assert "DogCat" in row["error"]
    results.add(row)
    assert results.missing([job]) == [job]


def test_a_file_that_is_none_of_a_sweep_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("not a result\n")
    with pytest.raises(ValueError, match="line 1"):
        Results(path)
    assert path.read_text() == "not a result\n"


LINES = '{"job": {"seed": 0}, "games": 1}\n{"job": {"seed": 1}, "games": 2}'


def test_a_last_line_that_is_whole_but_for_its_end_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "results.jsonl"
    path.write_text(LINES)
    assert Results(path).missing([{"seed": 0}, {"seed": 1}]) == []
    assert path.read_text() == LINES + "\n"


def test_a_repair_that_is_broken_off_loses_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "results.jsonl"
    path.write_text(LINES[:-3])

    def fail(*paths: object) -> None:
        raise OSError("broken off")

    for name in ("fsync", "replace"):
        with monkeypatch.context() as broken:
            broken.setattr(os, name, fail)
            with pytest.raises(OSError, match="broken off"):
                Results(path)
        assert path.read_text() == LINES[:-3]
    assert len(Results(path).rows) == 1


@pytest.mark.parametrize("text", ["not a result", '{"mine": 1', LINES[:33] + "mine"])
def test_somebodys_last_line_is_no_torn_one(text: str, tmp_path: Path) -> None:
    path = tmp_path / "results.jsonl"
    path.write_text(text)
    with pytest.raises(ValueError, match="no result"):
        Results(path)
    assert path.read_text() == text


WHOLE = run_job({"games": 64, "hidden": 3, "width": 3, "height": 3, "seed": 0})


def test_a_row_of_a_sweep_is_taken() -> None:
    check_row(json.loads(json.dumps(WHOLE)))
    check_row({"job": {"seed": 0}, "error": "the numbers ran away"})


@pytest.mark.parametrize(
    "wrong",
    [
        *({name: None} for name in ("games", "seconds", "met", "mistakes_per_game", "starts")),
        {"games": "64"},
        {"games": [64]},
        {"mistakes_per_game": float("nan")},
        {"met": 1},
        {"job": {}},
        {"job": {"seed": "0"}},
        {"job": 3},
        {"error": 3},
        *({name: "missing"} for name in ("games", "seconds", "met", "mean_return", "job")),
    ],
)
def test_a_row_with_wrong_or_missing_fields_is_told_in_a_line(wrong: dict[str, Any], tmp_path: Path) -> None:
    row = {**WHOLE, **wrong}
    if "missing" in wrong.values():
        row = {name: value for name, value in row.items() if name not in wrong}
    path = tmp_path / "results.jsonl"
    path.write_text(json.dumps(WHOLE) + "\n" + json.dumps(row) + "\n")
    with pytest.raises(ValueError, match="line 2, is no result") as caught:
        Results(path, check_row)
    assert "\n" not in str(caught.value)
    assert path.read_text().count("\n") == 2


def test_the_command_says_so_too(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("matplotlib")
    (tmp_path / "results.jsonl").write_text('{"job": {"seed": 0}, "games": 1}\n')
    assert run("sweep", ["hidden=3", "--out", str(tmp_path), "--quiet"]) == 2
    told = capsys.readouterr().err
    assert told.count("\n") == 1
    assert "line 1" in told
