"""One moment of a game as a picture: the room, and beside it what went on in the policy.

The room shows the game so far. The panel tells of the move that led here: the policy's compass reading
as a green needle, the teacher's as a blue one, the probabilities of the directions, the hidden units, and
the mistakes so far. Where the mouse erred, an orange arrow shows its way and a blue one the teacher's.
"""

from __future__ import annotations

import textwrap

import numpy as np
import pygame
from numpy.typing import NDArray

from catmouse.viewer.playback import DIRECTIONS, Decision, Game
from catmouse.viewer.sheet import (
    BRAIN,
    DIM,
    FAINT,
    INK,
    SUPERSAMPLING,
    TEACHER,
    WARM,
    WRONG,
    Colour,
    Sheet,
    arrow,
    turned,
)
from catmouse_env.rendering import sprites
from catmouse_env.rendering.pygame_renderer import FLOOR, WALL, Layout, draw_room

WIDTH, HEIGHT = 960, 640  # points; of a picture at 100 %, pixels
ROOM = (0, 0, 640, 640)
LEFT, RIGHT = 664, 940  # of the panel
MIDDLE = (LEFT + RIGHT) / 2

TIMELINE_Y = 93
TIMELINE_HEIGHT = 40  # that rows of marks fill
LARGEST_DOT = 17
DIAL = (MIDDLE, 254, 84)  # x, y and radius
LARGE_DIAL = (MIDDLE, 282, 92)  # where no probabilities are to be shown
BARS_Y = 430
UNITS = (560, 56, 22)  # y, height, and the largest unit, of the hidden units' strip
LARGE_UNITS = (500, 112, 44)  # where no probabilities are to be shown
SMALLEST_ARROWS = 26  # pixels from side to side
NEEDLE_LENGTH = 0.93  # parts of the radius, as the half widths below
BRAIN_NEEDLE = 0.08
TEACHER_NEEDLE = 0.17

HELP = [
    ("space", "pause, go on"),
    ("right, left", "one move on, one back"),
    ("up, down", "faster, slower"),
    ("N", "next game"),
    ("M", "next mistake"),
    ("S", "save a picture (PNG)"),
    ("G", "save the game (GIF)"),
    ("H", "this help"),
    ("Q, Esc", "close"),
]
NOTICE_LETTERS = 32  # of a line below the panel


def draw_picture(
    surface: pygame.Surface,
    game: Game,
    move: int,
    title: str,
    hint: str = "",
    notice: str = "",
    show_help: bool = False,
) -> Layout:
    """Draw a game after `move` moves, filling a surface of any size.

    Args:
        surface: What to draw on.
        game: The game.
        move: Moves played, 0 to `game.moves`.
        title: Who plays.
        hint: A line at the foot of the panel.
        notice: Words over the foot of the panel, for what has to be said.
        show_help: Whether the keys are shown.

    Returns:
        Where the cells are.
    """
    sheet = Sheet(surface, WIDTH, HEIGHT)
    room = sheet.rect(*ROOM)
    place = draw_room(surface, room, game.snapshots[move])
    for at, made in enumerate(game.decisions[:move]):
        if made.mistake:
            _draw_ways(surface, place, game.snapshots[at].mouse, made)
    _draw_head(sheet, game, move, title)
    decision = game.decisions[move - 1] if move else None
    told = next((one for one in game.decisions if one.probabilities is not None), None)
    shown = next((one for one in game.decisions if one.hidden is not None), None)
    dial = DIAL if told else LARGE_DIAL
    _draw_dial(sheet, dial, decision)
    _draw_readings(sheet, dial[1] + dial[2] + 42, decision)
    if told:
        _draw_probabilities(sheet, decision)
    if shown is not None and shown.hidden is not None:
        units = np.zeros_like(shown.hidden) if decision is None else decision.hidden
        _draw_hidden(
            sheet, units if units is not None else np.zeros_like(shown.hidden), UNITS if told else LARGE_UNITS
        )
    if hint:
        sheet.text(hint, RIGHT, HEIGHT - 14, 20, DIM, "right")
    if show_help:
        sheet.notice(HELP, room, 28, 22)
    elif notice:
        low = sheet.rect(LEFT, HEIGHT - 130, RIGHT - LEFT, 130)
        sheet.notice([(line, "") for line in textwrap.wrap(notice, NOTICE_LETTERS)], low, 22)
    return place


def _draw_ways(surface: pygame.Surface, place: Layout, cell: tuple[int, int], decision: Decision) -> None:
    """Where the mouse went wrong, and where the teacher would have gone."""
    side = max(SMALLEST_ARROWS, place.cell - place.line)
    for colour, direction in ((WRONG, decision.direction), (TEACHER, decision.ideal_direction)):
        sprites.stamp(surface, arrow(side, colour, FLOOR, direction), place.centre(cell))


def _draw_head(sheet: Sheet, game: Game, move: int, title: str) -> None:
    snapshot = game.snapshots[move]
    sheet.text(title, LEFT, 22, 24, DIM)
    sheet.text(f"game {game.number}", RIGHT, 58, 24, DIM, "right")
    sheet.text("start" if move == 0 else f"move {move} of {game.max_steps}", LEFT, 58, 38)
    _draw_timeline(sheet, game, move)
    so_far = sum(at <= move for at in game.mistakes)
    words = f"{so_far} mistake{'s' if so_far != 1 else ''}" if so_far else "no mistake"
    sheet.text(words, LEFT, 130, 28, WRONG if so_far else INK)
    if snapshot.caught:
        sheet.text("caught", RIGHT, 130, 28, WARM, "right")


def timeline_grid(moves: int) -> tuple[int, float]:
    """Columns, and points from one to the next, with which so many marks become largest."""

    def step(rows: int) -> float:
        return min(LARGEST_DOT * 1.6, (RIGHT - LEFT) / -(-moves // rows))

    rows = 1
    while rows < moves and (rows + 1) * step(rows + 1) <= TIMELINE_HEIGHT:
        rows += 1
    return -(-moves // rows), step(rows)


def _draw_timeline(sheet: Sheet, game: Game, move: int) -> None:
    """A mark for each move: a green dot where teacher and policy agree, an orange bar where they do not."""
    columns, step = timeline_grid(game.max_steps)
    rows = -(-game.max_steps // columns)
    size = min(LARGEST_DOT, max(1.0, 0.72 * step))
    tall = LARGEST_DOT if rows == 1 else 0.9 * step
    for at in range(1, game.max_steps + 1):
        row, column = divmod(at - 1, columns)
        x, y = LEFT + (column + 0.5) * step, TIMELINE_Y + (row - (rows - 1) / 2) * step
        if at > move:
            sheet.disc(FAINT, x, y, size if size > 5 else 2)
        elif game.decisions[at - 1].mistake:
            sheet.fill(WRONG, x - size / 2, y - tall / 2, size, tall)
        else:
            sheet.disc(BRAIN, x, y, size)


def needle_angle(reading: float) -> float:
    """Where a needle points, in degrees clockwise from up: the middle of each band is its direction."""
    return 360 * (reading - 0.5 / len(DIRECTIONS))


def needle_tip(dial: tuple[float, float, float], reading: float, part: float = 0.6) -> tuple[float, float]:
    """The point at a part of the way from the middle of a dial to the tip of a needle."""
    x, y, radius = dial
    right, down = turned(0, part * radius * NEEDLE_LENGTH, needle_angle(reading))
    return x + right, y + down


def _draw_dial(sheet: Sheet, dial: tuple[float, float, float], decision: Decision | None) -> None:
    x, y, radius = dial
    half = sheet.length(radius + 3)
    big = 2 * half * SUPERSAMPLING
    unit = sheet.length(radius) * SUPERSAMPLING
    face = pygame.Surface((big, big), 0, 32)
    face.fill(WALL)
    centre = (big / 2, big / 2)

    def point(right: float, up: float, angle: float) -> tuple[float, float]:
        across, down = turned(right, up, angle)
        return centre[0] + unit * across, centre[1] + unit * down

    pygame.draw.circle(face, (26, 29, 34), centre, unit)
    pygame.draw.circle(face, DIM, centre, unit, max(1, unit // 45))
    for band in range(len(DIRECTIONS)):  # the borders between the bands
        angle = needle_angle(band / len(DIRECTIONS))
        pygame.draw.line(face, FAINT, point(0, 0.12, angle), point(0, 0.97, angle), max(1, unit // 50))
    if decision is not None:
        for reading, width, colour in (
            (decision.ideal_reading, TEACHER_NEEDLE, TEACHER),
            (decision.reading, BRAIN_NEEDLE, BRAIN),
        ):
            kite = ((-width, 0), (-0.03, NEEDLE_LENGTH), (0.03, NEEDLE_LENGTH), (width, 0), (0, -1.6 * width))
            outline = [point(right, up, needle_angle(reading)) for right, up in kite]
            pygame.draw.polygon(face, colour, outline)
            pygame.draw.polygon(face, WALL, outline, max(1, unit // 80))
    pygame.draw.circle(face, INK, centre, unit * 0.055)
    small = pygame.transform.smoothscale(face, (2 * half, 2 * half))
    sheet.surface.blit(small, small.get_rect(center=sheet.at(x, y)))
    for name, (right, down), align in zip(
        DIRECTIONS,
        ((0, -radius - 14), (radius + 10, 0), (0, radius + 14), (-radius - 10, 0)),
        ("centre", "left", "centre", "right"),
        strict=True,
    ):
        sheet.text(name, x + right, y + down, 22, DIM, align)


def _draw_readings(sheet: Sheet, y: float, decision: Decision | None) -> None:
    rows: list[tuple[str, Colour, tuple[float, int] | None]] = [
        ("mouse", BRAIN, (decision.reading, decision.direction) if decision else None),
        ("teacher", TEACHER, (decision.ideal_reading, decision.ideal_direction) if decision else None),
    ]
    for row, (name, colour, said) in enumerate(rows):
        height = y + 25 * row
        sheet.disc(colour, LEFT + 7, height, 13)
        sheet.text(name, LEFT + 22, height, 24, colour)
        if said:
            sheet.text(f"{said[0]:.3f}", LEFT + 160, height, 24, INK, "right")
            sheet.text(DIRECTIONS[said[1]], LEFT + 180, height, 24, INK)


def _draw_probabilities(sheet: Sheet, decision: Decision | None) -> None:
    left, width = LEFT + 54, RIGHT - LEFT - 54 - 52
    for row, name in enumerate(DIRECTIONS):
        y = BARS_Y + 24 * row
        sheet.text(name, LEFT, y + 9, 22, DIM)
        sheet.fill((30, 33, 38), left, y, width, 17)
        if decision is None or decision.probabilities is None:
            continue
        likely = float(decision.probabilities[row])
        if round(likely * width * sheet.scale) > 0:
            sheet.fill(BRAIN, left, y, likely * width, 17)
        if decision.ideal_direction == row:
            pygame.draw.rect(
                sheet.surface, TEACHER, sheet.rect(left - 2, y - 2, width + 4, 21), sheet.length(2)
            )
        sheet.text(f"{100 * likely:.0f} %", RIGHT, y + 9, 22, INK, "right")


def unit_colours(units: NDArray[np.floating]) -> NDArray[np.uint8]:
    """Hidden units from -1 to 1 as colours (units, 3): blue below 0, black at 0, yellow above."""
    size = np.clip(np.abs(units), 0, 1)[:, None]  # (units, 1)
    ends = np.where((units < 0)[:, None], (86, 180, 233), (240, 228, 66))
    return np.asarray(np.rint(24 + size * (ends - 24)), np.uint8)


def units_grid(units: int, place: tuple[int, int, int] = UNITS) -> tuple[int, int]:
    """Columns and rows in which so many units fill the strip best."""
    _, height, largest = place
    columns, rows = units, 1
    for rows in range(1, units + 1):
        columns = -(-units // rows)
        side = min((RIGHT - LEFT) / columns, largest)
        following = min((RIGHT - LEFT) / -(-units // (rows + 1)), largest)
        if following * (rows + 1) > height or side == largest:
            break
    return columns, rows


def _draw_hidden(sheet: Sheet, units: NDArray[np.floating], place: tuple[int, int, int]) -> None:
    top, height, largest = place
    columns, rows = units_grid(len(units), place)
    side = min((RIGHT - LEFT) / columns, height / rows, largest)
    sheet.text("hidden units", LEFT, top - 16, 22, DIM)
    x = LEFT + 116
    for value in np.linspace(-1, 1, 25):
        red, green, blue = (int(part) for part in unit_colours(np.array([value]))[0])
        sheet.fill((red, green, blue), x + 24 + (value + 1) * 48, top - 22, 5, 12)
    sheet.text("-1", x, top - 16, 20, DIM)
    sheet.text("1", x + 132, top - 16, 20, DIM)
    gap = 1 if side >= 5 else 0
    for unit, colour in enumerate(unit_colours(units)):
        row, column = divmod(unit, columns)
        red, green, blue = (int(part) for part in colour)
        sheet.fill((red, green, blue), LEFT + column * side, top + row * side, side - gap, side - gap)
