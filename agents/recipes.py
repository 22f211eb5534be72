"""Recipes: which brain and which training suit a game, so that nobody has to say."""

from __future__ import annotations

from typing import Any

LONG_GAME = 100  # moves: from here on gradients through the whole game teach an Elman network nothing
WINDOW = 20  # moves after which long games make a step


def recipe_for(inputs: int, moves: int, hides_cat: bool) -> dict[str, Any]:
    """Defaults of a run for a game.

    Args:
        inputs: Numbers observed.
        moves: Moves a game.
        hides_cat: Whether the cat goes out of sight, so that something must be remembered.

    Returns:
        Values for the fields of `agents.training.RunConfig` that the user left open.
    """
    if hides_cat:
        return memory_recipe(moves)
    return {
        "cell": "elman",
        "hidden": 32,
        "recurrent_gain": 0.5,
        "batch": 64,
        "learning_rate": 0.02,
        "clip": None,
        "games": 400_000,
    }


def memory_recipe(moves: int) -> dict[str, Any]:
    """For a cat that goes out of sight. docs/memory.md says what was measured."""
    long = moves >= LONG_GAME
    return {
        "cell": "gru" if long else "elman",
        "hidden": 64,
        "recurrent_gain": 0.9,
        "batch": 128,
        "learning_rate": 0.02,
        "clip": 1.0,
        "window": WINDOW if long else None,
        "games": 100_000 if long else 400_000,
    }
