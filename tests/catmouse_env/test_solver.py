"""The exact solution: the figures it must reproduce, and the theorems it must obey."""

import numpy as np
import pytest

from catmouse_env.game import game_of, label_table
from catmouse_env.matrix_games import solve
from catmouse_env.solver import MOST_PAIRS, Fight, one_hot
from catmouse_env.symmetry import symmetries
from catmouse_env.teachers import chase, flee

SURVIVAL = {3: 0.9438, 5: 0.7868, 10: 0.4247, 15: 0.2256, 20: 0.1201}  # 6 x 6, eight directions


def fight(width=6, height=6, cat_directions=8, lethal=True):
    return Fight(game_of(width, height, flee, cat_directions), lethal)


def teacher_policy(room, teacher, actions):
    return one_hot(label_table(room.game.grid, teacher), actions)


def random_policy(rng, *shape):
    return rng.dirichlet(np.ones(shape[-1]), shape[:-1])


@pytest.fixture(scope="module")
def solved():
    room = fight()
    return room, room.equilibrium(20)


def test_equilibrium_survival_is_the_known_one(solved):
    room, equilibrium = solved
    for moves, survival in SURVIVAL.items():
        assert round(room.average(equilibrium.values[moves]), 4) == survival


def test_neither_side_can_do_better_than_the_equilibrium(solved):
    room, equilibrium = solved
    assert np.allclose(room.best_cat(equilibrium.mouse, 20), equilibrium.values, atol=1e-9)
    assert np.allclose(room.best_mouse(equilibrium.cat, 20), equilibrium.values, atol=1e-9)
    played = room.survival(equilibrium.mouse, equilibrium.cat, 20)
    assert np.allclose(played, equilibrium.values, atol=1e-9)


def test_four_directions_never_catch_a_perfect_mouse():
    room = fight(cat_directions=4)
    assert (room.equilibrium(20).values[:, room.starts] == 1).all()


def test_the_flee_mouse_is_eaten_by_the_chasing_cat_from_every_start():
    room = fight(cat_directions=4)
    mouse, cat = teacher_policy(room, flee, 4), teacher_policy(room, chase, 4)
    assert (room.survival(mouse, cat, 30)[30, room.starts] == 0).all()
    assert room.average(room.moves_survived(mouse, cat, 30)[30]) == pytest.approx(7.9, abs=0.05)
    assert (room.best_mouse(cat, 30)[30, room.starts] == 1).all()


def test_return_has_an_equilibrium_too():
    room = fight(4, 4)
    equilibrium = room.equilibrium(4, "return")
    assert np.allclose(room.best_cat(equilibrium.mouse, 4, "return"), equilibrium.values, atol=1e-8)
    assert np.allclose(room.best_mouse(equilibrium.cat, 4, "return"), equilibrium.values, atol=1e-8)
    assert np.allclose(room.returns(equilibrium.mouse, equilibrium.cat, 4), equilibrium.values, atol=1e-8)


@pytest.mark.parametrize(("width", "height"), [(3, 3), (5, 3), (2, 4)])
def test_equilibrium_without_symmetries_is_worth_the_same(width, height):
    room = fight(width, height)
    values = np.ones(room.pairs)
    solved = room.equilibrium(5)
    for left in range(1, 6):
        values, _, _ = solve(room.alive * values[room.after])
        assert np.allclose(values, solved.values[left], atol=1e-9)


def test_turning_the_room_turns_the_equilibrium(solved):
    room, equilibrium = solved
    for one in symmetries(room.game.grid):
        to = one.pairs()
        assert np.allclose(equilibrium.values[:, to], equilibrium.values, atol=1e-12)
        turned = equilibrium.mouse[:, to][:, :, one.actions[4]]
        assert np.allclose(turned, equilibrium.mouse, atol=1e-12)
        turned = equilibrium.cat[:, to][:, :, one.actions[8]]
        assert np.allclose(turned, equilibrium.cat, atol=1e-12)


@pytest.mark.parametrize(("width", "height", "count"), [(6, 6, 8), (5, 3, 4)])
def test_symmetries_keep_the_rules(width, height, count):
    room = fight(width, height)
    found = symmetries(room.game.grid)
    assert len(found) == count
    for one in found:
        to = one.pairs()
        moved = room.after[to][:, one.actions[4]][:, :, one.actions[8]]
        assert (moved == to[room.after]).all()
        assert (room.alive[to][:, one.actions[4]][:, :, one.actions[8]] == room.alive).all()


def test_tables_say_what_playing_says():
    room = fight(4, 3)
    rules = room.game.one
    for pair in range(room.pairs):
        cat, mouse = divmod(pair, 12)
        for action in range(4):
            for paw in range(8):
                new_cat, new_mouse = rules.cat_move(cat, paw), rules.mouse_move(mouse, action)
                assert room.after[pair, action, paw] == rules.pair(new_cat, new_mouse)
                assert room.alive[pair, action, paw] != rules.caught(cat, mouse, new_cat, new_mouse)


def test_no_policy_beats_the_best_response():
    rng = np.random.default_rng(0)
    room = fight(4, 4)
    for criterion, play in (("survival", room.survival), ("return", room.returns)):
        mouse, cat = random_policy(rng, 6, 256, 4), random_policy(rng, 6, 256, 8)
        best_mouse, best_cat = room.best_mouse(cat, 5, criterion), room.best_cat(mouse, 5, criterion)
        for _ in range(20):
            assert (play(random_policy(rng, 6, 256, 4), cat, 5) <= best_mouse + 1e-9).all()
            assert (play(mouse, random_policy(rng, 6, 256, 8), 5) >= best_cat - 1e-9).all()


def test_survival_and_return_agree_with_games_played():
    rng = np.random.default_rng(1)
    room = fight(3, 4)
    mouse, cat = random_policy(rng, 144, 4), random_policy(rng, 144, 8)
    games = 200_000
    pair = np.full(games, 7)
    alive, total = np.ones(games, bool), np.zeros(games)
    for _ in range(4):
        action = (rng.random((games, 1)) > mouse[pair].cumsum(1)).sum(1)
        paw = (rng.random((games, 1)) > cat[pair].cumsum(1)).sum(1)
        total += alive * room.reward[pair, action, paw]
        alive &= room.alive[pair, action, paw]
        pair = room.after[pair, action, paw]
    assert alive.mean() == pytest.approx(room.survival(mouse, cat, 4)[4, 7], abs=0.006)
    assert total.mean() == pytest.approx(room.returns(mouse, cat, 4)[4, 7], abs=0.06)


def test_nobody_is_caught_where_nothing_is_lethal():
    room = fight(3, 3, lethal=False)
    assert (room.equilibrium(4).values == 1).all()
    assert len(room.starts) == 81


def test_matrix_games_against_one_program_each():
    optimize = pytest.importorskip("scipy.optimize")
    rng = np.random.default_rng(2)
    payoffs = rng.integers(0, 4, (60, 4, 8)) / 3.0  # many ties, many saddle points
    payoffs[30:] = rng.random((30, 4, 8))
    values, rows, columns = solve(payoffs)
    for matrix, value, x, y in zip(payoffs, values, rows, columns, strict=True):
        program = optimize.linprog(
            [0, 0, 0, 0, -1],
            A_ub=np.hstack([-matrix.T, np.ones((8, 1))]),
            b_ub=np.zeros(8),
            A_eq=[[1, 1, 1, 1, 0]],
            b_eq=[1],
            bounds=[(0, None)] * 4 + [(None, None)],
        )
        assert value == pytest.approx(-program.fun, abs=1e-9)
        assert (x @ matrix).min() == pytest.approx(value, abs=1e-9)
        assert (matrix @ y).max() == pytest.approx(value, abs=1e-9)


def test_saddle_points_need_no_scipy_and_mix_evenly(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "scipy", None)
    values, rows, columns = solve(np.array([[[1.0, 1.0], [1.0, 1.0], [0.0, 2.0]]]))
    assert values.tolist() == [1.0]
    assert rows.tolist() == [[0.5, 0.5, 0.0]]
    assert columns.sum() == 1


def test_wrong_policies_and_rooms_are_named():
    room = fight(3, 3)
    with pytest.raises(ValueError, match="must broadcast"):
        room.survival(np.ones((5, 4)) / 4, np.ones(8) / 8, 3)
    with pytest.raises(ValueError, match="probabilities"):
        room.survival(np.ones(4), np.ones(8) / 8, 3)
    with pytest.raises(ValueError, match=str(int(MOST_PAIRS**0.5))):
        fight(64, 64)
