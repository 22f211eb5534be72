"""The brains that come with the package."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import gymnasium as gym
import pytest

import catmouse_env  # noqa: F401  (registers the environments)
from agents import BadFileError, Brain, evaluate, zoo

SCRIPTS = Path(__file__).parents[2] / "scripts"


def test_each_has_a_certificate_and_is_small() -> None:
    assert {"runaway", "memory", "survivor", "smallest", "fight-mouse-mlp2", "fight-cat-mlp2"} <= {
        *zoo.names()
    }
    for name in zoo.names():
        brain = Brain.load(f"zoo:{name}")
        assert brain.game is not None
        told = json.loads(zoo.locate(f"zoo:{name}", zoo.CERTIFICATE).read_text())
        assert told["claim"] in ("games", "guarantee", "expectation")
        assert zoo.locate(f"zoo:{name}").stat().st_size < 100_000


def test_the_mice_do_what_their_certificates_say() -> None:
    for name, game in (
        ("runaway", "CatMouse-v0"),
        ("memory", "CatMouseMemory-v0"),
        ("smallest", "CatMouse-v0"),
    ):
        assert evaluate(Brain.load(f"zoo:{name}"), gym.make(game)).perfect
    assert evaluate(Brain.load("zoo:survivor"), gym.make("CatMouseChase-v0")).survival_rate == 1


def test_an_unknown_name_is_a_clear_error() -> None:
    with pytest.raises(ValueError, match=r"no brain 'nobody'; it has .*runaway"):
        Brain.load("zoo:nobody")
    with pytest.raises(ValueError, match="no brain"):
        Brain.load("zoo:../brain")
    with pytest.raises((OSError, BadFileError)):
        Brain.load("zoo/runaway")


@pytest.mark.parametrize(
    ("words", "text"),
    [
        (["zoo.py"], "zoo:runaway"),
        (["evaluate.py", "zoo:runaway"], "mistakes                0 "),
        (["machine.py", "zoo:memory"], "a machine of 9 states replays all 12,960 moves\nno smaller one does"),
        (["watch.py", "zoo:memory", "--png", "game.png"], "saved game.png"),
        (["evaluate.py", "zoo:runaway", "--certificate", "certificate.json"], "Certificate"),
        (["noise.py", "zoo:smallest"], "proved to be borne"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_commands_take_names_of_the_zoo(words: list[str], text: str, tmp_path: Path) -> None:
    if words[0] == "watch.py":
        pytest.importorskip("pygame")
    command = [sys.executable, str(SCRIPTS / words[0]), *words[1:]]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=200, check=False)
    assert done.returncode == 0, done.stderr
    assert text in done.stdout
    made = tmp_path / "certificate.json"
    if made.exists():
        assert made.read_text() == zoo.locate("zoo:runaway", zoo.CERTIFICATE).read_text()


def test_a_command_refuses_an_unknown_name_in_a_line(tmp_path: Path) -> None:
    command = [sys.executable, str(SCRIPTS / "evaluate.py"), "zoo:nobody"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=100, check=False)
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert "no brain 'nobody'" in done.stderr
