"""What a player with a memory is worth, by the tree of histories: exact, or some moves deep.

Both see the same states, so whoever knows a brain's weights knows its hidden state: that of its history. Two
joint moves that lead to one state are one history.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from catmouse.duel.fighters import Fighter
from catmouse_env.solver import Values

Array = NDArray[Any]

CHUNK = 1024  # histories that are looked at side by side, which bounds the memory
MAX_HISTORIES = 1 << 27


class TooManyHistoriesError(ValueError):
    """A tree outgrows what can be waited for."""


class HistoryTree:
    """The tree of a fighter's histories against one who knows it, or against a given table.

    Args:
        fighter: Whose mixes are played; it may remember.
        behind: What a state is worth to the mouse where the tree ends, (max_steps + 1, states).
        reply: The other's policy, (max_steps + 1, states, actions); None: its best response.
        most: Histories after which it gives up.

    Attributes:
        histories: How many have been looked at.
    """

    def __init__(
        self, fighter: Fighter, behind: Values, reply: Array | None = None, most: int = MAX_HISTORIES
    ) -> None:
        self.fighter, self.behind, self.reply, self.most = fighter, behind, reply, most
        self.histories = 0
        self._game = fighter.config.game
        self._mouse = fighter.role == "mouse"
        self._product = "na,nac->nc" if self._mouse else "nc,nac->na"

    def payoffs(self, states: Array, left: int, mix: Array, memory: Array | None, depth: int) -> Array:
        """What each of the other's actions is worth to the mouse, (n, other's actions).

        Args:
            states: Where the games are, (n,).
            left: Moves left.
            mix: What the fighter plays now, (n, actions).
            memory: Its memory after that.
            depth: Moves to look ahead, this one counted; at the end `behind` is believed.
        """
        after, survives = self._game.next_state[states], self._game.survives[states]  # (n, 4, cat's actions)
        worth = np.zeros(after.shape)
        if depth == 1 or left == 1:
            np.multiply(survives, self.behind[left - 1][after], out=worth)
        else:
            played = survives & (mix[:, :, None] if self._mouse else mix[:, None]).astype(np.bool_)
            if self.reply is not None:
                reply = self.reply[left, states]
                played &= (reply[:, None] if self._mouse else reply[:, :, None]).astype(np.bool_)
            histories = np.arange(len(states))[:, None, None] * self._game.dynamics.states + after
            different, which = np.unique(histories[played], return_inverse=True)
            parents, children = np.divmod(different, self._game.dynamics.states)
            worth[played] = self.values(children, left - 1, memory, depth - 1, parents)[which]
        payoffs: Array = np.einsum(self._product, mix, worth)
        return payoffs

    def values(
        self,
        states: Array,
        left: int,
        memory: Array | None,
        depth: int,
        parents: Array | None = None,
    ) -> Array:
        """What games are worth to the mouse, (n,), when the other replies.

        Args:
            states: Where they are, (n,).
            left: Moves left.
            memory: The fighter's; None at the first move.
            depth: Moves to look ahead.
            parents: Whose memory each game has, (n,); None: its own.

        Raises:
            TooManyHistoriesError: There are more histories than `most`.
        """
        self.histories += len(states)
        if self.histories > self.most:
            raise TooManyHistoriesError(f"there are more than {self.most:,} histories; sample them instead")
        values = np.empty(len(states))
        for first in range(0, len(states), CHUNK):
            part = slice(first, first + CHUNK)
            before = memory if memory is None or parents is None else memory[parents[part]]
            if before is memory and before is not None:
                before = before[part]
            mix, after = self.fighter.mix(states[part], left, before)
            payoffs = self.payoffs(states[part], left, mix, after, depth)
            if self.reply is not None:
                values[part] = np.einsum("nr,nr->n", self.reply[left, states[part]], payoffs)
            else:
                values[part] = payoffs.min(axis=1) if self._mouse else payoffs.max(axis=1)
        return values


def exact_survival(fighter: Fighter, other: Fighter, most: int = MAX_HISTORIES) -> float:
    """How often the mouse survives, averaged over all starts, by the tree of all histories.

    Meant for a fighter that remembers and is sure of its moves, or for games of a few moves.

    Args:
        fighter: Who may remember.
        other: Who does not.
        most: Histories after which it gives up.

    Raises:
        TooManyHistoriesError: There are more.
    """
    config, moves = fighter.config, fighter.config.max_steps
    reply = config.game.policy(other.table(), moves, other.role)
    tree = HistoryTree(fighter, np.ones((moves + 1, config.dynamics.states)), reply, most)
    return float(tree.values(config.game.starts, moves, None, moves).mean())


def exact_exploitability(fighter: Fighter, most: int = MAX_HISTORIES) -> float:
    """What a fighter gives away at worst, to one who knows its weights: by the tree of all histories.

    For games of three or four moves. A fighter without memory takes `TabularGame.exploitability`.

    Raises:
        TooManyHistoriesError: There are more than `most`.
    """
    config, moves = fighter.config, fighter.config.max_steps
    tree = HistoryTree(fighter, np.ones((moves + 1, config.dynamics.states)), None, most)
    reached = float(tree.values(config.game.starts, moves, None, moves).mean())
    value = config.game.average(config.equilibrium.values[moves])
    return max(0.0, (value - reached) * (1 if fighter.role == "mouse" else -1))
