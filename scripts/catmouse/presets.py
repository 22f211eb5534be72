"""Options to begin a run with, by name."""

from __future__ import annotations

import argparse
from typing import Any

from agents.original import PRESET

PRESETS: dict[str, dict[str, Any]] = {"default": {}, "original": PRESET}


def add_preset(parser: argparse.ArgumentParser) -> None:
    """Add the option `--preset`."""
    parser.add_argument(
        "--preset",
        choices=PRESETS,
        default="default",
        help='options to begin with; "original" is the program of 2016 to its 1.2 errors a game (default: '
        "%(default)s)",
    )
