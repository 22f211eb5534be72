"""The league as a figure: blue where the mouse does better than in equilibrium, orange where the cat does."""

from __future__ import annotations

from pathlib import Path

import pygame

from catmouse.duel.league import Exploitability, League
from catmouse.plots.images import save_png
from catmouse.viewer.sheet import Colour, Sheet

CELL_WIDTH, CELL_HEIGHT = 108, 50  # points, as all lengths here
NAMES = 250  # width of the mice's names
HEAD = 196
FOOT = 132
MARGIN = 28
GAP = 14  # before what is given away at worst
PAPER: Colour = (255, 255, 255)
INK: Colour = (26, 28, 32)
GREY: Colour = (104, 108, 116)
BLUE: Colour = (0, 90, 160)  # like Okabe and Ito's, told apart by all kinds of eyes
ORANGE: Colour = (213, 94, 0)
LIGHT = 0.179  # luminance above which black ink has the greater contrast (WCAG)
WRAP = 13  # letters of a name in a line above a column


def draw_league(league: League) -> pygame.Surface:
    """A mouse a row, a cat a column; the last of both is what is given away at worst."""
    rows, columns = len(league.mice), len(league.cats)
    width = 2 * MARGIN + NAMES + (columns + 1) * CELL_WIDTH + GAP
    height = HEAD + (rows + 1) * CELL_HEIGHT + GAP + FOOT
    surface = pygame.Surface((width, height), 0, 32)
    sheet = Sheet(surface, width, height)
    surface.fill(PAPER)
    config, left = league.config, MARGIN + NAMES
    x: float
    y: float
    room = f"{config.width} x {config.height}, {config.max_steps} moves, cat with {config.cat_directions}"
    sheet.text("How often the mouse survives", MARGIN, 34, 34, INK)
    sheet.text(f"in % of the games, averaged over all starts; {room} directions", MARGIN, 64, 22, GREY)
    sheet.text("mouse", MARGIN, HEAD - 18, 24, GREY)
    sheet.text("cat", left - 16, HEAD - 18, 24, GREY, "right")
    for column, name in enumerate([*league.cats, "gives away at worst"]):
        lines = wrapped(name)
        x = left + (column + 0.5) * CELL_WIDTH + GAP * (column == columns)
        for line, words in enumerate(lines):
            y = HEAD - 18 + 19 * (line + 1 - len(lines))
            sheet.text(words, x, y, 20, INK if column < columns else GREY, "centre")
    for row, name in enumerate([*league.mice, "gives away at worst"]):
        y = HEAD + (row + 0.5) * CELL_HEIGHT + GAP * (row == rows)
        sheet.text(name, MARGIN, y, 21, INK if row < rows else GREY)
    for row in range(rows):
        y = HEAD + row * CELL_HEIGHT
        for column in range(columns):
            survival = league.survival[row][column].value
            colour = shade(survival, league.value)
            x = left + column * CELL_WIDTH
            sheet.fill(colour, x + 1, y + 1, CELL_WIDTH - 2, CELL_HEIGHT - 2)
            sheet.text(
                f"{100 * survival:.1f}", x + CELL_WIDTH / 2, y + CELL_HEIGHT / 2, 27, ink_on(colour), "centre"
            )
        x = left + (columns + 0.5) * CELL_WIDTH + GAP
        sheet.text(given_away(league.mouse_exploitability[row]), x, y + CELL_HEIGHT / 2, 24, INK, "centre")
    for column, given in enumerate(league.cat_exploitability):
        x, y = left + (column + 0.5) * CELL_WIDTH, HEAD + (rows + 0.5) * CELL_HEIGHT + GAP
        sheet.text(given_away(given), x, y, 24, INK, "centre")
    legend(sheet, league.value, height - FOOT + 30)
    error = 196 * league.error
    explained = (
        "At worst: % of survival given away to the opponent that knows the player, compared with the",
        "equilibrium: the truth, or at least so much where it says >=. "
        + (f"Brains with a memory fight in samples, +-{error:.2f} (95 %)." if error else ""),
        "Brains with a memory can't see the clock: they count their moves." if error else "",
    )
    for line, words in enumerate(explained):
        sheet.text(words, MARGIN, height - FOOT + 62 + 21 * line, 20, GREY)
    return surface


def legend(sheet: Sheet, value: float, y: float) -> None:
    """What the colours mean."""
    x = float(MARGIN)
    for survival, words in (
        (0.0, "0 %: always caught"),
        (value, f"{100 * value:.1f} %: equilibrium"),
        (1.0, "100 %: never caught"),
    ):
        sheet.fill(GREY, x, y - 11, 34, 22)
        sheet.fill(shade(survival, value), x + 1, y - 10, 32, 20)
        sheet.text(words, x + 44, y, 21, INK)
        x += 250


def given_away(one: Exploitability) -> str:
    """In %."""
    return f"{'' if one.exact else '>= '}{100 * one.estimate.value:.1f}"


def wrapped(name: str) -> list[str]:
    """A name in lines that fit above a column."""
    lines = [""]
    for word in name.split():
        if len(lines[-1]) + len(word) >= WRAP and lines[-1]:
            lines.append("")
        lines[-1] = f"{lines[-1]} {word}".strip()
    return lines


def shade(survival: float, value: float) -> Colour:
    """Orange below the equilibrium's value, white at it, blue above."""
    end, part = (
        (BLUE, (survival - value) / (1 - value)) if survival > value else (ORANGE, 1 - survival / value)
    )
    red, green, blue = (round(a + (b - a) * min(part, 1.0)) for a, b in zip(PAPER, end, strict=True))
    return red, green, blue


def ink_on(colour: Colour) -> Colour:
    """Black or white, whichever is read more easily."""
    linear = [(part / 255) ** 2.2 for part in colour]
    luminance = 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
    return INK if luminance > LIGHT else PAPER


def save_league(league: League, path: Path) -> None:
    """Write the figure as a PNG; CannotSave if that can't be done."""
    save_png(draw_league(league), path)
