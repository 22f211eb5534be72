"""Files that were tampered with are refused, or are all right (in full: mutate.py)."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

MUTATE = Path(__file__).parent / "mutate.py"


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="memory is looked at as Linux tells it")
def test_tampered_files_are_refused_or_all_right() -> None:
    short = ["--files", "300", "--quiet"]
    done = subprocess.run(
        [sys.executable, str(MUTATE), *short], capture_output=True, text=True, timeout=110, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "300 tampered files" in done.stdout
