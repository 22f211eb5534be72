"""Commands that train many brains for a table keep what they have done: zoo --search, machine --compare."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from catmouse.command_line import run

SEARCH = [
    "--search",
    "--cells",
    "mlp",
    "--hidden",
    "2",
    "3",
    "--seeds",
    "0",
    "1",
    "--games",
    "512",
    "--quiet",
]


def stop_after(done: int, work: Any) -> Any:
    """Something that does its work so often, and is then stopped as by Ctrl-C."""
    told: list[object] = []

    def stopped(**job: Any) -> Any:
        if len(told) == done:
            raise KeyboardInterrupt
        told.append(job)
        return work(**job)

    return stopped


def test_a_search_that_was_stopped_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from catmouse import zoo_builder

    monkeypatch.chdir(tmp_path)
    assert run("zoo", SEARCH) == 0
    whole = capsys.readouterr().out
    assert "3 units" in whole
    with monkeypatch.context() as patched:
        patched.setattr(zoo_builder, "try_size", stop_after(3, zoo_builder.try_size))
        assert run("zoo", SEARCH) == 130
    assert "3 of 4 are done" in capsys.readouterr().err
    assert run("zoo", [*SEARCH, "--resume"]) == 0
    assert capsys.readouterr().out == whole


def test_a_comparison_of_machines_that_was_stopped_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from catmouse.commands import machine

    def counted(game: str, cell: str, seed: int) -> dict[str, int]:
        return {"mistakes": seed, "states": len(cell), "least": 4, "put": len(game)}

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(machine, "count_states", counted)
    assert run("machine", ["--compare", "--seeds", "0", "--quiet"]) == 0
    whole = capsys.readouterr().out
    assert whole.count("CatMouseMemory-v0") == 4
    with monkeypatch.context() as patched:
        patched.setattr(machine, "count_states", stop_after(5, counted))
        assert run("machine", ["--compare", "--seeds", "0", "--quiet"]) == 130
    assert "5 of 8 are done" in capsys.readouterr().err
    assert run("machine", ["--compare", "--seeds", "0", "--quiet", "--resume"]) == 0
    assert capsys.readouterr().out == whole
