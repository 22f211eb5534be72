"""A teacher whose strategy is mixed: the direction head learns its probabilities by cross-entropy."""

import gymnasium as gym
import numpy as np
import pytest

import catmouse_env  # noqa: F401
from agents import Brain, SupervisedTrainer
from agents.heads import CompassHead, DirectionHead
from agents.rollout import Labels

MOVES, GAMES, ACTIONS = 3, 5, 8


def labels(rng):
    made = Labels(MOVES, GAMES, ACTIONS)
    made.policy[...] = rng.dirichlet(np.ones(ACTIONS), (MOVES, GAMES)).transpose(0, 2, 1)
    made.action[...] = made.policy.argmax(axis=1)
    return made


def test_the_gradient_is_that_of_the_loss():
    rng = np.random.default_rng(0)
    head, ideal = DirectionHead(ACTIONS), labels(rng)
    outputs = rng.normal(size=(MOVES, ACTIONS, GAMES))
    gradient = head.loss_gradient(outputs.copy(), ideal)
    for at in np.ndindex(outputs.shape):
        sides = []
        for step in (1e-6, -1e-6):
            moved = outputs.copy()
            moved[at] += step
            sides.append(head.loss(moved, ideal).sum())
        assert gradient[at] == pytest.approx((sides[0] - sides[1]) / 2e-6, abs=1e-7)


def test_a_sure_teacher_is_a_mixed_one_too():
    rng = np.random.default_rng(1)
    head, mixed, sure = DirectionHead(ACTIONS), Labels(MOVES, GAMES, ACTIONS), Labels(MOVES, GAMES)
    mixed.action[...] = sure.action[...] = rng.integers(ACTIONS, size=(MOVES, GAMES))
    mixed.policy[...] = (sure.action[:, None] == np.arange(ACTIONS)[:, None]).astype(float)
    outputs = rng.normal(size=(MOVES, ACTIONS, GAMES)).astype(np.float32)
    assert np.allclose(head.loss(outputs, mixed), head.loss(outputs, sure), atol=1e-6)
    assert np.allclose(head.loss_gradient(outputs.copy(), mixed), head.loss_gradient(outputs, sure))


def test_the_compass_head_learns_the_likeliest_reading():
    ideal = labels(np.random.default_rng(2))
    ideal.reading[...] = 0.5
    outputs = np.full((MOVES, 1, GAMES), 0.5)
    assert not CompassHead(ACTIONS).loss_gradient(outputs, ideal).any()


def test_a_brain_comes_to_the_probabilities_of_the_equilibrium():
    def made(num_envs):
        return gym.make_vec(
            "CatMouse-v0",
            num_envs=num_envs,
            width=2,
            height=3,
            cat="wandering",
            cat_directions=8,
            lethal=True,
            teacher="equilibrium",
            observe_moves_left=True,
            max_steps=2,
        )

    brain = Brain(cell="mlp", hidden=64, inputs=5)
    trainer = SupervisedTrainer(made(64), brain, learning_rate=0.02, schedule="linear", total_games=64 * 1500)
    env = made(30)
    seen, info = env.reset(options=env.unwrapped.starts)
    ideal = info["ideal_policy"]
    assert ((ideal > 0.05) & (ideal < 0.95)).any()
    before = np.abs(brain.action_probabilities(seen) - ideal).sum(axis=1).mean()
    for _ in range(1500):
        trainer.update()
    after = np.abs(brain.action_probabilities(seen) - ideal).sum(axis=1).mean()
    assert after < before / 10
    assert np.allclose(brain.action_probabilities(seen).sum(axis=1), 1)


def test_only_the_direction_head_has_probabilities():
    with pytest.raises(ValueError, match="head must be 'direction'"):
        Brain(head="compass").action_probabilities(np.zeros((1, 4)))
