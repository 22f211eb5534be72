"""Options of the commands that play duels: which room, which cat, how long a game."""

from __future__ import annotations

import argparse

from catmouse.command_line import Parser
from catmouse.duel.payoffs import DuelConfig
from catmouse_env import validation


def add_duel_options(parser: Parser, cat_directions: int | None, otherwise: str) -> None:
    """Add the options of a duel's game.

    Args:
        parser: The command's.
        cat_directions: The default of that option.
        otherwise: How its help tells that default.
    """
    default = DuelConfig()
    parser.add_number("--width", default.width, "columns of the room")
    parser.add_number("--height", default.height, "rows of the room")
    parser.add_argument(
        "--cat-directions",
        type=int,
        choices=(4, 8),
        default=cat_directions,
        help=f"the cat's moves (default: {otherwise})",
    )
    parser.add_number("--max-steps", default.max_steps, "moves a game")


def duel_config(parsed: argparse.Namespace, cat_directions: int) -> DuelConfig:
    """The game that was asked for; ValueError if there is no such room."""
    return DuelConfig(
        validation.side("--width", parsed.width),
        validation.side("--height", parsed.height),
        cat_directions,
        parsed.max_steps,
    )
