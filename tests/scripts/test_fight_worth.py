"""What a fighter is worth: exact by the tree of histories, sampled around the equilibrium, at least."""

import numpy as np
import pytest

pytest.importorskip("scipy")

from catmouse.duel.fighters import BrainFighter, TableFighter, equilibrium_fighter, random_fighter
from catmouse.duel.game import OTHER, ROLES, DuelConfig
from catmouse.duel.histories import TooManyHistoriesError, exact_exploitability, exact_survival
from catmouse.duel.league import exploitability
from catmouse.duel.sampling import answer_values, exploitability_at_least, sampled_survival

from agents import Brain

GAME = DuelConfig(3, 4, 8, 4)


def memoryless(config, role, share=0.1, seed=0):
    """The equilibrium with a share of random mixes in it: its exploitability is known."""
    best = getattr(config.equilibrium, role)
    noise = np.random.default_rng(seed).dirichlet(np.ones(best.shape[-1]), best.shape[:2])
    return TableFighter("noisy", config, role, (1 - share) * best + share * noise)


def recurrent(config, role, cell="lstm", **more):
    brain = Brain(cell=cell, hidden=8, actions=config.actions(role), seed=3, input_gain=3.0)
    brain.parameters["hidden_to_output"][...] *= 3
    return BrainFighter(cell, config, role, brain, **more)


def by_hand(fighter, other, deterministic):
    """Survival by a walk over all joint moves, one history after the other."""
    config, game = fighter.config, fighter.config.game
    table = game.policy(other.table(), config.max_steps, other.role)

    def value(state, left, memory):
        if not left:
            return 1.0
        mix, memory = fighter.mix(np.array([state]), left, memory)
        pair = {fighter.role: mix[0], other.role: table[left, state]}
        return sum(
            pair["mouse"][action] * pair["cat"][cat_action] * value(after, left - 1, memory)
            for action in range(4)
            for cat_action in range(config.cat_directions)
            for after in [int(game.next_state[state, action, cat_action])]
            if pair["mouse"][action] * pair["cat"][cat_action] and game.survives[state, action, cat_action]
        )

    return np.mean([value(int(state), config.max_steps, None) for state in game.starts])


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("deterministic", [True, False])
def test_the_tree_of_histories_is_the_walk_over_all_of_them(role, deterministic):
    config = DuelConfig(2, 2, 8, 3)
    fighter = recurrent(config, role, deterministic=deterministic)
    other = memoryless(config, OTHER[role], 0.3)
    assert exact_survival(fighter, other) == pytest.approx(by_hand(fighter, other, deterministic), abs=1e-6)


@pytest.mark.parametrize("role", ROLES)
def test_a_memoryless_fighter_is_worth_the_same_by_histories(role):
    fighter, other = memoryless(GAME, role), random_fighter(GAME, OTHER[role])
    pair = {fighter.role: fighter, other.role: other}
    survival = GAME.game.survival(pair["mouse"].policy, pair["cat"].policy, GAME.max_steps)
    assert exact_survival(fighter, other) == pytest.approx(GAME.game.average(survival[GAME.max_steps]))
    exact = GAME.game.exploitability(fighter.policy, GAME.max_steps, role)
    assert exact_exploitability(fighter) == pytest.approx(exact)


def test_too_many_histories_are_refused_before_they_are_waited_for():
    with pytest.raises(TooManyHistoriesError, match=r"more than 5,000 histories"):
        exact_exploitability(recurrent(GAME, "mouse"), most=5000)


@pytest.mark.parametrize("role", ROLES)
def test_sampling_agrees_with_the_tree_within_its_interval(role):
    fighter, other = recurrent(GAME, role), memoryless(GAME, OTHER[role])
    pair = {role: fighter, OTHER[role]: other}
    exact = exact_survival(fighter, other)
    for baseline in (None, GAME.game.survival(np.full(4, 0.25), np.full(8, 0.125), GAME.max_steps)):
        sampled = sampled_survival(pair["mouse"], pair["cat"], rounds=30, seed=1, baseline=baseline)
        assert abs(sampled.value - exact) < 4 * sampled.standard_error
        assert sampled.interval[0] < sampled.value < sampled.interval[1]


def test_the_equilibriums_values_take_the_chance_out_of_a_sample():
    mouse, cat = memoryless(GAME, "mouse", 0.02), memoryless(GAME, "cat", 0.02)
    sampled = sampled_survival(mouse, cat, rounds=10)
    plain = np.sqrt(sampled.value * (1 - sampled.value) / (10 * len(GAME.game.starts)))
    exact = GAME.game.average(GAME.game.survival(mouse.policy, cat.policy, 4)[4])
    assert sampled.standard_error < plain / 10
    assert abs(sampled.value - exact) < 4 * sampled.standard_error


@pytest.mark.parametrize("role", ROLES)
def test_the_farther_one_looks_ahead_the_more_of_the_truth_is_found(role):
    config = DuelConfig(4, 4, 8, 6)
    fighter = memoryless(config, role, 0.3)
    exact = config.game.exploitability(fighter.policy, config.max_steps, role)
    shares = [exploitability_at_least(fighter, depth, rounds=8).value / exact for depth in range(1, 6)]
    answered = exploitability_at_least(fighter, 1, rounds=8, behind=answer_values(fighter)).value / exact
    assert shares[0] > 0.5
    assert shares[0] < shares[2]
    assert shares[4] > 0.95
    assert all(share < 1.05 for share in (*shares, answered))  # at least; but for the sample's error
    assert answered > 0.95  # it knows the best response, and finds it all


@pytest.mark.parametrize("role", ROLES)
def test_a_table_is_looked_through_as_the_tree_of_histories_is(role, monkeypatch):
    fighter = memoryless(GAME, role, 0.3)
    by_table = exploitability_at_least(fighter, 3, rounds=2)
    monkeypatch.setattr(TableFighter, "remembers", True)
    by_tree = exploitability_at_least(fighter, 3, rounds=2)
    assert by_table.value == pytest.approx(by_tree.value, abs=1e-9)


@pytest.mark.parametrize("role", ROLES)
def test_of_a_recurrent_brain_no_more_than_the_truth_is_found(role):
    config = DuelConfig(3, 3, 8, 3)
    fighter = recurrent(config, role, "gru")
    exact = exact_exploitability(fighter)
    for depth in (1, 2, 3):
        found = exploitability_at_least(fighter, depth, rounds=30)
        assert found.value < exact + 4 * found.standard_error
    assert found.value == pytest.approx(exact, abs=4 * found.standard_error)  # it looked to the end


def test_the_league_tells_the_truth_of_short_games_and_the_least_of_others():
    short, longer = (recurrent(DuelConfig(3, 3, 8, moves), "cat", "gru") for moves in (3, 5))
    told = exploitability(short)
    assert told.exact
    assert told.estimate.value == pytest.approx(exact_exploitability(short))
    told = exploitability(longer, rounds=4)
    assert not told.exact
    assert told.text.startswith(">=0.")
    found = [exploitability_at_least(longer, 1, 4, 0, behind) for behind in (None, answer_values(longer))]
    assert told.estimate.value == max(one.value for one in found)


def test_a_table_of_a_brain_that_remembers_is_what_it_plays_on_average():
    fighter = recurrent(GAME, "mouse")
    first, again = fighter.table(0, passes=8), fighter.table(1, passes=8)
    assert np.allclose(first.sum(axis=-1), 1)
    opening = fighter.mix(np.arange(GAME.dynamics.states), GAME.max_steps)[0]
    assert np.allclose(first[GAME.max_steps], opening, atol=1e-6)  # there is no history yet
    assert 0 < np.abs(first[1:-1] - again[1:-1]).max() < 0.5


def test_the_equilibrium_gives_nothing_away():
    for role in ROLES:
        found = exploitability_at_least(equilibrium_fighter(GAME, role), 2, rounds=2)
        assert found.value == pytest.approx(0, abs=1e-9)
