"""A picture laid out in points and drawn at whatever size a surface has, so that all keeps its shape."""

from __future__ import annotations

from functools import lru_cache
from math import cos, radians, sin

import pygame

from catmouse_env.rendering import sprites
from catmouse_env.rendering.pygame_renderer import WALL

Colour = tuple[int, int, int]

# Okabe and Ito's colours, made a little lighter where they stand on black.
INK: Colour = (236, 236, 236)
DIM: Colour = (150, 154, 160)
FAINT: Colour = (58, 62, 68)
BRAIN: Colour = (0, 178, 130)
TEACHER: Colour = (60, 150, 232)
WRONG: Colour = (238, 102, 40)
WARM: Colour = (240, 190, 60)

SUPERSAMPLING = 3
ARROW = (  # right and up of the middle of a unit square
    (-0.055, 0.02),
    (-0.055, 0.27),
    (-0.15, 0.27),
    (0, 0.47),
    (0.15, 0.27),
    (0.055, 0.27),
    (0.055, 0.02),
)


@lru_cache(maxsize=64)
def font(size: int) -> pygame.font.Font:
    """The font that comes with pygame."""
    pygame.font.init()
    return pygame.font.Font(None, size)


@lru_cache(maxsize=512)
def lettering(words: str, size: int, colour: Colour) -> pygame.Surface:
    """A line of text, drawn large and scaled down: pygame sets letters to whole pixels, unevenly."""
    large = font(SUPERSAMPLING * size).render(words, True, colour)
    width, height = large.get_size()
    small = (round(width / SUPERSAMPLING), max(1, round(height / SUPERSAMPLING)))
    return pygame.transform.smoothscale(large, small) if words else pygame.Surface((0, small[1]))


class Sheet:
    """Maps points to the pixels of a surface, as large as fits and in its middle.

    Args:
        surface: What to draw on; its border around the sheet is blackened.
        width: Of the sheet in points.
        height: Of the sheet in points.
    """

    def __init__(self, surface: pygame.Surface, width: int, height: int) -> None:
        self.surface = surface
        have = surface.get_rect()
        self.scale = max(0.05, min(have.width / width, have.height / height))
        self.left = (have.width - width * self.scale) / 2
        self.top = (have.height - height * self.scale) / 2
        surface.fill(WALL)

    def at(self, x: float, y: float) -> tuple[int, int]:
        """The pixel of a point."""
        return round(self.left + x * self.scale), round(self.top + y * self.scale)

    def length(self, points: float) -> int:
        """A length in pixels, at least 1."""
        return max(1, round(points * self.scale))

    def rect(self, x: float, y: float, width: float, height: float) -> pygame.Rect:
        """The pixels of a rectangle of points."""
        (left, top), (right, bottom) = self.at(x, y), self.at(x + width, y + height)
        return pygame.Rect(left, top, max(1, right - left), max(1, bottom - top))

    def fill(self, colour: Colour, x: float, y: float, width: float, height: float) -> None:
        """A filled rectangle."""
        self.surface.fill(colour, self.rect(x, y, width, height))

    def text(
        self, words: str, x: float, y: float, size: int, colour: Colour = INK, align: str = "left"
    ) -> None:
        """A line of text whose middle has height y, and which begins, centres or ends at x."""
        drawn = lettering(words, self.length(size), colour)
        place = drawn.get_rect()
        middle = self.at(x, y)
        setattr(place, {"left": "midleft", "centre": "center", "right": "midright"}[align], middle)
        self.surface.blit(drawn, place)

    def disc(self, colour: Colour, x: float, y: float, diameter: float, hole: Colour | None = None) -> None:
        """A dot, or with a `hole` of another colour a ring."""
        sprites.stamp(self.surface, sprites.disc(self.length(diameter), colour, hole), self.at(x, y))

    def notice(self, lines: list[tuple[str, str]], rect: pygame.Rect, size: int, pad: float = 14) -> None:
        """A box of text in the middle of `rect`: pairs of what stands left and right (or only left)."""
        letters = self.length(size)
        line = font(letters).get_linesize()
        step = round(line * 1.25)
        gap = self.length(18)
        left = max(lettering(first, letters, INK).get_width() for first, _ in lines)
        right = max(lettering(second, letters, INK).get_width() for _, second in lines)
        edge = self.length(pad)
        width = left + (gap + right if right else 0) + 2 * edge
        box = pygame.Rect(0, 0, width, step * len(lines) + 2 * edge - (step - line))
        box.center = rect.center
        shade = pygame.Surface(box.size, pygame.SRCALPHA, 32)
        shade.fill((16, 18, 22, 235))
        self.surface.blit(shade, box)
        pygame.draw.rect(self.surface, DIM, box, max(1, self.length(1)))
        for row, (first, second) in enumerate(lines):
            y = box.top + edge + row * step
            self.surface.blit(lettering(first, letters, WARM if second else INK), (box.left + edge, y))
            if second:
                self.surface.blit(lettering(second, letters, INK), (box.left + edge + left + gap, y))


def turned(x: float, y: float, angle: float) -> tuple[float, float]:
    """A point (right, up) turned clockwise by an angle in degrees, as (right, down)."""
    c, s = cos(radians(angle)), sin(radians(angle))
    return x * c + y * s, -(y * c - x * s)


@lru_cache(maxsize=256)
def arrow(size: int, colour: Colour, edge: Colour, quarter_turns: int) -> pygame.Surface:
    """A short thick arrow with an edge, from the middle of a square to the middle of one side."""
    big = size * SUPERSAMPLING
    drawing = pygame.Surface((big, big), pygame.SRCALPHA, 32)
    points = []
    for x, y in ARROW:
        right, down = turned(x, y, 90 * quarter_turns)
        points.append((big * (0.5 + right), big * (0.5 + down)))
    pygame.draw.polygon(drawing, colour, points)
    pygame.draw.polygon(drawing, edge, points, max(1, big // 45))
    return pygame.transform.smoothscale(drawing.premul_alpha(), (size, size))
