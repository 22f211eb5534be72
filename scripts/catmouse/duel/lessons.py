"""What a duel is about, and the lessons that follow from it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from agents import Brain
from agents.brain import CELLS
from catmouse.duel.fighters import BrainFighter
from catmouse.duel.game import DuelConfig
from catmouse.duel.learner import LearnerConfig, recipe_of
from catmouse.duel.loading import check_brain
from catmouse.duel.pairs import Pair, Taught
from catmouse.duel.self_play import SelfPlay
from catmouse_env.solver import Player

TAUGHT, SELF_TAUGHT = "taught", "self-taught"


@dataclass(frozen=True)
class DuelOptions:
    """What a duel is about.

    Attributes:
        game: The game.
        cells: Whose brains learn it.
        self_play: Whether brains teach themselves, too.
        hidden: Units; 0: as many as suit the cell. So the next.
        updates: Of each brain.
        rounds: Of self-play.
        seed: Of all chance.
        thoughts: How often a brain with a memory looks at a state before it moves; 0: as suits the cell.
    """

    game: DuelConfig
    cells: tuple[str, ...] = ("lstm",)
    self_play: bool = False
    hidden: int = 0
    updates: int = 0
    rounds: int = 200
    seed: int = 0
    thoughts: int = 0

    @classmethod
    def from_file(cls, told: Any) -> DuelOptions:
        """What `asdict` made, of a file; ValueError or TypeError if it can't be."""
        options = cls(**{**told, "game": DuelConfig(**told["game"]), "cells": tuple(told["cells"])})
        for name in ("hidden", "updates", "rounds", "seed", "thoughts"):
            if type(getattr(options, name)) is not int or getattr(options, name) < 0:
                raise ValueError(f"{name} must be a whole number")
        if not set(options.cells) <= set(CELLS) or options.rounds < 1:
            raise ValueError("there are no such cells or rounds")
        return options


@dataclass(frozen=True)
class Lesson:
    """What a mouse and a cat of one kind learn.

    Attributes:
        way: `TAUGHT` by the equilibrium, or `SELF_TAUGHT`.
        learner: How.
    """

    way: str
    learner: LearnerConfig

    @property
    def name(self) -> str:
        """As it stands in the league."""
        return f"{self.learner.name}, {self.way}"

    def file(self, role: str) -> str:
        """The name of a brain's file."""
        told = f"{role} {self.name}".replace("can't see the clock", "no clock").replace(",", "")
        return f"{told.replace(' ', '-')}.safetensors"

    def fighter(self, folder: Path, game: DuelConfig, role: Player) -> BrainFighter:
        """A brain that has learned it.

        Raises:
            ValueError: The file in the folder is damaged, or that of a brain that can't play this side.
            OSError: There is none.
        """
        path = folder / self.file(role)
        brain = Brain.load(path)
        check_brain(str(path), brain, role, game)
        return BrainFighter(self.name, game, role, brain)

    def begin(self, options: DuelOptions) -> Pair:
        """Both brains, new."""
        if self.way == TAUGHT:
            return Taught(options.game, self.learner)
        return SelfPlay(options.game, self.learner, options.rounds)


def lessons(options: DuelOptions) -> list[Lesson]:
    """All of a duel, in their order.

    Who has a memory never sees the clock: it can count its moves. Who has none is taught with and without.
    """
    found = []
    for cell in options.cells:
        recipe, remembers = recipe_of(cell), CELLS[cell].recurrent
        size = options.hidden or recipe.hidden, options.updates or recipe.updates, options.seed
        with_clock = LearnerConfig(cell, not remembers, *size, options.thoughts)
        found.append(Lesson(TAUGHT, with_clock))
        if not remembers:
            found.append(Lesson(TAUGHT, LearnerConfig(cell, False, *size)))
        if options.self_play:
            found.append(Lesson(SELF_TAUGHT, with_clock))
    return found
