"""A brain's forward pass with guaranteed bounds: how far rounding and noise can move each number.

Every quantity is an affine form (Comba and Stolfi 1993; for the rounding Higham 2002, chapter 3): its value
in exact arithmetic, what it owes to each noise symbol in [-1, 1], and a radius for all the rest. The cells
are written here a second time, in double precision and by these forms, so that nothing that is to be proved
is taken from the code whose results it is about.

What is assumed of whoever computes in the brain's own precision: sums in any order, with or without fused
products; tanh and the sigmoid within `ACTIVATION_UNITS` units roundoff, as with tanh and exp within 4 ulp.
Numbers below the normal range may be flushed to 0. Products in lower precision (bfloat16, TF32) are out.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from agents.brain import Brain

Array = NDArray[Any]

DOUBLE = 2.0**-53  # unit roundoff of the arithmetic used here, which counts as well
UNIT_ROUNDOFF = {"float32": 2.0**-24 + DOUBLE, "float64": 2 * DOUBLE}
ACTIVATION_UNITS = 10
UNDERFLOW = 2.0**-120  # more than all that a sum can lose by flushed products
MIN_SPREAD, MIN_SLOPE = 1e-9, 1e-12  # below which differences of tanh are rounding, and what is flat
SLACK = 1e-14  # more than the rounding of a tanh here


@dataclass(frozen=True)
class Affine:
    """value + sum of noise x symbols +- radius.

    Attributes:
        value: (rows, games) float64.
        radius: The same shape.
        noise: (symbols, rows, games), or None where there are no symbols.
    """

    value: Array
    radius: Array
    noise: Array | None = None

    @property
    def spread(self) -> Array:
        """The most that it can be off its value, (rows, games)."""
        return self.radius if self.noise is None else self.radius + np.abs(self.noise).sum(axis=0)

    def rows(self, part: slice) -> Affine:
        """Some of its rows."""
        noise = None if self.noise is None else self.noise[:, part]
        return Affine(self.value[part], self.radius[part], noise)


def stack(*forms: Affine) -> Affine:
    """Several forms above each other, all with the same symbols or none."""
    noise = [form.noise for form in forms if form.noise is not None]
    return Affine(
        np.concatenate([form.value for form in forms]),
        np.concatenate([form.radius for form in forms]),
        np.concatenate(noise, axis=1) if noise else None,
    )


def combine(forms: list[tuple[Array | float, Affine]]) -> Array | None:
    """The noise of a linear combination, factors (rows, games)."""
    parts = [factor * form.noise for factor, form in forms if form.noise is not None]
    return sum(parts[1:], parts[0]) if parts else None


def chord(x: Affine) -> Affine:
    """tanh of a form with symbols: the line nearest to it between the form's ends, and the distance from it.

    The value is then the middle of what comes, no longer that without noise.
    """
    d = x.spread
    low, high = x.value - d, x.value + d
    below, above = np.tanh(low), np.tanh(high)
    flat = 1 - np.maximum(np.square(below), np.square(above))
    slope = np.where(d > MIN_SPREAD, (above - below) / np.maximum(2 * d, MIN_SPREAD), flat)
    slope = np.clip(slope, 0.0, 1.0)
    # Where tanh runs along the line: tanh^2 = 1 - slope, on either side of 0.
    turn = np.arctanh(np.sqrt(1 - np.maximum(slope, MIN_SLOPE)))
    places = (low, high, np.clip(-turn, low, high), np.clip(turn, low, high))
    off = [np.tanh(at) - slope * at for at in places]
    least, most = np.minimum.reduce(off), np.maximum.reduce(off)
    value = slope * x.value + (least + most) / 2
    return Affine(value, slope * x.radius + (most - least) / 2 + SLACK, combine([(slope, x)]))


class Forward:
    """A brain's forward pass on affine forms.

    Args:
        brain: Whose weights are taken, exactly.
        rounding: Whether its rounding counts. If not, only noise does, and forms have symbols.
    """

    def __init__(self, brain: Brain, rounding: bool = True) -> None:
        self.config = config = brain.config
        self.u = UNIT_ROUNDOFF[config.dtype] if rounding else 0.0
        self.weights = {name: block.astype(np.float64) for name, block in brain.blocks.items()}
        self.units = config.inputs + config.bias  # columns before the recurrent ones
        self.cell: Callable[[Affine, Affine | None], tuple[Affine, Affine]] = getattr(self, f"_{config.cell}")
        self.squash = self._sigmoid if config.activation == "sigmoid" else self._tanh
        self.dtype = brain.dtype

    # Operations

    def matmul(self, matrix: Array, x: Affine) -> Affine:
        """matrix @ x, summed in any order."""
        n = matrix.shape[1]
        gamma = n * self.u / (1 - n * self.u)
        sizes = np.abs(matrix)
        around = x.radius + gamma * (np.abs(x.value) + x.spread) if self.u else x.radius
        noise = None if x.noise is None else matrix @ x.noise
        return Affine(matrix @ x.value, sizes @ around + (UNDERFLOW if self.u else 0.0), noise)

    def _activate(self, x: Affine, f: Callable[[Array], Array], slope: Callable[[Array], Array]) -> Affine:
        """f(x) without symbols; the slope falls with the distance from 0: the steepest is at the near end."""
        d, far = x.spread, np.abs(x.value)
        steepest = slope(f(np.maximum(far - d, 0)))
        return Affine(f(x.value), steepest * d + ACTIVATION_UNITS * self.u)

    def _tanh(self, x: Affine) -> Affine:
        if x.noise is not None:
            return chord(x)
        return self._activate(x, np.tanh, lambda y: 1 - y * y)

    def _sigmoid(self, x: Affine) -> Affine:
        if x.noise is not None:  # the sigmoid of x is (1 + tanh(x / 2)) / 2
            half = chord(Affine(x.value / 2, x.radius / 2, x.noise / 2))
            return Affine((1 + half.value) / 2, half.radius / 2, combine([(0.5, half)]))
        return self._activate(x, lambda a: 1 / (1 + np.exp(-a)), lambda y: y * (1 - y))

    def _add(self, x: Affine, y: Affine) -> Affine:
        value, radius = x.value + y.value, x.radius + y.radius
        rounded = self.u * (np.abs(value) + x.spread + y.spread) if self.u else 0.0
        return Affine(value, radius + rounded, combine([(1.0, x), (1.0, y)]))

    def _multiply(self, x: Affine, y: Affine) -> Affine:
        a, b, dx, dy = np.abs(x.value), np.abs(y.value), x.spread, y.spread
        radius = a * y.radius + b * x.radius + dx * dy + self.u * (a + dx) * (b + dy)
        return Affine(x.value * y.value, radius, combine([(x.value, y), (y.value, x)]))

    def _blend(self, z: Affine, h: Affine, n: Affine) -> Affine:
        """(1 - z) n + z h, in that form or as n + z (h - n)."""
        keep, differ = 1 - z.value, h.value - n.value
        radius = z.value * h.radius + keep * n.radius + np.abs(differ) * z.radius
        radius = radius + z.spread * (h.spread + n.spread)
        rounded = 4 * self.u * (np.abs(h.value) + np.abs(n.value) + h.spread + n.spread)
        noise = combine([(z.value, h), (keep, n), (differ, z)])
        return Affine(keep * n.value + z.value * h.value, radius + rounded, noise)

    # Cells: inputs [x; 1] and state to [1; h] of the head and the new state

    def _mlp(self, x: Affine, state: Affine | None) -> tuple[Affine, Affine]:
        h = self.squash(self.matmul(self.weights["inner"], x))
        return h, h

    def _mlp2(self, x: Affine, state: Affine | None) -> tuple[Affine, Affine]:
        lower = self._biased(self.squash(self.matmul(self.weights["inner"], x)))
        h = self.squash(self.matmul(self.weights["upper"], lower))
        return h, h

    def _elman(self, x: Affine, state: Affine | None) -> tuple[Affine, Affine]:
        h = self.squash(self.matmul(self.weights["inner"], self._with_state(x, state)))
        return h, h

    def _gru(self, x: Affine, state: Affine | None) -> tuple[Affine, Affine]:
        hidden, inner = self.config.hidden, self.weights["inner"]
        before = self._state(x, state, hidden)
        gates = self._sigmoid(self.matmul(inner[: 2 * hidden], self._with_state(x, before)))
        r, z = gates.rows(slice(hidden)), gates.rows(slice(hidden, None))
        remembered = inner[2 * hidden :, self.units :]
        if self.config.bias:
            remembered = np.hstack([self.weights["recurrent_bias"], remembered])
        n_h = self.matmul(remembered, self._biased(before))
        n_x = self.matmul(inner[2 * hidden :, : self.units], x)
        h = self._blend(z, before, self._tanh(self._add(n_x, self._multiply(r, n_h))))
        return h, h

    def _lstm(self, x: Affine, state: Affine | None) -> tuple[Affine, Affine]:
        hidden = self.config.hidden
        both = self._state(x, state, 2 * hidden)
        before, c = both.rows(slice(hidden)), both.rows(slice(hidden, None))
        gates = self.matmul(self.weights["inner"], self._with_state(x, before))
        i, f, g, o = (gates.rows(slice(k * hidden, (k + 1) * hidden)) for k in range(4))
        kept = self._multiply(self._sigmoid(f), c)
        c = self._add(kept, self._multiply(self._sigmoid(i), self._tanh(g)))
        h = self._multiply(self._sigmoid(o), self._tanh(c))
        return h, stack(h, c)

    def _state(self, x: Affine, state: Affine | None, units: int) -> Affine:
        """The state, zeros at first."""
        if state is not None:
            return state
        noise = None if x.noise is None else np.zeros((len(x.noise), units, x.value.shape[1]))
        return Affine(np.zeros((units, x.value.shape[1])), np.zeros((units, x.value.shape[1])), noise)

    def _with_state(self, x: Affine, state: Affine | None) -> Affine:
        return stack(x, self._state(x, state, self.config.hidden))

    def _biased(self, h: Affine) -> Affine:
        if not self.config.bias:
            return h
        one = np.ones((1, h.value.shape[1]))
        return stack(Affine(one, 0 * one, None if h.noise is None else 0 * h.noise[:, :1]), h)

    # A step

    def encode(self, observation: Array, noise: Array | None = None) -> Affine:
        """[x; 1] of observations (games, inputs) as the brain rounds them; noise (symbols, inputs, games)."""
        x = observation.T.astype(self.dtype)
        if self.config.centred:
            x = x * self.dtype.type(2) - self.dtype.type(1)
            noise = None if noise is None else 2 * noise
        return self._ended(Affine(x.astype(np.float64), np.zeros(x.shape), noise))

    def _ended(self, x: Affine) -> Affine:
        """With the constant 1 below, if there are biases."""
        if not self.config.bias:
            return x
        one = np.ones((1, x.value.shape[1]))
        return stack(x, Affine(one, 0 * one, None if x.noise is None else 0 * x.noise[:, :1]))

    def margins(self, x: Affine, state: Affine | None, chosen: Array) -> tuple[Affine, Affine]:
        """By how much each game's direction wins, as forms of their own, so that noise in both counts once.

        Args:
            x: See `step`.
            state: See `step`.
            chosen: The directions, (games,).

        Returns:
            Margins (rivals, games) and the new state. With a head of readings: how far from either end of
            the direction's band the reading lies, as the sum before its sigmoid, (2, games).
        """
        h, state = self.cell(x, state)
        actions, outer, games = self.config.actions, self.weights["outer"], np.arange(x.value.shape[1])
        if self.config.head == "compass":
            told = self.matmul(np.vstack([outer, -outer]), self._biased(h))
            with np.errstate(divide="ignore"):
                odds = np.log(np.arange(actions + 1) / (actions - np.arange(actions + 1.0)))  # ends of bands
            ends = np.stack([-odds[chosen], odds[chosen + 1]])
            return Affine(told.value + ends, told.radius, told.noise), state
        pairs = outer[:, None] - outer[None]  # (actions, actions, columns)
        told = self.matmul(pairs.reshape(actions**2, -1), self._biased(h))
        rows = chosen * actions + (chosen + np.arange(1, actions)[:, None]) % actions  # (rivals, games)
        noise = None if told.noise is None else told.noise[:, rows, games]
        return Affine(told.value[rows, games], told.radius[rows, games], noise), state

    def step(self, x: Affine, state: Affine | None) -> tuple[Affine, Affine]:
        """The head's outputs (outputs, games) and the new state, from [x; 1] and the state, None at first."""
        h, state = self.cell(x, state)
        outputs = self.matmul(self.weights["outer"], self._biased(h))
        return (self._sigmoid(outputs) if self.config.head == "compass" else outputs), state

    def decide(self, outputs: Affine) -> tuple[Array, Array, Array]:
        """Each game's direction, its margins and how much of them can be lost.

        Returns:
            Directions (games,); margins and bounds (rivals, games): the decision stands if every margin is
            greater than its bound.
        """
        actions, games = self.config.actions, np.arange(outputs.value.shape[1])
        if self.config.head == "compass":
            reading = outputs.value[0]
            borders = np.arange(1, actions)[:, None] / actions  # (actions - 1, 1)
            # The environment takes a reading as a float32.
            bound = outputs.spread + (2.0**-24 if self.u and self.config.continuous else 0.0)
            chosen = np.minimum((reading * actions).astype(np.int64), actions - 1)
            return chosen, np.abs(reading - borders), np.broadcast_to(bound, (actions - 1, len(games)))
        chosen = outputs.value.argmax(axis=0)
        rivals = (chosen + np.arange(1, actions)[:, None]) % actions  # (actions - 1, games)
        margins = outputs.value[chosen, games] - outputs.value[rivals, games]
        bounds = outputs.radius[chosen, games] + outputs.radius[rivals, games]
        return chosen, margins, bounds
