"""The same brain and the same training loop in JAX: environment and all updates in one compiled scan."""

from __future__ import annotations

from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

MOVES, ACTIONS, INPUTS = 10, 4, 4
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


@partial(jax.jit, static_argnames=("cell", "games", "updates", "width", "height"))
def train(
    carry: Any, labels: jax.Array, cell: str, games: int, updates: int, width: int, height: int, rate: float
) -> Any:
    """Make many updates, each with a batch of games that the brain itself plays.

    Args:
        carry: Weights, Adam's two means, its step and a random key.
        labels: The teacher's direction by pair of cells, (cells x cells,).
    """
    cells = width * height
    place = np.arange(cells)
    x, y = place % width, place // width
    neighbours = jnp.asarray(
        np.stack(
            [
                np.minimum(y + 1, height - 1) * width + x,
                y * width + np.minimum(x + 1, width - 1),
                np.maximum(y - 1, 0) * width + x,
                y * width + np.maximum(x - 1, 0),
            ],
            1,
        ).ravel()
    )
    seen = jnp.asarray(np.stack([x / (width - 1), y / (height - 1)], 1) * 2 - 1, jnp.float32)
    ones = jnp.ones((games, 1), jnp.float32)

    def loss(weights: Any, cat: jax.Array, mouse: jax.Array) -> tuple[jax.Array, jax.Array]:
        def move(play: Any, _: None) -> tuple[Any, tuple[jax.Array, jax.Array]]:
            mouse, state = play
            observed = jnp.concatenate([seen[cat], seen[mouse], ones], 1)
            state, h = forward(cell, weights, observed, state)
            logits = jnp.concatenate([ones, h], 1) @ weights["outer"]
            ideal = labels[cat * cells + mouse]
            action = jnp.argmax(logits, 1)
            chosen = jnp.take_along_axis(jax.nn.log_softmax(logits), ideal[:, None], 1)
            return (neighbours[mouse * 4 + action], state), (-chosen.sum() / games, (action != ideal).sum())

        hidden = weights["outer"].shape[0] - 1
        nothing = jnp.zeros((games, hidden), jnp.float32)
        _, (losses, wrong) = jax.lax.scan(move, (mouse, (nothing, nothing)), None, MOVES)
        return losses.sum(), wrong.sum()

    def update(carry: Any, _: None) -> tuple[Any, jax.Array]:
        weights, mean, square, step, key = carry
        key, one, two = jax.random.split(key, 3)
        cat, mouse = (jax.random.randint(k, (games,), 0, cells) for k in (one, two))
        gradient, wrong = jax.grad(loss, has_aux=True)(weights, cat, mouse)
        step = step + 1
        mean = jax.tree.map(lambda m, g: BETA1 * m + (1 - BETA1) * g, mean, gradient)
        square = jax.tree.map(lambda s, g: BETA2 * s + (1 - BETA2) * g * g, square, gradient)
        scale = rate * jnp.sqrt(1 - BETA2**step) / (1 - BETA1**step)
        weights = jax.tree.map(lambda w, m, s: w - scale * m / (jnp.sqrt(s) + EPSILON), weights, mean, square)
        return (weights, mean, square, step, key), wrong / games

    return jax.lax.scan(update, carry, None, updates)


class JaxTrainer:
    """Calls `train` some updates at a time."""

    def __init__(
        self, cell: str, hidden: int, games: int, labels: Any, width: int, height: int, rate: float = 0.01
    ) -> None:
        weights = draw(cell, hidden)
        nothing = jax.tree.map(jnp.zeros_like, weights)
        self.carry = (weights, nothing, nothing, jnp.float32(0), jax.random.key(0))
        self.labels = jnp.asarray(labels)
        self.options = {"cell": cell, "games": games, "width": width, "height": height, "rate": rate}

    def updates(self, count: int) -> float:
        """Make `count` updates; the mistakes a game in the last of them."""
        self.carry, mistakes = train(self.carry, self.labels, updates=count, **self.options)
        return float(mistakes[-1])
