"""Certificates and brains that were changed are refused by the checker (in full: mutate_certificates.py)."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

MUTATE = Path(__file__).parent / "mutate_certificates.py"


def test_changed_certificates_and_brains_are_refused() -> None:
    # The first four are of the zoo, which takes seconds.
    short = ["--changes", "300", "--first", "4", "--quiet"]
    done = subprocess.run(
        [sys.executable, str(MUTATE), *short], capture_output=True, text=True, timeout=200, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "300 changes, each refused or true" in done.stdout
