"""Pictures of the matrix from the inputs to the hidden units: in grey, and as a mixture of colours."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pygame
from numpy.typing import NDArray

from catmouse.viewer.sheet import DIM, INK, Colour, Sheet

Array = NDArray[Any]

WIDTH, HEIGHT = 960, 540  # points; of a picture at 100 %, pixels
LEFT, RIGHT = 128, 932  # of the matrix
GREY_TOP, GREY_HEIGHT = 118, 236
MIX_TOP, MIX_HEIGHT = 372, 96
MIDDLE_GREY = 128

INPUTS = ("cat x", "cat y", "mouse x", "mouse y", "moves left")
# Okabe and Ito's vermillion, yellow, sky blue, bluish green and reddish purple.
COLOURS = ((213, 94, 0), (240, 228, 66), (86, 180, 233), (0, 158, 115), (204, 121, 167))


@dataclass(frozen=True)
class Shot:
    """The matrix at one moment of the training.

    Attributes:
        games: Games played.
        error: Smoothed compass error a game; nan before the first.
        weights: The matrix, (inputs, units).
    """

    games: int
    error: float
    weights: Array


def weight_span(shots: list[Shot]) -> float:
    """The weight that is white: one for the whole film, larger than all but a few of its weights."""
    return max(1e-6, float(np.quantile(np.abs(np.stack([shot.weights for shot in shots])), 0.995)))


def greys(weights: Array, span: float) -> NDArray[np.uint8]:
    """Weights as grey: -span black, 0 in the middle, span white; (inputs, units)."""
    return np.asarray(np.rint((np.clip(weights / span, -1, 1) + 1) / 2 * 255), np.uint8)


def mixture(weights: Array, span: float) -> NDArray[np.uint8]:
    """One colour for each hidden unit, (units, 3).

    From a middle grey each input draws towards its colour by its weight, and away from it by a negative
    weight.
    """
    inputs = len(weights)
    towards = np.array([COLOURS[row % len(COLOURS)] for row in range(inputs)], np.float64) - MIDDLE_GREY
    mixed = MIDDLE_GREY + np.clip(weights / span, -1, 1).T @ towards
    return np.asarray(np.rint(np.clip(mixed, 0, 255)), np.uint8)


def cell_rect(sheet: Sheet, row: int, column: int, inputs: int, units: int) -> pygame.Rect:
    """The pixels of a weight in the grey matrix."""
    width, height = (RIGHT - LEFT) / units, GREY_HEIGHT / inputs
    return sheet.rect(LEFT + column * width, GREY_TOP + row * height, width, height)


def mix_rect(sheet: Sheet, column: int, units: int) -> pygame.Rect:
    """The pixels of a hidden unit's colour."""
    width = (RIGHT - LEFT) / units
    return sheet.rect(LEFT + column * width, MIX_TOP, width, MIX_HEIGHT)


def draw_synapses(surface: pygame.Surface, shot: Shot, span: float, title: str) -> Sheet:
    """Draw the matrix at one moment, filling a surface of any size; returns where things are."""
    sheet = Sheet(surface, WIDTH, HEIGHT)
    inputs, units = shot.weights.shape
    sheet.text(f"{shot.games:,} games", LEFT, 46, 44)
    if np.isfinite(shot.error):
        sheet.text(f"compass error {shot.error:.3f} a game", RIGHT, 50, 28, INK, "right")
    sheet.text(title, LEFT, 90, 24, DIM)
    line = 1 if (RIGHT - LEFT) / units * sheet.scale >= 6 else 0
    for row, grey_row in enumerate(greys(shot.weights, span)):
        named = INPUTS[row] if row < len(INPUTS) else f"input {row}"
        y = GREY_TOP + (row + 0.5) * GREY_HEIGHT / inputs
        sheet.disc(COLOURS[row % len(COLOURS)], 24, y, 18)
        sheet.text(named, 40, y, 22)
        for column, grey in enumerate(grey_row):
            rect = cell_rect(sheet, row, column, inputs, units)
            surface.fill((int(grey),) * 3, (rect.left, rect.top, rect.width - line, rect.height - line))
    for column, colour in enumerate(mixture(shot.weights, span)):
        rect = mix_rect(sheet, column, units)
        mixed: Colour = (int(colour[0]), int(colour[1]), int(colour[2]))
        surface.fill(mixed, (rect.left, rect.top, rect.width - line, rect.height))
    sheet.text("mixed", 40, MIX_TOP + MIX_HEIGHT / 2, 22)
    for step in range(64):
        grey = round(step / 63 * 255)
        sheet.fill((grey,) * 3, LEFT + 60 + 3 * step, 496, 3.5, 16)
    sheet.text(f"-{span:.1f}", LEFT + 52, 504, 22, DIM, "right")
    sheet.text(f"{span:.1f}", LEFT + 260, 504, 22, DIM)
    sheet.text("each column is a hidden unit", RIGHT, 504, 22, DIM, "right")
    return sheet
