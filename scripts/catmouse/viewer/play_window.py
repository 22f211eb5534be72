"""The window of `play.py`: a person against a policy."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pygame

from catmouse.viewer.sheet import DIM, INK, WARM, Colour, Sheet
from catmouse_env.directions import STEPS
from catmouse_env.rendering.pygame_renderer import CAPTION, draw_room, open_window, wants_to_leave

WIDTH, HEIGHT = 960, 640  # points
ROOM = (0, 0, 640, 640)
LEFT, RIGHT = 664, 940  # of the panel
FRAMES_PER_SECOND = 30
GOOD: Colour = (0, 178, 130)
BAD: Colour = (238, 102, 40)

# The block of numbers as it lies, and the same digits in a row for keyboards without one.
BLOCK = {1: (-1, -1), 2: (0, -1), 3: (1, -1), 4: (-1, 0), 6: (1, 0), 7: (-1, 1), 8: (0, 1), 9: (1, 1)}
KEYS: dict[int, tuple[int, int]] = {
    pygame.K_UP: (0, 1),
    pygame.K_RIGHT: (1, 0),
    pygame.K_DOWN: (0, -1),
    pygame.K_LEFT: (-1, 0),
    **{getattr(pygame, f"K_KP{digit}"): step for digit, step in BLOCK.items()},
    **{getattr(pygame, f"K_{digit}"): step for digit, step in BLOCK.items()},
}


class PlayWindow:
    """Plays games until it is closed.

    Args:
        env: The game for two players, made by `catmouse_env.parallel_env`.
        person: Which animal the person moves, "cat" or "mouse".
        opponent: What the other does: observation and whether its game has just begun -> action.
        name: The opponent's.
        seed: Of the starts.

    Attributes:
        won: Games that the person has won.
        lost: Games that it has lost.
        open: Whether the window is.
        notice: A line that is shown until the next move.
    """

    def __init__(
        self, env: Any, person: str, opponent: Callable[[Any, bool], int], name: str, seed: int
    ) -> None:
        self.env = env
        self.person = person
        self.other = "mouse" if person == "cat" else "cat"
        self.won = self.lost = 0
        self.open = True
        self._opponent = opponent
        self._name = name
        self._steps = STEPS[int(env.action_space(person).n)]
        self.notice = ""
        self._seen, _ = env.reset(seed=seed)
        self.window = open_window((WIDTH, HEIGHT), f"{CAPTION}: you are the {person}", "playing needs one")

    def run(self) -> None:
        """Play until the window is closed."""
        clock = pygame.time.Clock()
        try:
            while self.open:
                for event in pygame.event.get():
                    self.hear(event)
                self.draw()
                clock.tick(FRAMES_PER_SECOND)
        finally:
            self.open = False
            pygame.display.quit()

    def hear(self, event: Any) -> None:
        """Do what a key says; other events are nothing to it, but the window's end."""
        if wants_to_leave(event):
            self.open = False
        elif event.type == pygame.KEYDOWN and event.key == pygame.K_r:
            self.restart()
        elif event.type == pygame.KEYDOWN and event.key in KEYS:
            self.move(KEYS[event.key])

    def restart(self) -> None:
        """Begin a new game; one that is not over does not count."""
        self.notice = ""
        self._seen, _ = self.env.reset()

    def move(self, step: tuple[int, int]) -> None:
        """Move both animals, the person's by one step (right, up); after the end begin a new game."""
        if not self.env.agents:
            self.restart()
            return
        if step not in self._steps:
            self.notice = f"The {self.person} can't go diagonally."
            return
        self.notice = ""
        begins = self.env.snapshot().moves == 0
        actions = {
            self.person: self._steps.index(step),
            self.other: self._opponent(self._seen[self.other], begins),
        }
        self._seen, _, terminated, _, _ = self.env.step(actions)
        if not self.env.agents:
            if terminated[self.person] == (self.person == "cat"):
                self.won += 1
            else:
                self.lost += 1

    def draw(self) -> None:
        """Draw the game and the panel."""
        window = pygame.display.get_surface()
        self.paint(window)
        pygame.display.flip()

    def paint(self, surface: pygame.Surface) -> None:
        """Draw all on a surface of any size."""
        sheet = Sheet(surface, WIDTH, HEIGHT)
        snapshot = self.env.snapshot()
        draw_room(surface, sheet.rect(*ROOM), snapshot)
        sheet.text(f"You are the {self.person}", LEFT, 40, 40)
        sheet.text(f"against {self._name}", LEFT, 74, 24, DIM)
        sheet.text(f"move {snapshot.moves} of {self.env.config.max_steps}", LEFT, 132, 34)
        sheet.text(f"won {self.won}", LEFT, 178, 30, GOOD)
        sheet.text(f"lost {self.lost}", LEFT + 120, 178, 30, BAD)
        goal = "Catch the mouse" if self.person == "cat" else "Stay free"
        sheet.text(f"{goal} within {self.env.config.max_steps} moves.", LEFT, 236, 24, INK)
        for row, words in enumerate(
            ("Both move at the same time: in one", "cell, or swapping cells, it is caught.")
        ):
            sheet.text(words, LEFT, 264 + 24 * row, 21, DIM)
        for row, (key, what) in enumerate(self._help()):
            sheet.text(key, LEFT, 360 + 34 * row, 24, WARM)
            sheet.text(what, LEFT + 100, 360 + 34 * row, 24, INK)
        if not self.env.agents:
            won = snapshot.caught == (self.person == "cat")
            said = "The mouse is caught." if snapshot.caught else "The mouse got away."
            sheet.text(said, LEFT, 562, 26, INK)
            sheet.text(f"You {'win' if won else 'lose'}.", LEFT, 590, 32, GOOD if won else BAD)
            sheet.text("Any move begins the next game.", LEFT, 618, 21, DIM)
        elif self.notice:
            sheet.text(self.notice, LEFT, 600, 24, WARM)

    def _help(self) -> list[tuple[str, str]]:
        eight = len(self._steps) == 8
        return [
            ("arrows", "move"),
            ("1 to 9" if eight else "2 4 6 8", "diagonals too, as on" if eight else "the same, as on"),
            ("", "the block of numbers"),
            ("R", "new game"),
            ("Q, Esc", "leave"),
        ]
