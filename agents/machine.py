"""A policy as a finite machine: the fewest states that replay all its games move for move.

A Moore machine (Moore 1956) reads what is observed and each of its states has one move. From a game of
every start the tree of all histories follows; two histories may share a state unless some future tells them
apart. The machine is known on reachable histories only, so it is incompletely specified, and to find the
smallest is a colouring problem (Paull and Unger 1959). Merging from the ends of the games backwards gives a
machine that surely replays them, histories that tell each other apart in pairs a number of states that no
machine gets by without. Where both agree, the machine is minimal.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from agents.histories import BEGIN, Histories, histories
from agents.policies import Policy

Array = NDArray[Any]

CLIQUES = 30  # tries to find many histories that are told apart in pairs
MAX_CHOICE = 1500  # words among which they are looked for


@dataclass
class Machine:
    """A Moore machine.

    Attributes:
        observations: What it reads, (inputs, numbers).
        moves: The move of each state.
        transitions: (state, input) -> state; the state before anything is seen is `BEGIN`.
        states_of: The state of each history from which it was made.
        bound: How many states any machine needs that plays the same games.
    """

    observations: Array
    moves: list[int]
    transitions: dict[tuple[int, int], int]
    states_of: list[int]
    bound: int

    def predict(
        self, observation: Any, state: Any = None, episode_start: Any = None, deterministic: bool = True
    ) -> tuple[Array, Array]:
        """See `agents.policies.Policy`. What none of its games holds does not matter: the state stays."""
        seen = np.asarray(observation)
        before = np.full(len(seen), BEGIN) if state is None else np.array(state)
        if episode_start is not None:
            before[np.asarray(episode_start, bool)] = BEGIN
        known = {tuple(row): number for number, row in enumerate(self.observations.tolist())}
        after = [
            self.transitions.get((old, known.get(tuple(row), -1)), max(old, 0))
            for old, row in zip(before.tolist(), seen.tolist(), strict=True)
        ]
        return np.array([self.moves[one] for one in after]), np.array(after)


@dataclass
class Words:
    """The distinct futures of histories: the move now, and for what may be seen next the word after it.

    Attributes:
        moves: The move of each word.
        children: What may be seen next and the word that follows, which has a smaller number.
        lengths: Moves of the longest game in it.
    """

    moves: list[int] = field(default_factory=list)
    children: list[dict[int, int]] = field(default_factory=list)
    lengths: list[int] = field(default_factory=list)

    def compatible(self, one: int, other: int) -> bool:
        """Whether no future tells them apart."""
        if one == other:
            return True
        if self.moves[one] != self.moves[other]:
            return False
        shared = self.children[one].keys() & self.children[other].keys()
        return all(self.compatible(self.children[one][seen], self.children[other][seen]) for seen in shared)

    def begins(self, one: int, other: int) -> bool:
        """Whether all that is in `one` is in `other`, too."""
        if one == other:
            return True
        inside = (
            self.moves[one] == self.moves[other] and self.children[one].keys() <= self.children[other].keys()
        )
        return inside and all(
            self.begins(child, self.children[other][seen]) for seen, child in self.children[one].items()
        )

    def clique(self, among: list[int], seed: int = 0) -> list[int]:
        """Words of which every two are told apart by some future, as many as are found.

        Args:
            among: Words to choose from; of very many, some are left out.
            seed: Of the chance by which equals are taken.
        """
        some = among[:: -(-len(among) // MAX_CHOICE)]
        apart = {one: {other for other in some if not self.compatible(one, other)} for one in some}
        chance, best = random.Random(seed), list[int]()
        for _ in range(CLIQUES):
            found, left = list[int](), set(some)
            while left:
                word = max(sorted(left), key=lambda one: len(apart[one] & left) + chance.random())
                found.append(word)
                left &= apart[word]
            best = max(best, found, key=len)
        return best


def futures(tree: Histories) -> tuple[Words, list[int]]:
    """The distinct futures, and that of each history: partition refinement, from the ends of the games."""
    numbers: dict[Any, int] = {}
    words, word_of = Words(), [0] * len(tree.moves)
    for node in range(len(tree.moves) - 1, -1, -1):
        ahead = {seen: word_of[child] for seen, child in tree.children[node].items()}
        key = (tree.moves[node], tuple(sorted(ahead.items())))
        if key not in numbers:
            numbers[key] = len(numbers)
            words.moves.append(tree.moves[node])
            words.children.append(ahead)
            words.lengths.append(1 + max((words.lengths[word] for word in ahead.values()), default=0))
        word_of[node] = numbers[key]
    return words, word_of


def longest(words: Words) -> list[int]:
    """For each word the longest one that begins with it: whoever can play that can play this."""
    by_begin: dict[Any, list[int]] = {}
    for word in sorted(range(len(words.moves)), key=lambda word: -words.lengths[word]):
        for seen in [None, *words.children[word]]:
            by_begin.setdefault((words.moves[word], seen), []).append(word)
    found = []
    for word, ahead in enumerate(words.children):
        candidates = by_begin[words.moves[word], next(iter(ahead), None)]
        found.append(next(other for other in candidates if words.begins(word, other)))
    return found


class Merging:
    """States that are merged as long as no word is told apart; a merge that fails leaves no trace.

    Args:
        words: All words; each begins as a state of its own.
        stands_for: The word whose state plays each word.
    """

    def __init__(self, words: Words, stands_for: list[int]) -> None:
        self._moves = words.moves
        self._parent = list(range(len(words.moves)))
        self._next = [{seen: stands_for[word] for seen, word in ahead.items()} for ahead in words.children]
        self._journal: list[tuple[int, dict[int, int]]] = []

    def root(self, word: int) -> int:
        """The state that a word has come to."""
        while self._parent[word] != word:
            word = self._parent[word]
        return word

    def after(self, word: int) -> dict[int, int]:
        """The transitions of a word's state: what is seen, and the state then."""
        return {seen: self.root(one) for seen, one in self._next[self.root(word)].items()}

    def steps_to_end(self, word: int) -> int:
        """Steps until nothing new comes."""
        met = {word}
        ahead = {*self._next[word].values()}
        while not ahead <= met:
            met |= ahead
            ahead = {after for one in ahead for after in self._next[one].values()}
        return len(met)

    def by_likeness(self, states: list[int], word: int) -> list[int]:
        """States in the order in which to try them for a word: first where it would stay, then the likest."""
        ahead = self.after(word)

        def likeness(state: int) -> tuple[bool, int]:
            theirs = self.after(state)
            same = sum(theirs.get(seen) == after for seen, after in ahead.items())
            return self.root(state) in ahead.values(), same

        return sorted(states, key=likeness, reverse=True)

    def merge(self, one: int, other: int) -> bool:
        """Make two states one, and all that follow from them; False, and nothing done, if they differ."""
        self._journal = []
        todo = [(one, other)]
        while todo:
            kept, gone = (self.root(word) for word in todo.pop())
            if kept == gone:
                continue
            if self._moves[kept] != self._moves[gone]:
                self._undo()
                return False
            before = self._next[kept]
            self._journal.append((gone, before))
            self._parent[gone] = kept
            self._next[kept] = {**self._next[gone], **before}
            todo += [(before[seen], after) for seen, after in self._next[gone].items() if seen in before]
        return True

    def _undo(self) -> None:
        for gone, before in reversed(self._journal):
            self._next[self._parent[gone]] = before
            self._parent[gone] = gone


def minimise(tree: Histories) -> Machine:
    """The smallest machine that is found for these histories; see `Machine.bound`."""
    words, word_of = futures(tree)
    stands_for = longest(words)
    apart = words.clique(sorted({*stands_for}))
    merging, states = Merging(words, stands_for), [stands_for[word] for word in apart]
    for word in sorted({*stands_for}, key=lambda word: (merging.steps_to_end(word), word)):
        if not any(merging.merge(state, word) for state in merging.by_likeness(states, word)):
            states.append(word)
    roots = list(dict.fromkeys(merging.root(word) for word in states))
    number = {root: state for state, root in enumerate(roots)}
    transitions = {
        (number[root], seen): number[after] for root in roots for seen, after in merging.after(root).items()
    }
    states_of: list[int] = []
    for node, (parent, seen) in enumerate(zip(tree.parents, tree.inputs, strict=True)):
        if parent == BEGIN:
            transitions[BEGIN, seen] = number[merging.root(stands_for[word_of[node]])]
        states_of.append(transitions[BEGIN if parent == BEGIN else states_of[parent], seen])
    moves = [words.moves[root] for root in roots]
    return Machine(tree.observations, moves, transitions, states_of, len(apart))


def machine_of(policy: Policy, env: Any) -> Machine:
    """The smallest machine found that plays a policy's games from every start, move for move.

    Args:
        policy: Who plays.
        env: A single or vector environment of a deterministic game that tells its starts.

    Raises:
        ValueError: Game or policy is stochastic, or the game is too large.
    """
    return minimise(histories(policy, env))
