"""A fight as a film: the room, both mixes beside the equilibrium's, and both hidden states."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pygame
from numpy.typing import NDArray

from catmouse.duel.fight import Fight, Moment
from catmouse.duel.game import ROLES
from catmouse.plots.images import save_gif, save_png
from catmouse.viewer.game_player import seconds_shown
from catmouse.viewer.sheet import BRAIN, DIM, FAINT, INK, TEACHER, WARM, Colour, Sheet
from catmouse_env.directions import STEPS
from catmouse_env.rendering.pygame_renderer import WALL, draw_room
from catmouse_env.solver import Player

ROOM = 460  # points, as all lengths here
WIDTH, HEIGHT = 940, 500
LEFT, RIGHT = 484, 924  # of the panel
SIDE = 226  # height of a player's part of it
ROSE = 70  # from the middle of a rose of directions to the tip of a certain move
ROSE_AT = 100
UNITS_AT = LEFT + 210
UNIT = 13
UNIT_COLUMNS = 17
NEGATIVE, POSITIVE = (238, 102, 40), (60, 150, 232)


def draw_moment(fight: Fight, at: int) -> pygame.Surface:
    """One moment of a fight."""
    surface = pygame.Surface((WIDTH, HEIGHT), 0, 32)
    paint_moment(surface, fight, at)
    return surface


def paint_moment(surface: pygame.Surface, fight: Fight, at: int) -> None:
    """The same on a surface of any size."""
    sheet = Sheet(surface, WIDTH, HEIGHT)
    surface.fill(WALL)
    moment = fight.moments[at]
    draw_room(surface, sheet.rect(0, 0, ROOM, ROOM), moment.snapshot)
    moves, snapshot = fight.config.max_steps, moment.snapshot
    sheet.text(f"move {snapshot.moves} of {moves}", 12, 480, 24, INK)
    sheet.text(fight.title, 130, 480, 22, DIM)
    if moment.mixes:
        said = f"perfect players: the mouse survives {100 * moment.value:.0f} %"
        sheet.text(said, ROOM, 480, 20, DIM, "right")
    else:
        sheet.text("caught" if snapshot.caught else "survived", ROOM, 480, 26, WARM, "right")
    for number, role in enumerate(ROLES):
        paint_side(sheet, fight, moment, role, 12 + number * SIDE)
    sheet.fill(BRAIN, LEFT, 476, 22, 9)
    sheet.text("plays", LEFT + 30, 481, 20, DIM)
    sheet.fill(TEACHER, LEFT + 96, 476, 22, 9)
    sheet.text("equilibrium", LEFT + 126, 481, 20, DIM)


def paint_side(sheet: Sheet, fight: Fight, moment: Moment, role: Player, top: float) -> None:
    """A player's name, its mix as a rose beside the equilibrium's, and its hidden units."""
    sheet.text(f"{role}: {fight.names[role]}", LEFT, top + 10, 24, INK)
    middle = LEFT + ROSE_AT, top + SIDE / 2 + 16
    if role in moment.mixes:
        steps = STEPS[len(moment.mixes[role])]
        for mix, colour, aside in ((moment.best[role], TEACHER, 5.5), (moment.mixes[role], BRAIN, -5.5)):
            for (dx, dy), probability in zip(steps, mix, strict=True):
                spoke(sheet, middle, (dx, -dy), float(probability), colour, aside)
        for (dx, dy), probability in zip(steps, moment.mixes[role], strict=True):
            if probability >= 0.095:
                length = (dx**2 + dy**2) ** 0.5
                x, y = (middle[0] + 84 * dx / length, middle[1] - 84 * dy / length)
                sheet.text(f"{100 * probability:.0f}", x, y, 18, INK, "centre")
    sheet.disc(FAINT, *middle, 12)
    hidden = moment.hidden.get(role)
    if hidden is None:
        sheet.text("no memory", UNITS_AT, top + 44, 20, DIM)
        return
    sheet.text(f"{len(hidden)} hidden units", UNITS_AT, top + 36, 20, DIM)
    for number, colour in enumerate(unit_colours(hidden)):
        row, column = divmod(number, UNIT_COLUMNS)
        if row * UNIT > SIDE - 66:
            break
        sheet.fill(colour, UNITS_AT + column * UNIT, top + 50 + row * UNIT, UNIT - 2, UNIT - 2)


def spoke(
    sheet: Sheet,
    middle: tuple[float, float],
    step: tuple[int, int],
    share: float,
    colour: Colour,
    aside: float,
) -> None:
    """A bar from the middle in a direction, as long as its probability."""
    if share < 0.005:
        return
    length = (step[0] ** 2 + step[1] ** 2) ** 0.5
    x, y = step[0] / length, step[1] / length
    inner, outer, half = 10, 10 + (ROSE - 10) * share, 4
    corners = [
        sheet.at(middle[0] + along * x - (aside + across) * y, middle[1] + along * y + (aside + across) * x)
        for along, across in ((inner, -half), (outer, -half), (outer, half), (inner, half))
    ]
    pygame.draw.polygon(sheet.surface, colour, corners)


def unit_colours(hidden: NDArray[np.float32]) -> list[Colour]:
    """Blue for what is above 0, orange for what is below, dark for what is near."""
    colours = []
    for value in np.clip(hidden, -1, 1):
        end = POSITIVE if value > 0 else NEGATIVE
        red, green, blue = (round(30 + (part - 30) * abs(float(value))) for part in end)
        colours.append((red, green, blue))
    return colours


def save_fight_film(fights: list[Fight], path: Path, fps: float = 1.0) -> None:
    """Write fights, each from start to end, as a GIF of so many moves a second.

    Raises:
        CannotSave: That can't be done.
    """
    shown = [(fight, at) for fight in fights for at in range(fight.moves + 1)]
    seconds = [seconds_shown(*one, fps) for one in shown]
    save_gif(lambda number: draw_moment(*shown[number]), seconds, path)


def save_moment(fight: Fight, at: int, path: Path) -> None:
    """Write a moment as a PNG; CannotSave if that can't be done."""
    save_png(draw_moment(fight, at), path)
