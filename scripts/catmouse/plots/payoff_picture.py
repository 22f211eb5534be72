"""The payoff table as a picture, and a fight as a film."""

from __future__ import annotations

from pathlib import Path

import pygame

from catmouse.duel.payoffs import PayoffTable
from catmouse.plots.images import save_gif, save_png
from catmouse.viewer.sheet import DIM, INK, WARM, Colour, Sheet
from catmouse_env import Snapshot
from catmouse_env.rendering.pygame_renderer import CAT_CELL, PATH_NEWEST, WALL, draw_room

CELL_WIDTH, CELL_HEIGHT = 128, 58  # points, as all lengths here
NAMES = 290  # width of the mice's names
HEAD = 150
FOOT = 64
MARGIN = 24
EATEN: Colour = CAT_CELL
SAFE: Colour = PATH_NEWEST
PAPER: Colour = (24, 26, 30)
ROOM = 560  # of a film, its square room
CAPTION_HEIGHT = 56
MOVE_SECONDS = 0.7
START_SECONDS = 1.2
END_SECONDS = 2.5


def draw_payoffs(payoffs: PayoffTable, title: str) -> pygame.Surface:
    """The table: a mouse a row, a cat a column, green where the mouse survives and red where it is eaten."""
    rows, columns = len(payoffs.mice), len(payoffs.cats)
    width = 2 * MARGIN + NAMES + (columns + 1) * CELL_WIDTH + 12
    height = HEAD + (rows + 1) * CELL_HEIGHT + 12 + FOOT
    surface = pygame.Surface((width, height), 0, 32)
    sheet = Sheet(surface, width, height)
    surface.fill(PAPER)
    left = MARGIN + NAMES
    sheet.text(title, MARGIN, 28, 32)
    sheet.text("mouse", MARGIN, HEAD - 18, 24, WARM)
    sheet.text("cat", left - 22, HEAD - 18, 24, WARM, "right")
    for column, name in enumerate([*payoffs.cats, "loses at worst"]):
        x = left + (column + 0.5) * CELL_WIDTH + 12 * (column == columns)
        lines = name_lines(name)
        for line, words in enumerate(lines):
            sheet.text(
                words,
                x,
                HEAD - 18 + 20 * (line + 1 - len(lines)),
                21,
                INK if column < columns else DIM,
                "centre",
            )
    for row, name in enumerate([*payoffs.mice, "grants at worst"]):
        y = HEAD + (row + 0.5) * CELL_HEIGHT + 12 * (row == rows)
        sheet.text(name, MARGIN, y, 22, INK if row < rows else DIM)
    for row in range(rows):
        for column in range(columns):
            survival = float(payoffs.survival[row, column])
            x, y = left + column * CELL_WIDTH, HEAD + row * CELL_HEIGHT
            sheet.fill(shade(survival), x + 1, y + 1, CELL_WIDTH - 2, CELL_HEIGHT - 2)
            sheet.text(f"{100 * survival:.1f} %", x + CELL_WIDTH / 2, y + 22, 28, INK, "centre")
            moves = f"{payoffs.moves[row, column]:.1f} moves"
            sheet.text(moves, x + CELL_WIDTH / 2, y + 43, 18, INK, "centre")
        x = left + (columns + 0.5) * CELL_WIDTH + 12
        sheet.text(
            f"{payoffs.mouse_exploitability[row]:.3f}", x, HEAD + (row + 0.5) * CELL_HEIGHT, 24, INK, "centre"
        )
    for column in range(columns):
        x = left + (column + 0.5) * CELL_WIDTH
        y = HEAD + (rows + 0.5) * CELL_HEIGHT + 12
        sheet.text(f"{payoffs.cat_exploitability[column]:.3f}", x, y, 24, INK, "centre")
    explained = (
        "Games that the mouse survives and moves that it makes uncaught, averaged over all starts; computed.",
        "At worst: survival given away to the opponent that knows it best, compared with the equilibrium.",
    )
    for line, words in enumerate(explained):
        sheet.text(words, MARGIN, height - FOOT + 24 + 20 * line, 20, DIM)
    return surface


def name_lines(name: str) -> list[str]:
    """A name in lines that fit above a column."""
    lines = [""]
    for word in name.split():
        if len(lines[-1]) + len(word) > 12 and lines[-1]:
            lines.append("")
        lines[-1] = f"{lines[-1]} {word}".strip()
    return lines


def shade(survival: float) -> Colour:
    """From the cat's colour at 0 to the mouse's at 1, darkened for the white ink."""
    red, green, blue = (round(0.85 * (a + (b - a) * survival)) for a, b in zip(EATEN, SAFE, strict=True))
    return red, green, blue


def save_payoffs(payoffs: PayoffTable, title: str, path: Path) -> None:
    """Write the table as a PNG; CannotSave if that can't be done."""
    save_png(draw_payoffs(payoffs, title), path)


def draw_fight(snapshot: Snapshot, max_steps: int, title: str) -> pygame.Surface:
    """One moment of a fight, with a line below."""
    height = ROOM + CAPTION_HEIGHT
    surface = pygame.Surface((ROOM, height), 0, 32)
    surface.fill(WALL)
    draw_room(surface, pygame.Rect(0, 0, ROOM, ROOM), snapshot)
    sheet = Sheet(surface.subsurface((0, ROOM, ROOM, CAPTION_HEIGHT)), ROOM, CAPTION_HEIGHT)
    sheet.text(title, 12, 16, 22, DIM)
    said = "caught" if snapshot.caught else "survived" if snapshot.moves == max_steps else ""
    sheet.text(f"move {snapshot.moves} of {max_steps}", 12, 40, 24, INK)
    sheet.text(said, ROOM - 12, 40, 26, WARM, "right")
    return surface


def save_fights(games: list[list[Snapshot]], max_steps: int, title: str, path: Path) -> None:
    """Write games, each from start to end, as a GIF; CannotSave if that can't be done."""
    moments = [snapshot for game in games for snapshot in game]
    seconds = [
        START_SECONDS
        if moment.moves == 0
        else END_SECONDS
        if moment.caught or moment.moves == max_steps
        else MOVE_SECONDS
        for moment in moments
    ]
    save_gif(lambda at: draw_fight(moments[at], max_steps, title), seconds, path)
