"""Games recorded for pictures: what the room looked like, and what the policy had in mind at each move."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import gymnasium as gym
import numpy as np
from numpy.typing import NDArray

from agents import Brain, Policy
from agents.environments import action_space, episode_length, is_vector

Array = NDArray[Any]

DIRECTIONS = ("up", "right", "down", "left")
NOT_FOR_ONE_GAME = ("num_envs", "vectorization_mode", "render_mode", "max_episode_steps", "autoreset_mode")


@dataclass(frozen=True)
class Decision:
    """One move, as the policy decided it and as the teacher would have.

    Attributes:
        direction: Where the mouse went.
        reading: The policy's compass reading.
        ideal_direction: Where the teacher would have gone.
        ideal_reading: The teacher's compass reading.
        probabilities: Of the directions, (4,), or None for a policy that tells none.
        hidden: The hidden units that decided, (units,), or None for a policy that shows none.
    """

    direction: int
    reading: float
    ideal_direction: int
    ideal_reading: float
    probabilities: Array | None = None
    hidden: Array | None = None

    @property
    def mistake(self) -> bool:
        """Whether the teacher would have gone elsewhere."""
        return self.direction != self.ideal_direction


@dataclass(frozen=True)
class Game:
    """One game from start to end.

    Attributes:
        snapshots: The room at the start and after each move, (moves + 1).
        decisions: What was decided at each move, (moves).
        max_steps: Moves after which a game ends.
        number: Which game it is, from 1.
    """

    snapshots: tuple[Any, ...]
    decisions: tuple[Decision, ...]
    max_steps: int
    number: int = 1

    @property
    def moves(self) -> int:
        """Moves that were played."""
        return len(self.decisions)

    @property
    def mistakes(self) -> list[int]:
        """The moves, counted from 1, that were mistakes."""
        return [move for move, decision in enumerate(self.decisions, 1) if decision.mistake]


def single_env_like(env: Any) -> Any:
    """One game's environment of the same id and arguments as `env`, which keeps its path for pictures.

    Raises:
        ValueError: Its games can't be drawn.
    """
    spec = env.unwrapped.spec if is_vector(env) else env.spec
    arguments = {key: value for key, value in spec.kwargs.items() if key not in NOT_FOR_ONE_GAME}
    single = gym.make(spec.id, max_episode_steps=episode_length(env), render_mode="rgb_array", **arguments)
    if not hasattr(single.unwrapped, "snapshot"):
        raise ValueError(f"games of {spec.id} can't be drawn: it has no snapshot()")
    return single


def record(
    policy: Policy, env: Any, start: dict[str, Any] | None = None, seed: int | None = None, number: int = 1
) -> Game:
    """Let a policy play one game.

    Args:
        policy: Who moves the mouse.
        env: What `single_env_like` made.
        start: The cells of cat and mouse, as `reset` takes them; None: drawn by the environment.
        seed: Of the environment; None goes on with its random stream.
        number: Which game it is.
    """
    max_steps = episode_length(env)
    observation, info = env.reset(seed=seed, options=start)
    snapshots = [env.unwrapped.snapshot()]
    decisions: list[Decision] = []
    state, done = None, False
    while not done:
        begin = np.array([not decisions])
        action, decision, state = decide(policy, env, observation, state, begin, info)
        observation, _, terminated, truncated, info = env.step(action)
        snapshots.append(env.unwrapped.snapshot())
        decisions.append(decision)
        done = terminated or truncated
    return Game(tuple(snapshots), tuple(decisions), max_steps, number)


def decide(
    policy: Policy, env: Any, observation: Array, state: Any, begin: Array, info: dict[str, Any]
) -> tuple[Any, Decision, Any]:
    """A policy's action, what it had in mind, and its new state."""
    continuous = isinstance(action_space(env), gym.spaces.Box)
    probabilities = hidden = None
    if isinstance(policy, Brain):
        outputs, state = policy.step(observation[None], state, begin)
        direction = int(policy.head.action(outputs)[0])
        reading = float(policy.head.reading(outputs)[0])
        action: Any = np.array([reading], np.float32) if continuous else direction
        if hasattr(policy.head, "probabilities"):
            probabilities = policy.head.probabilities(outputs)[:, 0]
        if state is not None:
            hidden = state[0, : policy.config.hidden]
    else:
        actions, state = policy.predict(observation[None], state, begin, deterministic=True)
        action = actions[0]
        if continuous:
            reading = float(action[0])
            direction = min(int(reading * len(DIRECTIONS)), len(DIRECTIONS) - 1)
        else:
            direction = int(action)
            reading = (direction + 0.5) / len(DIRECTIONS)
    ideal = int(info["ideal_action"])
    return (
        action,
        Decision(direction, reading, ideal, float(info["ideal_direction"]), probabilities, hidden),
        state,
    )


def describe(policy: Policy, name: str) -> str:
    """A policy in a few words, for the head of a picture."""
    if isinstance(policy, Brain):
        config = policy.config
        return f"{config.cell}, {config.hidden} hidden, {config.head}"
    return name
