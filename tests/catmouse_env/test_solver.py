"""The exact solution: the figures it must reproduce, and the theorems it must obey."""

import numpy as np
import pytest

from catmouse_env.dynamics import Dynamics
from catmouse_env.matrix_games import solve
from catmouse_env.solver import MAX_STATES, TabularGame, one_hot
from catmouse_env.symmetry import symmetries
from catmouse_env.teachers import apply_rule, chase, flee

SURVIVAL = {3: 0.9438, 5: 0.7868, 10: 0.4247, 15: 0.2256, 20: 0.1201}  # 6 x 6, eight directions


def fight(width=6, height=6, cat_directions=8, lethal=True):
    return TabularGame(Dynamics(width, height, cat_directions, lethal))


def teacher_policy(room, teacher, actions):
    return one_hot(apply_rule(teacher, room.dynamics), actions)


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
    assert np.allclose(room.best_response(equilibrium.mouse, 20, "cat")[0], equilibrium.values, atol=1e-9)
    assert np.allclose(room.best_response(equilibrium.cat, 20, "mouse")[0], equilibrium.values, atol=1e-9)
    played = room.survival(equilibrium.mouse, equilibrium.cat, 20)
    assert np.allclose(played, equilibrium.values, atol=1e-9)


def test_four_directions_never_catch_a_perfect_mouse():
    room = fight(cat_directions=4)
    assert (room.equilibrium(20).values[:, room.starts] == 1).all()


def test_the_flee_mouse_is_eaten_by_the_chasing_cat_from_every_start():
    room = fight(cat_directions=4)
    mouse, cat = teacher_policy(room, flee, 4), teacher_policy(room, chase, 4)
    assert (room.survival(mouse, cat, 30)[30, room.starts] == 0).all()
    assert room.average(room.steps_survived(mouse, cat, 30)[30]) == pytest.approx(7.9, abs=0.05)
    assert (room.best_response(cat, 30, "mouse")[0][30, room.starts] == 1).all()


def test_return_has_an_equilibrium_too():
    room = fight(4, 4)
    equilibrium = room.equilibrium(4, "return")
    for opponent, player in ((equilibrium.mouse, "cat"), (equilibrium.cat, "mouse")):
        best, _ = room.best_response(opponent, 4, player, "return")
        assert np.allclose(best, equilibrium.values, atol=1e-8)
    assert np.allclose(room.returns(equilibrium.mouse, equilibrium.cat, 4), equilibrium.values, atol=1e-8)


@pytest.mark.parametrize(("width", "height"), [(3, 3), (5, 3), (2, 4)])
def test_equilibrium_without_symmetries_is_worth_the_same(width, height):
    room = fight(width, height)
    values = np.ones(room.dynamics.states)
    solved = room.equilibrium(5)
    for left in range(1, 6):
        values, _, _ = solve(room.survives * values[room.next_state])
        assert np.allclose(values, solved.values[left], atol=1e-9)


def test_turning_the_room_turns_the_equilibrium(solved):
    room, equilibrium = solved
    for one in symmetries(room.dynamics):
        to = one.states()
        assert np.allclose(equilibrium.values[:, to], equilibrium.values, atol=1e-12)
        turned = equilibrium.mouse[:, to][:, :, one.actions[4]]
        assert np.allclose(turned, equilibrium.mouse, atol=1e-12)
        turned = equilibrium.cat[:, to][:, :, one.actions[8]]
        assert np.allclose(turned, equilibrium.cat, atol=1e-12)


@pytest.mark.parametrize(("width", "height", "count"), [(6, 6, 8), (5, 3, 4)])
def test_symmetries_keep_the_rules(width, height, count):
    room = fight(width, height)
    found = symmetries(room.dynamics)
    assert len(found) == count
    for one in found:
        to = one.states()
        moved = room.next_state[to][:, one.actions[4]][:, :, one.actions[8]]
        assert (moved == to[room.next_state]).all()
        assert (room.survives[to][:, one.actions[4]][:, :, one.actions[8]] == room.survives).all()


def test_tables_say_what_playing_says():
    room = fight(4, 3)
    for state in range(room.dynamics.states):
        for action in range(4):
            for cat_action in range(8):
                next_state, reward, caught = room.dynamics.transition(state, action, cat_action)
                assert room.next_state[state, action, cat_action] == next_state
                assert room.reward[state, action, cat_action] == reward
                assert room.survives[state, action, cat_action] != caught


def test_no_policy_beats_the_best_response():
    rng = np.random.default_rng(0)
    room = fight(4, 4)
    for criterion, play in (("survival", room.survival), ("return", room.returns)):
        mouse, cat = random_policy(rng, 6, 256, 4), random_policy(rng, 6, 256, 8)
        best_mouse, _ = room.best_response(cat, 5, "mouse", criterion)
        best_cat, _ = room.best_response(mouse, 5, "cat", criterion)
        for _ in range(20):
            assert (play(random_policy(rng, 6, 256, 4), cat, 5) <= best_mouse + 1e-9).all()
            assert (play(mouse, random_policy(rng, 6, 256, 8), 5) >= best_cat - 1e-9).all()


def test_the_best_response_is_what_its_actions_reach():
    rng = np.random.default_rng(3)
    room = fight(4, 3)
    for criterion, play in (("survival", room.survival), ("return", room.returns)):
        mouse, cat = random_policy(rng, 5, 144, 4), random_policy(rng, 5, 144, 8)
        values, actions = room.best_response(cat, 4, "mouse", criterion)
        assert np.allclose(play(one_hot(actions, 4), cat, 4), values)
        values, actions = room.best_response(mouse, 4, "cat", criterion)
        assert np.allclose(play(mouse, one_hot(actions, 8), 4), values)


def test_exploitability_is_what_the_best_opponent_gains(solved):
    room, equilibrium = solved
    assert room.exploitability(equilibrium.mouse, 20, "mouse") == pytest.approx(0, abs=1e-9)
    assert room.exploitability(equilibrium.cat, 20, "cat") == pytest.approx(0, abs=1e-9)
    value = room.average(equilibrium.values[10])
    best = room.average(room.best_response(np.full(8, 1 / 8), 10, "mouse")[0][10])
    assert room.exploitability(np.full(8, 1 / 8), 10, "cat") == pytest.approx(best - value)
    worst = room.average(room.best_response(np.full(4, 1 / 4), 10, "cat")[0][10])
    assert room.exploitability(np.full(4, 1 / 4), 10, "mouse") == pytest.approx(value - worst)


def test_survival_and_return_agree_with_games_played():
    rng = np.random.default_rng(1)
    room = fight(3, 4)
    mouse, cat = random_policy(rng, 144, 4), random_policy(rng, 144, 8)
    games = 200_000
    state = np.full(games, 7)
    survives, total = np.ones(games, bool), np.zeros(games)
    for _ in range(4):
        action = (rng.random((games, 1)) > mouse[state].cumsum(1)).sum(1)
        cat_action = (rng.random((games, 1)) > cat[state].cumsum(1)).sum(1)
        total += survives * room.reward[state, action, cat_action]
        survives &= room.survives[state, action, cat_action]
        state = room.next_state[state, action, cat_action]
    assert survives.mean() == pytest.approx(room.survival(mouse, cat, 4)[4, 7], abs=0.006)
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
    with pytest.raises(ValueError, match=str(int(MAX_STATES**0.5))):
        fight(64, 64)


@pytest.mark.parametrize("player", ["cat", "mouse"])
def test_who_looks_ahead_to_the_end_finds_the_best_response(player):
    game = TabularGame(Dynamics.cached(3, 4, 8, True))
    actions = 8 if player == "mouse" else 4
    policy = np.random.default_rng(0).dirichlet(np.ones(actions), (6, game.dynamics.states))
    best, _ = game.best_response(policy, 5, player)
    values = game.equilibrium(5).values
    for left in range(6):
        seen = game.look_ahead(policy, values, left, player)
        assert np.allclose(seen[: left + 1], best[: left + 1])
    assert np.array_equal(game.look_ahead(policy, values, 0, player), values)
