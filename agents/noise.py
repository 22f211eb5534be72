"""How much noise in what is observed a brain bears, game by game: proved from below, refuted from above.

Each number of each observation of a game may be off by at most so much, each by itself. Where no decision
of a game changes, the game stays the same, so that bounds along the undisturbed game hold. They are affine
forms (`agents.enclosure`) with a symbol for each number observed, through time; nothing is linear but the
units' activation, whose slopes are enclosed. From above: the disturbance that works against the closest
decisions in a linear view, tried on the brain itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from agents.brain import Brain
from agents.enclosure import Affine, Forward
from agents.environments import all_starts, is_stochastic
from agents.every_start import games_from
from agents.histories import Recorder
from agents.threads import OneThread

Array = NDArray[Any]

CHUNK = 324  # games at a time: their forms fit into memory
MOST = 1.0  # the largest noise that is looked for: an observation is a number from 0 to 1
HALVINGS = 12  # of the lower bounds' search, each halving the logarithm's gap
LEAST = 1e-4  # noise from which it begins
TINY = 1e-9  # noise at which the linear view is taken
CLOSEST = 3  # decisions of a game that are attacked
ROUNDS = 4  # in which the linear view is taken anew
NEARLY = 0.97  # of the smallest noise found, where it is taken
STRENGTHS = (0.8, 0.9, 0.95, 0.98, 1.0, 1.01, 1.03, 1.1, 1.2, 1.5, 2.0, 4.0)  # times the linear estimate


@dataclass(frozen=True)
class Tolerance:
    """How much noise each game bears.

    Attributes:
        borne: Noise that provably changes no decision of the game, (starts,).
        broken: Noise by which a decision was changed, (starts,); inf where none was found.
    """

    borne: Array
    broken: Array

    def met(self, within: float = 0.05) -> float:
        """The share of starts where the two differ by so small a part."""
        return float((self.broken <= self.borne * (1 + within)).mean())


def tolerance(brain: Brain, env: Any) -> Tolerance:
    """The largest noise that each game bears, between two bounds.

    Args:
        brain: Who plays.
        env: A single or vector environment of a deterministic game that tells its starts.

    Raises:
        ValueError: The game is stochastic.
    """
    if is_stochastic(env):
        raise ValueError("noise is told of games that are not stochastic")
    borne, broken = [], []
    for games in games_from(all_starts(env), env, CHUNK):
        recorder = Recorder(brain)
        playing = np.array([move.playing for move in games.play(recorder)])  # (moves, games)
        keep = playing[0]
        seen = np.array(recorder.seen)[:, keep].astype(np.float64)  # (moves, games, inputs)
        directions = np.array(recorder.done)[:, keep]
        # Noise that is far too much overflows, and stands for nothing.
        with OneThread(), np.errstate(over="ignore", invalid="ignore"):
            found = Watched(brain, seen, directions, playing[:, keep])
            borne.append(found.lower_bounds())
            broken.append(found.upper_bounds())
    return Tolerance(np.concatenate(borne), np.concatenate(broken))


class Watched:
    """Games that were played, with what was seen and done in them.

    Args:
        brain: Who played.
        seen: Observations, (moves, games, inputs).
        directions: What was done, (moves, games).
        playing: Which moves count, (moves, games).
    """

    def __init__(self, brain: Brain, seen: Array, directions: Array, playing: Array) -> None:
        self._brain = brain
        self._seen, self._directions, self._playing = seen, directions, playing
        self._forward = Forward(brain, rounding=False)

    def _margins(self, seen: Array, noise: Array) -> list[Affine]:
        """The margins at each move where each number of `seen` is off by up to `noise` (games,)."""
        inputs, found, state = seen.shape[2], [], None
        for observation, directions in zip(seen, self._directions, strict=True):
            own = np.zeros((inputs, inputs, len(noise)))
            own[range(inputs), range(inputs)] = noise
            if state is not None:  # symbols of the moves before come first
                own = np.concatenate([np.zeros((len(np.asarray(state.noise)), *own.shape[1:])), own])
                state = padded(state, inputs)
            told, state = self._forward.margins(self._forward.encode(observation, own), state, directions)
            found.append(told)
            if not self._brain.cell.recurrent:
                state = None
        return found

    def _stands(self, noise: Array) -> Array:
        """Whether no decision of a game can change by so much noise, (games,) bool."""
        stands = np.ones(len(noise), np.bool_)
        for told, playing in zip(self._margins(self._seen, noise), self._playing, strict=True):
            stands &= (told.value > told.spread).all(axis=0) | ~playing
        return stands

    def lower_bounds(self) -> Array:
        """Noise that each game provably bears, (games,)."""
        games = self._seen.shape[1]
        low, high = np.full(games, LEAST), np.full(games, MOST)
        sure = self._stands(low)
        for _ in range(HALVINGS):
            middle = np.sqrt(low * high)
            stands = self._stands(middle)
            low, high = np.where(stands, middle, low), np.where(stands, high, middle)
        return np.where(sure, low, 0.0)

    def upper_bounds(self) -> Array:
        """Noise by which a decision of each game was seen to change, (games,)."""
        games = self._seen.shape[1]
        broken, off = np.full(games, np.inf), np.zeros_like(self._seen)
        for rank in range(CLOSEST):  # the closest decision of each game, the next one and so on
            target, noise = off, np.zeros(games)
            for _ in range(ROUNDS):  # against the slopes where the last attempt has led
                sizes, signs = self._against(target, rank)
                for strength in STRENGTHS:
                    noise = np.minimum(np.where(np.isfinite(sizes), sizes, 0) * strength, MOST)
                    worth = (noise < broken) & (noise > 0)
                    if worth.any():
                        changed = self._changes(signs * noise[:, None]) & worth
                        broken = np.where(changed, noise, broken)
                target = signs * np.where(np.isfinite(broken), broken, noise)[:, None] * NEARLY
        return broken

    def _against(self, off: Array, rank: int) -> tuple[Array, Array]:
        """What works against a close decision of each game, in a linear view of the games off by `off`.

        Returns:
            The noise that turns it in that view, (games,), and the signs in which, (moves, games, inputs).
        """
        moves, games, inputs = self._seen.shape
        sizes, patterns = [], []
        for t, told in enumerate(self._margins(self._seen + off, np.full(games, TINY))):
            slopes = np.asarray(told.noise) / TINY  # (symbols, rivals, games), of the margins by the inputs
            # The margin without any noise, by the slopes, and how fast noise against it takes it away.
            first = 0 if self._brain.cell.recurrent else t  # the move at which the symbols begin
            own = off[first : t + 1].transpose(0, 2, 1).reshape(-1, 1, games)
            margin, speed = told.value - (slopes * own).sum(axis=0), np.abs(slopes).sum(axis=0)
            possible = self._playing[t] & (speed > 0) & (margin > 0)
            sizes += list(np.where(possible, margin / np.maximum(speed, 1e-300), np.inf))
            for rival in np.moveaxis(-np.sign(slopes), 1, 0):
                pattern = np.zeros((moves, inputs, games), np.int8)
                pattern[first : t + 1] = rival.reshape(-1, inputs, games)
                patterns.append(pattern)
        every, all_sizes = np.arange(games), np.array(sizes)
        chosen = np.argsort(all_sizes, axis=0)[min(rank, len(all_sizes) - 1)]  # (games,)
        signs = np.array(patterns)[chosen, :, :, every]  # (games, moves, inputs)
        return all_sizes[chosen, every], signs.transpose(1, 0, 2).astype(np.float64)

    def _changes(self, off: Array) -> Array:
        """Whether the brain decides otherwise if its observations are off by so much, (games,) bool."""
        state, changed = None, np.zeros(off.shape[1], np.bool_)
        head = self._brain.head
        for seen, directions, playing in zip(self._seen + off, self._directions, self._playing, strict=True):
            outputs, state = self._brain.step(seen.astype(np.float32), state)
            changed |= (head.action(outputs) != directions) & playing
        return changed


def padded(form: Affine, symbols: int) -> Affine:
    """The same with more symbols, on which it does not depend."""
    noise = np.asarray(form.noise)
    return Affine(form.value, form.radius, np.concatenate([noise, np.zeros((symbols, *noise.shape[1:]))]))
