"""A person can play against any policy."""

import subprocess
import sys

import pytest
from catmouse.command_line import run
from catmouse.commands import play

pytest.importorskip("pettingzoo")
pytest.importorskip("scipy")


def window(*arguments):
    return play.make_window(play.parse(["--seed", "3", *arguments]))


def press(shown, key):
    import pygame

    shown.hear(pygame.event.Event(pygame.KEYDOWN, key=getattr(pygame, f"K_{key}")))


@pytest.fixture
def closes():
    yield
    import pygame

    pygame.display.quit()


@pytest.mark.usefixtures("closes")
def test_the_keys_move_the_person_and_nobody_else():
    shown = window("--as", "cat", "--against", "teacher")
    x, y = shown.env.snapshot().cat
    for key, step in (("KP7", (-1, 1)), ("UP", (0, 1)), ("3", (1, -1)), ("KP4", (-1, 0))):
        press(shown, key)
        x, y = min(max(x + step[0], 0), 5), min(max(y + step[1], 0), 5)
        assert shown.env.snapshot().cat == (x, y)
        if not shown.env.agents:
            break
    assert shown.env.snapshot().moves > 1
    moves = shown.env.snapshot().moves
    press(shown, "z")
    press(shown, "5")
    assert shown.env.snapshot().moves == moves
    shown.draw()
    for key in ("ESCAPE", "q"):
        shown.open = True
        press(shown, key)
        assert not shown.open


@pytest.mark.usefixtures("closes")
def test_the_end_leaves_the_board_to_be_seen():
    import pygame
    from catmouse.viewer.play_window import HEIGHT, ROOM, WIDTH

    from catmouse_env.rendering.pygame_renderer import draw_room

    shown = window("--against", "random", "--max-steps", "1")
    press(shown, "UP")
    assert not shown.env.agents
    surface, alone = (pygame.Surface((WIDTH, HEIGHT), 0, 32) for _ in range(2))
    shown.paint(surface)
    draw_room(alone, pygame.Rect(ROOM), shown.env.snapshot())
    board, expected = (pygame.surfarray.array3d(one)[:640] for one in (surface, alone))
    assert (board == expected).all()


@pytest.mark.usefixtures("closes")
def test_the_mouse_has_no_diagonals_and_is_told_so():
    shown = window("--as", "mouse", "--against", "random")
    press(shown, "KP9")
    assert shown.env.snapshot().moves == 0
    assert "diagonally" in shown.notice


@pytest.mark.usefixtures("closes")
def test_the_score_is_kept_and_a_restart_does_not_count():
    shown = window("--as", "mouse", "--against", "equilibrium", "--max-steps", "4")
    press(shown, "UP")
    press(shown, "r")
    assert (shown.won, shown.lost, shown.env.snapshot().moves) == (0, 0, 0)
    won = lost = 0
    for _ in range(120):
        press(shown, "UP")
        if not shown.env.agents:
            caught = shown.env.snapshot().caught
            won, lost = won + (not caught), lost + caught
            shown.draw()
            assert (shown.won, shown.lost) == (won, lost)
            press(shown, "LEFT")
            assert shown.env.snapshot().moves == 0
    assert min(won, lost) > 0


@pytest.mark.usefixtures("closes")
@pytest.mark.parametrize(("cell", "inputs"), [("mlp2", 5), ("elman", 4)])
def test_brains_play_against_people(cell, inputs, tmp_path):
    from agents import Brain

    Brain(cell=cell, inputs=inputs, actions=8).save(tmp_path / "brain.safetensors")
    shown = window("--as", "mouse", "--against", str(tmp_path))
    for _ in range(15):
        press(shown, "RIGHT")
    assert shown.won + shown.lost >= 1


def test_play_names_wrong_usage(tmp_path, capsys):
    from agents import Brain

    Brain().save(tmp_path / "brain.safetensors")
    for arguments, message in (
        (("--against", "nobody"), "neither 'random', 'teacher', 'equilibrium' nor a brain's file"),
        (("--as", "mouse", "--cat-directions", "8", "--against", tmp_path), "has 4 directions, the cat 8"),
        (("--max-steps", "0"), "--max-steps must be at least 1"),
    ):
        assert run("play", [str(argument) for argument in arguments]) == 2
        assert message in capsys.readouterr().err


@pytest.mark.parametrize("against", ["teacher", "random"])
@pytest.mark.parametrize("person", ["mouse", "cat"])
def test_who_needs_no_solution_needs_no_scipy(against, person, tmp_path):
    code = (
        "import sys; sys.modules['scipy'] = None\n"
        "from catmouse.commands import play\n"
        f"play.make_window(play.parse(['--as', {person!r}, '--against', {against!r}]))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
