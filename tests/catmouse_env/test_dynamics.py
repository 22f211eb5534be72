"""The rules: one move at a time in plain words, and the tables that must say the same."""

import tracemalloc

import numpy as np
import pytest

from catmouse_env.dynamics import Dynamics

TABLED = [(6, 6), (2, 2), (2, 9), (7, 3)]
WORKED_OUT = [(23, 24), (64, 2)]
STEPS = {
    1: [(0, 0)],
    4: [(0, 1), (1, 0), (0, -1), (-1, 0)],
    8: [(0, 1), (1, 1), (1, 0), (1, -1), (0, -1), (-1, -1), (-1, 0), (-1, 1)],
}


def plain_move(place, step, room):
    """One cell on along each axis, unless that is outside."""
    return tuple(min(max(at + by, 0), side - 1) for at, by, side in zip(place, step, room, strict=True))


def plain_transition(room, cat, mouse, action, cat_step, lethal):
    """What a joint move leads to: both places, reward, whether caught."""
    new_mouse, new_cat = plain_move(mouse, STEPS[4][action], room), plain_move(cat, cat_step, room)
    if lethal and (new_mouse == new_cat or (new_mouse == cat and new_cat == mouse)):
        return new_cat, new_mouse, -sum(room), True
    before, after = (
        abs(one[0] - other[0]) + abs(one[1] - other[1]) for one, other in ((mouse, cat), (new_mouse, new_cat))
    )
    return new_cat, new_mouse, after - before, False


def all_or_some_states(dynamics, most):
    """Every state of a small room, some of a large one, and always some with both in one cell."""
    states = np.arange(dynamics.states)
    if len(states) > most:
        states = np.random.default_rng(0).choice(states, most)
        states = np.concatenate([states, np.arange(dynamics.cells) * (dynamics.cells + 1)])
    return states


@pytest.mark.parametrize("cat_actions", [1, 4, 8])
@pytest.mark.parametrize("lethal", [False, True])
@pytest.mark.parametrize("room", TABLED + WORKED_OUT)
def test_transitions_of_one_game_and_of_many_follow_the_plain_rules(room, lethal, cat_actions):
    dynamics = Dynamics(*room, cat_actions, lethal)
    states = all_or_some_states(dynamics, 3_000 // cat_actions)
    moves = np.stack(np.meshgrid(states, np.arange(4), np.arange(cat_actions)), axis=-1).reshape(-1, 3)
    many = [array.tolist() for array in dynamics.transition(*moves.T)]
    for move, *found in zip(moves.tolist(), *many, strict=True):
        state, action, cat_action = move
        cat, mouse = map(dynamics.position, dynamics.split(state))
        new_cat, new_mouse, reward, caught = plain_transition(
            room, cat, mouse, action, STEPS[cat_actions][cat_action], lethal
        )
        expected = [dynamics.join(dynamics.cell(*new_cat), dynamics.cell(*new_mouse)), reward, caught]
        assert found == expected
        one = dynamics.transition(state, action, cat_action)
        assert list(one) == expected
        assert [type(part) for part in one] == [int, float, bool]


@pytest.mark.parametrize("room", TABLED + WORKED_OUT)
def test_what_is_seen_is_each_coordinate_by_its_own_axis(room):
    dynamics = Dynamics(*room, 1, False)
    states = all_or_some_states(dynamics, 3_000)
    places = [
        (*dynamics.position(cat), *dynamics.position(mouse))
        for cat, mouse in zip(*dynamics.split(states), strict=True)
    ]
    scale = np.array([room[0] - 1, room[1] - 1] * 2, np.float32)
    expected = np.array(places, np.float32) / scale
    seen = dynamics.observe(states)
    np.testing.assert_array_equal(seen, expected)
    assert seen.dtype == np.float32
    np.testing.assert_array_equal([dynamics.observe(state) for state in states.tolist()], expected)
    np.testing.assert_array_equal(dynamics.state_of(seen), states)


def test_swapping_cells_is_being_caught():
    dynamics = Dynamics(3, 3, 4, lethal=True)
    left, right = dynamics.cell(0, 0), dynamics.cell(1, 0)
    assert dynamics.transition(dynamics.join(left, right), 3, 1)[2]
    assert dynamics.transition(dynamics.join(left, dynamics.cell(2, 0)), 3, 1)[2]
    assert not dynamics.transition(dynamics.join(left, right), 1, 1)[2]


@pytest.mark.parametrize("lethal", [False, True])
@pytest.mark.parametrize("source", [np.random.PCG64, np.random.MT19937, np.random.Philox, np.random.SFC64])
def test_starts_of_one_game_and_of_many_are_the_same_draws(source, lethal):
    dynamics = Dynamics(5, 4, 1, lethal)
    one, many = np.random.Generator(source(1)), np.random.Generator(source(1))
    singles = [dynamics.draw_start(one, None) for _ in range(50)]
    assert singles == dynamics.draw_start(many, 50).tolist()
    assert all(type(start) is int for start in singles)
    assert one.random() == many.random()


@pytest.mark.parametrize("lethal", [False, True])
def test_starts_are_uniform_over_all_there_are(lethal):
    dynamics = Dynamics(2, 3, 1, lethal)
    rng = np.random.default_rng(0)
    possible = 6 * 5 if lethal else 6 * 6
    assert len(dynamics.start_states) == dynamics.num_starts == possible
    for states in (
        dynamics.draw_start(rng, 36_000),
        np.array([dynamics.draw_start(rng, None) for _ in range(36_000)]),
    ):
        counts = np.bincount(states, minlength=36)
        together = counts[:: dynamics.cells + 1]
        assert np.count_nonzero(counts) == possible
        assert not (lethal and together.any())
        expected = 36_000 / possible
        chi_squared = ((counts[counts > 0] - expected) ** 2 / expected).sum()
        assert chi_squared < 2 * possible  # 35 on average, over 72 once in 5,000 draws


def test_the_largest_uniform_number_is_a_start_too():
    class Last:
        """A random stream at its very end."""

        def random(self, count=None):
            return np.nextafter(1, 0) if count is None else np.full(count, np.nextafter(1, 0))

    for room in ((2, 2), (3, 5), (6, 6), (63, 64), (64, 64)):
        for lethal in (False, True):
            dynamics = Dynamics(*room, 1, lethal)
            assert dynamics.draw_number(Last()) == dynamics.num_starts - 1
            assert dynamics.draw_number(Last(), 1).tolist() == [dynamics.num_starts - 1]


@pytest.mark.parametrize("animal", ["cat", "mouse"])
def test_given_cells_stay_and_the_other_animal_is_drawn(animal):
    dynamics = Dynamics(4, 4, 1, lethal=True)
    given = np.arange(16).repeat(400)
    states = dynamics.draw_start(np.random.default_rng(0), len(given), **{animal: given})
    np.testing.assert_array_equal(dynamics.split(states)[animal == "mouse"], given)
    counts = np.bincount(states, minlength=256)[dynamics.start_states]
    assert counts.sum() == len(given)
    assert counts.min() > 5


def test_the_largest_room_is_made_in_200_megabytes():
    tracemalloc.start()
    dynamics = Dynamics(64, 64, 1, lethal=True)
    dynamics.draw_start(np.random.default_rng(0), None)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 200e6


def test_shared_tables_can_not_be_written_to():
    dynamics = Dynamics.cached(3, 3, 4, True)
    for table in (dynamics.x, dynamics.y, dynamics.distances, dynamics.mouse_neighbours):
        with pytest.raises(ValueError, match="read-only"):
            table[...] = 0
