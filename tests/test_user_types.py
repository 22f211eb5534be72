"""A user's program is checked against the public interface by mypy --strict, and it runs."""

from __future__ import annotations

import runpy
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

import agents
import catmouse_env

USER = Path(__file__).parent / "data" / "user.py"


def test_the_users_program_runs(tmp_path: Path) -> None:
    program = runpy.run_path(str(USER))
    assert program["play"]() > 0
    assert program["learn"](tmp_path).perfect
    assert program["convert"]() == 6 + len(catmouse_env.__all__)


def test_both_packages_say_that_they_are_typed() -> None:
    for package in (agents, catmouse_env):
        assert (Path(package.__file__).parent / "py.typed").exists()


@pytest.mark.skipif(find_spec("mypy") is None, reason="mypy is not installed")
def test_the_users_program_is_well_typed(tmp_path: Path) -> None:
    config = tmp_path / "mypy.ini"
    config.write_text("[mypy]\nstrict = True\n")
    root = Path(__file__).parents[1]
    done = subprocess.run(
        [sys.executable, "-m", "mypy", "--config-file", str(config), "--cache-dir", str(tmp_path), str(USER)],
        cwd=root,
        capture_output=True,
        text=True,
        timeout=110,
        check=False,
    )
    assert done.returncode == 0, done.stdout
