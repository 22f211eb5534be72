"""Watching games: what stands in the picture, what the keys do, and what lands in files."""

import os
import subprocess
import sys
from itertools import product

import gymnasium as gym
import numpy as np
import pygame
import pytest
from catmouse.command_line import run
from catmouse.viewer.game_player import seconds_shown
from catmouse.viewer.mistake_finder import MistakeFinder
from catmouse.viewer.panel import (
    DIAL,
    HEIGHT,
    LARGE_DIAL,
    LEFT,
    RIGHT,
    TIMELINE_HEIGHT,
    WIDTH,
    draw_picture,
    needle_angle,
    needle_tip,
    timeline_grid,
    units_grid,
)
from catmouse.viewer.playback import Decision, Game, record, single_env_like
from catmouse.viewer.sheet import BRAIN, TEACHER, WRONG, Sheet, lettering
from catmouse.viewer.viewer import Viewer, picture, save_games

from agents import Brain, RandomAgent, TeacherAgent, evaluate
from agents.environments import all_starts
from agents.every_start import games_from
from catmouse_env import Snapshot
from catmouse_env.rendering.pygame_renderer import CAT_CELL, FLOOR, PATH_NEWEST


def make(**arguments):
    return single_env_like(gym.make("CatMouse-v0", **arguments))


@pytest.fixture
def env():
    return make()


@pytest.fixture
def brain():
    return Brain(hidden=32, seed=1)  # untrained: it errs


def decided(reading, ideal_reading=0.125, **more):
    return Decision(int(reading * 4), reading, int(ideal_reading * 4), ideal_reading, **more)


def one_move(decision, side=6):
    path = ((2, 2), (3, 2))
    shots = tuple(Snapshot(side, side, path[: n + 1], ((0, 0),) * (n + 1)) for n in range(2))
    return Game(shots, (decision,), 10)


def colour(surface, point):
    return tuple(surface.get_at(point))[:3]


def near(first, second):
    return max(abs(a - b) for a, b in zip(first, second, strict=True)) <= 12


# The picture


def test_animals_and_path_are_where_they_were_in_the_game(env, brain):
    game = record(brain, env, {"cat": (4, 1), "mouse": (1, 3)})
    for move in (0, 4, game.moves):
        surface = pygame.Surface((WIDTH, HEIGHT), 0, 32)
        place = draw_picture(surface, game, move, "")
        shot = game.snapshots[move]
        assert shot.moves == move
        for cell in product(range(6), range(6)):
            rect = place.cell_rect(cell)
            red, green, blue = colour(surface, (rect.left, rect.bottom - 1))
            if cell == shot.mouse != shot.cat:
                assert (red, green, blue) == PATH_NEWEST
            elif cell == shot.cat:
                assert (red, green, blue) == CAT_CELL
            elif cell in shot.mouse_path:
                assert green > max(red, blue)
            else:
                assert (red, green, blue) == FLOOR


@pytest.mark.parametrize("reading", [0.0, 0.125, 0.2, 0.375, 0.5, 0.625, 0.875, 0.97])
@pytest.mark.parametrize("size", [(WIDTH, HEIGHT), (2 * WIDTH, 2 * HEIGHT), (1500, 640)])
def test_the_needle_points_where_the_reading_says(reading, size):
    surface = pygame.Surface(size, 0, 32)
    game = one_move(decided(reading, 0.625 if reading < 0.5 else 0.125))
    draw_picture(surface, game, 1, "")
    sheet = Sheet(pygame.Surface(size, 0, 32), WIDTH, HEIGHT)
    tip = needle_tip(LARGE_DIAL, reading)
    assert near(colour(surface, sheet.at(*tip)), BRAIN)
    opposite = needle_tip(LARGE_DIAL, (reading + 0.5) % 1)
    assert not near(colour(surface, sheet.at(*opposite)), BRAIN)
    wide = needle_tip(LARGE_DIAL, game.decisions[0].ideal_reading, 0.3)
    assert near(colour(surface, sheet.at(*wide)), TEACHER)


@pytest.mark.parametrize(
    ("direction", "right", "down"),
    [(0, 0, -1), (1, 1, 0), (2, 0, 1), (3, -1, 0)],
    ids=["up", "right", "down", "left"],
)
def test_the_middle_of_each_band_points_in_its_direction(direction, right, down):
    x, y = needle_tip((0.0, 0.0, 1.0), (direction + 0.5) / 4, part=1 / 0.93)
    assert (round(x, 6), round(y, 6)) == (right, down)
    assert needle_angle((direction + 0.5) / 4) == 90 * direction


def test_the_bars_are_as_long_as_the_probabilities():
    chances = np.array([0.5, 0.25, 0.0, 0.25])
    surface = pygame.Surface((WIDTH, HEIGHT), 0, 32)
    draw_picture(surface, one_move(decided(0.125, 0.125, probabilities=chances)), 1, "")
    pixels = pygame.surfarray.array3d(surface)[:, 420:530]  # (x, y, channels)
    green = (pixels == BRAIN).all(axis=2).sum(axis=0)  # green pixels of each row
    lengths = [green[10 + 24 * row + 8] for row in range(4)]
    assert lengths[0] > 50
    assert np.allclose(np.array(lengths) / lengths[0], chances / 0.5, atol=0.03)


@pytest.mark.parametrize("units", [1, 7, 16, 32, 100, 128, 1000, 16384])
def test_every_hidden_unit_has_a_place_in_the_strip(units):
    columns, rows = units_grid(units)
    assert columns * rows >= units
    assert columns * (rows - 1) < units


def test_hidden_units_show_their_sign():
    surface = pygame.Surface((WIDTH, HEIGHT), 0, 32)
    hidden = np.array([1.0, -1.0, 0.0])
    draw_picture(surface, one_move(decided(0.1, hidden=hidden)), 1, "")
    strip = pygame.surfarray.array3d(surface)[660:740, 505:520].reshape(-1, 3).tolist()
    assert [240, 228, 66] in strip
    assert [86, 180, 233] in strip


@pytest.mark.parametrize("side", [6, 32])
def test_a_mistake_shows_both_ways_and_a_right_move_none(side):
    for reading, wrong in ((0.375, True), (0.125, False)):
        surface = pygame.Surface((WIDTH, HEIGHT), 0, 32)
        place = draw_picture(surface, one_move(decided(reading), side), 1, "")
        rect = place.cell_rect((2, 2)).inflate(16 * (side > 6), 16 * (side > 6))
        inside = pygame.surfarray.array3d(surface)[rect.left : rect.right, rect.top : rect.bottom]
        blue, orange = ((inside == one).all(axis=2) for one in (TEACHER, WRONG))
        assert blue.any() == orange.any() == wrong
        if wrong:  # the teacher upwards, the mouse to the right
            assert orange[rect.width // 2 :].sum() > 5 * orange[: rect.width // 2].sum()
            assert blue[:, : rect.height // 2].sum() > 5 * blue[:, rect.height // 2 :].sum()
        timeline = pygame.surfarray.array3d(surface)[660:, 85:103].reshape(-1, 3).tolist()
        assert (list(WRONG) in timeline) == wrong


@pytest.mark.parametrize(("width", "height"), [(2, 2), (2, 32), (32, 32), (64, 3)])
def test_every_room_fits_into_the_picture(width, height):
    env = make(width=width, height=height)
    surface = pygame.Surface((WIDTH, HEIGHT), 0, 32)
    place = draw_picture(surface, record(RandomAgent(env, 0), env, seed=0), 10, "random")
    rects = [place.cell_rect(cell) for cell in ((0, 0), (width - 1, height - 1))]
    assert all(pygame.Rect(0, 0, 640, 640).contains(rect) and rect.width == rect.height for rect in rects)


@pytest.mark.parametrize("size", [(480, 320), (1000, 300), (200, 900), (1, 1)])
def test_a_resized_window_keeps_its_shape(size, env):
    surface = pygame.Surface(size, 0, 32)
    place = draw_picture(surface, record(TeacherAgent(env), env, seed=0), 3, "teacher", show_help=True)
    assert place.cell_rect((0, 0)).width == place.cell_rect((0, 0)).height


def test_policies_without_an_inside_get_a_large_dial(env, brain):
    assert record(TeacherAgent(env), env, seed=0).decisions[0].probabilities is None
    decision = record(brain, env, seed=0).decisions[0]
    assert decision.probabilities.sum() == pytest.approx(1, abs=1e-5)
    assert decision.hidden.shape == (32,)
    assert DIAL != LARGE_DIAL


@pytest.mark.parametrize("moves", [1, 2, 10, 30, 50, 200, 1000])
def test_every_move_has_a_mark_above_the_text(moves):
    columns, step = timeline_grid(moves)
    rows = -(-moves // columns)
    assert columns * rows >= moves
    assert columns * step <= RIGHT - LEFT + 1e-9
    assert rows * step <= TIMELINE_HEIGHT
    assert step >= {200: 6, 1000: 3}.get(moves, 9)


def test_letters_keep_the_same_distance():
    widths = [lettering("i" * many, 24, (255, 255, 255)).get_width() for many in range(1, 30)]
    assert np.ptp(np.array(widths) - np.linspace(widths[0], widths[-1], 29)) <= 2


# Games


@pytest.mark.parametrize("continuous", [False, True])
@pytest.mark.parametrize("cell", ["mlp", "elman", "gru", "lstm"])
def test_a_recorded_game_is_the_one_the_policy_plays(cell, continuous):
    env = make(continuous=continuous)
    brain = Brain(cell=cell, hidden=8, head="compass" if continuous else "direction", continuous=continuous)
    game = record(brain, env, seed=3)
    assert game.moves == 10
    observation, info = env.reset(seed=3)
    state = None
    for decision, shot in zip(game.decisions, game.snapshots[1:], strict=True):
        assert decision.ideal_direction == info["ideal_action"]
        action, state = brain.predict(observation, None if state is None else state)
        observation, _, _, _, info = env.step(action)
        assert env.unwrapped.snapshot() == shot
        state = state if state is None else np.atleast_2d(state)


def test_the_teacher_and_its_copy_make_no_mistake(env):
    assert record(TeacherAgent(env), env, seed=0).mistakes == []


def test_games_of_every_start_count_as_the_certificate_does(env, brain):
    games = games_from(all_starts(env), env)
    counted = sum(int(move.mistakes.sum()) for chunk in games for move in chunk.play(brain))
    assert counted == evaluate(brain, env).mistakes > 0


def test_the_finder_goes_through_all_games_with_a_mistake_and_begins_again(env):
    brain = Brain(hidden=4, seed=0)
    result = evaluate(brain, env)
    wrong = result.starts - result.perfect_starts
    finder = MistakeFinder(brain, env)
    games = [finder.seek_long() for _ in range(wrong + 1)]
    assert all(game.mistakes for game in games)
    starts = [(game.snapshots[0].cat, game.snapshots[0].mouse) for game in games]
    assert len(set(starts)) >= wrong - 5  # a tie may fall the other way in a batch
    assert starts[-1] in starts[:-1]


def test_the_finder_says_when_there_is_no_mistake(env):
    finder = MistakeFinder(TeacherAgent(env), env)
    assert finder.seek_long() is None
    assert finder.in_vain
    assert finder.searched == finder.total == 1296


# The window


@pytest.fixture
def viewer(env, brain, tmp_path):
    def next_game(number):
        return record(brain, env, seed=number, number=number)

    viewer = Viewer(next_game, MistakeFinder(brain, env), "brain", fps=4, folder=tmp_path)
    pygame.event.clear()
    viewer.turn(0.0)
    yield viewer
    viewer.close()


def press(viewer, key, now=0.0):
    pygame.event.post(pygame.event.Event(pygame.KEYDOWN, key=key))
    viewer.turn(now)


def test_moves_follow_each_other_in_time_and_games_too(viewer, env, brain):
    assert (viewer.game.number, viewer.move) == (1, 0)
    now = 0.0
    for _ in range(400):
        now += 0.1
        viewer.turn(now)
        if viewer.game.number == 2:
            break
    assert viewer.game.number == 2
    first = record(brain, env, seed=1, number=1)
    assert now >= sum(seconds_shown(first, move, 4) for move in range(11))


def test_space_pauses_and_goes_on(viewer):
    press(viewer, pygame.K_SPACE)
    for now in range(20):
        viewer.turn(float(now))
    assert (viewer.paused, viewer.move) == (True, 0)
    press(viewer, pygame.K_SPACE, 20.0)
    for now in range(21, 25):
        viewer.turn(float(now))
    assert not viewer.paused
    assert viewer.move > 0


def test_right_makes_one_move_and_stops(viewer):
    press(viewer, pygame.K_RIGHT)
    press(viewer, pygame.K_RIGHT)
    viewer.turn(100.0)
    assert (viewer.move, viewer.paused) == (2, True)
    for _ in range(9):
        press(viewer, pygame.K_RIGHT)
    assert (viewer.game.number, viewer.move) == (2, 0)


def test_n_goes_to_the_next_game(viewer):
    press(viewer, pygame.K_n)
    assert (viewer.game.number, viewer.move) == (2, 0)


def test_m_goes_from_mistake_to_mistake_and_stops_there(viewer):
    seen = []
    for _ in range(12):
        press(viewer, pygame.K_m)
        while viewer.seeking:
            viewer.turn(0.0)
        viewer.turn(100.0)
        assert viewer.paused
        assert viewer.move in viewer.game.mistakes
        seen.append((viewer.game.number, viewer.move))
    assert seen == sorted(set(seen))


def test_left_goes_a_move_back(viewer):
    for key in (pygame.K_RIGHT, pygame.K_RIGHT, pygame.K_LEFT):
        press(viewer, key)
    viewer.turn(100.0)
    assert (viewer.move, viewer.paused) == (1, True)
    for _ in range(3):
        press(viewer, pygame.K_LEFT)
    assert (viewer.game.number, viewer.move) == (1, 0)


@pytest.mark.parametrize(
    ("faster", "slower"), [(pygame.K_UP, pygame.K_DOWN), (pygame.K_PLUS, pygame.K_MINUS)]
)
def test_keys_change_the_speed(viewer, faster, slower):
    press(viewer, faster)
    assert viewer.fps == 6
    assert "6 moves a second" in viewer.notice
    for _ in range(30):
        press(viewer, slower)
    assert viewer.fps == 0.25
    viewer.turn(0.0)
    viewer.turn(3.9)
    assert viewer.move == 0
    viewer.turn(4.0)
    assert viewer.move == 1


@pytest.mark.parametrize("key", [pygame.K_ESCAPE, pygame.K_q])
def test_escape_and_q_close(viewer, key):
    press(viewer, key)
    assert not viewer.open


def test_m_says_so_when_there_is_no_mistake(env):
    teacher = TeacherAgent(env)
    viewer = Viewer(lambda number: record(teacher, env, number=number), MistakeFinder(teacher, env), "", 4)
    pygame.event.clear()
    viewer.turn(0.0)
    press(viewer, pygame.K_m)
    while viewer.seeking:
        viewer.turn(0.0)
    assert "no mistake" in viewer.notice
    assert "1,296" in viewer.notice
    viewer.turn(0.0)
    viewer.turn(10.0)
    assert viewer.notice == ""
    viewer.close()


def test_s_and_g_save_the_picture_and_the_game_under_new_names(viewer, tmp_path):
    image = pytest.importorskip("PIL.Image")
    press(viewer, pygame.K_RIGHT)
    for key in (pygame.K_s, pygame.K_s, pygame.K_g):
        press(viewer, key)
    names = sorted(path.name for path in tmp_path.iterdir())
    assert names == ["catmouse-1.gif", "catmouse-1.png", "catmouse-2.png"]
    with image.open(tmp_path / "catmouse-1.png") as png:
        assert png.size == (WIDTH, HEIGHT)
    with image.open(tmp_path / "catmouse-1.gif") as gif:
        assert gif.n_frames == 11
    assert "saved" in viewer.notice


def test_g_says_what_is_missing(viewer, monkeypatch):
    monkeypatch.setitem(sys.modules, "PIL", None)
    press(viewer, pygame.K_g)
    assert "pip install" in viewer.notice
    assert viewer.open


def test_h_shows_every_key(viewer):
    before = pygame.surfarray.array3d(viewer.window)
    press(viewer, pygame.K_h)
    assert viewer.helping
    assert (before != pygame.surfarray.array3d(viewer.window)).any()
    press(viewer, pygame.K_h)
    assert not viewer.helping


def test_closing_the_window_ends_politely(viewer):
    pygame.event.post(pygame.event.Event(pygame.QUIT))
    viewer.run()
    assert not viewer.open
    assert not pygame.display.get_init()


def test_so_many_games_and_then_the_end(env, brain):
    viewer = Viewer(
        lambda number: record(brain, env, number=number), MistakeFinder(brain, env), "", 4, games=2
    )
    pygame.event.clear()
    now = 0.0
    while viewer.open and now < 100:
        viewer.turn(now)
        now += 0.3
    assert not viewer.open
    assert viewer.game.number == 2
    viewer.close()


# Files


def run_main(*arguments):
    return run("watch", [str(argument) for argument in arguments])


@pytest.fixture
def no_window(monkeypatch):
    def refuse(*args, **kwargs):
        raise AssertionError("a window was opened")

    monkeypatch.setattr(pygame.display, "set_mode", refuse)


@pytest.mark.usefixtures("no_window")
def test_files_need_no_window(tmp_path):
    image = pytest.importorskip("PIL.Image")
    gif, png = tmp_path / "a" / "games.gif", tmp_path / "last.png"
    assert run_main("teacher", "--gif", gif, "--png", png, "--games", 2) == 0
    with image.open(gif) as film:
        # Moves that change no pixel, if there are any, are one frame.
        assert 15 <= film.n_frames <= 22
        assert film.info["loop"] == 0
    with image.open(png) as last:
        assert last.size == (WIDTH, HEIGHT)


@pytest.mark.usefixtures("no_window")
def test_the_example_mistake_is_one_command(tmp_path, brain):
    brain.save(tmp_path / "brain.safetensors")
    png = tmp_path / "mistake.png"
    assert run_main(tmp_path, "--mistakes", "--png", png) == 0
    pixels = pygame.surfarray.array3d(pygame.image.load(png))
    assert (pixels[660:, 85:103] == WRONG).all(axis=2).any()
    assert (pixels[:640] == TEACHER).all(axis=2).any()


def test_without_a_mistake_there_is_no_example(tmp_path, capsys):
    assert run_main("teacher", "--mistakes", "--png", tmp_path / "none.png") == 1
    assert "no mistake from any of the 1,296 starts" in capsys.readouterr().err
    assert not (tmp_path / "none.png").exists()


def test_the_colours_of_a_film_are_those_of_the_pictures(tmp_path, env):
    image = pytest.importorskip("PIL.Image")
    game = record(TeacherAgent(env), env, seed=0)
    save_games([game], "", 4, tmp_path / "game.gif")
    with image.open(tmp_path / "game.gif") as film:
        film.seek(film.n_frames - 1)
        shown = np.asarray(film.convert("RGB")).astype(int)
    drawn = pygame.surfarray.array3d(picture(game, game.moves, "")).swapaxes(0, 1).astype(int)
    apart = np.abs(shown - drawn).max(axis=2)
    assert (apart == 0).mean() > 0.95
    assert apart.mean() < 1


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (["nobody"], "nobody"),
        (["teacher", "--games", "0"], "--games"),
        (["teacher", "--fps", "0"], "--fps"),
        (["teacher", "--seed", "-1"], "--seed"),
        (["teacher", "--png", "a.jpg"], ".png"),
        (["teacher", "--width", "1"], "width"),
    ],
)
def test_wrong_usage_is_a_line_and_status_2(capsys, arguments, named):
    assert run_main(*arguments) == 2
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 1
    assert named in lines[0]


def test_a_brain_of_another_game_is_refused_in_a_line(capsys, tmp_path):
    Brain(inputs=5).save(tmp_path / "brain.safetensors")
    assert run_main(tmp_path, "--png", tmp_path / "a.png") == 2
    assert len(capsys.readouterr().err.splitlines()) == 1


def test_a_folder_that_cannot_be_written_is_a_line(capsys, tmp_path):
    (tmp_path / "file").write_text("")
    assert run_main("teacher", "--png", tmp_path / "file" / "a.png") == 2
    assert "can't be written" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("command", "instead"),
    [(["watch", "teacher"], "--gif"), (["play", "--against", "teacher"], "needs one")],
)
def test_without_a_screen_a_line_and_status_2(command, instead):
    screens = ("SDL_VIDEODRIVER", "DISPLAY", "WAYLAND_DISPLAY", "XDG_RUNTIME_DIR")
    env = {name: value for name, value in os.environ.items() if name not in screens}
    code = "import sys\nfrom catmouse.command_line import run\n"
    code += f"sys.exit(run({command[0]!r}, {command[1:]!r}))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, env=env)
    assert done.returncode == 2
    assert done.stdout == ""
    assert len(done.stderr.splitlines()) == 1
    assert "no screen" in done.stderr
    assert instead in done.stderr


@pytest.mark.parametrize(("missing", "option"), [("pygame", "--png"), ("PIL", "--gif")])
def test_without_an_extra_one_line_says_what_to_install(tmp_path, missing, option):
    file = tmp_path / f"a.{option[2:]}"
    code = f"import sys; sys.modules[{missing!r}] = None\n"
    code += "from catmouse.command_line import run\n"
    code += f"sys.exit(run('watch', ['teacher', {option!r}, {str(file)!r}]))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 1
    assert "pip install" in done.stderr
