"""Playing for long, and making environments by the hundred, leaves memory as it was (in full: soak.py)."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

SOAK = Path(__file__).parent / "soak.py"


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="memory is looked at as Linux tells it")
def test_memory_stays_flat() -> None:
    short = ["--moves", "3000000", "--games", "3000", "--environments", "500", "--updates", "300", "--quiet"]
    done = subprocess.run(
        [sys.executable, str(SOAK), *short], capture_output=True, text=True, timeout=110, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
