"""All agents are compared on the same games."""

from __future__ import annotations

from pathlib import Path

import pytest
from catmouse.command_line import run
from catmouse.commands.compare_agents import AGENTS, Row, table
from catmouse.plots.agents_figure import draw_agents

from agents import Evaluation


def test_all_agents_come_in_one_table_and_one_figure(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("matplotlib")
    few = ["--env-id", "CatMouse-v0", "--seeds", "1", "--quiet"]
    assert run("compare-agents", [*few, "--figure", str(tmp_path / "agents.png")]) == 0
    told = capsys.readouterr().out
    rows = {line[:21].strip(): line[21:].split() for line in told.splitlines() if line[21:23].isspace()}
    assert "disagreements" in told  # what "optimal" does otherwise than the teacher is no mistake
    assert "mistakes" not in told
    assert "survived" not in told  # nobody can be caught here
    returned = {name: float(rows[name][0]) for name in AGENTS}
    assert returned["supervised"] == returned["teacher"]
    assert returned["supervised by optimal"] == returned["optimal"] == 4.111
    assert returned["Q-learned"] > 4.1
    assert returned["evolved"] > 4
    assert abs(returned["random"]) < 0.3
    assert (tmp_path / "agents.png").stat().st_size > 10_000


def test_numbers_of_games_are_written_as_everywhere() -> None:
    pytest.importorskip("matplotlib")
    rows = [Row(name, [Evaluation(starts=1)], [100_000], [1.0]) for name in AGENTS]
    axis = draw_agents({"CatMouse-v0": rows}).axes[2].xaxis
    assert axis.get_major_formatter()(1e5) == "100,000"


def test_survival_is_told_where_the_mouse_can_be_caught() -> None:
    won, lost = (
        Row(name, [Evaluation(starts=1, survival_rate=rate, lethal=True)], [0], [0.0])
        for name, rate in (("a", 1.0), ("b", 0.0))
    )
    lines = table("CatMouseChase-v0", [won, lost]).splitlines()
    assert "survived %" in lines[3]
    assert [line.split()[-1] for line in lines[5:]] == ["100.00", "0.00"]
