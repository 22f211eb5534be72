"""A window on a brain that learns: a game as it plays now, and its learning curve beside it.

Training comes first: pictures take less than a tenth of its time, and closing the window lets it go on.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from math import ceil, floor, log10
from typing import TYPE_CHECKING

import pygame

from catmouse.viewer.playback import Game, describe, record, single_env_like
from catmouse.viewer.sheet import DIM, FAINT, INK, TEACHER, WARM, Colour, Sheet
from catmouse_env.rendering.pygame_renderer import CAPTION, WITHOUT_SCREEN, draw_room, open_window

if TYPE_CHECKING:
    from agents.runs.run import Run

WIDTH, HEIGHT = 1080, 600  # points
ROOM = (0, 0, 600, 600)
LEFT, RIGHT = 624, 1056  # of what stands beside the room
PLOT = (672, 150, 376, 372)  # the curve's x, y, width, height

SHARE = 0.04  # of the time that pictures may take: well below the tenth that is promised
WARM_UP = 12  # pictures before training, after which most figures have been made
LEAST_PAUSE = 1 / 20  # seconds between pictures
GAME_SECONDS = 0.5  # that a game stays at the least
FLOOR_OF_CURVE = 0.01  # errors and mistakes a game below are drawn here
POINT_EVERY = 0.05  # more games, a point of the curve: even steps on a logarithmic axis
MAX_POINTS = 600

ERROR: Colour = WARM
MISTAKES: Colour = TEACHER


class LiveWindow:
    """Shows a run while it is under way.

    Args:
        run: The run. Its training is not touched: games are played in an environment of its own.
        clock: Tells the time in seconds.
        work_clock: Tells the seconds that the processor has worked for this thread. On a busy machine
            a picture may be drawn in one go and training be left waiting: both clocks are kept to.

    Raises:
        DependencyNotInstalled: There is no screen.
        ValueError: The run's games can't be drawn.

    Attributes:
        open: Whether the window is.
        game: The game that is shown.
        pictures: How many were drawn since training began.
        spent: Seconds that they took since training began.
        curve: Games, compass error and mistakes a game at each picture.
    """

    def __init__(
        self,
        run: Run,
        clock: Callable[[], float] = time.perf_counter,
        work_clock: Callable[[], float] = time.thread_time,
    ) -> None:
        self._clock = clock
        self._work_clock = work_clock
        self._env = single_env_like(run.env)
        self._title = describe(run.brain, "")
        self.game: Game | None = None
        self._game_due = 0.0
        self._next_point = 0.0
        self.open = True
        self.pictures = 0
        self.curve: list[tuple[int, float, float]] = []
        open_window(
            (WIDTH, HEIGHT),
            f"{CAPTION}: learning",
            "train without --render",
        )
        self._due = self._work_due = 0.0
        self.spent = 0.0
        for _ in range(WARM_UP):  # the first picture with a figure takes long: now, while nobody waits
            self._game_due = 0.0
            self.draw(run)
        self.spent, self.pictures = 0.0, 0

    def show(self, run: Run) -> None:
        """Draw if pictures have not had their share of the time yet; call it after every update."""
        if not self.open:
            return
        if run.trainer.games_played >= self._next_point:
            self._remember(run)
        if self._clock() >= self._due and self._work_clock() >= self._work_due:
            self.draw(run)

    def draw(self, run: Run) -> None:
        """Draw now, whether a picture is due or not."""
        began, work_began = self._clock(), self._work_clock()
        if any(event.type == pygame.QUIT for event in pygame.event.get()):
            self.close()
            return
        if began >= self._game_due:
            number = 1 if self.game is None else self.game.number + 1
            seed = run.config.seed if number == 1 else None
            self.game = record(run.brain, self._env, seed=seed, number=number)
            self._game_due = began + GAME_SECONDS
        self._remember(run)
        draw_picture(pygame.display.get_surface(), self.game, run, self.curve, self._title)
        pygame.display.flip()
        self.pictures += 1
        now, work_now = self._clock(), self._work_clock()
        self.spent += now - began
        self._due = now + max(LEAST_PAUSE, (now - began) * (1 / SHARE - 1))
        self._work_due = work_now + (work_now - work_began) * (1 / SHARE - 1)

    def stay(self, run: Run, over: Callable[[], bool] = lambda: False) -> None:
        """Show games as the finished brain plays them until the window is closed, where there is a screen.

        Args:
            run: The run.
            over: Says True when there is another reason to end.
        """
        if self.open and pygame.display.get_driver() in WITHOUT_SCREEN:
            self.close()
        while self.open and not over():
            self.draw(run)
            time.sleep(LEAST_PAUSE)
        self.close()

    def close(self) -> None:
        """Close the window. May be called twice."""
        if self.open:
            self.open = False
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
    game: Game | None,
    run: Run,
    curve: list[tuple[int, float, float]],
    title: str,
) -> None:
    """The whole picture: a finished game, numbers, the curve."""
    sheet = Sheet(surface, WIDTH, HEIGHT)
    if game is not None:
        draw_room(surface, sheet.rect(*ROOM), game.snapshots[-1])
    sheet.text(title, LEFT, 26, 24, DIM)
    sheet.text(f"{run.trainer.games_played:,} games", LEFT, 62, 38)
    rows = [("compass error a game", ERROR, 1), ("mistakes a game", MISTAKES, 2)]
    for row, (name, colour, column) in enumerate(rows):
        y = 98 + 26 * row
        sheet.fill(colour, LEFT, y - 2, 24, 4)
        sheet.text(name, LEFT + 34, y, 24, INK)
        if curve:
            sheet.text(f"{curve[-1][column]:.3f}", LEFT + 330, y, 24, colour, "right")
    _draw_curve(sheet, curve, max(10, run.trainer.batch), max(100, run.config.games or 0))
    if run.certificate is not None:
        proved = f"from every start: {run.certificate.mistakes_per_game:.4f} mistakes a game"
        sheet.text(proved, RIGHT, 582, 24, INK, "right")


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
    sheet.text("games", left + width, top + height + 36, 22, DIM, "right")
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
