"""The compass: readings in [0, 1], clockwise from up, in bands."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from catmouse_env import Direction, action_to_reading, reading_to_action
from catmouse_env.directions import STEPS, band_of


def test_actions_run_clockwise_from_up():
    assert [direction.name for direction in Direction] == ["UP", "RIGHT", "DOWN", "LEFT"]
    assert STEPS[4] == ((0, 1), (1, 0), (0, -1), (-1, 0))
    assert STEPS[8][::2] == STEPS[4]


def test_the_middle_of_a_band_stands_for_its_direction():
    assert action_to_reading(range(4)).tolist() == [0.125, 0.375, 0.625, 0.875]


@pytest.mark.parametrize("directions", [4, 8])
def test_every_direction_survives_the_way_over_the_compass(directions):
    actions = np.arange(directions)
    np.testing.assert_array_equal(
        reading_to_action(action_to_reading(actions, directions), directions), actions
    )


@pytest.mark.parametrize("kind", [np.float16, np.float32, np.float64])
def test_a_reading_on_a_border_belongs_to_the_later_band(kind):
    readings = np.array([0, 0.25, 0.5, 0.75, 1], kind)
    below = np.nextafter(readings[1:], kind(0))
    assert reading_to_action(readings).tolist() == [0, 1, 2, 3, 3]
    assert reading_to_action(below).tolist() == [0, 1, 2, 3]


@given(st.floats(0, 1))
def test_every_reading_has_the_direction_that_the_rules_say(reading):
    plain = 0 if reading < 0.25 else 1 if reading < 0.5 else 2 if reading < 0.75 else 3
    assert reading_to_action(reading) == plain
    assert band_of(reading) == plain
