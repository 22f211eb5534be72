"""The window of `watch.py`: shows games one after the other and listens to the keys."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pygame

from catmouse.plots.images import CannotSave, save_gif, save_png
from catmouse.viewer.game_player import GameWindow, seconds_shown
from catmouse.viewer.mistake_finder import MistakeFinder
from catmouse.viewer.panel import HEIGHT, WIDTH, draw_picture
from catmouse.viewer.playback import Game
from catmouse_env.rendering.pygame_renderer import CAPTION, open_window

NOTICE_SECONDS = 3.0


def picture(game: Game, move: int, title: str) -> pygame.Surface:
    """A game after `move` moves, for a file."""
    surface = pygame.Surface((WIDTH, HEIGHT), 0, 32)
    draw_picture(surface, game, move, title)
    return surface


def save_games(games: list[Game], title: str, fps: float, path: Path) -> None:
    """Write games as one GIF; CannotSave if that can't be done."""
    moves = [(game, move) for game in games for move in range(game.moves + 1)]
    save_gif(
        lambda at: picture(*moves[at], title), [seconds_shown(game, move, fps) for game, move in moves], path
    )


class Viewer(GameWindow[Game]):
    """Shows games in a window until it is closed, or `games` of them are over.

    Args:
        next_game: Makes the game of a number, counted from 1.
        finder: Finds games with mistakes.
        title: Who plays.
        fps: Moves a second.
        mistakes: Whether to show games with mistakes from the beginning.
        games: Games to show, or None for no end.
        folder: Where pictures are saved.

    Attributes:
        helping: Whether the keys are shown.
        seeking: Whether a mistake is being looked for.
        notice: Words that are shown for a few seconds.
    """

    def __init__(
        self,
        next_game: Callable[[int], Game],
        finder: MistakeFinder,
        title: str,
        fps: float,
        mistakes: bool = False,
        games: int | None = None,
        folder: Path = Path("."),
    ) -> None:
        super().__init__(fps)
        self._next_game = next_game
        self._finder = finder
        self._title = title
        self._mistakes_only = mistakes
        self._games = games
        self._folder = folder
        self._count = 0
        self._notice_until = 0.0
        self._jump = False
        self._keys |= {
            pygame.K_n: self._another,
            pygame.K_m: self._seek,
            pygame.K_s: self._save_png,
            pygame.K_g: self._save_gif,
            pygame.K_h: self._help,
        }
        self.helping = False
        self.seeking = mistakes
        self.notice = ""
        self.window = open_window((WIDTH, HEIGHT), f"{CAPTION}: {title}", "use --gif FILE")

    def turn(self, now: float) -> None:
        """Hear the keys, go on with the game if it is time, and draw.

        Args:
            now: The time in seconds.
        """
        if self.game is None and not self.seeking:
            self._another()
        self.hear()
        if self.seeking:
            self._seek_on()
        else:
            self.tick(now)
        if self.notice and self._notice_until == 0:
            self._notice_until = now + NOTICE_SECONDS
        elif self.notice and now >= self._notice_until:
            self.notice = ""
        if self.open:
            self._draw()

    def _draw(self) -> None:
        self.window = pygame.display.get_surface()  # anew: it may have been resized
        if self.game is not None:
            hint = "paused" if self.paused else "H: help"
            draw_picture(
                self.window, self.game, self.move, self._title, hint, self.notice, show_help=self.helping
            )
        pygame.display.flip()

    def say(self, words: str) -> None:
        """Show words for a few seconds."""
        self.notice, self._notice_until = words, 0.0

    def _show(self, game: Game, move: int = 0) -> None:
        self.put(game, move)
        self._count = game.number

    def over(self) -> None:
        """The next game, or the end."""
        if self._games is not None and self._count >= self._games:
            self.open = False
        elif self._mistakes_only:
            self.seeking = True
        else:
            self._another()

    def _another(self) -> None:
        self.seeking = False
        self._show(self._next_game(self._count + 1))

    def _seek(self) -> None:
        """The next mistake: in this game, else in the next that has one."""
        later = [move for move in self.game.mistakes if move > self.move] if self.game else []
        if later:
            self.move, self.paused = later[0], True
        else:
            self.seeking = self._jump = True

    def _seek_on(self) -> None:
        game = self._finder.seek(self._count + 1)
        if game is not None:
            self.seeking = False
            self.notice = ""
            self._show(game, game.mistakes[0] if self._jump else 0)
            self.paused |= self._jump
            self._jump = False
        elif self._finder.in_vain:
            self.seeking = self._jump = self._mistakes_only = False
            self.say(f"no mistake from any of the {self._finder.total:,} starts")
            if self.game is None:
                self._another()
        else:
            self.say(f"searching: {self._finder.searched:,} of {self._finder.total:,} starts")

    def _help(self) -> None:
        self.helping = not self.helping

    def _free_name(self, ending: str) -> Path:
        number = 1
        while (path := self._folder / f"catmouse-{number}.{ending}").exists():
            number += 1
        return path

    def _save_png(self) -> None:
        if self.game is not None:
            path = self._free_name("png")
            self._try_to_save(path, lambda game: save_png(picture(game, self.move, self._title), path))

    def _save_gif(self) -> None:
        path = self._free_name("gif")
        self._try_to_save(path, lambda game: save_games([game], self._title, self.fps, path))

    def _try_to_save(self, path: Path, save: Callable[[Game], None]) -> None:
        if self.game is None:
            return
        try:
            save(self.game)
        except CannotSave as error:
            self.say(str(error))
        else:
            self.say(f"saved {path}")
        self._due = 0.0
