"""A machine replays all games of a policy, and is as small as can be."""

from __future__ import annotations

from typing import Any

import gymnasium as gym
import numpy as np
import pytest

import catmouse_env  # noqa: F401  (registers the environments)
from agents import Brain, RandomAgent, TeacherAgent, evaluate
from agents.histories import distinct_states, histories
from agents.machine import machine_of, minimise
from agents.noise import tolerance


def random_brain(cell: str, seed: int) -> Brain:
    brain = Brain(cell=cell, hidden=8, seed=seed, recurrent_gain=1.2)
    brain.flat *= 1.5
    return brain


@pytest.mark.parametrize("game", ["CatMouse-v0", "CatMouseMemory-v0", "CatMouseChase-v0"])
@pytest.mark.parametrize("cell", ["mlp", "elman", "gru", "lstm"])
def test_a_machine_plays_every_game_move_for_move(game: str, cell: str) -> None:
    env = gym.make(game, width=4, height=3, max_steps=5)
    brain = random_brain(cell, 1)
    tree = histories(brain, env)
    machine = minimise(tree)
    assert [machine.moves[state] for state in machine.states_of] == tree.moves
    assert len(machine.moves) >= machine.bound
    assert evaluate(machine, env) == evaluate(brain, env)


def test_the_machines_of_the_zoo_are_the_smallest_there_are() -> None:
    for name, game, states in (("runaway", "CatMouse-v0", 4), ("memory", "CatMouseMemory-v0", 9)):
        env, brain = gym.make(game), Brain.load(f"zoo:{name}")
        machine = machine_of(brain, env)
        assert (len(machine.moves), machine.bound) == (states, states)
        assert evaluate(machine, env).perfect


def test_who_needs_no_memory_has_a_state_for_each_move() -> None:
    env = gym.make("CatMouse-v0")
    assert sorted(machine_of(TeacherAgent(env), env).moves) == [0, 1, 2, 3]


class Counter:
    """Goes up, but for every third move, which is down: three states at least, whatever is seen."""

    def predict(
        self, observation: Any, state: Any = None, episode_start: Any = None, deterministic: bool = True
    ) -> tuple[Any, Any]:
        moves = np.zeros(len(observation), int) if state is None else state
        return np.where(moves % 3 == 2, 2, 0), moves + 1


def test_a_machine_counts_if_it_must() -> None:
    env = gym.make("CatMouse-v0", width=2, height=2, max_steps=9, cat_visible_moves=0)
    machine = machine_of(Counter(), env)
    assert evaluate(machine, env) == evaluate(Counter(), env)
    assert 2 <= machine.bound <= len(machine.moves) <= 6


def test_a_stochastic_game_has_no_machine() -> None:
    env = gym.make("CatMouse-v0", width=3, height=3)
    with pytest.raises(ValueError, match="stochastic"):
        machine_of(TeacherAgent(env), gym.make("CatMouse-v0", cat="wandering"))
    with pytest.raises(ValueError, match="stochastic"):
        machine_of(RandomAgent(env), env)


def test_states_that_any_next_sight_tells_apart_are_at_least_those_of_the_machine() -> None:
    env, brain = gym.make("CatMouseMemory-v0", width=3, height=3, max_steps=4), random_brain("gru", 0)
    assert distinct_states(brain, env) >= machine_of(brain, env).bound


@pytest.mark.parametrize("cell", ["mlp", "elman", "gru"])
def test_noise_that_is_proved_to_be_borne_changes_nothing_and_what_breaks_does(cell: str) -> None:
    env = gym.make("CatMouse-v0", width=3, height=3, max_steps=4)
    brain = random_brain(cell, 2)
    found = tolerance(brain, env)
    assert found.borne.shape == found.broken.shape == (81,)
    assert (found.borne <= found.broken).all()
    assert np.isfinite(found.broken).mean() > 0.5
    moves = played(brain, 81, found.borne * 0)
    rng = np.random.default_rng(0)
    for _ in range(10):
        signs = rng.choice([-1.0, 1.0], (4, 81, 4))
        assert (played(brain, 81, found.borne * 0.999, signs) == moves).all()


def played(brain: Brain, games: int, size: Any, signs: Any = None) -> Any:
    """The moves of all games where each number seen is off by `size` (games,) in the direction of `signs`."""
    envs: Any = gym.make_vec("CatMouse-v0", num_envs=games, width=3, height=3, max_steps=4)
    seen, _ = envs.reset(options=envs.unwrapped.starts)
    state, moves = None, []
    for t in range(4):
        off = 0 if signs is None else signs[t] * size[:, None]
        action, state = brain.predict((seen + off).astype(np.float32), state)
        moves.append(action)
        seen, *_ = envs.step(action)
    return np.array(moves)
