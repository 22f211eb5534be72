"""The wheel, installed into a new virtual environment: every command works in an empty folder."""

from __future__ import annotations

import os
import site
import subprocess
import sys
import venv
from importlib.util import find_spec
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SMALL = ["--width", "3", "--height", "3"]
COMMANDS = {
    "play": ["--help"],
    "zoo": [],
    "machine": ["zoo:memory"],
    "noise": ["zoo:smallest"],
    "duel": ["--max-steps", "3", "--hidden", "8", "--updates", "20", "--quiet", *SMALL],
    "sweep": ["hidden=3", "games=64", "target=20", "room=3x3", "--seeds", "1", "--quiet"],
    "film": ["--games", "640", "--hidden", "4", "--quiet", *SMALL],
    "evolve": ["--generations", "1", "--quiet", *SMALL],
    "q-learning": ["--games", "512", "--quiet", *SMALL],
    "original": ["--hidden", "3", "--games", "2000", "--target", "20", "--quiet"],
    "compare-cells": ["--games", "64", "--hidden", "2", "--cells", "mlp", "--seeds", "1", "--quiet"],
    "page": [],
    "compare-agents": ["--help"],
}
NEEDS = {
    "duel": ["pettingzoo", "scipy", "PIL"],
    "sweep": ["matplotlib"],
    "film": ["PIL"],
    "page": ["scipy"],
}


def succeed(*command: str | Path, cwd: Path) -> str:
    words = [str(word) for word in command]
    clean = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    done = subprocess.run(words, cwd=cwd, env=clean, capture_output=True, text=True, timeout=200, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def programs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of programs of an environment that has our wheel, and the libraries that are here."""
    if find_spec("hatchling") is None:
        pytest.skip("hatchling is not installed")
    work = tmp_path_factory.mktemp("wheel")
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check"]
    succeed(*pip, "wheel", ROOT, "--no-deps", "--no-build-isolation", "-w", work, cwd=work)
    venv.create(work / "venv", with_pip=False)
    folder = work / "venv" / ("Scripts" if sys.platform == "win32" else "bin")
    (wheel,) = work.glob("catmouse_env-*.whl")
    succeed(*pip, "--python", folder / "python", "install", "-q", "--no-deps", "--no-index", wheel, cwd=work)
    code = "import sysconfig; print(sysconfig.get_path('purelib'))"
    libraries = Path(succeed(folder / "python", "-c", code, cwd=work).strip())
    # A folder named in a .pth file is looked into last, and no .pth file in it is read: not the checkout's.
    (libraries / "libraries.pth").write_text("\n".join(site.getsitepackages()) + "\n")
    return folder


def test_the_packages_are_the_wheels(programs: Path, tmp_path: Path) -> None:
    code = "import agents, catmouse, catmouse_env as e; print(agents.__file__, catmouse.__file__, e.__file__)"
    for path in succeed(programs / "python", "-c", code, cwd=tmp_path).split():
        assert Path(path).is_relative_to(programs.parent)
    assert succeed(programs / "catmouse", "--version", cwd=tmp_path).startswith("catmouse-env ")


def test_a_run_is_trained_judged_drawn_and_watched(programs: Path, tmp_path: Path) -> None:
    catmouse = programs / "catmouse"
    succeed(catmouse, "train", "--games", "512", "--target", "10", "--out", "run", *SMALL, cwd=tmp_path)
    assert "81 starts" in succeed(catmouse, "evaluate", "run", cwd=tmp_path)
    succeed(catmouse, "watch", "run", "--png", "game.png", cwd=tmp_path)
    assert (tmp_path / "game.png").exists()
    if find_spec("PIL"):
        succeed(catmouse, "watch", "run", "--gif", "game.gif", cwd=tmp_path)
        assert (tmp_path / "game.gif").exists()
    if find_spec("matplotlib"):
        succeed(catmouse, "plot", "run", "--errors", "run", "--quiet", cwd=tmp_path)
        assert (tmp_path / "plots" / "learning.svg").exists()


@pytest.mark.parametrize("name", COMMANDS)
def test_every_other_command_works_in_an_empty_folder(name: str, programs: Path, tmp_path: Path) -> None:
    for module in NEEDS.get(name, []):
        pytest.importorskip(module)
    succeed(programs / "catmouse", name, *COMMANDS[name], cwd=tmp_path)
