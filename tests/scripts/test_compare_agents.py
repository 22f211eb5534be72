"""All agents are compared on the same games."""

from __future__ import annotations

from pathlib import Path

import pytest
from catmouse.command_line import run


def test_all_agents_come_in_one_table_and_one_figure(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("matplotlib")
    few = ["--env-id", "CatMouse-v0", "--seeds", "1", "--quiet"]
    assert run("compare-agents", [*few, "--figure", str(tmp_path / "agents.png")]) == 0
    rows = {
        line[:22].strip(): line[22:].split()
        for line in capsys.readouterr().out.splitlines()
        if len(line) > 60
    }
    returned = {name: float(row[1]) for name, row in rows.items() if row[0] == "1"}
    assert returned["supervised"] == returned["teacher"]
    assert returned["supervised by optimal"] == returned["optimal"] == 4.111
    assert returned["Q-learned"] > 4.1
    assert returned["evolved"] > 4
    assert abs(returned["random"]) < 0.3
    assert (tmp_path / "agents.png").stat().st_size > 10_000
