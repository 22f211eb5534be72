"""Recipes: which brain and which training suit a game, so that nobody has to say."""

from __future__ import annotations

from typing import Any

from agents.gated_cells import GatedCell, Gru, Lstm
from agents.optimizers import FALLS

LONG_GAME = 100  # moves: from here on a hidden cat asks for steps by windows; docs/memory.md says why
BPTT_STEPS = 20  # moves after which long games make a step
SIDE = 6  # of the room for which the numbers below were found; docs/performance.md has what was measured
FALL = 100_000  # games over which the rate falls to 0, in that room
MOVES = 10  # of a game in it
RATE = 0.017  # of Muon at first, in that room
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


# For a target that is an average. A smoothed error forgets a thousandth a game, however good the brain is:
# what counts is to be good soon, and what a game costs. So steps are as long as goes, units few, and many
# games are played side by side.
ON_AVERAGE: dict[str, Any] = {"hidden": 16, "batch": 192, "learning_rate": 0.08}


def recipe_for(
    moves: int,
    hides_cat: bool,
    width: int = SIDE,
    height: int = SIDE,
    head: str = "direction",
    cell: str | None = None,
    optimizer: str | None = None,
    games: int | None = None,
    measure: str = "certificate",
    starts_suffice: bool = False,
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
        measure: What the target is about: "certificate" or "error".
        starts_suffice: Whether whatever games may come to is also how one may start.
    """
    if head == "compass" or optimizer not in (None, "muon"):
        recipe = adam_memory_recipe(moves) if hides_cat else ADAM
    elif hides_cat and cell not in (None, *(gated.name for gated in GATED)):
        recipe = adam_memory_recipe(moves)
    else:
        recipe = muon_recipe(moves, hides_cat, width, height, games)
        if measure == "error" and not hides_cat:
            recipe |= ON_AVERAGE
        elif starts_suffice:
            recipe |= short_games(moves, width, height)
        recipe["batch"] = min(recipe["batch"], games or recipe["batch"])
    # To play a move takes about half of the time that it takes to learn from it as well. So a certificate is
    # made when half as many moves as it has went without a mistake: sooner, most would fail; later, more time
    # would go by than one that fails takes.
    certify_after = (width * height) ** 2 * moves // (2 * (recipe.get("rollout_steps") or moves))
    return {**recipe, "certify_after": max(1, certify_after)}


def muon_recipe(moves: int, hides_cat: bool, width: int, height: int, games: int | None) -> dict[str, Any]:
    """The rule for every room: Muon, a brain that begins without feedback, a rate that falls to 0 and again.

    Feedback that nothing has asked for is noise that the first layer has to unlearn. So recurrent weights
    begin at 0 and learn slowly: that much recurrence costs no games (it saves some), and it grows where it is
    needed. Where something must be remembered it is needed, and has gates, which keep what they hold without
    having to learn how; there the recurrent weights learn faster.

    A longer side asks for finer distinctions along it, since observations are parts of a side: steeper first
    units, in proportion. A room of more cells asks for more games, more than in proportion, to meet
    its rarest starts before the rate is down; and for more units and shorter steps, far less than in
    proportion. A game that is to be remembered for longer asks for shorter steps, too.
    """
    larger = larger_room(width, height)
    fall = round(FALL * larger**1.5)
    longer = max(1.0, moves / MOVES) if hides_cat else 1.0
    long = hides_cat and moves >= LONG_GAME
    return {
        "cell": Gru.name if hides_cat else "elman",
        "hidden": 8 * int(4 * larger**0.25),
        "recurrent_gain": 0.0,
        "input_gain": max(1.0, (max(width, height) - 1) / (SIDE - 1)),
        "recurrent_rate": 0.3 if hides_cat else 0.1,
        "batch": 128,
        "optimizer": "muon",
        "learning_rate": RATE / (larger * longer) ** 0.25,
        # Whoever says how many games there shall be wants the rate at 0 after them, not at a fifth.
        "schedule": "linear" if games else "restarts",
        "clip": None,
        "bptt_steps": BPTT_STEPS if long else None,
        "games": FALLS * fall,
        "report_every": fall // REPORTS,
    }


def larger_room(width: int, height: int) -> float:
    """How many times as many cells a room has as the one for which the numbers were found; 1 at the least."""
    return max(1.0, width * height / SIDE**2)


def short_games(moves: int, width: int, height: int) -> dict[str, Any]:
    """What is different where games may start with whatever they come to: none needs to be played to its end.

    After some moves the mouse stands at a wall, where it learns the same again and again. So only as many are
    played as bring it half across the room: enough to see to it that feedback does no harm. A batch has fewer
    moves then; twice as many games make up for it, and allow longer steps, by the root of two.
    """
    return {
        "rollout_steps": min(moves, max(2, max(width, height) // 2)),
        "batch": 256,
        "learning_rate": 2**0.5 * RATE / larger_room(width, height) ** 0.25,
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
