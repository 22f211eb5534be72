"""Options of the commands that play duels: which room, which cat, how long a game."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from typing import Any

from catmouse.command_line import Parser
from catmouse.duel.game import DuelConfig
from catmouse_env import validation


def add_duel_options(parser: Parser, otherwise: str = "") -> None:
    """Add the options of a duel's game; those that are not said are None.

    Args:
        parser: The command's.
        otherwise: What is taken before the defaults, for the help.
    """
    default = DuelConfig()
    parser.add_number("--width", None, "columns of the room", otherwise=f"{otherwise}{default.width}")
    parser.add_number("--height", None, "rows of the room", otherwise=f"{otherwise}{default.height}")
    parser.add_argument(
        "--cat-directions",
        type=int,
        choices=(4, 8),
        default=None,
        help=f"the cat's moves (default: {otherwise}{default.cat_directions})",
    )
    parser.add_number("--max-steps", None, "moves a game", otherwise=f"{otherwise}{default.max_steps}")


def duel_config(parsed: argparse.Namespace, learned: dict[str, Any] | None = None) -> DuelConfig:
    """The game that was asked for; what was not said is as a brain has `learned` it, or the default.

    Raises:
        ValueError: There is no such room.
    """
    values = asdict(DuelConfig())
    for name, default in values.items():
        told = (getattr(parsed, name), (learned or {}).get(name), default)
        values[name] = next(value for value in told if value is not None)
    for side in ("width", "height"):
        validation.side(f"--{side}", values[side])
    return DuelConfig(**values)
