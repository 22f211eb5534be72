"""Recipes: which brain and which training suit a game, so that nobody has to say."""

from __future__ import annotations

from typing import Any


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
        return {
            "cell": "elman",
            "hidden": 64,
            "recurrent_gain": 0.9,
            "batch": 128,
            "learning_rate": 0.02,
            "clip": 1.0,
            "games": 400_000,
        }
    return {
        "cell": "elman",
        "hidden": 32,
        "recurrent_gain": 0.5,
        "batch": 64,
        "learning_rate": 0.02,
        "clip": None,
        "games": 400_000,
    }
