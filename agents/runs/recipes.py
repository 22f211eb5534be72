"""Recipes: which brain and which training suit a game, so that nobody has to say."""

from __future__ import annotations

import math
from typing import Any

LONG_GAME = 100  # moves: from here on gradients through the whole game teach an Elman network nothing
BPTT_STEPS = 20  # moves after which long games make a step
CELLS = 36  # of the room for which the numbers below were found; docs/performance.md has what was measured


def recipe_for(
    inputs: int, moves: int, hides_cat: bool, cells: int = CELLS, given: dict[str, Any] | None = None
) -> dict[str, Any]:
    """Defaults of a run for a game.

    Args:
        inputs: Numbers observed.
        moves: Moves a game.
        hides_cat: Whether the cat goes out of sight, so that something must be remembered.
        cells: Of the room.
        given: What the user did say: a recipe for the rest has to fit it.

    Returns:
        Values for the fields of `agents.runs.config.RunConfig` that the user left open.
    """
    if hides_cat:
        return memory_recipe(moves)
    given = given or {}
    if given.get("head") == "compass" or given.get("optimizer") not in (None, "muon"):
        return plain_recipe()
    return room_recipe(cells, given.get("games"))


def room_recipe(cells: int, games: int | None) -> dict[str, Any]:
    """For everything in sight: Muon, and a rate that falls to 0 over a fifth of the games.

    A larger room asks for finer distinctions over longer games. Hidden units grow with its sides; games grow,
    and the rate falls, with the power 3/2 of its cells: with steps that are too long for it, a network that
    feeds back over many moves does not settle.

    Args:
        cells: Of the room.
        games: How many the user asked for, or None.
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


def plain_recipe() -> dict[str, Any]:
    """For everything in sight, where the user asked for another optimiser or head."""
    return {
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


def memory_recipe(moves: int) -> dict[str, Any]:
    """For a cat that goes out of sight. docs/memory.md says what was measured."""
    long = moves >= LONG_GAME
    return {
        "cell": "gru" if long else "elman",
        "hidden": 64,
        "recurrent_gain": 0.9,
        "batch": 128,
        "optimizer": "adam",
        "learning_rate": 0.02,
        "schedule": "linear",
        "clip": 1.0,
        "bptt_steps": BPTT_STEPS if long else None,
        "games": 100_000 if long else 400_000,
        "report_every": 5_000,
    }
