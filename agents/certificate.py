"""Certificates that carry their proof: every move of every game, and how close the decisions were.

docs/proof.md has the format. `tests/reference/check_certificate.py` checks a certificate from the article's
rules in double precision, with Python's standard library alone.
"""

from __future__ import annotations

import base64
import hashlib
import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from agents import files
from agents.actions import action_to_reading
from agents.brain import Brain
from agents.enclosure import Affine, Forward
from agents.environments import all_starts, episode_length, game_of, is_stochastic, specification
from agents.evaluation import Evaluation
from agents.every_start import games_from
from agents.threads import OneThread

Array = NDArray[Any]

FORMAT = "catmouse certificate"
VERSION = 1
MAX_MOVES = 1 << 21  # of all games together: half a megabyte packed, some seconds to prove
CHUNK = 2048  # games at a time
DIGITS = 8  # significant ones of the numbers that are not whole
NOT_OF_THE_RULES = ("env_id", "player", "learned_from")
RULE = "flee"  # the teacher that is a rule of the game's own


class ExactPlayer:
    """A brain that plays in double precision with bounds, and keeps its decisions.

    Attributes:
        directions: Of each move so far, (games,).
        margins, bounds: Of each move, by how much its direction won and how much of that can be lost,
            (rivals, games).
    """

    def __init__(self, brain: Brain) -> None:
        self._forward = Forward(brain)
        self._continuous = brain.config.continuous
        self._actions = brain.config.actions
        self.directions: list[Array] = []
        self.margins: list[Array] = []
        self.bounds: list[Array] = []

    def predict(
        self, observation: Any, state: Any = None, episode_start: Any = None, deterministic: bool = True
    ) -> tuple[Array, Affine]:
        """See `agents.policies.Policy`; all games begin together."""
        with OneThread():
            outputs, state = self._forward.step(self._forward.encode(np.asarray(observation)), state)
        direction, margins, bounds = self._forward.decide(outputs)
        self.directions.append(direction)
        self.margins.append(margins)
        self.bounds.append(bounds)
        if self._continuous:
            return action_to_reading(direction, self._actions).astype(np.float32)[:, None], state
        return direction, state


class Decisions:
    """How close many decisions were: the "decisions" of a certificate."""

    def __init__(self) -> None:
        self._margins: list[Array] = []
        self._bounds: list[Array] = []
        self._uncovered: list[int] = []

    def add(self, player: ExactPlayer, playing: Array, numbers: Array) -> None:
        """Take what a player kept.

        Args:
            player: Who decided.
            playing: Which of its decisions count, (moves, games) bool.
            numbers: What each game is called where a decision of it is not covered, (games,).
        """
        margins, bounds = np.array(player.margins), np.array(player.bounds)  # (moves, rivals, games)
        self._margins.append(margins.swapaxes(0, 1)[:, playing].ravel())
        self._bounds.append(bounds.swapaxes(0, 1)[:, playing].ravel())
        near = (margins <= bounds).any(axis=1) & playing
        self._uncovered += numbers[near.any(axis=0)].tolist()

    def as_dict(self) -> dict[str, Any]:
        """Smallest and mean margin, greatest bound, smallest ratio of the two, and what is not covered."""
        margins, bounds = np.concatenate(self._margins), np.concatenate(self._bounds)
        return {
            "smallest_margin": rounded(margins.min()),
            "mean_margin": rounded(margins.mean()),
            "largest_rounding_bound": rounded(bounds.max()),
            "smallest_margin_to_bound": rounded((margins / bounds).min()),
            "not_covered": sorted(self._uncovered),
        }


def prove(brain: Brain, env: Any) -> dict[str, Any]:
    """What a brain does in a game from every start, with the proof.

    Args:
        brain: Who plays.
        env: A single or vector environment of a deterministic game that tells its `rules_sha256`.

    Returns:
        "counts", "moves" (packed) and "decisions" of a certificate.
    """
    starts = all_starts(env)
    total = len(next(iter(starts.values())))
    counts = dict.fromkeys(("starts", "moves", "mistakes", "perfect_starts", "captures", "return"), 0)
    moves, decisions = [], Decisions()
    for games in games_from(starts, env, CHUNK):
        player = ExactPlayer(brain)
        own = games.starts[games.playing]
        mistakes, on = np.zeros(len(games.starts), np.int64), []
        for move in games.play(player):
            on.append(move.playing)
            mistakes += move.mistakes
            counts["return"] += int(move.reward[move.playing].sum())
            counts["captures"] += int((move.terminated & move.playing).sum())
        playing = np.array(on)  # (moves, games)
        counts["moves"] += int(playing.sum())
        counts["mistakes"] += int(mistakes.sum())
        counts["perfect_starts"] += int((mistakes[: len(own)] == 0).sum())
        moves.append(np.array(player.directions, np.uint8).T[playing.T])
        decisions.add(player, playing, games.starts)
    if game_of(env).get("teacher", RULE) != RULE:  # what a planner says is not checked, so not counted
        del counts["mistakes"], counts["perfect_starts"]
    return {
        "counts": {**counts, "starts": total},
        "moves": pack(np.concatenate(moves)),
        "decisions": decisions.as_dict(),
    }


def pack(moves: Array) -> str:
    """Directions, 2 bits each, four a byte, the first in the highest bits; the last byte filled up with 0."""
    full = np.zeros(-(-len(moves) // 4) * 4, np.uint8)
    full[: len(moves)] = moves
    return base64.b64encode((full.reshape(-1, 4) << [6, 4, 2, 0]).sum(axis=1).astype(np.uint8)).decode()


def unpack(text: str, count: int) -> Array:
    """The first `count` directions that `pack` packed, (count,) uint8."""
    packed = np.frombuffer(base64.b64decode(text), np.uint8)
    moves: Array = (packed[:, None] >> np.array([6, 4, 2, 0], np.uint8) & 3).ravel()[:count]
    return moves


def rounded(number: float) -> float:
    """A number as a certificate says it."""
    return float(f"{number:.{DIGITS}g}")


def why_no_proof(policy: Any, env: Any) -> str | None:
    """Why a certificate can't carry its proof; None if it can."""
    if not isinstance(policy, Brain):
        return "the policy is no brain"
    game = game_of(env)
    if any(str(value).startswith("an object") for value in game.values()):
        return "its cat or teacher is a program of its own"
    if getattr(env.unwrapped, "rules_sha256", None) is None:
        return "the environment does not tell the hash of its rules"
    if is_stochastic(env):
        return "the game is stochastic"
    if episode_length(env) != specification(env).kwargs.get("max_steps"):
        return "games are cut short from outside"
    starts = len(next(iter(all_starts(env).values())))
    if starts * episode_length(env) > MAX_MOVES:
        return f"there are more than {MAX_MOVES:,} moves"
    return None


def statement(
    env: Any,
    brain_file: Path,
    env_id: str = "",
    arguments: dict[str, Any] | None = None,
    rules_sha256: str | None = None,
) -> dict[str, Any]:
    """What every certificate begins with: the game, its rules, and whose it is.

    Args:
        env: The environment, or None where the rest is given.
        brain_file: The brain's.
        env_id: Of another kind of game.
        arguments: Its arguments.
        rules_sha256: The hash of its rules.
    """
    if env is not None:
        game = game_of(env)
        env_id, rules_sha256 = game["env_id"], env.unwrapped.rules_sha256
        arguments = {name: value for name, value in game.items() if name not in NOT_OF_THE_RULES}
    return {
        "format": FORMAT,
        "version": VERSION,
        "env_id": env_id,
        "arguments": arguments,
        "rules_sha256": rules_sha256,
        "brain_sha256": hashlib.sha256(brain_file.read_bytes()).hexdigest(),
    }


def certificate(policy: Any, env: Any, evaluation: Evaluation, policy_file: Path) -> dict[str, Any]:
    """A certificate: with its proof where there can be one, else what was counted and why there is none.

    Args:
        policy: Who plays.
        env: An environment of the game, single or vector.
        evaluation: What `agents.evaluate` counted.
        policy_file: The file of the policy.

    Raises:
        OSError: The file can't be read.
    """
    why = why_no_proof(policy, env)
    if why is None:
        return {"claim": "games", **statement(env, policy_file), **prove(policy, env)}
    return {"claim": "counts", "format": FORMAT, "version": VERSION, "why": why, "counts": asdict(evaluation)}


def write(path: Path, told: dict[str, Any]) -> None:
    """Write a certificate in its one form: sorted, indented by a space.

    Raises:
        OSError: It can't be written; the old file is intact.
    """
    files.write_text(path, json.dumps(told, indent=1, sort_keys=True) + "\n")
