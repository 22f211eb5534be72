"""Teachers' labels: the article's, place by place."""

import json
from pathlib import Path

import gymnasium as gym
import numpy as np
import pytest

import catmouse_env  # noqa: F401
from catmouse_env.directions import Direction, action_to_reading
from catmouse_env.dynamics import Dynamics
from catmouse_env.teachers import apply_rule, chase, flee

GOLDEN = Path(__file__).parents[1] / "data" / "flee_teacher_6x6.json"
ROOMS = [(6, 6), (2, 2), (2, 9), (7, 3), (11, 8)]


def plain_flee(cat_x, cat_y, mouse_x, mouse_y, width, height):
    """The rule for one place, as the documentation lists it."""
    dx, dy = mouse_x - cat_x, mouse_y - cat_y
    m = abs(dx)
    side = Direction.RIGHT if dx >= 0 else Direction.LEFT
    at_wall = mouse_x == (width - 1 if side is Direction.RIGHT else 0)
    if dy > m and mouse_y < height - 1:
        return Direction.UP
    if -dy > m and mouse_y > 0:
        return Direction.DOWN
    if at_wall and (dy > 0 or (dy == 0 and side is Direction.LEFT)):
        return Direction.UP
    if at_wall and dy < 0:
        return Direction.DOWN
    return side


def plain_chase(cat_x, cat_y, mouse_x, mouse_y, width, height):
    """Along the axis of the larger distance; x on a tie."""
    dx, dy = mouse_x - cat_x, mouse_y - cat_y
    if abs(dy) > abs(dx):
        return Direction.UP if dy > 0 else Direction.DOWN
    return Direction.RIGHT if dx >= 0 else Direction.LEFT


def test_flee_says_what_the_original_program_said_at_all_1296_places():
    golden = np.array(json.loads(GOLDEN.read_text())["labels"])  # (cat x, cat y, mouse x, mouse y)
    labels = apply_rule(flee, Dynamics(6, 6, 1, False))
    np.testing.assert_array_equal(action_to_reading(labels), golden.ravel())
    assert np.bincount(labels).tolist() == [315, 406, 285, 290]


def test_info_says_what_the_original_program_said_at_all_1296_places():
    golden = np.array(json.loads(GOLDEN.read_text())["labels"]).ravel()
    env = gym.make_vec("CatMouse-v0", num_envs=1296)
    _, info = env.reset(options=env.unwrapped.starts)
    np.testing.assert_array_equal(info["ideal_direction"], golden)


@pytest.mark.parametrize(("teacher", "plain"), [(flee, plain_flee), (chase, plain_chase)])
@pytest.mark.parametrize("room", ROOMS)
def test_a_teachers_table_is_its_rule_at_every_place(teacher, plain, room):
    dynamics = Dynamics(*room, 1, False)
    places = [dynamics.position(cell) for cell in range(dynamics.cells)]
    expected = [plain(*cat, *mouse, *room) for cat in places for mouse in places]
    assert apply_rule(teacher, dynamics).tolist() == expected


def test_a_function_can_be_the_teacher():
    def always_down(cat_x, cat_y, mouse_x, mouse_y, width, height):
        return np.full(np.broadcast(cat_x, mouse_x).shape, Direction.DOWN)

    env = gym.make("CatMouse-v0", teacher=always_down)
    _, info = env.reset(seed=0)
    assert info == {"ideal_direction": 0.625, "ideal_action": 2}


@pytest.mark.parametrize("said", [4, -1, 0.5, "up", None])
def test_a_teacher_that_names_no_direction_is_refused(said):
    with pytest.raises(ValueError, match="teacher"):
        gym.make("CatMouse-v0", teacher=lambda *places: said)
