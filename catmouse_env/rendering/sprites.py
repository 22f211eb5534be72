"""The cat, the mouse and the marks around them, drawn by code at whatever size a cell has.

Shapes are described in a unit square, y growing downwards, drawn several times too large and scaled
down, which smooths their edges. Every surface returned has premultiplied alpha (so that scaling leaves
no dark fringe), is cached, and must not be drawn on: put it somewhere with `stamp`.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from itertools import pairwise

import pygame

Colour = tuple[int, int, int]
Point = tuple[float, float]

COAT: Colour = (43, 45, 56)
COAT_SHADE: Colour = (68, 71, 86)
BIB: Colour = (246, 244, 240)
CAT_EYE: Colour = (250, 214, 70)
PINK: Colour = (238, 156, 158)
FUR: Colour = (214, 214, 220)
FUR_EDGE: Colour = (58, 58, 66)
TAIL: Colour = (226, 160, 160)
INK: Colour = (20, 20, 24)
BURST: Colour = (255, 222, 70)

SUPERSAMPLING = 4
LARGEST_DRAWING = 1200  # pixels; larger sprites are supersampled less, they need it less
FULL_FIGURE_FROM = 30  # pixels; below, only what can still be made out is drawn
GHOST_OPACITY = 105  # of 255
CACHE = 256  # surfaces


def stamp(target: pygame.Surface, sprite: pygame.Surface, centre: tuple[int, int]) -> None:
    """Draw a sprite of this module with its middle at a point of another surface."""
    target.blit(sprite, sprite.get_rect(center=centre), special_flags=pygame.BLEND_PREMULTIPLIED)


class _Canvas:
    """A transparent square on which shapes are drawn in unit coordinates."""

    def __init__(self, size: int) -> None:
        self.size = max(1, size)
        self.scale = self.size * max(2, min(SUPERSAMPLING, LARGEST_DRAWING // self.size))
        self.surface = pygame.Surface((self.scale, self.scale), pygame.SRCALPHA, 32)

    def ellipse(self, colour: Colour, centre: Point, rx: float, ry: float) -> None:
        box = ((centre[0] - rx) * self.scale, (centre[1] - ry) * self.scale)
        pygame.draw.ellipse(
            self.surface, colour, pygame.Rect(box, (2 * rx * self.scale, 2 * ry * self.scale))
        )

    def circle(self, colour: Colour, centre: Point, radius: float) -> None:
        self.ellipse(colour, centre, radius, radius)

    def polygon(self, colour: Colour, points: Sequence[Point]) -> None:
        pygame.draw.polygon(self.surface, colour, [(x * self.scale, y * self.scale) for x, y in points])

    def stroke(self, colour: Colour, points: Sequence[Point], radius: float) -> None:
        """A line with round ends through points."""
        for (x0, y0), (x1, y1) in pairwise(points):
            steps = max(2, int(max(abs(x1 - x0), abs(y1 - y0)) * self.scale))
            for k in range(steps + 1):
                t = k / steps
                self.circle(colour, (x0 + t * (x1 - x0), y0 + t * (y1 - y0)), radius)

    def curve(self, colour: Colour, p: Sequence[Point], radius: float, radius_end: float) -> None:
        """A cubic Bezier curve through four control points, its thickness changing on the way."""
        steps = 160
        for k in range(steps + 1):
            t = k / steps
            weights = ((1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t * t * (1 - t), t**3)
            x = sum(w * q[0] for w, q in zip(weights, p, strict=True))
            y = sum(w * q[1] for w, q in zip(weights, p, strict=True))
            self.circle(colour, (x, y), radius + t * (radius_end - radius))

    def finished(self) -> pygame.Surface:
        """The drawing at its final size, with premultiplied alpha."""
        return pygame.transform.smoothscale(self.surface.premul_alpha(), (self.size, self.size))


def _mirrored(points: Sequence[Point]) -> list[Point]:
    return [(1 - x, y) for x, y in points]


@lru_cache(maxsize=CACHE)
def cat(size: int, look: tuple[int, int] = (0, 0), ghost: bool = False) -> pygame.Surface:
    """A black cat with a white bib, seen from the front.

    Args:
        size: Side of the sprite in pixels.
        look: Where its eyes turn, each -1, 0 or 1: (right, up).
        ghost: Pale, for a cat that the mouse can't see.
    """
    if ghost:
        pale = cat(size, look).copy()
        pale.fill((GHOST_OPACITY,) * 4, special_flags=pygame.BLEND_RGBA_MULT)
        return pale
    c = _Canvas(size)
    if size >= FULL_FIGURE_FROM:
        c.curve(COAT, [(0.66, 0.90), (1.02, 0.96), (1.00, 0.66), (0.86, 0.56)], 0.055, 0.042)
        c.circle(BIB, (0.86, 0.565), 0.042)
        c.ellipse(COAT, (0.5, 0.76), 0.255, 0.235)
        c.ellipse(BIB, (0.5, 0.72), 0.12, 0.19)
        for x in (0.40, 0.60):
            c.ellipse(COAT_SHADE, (x, 0.935), 0.094, 0.060)
            c.ellipse(BIB, (x, 0.940), 0.082, 0.048)
        _cat_head(c, (0.5, 0.37), 1.0, look)
    else:
        _cat_head(c, (0.5, 0.56), 1.42, look)
    return c.finished()


def _cat_head(c: _Canvas, middle: Point, scale: float, look: tuple[int, int]) -> None:
    def at(x: float, y: float) -> Point:
        return (middle[0] + scale * x, middle[1] + scale * y)

    ear = [at(-0.315, 0.02), at(-0.285, -0.335), at(-0.04, -0.19)]
    inner = [at(-0.255, -0.10), at(-0.250, -0.265), at(-0.13, -0.185)]
    for shape in (ear, _mirrored(ear)):
        c.polygon(COAT, shape)
    for shape in (inner, _mirrored(inner)):
        c.polygon(PINK, shape)
    c.ellipse(COAT, at(0, 0), 0.325 * scale, 0.245 * scale)
    for side in (-1, 1):
        c.ellipse(CAT_EYE, at(side * 0.135, -0.025), 0.088 * scale, 0.088 * scale)
        pupil = at(side * 0.135 + 0.034 * look[0], -0.025 - 0.030 * look[1])
        c.ellipse(INK, pupil, 0.040 * scale, 0.058 * scale)
        if c.size >= FULL_FIGURE_FROM:
            c.circle(BIB, (pupil[0] - 0.012 * scale, pupil[1] - 0.022 * scale), 0.014 * scale)
            for y in (0.085, 0.125):
                c.stroke(BIB, [at(side * 0.17, y), at(side * 0.40, 2.1 * y - 0.11)], 0.0055 * scale)
    if c.size >= FULL_FIGURE_FROM:
        for side in (-1, 1):
            c.ellipse(BIB, at(side * 0.052, 0.128), 0.070 * scale, 0.058 * scale)
        c.polygon(PINK, [at(-0.036, 0.068), at(0.036, 0.068), at(0, 0.110)])
        c.stroke(COAT, [at(0, 0.108), at(0, 0.140), at(-0.035, 0.155)], 0.0065 * scale)
        c.stroke(COAT, [at(0, 0.140), at(0.035, 0.155)], 0.0065 * scale)
    else:
        c.ellipse(BIB, at(0, 0.135), 0.11 * scale, 0.065 * scale)


@lru_cache(maxsize=CACHE)
def mouse(size: int, quarter_turns: int = 0, caught: bool = False) -> pygame.Surface:
    """A grey mouse seen from above, its tail behind it.

    Args:
        size: Side of the sprite in pixels.
        quarter_turns: Which way it heads: clockwise from up, as the directions are numbered.
        caught: With crosses for eyes.
    """
    if quarter_turns:
        # A turn by a right angle moves pixels and changes none.
        return pygame.transform.rotate(mouse(size, 0, caught), -90 * quarter_turns)
    c = _Canvas(size)
    detailed = size >= FULL_FIGURE_FROM
    edge = 0.016 if detailed else 0.045
    tail = [(0.5, 0.80), (0.46, 1.02), (0.74, 1.00), (0.72, 0.80)]
    body = [((0.5, 0.60), 0.225, 0.255), ((0.5, 0.335), 0.155, 0.195)]
    ears = [((0.315, 0.345), 0.125), ((0.685, 0.345), 0.125)]
    if not detailed:
        body = [((0.5, 0.58), 0.25, 0.27), ((0.5, 0.31), 0.18, 0.22)]
        ears = [((0.27, 0.36), 0.16), ((0.73, 0.36), 0.16)]
        tail = [(0.5, 0.80), (0.50, 0.90), (0.50, 0.94), (0.52, 0.96)]

    c.curve(FUR_EDGE, tail, 0.030 + edge, 0.012 + edge)
    c.curve(TAIL, tail, 0.030, 0.012)
    for middle, rx, ry in body:
        c.ellipse(FUR_EDGE, middle, rx + edge, ry + edge)
    for middle, radius in ears:
        c.circle(FUR_EDGE, middle, radius + edge)
    for middle, rx, ry in body:
        c.ellipse(FUR, middle, rx, ry)
    for middle, radius in ears:
        c.circle(FUR, middle, radius)
        c.circle(PINK, middle, 0.68 * radius)
    c.circle(PINK, (0.5, 0.145), 0.036 if detailed else 0.06)
    for side in (-1, 1):
        x, y = 0.5 + side * 0.073, 0.245
        if caught and detailed:
            for slope in (-1, 1):
                c.stroke(INK, [(x - 0.034, y - slope * 0.034), (x + 0.034, y + slope * 0.034)], 0.011)
        elif detailed:
            c.circle(INK, (x, y), 0.030)
            c.circle(BIB, (x - 0.008, y - 0.010), 0.010)
            for spread in (0.15, 0.19):
                c.stroke(FUR_EDGE, [(0.5 + side * 0.05, 0.165), (0.5 + side * 0.22, spread - 0.04)], 0.004)
        else:
            c.circle(INK, (0.5 + side * 0.08, 0.26), 0.045)
    return c.finished()


@lru_cache(maxsize=CACHE)
def burst(size: int) -> pygame.Surface:
    """The star of a bang, behind a capture."""
    c = _Canvas(size)
    centre = pygame.Vector2(0.5, 0.5)
    for colour, shrink in ((INK, 1.0), (BURST, 0.92)):
        star = []
        for k in range(24):
            point = centre + pygame.Vector2(0, -0.5 if k % 2 == 0 else -0.35).rotate(15 * k) * shrink
            star.append((point.x, point.y))
        c.polygon(colour, star)
    return c.finished()


@lru_cache(maxsize=CACHE)
def cross(size: int) -> pygame.Surface:
    """A bold cross, for captures in cells too small to show two animals."""
    c = _Canvas(size)
    for slope in (-1, 1):
        c.stroke(INK, [(0.2, 0.5 - slope * 0.3), (0.8, 0.5 + slope * 0.3)], 0.1)
    return c.finished()


@lru_cache(maxsize=CACHE)
def disc(diameter: int, colour: Colour, hole: Colour | None = None) -> pygame.Surface:
    """A dot, or with a `hole` of another colour a ring."""
    c = _Canvas(diameter)
    c.circle(colour, (0.5, 0.5), 0.5)
    if hole is not None:
        c.circle(hole, (0.5, 0.5), 0.27)
    return c.finished()


@lru_cache(maxsize=CACHE)
def diagonal(size: int, thickness: int, colour: Colour, rising: bool) -> pygame.Surface:
    """A line from corner to corner of a square of `size`; its ends reach beyond by their roundness."""
    c = _Canvas(size + thickness)
    radius = thickness / 2 / c.size
    first, last = (radius, 1 - radius) if rising else (radius, radius)
    c.stroke(colour, [(first, last), (1 - first, 1 - last)], radius)
    return c.finished()


@lru_cache(maxsize=CACHE)
def hatching(size: int, colour: Colour, ground: Colour) -> pygame.Surface:
    """A square of slanting stripes in a frame, for the cell of a cat that the mouse can't see."""
    c = _Canvas(size)
    c.surface.fill(ground)
    stripes = 3 if size < FULL_FIGURE_FROM else 7
    for k in range(2 * stripes):
        start, width = k / stripes, 0.36 / stripes
        c.polygon(colour, [(start, 0), (start + width, 0), (start + width - 1, 1), (start - 1, 1)])
    frame = max(1, size // 24) / size
    for corners in (
        [(0, 0), (1, 0), (1, frame), (0, frame)],
        [(0, 1 - frame), (1, 1 - frame), (1, 1), (0, 1)],
        [(0, 0), (frame, 0), (frame, 1), (0, 1)],
        [(1 - frame, 0), (1, 0), (1, 1), (1 - frame, 1)],
    ):
        c.polygon(colour, corners)
    return c.finished()
