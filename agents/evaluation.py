"""The certificate: one game from every start there is. Exhaustive; where moves are drawn, a sample."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from typing import Any

import gymnasium as gym
import numpy as np

from agents import validation
from agents.brain import Brain
from agents.cost import check_evaluation
from agents.environments import (
    action_space,
    all_starts,
    episode_length,
    is_stochastic,
    observation_size,
    specification,
)
from agents.every_start import CHUNK, DIRECTIONS, games_from
from agents.policies import Policy

WORST = 10  # starts that are named
Z_95 = 1.959964  # standard deviations on either side that hold 95 % of a normal distribution


@dataclass
class Evaluation:
    """What a policy did in a game from every start.

    Attributes:
        starts: Games, one from every start.
        moves: Moves played in all of them.
        mistakes: Moves whose direction was not the teacher's, in all of them.
        mistakes_per_game: The same, a game.
        compass_error_per_game: 4 x the sum over a game of abs(ideal reading - reading), a game.
        perfect_starts: Games without a mistake.
        survival_rate: Part of the games that did not end in capture.
        lethal: Whether the mouse can be caught: the environment was made so, or it was.
        mean_return: Mean sum of rewards of a game.
        worst_starts: The starts with most mistakes, at most ten: cat, mouse, mistakes.
        confusion: How often [the teacher's direction][the policy's].
        sampled: Whether the environment is stochastic or the policy draws its moves, so that another game
            from the same start may go otherwise: then this is a sample, not a certificate.
        survival_interval: Of a sample, where the survival rate lies with 95 % confidence (Wilson 1927), the
            starts taken as drawn at random, which makes it rather too wide; None otherwise.
        return_interval: The same of the mean return.
    """

    starts: int = 0
    moves: int = 0
    mistakes: int = 0
    mistakes_per_game: float = 0.0
    compass_error_per_game: float = 0.0
    perfect_starts: int = 0
    survival_rate: float = 0.0
    mean_return: float = 0.0
    worst_starts: list[dict[str, Any]] = field(default_factory=list)
    confusion: list[list[int]] = field(default_factory=list)
    sampled: bool = False
    survival_interval: tuple[float, float] | None = None
    return_interval: tuple[float, float] | None = None
    lethal: bool = False

    @property
    def perfect(self) -> bool:
        """Whether there was no mistake in any game."""
        return self.mistakes == 0

    def as_dict(self) -> dict[str, Any]:
        """Plain values, for JSON."""
        return asdict(self)


def evaluate(
    policy: Policy,
    env: Any,
    seed: int = 0,
    progress: Callable[[int, int], None] | None = None,
    num_envs: int = CHUNK,
    deterministic: bool = True,
) -> Evaluation:
    """Play one game from every start and count.

    Args:
        policy: Who moves the mouse. One that draws its moves whatever `deterministic` says tells so by an
            attribute `stochastic`.
        env: A single or vector environment that tells its `starts`. It says which game to play and is
            not touched itself: the games are played in vector environments like it, some thousand at a
            time, so memory stays bounded whatever the room's size.
        seed: Of the environment, where it is stochastic.
        progress: Called with the games played and the games in all, now and then.
        num_envs: Games played at a time, at the most.
        deterministic: What the policy's `predict` is told; False lets it draw its moves.

    Returns:
        The counts; see `Evaluation`.

    Raises:
        ValueError: The environment tells no starts, or has no limit of moves; or `policy` is none, or none
            for this environment.
    """
    if not callable(getattr(policy, "predict", None)):
        raise ValueError(f"policy must have a method predict (agents.Policy), got {policy!r}")
    validation.whole_number("seed", seed, 0)
    validation.whole_number("num_envs", num_envs, 1)
    space = action_space(env)
    check_evaluation(1, 1, episode_length(env))  # before as much as the starts are made
    actions = int(space.n) if isinstance(space, gym.spaces.Discrete) else None
    directions = actions or DIRECTIONS
    if isinstance(policy, Brain):
        policy.check_fits(observation_size(env), actions)
    starts = all_starts(env)
    total = len(next(iter(starts.values())))
    mistakes = np.zeros(total, np.int32)
    confusion = np.zeros((directions, directions), np.int64)
    error = returned = squares = 0.0
    played = survived = moves = 0
    draws = not deterministic or bool(getattr(policy, "stochastic", False))
    sampled = draws
    weights = policy.config.weights if isinstance(policy, Brain) else 0
    for games in games_from(starts, env, num_envs, seed, weights):
        sampled = draws or is_stochastic(games.env)
        counted = int(games.playing.sum())
        played, survived = played + counted, survived + counted
        returns = np.zeros(len(games.starts))
        for move in games.play(policy, deterministic):
            playing, ideal = move.playing, move.info["ideal_action"]
            mistakes[games.starts[playing]] += move.mistakes[playing]
            entries = (ideal * directions + move.direction)[playing]
            confusion += np.bincount(entries, minlength=directions**2).reshape(directions, directions)
            error += float(np.abs(move.info["ideal_direction"] - move.reading)[playing].sum())
            moves += len(entries)
            returns += move.reward * playing
            survived -= int((move.terminated & playing).sum())
        returned += float(returns.sum())
        squares += float((returns**2).sum())
        if progress is not None:
            progress(played, total)
    order = np.argsort(-mistakes, kind="stable")[:WORST]
    worst = [
        {**{name: value[start].tolist() for name, value in starts.items()}, "mistakes": int(mistakes[start])}
        for start in order
        if mistakes[start]
    ]
    return Evaluation(
        starts=total,
        moves=moves,
        mistakes=int(mistakes.sum()),
        mistakes_per_game=float(mistakes.sum() / total),
        compass_error_per_game=4 * error / total,
        perfect_starts=int((mistakes == 0).sum()),
        survival_rate=survived / total,
        mean_return=returned / total,
        worst_starts=worst,
        confusion=confusion.tolist(),
        sampled=sampled,
        survival_interval=wilson_interval(survived, total) if sampled else None,
        return_interval=mean_interval(returned, squares, total) if sampled else None,
        lethal=bool(specification(env).kwargs.get("lethal")) or survived < total,
    )


def wilson_interval(hits: int, games: int) -> tuple[float, float]:
    """Where a probability lies with 95 % confidence that was seen so often (Wilson 1927)."""
    share, extra = hits / games, Z_95**2 / games
    middle = (share + extra / 2) / (1 + extra)
    half = Z_95 / (1 + extra) * math.sqrt(share * (1 - share) / games + extra / (4 * games))
    return max(0.0, middle - half), min(1.0, middle + half)


def mean_interval(total: float, squares: float, games: int) -> tuple[float, float]:
    """Where a mean lies with 95 % confidence, given sum and sum of squares of many values."""
    mean = total / games
    half = Z_95 * math.sqrt(max(0.0, squares / games - mean**2) / games)
    return mean - half, mean + half
