"""What players with a memory are worth, sampled, with the equilibrium's values as control variate.

By the performance difference identity (Kakade and Langford 2002) a player's value is that of any baseline V
at the start plus what is won or lost against V at each move,

    E[V'(s)] - V(s),    s' the state after, 0 if the mouse is caught,

whose expectation over the actions is computed, not sampled. Near the equilibrium hardly anything is won or
lost, so little is left to chance: a control variate.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from catmouse.duel.fighters import Fighter
from catmouse.duel.game import OTHER
from catmouse.duel.histories import HistoryTree
from catmouse_env.solver import Values

Array = NDArray[Any]

CERTAINTY = 1.96  # standard errors on either side: 95 %


@dataclass(frozen=True)
class Estimate:
    """A number, sampled or computed.

    Attributes:
        value: The number.
        standard_error: Of its sample; 0: it is computed.
    """

    value: float
    standard_error: float = 0.0

    @property
    def interval(self) -> tuple[float, float]:
        """That of 95 %."""
        around = CERTAINTY * self.standard_error
        return self.value - around, self.value + around


class _Sums:
    """Sums over games from every start, of which several rounds are played."""

    def __init__(self, starts: int) -> None:
        self.rounds = 0
        self.sum, self.squares = np.zeros(starts), np.zeros(starts)

    def add(self, values: Array) -> None:
        self.rounds += 1
        self.sum += values
        self.squares += values**2

    def estimate(self) -> Estimate:
        """The mean over starts, each of whose games are a sample of their own."""
        mean = self.sum / self.rounds
        spread = np.maximum(self.squares / self.rounds - mean**2, 0) * self.rounds / (self.rounds - 1)
        error = np.sqrt((spread / self.rounds).sum()) / len(mean)
        return Estimate(float(mean.mean()), float(error))


def draw(mix: Array, rng: np.random.Generator) -> Array:
    """An action of each game, (n,), by probabilities (n, actions)."""
    sums = mix.cumsum(axis=1)
    return np.asarray((rng.random((len(mix), 1)) * sums[:, -1:] >= sums[:, :-1]).sum(axis=1))


def sampled_survival(
    mouse: Fighter, cat: Fighter, rounds: int = 100, seed: int = 0, baseline: Values | None = None
) -> Estimate:
    """How often a mouse survives a cat, averaged over all starts.

    Args:
        mouse: It may remember.
        cat: It may remember.
        rounds: Games from each start, at least 2.
        seed: Of all chance.
        baseline: Values (max_steps + 1, states) to measure from; None: the equilibrium's. The nearer they are
            to those of this fight, the smaller the error.
    """
    config, game = mouse.config, mouse.config.game
    values = config.equilibrium.values if baseline is None else baseline
    rng = np.random.default_rng(seed)
    sums = _Sums(len(game.starts))
    for _ in range(rounds):
        states = game.starts
        number, total = np.arange(len(states)), values[config.max_steps][states].copy()
        memories: list[Array | None] = [None, None]
        for left in range(config.max_steps, 0, -1):
            mouse_mix, memories[0] = mouse.mix(states, left, memories[0])
            cat_mix, memories[1] = cat.mix(states, left, memories[1])
            after, survives = game.next_state[states], game.survives[states]
            expected = np.einsum("na,nc,nac->n", mouse_mix, cat_mix, survives * values[left - 1][after])
            total[number] += expected - values[left][states]
            move = (np.arange(len(states)), draw(mouse_mix, rng), draw(cat_mix, rng))
            on = survives[move]
            states, number = after[move][on], number[on]
            memories = [None if one is None else one[on] for one in memories]
        sums.add(total)
    return sums.estimate()


def exploitability_at_least(
    fighter: Fighter, look_ahead: int = 2, rounds: int = 20, seed: int = 0, behind: Values | None = None
) -> Estimate:
    """What a fighter gives away to one who knows its weights and looks some moves ahead: a lower bound.

    The opponent knows the fighter's hidden state, tries all that can happen in the next `look_ahead` moves
    and believes that states are worth `behind` after them. What it reaches is counted as in
    `sampled_survival`, against the equilibrium's values. No opponent has to be the best one: at least so much
    is given away.

    Args:
        fighter: It may remember.
        look_ahead: Moves, at least 1; each makes the tree some 28 times as large.
        rounds: Games from each start, at least 2.
        seed: Of all chance.
        behind: Values (max_steps + 1, states); None: the equilibrium's. Those of the best response to the
            fighter's `table` find more.
    """
    config, game = fighter.config, fighter.config.game
    values = config.equilibrium.values
    believed = values if behind is None else behind
    if not fighter.remembers:  # tables tell what the tree of histories would
        believed = game.look_ahead(fighter.table(), believed, look_ahead - 1, OTHER[fighter.role])
        look_ahead = 1
    tree = HistoryTree(fighter, believed, most=1 << 62)
    mouse = fighter.role == "mouse"
    rng = np.random.default_rng(seed)
    sums = _Sums(len(game.starts))
    for _ in range(rounds):
        states, memory = game.starts, None
        number, total = np.arange(len(states)), np.zeros(len(states))  # of games not over, and of all
        for left in range(config.max_steps, 0, -1):
            mix, memory = fighter.mix(states, left, memory)
            payoffs = tree.payoffs(states, left, mix, memory, look_ahead)
            reply = payoffs.argmin(axis=1) if mouse else payoffs.argmax(axis=1)
            each, own = np.arange(len(states)), draw(mix, rng)
            after, survives = game.next_state[states], game.survives[states]
            worth = survives * values[left - 1][after]
            chosen = worth[each, :, reply] if mouse else worth[each, reply]
            total[number] += (mix * chosen).sum(axis=1) - values[left][states]
            move = (each, own, reply) if mouse else (each, reply, own)
            on = survives[move]
            states, number = after[move][on], number[on]
            memory = None if memory is None else memory[on]
        sums.add(-total if mouse else total)
    return sums.estimate()


def answer_values(fighter: Fighter, seed: int = 0) -> Values:
    """What states are worth to the mouse if the other answers the fighter's `table` in the best way."""
    config = fighter.config
    return config.game.best_response(fighter.table(seed), config.max_steps, OTHER[fighter.role])[0]
