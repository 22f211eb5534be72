"""Compares the game in JAX with the numpy world: every state, action, cat's action and number of moves made.

    python -m catmouse_env.jax.equality

prints a table and fails if a single number differs. On an accelerator it tells whether that computes the same
game.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from catmouse_env.config import EnvConfig
from catmouse_env.jax.environment import make_config
from catmouse_env.jax.game import Game
from catmouse_env.jax.tables import EnvState
from catmouse_env.policies import TablePolicy
from catmouse_env.teachers import ExpertLabels
from catmouse_env.two_players import MOUSE, duel_config, duel_labels

CHUNK = 1 << 21  # compared at a time
LARGE = 1 << 20  # states, from which on few numbers of moves made are looked at

Array = Any


@dataclass
class Count:
    """What was compared.

    Attributes:
        moves: Joint moves: their next state, reward and capture.
        looks: States at some number of moves made: observation, labels, end, and the cat's move.
        differences: Numbers that are not the same, bit for bit.
    """

    moves: int = 0
    looks: int = 0
    differences: int = 0

    def compare(self, ours: Array, theirs: Any) -> None:
        """Count where two arrays differ; the numpy world's may be of a wider type."""
        ours, theirs = np.asarray(ours), np.asarray(theirs)
        if ours.dtype == np.float32:
            theirs = theirs.astype(np.float32)  # rewards and readings are the same in both
            ours, theirs = ours.view(np.int32), theirs.view(np.int32)
        if ours.shape != theirs.shape:
            raise ValueError(f"shapes differ: {ours.shape} and {theirs.shape}")
        self.differences += int(np.count_nonzero(ours != theirs))


def table_cat(mixed: bool = False) -> TablePolicy:
    """A cat of a 3 x 4 room that knows its 4 moves by heart, or the probabilities of them."""
    rng = np.random.default_rng(7)
    table = rng.dirichlet(np.ones(4), 144) if mixed else np.eye(4)[rng.integers(0, 4, 144)]
    return TablePolicy(table, 3, 4)


def rooms() -> Iterator[tuple[str, dict[str, Any]]]:
    """The games that are compared: id and arguments; "duel" for two players'."""
    yield "CatMouse-v0", {}
    yield "CatMouseMemory-v0", {}
    yield "CatMouseChase-v0", {}
    yield "CatMouseContinuous-v0", {}
    yield "CatMouse-v0", {"width": 2, "height": 7, "lethal": True, "observe_moves_left": True}
    yield "CatMouse-v0", {"width": 5, "height": 4, "cat_visible_moves": 3, "observe_moves_left": True}
    yield "CatMouse-v0", {"width": 4, "height": 5, "lethal": True, "cat_visible_moves": 0, "max_steps": 7}
    yield "CatMouseChase-v0", {"cat_directions": 8, "teacher": "optimal"}
    yield "CatMouseChase-v0", {"width": 5, "height": 4, "cat_directions": 8, "teacher": "equilibrium"}
    yield (
        "CatMouse-v0",
        {"width": 4, "height": 4, "cat": "wandering", "teacher": "equilibrium", "max_steps": 5},
    )
    yield "CatMouse-v0", {"width": 7, "height": 3, "cat": "wandering", "cat_directions": 8, "lethal": True}
    yield "CatMouse-v0", {"width": 3, "height": 4, "cat": table_cat(), "teacher": "optimal", "lethal": True}
    yield "CatMouse-v0", {"width": 3, "height": 4, "cat": table_cat(mixed=True), "teacher": "optimal"}
    yield "duel", {"teacher": "equilibrium", "observe_moves_left": True}
    yield "duel", {"width": 8, "height": 3, "cat_directions": 4}
    yield "CatMouse-v0", {"width": 30, "height": 25, "cat": "chasing", "lethal": True}


def largest() -> Iterator[tuple[str, dict[str, Any]]]:
    """The largest rooms, which take minutes."""
    yield "CatMouse-v0", {"width": 64, "height": 64, "observe_moves_left": True, "max_steps": 126}
    yield "CatMouseChase-v0", {"width": 64, "height": 64, "cat_directions": 8, "cat_visible_moves": 1}


def make_game(name: str, arguments: dict[str, Any]) -> tuple[Game, dict[str, ExpertLabels]]:
    """A game in JAX, and the numpy world's teachers by player."""
    if name == "duel":
        sizes = {"width": 6, "height": 6, "cat_directions": 8, "max_steps": 10, "observe_moves_left": False}
        teacher = arguments.get("teacher", "simple")
        config = duel_config(**{**sizes, **{k: v for k, v in arguments.items() if k in sizes}})
        labels = duel_labels(config, teacher)
        return Game(config, labels), labels
    config = make_config(name, arguments)
    return Game(config), {MOUSE: config.labels}


def compare(game: Game, labels: dict[str, ExpertLabels]) -> Count:
    """Compare everything there is in one game."""
    count = Count()
    _compare_moves(game, count)
    _compare_looks(game, labels, count)
    return count


def _chunks(total: int) -> Iterator[Array]:
    for first in range(0, total, CHUNK):
        yield np.arange(first, min(first + CHUNK, total))


def _compare_moves(game: Game, count: Count) -> None:
    dynamics = game.config.dynamics
    transition = jax.jit(game.transition)
    for moves in _chunks(dynamics.states * 4 * dynamics.cat_actions):
        state, action, cat_action = dynamics.split_move(moves)
        given = action
        if game.config.continuous:  # readings from all over each band, its borders included
            within = np.random.default_rng(0).integers(0, 9, len(moves)) / 8
            given = ((action + within) / 4).astype(np.float32)[:, None]
            action = game.config.to_actions(given, moves.shape)
        expected = dynamics.transition(state, action, cat_action)
        direction = game.direction(jnp.asarray(given))
        games = EnvState(jnp.asarray(state, jnp.int32), jnp.zeros(len(moves), jnp.int32))
        after, reward, caught = transition(game.tables, games, direction, jnp.asarray(cat_action, jnp.int32))
        count.compare(direction, action)
        for ours, theirs in zip((after.cells, reward, caught), expected, strict=True):
            count.compare(ours, theirs)
        count.compare(after.time, np.ones(len(moves), np.int32))
        count.moves += len(moves)


def _compare_looks(game: Game, labels: dict[str, ExpertLabels], count: Count) -> None:
    config, dynamics, key = game.config, game.config.dynamics, jax.random.key(0)
    observe, cat_action = jax.jit(game.observe), jax.jit(game.cat_action)
    say = {
        player: jax.jit(lambda tables, games, p=player: game.labels(tables, games, p)) for player in labels
    }
    cat = config.make_cat()
    for time in _times(config):
        for states in _chunks(dynamics.states):
            games = EnvState(jnp.asarray(states, jnp.int32), jnp.full(len(states), time, jnp.int32))
            count.compare(observe(game.tables, games), dynamics.observe(states, time, config.view))
            count.compare(game.truncated(games), np.full(len(states), time >= config.max_steps))
            for player, teacher in labels.items():
                said = say[player](game.tables, games)
                for name, theirs in teacher.info(config.max_steps - time, states).items():
                    count.compare(said[name], theirs)
            if not game.stochastic:
                ours = cat_action(game.tables, key, games)
                moves = cat.act(states, np.full(len(states), time), np.random.default_rng(0))
                count.compare(ours, np.broadcast_to(moves, states.shape))
            count.looks += len(states)


def _times(config: EnvConfig) -> list[int]:
    times = range(config.max_steps + 1)
    return [*times] if config.dynamics.states < LARGE else sorted({0, 1, config.max_steps // 2, times[-1]})


def name_of(name: str, arguments: dict[str, Any]) -> str:
    """One line about a game."""
    told = [
        f"{key}={value if isinstance(value, (str, int)) else 'a table'}" for key, value in arguments.items()
    ]
    return " ".join([name, *told])


def main(arguments: list[str]) -> int:
    """Print the table; 1 if anything differs."""
    print(f"JAX {jax.__version__} on {jax.devices()[0].device_kind}, numpy {np.__version__}")
    print(f"{'joint moves':>13} {'states x moves made':>20} {'differences':>12}  game")
    different = 0
    for name, options in [*rooms(), *(largest() if "--quick" not in arguments else ())]:
        count = compare(*make_game(name, options))
        different += count.differences
        print(
            f"{count.moves:>13,} {count.looks:>20,} {count.differences:>12}  {name_of(name, options)}",
            flush=True,
        )
    return int(different > 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
