"""The rules: one move at a time in plain words, and the tables that must say the same."""

import time
import tracemalloc

import numpy as np
import pytest

from catmouse_env.game import Game, draw_start, draw_starts, game_of
from catmouse_env.grid import grid_of
from catmouse_env.teachers import flee

TABLED = [(6, 6), (2, 2), (2, 9), (7, 3)]
WORKED_OUT = [(23, 24), (64, 2)]
STEPS = [(0, 1), (1, 0), (0, -1), (-1, 0)]


def plain_move(place, step, room):
    """One cell on, unless that is outside."""
    moved = place[0] + step[0], place[1] + step[1]
    return moved if all(0 <= at < side for at, side in zip(moved, room, strict=True)) else place


def plain_outcome(room, cat, mouse, action, lethal):
    """What a move leads to where the cat stays: place, reward, whether caught."""
    new = plain_move(mouse, STEPS[action], room)
    if lethal and new == cat:
        return new, -sum(room), True
    far = [abs(place[0] - cat[0]) + abs(place[1] - cat[1]) for place in (mouse, new)]
    return new, far[1] - far[0], False


def all_or_some_pairs(grid):
    """Every pair of a small room, some of a large one, and always some in one cell."""
    pairs = np.arange(grid.cells**2)
    if len(pairs) > 10_000:
        pairs = np.random.default_rng(0).choice(pairs, 3_000)
        pairs = np.concatenate([pairs, np.arange(grid.cells) * (grid.cells + 1)])
    return pairs


@pytest.mark.parametrize("lethal", [False, True])
@pytest.mark.parametrize("room", TABLED + WORKED_OUT)
def test_moves_of_one_game_and_of_many_follow_the_plain_rules(room, lethal):
    game, grid = game_of(*room, flee), grid_of(*room)
    pairs = all_or_some_pairs(grid).repeat(4)
    actions = np.tile(np.arange(4), len(pairs) // 4)
    after, rewards, caught = game.moves(lethal, cat_moves=False)(pairs, actions)
    one = game.outcomes(lethal, cat_moves=False)
    for number, (pair, action) in enumerate(zip(pairs.tolist(), actions.tolist(), strict=True)):
        cat, mouse = (grid.position(cell) for cell in divmod(pair, grid.cells))
        place, reward, is_caught = plain_outcome(room, cat, mouse, action, lethal)
        expected = grid.cell(*cat) * grid.cells + grid.cell(*place), reward, is_caught
        assert (after[number], rewards[number], caught is not None and caught[number]) == expected
        assert one[pair * 4 + action][:3] == expected


@pytest.mark.parametrize("room", TABLED + WORKED_OUT)
def test_what_is_seen_is_each_coordinate_by_its_own_axis(room):
    game, grid = game_of(*room, flee), grid_of(*room)
    pairs = all_or_some_pairs(grid)
    places = [
        (*grid.position(cat), *grid.position(mouse))
        for cat, mouse in zip(*divmod(pairs, grid.cells), strict=True)
    ]
    scale = np.array([room[0] - 1, room[1] - 1] * 2, np.float32)
    expected = np.array(places, np.float32) / scale
    np.testing.assert_array_equal(game.observe(pairs), expected)
    np.testing.assert_array_equal([game.observe_one(int(pair)) for pair in pairs], expected)


def test_swapping_cells_is_being_caught():
    rules = game_of(3, 3, flee).one
    assert rules.caught(cat=0, mouse=1, new_cat=1, new_mouse=0)
    assert rules.caught(cat=0, mouse=2, new_cat=1, new_mouse=1)
    assert not rules.caught(cat=0, mouse=1, new_cat=1, new_mouse=2)


@pytest.mark.parametrize("room", [(6, 6), (2, 3), (64, 64), (5, 40)])
def test_starts_are_numpys_own_draws_in_the_order_of_the_coordinates(room):
    width, height = room
    plain, one, many = (np.random.default_rng(7) for _ in range(3))
    grid = grid_of(*room)
    expected = []
    for _ in range(500):
        cat_x, cat_y = plain.integers(width), plain.integers(height)
        mouse_x, mouse_y = plain.integers(width), plain.integers(height)
        expected.append(grid.cell(cat_x, cat_y) * grid.cells + grid.cell(mouse_x, mouse_y))
    assert [draw_start(one, grid, apart=False) for _ in range(500)] == expected
    assert draw_starts(many, 500, grid, apart=False).tolist() == expected
    assert one.bit_generator.state == many.bit_generator.state == plain.bit_generator.state


@pytest.mark.parametrize("source", [np.random.MT19937, np.random.Philox, np.random.SFC64])
def test_starts_do_not_depend_on_the_kind_of_random_generator(source):
    grid = grid_of(6, 6)
    one, many = np.random.Generator(source(1)), np.random.Generator(source(1))
    assert [draw_start(one, grid, False) for _ in range(50)] == draw_starts(many, 50, grid, False).tolist()


@pytest.mark.parametrize("apart", [False, True])
def test_starts_are_uniform_over_all_there_are(apart):
    grid = grid_of(2, 3)
    rng = np.random.default_rng(0)
    possible = 6 * 5 if apart else 6 * 6
    for pairs in (
        draw_starts(rng, 36_000, grid, apart),
        np.array([draw_start(rng, grid, apart) for _ in range(36_000)]),
    ):
        counts = np.bincount(pairs, minlength=36)
        together = counts[:: grid.cells + 1]
        assert np.count_nonzero(counts) == possible
        assert not (apart and together.any())
        expected = 36_000 / possible
        chi_squared = ((counts[counts > 0] - expected) ** 2 / expected).sum()
        assert chi_squared < 2 * possible  # 35 on average, over 72 once in 5,000 draws


def test_given_cells_stay_and_the_other_animal_is_drawn():
    grid = grid_of(4, 4)
    cats = np.arange(16).repeat(100)
    pairs = draw_starts(np.random.default_rng(0), 1600, grid, apart=True, cat=cats)
    np.testing.assert_array_equal(pairs // 16, cats)
    assert not (pairs // 16 == pairs % 16).any()
    assert set(pairs.tolist()) == {
        cat * 16 + mouse for cat in range(16) for mouse in range(16) if cat != mouse
    }


def test_the_largest_room_is_made_in_two_seconds_and_200_megabytes():
    tracemalloc.start()
    began = time.process_time()
    game = Game(64, 64, flee)
    game.moves(lethal=True, cat_moves=False)
    took, (_, peak) = time.process_time() - began, tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert took < 2
    assert peak < 200e6
