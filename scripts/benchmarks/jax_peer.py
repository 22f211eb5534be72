"""The same brain and the same training loop in JAX: environment and all updates in one compiled scan."""

from __future__ import annotations

from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from catmouse_env.jax import CatMouse, Tables, make

ACTIONS, INPUTS = 4, 4
BETA1, BETA2, EPSILON = 0.9, 0.99, 1e-8


def draw(cell: str, hidden: int, seed: int = 0) -> dict[str, jax.Array]:
    """First weights; a cell with gates has them side by side in one matrix."""
    rng = np.random.default_rng(seed)
    gates = {"mlp": 1, "elman": 1, "gru": 3, "lstm": 4}[cell]
    inner = rng.standard_normal((INPUTS + 1 + hidden, gates * hidden)) * 0.5
    outer = rng.standard_normal((hidden + 1, ACTIONS)) / np.sqrt(hidden)
    return {"inner": jnp.asarray(inner, jnp.float32), "outer": jnp.asarray(outer, jnp.float32)}


def forward(cell: str, weights: dict[str, jax.Array], x: jax.Array, state: Any) -> tuple[Any, jax.Array]:
    """One move: the new state and the hidden units, (games, hidden)."""
    h, c = state
    inner = weights["inner"]
    if cell == "mlp":
        h = jnp.tanh(x @ inner[: INPUTS + 1])
    elif cell == "elman":
        h = jnp.tanh(jnp.concatenate([x, h], 1) @ inner)
    elif cell == "lstm":
        i, f, g, o = jnp.split(jnp.concatenate([x, h], 1) @ inner, 4, 1)
        c = jax.nn.sigmoid(f) * c + jax.nn.sigmoid(i) * jnp.tanh(g)
        h = jax.nn.sigmoid(o) * jnp.tanh(c)
    else:
        outside, inside = x @ inner[: INPUTS + 1], h @ inner[INPUTS + 1 :]
        (xr, xz, xn), (hr, hz, hn) = jnp.split(outside, 3, 1), jnp.split(inside, 3, 1)
        z = jax.nn.sigmoid(xz + hz)
        h = (1 - z) * jnp.tanh(xn + jax.nn.sigmoid(xr + hr) * hn) + z * h
    return (h, c), h


@partial(jax.jit, static_argnames=("env", "cell", "games", "updates"))
def train(carry: Any, tables: Tables, env: CatMouse, cell: str, games: int, updates: int, rate: float) -> Any:
    """Make many updates, each with a batch of games that the brain itself plays.

    Args:
        carry: Weights, Adam's two means, its step and a random key.
        tables: The environment's parameters.
        env: The environment.
        cell: See `draw`.
        games: Games an update.
        updates: How many.
        rate: Of Adam.
    """
    ones = jnp.ones((games, 1), jnp.float32)

    def loss(weights: Any, key: jax.Array) -> tuple[jax.Array, jax.Array]:
        def move(play: Any, _: None) -> tuple[Any, tuple[jax.Array, jax.Array]]:
            seen, games_on, ideal, state = play
            observed = jnp.concatenate([2 * seen - 1, ones], 1)
            state, h = forward(cell, weights, observed, state)
            logits = jnp.concatenate([ones, h], 1) @ weights["outer"]
            action = jnp.argmax(logits, 1)
            chosen = jnp.take_along_axis(jax.nn.log_softmax(logits), ideal[:, None], 1)
            seen, games_on, _, _, info = env.step_env(key, games_on, action, tables)
            return (seen, games_on, info["ideal_action"], state), (
                -chosen.sum() / games,
                (action != ideal).sum(),
            )

        hidden = weights["outer"].shape[0] - 1
        nothing = jnp.zeros((games, hidden), jnp.float32)
        seen, games_on = env.reset(key, tables, (games,))
        ideal = env.labels(games_on, tables)["ideal_action"]
        start = (seen, games_on, ideal, (nothing, nothing))
        _, (losses, wrong) = jax.lax.scan(move, start, None, env.config.max_steps)
        return losses.sum(), wrong.sum()

    def update(carry: Any, _: None) -> tuple[Any, jax.Array]:
        weights, mean, square, step, key = carry
        key, starts = jax.random.split(key)
        gradient, wrong = jax.grad(loss, has_aux=True)(weights, starts)
        step = step + 1
        mean = jax.tree.map(lambda m, g: BETA1 * m + (1 - BETA1) * g, mean, gradient)
        square = jax.tree.map(lambda s, g: BETA2 * s + (1 - BETA2) * g * g, square, gradient)
        scale = rate * jnp.sqrt(1 - BETA2**step) / (1 - BETA1**step)
        weights = jax.tree.map(lambda w, m, s: w - scale * m / (jnp.sqrt(s) + EPSILON), weights, mean, square)
        return (weights, mean, square, step, key), wrong / games

    return jax.lax.scan(update, carry, None, updates)


class JaxTrainer:
    """Calls `train` some updates at a time: `TorchTrainer`'s interface, but labels are the tables' own."""

    def __init__(
        self, cell: str, hidden: int, games: int, labels: Any, width: int, height: int, rate: float = 0.01
    ) -> None:
        weights = draw(cell, hidden)
        nothing = jax.tree.map(jnp.zeros_like, weights)
        self.carry = (weights, nothing, nothing, jnp.float32(0), jax.random.key(0))
        env, self.tables = make("CatMouse-v0", width=width, height=height)
        self.options = {"env": env, "cell": cell, "games": games, "rate": rate}

    def updates(self, count: int) -> float:
        """Make `count` updates; the mistakes a game in the last of them."""
        self.carry, mistakes = train(self.carry, self.tables, updates=count, **self.options)
        return float(mistakes[-1])
