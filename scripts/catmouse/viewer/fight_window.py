"""The window of `watch.py --fight`: two brains fight, and one sees what both have in mind."""

from __future__ import annotations

from collections.abc import Callable

import pygame

from catmouse.duel.fight import Fight
from catmouse.plots.fight_film import HEIGHT, WIDTH, paint_moment
from catmouse.viewer.game_player import GameWindow
from catmouse_env.rendering.pygame_renderer import CAPTION, open_window


class FightWindow(GameWindow[Fight]):
    """Shows fights until it is closed, or `games` of them are over.

    Args:
        next_fight: Makes the fight of a number, counted from 1.
        fps: Moves a second.
        games: Fights to show, or None for no end.
    """

    def __init__(self, next_fight: Callable[[int], Fight], fps: float, games: int | None = None) -> None:
        super().__init__(fps)
        self._next_fight, self._games = next_fight, games
        self._count = 0
        self._keys[pygame.K_n] = self.over
        self.over()
        self.window = open_window((WIDTH, HEIGHT), f"{CAPTION}: the fight", "use --gif FILE")

    def turn(self, now: float) -> None:
        """Hear the keys, go on with the fight if it is time, and draw.

        Args:
            now: The time in seconds.
        """
        self.hear()
        self.tick(now)
        if self.open and self.game is not None:
            paint_moment(pygame.display.get_surface(), self.game, self.move)
            pygame.display.flip()

    def over(self) -> None:
        """The next fight follows, or the window closes."""
        if self._count == self._games:
            self.open = False
            return
        self._count += 1
        self.put(self._next_fight(self._count))
