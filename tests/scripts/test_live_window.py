"""Training with a window: it shows the game and the curve, costs little, and never disturbs."""

import sys
from itertools import pairwise

import numpy as np
import pygame
import pytest
from catmouse.command_line import run as run_command
from catmouse.viewer.live_window import (
    ERROR,
    LEFT,
    MISTAKES,
    MORE_GAMES,
    PLOT,
    SHARE,
    LiveWindow,
)
from catmouse.viewer.sheet import WRONG

import catmouse_env  # noqa: F401  (registers the environments)
from agents.runs.config import RunConfig
from agents.runs.run import Run
from catmouse_env.rendering.pygame_renderer import CAT_CELL, Layout


class Clock:
    """Time that passes when it is told to."""

    def __init__(self, reading=0.0):
        self.now = 0.0
        self.reading = reading  # seconds that pass at each look

    def __call__(self):
        self.now += self.reading
        return self.now


def config(**more):
    return RunConfig(**{"games": 6400, "hidden": 8, "report_every": 3200, **more})


@pytest.fixture
def run():
    return Run(config())


@pytest.fixture
def clock():
    """Stands still until a test moves it."""
    return Clock()


@pytest.fixture
def window(run, clock):
    pygame.display.quit()
    window = LiveWindow(run, "fast", clock=clock, work_clock=clock)
    pygame.event.clear()
    yield window
    window.close()
    pygame.display.quit()


def train(run, window=None, clock=None):
    while not run.finished:
        run.advance()
        if window is not None:
            if run.trainer.updates % 10 == 0:
                clock.now += 1000.0  # a picture is due
            window.show(run)
    return run


def pixels():
    return pygame.surfarray.array3d(pygame.display.get_surface())  # (x, y, channels)


def press(*keys):
    for key in keys:
        pygame.event.post(pygame.event.Event(pygame.KEYDOWN, key=key))


def test_the_window_shows_a_game_as_the_brain_plays_it_now(run, window, clock):
    first = window.game
    for _ in range(20):
        shot = window.game.snapshots[window.move]
        place = Layout.fit(6, 6, pygame.Rect(0, 0, 640, 640))
        rect = place.cell_rect(shot.cat)
        assert tuple(pixels()[rect.left, rect.bottom - 1]) == CAT_CELL
        clock.now += 2.0
        window.draw(run)
    assert window.game is not first


def test_mistakes_are_marked(run, window, clock):
    while window.move < window.game.moves:
        clock.now += 1.0
        window.draw(run)
    assert window.game.mistakes
    assert (pixels()[:640] == WRONG).all(axis=2).any()


class Sleeper:
    """A run's window at the slow pace, in time that passes only while it sleeps; notes what it shows."""

    def __init__(self, run, keys=None):
        self.clock, self.shown, self.naps = Clock(), [], 0
        self.keys = keys or {}
        self.window = LiveWindow(run, "slow", self.over, self.clock, self.clock, self.sleep)
        pygame.event.clear()

    def over(self):
        return self.naps > 5000

    def sleep(self, seconds):
        self.naps += 1
        self.clock.now += seconds
        self.shown.append((self.window.shown_at, self.window.move))
        press(*self.keys.get(self.naps, ()))


def test_at_the_slow_pace_learning_is_seen_game_after_game(run):
    slow = Sleeper(run)
    while run.trainer.games_played < 6400:
        run.advance()
        slow.window.show(run)
    learned = sorted({games for games, _ in slow.shown})
    assert learned[0] == 0
    assert len(learned) > 15
    for before, after in pairwise(learned[1:]):
        assert after <= (1 + MORE_GAMES) * before + run.trainer.batch
    moves = {move for games, move in slow.shown if games == learned[5]}
    assert moves == set(range(11))  # every move of a game
    assert slow.clock.now / len(learned) > 1  # seconds a game: slow enough to be followed
    slow.window.close()


def test_the_same_is_learned_at_the_slow_pace(run):
    slow = Sleeper(run)
    slow.window.fps = 60.0
    while not run.finished:
        run.advance()
        slow.window.show(run)
    assert (run.brain.flat == train(Run(config())).brain.flat).all()
    slow.window.close()


def test_space_stops_training_and_lets_it_go_on(run):
    slow = Sleeper(run, {3: [pygame.K_SPACE], 300: [pygame.K_SPACE]})
    run.advance()
    slow.window.show(run)
    assert slow.naps > 300
    assert len({move for _, move in slow.shown[5:299]}) == 1
    slow.window.close()


def test_arrows_step_and_change_the_speed(run, window):
    press(pygame.K_RIGHT, pygame.K_RIGHT, pygame.K_LEFT, pygame.K_UP)
    before = window.fps
    window.draw(run)
    assert (window.move, window.paused) == (1, True)
    assert window.fps == 1.5 * before


@pytest.mark.parametrize("key", [pygame.K_ESCAPE, pygame.K_q])
def test_escape_and_q_close_and_training_goes_on(run, key):
    slow = Sleeper(run, {5: [key]})
    train(run, slow.window, slow.clock)
    assert not slow.window.open
    assert not pygame.display.get_init()
    assert run.finished


def test_a_wish_to_stop_ends_even_a_pause(run):
    slow = Sleeper(run, {3: [pygame.K_SPACE]})
    run.advance()
    slow.window.show(run)
    assert slow.naps == 5001
    slow.window.close()


def test_a_pace_without_a_window_is_wrong_usage(capsys):
    assert run_command("train", ["--pace", "fast"]) == 2
    assert "--render" in capsys.readouterr().err


def test_the_curve_grows(run, window):
    left, top, width, height = PLOT

    def lengths():
        plot = pixels()[left : left + width, top : top + height]
        return [(plot == colour).all(axis=2).sum() for colour in (ERROR, MISTAKES)]

    seen = [lengths()]
    for _ in range(3):
        for _ in range(30):
            run.advance()
        window.draw(run)
        seen.append(lengths())
    assert (np.diff([error for error, _ in seen]) > 0).all()
    assert seen[0] == [0, 0]
    games = [point[0] for point in window.curve]
    assert games == sorted(set(games))
    assert games[-1] == run.trainer.games_played
    assert window.curve[-1][1:] == (run.trainer.smoothed_error, run.trainer.smoothed_mistakes)
    assert left > LEFT


def test_long_runs_keep_a_bounded_curve(run, window):
    for _ in range(3000):
        run.trainer.games_played += 64 + run.trainer.games_played // 16
        window.show(run)
    assert len(window.curve) < 700
    assert window.curve[-1][0] == run.trainer.games_played


def test_pictures_take_less_than_a_tenth_of_the_time(run):
    clock = Clock(reading=0.01)  # that pass at every look at it, so a picture takes as long
    still = Clock()
    window = LiveWindow(run, "fast", clock=clock, work_clock=still)
    began = clock.now
    before = window.pictures
    while clock.now < began + 100:
        window.show(run)
    assert window.pictures > before + 10
    assert window.spent / (clock.now - began) <= SHARE + 0.01 < 0.1
    window.close()


def test_pictures_take_less_than_a_tenth_of_the_work_where_others_keep_the_processor_busy(run):
    work = Clock(reading=0.01)
    late = Clock(reading=1000.0)  # by this clock every picture is overdue
    window = LiveWindow(run, "fast", clock=late, work_clock=work)
    began, drawn = work.now, window.pictures
    while work.now < began + 10:
        window.show(run)
    drawn = window.pictures - drawn
    assert drawn > 5
    assert 0.02 * drawn / (work.now - began) < 0.1
    window.close()


def test_between_pictures_a_look_at_the_clock_is_all(run, window, clock):
    clock.now += 1000.0
    window.show(run)
    before, game = window.pictures, window.game
    pygame.display.get_surface().fill((1, 2, 3))
    window.show(run)
    assert (window.pictures, window.game) == (before, game)
    assert (pixels() == (1, 2, 3)).all()


def test_the_same_is_learned_with_a_window_and_without(run, window, clock):
    train(run, window, clock)
    alone = train(Run(config()))
    assert window.pictures > 0
    assert (run.brain.flat == alone.brain.flat).all()
    assert run.trainer.games_played == alone.trainer.games_played


def test_closing_the_window_lets_training_go_on(run, window, clock):
    for _ in range(10):
        run.advance()
    pygame.event.post(pygame.event.Event(pygame.QUIT))
    clock.now += 1000.0
    window.show(run)
    assert not window.open
    assert not pygame.display.get_init()
    train(run, window, clock)
    assert run.trainer.games_played >= 6400
    window.close()


def test_where_nobody_can_close_the_window_it_does_not_stay(run, window):
    window.stay(run)
    assert not window.open


def test_where_somebody_can_it_stays_until_closed(run, window, monkeypatch):
    monkeypatch.setattr(pygame.display, "get_driver", lambda: "x11")
    monkeypatch.setattr("catmouse.viewer.live_window.LEAST_PAUSE", 0.0)
    before, looks = window.pictures, iter(range(5))

    def over():
        if next(looks) == 3:
            pygame.event.post(pygame.event.Event(pygame.QUIT))
        return False

    monkeypatch.setattr(window, "_stop", over)
    window.stay(run)
    assert not window.open
    assert window.pictures == before + 3


def test_a_resized_window_is_filled_anew(run, window):
    pygame.display.set_mode((680, 500), pygame.RESIZABLE)
    window.draw(run)
    columns = np.flatnonzero(pixels().any(axis=(1, 2)))
    assert np.ptp(columns) > 500


@pytest.mark.parametrize("env_id", ["CatMouseMemory-v0", "CatMouseChase-v0"])
def test_every_game_can_be_watched(env_id):
    run = Run(config(env_id=env_id, games=1280, batch=64))
    clock = Clock()
    window = LiveWindow(run, "fast", clock=clock, work_clock=clock)
    train(run, window, clock)
    assert window.pictures > 0
    window.close()


def test_render_human_trains_to_the_end_and_saves(tmp_path):
    options = ["--hidden", "8", "--games", "640", "--quiet", "--out", str(tmp_path / "run")]
    assert run_command("train", [*options, "--render", "human", "--pace", "fast"]) in (0, 1)
    assert (tmp_path / "run" / "brain.safetensors").exists()
    assert not pygame.display.get_init()


def test_without_pygame_render_human_is_a_line(monkeypatch, tmp_path, capsys):
    monkeypatch.delitem(sys.modules, "catmouse_env.rendering.pygame_renderer")
    monkeypatch.setitem(sys.modules, "pygame", None)
    assert (
        run_command(
            "train", ["--games", "64", "--render", "human", "--quiet", "--out", str(tmp_path / "run")]
        )
        == 2
    )
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 1
    assert "pip install" in lines[0]


def test_without_a_screen_render_human_is_a_line(monkeypatch, tmp_path, capsys):
    def refuse(*args, **kwargs):
        raise pygame.error("No available video device")

    monkeypatch.setattr(pygame.display, "set_mode", refuse)
    assert (
        run_command(
            "train", ["--games", "64", "--render", "human", "--quiet", "--out", str(tmp_path / "run")]
        )
        == 2
    )
    assert "No available video device" in capsys.readouterr().err
