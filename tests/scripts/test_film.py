"""The film of the synapses: what grey and colour mean, and what lies in the folder afterwards."""

import shutil
import signal
import sys
from pathlib import Path

import numpy as np
import pygame
import pytest
from catmouse.command_line import run
from catmouse.commands.film import FIRST, GIF, LAST, MP4
from catmouse.plots.synapses import (
    COLOURS,
    GREY_HEIGHT,
    GREY_TOP,
    HEIGHT,
    WIDTH,
    Shot,
    cell_rect,
    draw_synapses,
    greys,
    mix_rect,
    mixture,
    weight_span,
)

import catmouse_env  # noqa: F401  (registers the environments)
from agents import Brain
from agents.runs.config import RunConfig
from agents.runs.run import Run
from catmouse_env.extras import install_command

SMALL = ("--hidden", "6", "--games", "1280", "--batch", "64", "--every", "320", "--quiet")


@pytest.fixture(autouse=True)
def elsewhere(monkeypatch, tmp_path_factory):
    """What is kept meanwhile lies where nobody else works."""
    monkeypatch.chdir(tmp_path_factory.mktemp("work"))


def run_main(*arguments):
    return run("film", [str(argument) for argument in arguments])


def middle(pixels, rect):
    return tuple(int(channel) for channel in pixels[rect.centerx, rect.centery])


def test_black_is_negative_white_is_positive_and_grey_is_none():
    assert greys(np.array([[-2.0, -1.0, 0.0, 1.0, 5.0]]), 1.0).tolist() == [[0, 0, 128, 255, 255]]


def test_one_strong_input_gives_a_unit_its_colour():
    for row, colour in enumerate(COLOURS[:4]):
        weights = np.zeros((4, 1))
        weights[row] = 1.0
        assert mixture(weights, 1.0)[0].tolist() == list(colour)
    assert mixture(np.zeros((4, 1)), 1.0)[0].tolist() == [128, 128, 128]


def test_two_inputs_mix_and_a_negative_weight_draws_away():
    weights = np.array([[0.5], [0.0], [0.5], [0.0]])
    expected = np.mean([COLOURS[0], COLOURS[2]], axis=0)
    assert np.abs(mixture(weights, 1.0)[0] - expected).max() <= 1
    away = mixture(np.array([[-1.0], [0.0], [0.0], [0.0]]), 1.0)[0]
    assert away[0] < 128 < away[2]  # from orange: less red, more blue


def test_a_few_giants_do_not_leave_the_rest_grey():
    weights = np.linspace(-1, 1, 4 * 500).reshape(4, 500)
    weights[0, 0] = 1000
    assert weight_span([Shot(0, 1.0, weights)]) < 1.1


@pytest.mark.parametrize("units", [1, 6, 32, 128])
@pytest.mark.parametrize("inputs", [4, 5])
def test_every_weight_stands_in_its_place(units, inputs):
    weights = np.random.default_rng(0).uniform(-1, 1, (inputs, units))
    surface = pygame.Surface((WIDTH, HEIGHT), 0, 32)
    sheet = draw_synapses(surface, Shot(12, 0.5, weights), 1.0, "")
    pixels = pygame.surfarray.array3d(surface)
    grey = greys(weights, 1.0)
    mixed = mixture(weights, 1.0)
    for unit in range(units):
        for row in range(inputs):
            assert middle(pixels, cell_rect(sheet, row, unit, inputs, units)) == (grey[row, unit],) * 3
        assert middle(pixels, mix_rect(sheet, unit, units)) == tuple(mixed[unit])


@pytest.fixture
def no_ffmpeg(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path / "nowhere"))


def test_a_fresh_training_leaves_first_last_and_film(tmp_path, capsys):
    image = pytest.importorskip("PIL.Image")
    assert run_main(*SMALL, "--out", tmp_path) == 0
    names = {path.name for path in tmp_path.iterdir()}
    assert names == {FIRST, LAST, GIF} | ({MP4} if shutil.which("ffmpeg") else set())
    with image.open(tmp_path / GIF) as film:
        assert film.n_frames == 5
        assert film.size == (WIDTH, HEIGHT)
        film.seek(2)
        last = film.convert("RGB")
    for row, colour in enumerate(COLOURS[:4]):  # small marks keep their colours
        y = round(GREY_TOP + (row + 0.5) * GREY_HEIGHT / 4)
        assert np.abs(np.array(last.getpixel((24, y))) - colour).max() <= 24
    assert "1,280 games" in capsys.readouterr().out


@pytest.mark.usefixtures("no_ffmpeg")
def test_the_first_picture_shows_the_untrained_brain(tmp_path):
    pytest.importorskip("PIL.Image")
    run_main(*SMALL, "--out", tmp_path)
    weights = Brain(hidden=6, seed=0).parameters["input_to_hidden"]
    pixels = pygame.surfarray.array3d(pygame.image.load(tmp_path / FIRST))
    sheet = draw_synapses(pygame.Surface((WIDTH, HEIGHT), 0, 32), Shot(0, np.nan, weights), 1.0, "")
    shown = [[middle(pixels, cell_rect(sheet, row, unit, 4, 6))[0] for unit in range(6)] for row in range(4)]
    clear = np.abs(weights) > 0.1
    assert ((np.array(shown) > 128) == (weights > 0))[clear].all()


@pytest.mark.usefixtures("no_ffmpeg")
def test_a_run_is_repeated_exactly(tmp_path):
    pytest.importorskip("PIL.Image")
    trained = Run(RunConfig(hidden=6, games=1280, batch=64, seed=7))
    while not trained.finished:
        trained.advance()
    (tmp_path / "run").mkdir()
    trained.config.save(tmp_path / "run" / "config.json")
    assert run_main(tmp_path / "run", "--every", 640, "--quiet", "--out", tmp_path / "a") == 0
    assert run_main(*SMALL, "--every", 640, "--seed", 7, "--out", tmp_path / "b") == 0
    assert (tmp_path / "a" / LAST).read_bytes() == (tmp_path / "b" / LAST).read_bytes()
    pixels = pygame.surfarray.array3d(pygame.image.load(tmp_path / "a" / LAST))
    weights = trained.brain.parameters["input_to_hidden"]
    sheet = draw_synapses(pygame.Surface((WIDTH, HEIGHT), 0, 32), Shot(0, np.nan, weights), 1.0, "")
    shown = [middle(pixels, cell_rect(sheet, row, unit, 4, 6))[0] for row in range(4) for unit in range(6)]
    order = weights.ravel().argsort()
    assert (np.diff(np.array(shown)[order]) >= 0).all()  # the larger, the lighter


@pytest.mark.usefixtures("no_ffmpeg")
def test_ctrl_c_films_what_there_is(monkeypatch, tmp_path):
    image = pytest.importorskip("PIL.Image")
    real, calls = Run.advance, []

    def advance(self):
        calls.append(1)
        if len(calls) == 12:
            signal.raise_signal(signal.SIGINT)
        return real(self)

    monkeypatch.setattr(Run, "advance", advance)
    assert run_main(*SMALL, "--out", tmp_path) == 130
    with image.open(tmp_path / GIF) as film:
        assert film.n_frames == 4  # at 0, 320, 640 and 768 games
    assert run_main(*SMALL, "--out", tmp_path / "again") == 2  # there is something to go on with
    assert run_main(*SMALL, "--out", tmp_path, "--resume") == 0
    assert not list(Path("runs").iterdir())
    assert run_main(*SMALL, "--out", tmp_path / "whole") == 0
    for name in (FIRST, LAST, GIF):
        assert (tmp_path / name).read_bytes() == (tmp_path / "whole" / name).read_bytes()


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (["--every", "0"], "--every"),
        (["--fps", "0"], "--fps"),
        (["no-such-run"], "no-such-run"),
        (["--hidden", "0"], "hidden"),
    ],
)
def test_wrong_usage_is_a_line_and_status_2(capsys, tmp_path, arguments, named):
    assert run_main(*arguments, "--out", tmp_path / "film") == 2
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 1
    assert named in lines[0]
    assert not (tmp_path / "film").exists()


def test_without_pillow_a_line_says_what_to_install_before_anything_is_trained(monkeypatch, capsys, tmp_path):
    monkeypatch.setitem(sys.modules, "PIL", None)
    monkeypatch.setattr(Run, "advance", lambda self: pytest.fail("trained"))
    assert run_main(*SMALL, "--out", tmp_path) == 2
    assert install_command("plots") in capsys.readouterr().err


@pytest.mark.usefixtures("no_ffmpeg")
def test_without_ffmpeg_there_is_no_mp4(tmp_path):
    pytest.importorskip("PIL.Image")
    assert run_main(*SMALL, "--out", tmp_path / "film") == 0
    assert not (tmp_path / "film" / MP4).exists()
