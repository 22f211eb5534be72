"""The picture in colour, drawn with pygame: render modes "rgb_array" and "human", and parts for programs.

As in the article of 2016: white cells on black, the cat's cell red, the mouse's path in green, darker
towards the present, its moves joined by lines.
"""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from itertools import pairwise, product

import numpy as np
from gymnasium.error import DependencyNotInstalled
from numpy.typing import NDArray

from catmouse_env.extras import install_command
from catmouse_env.rendering.snapshot import Cell, Snapshot

try:
    os.environ.setdefault("PYGAME_HIDE_SUPPORT_PROMPT", "1")
    import pygame

    from catmouse_env.rendering import sprites
except ImportError as error:
    raise DependencyNotInstalled(f"drawing needs pygame or pygame-ce: {install_command('play')}") from error

from catmouse_env.rendering.sprites import Colour

# Vermillion and bluish green stay apart for colour-blind eyes (Okabe and Ito 2008), and differ in lightness.
WALL: Colour = (0, 0, 0)
FLOOR: Colour = (255, 255, 255)
SHADED_FLOOR: Colour = (236, 238, 241)  # every other cell, where lines would be a net over the picture
CAT_CELL: Colour = (222, 74, 20)
CAT_LINE: Colour = (186, 52, 8)
UNSEEN_STRIPES: Colour = (240, 178, 152)
PATH_OLDEST: Colour = (217, 243, 233)
PATH_NEWEST: Colour = (0, 100, 73)
PATH_LINE: Colour = (0, 50, 37)

PICTURE = 600  # pixels that the longer side aims at
SMALLEST_CELL = 9  # pixels
DOTS_FROM = 18  # pixels a cell; in smaller ones a dot on the line is only a smudge
LINES_FROM = 30  # pixels a cell
PIN = 2.1  # cells that an animal in a room of small cells takes, on a disc so that it is found
MARGIN = 8  # pixels of black around the room in a picture of its own
CAPTION = "CatMouse"
ICON = 64  # pixels
WITHOUT_SCREEN = ("dummy", "offscreen")  # SDL's drivers that draw where nobody sees it
# What of a Linux session leads SDL to a screen; without any it need not look for one.
SESSION = ("DISPLAY", "WAYLAND_DISPLAY", "XDG_RUNTIME_DIR")


@dataclass(frozen=True)
class Layout:
    """Where the cells of a room lie in a picture.

    Attributes:
        width: Cells from left to right.
        height: Cells from bottom to top.
        cell: Pixels from one cell to the next, the line between them included.
        left: Pixel column where the first cell begins, half a line included.
        top: Pixel row where the uppermost cell begins, half a line included.
    """

    width: int
    height: int
    cell: int
    left: int = MARGIN
    top: int = MARGIN

    @classmethod
    def fit(cls, width: int, height: int, rect: pygame.Rect) -> Layout:
        """The largest room of `width` x `height` square cells that fits into `rect`, in its middle."""
        room = rect.inflate(-2 * MARGIN, -2 * MARGIN)
        cell = max(1, min(room.width // width, room.height // height))
        left = rect.left + (rect.width - width * cell) // 2
        top = rect.top + (rect.height - height * cell) // 2
        return cls(width, height, cell, left, top)

    @property
    def line(self) -> int:
        """Thickness of the lines between cells in pixels; small cells have none."""
        return max(1, round(self.cell / 60)) if self.cell >= LINES_FROM else 0

    @property
    def size(self) -> tuple[int, int]:
        """Width and height in pixels of a picture of this room alone.

        Both are even, which video encoders ask for.
        """
        right = self.left + self.width * self.cell + MARGIN
        bottom = self.top + self.height * self.cell + MARGIN
        return right + right % 2, bottom + bottom % 2

    def cell_rect(self, cell: Cell) -> pygame.Rect:
        """The pixels of the cell (x, y), without the lines around it."""
        x, y = cell
        left = self.left + x * self.cell + self.line // 2
        top = self.top + (self.height - 1 - y) * self.cell + self.line // 2
        return pygame.Rect(left, top, self.cell - self.line, self.cell - self.line)

    def centre(self, cell: Cell) -> tuple[int, int]:
        """The pixel in the middle of the cell (x, y)."""
        return self.cell_rect(cell).center


def layout(snapshot: Snapshot, cell: int | None = None) -> Layout:
    """Where `draw` puts the cells.

    Args:
        snapshot: The game to draw; only the room's size matters.
        cell: Pixels from one cell to the next; by default as many as make the longer side about
            `PICTURE` pixels, at least `SMALLEST_CELL`.
    """
    if cell is None:
        longer = max(snapshot.width, snapshot.height)
        cell = max(SMALLEST_CELL, (PICTURE - 2 * MARGIN) // longer)
    return Layout(snapshot.width, snapshot.height, cell)


def draw(snapshot: Snapshot, cell: int | None = None) -> pygame.Surface:
    """Draw a game as a picture of its own. Needs no display.

    Args:
        snapshot: The game to draw.
        cell: Pixels from one cell to the next; by default the picture is about `PICTURE` pixels long.

    Returns:
        A surface of `layout(snapshot, cell).size`.
    """
    place = layout(snapshot, cell)
    surface = pygame.Surface(place.size, 0, 32)
    _draw(surface, place, snapshot)
    return surface


def draw_room(surface: pygame.Surface, rect: pygame.Rect, snapshot: Snapshot) -> Layout:
    """Draw a game into a part of another picture, as large as fits, on black.

    Args:
        surface: What to draw on.
        rect: The part of it to fill.
        snapshot: The game to draw.

    Returns:
        Where the cells are now.
    """
    place = Layout.fit(snapshot.width, snapshot.height, rect)
    clip = surface.get_clip()
    surface.set_clip(rect.clip(clip))
    surface.fill(WALL, rect)
    _draw(surface, place, snapshot)
    surface.set_clip(clip)
    return place


def icon() -> pygame.Surface:
    """The cat in its cell, for the frames of windows."""
    surface = pygame.Surface((ICON, ICON), 0, 32)
    surface.fill(CAT_CELL)
    sprites.stamp(surface, sprites.cat(ICON), (ICON // 2, ICON // 2))
    return surface


def open_window(size: tuple[int, int], caption: str, instead: str) -> pygame.Surface:
    """A window that can be resized.

    Where there is no screen SDL draws invisibly; that is an error, unless the environment variable
    `SDL_VIDEODRIVER` asks for it.

    Args:
        size: Width and height in pixels.
        caption: What stands in its frame.
        instead: What to do without a screen, for the error.

    Raises:
        DependencyNotInstalled: There is no screen to open it on.
    """
    meant = bool(os.environ.get("SDL_VIDEODRIVER"))
    reason = ""
    if meant or sys.platform != "linux" or any(map(os.environ.get, SESSION)):
        try:
            pygame.display.init()
            if meant or pygame.display.get_driver() not in WITHOUT_SCREEN:
                pygame.display.set_icon(icon())
                window = pygame.display.set_mode(size, pygame.RESIZABLE)
                pygame.display.set_caption(caption)
                return window
        except pygame.error as error:
            reason = f" ({error})"
        pygame.display.quit()
    raise DependencyNotInstalled(f"no screen to open a window on{reason}; {instead}")


def wants_to_leave(event: pygame.event.Event) -> bool:
    """Whether an event asks for the window's end: its button, Esc or Q."""
    return event.type == pygame.QUIT or (
        event.type == pygame.KEYDOWN and event.key in (pygame.K_ESCAPE, pygame.K_q)
    )


class PygameRenderer:
    """Draws games as arrays (`frame`) or in a window (`show`).

    Attributes:
        fps: Pictures a second that `show` keeps to.
        closed: Whether the window is gone for good: the user closed it, or `close` was called.
    """

    def __init__(self, fps: int) -> None:
        self.fps = fps
        self.closed = False
        self._owns_display = False
        self._clock: pygame.time.Clock | None = None

    def frame(self, snapshot: Snapshot) -> NDArray[np.uint8]:
        """Draw a game as an array (height, width, 3) uint8. Needs no display and opens no window."""
        surface = draw(snapshot)
        width, height = surface.get_size()
        pixels = np.frombuffer(bytearray(pygame.image.tobytes(surface, "RGB")), np.uint8)
        return pixels.reshape(height, width, 3)  # (rows, columns, red green blue)

    def show(self, snapshot: Snapshot) -> bool:
        """Draw a game in a window, opened on the first call, and wait for the picture's time to pass.

        Returns:
            False once the window was closed (by its button, Esc or Q), and then does nothing; else True.

        Raises:
            DependencyNotInstalled: There is no screen.
        """
        if self.closed:
            return False
        self._open(snapshot)
        if self._quit_asked():
            self.close()
            return False
        window = pygame.display.get_surface()  # anew: the events just read may have resized it
        draw_room(window, window.get_rect(), snapshot)
        pygame.display.flip()
        if self._clock is None:
            self._clock = pygame.time.Clock()
        self._clock.tick(self.fps)
        return True

    def close(self) -> None:
        """Close the window, if this renderer opened it. Can be called again; `frame` still works."""
        self.closed = True
        if self._owns_display:
            self._owns_display = False
            pygame.display.quit()

    def _open(self, snapshot: Snapshot) -> None:
        # pygame has one window for the whole process: another program's is drawn in, never replaced.
        if pygame.display.get_init() and pygame.display.get_surface() is not None:
            return
        owns = self._owns_display or not pygame.display.get_init()
        open_window(layout(snapshot).size, CAPTION, 'render_mode="rgb_array" needs none')
        self._owns_display = owns
        pygame.event.clear(pygame.QUIT)  # one that an earlier window left behind is not about this one

    def _quit_asked(self) -> bool:
        if self._owns_display:
            return any(map(wants_to_leave, pygame.event.get()))
        # The events of another program's window are for that program to take.
        pygame.event.pump()
        return pygame.event.peek(pygame.QUIT)


def _mix(first: Colour, last: Colour, t: float) -> Colour:
    red, green, blue = (round(a + t * (b - a)) for a, b in zip(first, last, strict=True))
    return red, green, blue


def _draw(surface: pygame.Surface, place: Layout, snapshot: Snapshot) -> None:
    _draw_floor(surface, place)
    _draw_path_cells(surface, place, snapshot)
    _draw_cat_cell(surface, place, snapshot)
    _draw_mouse_lines(surface, place, snapshot)
    _draw_cat_lines(surface, place, snapshot)
    _draw_animals(surface, place, snapshot)


def _draw_floor(surface: pygame.Surface, place: Layout) -> None:
    room = place.cell_rect((0, 0)).union(place.cell_rect((place.width - 1, place.height - 1)))
    surface.fill(FLOOR, room)
    if not place.line:
        for x, y in product(range(place.width), range(place.height)):
            if (x + y) % 2:
                surface.fill(SHADED_FLOOR, place.cell_rect((x, y)))
        return
    for x in range(1, place.width):
        left = place.cell_rect((x, 0)).left - place.line
        surface.fill(WALL, (left, room.top, place.line, room.height))
    for y in range(1, place.height):
        top = place.cell_rect((0, y)).bottom
        surface.fill(WALL, (room.left, top, room.width, place.line))


def _draw_path_cells(surface: pygame.Surface, place: Layout, snapshot: Snapshot) -> None:
    last_visit = {cell: move for move, cell in enumerate(snapshot.mouse_path)}
    for cell, move in last_visit.items():
        age = move / snapshot.moves if snapshot.moves else 1.0
        surface.fill(_mix(PATH_OLDEST, PATH_NEWEST, age), place.cell_rect(cell))


def _draw_cat_cell(surface: pygame.Surface, place: Layout, snapshot: Snapshot) -> None:
    rect = place.cell_rect(snapshot.cat)
    if snapshot.cat_visible or snapshot.caught:
        surface.fill(CAT_CELL, rect)
    else:
        surface.blit(sprites.hatching(rect.width, UNSEEN_STRIPES, FLOOR), rect)


def _draw_mouse_lines(surface: pygame.Surface, place: Layout, snapshot: Snapshot) -> None:
    thickness = max(1, round(place.cell / 22))
    dot = max(3, round(place.cell / 9))
    points = [place.centre(cell) for cell in snapshot.mouse_path]
    moves = list(pairwise(points))
    for start, end in moves:
        if start != end:
            _draw_line(surface, start, end, thickness, PATH_LINE)
    if place.cell >= DOTS_FROM:
        for point in dict.fromkeys(points):
            sprites.stamp(surface, sprites.disc(dot, PATH_LINE), point)
    for start, end in moves:
        if start == end:  # a bump into a wall
            sprites.stamp(surface, sprites.disc(2 * dot, PATH_LINE, FLOOR), end)


def _draw_cat_lines(surface: pygame.Surface, place: Layout, snapshot: Snapshot) -> None:
    # Beside the middle: a cat that follows the mouse must not hide its line.
    aside = max(1, place.cell // 7)
    thickness = max(1, place.cell // 40)
    points = [(x + aside, y + aside) for x, y in map(place.centre, snapshot.cat_path)]
    moves = [(a, b) for a, b in pairwise(points) if a != b]
    if place.cell >= DOTS_FROM:  # a light edge keeps it apart from green
        for start, end in moves:
            _draw_line(surface, start, end, thickness + 2, FLOOR)
    for start, end in moves:
        _draw_line(surface, start, end, thickness, CAT_LINE)


def _draw_line(
    surface: pygame.Surface, start: tuple[int, int], end: tuple[int, int], thickness: int, colour: Colour
) -> None:
    (x0, y0), (x1, y1) = start, end
    if x0 == x1 or y0 == y1:
        left, top = min(x0, x1) - thickness // 2, min(y0, y1) - thickness // 2
        surface.fill(colour, (left, top, abs(x1 - x0) + thickness, abs(y1 - y0) + thickness))
        return
    rising = (x1 > x0) != (y1 > y0)
    sprites.stamp(
        surface,
        sprites.diagonal(abs(x1 - x0), thickness, colour, rising),
        ((x0 + x1) // 2, (y0 + y1) // 2),
    )


def _draw_animals(surface: pygame.Surface, place: Layout, snapshot: Snapshot) -> None:
    side = place.cell - place.line
    small = not place.line
    if small:
        side = max(3, round(PIN * side))
    cat_at, mouse_at = place.centre(snapshot.cat), place.centre(snapshot.mouse)
    ghost = not (snapshot.cat_visible or snapshot.caught)
    look = (_sign(snapshot.mouse[0] - snapshot.cat[0]), _sign(snapshot.mouse[1] - snapshot.cat[1]))
    size = round(0.86 * side)
    together = snapshot.cat == snapshot.mouse
    if together:
        size, aside, look = round(0.62 * side), round(0.17 * side), (1, -1)
        cat_at = (cat_at[0] - aside, cat_at[1] - aside)
        mouse_at = (mouse_at[0] + aside, mouse_at[1] + aside)

    if snapshot.caught:
        sprites.stamp(surface, sprites.burst(side), place.centre(snapshot.mouse))
    if snapshot.caught and small:
        sprites.stamp(surface, sprites.cross(side), place.centre(snapshot.mouse))
        if together:
            return
    if small and not together:
        _draw_pin(surface, place, snapshot.cat, side, UNSEEN_STRIPES if ghost else CAT_CELL)
    sprites.stamp(surface, sprites.cat(size, look, ghost), cat_at)
    if not (snapshot.caught and small):
        if small and not together:
            _draw_pin(surface, place, snapshot.mouse, side, PATH_NEWEST)
        heading = _heading(snapshot.mouse_path)
        sprites.stamp(surface, sprites.mouse(size, heading, snapshot.caught), mouse_at)


def _draw_pin(surface: pygame.Surface, place: Layout, cell: Cell, diameter: int, colour: Colour) -> None:
    """A small cell, and a disc around it."""
    sprites.stamp(surface, sprites.disc(diameter, colour), place.centre(cell))
    surface.fill(colour, place.cell_rect(cell))


def _heading(path: tuple[Cell, ...]) -> int:
    """Quarter turns clockwise from up of the last move that led somewhere; up before any."""
    for (x0, y0), (x1, y1) in zip(path[-2::-1], path[:0:-1], strict=True):
        if (x0, y0) != (x1, y1):
            return {(0, 1): 0, (1, 0): 1, (0, -1): 2, (-1, 0): 3}.get((_sign(x1 - x0), _sign(y1 - y0)), 0)
    return 0


def _sign(number: int) -> int:
    return (number > 0) - (number < 0)
