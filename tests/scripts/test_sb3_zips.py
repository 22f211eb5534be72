"""The zip of a model of another library: nothing runs unless told to, no zip takes the machine down."""

from __future__ import annotations

import json
import os
import zipfile
from pathlib import Path

import pytest
from catmouse.command_line import run

PPO = {"policy_class": {"__module__": "stable_baselines3.common.policies"}, "clip_range": 1}


def refused(path: Path, capsys: pytest.CaptureFixture[str], *words: str) -> None:
    for command in (["evaluate", str(path), "--quiet"], ["watch", str(path), "--png", "x.png"]):
        assert run(command[0], command[1:]) == 2
        error = capsys.readouterr().err
        assert error[:-1].isprintable()
        for word in words:
            assert word in error


def test_a_model_is_loaded_only_when_told_to(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "model.zip"
    with zipfile.ZipFile(path, "w") as file:
        file.writestr("data", json.dumps(PPO))
    refused(path, capsys, "any code", "--trust")
    assert run("evaluate", [str(path), "--quiet", "--trust"]) == 2
    assert "any code" not in capsys.readouterr().err


@pytest.mark.parametrize(
    "data",
    ["", "[]", "1", '"x"', "{}", '{"policy_class": 1}', '{"policy_class": {"__module__": 5}}', "[" * 100_000],
)
def test_settings_that_are_none_are_refused(
    data: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "model.zip"
    with zipfile.ZipFile(path, "w") as file:
        file.writestr("data", data)
    refused(path, capsys, "model.zip")


@pytest.mark.parametrize("place", range(0, 140, 3))
def test_a_damaged_zip_is_refused(place: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "model.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("data", json.dumps(PPO))
    data = bytearray(path.read_bytes())
    data[-place - 1] ^= 0xFF
    path.write_bytes(data)
    refused(path, capsys, "model.zip")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no pipes here")
def test_a_bomb_a_pipe_and_a_device_are_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    bomb, pipe, zero, large = (tmp_path / f"{name}.zip" for name in ("bomb", "pipe", "zero", "large"))
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("data", bytes(1 << 25))
    os.mkfifo(pipe)
    zero.symlink_to("/dev/zero")
    with large.open("wb") as empty:
        empty.truncate(3 << 30)  # takes no room on the disk
    refused(bomb, capsys, "unpacks to more")
    refused(pipe, capsys, "no plain file")
    refused(zero, capsys, "no plain file")
    refused(large, capsys, "larger than any")
