"""Who fights: tables and brains, memoryless or not, asked for the probabilities of their actions."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from agents import Brain
from agents.heads import DirectionHead
from catmouse.duel.game import DuelConfig
from catmouse_env.dynamics import View
from catmouse_env.solver import Player, one_hot
from catmouse_env.teachers import CAT_RULES, MOUSE_RULES, apply_rule

Array = NDArray[Any]

CHUNK = 1024  # games that a brain is asked about at a time: what it works on stays in the cache
PASSES = 2  # of random histories, from which a brain's table is made


@dataclass
class Fighter(ABC):
    """One side of a fight.

    Attributes:
        name: How it is called.
        config: The game.
        role: Who it is.
    """

    name: str
    config: DuelConfig
    role: Player

    @property
    def remembers(self) -> bool:
        """Whether what it plays depends on more than state and moves left."""
        return False

    @abstractmethod
    def mix(self, states: Array, left: int, memory: Array | None = None) -> tuple[Array, Array | None]:
        """The probabilities of the actions.

        Args:
            states: Of games side by side, (n,).
            left: Moves left in all of them.
            memory: What the last call returned for these games; None at their first move.

        Returns:
            Probabilities (n, actions), and the new memory, (n, units) or None.
        """

    @abstractmethod
    def table(self, seed: int = 0, passes: int = PASSES) -> Array:
        """What it plays, (1 or max_steps + 1, states, actions); of one that remembers, the average.

        Args:
            seed: Of the histories that are averaged over.
            passes: How many for each state and number of moves left.
        """


@dataclass
class TableFighter(Fighter):
    """A memoryless one, known by heart.

    Attributes:
        policy: Probabilities, (1 or max_steps + 1, states, actions).
    """

    policy: Array

    def mix(self, states: Array, left: int, memory: Array | None = None) -> tuple[Array, Array | None]:
        """See `Fighter.mix`."""
        return self.policy[left if len(self.policy) > 1 else 0, states], None

    def table(self, seed: int = 0, passes: int = PASSES) -> Array:
        """See `Fighter.table`."""
        return self.policy


@dataclass
class BrainFighter(Fighter):
    """A brain, which draws its moves from its probabilities.

    Attributes:
        brain: A direction head's; it observes the moves left if it takes five numbers.
        deterministic: Whether it plays its likeliest move instead.
    """

    brain: Brain
    deterministic: bool = False

    def __post_init__(self) -> None:
        if not isinstance(self.brain.head, DirectionHead):
            raise ValueError(
                f"{self.name} has a {self.brain.config.head} head, so no probabilities of its moves"
            )
        self._head = self.brain.head

    @property
    def remembers(self) -> bool:
        """See `Fighter.remembers`."""
        return self.brain.cell.recurrent

    @property
    def thoughts(self) -> int:
        """How often it looks at a state before it moves."""
        return thoughts_of(self.brain)

    @property
    def sees_clock(self) -> bool:
        """Whether it observes the moves left."""
        return self.brain.config.inputs == 5

    def mix(self, states: Array, left: int, memory: Array | None = None) -> tuple[Array, Array | None]:
        """See `Fighter.mix`."""
        moves = self.config.max_steps
        seen = self.config.dynamics.observe(states, moves - left, View(None, self.sees_clock, moves))
        mixes, memories = [], []
        for first in range(0, len(seen), CHUNK):
            part = slice(first, first + CHUNK)
            after = None if memory is None else memory[part]
            for _ in range(self.thoughts):
                outputs, after = self.brain.step(seen[part], after)
            mixes.append(self._head.probabilities(outputs).T)
            memories.append(after)
        mix = np.concatenate(mixes) if mixes else np.empty((0, self.config.actions(self.role)))
        if self.deterministic:
            mix = one_hot(mix.argmax(axis=-1), mix.shape[-1])
        known = [one for one in memories if one is not None]
        return mix, np.concatenate(known) if known else None

    def table(self, seed: int = 0, passes: int = PASSES) -> Array:
        """See `Fighter.table`.

        The histories of one that remembers are random, as in its lessons: all games are in different states
        at each move, so that a pass of as many games as there are states meets each once at each move.
        """
        states, moves = self.config.dynamics.states, self.config.max_steps
        table = np.zeros((moves + 1, states, self.config.actions(self.role)))
        if not self.remembers:
            layers = range(1, moves + 1) if self.sees_clock else [1]
            for left in layers:
                table[left] = self.mix(np.arange(states), left)[0]
            table[0] = table[1]
            return table if self.sees_clock else table[:1]
        rng = np.random.default_rng(seed)
        for _ in range(passes):
            memory = None
            for left in range(moves, 0, -1):
                places = rng.permutation(states)
                mix, memory = self.mix(places, left, memory)
                table[left, places] += mix / passes
        table[0] = table[1]
        return table


def thoughts_of(brain: Brain) -> int:
    """How often a brain has learned to look at a state before it moves; 1 where nobody has said."""
    return int((brain.game or {}).get("thoughts", 1))


def random_fighter(config: DuelConfig, role: Player) -> TableFighter:
    """Any action, all alike."""
    actions = config.actions(role)
    return TableFighter("random", config, role, np.full((1, config.dynamics.states, actions), 1 / actions))


def simple_fighter(config: DuelConfig, role: Player) -> TableFighter:
    """The rule that each side's teacher has: flee or chase."""
    actions = config.actions(role)
    rule = CAT_RULES[actions] if role == "cat" else MOUSE_RULES["flee"]
    simple = apply_rule(rule, config.dynamics, actions)[None]  # the same at all moves
    return TableFighter("simple teacher", config, role, one_hot(simple, actions))


def equilibrium_fighter(config: DuelConfig, role: Player) -> TableFighter:
    """Each side's best against the cleverest."""
    return TableFighter("equilibrium", config, role, getattr(config.equilibrium, role))
