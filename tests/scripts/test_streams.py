"""What is said may be lost, work may not: full and closed streams, for every command."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

SMALL = "--width 3 --height 3"
COMMANDS = {
    "train": f"--games 2000 --hidden 3 --target 20 --out run {SMALL}",
    "evaluate": f"teacher {SMALL}",
    "watch": f"teacher --png game.png {SMALL}",
    "plot": f"--errors teacher {SMALL}",
    "sweep": "hidden=3 games=64 target=20 room=3x3 --seeds 1 --workers 1",
    "film": f"--games 640 --hidden 4 --target 20 {SMALL}",
    "evolve": f"--generations 2 --population 16 {SMALL}",
    "q-learning": f"--games 600 {SMALL}",
    "original": "--hidden 3 --target 20",
    "compare-cells": "--games 64 --hidden 2 --cells mlp --seeds 1",
}
LEFT = {  # what must be there in the end, wherever words went
    "train": "run/checkpoint.safetensors",
    "watch": "game.png",
    "plot": "plots/errors.png",
    "sweep": "sweeps/sweep/results.jsonl",
    "film": "film/synapses.gif",
    "evolve": "runs/CatMouse-v0-evolved-seed-0/brain.safetensors",
    "q-learning": "runs/CatMouse-v0-q-seed-0/q_table.safetensors",
}


def run(name: str, options: str, folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        f"{sys.executable} -m catmouse {name} {options}",
        shell=True,
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )


@pytest.mark.parametrize("name", COMMANDS)
def test_full_streams_end_no_work_and_tell_no_lie(name: str, tmp_path: Path) -> None:
    for number, (stream, status) in enumerate(((">/dev/full", 2), ("2>/dev/full", 0), (">&- 2>&-", 0))):
        folder = tmp_path / str(number)
        folder.mkdir()
        done = run(name, f"{COMMANDS[name]} {stream}", folder)
        assert done.returncode == status, (stream, done.stderr)
        for lie in ("Traceback", "can't be saved", "target was missed", "Stopped"):
            assert lie not in done.stderr
        if stream == ">/dev/full":
            assert "No space left" in done.stderr
        if name in LEFT:
            assert (folder / LEFT[name]).stat().st_size > 0, stream


def test_results_that_could_not_be_printed_are_not_lost(tmp_path: Path) -> None:
    first = run("compare-cells", f"{COMMANDS['compare-cells']} >/dev/full", tmp_path)
    assert "--resume goes on" in first.stderr
    assert len(list(tmp_path.glob("runs/unfinished-*/results.jsonl"))) == 1
    again = run("compare-cells", f"{COMMANDS['compare-cells']} --resume", tmp_path)
    assert again.returncode == 0
    assert "cat in view" in again.stdout
    assert not list(tmp_path.glob("runs/*"))
