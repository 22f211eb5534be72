"""Goes through recorded games in time and by keys: what every window that shows games has in common."""

from __future__ import annotations

import time
from collections.abc import Callable, Container
from typing import Generic, Protocol, TypeVar

import pygame

from catmouse_env.rendering.pygame_renderer import wants_to_leave

FRAMES_PER_SECOND = 30
END_SECONDS = 1.2  # that a finished game stays, at the least
MISTAKE_MOVES = 2  # moves' time that a mistake stays
FASTER = 1.5  # times, at a press of the key
SLOWEST, FASTEST = 0.25, 60.0  # moves a second


class Recorded(Protocol):
    """What can be shown: moves from 0 on, some of them mistakes."""

    @property
    def moves(self) -> int: ...

    @property
    def mistakes(self) -> Container[int]: ...


Shown = TypeVar("Shown", bound=Recorded)


def seconds_shown(game: Recorded, move: int, fps: float) -> float:
    """How long a game's picture after `move` moves stays, at `fps` moves a second."""
    if move == game.moves:
        return max(END_SECONDS, 1 / fps)
    return (MISTAKE_MOVES if move in game.mistakes else 1) / fps


class GamePlayer(Generic[Shown]):
    """Shows games move by move; subclasses draw them, and say in `over` what comes after a game.

    Args:
        fps: Moves a second.

    Attributes:
        game: The game that is shown, or None before the first.
        move: How many of its moves.
        paused: Whether it stands still.
        fps: Moves a second, which keys change.
        open: Whether the window is.
    """

    def __init__(self, fps: float) -> None:
        self.game: Shown | None = None
        self.move = 0
        self.paused = False
        self.fps = fps
        self.open = True
        self._due = 0.0  # when the picture's time is over; 0: not known yet
        self._keys: dict[int, Callable[[], None]] = {
            pygame.K_SPACE: self._pause,
            pygame.K_RIGHT: self._one_move,
            pygame.K_LEFT: self._one_back,
            **dict.fromkeys((pygame.K_UP, pygame.K_PLUS, pygame.K_KP_PLUS, pygame.K_EQUALS), self._faster),
            **dict.fromkeys((pygame.K_DOWN, pygame.K_MINUS, pygame.K_KP_MINUS), self._slower),
        }

    def put(self, game: Shown, move: int = 0) -> None:
        """Show a game from one of its moves on."""
        self.game, self.move, self._due = game, move, 0.0

    def hear(self) -> None:
        """Do what the keys say; `open` becomes False if the window is to be closed."""
        for event in pygame.event.get():
            if wants_to_leave(event):
                self.open = False
                return
            if event.type == pygame.KEYDOWN and event.key in self._keys:
                self._keys[event.key]()

    def tick(self, now: float) -> None:
        """Go on by a move if the picture's time is over.

        Args:
            now: The time in seconds.
        """
        if self.game is not None and not self.paused and now >= self._due > 0:
            self.go_on()
        if self.game is not None and self._due == 0:
            self._due = now + seconds_shown(self.game, self.move, self.fps)

    def go_on(self) -> None:
        """One move; after a game's last what follows it."""
        self._due = 0.0
        if self.game is not None and self.move < self.game.moves:
            self.move += 1
        else:
            self.over()

    def over(self) -> None:
        """What follows when a game has been shown to its end."""

    def say(self, words: str) -> None:
        """Tell the person something."""

    def _pause(self) -> None:
        self.paused = not self.paused
        self._due = 0.0

    def _one_move(self) -> None:
        self.paused = True
        self.go_on()

    def _one_back(self) -> None:
        self.paused = True
        self.move = max(0, self.move - 1)
        self._due = 0.0

    def _faster(self) -> None:
        self._change_pace(FASTER)

    def _slower(self) -> None:
        self._change_pace(1 / FASTER)

    def _change_pace(self, times: float) -> None:
        self.fps = min(max(times * self.fps, SLOWEST), FASTEST)
        self._due = 0.0
        self.say(f"{self.fps:.2g} moves a second")


class GameWindow(GamePlayer[Shown]):
    """A window that shows games until it is closed; subclasses say in `turn` what happens in it."""

    def run(self) -> None:
        """Show games until the end."""
        clock = pygame.time.Clock()
        try:
            while self.open:
                self.turn(time.monotonic())
                clock.tick(FRAMES_PER_SECOND)
        finally:
            self.close()

    def close(self) -> None:
        """Close the window."""
        self.open = False
        pygame.display.quit()

    def turn(self, now: float) -> None:
        """Hear the keys, go on if it is time, and draw.

        Args:
            now: The time in seconds.
        """
        raise NotImplementedError
