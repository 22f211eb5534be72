"""A run that is killed at any moment and resumed ends as if nothing had been (in full: kill.py)."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

KILL = Path(__file__).parent / "kill.py"


def test_killed_at_any_moment_the_end_is_the_same() -> None:
    short = ["--kills", "3", "--games", "2000", "--quiet"]
    done = subprocess.run(
        [sys.executable, str(KILL), *short], capture_output=True, text=True, timeout=110, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "3 kills" in done.stdout
