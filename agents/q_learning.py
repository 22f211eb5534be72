"""Tabular Q-learning (Watkins 1989): no teacher, no network, a row of values for each observation met."""

from __future__ import annotations

import os
from typing import Any

import gymnasium as gym
import numpy as np
from numpy.typing import NDArray

from agents import files, validation
from agents.environments import action_space, game_of, observation_size
from agents.state import check_state, random_state, restore_random_state

Array = NDArray[Any]

MAX_INPUTS = 1 << 10
GAMES = 5_000  # that are played from one moment at which all can be kept to the next, at the least


class QTable:
    """A table of action values; the policy that takes the best of them.

    An observation's bytes are its key, so any environment whose observations repeat exactly will do. One
    that hides something (`CatMouseMemory-v0`) shows the same observation in different states: a table
    has no memory and can't tell them apart.

    Args:
        inputs: Numbers observed.
        actions: How many actions there are.

    Attributes:
        rows: Observation's bytes -> row.
        game: What it learned (`agents.environments.game_of`), kept in its file; None where nobody has said.
        values: Q, (rows, actions) float64; row 0 stands for what was never met. It has room for more rows
            than are in use.

    Raises:
        ValueError: A number is none, or too large.
    """

    def __init__(self, inputs: int, actions: int) -> None:
        validation.whole_number("inputs", inputs, 1, MAX_INPUTS)
        validation.whole_number("actions", actions, 1, MAX_INPUTS)
        self.game: dict[str, Any] | None = None
        self.inputs = inputs
        self.actions = actions
        self.rows: dict[bytes, int] = {}
        self.values = np.zeros((1024, actions))

    def _keys(self, observation: Any) -> list[bytes]:
        observation = np.ascontiguousarray(observation, np.float32) + np.float32(0)  # -0 and 0 are one number
        if observation.ndim != 2 or observation.shape[1] != self.inputs:
            raise ValueError(f"observation must have shape (games, {self.inputs}), got {observation.shape}")
        keys: list[bytes] = observation.view(f"V{observation.itemsize * self.inputs}")[:, 0].tolist()
        return keys

    def find(self, observation: Any) -> Array:
        """The rows of observations (games, inputs), (games,) int64; 0 for one that was never met."""
        return np.array([self.rows.get(key, 0) for key in self._keys(observation)])

    def find_or_add(self, observation: Any) -> Array:
        """The same, with a new row of zeros for each that was never met."""
        rows = self.rows
        found = np.array([rows.setdefault(key, len(rows) + 1) for key in self._keys(observation)])
        if len(rows) >= len(self.values):  # make room for as many again
            self.values = np.concatenate([self.values, np.zeros((len(rows) + 1, self.actions))])
        return found

    def predict(
        self, observation: Any, state: Any = None, episode_start: Any = None, deterministic: bool = True
    ) -> tuple[Array, Any]:
        """Play the best action; see `agents.Policy`. ValueError for observations of another size."""
        action = self.values[self.find(np.atleast_2d(observation))].argmax(axis=1)
        return (action[0] if np.ndim(observation) == 1 else action), state

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the table to a safetensors file; OSError if that can't be done."""
        config = {"inputs": self.inputs, "actions": self.actions, **files.game_entry(self.game)}
        files.write(path, "q_table", config, self.state_dict())

    def state_dict(self) -> dict[str, Array]:
        """The observations met, (rows, inputs) float32, and their values, (rows, actions), by name."""
        met = np.frombuffer(b"".join(self.rows), np.float32).reshape(-1, self.inputs)
        return {"met": met, "values": self.values[1 : len(met) + 1]}

    def load_state_dict(self, state: dict[str, Array]) -> None:
        """Go on from what `state_dict` gave; ValueError if that can't be."""
        nothing = np.zeros(0)
        met, values = state.get("met", nothing), state.get("values", nothing)
        if not (
            met.dtype == np.float32
            and values.dtype == np.float64
            and met.shape == (len(met), self.inputs)
            and values.shape == (len(met), self.actions)
            and np.isfinite(values).all()
        ):
            raise ValueError("its observations and values do not fit")
        rows = {key: row for row, key in enumerate(self._keys(met), start=1)}
        if len(rows) != len(met):
            raise ValueError("it holds an observation twice")
        self.rows = rows
        self.values = np.concatenate([np.zeros((1, self.actions)), values])

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> QTable:
        """Read a table that `save` wrote; BadFileError if it holds none, OSError if it can't be opened."""
        config, tensors = files.read(path, "q_table")
        try:
            table = cls(*(array.shape[1] for array in (tensors["met"], tensors["values"])))
            table.load_state_dict(tensors)
        except (KeyError, IndexError, ValueError) as error:
            raise files.BadFileError(f"{path} is damaged: {error}") from error
        table.game = files.take_game(path, config)
        return table


class QLearner:
    """Fills a table by trial and error: Q(s, a) += rate x (r + discount x max Q(s', .) - Q(s, a)).

    The behaviour policy is epsilon-greedy, epsilon falling linearly from `explore` to 0 over `total_games`.
    The end of a game by its limit of moves is no end of the world: what follows is still counted (Pardo et
    al. 2018, "Time limits in reinforcement learning").

    Args:
        env: A vector environment with discrete actions, in Gymnasium's usual autoreset mode NEXT_STEP; its
            games are played side by side.
        total_games: For how many games epsilon's fall is made.
        learning_rate: Rate, above 0 and at most 1. Where transitions are deterministic, 1 is right.
        discount: Of later rewards, 0 to below 1.
        explore: Epsilon at the start, 0 to 1.
        seed: Of the environment's chance and of the exploration.

    Attributes:
        table: What it learns, a policy.
        games_played: Games played to their end.
        moves: Moves played.

    Raises:
        ValueError: An argument is wrong, or actions are not discrete.
    """

    def __init__(
        self,
        env: gym.vector.VectorEnv[Any, Any, Any],
        total_games: int,
        learning_rate: float = 0.5,
        discount: float = 0.98,
        explore: float = 1.0,
        seed: int = 0,
    ) -> None:
        space = action_space(env)
        if not isinstance(space, gym.spaces.Discrete):
            raise ValueError(f"Q-learning needs discrete actions, env has {space}")
        validation.whole_number("total_games", total_games, 1)
        validation.positive_number("learning_rate", learning_rate, 1.0)
        validation.fraction("discount", discount)
        if discount == 1:
            raise ValueError(f"discount must be below 1, got {discount!r}")
        validation.fraction("explore", explore)
        validation.whole_number("seed", seed, 0)
        self.env = env
        self.table = QTable(observation_size(env), int(space.n))
        self.table.game = game_of(env, "rewards")
        self.learning_rate = learning_rate
        self.discount = discount
        self.explore = explore
        self.games_played = 0
        self.moves = 0
        self.total_games = total_games
        self._rng = np.random.default_rng([seed, 3])
        self._seed = seed
        self._row: Array | None = None  # of what is seen; None: games are to be begun anew
        self._begin(seed)

    @property
    def finished(self) -> bool:
        """Whether all games are played."""
        return self.games_played >= self.total_games

    @property
    def epsilon(self) -> float:
        """How often the next action is drawn instead of chosen."""
        return self.explore * max(0.0, 1 - self.games_played / self.total_games)

    def _begin(self, seed: int | None = None) -> None:
        """Begin all games anew."""
        observation, _ = self.env.reset(seed=seed)
        self._row = self.table.find_or_add(observation)
        self._done = np.zeros(self.env.num_envs, np.bool_)

    def advance(self) -> None:
        """Begin all games anew and play some thousand to their end.

        Those that are under way then are given up, so that between two calls there is nothing that
        `state_dict` does not tell.
        """
        if self.moves:
            self._begin()
        end = min(self.games_played + max(GAMES, 20 * self.env.num_envs), self.total_games)
        while self.games_played < end:
            self.step()

    def state_dict(self) -> dict[str, Array]:
        """What must be kept after `advance` to go on bit for bit, by name."""
        return {
            **self.table.state_dict(),
            "games_played": np.array(self.games_played),
            "moves": np.array(self.moves),
            "random": random_state(self._rng),
            "env": random_state(self.env.unwrapped.np_random),
        }

    def load_state_dict(self, state: dict[str, Array]) -> None:
        """Go on from what `state_dict` gave; ValueError if that can't be."""
        rest = {name: array for name, array in self.state_dict().items() if name not in ("met", "values")}
        check_state({name: array for name, array in state.items() if name not in ("met", "values")}, rest)
        self.table.load_state_dict(state)
        self._row = None
        if not state["moves"]:
            self._begin(self._seed)  # as when it was made
        restore_random_state(self._rng, state["random"])
        restore_random_state(self.env.unwrapped.np_random, state["env"])
        self.games_played, self.moves = int(state["games_played"]), int(state["moves"])

    def step(self) -> None:
        """Play one move of every game and learn from it."""
        if self._row is None:
            self._begin()
        row: Any = self._row
        values = self.table.values
        action = values[row].argmax(axis=1)
        drawn = self._rng.random(len(row)) < self.epsilon
        action[drawn] = self._rng.integers(self.table.actions, size=int(drawn.sum()))
        observation, reward, terminated, truncated, _ = self.env.step(action)
        new_row = self.table.find_or_add(observation)
        # In a game that was done, this step only began a new one: nothing is to be learned.
        self._learn(row, action, reward, new_row, terminated, np.flatnonzero(~self._done))
        self.moves += len(row) - int(self._done.sum())
        self._row, self._done = new_row, terminated | truncated
        self.games_played += int(self._done.sum())

    def _learn(
        self, row: Array, action: Array, reward: Array, new_row: Array, terminated: Array, played: Array
    ) -> None:
        """Move the values of (row, action) towards their targets, in the games `played`.

        Where several games made the same move, towards the mean of their targets.
        """
        values = self.table.values
        target = reward + self.discount * values[new_row].max(axis=1) * ~terminated
        entry = row[played] * self.table.actions + action[played]
        entries, which, count = np.unique(entry, return_inverse=True, return_counts=True)
        mean = np.bincount(which, target[played], len(entries)) / count
        flat = values.reshape(-1)
        flat[entries] += self.learning_rate * (mean - flat[entries])
