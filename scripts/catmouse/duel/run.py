"""A duel from the first lesson to the last, kept in a folder: stopped at any time, it goes on later."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

from agents import Brain, files
from agents.runs.lock import LOCK, LockedFolder, RunFolderError
from agents.state import check_state
from catmouse.duel.fighters import BrainFighter, Fighter, equilibrium_fighter, random_fighter, simple_fighter
from catmouse.duel.game import ROLES
from catmouse.duel.lessons import SELF_TAUGHT, DuelOptions, Lesson, lessons
from catmouse.duel.pairs import Pair
from catmouse.duel.self_play import SelfPlay
from catmouse_env.solver import Player

KIND = "duel"
CHECKPOINT = "duel.safetensors"
SAVE_SECONDS = 30.0
FILMED_ROUNDS = (0, 10, 100, 1000)  # of self-play, after which both brains are kept


class DuelRun:
    """The lessons of a duel, in a locked folder.

    Args:
        folder: Where all is kept; made if need be.
        options: Of a new duel; None: go on with the one that is there.

    Attributes:
        options: What it is about.
        lesson: Number of the lesson that is learned now.
        pair: Who learn it; None where all is learned.

    Raises:
        RunFolderError: Another process has the folder, it holds another duel, or none to go on with.
        BadFileError: Its checkpoint is damaged.
        OSError: It can't be read or written.
    """

    def __init__(self, folder: Path, options: DuelOptions | None) -> None:
        self.folder = folder
        there = os.path.lexists(folder / CHECKPOINT)
        if options is None and not there:
            raise RunFolderError(f"{folder} holds no duel to go on with")
        brains = [one.file(role) for one in lessons(options) for role in ROLES] if options else []
        self._locked = LockedFolder(folder, [CHECKPOINT, *brains])
        self._saved = time.monotonic()
        try:
            if not there and (others := set(os.listdir(folder)) - {LOCK}):
                raise RunFolderError(f"{folder} holds {sorted(others)[0]!r} and no duel; take another folder")
            if there:
                self._load(options)
            elif options is not None:
                self.options, self.lesson = options, 0
                self.pair: Pair | None = self.lessons[0].begin(options)
        except BaseException:
            self.close()
            raise

    @property
    def lessons(self) -> list[Lesson]:
        """All of its lessons."""
        return lessons(self.options)

    @property
    def last_of_first_cell(self) -> Lesson:
        """The lesson whose brains are shown."""
        return [one for one in self.lessons if one.learner.cell == self.options.cells[0]][-1]

    def close(self) -> None:
        """Let others have the folder."""
        self._locked.close()

    def __enter__(self) -> DuelRun:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def learn(self, wanted: Callable[[], bool], tick: Callable[[Lesson, Pair], None]) -> bool:
        """Go on to the last lesson's end, and save now and then.

        Args:
            wanted: Asked after each round; where it says False the duel is saved and left.
            tick: Told of each round.

        Returns:
            Whether all is learned.
        """
        while self.pair is not None:
            lesson = self.lessons[self.lesson]
            if isinstance(self.pair, SelfPlay) and self.pair.played == 0:
                self._keep_for_film(lesson)
            while self.pair.played < self.pair.rounds:
                self.pair.round()
                tick(lesson, self.pair)
                if isinstance(self.pair, SelfPlay):
                    self._keep_for_film(lesson)
                if not wanted():
                    self.save()
                    return False
                if time.monotonic() - self._saved > SAVE_SECONDS:
                    self.save()
            for role, learner in self.pair.learners.items():
                learner.brain.save(self.folder / lesson.file(role))
            if isinstance(self.pair, SelfPlay):
                self._write_curve(lesson, self.pair)
            self.lesson += 1
            more = self.lesson < len(self.lessons)
            self.pair = self.lessons[self.lesson].begin(self.options) if more else None
            self.save()
        return True

    def save(self) -> None:
        """Write the checkpoint; OSError if that can't be done, and the old one is intact."""
        self._locked.check()
        state = self.pair.state_dict() if self.pair is not None else {}
        told = {"options": asdict(self.options), "lesson": self.lesson}
        files.write(self.folder / CHECKPOINT, KIND, told, state)
        self._saved = time.monotonic()

    def _write_curve(self, lesson: Lesson, pair: SelfPlay) -> None:
        rows = enumerate(pair.curve.tolist())
        text = "".join(f"{played},{mouse:.6f},{cat:.6f}\n" for played, (mouse, cat) in rows if mouse == mouse)
        files.write_text(self.folder / f"curve-{lesson.learner.cell}.csv", f"round,mouse,cat\n{text}")

    def _load(self, options: DuelOptions | None) -> None:
        path = self.folder / CHECKPOINT
        told, tensors = files.read(path, KIND)
        try:
            self.options, self.lesson = DuelOptions.from_file(told["options"]), int(told["lesson"])
            if not 0 <= self.lesson <= len(self.lessons):
                raise ValueError(f"there is no lesson {self.lesson}")
            if options is not None:
                self._refuse(options)
            self.pair = None
            if self.lesson < len(self.lessons):
                self.pair = self.lessons[self.lesson].begin(self.options)
                check_state(tensors, self.pair.state_dict())
                self.pair.load_state_dict(tensors)
        except RunFolderError:
            raise
        except (KeyError, TypeError, ValueError, OverflowError, MemoryError) as error:
            raise files.BadFileError(f"{path} can't be resumed: {error}") from error

    def _refuse(self, options: DuelOptions) -> None:
        """A folder that holds a duel is not written over, and an unfinished one not begun anew."""
        if options != self.options:
            raise RunFolderError(f"{self.folder} holds another duel; take another folder")
        if self.lesson < len(self.lessons):
            raise RunFolderError(
                f"{self.folder} holds an unfinished duel; --resume {self.folder} goes on with it"
            )

    def _keep_for_film(self, lesson: Lesson) -> None:
        pair = self.pair
        if pair is not None and (pair.played in FILMED_ROUNDS or pair.played == pair.rounds):
            for role, learner in pair.learners.items():
                path = self.film_file(lesson, pair.played, role)
                path.parent.mkdir(exist_ok=True)
                learner.brain.save(path)

    def film_file(self, lesson: Lesson, played: int, role: Player) -> Path:
        """Where a brain is kept as it was after some rounds of self-play."""
        return self.folder / f"rounds-{lesson.learner.cell}" / f"{role}-{played:05}.safetensors"

    def fighters(self, role: Player) -> list[Fighter]:
        """All of one side, from the weakest kind to the strongest.

        Raises:
            BadFileError: A brain's file is damaged.
            OSError: It is missing.
        """
        game = self.options.game
        taught = [one.fighter(self.folder, game, role) for one in self.lessons]
        return [
            random_fighter(game, role),
            simple_fighter(game, role),
            *taught,
            equilibrium_fighter(game, role),
        ]

    def film_rounds(self) -> list[tuple[int, dict[Player, BrainFighter]]]:
        """The brains of the first self-play as they were after ever more rounds."""
        for lesson in self.lessons:
            if lesson.way == SELF_TAUGHT:
                return [
                    (
                        played,
                        {
                            role: BrainFighter(f"{role} {played}", self.options.game, role, Brain.load(path))
                            for role in ROLES
                            for path in [self.film_file(lesson, played, role)]
                        },
                    )
                    for played in sorted({*FILMED_ROUNDS, self.options.rounds})
                    if self.film_file(lesson, played, "mouse").exists()
                ]
        return []
