"""Saved brains as fighters: what they are and where they fit, or a line that says why not."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from agents import Brain
from catmouse.duel.fighters import BrainFighter
from catmouse.duel.game import DuelConfig
from catmouse.policies import brain_path, check_game
from catmouse_env.solver import Player

MAX_THOUGHTS = 16  # before a move, that a file may ask for


def load_brain(name: str, told: str) -> Brain:
    """The brain of a file or run folder.

    Args:
        name: Its path.
        told: How an error begins, before "a brain's file".

    Raises:
        ValueError: There is none.
    """
    try:
        return Brain.load(brain_path(name))
    except OSError as error:
        raise ValueError(f"{told} a brain's file: {error}") from error


def learned_game(brain: Brain, role: Player) -> dict[str, Any]:
    """The arguments of the game that a brain has learned to play, as far as it knows."""
    learned = {"cat_directions": brain.config.actions} if role == "cat" else {}
    return {**learned, **(brain.game or {})}


def check_brain(name: str, brain: Brain, role: Player, config: DuelConfig) -> None:
    """ValueError, in one line, if a brain can't play this side of this game."""
    if brain.game is not None:
        check_game(name, brain.game, role, asdict(config))
    if brain.config.actions != config.actions(role):
        raise ValueError(f"{name} has {brain.config.actions} directions, the {role} {config.actions(role)}")
    thoughts = (brain.game or {}).get("thoughts", 1)
    if type(thoughts) is not int or not 1 <= thoughts <= MAX_THOUGHTS:
        raise ValueError(f"{name} can't think {thoughts!r} times before a move")
    if brain.config.inputs not in (4, 5):
        raise ValueError(f"{name} takes {brain.config.inputs} numbers, not 4 or 5")


def load_fighters(names: dict[Player, str]) -> dict[Player, BrainFighter]:
    """Two saved brains that fight each other, in the game that they learned.

    Raises:
        ValueError: There is no such brain, or it learned to be the other animal, or another game.
    """
    brains = {role: load_brain(name, f"{name!r} is not") for role, name in names.items()}
    learned: dict[str, Any] = {}
    for role, brain in brains.items():
        learned |= learned_game(brain, role)
    default = asdict(DuelConfig())
    config = DuelConfig(**{name: learned.get(name, value) for name, value in default.items()})
    for role, brain in brains.items():
        check_brain(names[role], brain, role, config)
        for name, value in (brain.game or {}).items():
            asked = getattr(config, name, value)
            if asked != value:
                raise ValueError(f"{names[role]} has learned with {name}={value}, the other with {asked}")
    return {role: BrainFighter(describe_brain(brain), config, role, brain) for role, brain in brains.items()}


def describe_brain(brain: Brain) -> str:
    """Its cell, and who taught it."""
    told = (brain.game or {}).get("learned_from")
    way = {"self-play": ", self-taught", "labels": ", taught"}.get(str(told), "")
    blind = brain.config.inputs == 4 and not brain.cell.recurrent
    return brain.config.cell + (", can't see the clock" if blind else "") + way
