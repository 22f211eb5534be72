"""Recipes: which brain and which training suit a game, so that nobody has to say."""

from __future__ import annotations

from typing import Any

from agents.gated_cells import GatedCell, Gru, Lstm
from agents.optimizers import FALLS

LONG_GAME = 100  # moves: from here on a hidden cat asks for steps by windows; docs/memory.md says why
BPTT_STEPS = 20  # moves after which long games make a step
SIDE = 6  # of the room for which the numbers below were found; docs/performance.md has what was measured
FALL = 100_000  # games over which the rate falls to 0, in that room
REPORTS = 10  # rows of the learning curve in one fall
GATED: tuple[type[GatedCell], ...] = (Gru, Lstm)

# For everything in sight, where the user asked for another optimiser or head.
ADAM: dict[str, Any] = {
    "cell": "elman",
    "hidden": 32,
    "recurrent_gain": 0.5,
    "input_gain": 1.0,
    "recurrent_rate": 1.0,
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
    width: int = SIDE,
    height: int = SIDE,
    head: str = "direction",
    cell: str | None = None,
    optimizer: str | None = None,
    games: int | None = None,
) -> dict[str, Any]:
    """Values for the fields of `agents.runs.config.RunConfig` that the user left open.

    Args:
        moves: Moves a game.
        hides_cat: Whether the cat goes out of sight, so that something must be remembered.
        width: Columns of the room.
        height: Its rows.
        head: Which the user wants; the rest has to fit it.
        cell: Which the user asked for, or None.
        optimizer: Which the user asked for, or None.
        games: How many the user asked for, or None.
    """
    # A certificate takes about as long as training with half as many games. So it is made when so many went
    # without a mistake: sooner, most would fail; later, more time would go by than one that fails takes.
    certify_after = max(1, (width * height) ** 2 // 2)
    if head == "compass" or optimizer not in (None, "muon"):
        recipe = adam_memory_recipe(moves) if hides_cat else ADAM
    elif hides_cat and cell not in (None, *(gated.name for gated in GATED)):
        recipe = adam_memory_recipe(moves)
    else:
        recipe = muon_recipe(moves, hides_cat, width, height, games)
    return {**recipe, "certify_after": certify_after}


def muon_recipe(moves: int, hides_cat: bool, width: int, height: int, games: int | None) -> dict[str, Any]:
    """The rule for every room: Muon, a brain that begins without feedback, a rate that falls to 0 and again.

    Feedback that nothing has asked for is noise that the first layer has to unlearn. So recurrent weights
    begin at 0 and learn slowly: that much recurrence costs no games (it saves some), and it grows where it is
    needed. Where something must be remembered it is needed, and has gates, which keep what they hold without
    having to learn how; there the recurrent weights learn faster.

    A longer side asks for finer distinctions along it, since observations are parts of a side: steeper first
    units, in proportion. A room of more cells asks for more games, rather more than in proportion, to meet
    its rarest starts before the rate is down; and for more units and shorter steps, far less than in
    proportion.
    """
    larger = max(1.0, width * height / SIDE**2)
    fall = round(FALL * larger**1.2)
    long = hides_cat and moves >= LONG_GAME
    return {
        "cell": Gru.name if hides_cat else "elman",
        "hidden": 8 * int((4 if hides_cat else 6) * larger**0.25),
        "recurrent_gain": 0.0,
        "input_gain": max(1.0, (max(width, height) - 1) / (SIDE - 1)),
        "recurrent_rate": 0.3 if hides_cat else 0.1,
        "batch": min(128, games or 128),
        "optimizer": "muon",
        "learning_rate": 0.012 / larger**0.25,
        # Whoever says how many games there shall be wants the rate at 0 after them, not at a fifth.
        "schedule": "linear" if games else "restarts",
        "clip": None,
        "bptt_steps": BPTT_STEPS if long else None,
        "games": FALLS * fall,
        "report_every": fall // REPORTS,
    }


def adam_memory_recipe(moves: int) -> dict[str, Any]:
    """For a cat that goes out of sight, where the user's cell, head or optimiser rules out the other.

    docs/memory.md says what was measured.
    """
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
