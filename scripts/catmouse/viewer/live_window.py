"""A window on a brain that learns: a game as it plays now, move by move, and its learning curve beside it.

At the slow pace training waits while a game is shown, then plays a tenth more games, and so on: learning
is seen as it happens. At the fast pace training comes first: pictures take less than a tenth of its time.
Closing the window lets it go on alone.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from math import ceil, floor, log10
from typing import TYPE_CHECKING

import pygame

from catmouse.viewer import panel
from catmouse.viewer.game_player import GamePlayer
from catmouse.viewer.playback import Game, describe, record, single_env_like
from catmouse.viewer.sheet import DIM, FAINT, INK, TEACHER, WARM, Colour, Sheet
from catmouse_env.rendering.pygame_renderer import CAPTION, WITHOUT_SCREEN, open_window

if TYPE_CHECKING:
    from agents.runs.run import Run

WIDTH, HEIGHT = 1360, 640  # points; at the left the picture of `watch`
LEFT, RIGHT = 984, 1340  # of the curve's part
PLOT = (1032, 150, 300, 412)  # the curve's x, y, width, height

MORE_GAMES = 0.1  # that are learned from between two that are shown, at the slow pace
FPS = {"slow": 6.0, "fast": 4.0}  # moves a second
SHARE = 0.04  # of the time that pictures may take at the fast pace: well below the tenth that is promised
WARM_UP = 12  # pictures before training, after which most figures have been made
LEAST_PAUSE = 1 / 20  # seconds between pictures
FLOOR_OF_CURVE = 0.01  # errors and mistakes a game below are drawn here
POINT_EVERY = 0.05  # more games, a point of the curve: even steps on a logarithmic axis
MAX_POINTS = 600

ERROR: Colour = WARM
MISTAKES: Colour = TEACHER


class LiveWindow(GamePlayer[Game]):
    """Shows a run while it is under way.

    Args:
        run: The run. Its training is not touched: games are played in an environment of its own.
        pace: "slow" or "fast".
        over: Says True when there is another reason to end than the window's closing.
        clock: Tells the time in seconds.
        work_clock: Tells the seconds that the processor has worked for this thread. On a busy machine
            a picture may be drawn in one go and training be left waiting: both clocks are kept to.
        sleep: Waits so many seconds.

    Raises:
        DependencyNotInstalled: There is no screen.
        ValueError: The run's games can't be drawn.

    Attributes:
        pictures: How many were drawn since training began.
        spent: Seconds that they took since training began.
        curve: Games, compass error and mistakes a game at each picture.
        shown_at: How many games had been learned from when the game that is shown was played.
    """

    def __init__(
        self,
        run: Run,
        pace: str = "slow",
        over: Callable[[], bool] = lambda: False,
        clock: Callable[[], float] = time.perf_counter,
        work_clock: Callable[[], float] = time.thread_time,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        super().__init__(FPS[pace])
        self._pace = pace
        self._stop = over
        self._clock = clock
        self._work_clock = work_clock
        self._sleep = sleep
        self._env = single_env_like(run.env)
        self._title = describe(run.brain, "")
        self._next_point = 0.0
        self._next_game = 0.0
        self._closed = False
        self._seen = False  # whether the game was shown to its end
        self.shown_at = 0
        self.curve: list[tuple[int, float, float]] = []
        open_window((WIDTH, HEIGHT), f"{CAPTION}: learning", "train without --render")
        self._picture_due = self._work_due = 0.0
        self.spent, self.pictures = 0.0, 0
        self.play(run)
        for _ in range(WARM_UP):  # the first picture with a figure takes long: now, while nobody waits
            self.draw(run)
        if self.game is not None:
            self.put(self.game)
        self.spent, self.pictures = 0.0, 0

    def show(self, run: Run) -> None:
        """Show what is due; call it after every update.

        At the slow pace that is a whole game, for which training waits, unless one was shown not long ago; at
        the fast pace a picture, unless pictures have had their share of the time.
        """
        if not self.open:
            return
        if run.trainer.games_played >= self._next_point:
            self._remember(run)
        if self._pace == "slow":
            if run.trainer.games_played >= self._next_game:
                if self.pictures:  # the first is the game played before any learning
                    self.play(run)
                self._until(run, lambda: self._seen)
                self._next_game = (1 + MORE_GAMES) * run.trainer.games_played
        elif self._clock() >= self._picture_due and self._work_clock() >= self._work_due:
            self.draw(run)

    def play(self, run: Run) -> None:
        """Let the brain as it is now play the game that is shown next."""
        number = 1 if self.game is None else self.game.number + 1
        seed = run.config.seed if number == 1 else None
        self.put(record(run.brain, self._env, seed=seed, number=number))
        self.shown_at, self._seen = run.trainer.games_played, False

    def over(self) -> None:
        """The game was shown to its end: time for another."""
        self._seen = True

    def draw(self, run: Run) -> None:
        """Hear the keys, go on with the game if it is time, and draw, whether a picture is due or not."""
        began, work_began = self._clock(), self._work_clock()
        self.hear()
        if not self.open:
            self.close()
            return
        self.tick(began)
        if self._seen and self._pace == "fast":
            self.play(run)
        self._remember(run)
        if self.game is not None:
            learned = self.shown_at if self._pace == "slow" else run.trainer.games_played
            surface = pygame.display.get_surface()
            draw_picture(surface, self.game, self.move, learned, self._hint(), run, self.curve, self._title)
        pygame.display.flip()
        self.pictures += 1
        now, work_now = self._clock(), self._work_clock()
        self.spent += now - began
        self._picture_due = now + max(LEAST_PAUSE, (now - began) * (1 / SHARE - 1))
        self._work_due = work_now + (work_now - work_began) * (1 / SHARE - 1)

    def stay(self, run: Run) -> None:
        """Show games as the finished brain plays them until the window is closed, where there is a screen."""
        if self.open and pygame.display.get_driver() in WITHOUT_SCREEN:
            self.close()
        self._pace = "fast"  # nobody waits for a game's end any more
        self.play(run)
        self._until(run, lambda: False)
        self.close()

    def _until(self, run: Run, enough: Callable[[], bool]) -> None:
        while self.open and not enough() and not self._stop():
            self.draw(run)
            self._sleep(LEAST_PAUSE)

    def _hint(self) -> str:
        keys = "space: pause   arrows: a move, speed   Q: close"
        return f"paused: {keys[14:]}" if self.paused else keys

    def close(self) -> None:
        """Close the window. May be called twice."""
        self.open = False
        if not self._closed:
            self._closed = True
            pygame.display.quit()
            self._env.close()

    def _remember(self, run: Run) -> None:
        """A point of the curve."""
        trainer = run.trainer
        self._next_point = (1 + POINT_EVERY) * trainer.games_played
        if trainer.games_played and (not self.curve or trainer.games_played > self.curve[-1][0]):
            self.curve.append((trainer.games_played, trainer.smoothed_error, trainer.smoothed_mistakes))
        if len(self.curve) > MAX_POINTS:
            del self.curve[1::2]


def draw_picture(
    surface: pygame.Surface,
    game: Game,
    move: int,
    learned: int,
    hint: str,
    run: Run,
    curve: list[tuple[int, float, float]],
    title: str,
) -> None:
    """The whole picture: a game after `move` moves as `watch` shows it, numbers, the curve."""
    sheet = Sheet(surface, WIDTH, HEIGHT)
    part = sheet.rect(0, 0, panel.WIDTH, panel.HEIGHT).clip(surface.get_rect())
    if part.size > (0, 0):
        panel.draw_picture(surface.subsurface(part), game, move, title)
    sheet.text("learned from", LEFT, 22, 24, DIM)
    sheet.text(f"{learned:,} games", LEFT, 58, 38)
    rows = [("compass error a game", ERROR, 1), ("mistakes a game", MISTAKES, 2)]
    for row, (name, colour, column) in enumerate(rows):
        y = 94 + 26 * row
        sheet.fill(colour, LEFT, y - 2, 24, 4)
        sheet.text(name, LEFT + 34, y, 24, INK)
        if curve:
            sheet.text(f"{curve[-1][column]:.3f}", RIGHT, y, 24, colour, "right")
    _draw_curve(sheet, curve, max(10, run.trainer.batch), max(100, run.config.games or 0))
    if run.certificate is not None:
        proved = f"from every start: {run.certificate.mistakes_per_game:.4f} mistakes a game"
        sheet.text(proved, RIGHT, 604, 22, INK, "right")
    sheet.text(hint, RIGHT, HEIGHT - 14, 20, DIM, "right")


def _draw_curve(sheet: Sheet, curve: list[tuple[int, float, float]], first: int, last: int) -> None:
    """Both measures over the games, both axes logarithmic."""
    left, top, width, height = PLOT
    x0, x1 = log10(first), log10(max(last, curve[-1][0] if curve else 0, 2 * first))
    y0, y1 = log10(FLOOR_OF_CURVE), log10(max([10.0, *(max(point[1:]) for point in curve)]))

    def x_of(games: float) -> float:
        return left + width * (log10(max(games, first)) - x0) / (x1 - x0)

    def y_of(value: float) -> float:
        return top + height * (y1 - log10(max(value, FLOOR_OF_CURVE))) / (y1 - y0)

    for decade in range(ceil(x0), floor(x1) + 1):
        x = x_of(10**decade)
        sheet.fill(FAINT, x, top, 1, height)
        sheet.text(_short(10**decade), x, top + height + 16, 22, DIM, "centre")
    for decade in range(ceil(y0), floor(y1) + 1):
        y = y_of(10**decade)
        sheet.fill(FAINT, left, y, width, 1)
        sheet.text(f"{10.0**decade:g}", left - 8, y, 22, DIM, "right")

    for column, colour in ((1, ERROR), (2, MISTAKES)):
        points = [sheet.at(x_of(point[0]), y_of(point[column])) for point in curve]
        if len(points) > 1:
            pygame.draw.lines(sheet.surface, colour, False, points, sheet.length(3))
        if points:
            pygame.draw.circle(sheet.surface, colour, points[-1], sheet.length(4))


def _short(number: int) -> str:
    """A round number in few letters: 10, 1k, 100k, 1M."""
    for size, letter in ((10**6, "M"), (10**3, "k")):
        if number >= size:
            return f"{number // size}{letter}"
    return str(number)
