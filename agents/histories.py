"""What a policy sees and does in its games: the tree of histories, and the states that a brain comes to."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from agents.actions import reading_to_action
from agents.brain import Brain
from agents.environments import all_starts, is_stochastic
from agents.every_start import DIRECTIONS, games_from
from agents.policies import Policy

Array = NDArray[Any]

MAX_HISTORIES = 1 << 20
SIGHTS = 200  # observations that states are asked about
BEGIN = -1  # before anything is seen


@dataclass
class Histories:
    """All histories of a policy's games, as a tree.

    Attributes:
        observations: The distinct ones, (inputs, numbers).
        parents: The history before each, or `BEGIN`, (histories,); parents come first.
        inputs: The observation that each ends with, its number.
        moves: What is done then.
        children: For each history, what may be seen next and the history that this leads to.
    """

    observations: Array
    parents: list[int] = field(default_factory=list)
    inputs: list[int] = field(default_factory=list)
    moves: list[int] = field(default_factory=list)
    children: list[dict[int, int]] = field(default_factory=list)


class Recorder:
    """A policy that keeps what it sees and does, (games, ...) a move."""

    def __init__(self, policy: Policy) -> None:
        self._policy = policy
        self.seen: list[Array] = []
        self.done: list[Array] = []

    def predict(
        self, observation: Any, state: Any = None, episode_start: Any = None, deterministic: bool = True
    ) -> tuple[Any, Any]:
        """See `agents.policies.Policy`."""
        action, state = self._policy.predict(observation, state, episode_start, deterministic)
        self.seen.append(np.array(observation))
        direction = np.asarray(action)
        self.done.append(reading_to_action(direction[:, 0], DIRECTIONS) if direction.ndim > 1 else direction)
        return action, state


def histories(policy: Policy, env: Any) -> Histories:
    """The tree of a policy's histories in a game from every start.

    Raises:
        ValueError: Game or policy is stochastic, or there are too many histories.
    """
    if is_stochastic(env) or getattr(policy, "stochastic", False):
        raise ValueError("a machine replays games, so neither game nor policy may be stochastic")
    rows, moves = [], []
    for games in games_from(all_starts(env), env):
        recorder = Recorder(policy)
        playing = np.array([move.playing for move in games.play(recorder)]).T  # (games, moves)
        seen = np.array(recorder.seen).swapaxes(0, 1)
        rows += [one[on] for one, on in zip(seen, playing, strict=True) if on[0]]
        moves += [one[on] for one, on in zip(np.array(recorder.done).T, playing, strict=True) if on[0]]
        if sum(map(len, moves)) > MAX_HISTORIES:
            raise ValueError(f"max_steps or the room must be smaller: more than {MAX_HISTORIES:,} histories")
    observations, numbers = np.unique(np.concatenate(rows), axis=0, return_inverse=True)
    tree, first = Histories(observations), 0
    begins: dict[int, int] = {}
    for game in moves:
        at, ahead = BEGIN, begins
        for number, move in zip(
            numbers.ravel()[first : first + len(game)].tolist(), game.tolist(), strict=True
        ):
            if number not in ahead:
                ahead[number] = len(tree.moves)
                tree.parents.append(at)
                tree.inputs.append(number)
                tree.moves.append(move)
                tree.children.append({})
            at = ahead[number]
            ahead = tree.children[at]
        first += len(game)
    return tree


def distinct_states(brain: Brain, env: Any) -> int:
    """How many of the states that a brain comes to in its games it would answer from in different ways.

    Two states are alike if the brain does the same in both now, and would do the same next whichever
    observation of its games came, so wherever the mouse were put by a hand from outside. Of more than
    `SIGHTS` observations only so many are tried, evenly chosen.

    Args:
        brain: Who plays.
        env: A single or vector environment of a deterministic game that tells its starts.
    """
    states, moves, later = [], [], []
    for games in games_from(all_starts(env), env):
        for t, move in enumerate(games.play(keeper := Keeper(brain))):
            states.append(keeper.state[move.playing])
            moves.append(move.direction[move.playing])
            if t:
                later.append(keeper.seen[move.playing])
    reached, index = np.unique(np.concatenate(states), axis=0, return_index=True)
    signature = np.concatenate(moves)[index].astype(np.uint64)
    factors = np.random.default_rng(0).integers(1, 1 << 62, 1 << 16, np.uint64)
    sights = np.unique(np.concatenate(later), axis=0)
    for number, seen in enumerate(sights[:: -(-len(sights) // SIGHTS)]):
        outputs, _ = brain.step(np.repeat(seen[None], len(reached), 0), reached)
        signature += (
            brain.head.action(outputs).astype(np.uint64) * factors[number % len(factors)] * np.uint64(4)
        )
    return len(np.unique(signature))


class Keeper:
    """A brain that plays and lets its state be seen.

    Attributes:
        seen: The last observations, (games, inputs).
        state: The state after them, (games, units).
    """

    def __init__(self, brain: Brain) -> None:
        self._brain = brain
        self.seen: Array = np.zeros(0)
        self.state: Array = np.zeros(0)

    def predict(
        self, observation: Any, state: Any = None, episode_start: Any = None, deterministic: bool = True
    ) -> tuple[Any, Any]:
        """See `agents.policies.Policy`."""
        action, after = self._brain.predict(observation, state, episode_start)
        self.seen, self.state = np.array(observation), np.asarray(after)
        return action, after
