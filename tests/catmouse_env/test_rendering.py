"""Pictures of games: what must be seen in them, and windows that open and close politely."""

import os
import subprocess
import sys
from itertools import product

import numpy as np
import pytest

os.environ.setdefault("SDL_VIDEODRIVER", "dummy")
os.environ.setdefault("PYGAME_HIDE_SUPPORT_PROMPT", "1")

import pygame

from catmouse_env.rendering import draw_text
from catmouse_env.rendering.pygame_renderer import (
    CAT_CELL,
    FLOOR,
    MARGIN,
    PATH_NEWEST,
    PICTURE,
    SMALLEST_CELL,
    WALL,
    PygameRenderer,
    draw,
    draw_room,
    layout,
)
from catmouse_env.rendering.snapshot import Snapshot

# Crosses itself in (2, 1) and bumps into the left wall.
PATH = ((1, 1), (2, 1), (3, 1), (3, 2), (2, 2), (2, 1), (2, 0), (1, 0), (0, 0), (0, 0), (0, 1))


def still(cell, path=PATH):
    return (cell,) * len(path)


GAME = Snapshot(6, 6, PATH, still((4, 4)))
START = Snapshot(6, 6, ((0, 1),), ((4, 4),))


def corner_colour(pixels, snapshot, cell):
    """The colour of a cell away from whatever is drawn in its middle."""
    rect = layout(snapshot).cell_rect(cell)
    return tuple(int(channel) for channel in pixels[rect.bottom - 1, rect.left])


def crop(pixels, snapshot, cell):
    rect = layout(snapshot).cell_rect(cell)
    return pixels[rect.top : rect.bottom, rect.left : rect.right]


@pytest.fixture
def frame():
    return PygameRenderer(fps=4).frame


@pytest.fixture
def renderer(monkeypatch):
    monkeypatch.setenv("SDL_VIDEODRIVER", "dummy")
    pygame.display.quit()
    renderer = PygameRenderer(fps=1000)
    yield renderer
    renderer.close()
    pygame.display.quit()


def test_a_frame_is_an_rgb_array_of_its_own(frame):
    pixels = frame(GAME)
    assert pixels.dtype == np.uint8
    assert pixels.shape == (*layout(GAME).size[::-1], 3)
    pixels[:] = 0
    assert frame(GAME).any()


def test_a_frame_needs_no_display(frame, monkeypatch):
    def refuse(*args, **kwargs):
        raise AssertionError("frame asked for a display")

    pygame.display.quit()
    monkeypatch.setattr(pygame.display, "init", refuse)
    monkeypatch.setattr(pygame.display, "set_mode", refuse)
    frame(GAME)
    assert not pygame.display.get_init()


def test_the_cell_of_the_cat_is_red_and_of_unvisited_cells_white(frame):
    pixels = frame(GAME)
    for cell in product(range(6), range(6)):
        if cell == GAME.cat:
            assert corner_colour(pixels, GAME, cell) == CAT_CELL
        elif cell not in PATH:
            assert (crop(pixels, GAME, cell) == FLOOR).all()


def test_the_path_is_green_and_darker_towards_the_present(frame):
    pixels = frame(GAME)
    by_last_visit = sorted(set(PATH), key=lambda cell: max(i for i, at in enumerate(PATH) if at == cell))
    colours = [corner_colour(pixels, GAME, cell) for cell in by_last_visit]
    assert all(green > max(red, blue) for red, green, blue in colours)
    assert colours[-1] == PATH_NEWEST
    lightness = [sum(colour) for colour in colours]
    assert lightness == sorted(set(lightness), reverse=True)


def test_the_origin_is_at_the_bottom_left(frame):
    pixels = frame(Snapshot(6, 6, ((5, 5),), ((0, 0),)))
    height = len(pixels)
    assert tuple(pixels[height - MARGIN - 3, MARGIN + 2]) == CAT_CELL
    assert tuple(pixels[MARGIN + 2, MARGIN + 2]) == FLOOR
    assert layout(GAME).cell_rect((0, 0)).top > layout(GAME).cell_rect((0, 5)).top


def test_margin_and_lines_are_black(frame):
    pixels = frame(START)
    assert not pixels[:MARGIN].any()
    assert not pixels[-MARGIN:].any()
    assert not pixels[:, :MARGIN].any()
    assert not pixels[:, -MARGIN:].any()
    place = layout(START)
    between = place.cell_rect((2, 0)).right
    assert between + place.line == place.cell_rect((3, 0)).left
    assert (pixels[:, between] == WALL).all()


def test_moves_are_joined_by_lines(frame):
    snapshot = Snapshot(6, 6, ((1, 3), (2, 3)), still((5, 5), (0, 0)))
    pixels = frame(snapshot)
    place = layout(snapshot)
    x, y = place.centre((1, 3))
    assert tuple(pixels[y, x + place.cell // 4]) != corner_colour(pixels, snapshot, (1, 3))
    assert tuple(pixels[y, x - place.cell // 4]) == corner_colour(pixels, snapshot, (1, 3))


def test_a_bump_into_a_wall_shows(frame):
    bumped = Snapshot(6, 6, ((0, 2), (0, 2), (1, 2)), still((4, 4), range(3)))
    smooth = Snapshot(6, 6, ((0, 2), (1, 2)), still((4, 4), range(2)))
    assert (crop(frame(bumped), bumped, (0, 2)) != crop(frame(smooth), smooth, (0, 2))).any()


@pytest.mark.parametrize("cell", [(4, 4), (0, 1)])
def test_an_animal_is_drawn_in_its_cell(frame, cell):
    inside = crop(frame(START), START, cell)
    changed = (inside != inside[-1, 0]).any(axis=-1)
    assert 0.15 < changed.mean() < 0.85


def test_the_mouse_heads_where_it_last_went(frame):
    pictures = []
    for source in [(2, 1), (1, 2), (2, 3), (3, 2)]:
        snapshot = Snapshot(6, 6, (source, (2, 2), (2, 2)), still((5, 5), range(3)))
        middle = crop(frame(snapshot), snapshot, (2, 2))
        pictures.append(middle.tobytes())
    assert len(set(pictures)) == 4


def test_a_cat_that_is_not_seen_is_pale(frame):
    hidden = Snapshot(6, 6, PATH, still((4, 4)), cat_visible=False)
    seen_pixels, hidden_pixels = frame(GAME), frame(hidden)
    assert crop(hidden_pixels, hidden, (4, 4)).mean() > crop(seen_pixels, GAME, (4, 4)).mean() + 60
    rect = layout(GAME).cell_rect((4, 4))
    hidden_pixels[rect.top : rect.bottom, rect.left : rect.right] = crop(seen_pixels, GAME, (4, 4))
    assert (hidden_pixels == seen_pixels).all()  # nothing else changed


@pytest.mark.parametrize("cat", [(0, 1), (0, 0)])
@pytest.mark.parametrize("side", [6, 64])
def test_a_capture_shows(frame, cat, side):
    free = Snapshot(side, side, PATH, still(cat))
    caught = Snapshot(side, side, PATH, still(cat), caught=True)
    changed = (crop(frame(free), free, (0, 1)) != crop(frame(caught), caught, (0, 1))).any(axis=-1)
    assert changed.mean() > 0.1


def test_the_way_of_a_moving_cat_shows(frame):
    path = ((5, 5), (4, 4), (4, 4), (3, 4))  # with a diagonal step, and a rest
    moved = frame(Snapshot(6, 6, still((0, 0), path), path))
    for cell in [(5, 5), (4, 4)]:
        red, green, _ = np.moveaxis(crop(moved, GAME, cell).astype(int), -1, 0)
        assert (red > green + 60).any()


@pytest.mark.parametrize(("width", "height"), [(2, 2), (6, 6), (12, 8), (2, 64), (64, 2), (64, 64), (37, 5)])
def test_every_room_gets_a_sane_picture(frame, width, height):
    snapshot = Snapshot(width, height, ((width - 1, 0), (width - 2, 0)), still((0, height - 1), range(2)))
    pixels = frame(snapshot)
    assert PICTURE * 0.85 <= max(pixels.shape) <= PICTURE
    assert pixels.shape[0] % 2 == pixels.shape[1] % 2 == 0
    place = layout(snapshot)
    assert place.cell >= SMALLEST_CELL
    picture = pygame.Rect((0, 0), place.size)
    rects = [place.cell_rect(cell) for cell in product(range(width), range(height))]
    assert all(rect.width == rect.height and picture.contains(rect) for rect in rects)
    assert rects[0].collidelist(rects[1:]) == -1
    assert (crop(pixels, snapshot, (width - 2, 0)) == PATH_NEWEST).all(axis=-1).any()
    if place.line:  # else the animal is larger than its cell
        assert corner_colour(pixels, snapshot, (width - 2, 0)) == PATH_NEWEST


def test_large_rooms_have_no_net_of_lines_and_animals_larger_than_cells(frame):
    snapshot = Snapshot(32, 32, ((20, 20),), ((8, 8),))
    pixels, place = frame(snapshot), layout(snapshot)
    room = pixels[MARGIN : MARGIN + 32 * place.cell, MARGIN : MARGIN + 32 * place.cell]
    assert place.line == 0
    for cell, colour in (((8, 8), CAT_CELL), ((20, 20), PATH_NEWEST)):
        x, y = place.centre(cell)
        assert np.abs(pixels[y - round(0.9 * place.cell), x].astype(int) - colour).max() < 12
    assert (room.astype(int).sum(axis=2) < 60).mean() < 0.005


def test_windows_have_the_cat_as_their_icon(renderer, monkeypatch):
    icons = []
    monkeypatch.setattr(pygame.display, "set_icon", icons.append)
    renderer.show(START)
    assert icons[0].get_at((1, 1))[:3] == CAT_CELL


def test_draw_takes_a_cell_size():
    assert draw(GAME, cell=20).get_size() == layout(GAME, cell=20).size
    assert layout(GAME, cell=20).cell_rect((1, 0)).left - layout(GAME, cell=20).cell_rect((0, 0)).left == 20


@pytest.mark.parametrize("rect", [(10, 20, 300, 200), (0, 0, 200, 300), (50, 50, 90, 90)])
def test_draw_room_stays_in_its_rect_and_in_its_middle(rect):
    rect = pygame.Rect(rect)
    surface = pygame.Surface((400, 400), 0, 32)
    surface.fill((1, 2, 3))
    place = draw_room(surface, rect, GAME)
    room = place.cell_rect((0, 5)).union(place.cell_rect((5, 0)))
    assert rect.contains(room)
    assert room.width == room.height
    assert abs(room.centerx - rect.centerx) <= 1
    assert abs(room.centery - rect.centery) <= 1
    red = (pygame.surfarray.array3d(surface) == CAT_CELL).all(axis=2)  # (x, y)
    cell = place.cell_rect((4, 4))
    if place.line:
        assert red[cell.topleft]
    else:  # the cat is larger than its cell, and the disc behind it too
        columns, rows = (np.flatnonzero(red.any(axis=axis)) for axis in (1, 0))
        assert abs(columns.mean() - cell.centerx) < place.cell / 2
        assert abs(rows.mean() - cell.centery) < place.cell / 2
    surface.fill((1, 2, 3), rect)
    assert (pygame.surfarray.array3d(surface) == (1, 2, 3)).all()


@pytest.mark.parametrize("size", [(1, 1), (7, 40)])
def test_draw_room_survives_a_tiny_rect(size):
    surface = pygame.Surface((50, 50), 0, 32)
    draw_room(surface, pygame.Rect((0, 0), size), Snapshot(64, 64, ((0, 0),), ((1, 1),)))


def test_show_opens_one_window_and_close_closes_it(renderer):
    assert renderer.show(START)
    window = pygame.display.get_surface()
    assert window.get_size() == layout(START).size
    assert renderer.show(GAME)
    assert pygame.display.get_surface() is window
    assert (pygame.surfarray.array3d(window) == pygame.surfarray.array3d(draw(GAME))).all()
    renderer.close()
    renderer.close()
    assert not pygame.display.get_init()
    assert renderer.closed
    assert not renderer.show(GAME)
    assert not pygame.display.get_init()


def test_a_window_closed_by_the_user_stays_closed(renderer):
    assert renderer.show(START)
    pygame.event.post(pygame.event.Event(pygame.QUIT))
    assert not renderer.show(GAME)
    assert renderer.closed
    assert not pygame.display.get_init()
    assert not renderer.show(GAME)
    assert renderer.frame(GAME).any()
    renderer.close()


def test_a_new_window_does_not_end_with_the_one_before(renderer):
    assert renderer.show(START)
    for _ in range(2):  # whoever is impatient closes twice
        pygame.event.post(pygame.event.Event(pygame.QUIT))
    assert not renderer.show(GAME)
    another = PygameRenderer(renderer.fps)
    assert another.show(START)
    another.close()


def test_a_resized_window_keeps_the_shape_of_the_room(renderer):
    renderer.show(GAME)
    window = pygame.display.set_mode((500, 300), pygame.RESIZABLE)
    assert renderer.show(GAME)
    pixels = pygame.surfarray.array3d(window)  # (x, y, channels)
    columns = np.flatnonzero(pixels.any(axis=(1, 2)))
    rows = np.flatnonzero(pixels.any(axis=(0, 2)))
    assert np.ptp(columns) == np.ptp(rows)
    assert 250 < np.ptp(rows) < 300


def test_close_after_frames_alone(renderer):
    renderer.frame(GAME)
    renderer.close()
    renderer.close()


def test_the_display_of_another_program_is_left_open(renderer):
    pygame.display.init()
    window = pygame.display.set_mode((320, 240))
    pygame.event.clear()
    assert renderer.show(GAME)
    pygame.event.post(pygame.event.Event(pygame.QUIT))
    assert not renderer.show(GAME)
    assert pygame.display.get_surface() is window
    assert pygame.event.peek(pygame.QUIT)  # left for that program to take


def test_show_keeps_to_its_pace(renderer):
    renderer.fps = 50
    renderer.show(START)
    before = pygame.time.get_ticks()
    for _ in range(5):
        renderer.show(GAME)
    assert pygame.time.get_ticks() - before >= 80


@pytest.mark.parametrize("key", [pygame.K_ESCAPE, pygame.K_q])
def test_escape_and_q_close_the_window(renderer, key):
    assert renderer.show(START)
    pygame.event.post(pygame.event.Event(pygame.KEYDOWN, key=key))
    assert not renderer.show(GAME)
    assert not pygame.display.get_init()


def run_python(code, env=None):
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, env=env)


def no_screen(**more):
    """The environment variables of a machine without a screen."""
    screens = ("SDL_VIDEODRIVER", "DISPLAY", "WAYLAND_DISPLAY", "XDG_RUNTIME_DIR")
    return {**{name: value for name, value in os.environ.items() if name not in screens}, **more}


@pytest.mark.parametrize("more", [{}, {"XDG_RUNTIME_DIR": "/nowhere"}, {"DISPLAY": ":987"}])
def test_without_a_screen_human_is_an_error_and_nothing_is_drawn_unseen(more):
    code = """
import gymnasium as gym
import catmouse_env
env = gym.make("CatMouse-v0", render_mode="human")
try:
    env.reset(seed=0)
except gym.error.DependencyNotInstalled as error:
    print(error)
env.close()
"""
    result = run_python(code, no_screen(**more))
    assert result.returncode == 0
    assert "no screen" in result.stdout
    assert "rgb_array" in result.stdout


def test_a_driver_that_is_asked_for_is_meant():
    code = """
import gymnasium as gym
import catmouse_env
env = gym.make("CatMouse-v0", render_mode="human")
env.reset(seed=0)
env.close()
"""
    for driver in ("dummy", "offscreen"):
        assert run_python(code, no_screen(SDL_VIDEODRIVER=driver)).returncode == 0


def test_the_package_does_not_import_pygame_and_the_renderer_prints_nothing():
    code = """
import sys
import catmouse_env.rendering
assert "pygame" not in sys.modules
import catmouse_env.rendering.pygame_renderer
assert "pygame" in sys.modules
"""
    result = run_python(code)
    assert (result.returncode, result.stdout, result.stderr) == (0, "", "")


def test_without_pygame_one_line_says_what_to_install():
    code = """
import sys
sys.modules["pygame"] = None
from gymnasium.error import DependencyNotInstalled
try:
    import catmouse_env.rendering.pygame_renderer
except DependencyNotInstalled as error:
    print(error)
"""
    lines = run_python(code).stdout.splitlines()
    assert len(lines) == 1
    assert "pip install" in lines[0]


def test_text_shows_the_room_with_y_growing_upwards():
    assert draw_text(GAME).splitlines() == [
        "+-------------+",
        "| . . . . . . |",
        "| . . . . C . |",
        "| . . . . . . |",
        "| . . 4 3 . . |",
        "| M 0 5 2 . . |",
        "| 9 7 6 . . . |",
        "+-------------+",
        "move 10, cat (4, 4), mouse (0, 1)",
    ]


@pytest.mark.parametrize(
    ("cat", "visible", "caught", "marks"),
    [
        ((4, 4), False, False, "Mc"),
        ((0, 1), True, False, "&"),
        ((0, 1), True, True, "X"),
        ((0, 0), True, True, "XC"),
    ],
)
def test_text_tells_apart_what_can_happen(cat, visible, caught, marks):
    text = draw_text(Snapshot(6, 6, PATH, still(cat), cat_visible=visible, caught=caught))
    picture = "".join(line for line in text.splitlines() if line.startswith("|"))
    assert sorted(set(picture) & set("MCcX&")) == sorted(marks)
    assert ("caught" in text) == caught
    assert ("unseen" in text) != visible


@pytest.mark.parametrize(("width", "height"), [(2, 2), (2, 64), (64, 2), (64, 64)])
def test_text_has_a_line_for_every_row_of_the_room(width, height):
    lines = draw_text(Snapshot(width, height, ((0, 0),), ((1, 1),))).splitlines()
    assert len(lines) == height + 3
    assert {len(line) for line in lines[:-1]} == {2 * width + 3}
