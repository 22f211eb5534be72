"""Recipes: which brain and which training suit a game, so that nobody has to say."""

from __future__ import annotations

import math
from typing import Any

LONG_GAME = 100  # moves: from here on gradients through the whole game teach an Elman network nothing
BPTT_STEPS = 20  # moves after which long games make a step
CELLS = 36  # of the room for which the numbers below were found; docs/performance.md has what was measured

# For everything in sight, where the user asked for another optimiser or head.
ADAM: dict[str, Any] = {
    "cell": "elman",
    "hidden": 32,
    "recurrent_gain": 0.5,
    "batch": 64,
    "optimizer": "adam",
    "learning_rate": 0.02,
    "schedule": "linear",
    "clip": None,
    "games": 400_000,
    "report_every": 5_000,
}


def recipe_for(
    moves: int,
    hides_cat: bool,
    cells: int = CELLS,
    head: str = "direction",
    optimizer: str | None = None,
    games: int | None = None,
) -> dict[str, Any]:
    """Values for the fields of `agents.runs.config.RunConfig` that the user left open.

    Args:
        moves: Moves a game.
        hides_cat: Whether the cat goes out of sight, so that something must be remembered.
        cells: Of the room.
        head: Which the user wants; the rest has to fit it.
        optimizer: Which the user asked for, or None.
        games: How many the user asked for, or None.
    """
    if hides_cat:
        return memory_recipe(moves)
    if head == "compass" or optimizer not in (None, "muon"):
        return ADAM
    return room_recipe(cells, games)


def room_recipe(cells: int, games: int | None) -> dict[str, Any]:
    """For everything in sight: Muon, and a rate that falls to 0 over a fifth of the games.

    A larger room asks for finer distinctions over longer games. Hidden units grow with its sides; games grow,
    and the rate falls, with the power 3/2 of its cells: with steps that are too long for it, a network that
    feeds back over many moves does not settle.
    """
    larger = max(1.0, cells / CELLS)
    return {
        "cell": "elman",
        "hidden": 8 * round(6 * math.sqrt(larger)),
        "recurrent_gain": 0.5,
        "batch": min(128, games or 128),
        "optimizer": "muon",
        "learning_rate": 0.012 / larger**1.5,
        # Whoever says how many games there shall be wants the rate at 0 after them, not at a fifth.
        "schedule": "linear" if games else "restarts",
        "clip": None,
        "games": round(500_000 * larger**1.5),
        "report_every": round(5_000 * larger**1.5),
    }


def memory_recipe(moves: int) -> dict[str, Any]:
    """For a cat that goes out of sight. docs/memory.md says what was measured."""
    long = moves >= LONG_GAME
    return {
        **ADAM,
        "cell": "gru" if long else "elman",
        "hidden": 64,
        "recurrent_gain": 0.9,
        "batch": 128,
        "clip": 1.0,
        "bptt_steps": BPTT_STEPS if long else None,
        "games": 100_000 if long else 400_000,
    }
