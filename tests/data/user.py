"""A user's program, for the type checker: all of the public interface, none of the inside."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import gymnasium as gym
import numpy as np
from numpy.typing import NDArray

import catmouse_env
from agents import (
    BadFileError,
    Brain,
    Evaluation,
    Policy,
    RandomAgent,
    SupervisedTrainer,
    TeacherAgent,
    TrainingError,
    evaluate,
)
from catmouse_env import CatMouseEnv, CatMouseVectorEnv, Direction, action_to_reading, reading_to_action


class RunAway:
    """An agent of one's own."""

    def predict(
        self, observation: Any, state: Any = None, episode_start: Any = None, deterministic: bool = True
    ) -> tuple[NDArray[np.int64], Any]:
        dx = observation[:, 2] - observation[:, 0]
        return np.where(dx >= 0, int(Direction.RIGHT), int(Direction.LEFT)), state


def play() -> float:
    env = CatMouseEnv(width=4, height=5)
    observation, info = env.reset(seed=0, options={"cat": (0, 0)})
    total = 0.0
    for _ in range(10):
        observation, reward, terminated, truncated, info = env.step(info["ideal_action"])
        total += float(reward)
        if terminated or truncated:
            break
    env.close()
    return total + float(observation.sum())


def learn(folder: Path) -> Evaluation:
    envs = CatMouseVectorEnv(num_envs=8)
    envs.close()
    vector = gym.make_vec("CatMouse-v0", num_envs=8)
    brain = Brain(cell="gru", hidden=4, head="direction", seed=1)
    trainer = SupervisedTrainer(vector, brain, optimizer="adam", learning_rate=0.01)
    try:
        for _ in range(10):
            trainer.update()
    except TrainingError as error:
        print(error)
    brain.save(folder / "brain.safetensors")
    try:
        brain = Brain.load(folder / "brain.safetensors")
    except BadFileError as error:
        print(error)
    weights: NDArray[Any] = brain.parameters["hidden_bias"]
    print(weights.shape, trainer.games_played, trainer.smoothed_error)
    env: gym.Env[Any, Any] = gym.make("CatMouse-v0")
    policies: list[Policy] = [brain, RandomAgent(env, seed=0), TeacherAgent(env), RunAway()]
    results = [evaluate(policy, env) for policy in policies]
    best = min(results, key=lambda result: result.mistakes_per_game)
    print(best.perfect, best.worst_starts, best.confusion, best.as_dict())
    return best


def convert() -> int:
    reading = action_to_reading(np.arange(4))
    return int(reading_to_action(reading).sum()) + len(catmouse_env.__all__)
