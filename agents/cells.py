"""Recurrent cells: hidden units from inputs and state, a step forward and backward through time.

`Mlp` and `Elman` stand here, `Mlp2` in `agents.deep_cells`, GRU and LSTM in `agents.gated_cells`. What they
work on is a `RolloutBuffer`; see `agents.rollout` for how its arrays lie.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from agents.activations import ACTIVATIONS
from agents.rollout import RolloutBuffer

Array = NDArray[Any]
Blocks = dict[str, Array]

# OpenBLAS packs its matrices before it multiplies them, except small ones: those of at most so many
# multiplications, with a transposed right-hand one those of at most so many results. To pack takes up to half
# of the time, so larger products are made of small ones where it pays.
SMALL, SMALL_TRANSPOSED = 100**3, 1200
MIN_ROWS, ROWS = 16, 8  # of a part of a product: at least, and a multiple of
MANY_GAMES = 128  # from here on to turn inputs over in memory costs more than it saves


def orthogonal(rng: np.random.Generator, size: int) -> Array:
    """A random orthogonal matrix, (size, size)."""
    q, r = np.linalg.qr(rng.standard_normal((size, size)))
    return np.asarray(q * np.sign(np.diag(r)))


def worth_halving(rows: int, work: int) -> bool:
    """Whether the halves of a product are small, which itself, of so many multiplications, is not."""
    return SMALL < work <= 2 * SMALL and rows % 2 == 0


@cache
def parts_of_transposed(rows: int, columns: int) -> int:
    """Into how many parts a product that gives (rows, columns) is cut, the right-hand matrix transposed."""
    small = [n for n in range(MIN_ROWS, rows + 1, ROWS) if rows % n == 0 and n * columns <= SMALL_TRANSPOSED]
    return rows // max(small, default=rows)


def multiply(matrix: Array, array: Array, out: Array) -> Array:
    """out = matrix array, (rows, columns) times (columns, num_envs)."""
    if worth_halving(len(matrix), matrix.size * array.shape[1]):
        np.matmul(matrix.reshape(2, -1, len(array)), array, out.reshape(2, -1, array.shape[1]))
        return out
    return matrix.dot(array, out)


def sum_over_steps(da: Array, inputs: Array, out: Array) -> None:
    """out = sum over steps of da_t inputs_t^T: the gradient of the matrix between the two.

    Args:
        da: (steps, units, num_envs).
        inputs: (steps, features, num_envs).
        out: (units, features).
    """
    steps, units, games = da.shape
    features = inputs.shape[1]
    turned, parts = inputs.transpose(0, 2, 1), parts_of_transposed(units, features)
    if games < MANY_GAMES and units * features > SMALL_TRANSPOSED:
        turned, parts = np.ascontiguousarray(turned), 1 + worth_halving(units, units * features * games)
    products = np.matmul(da.reshape(steps, parts, units // parts, games), turned[:, None])
    np.add.reduce(products.reshape(steps, units, features), axis=0, out=out)


class Cell(ABC):
    """The interface of all cells.

    Args:
        inputs: Numbers observed.
        hidden: Hidden units.
        activation: "tanh" or "sigmoid", for the cells that leave the choice.
        bias: Whether there are biases.

    Attributes:
        before: How many rows of `z` stand before the hidden units.
        cell_state_units: Units carried from step to step besides the hidden units.
        recurrent: Whether anything is carried at all.
        first_layer: The name of the weights that see the inputs.
        sum_over_steps: How gradients of weight matrices are summed; see the function of that name.
    """

    name: str
    cell_state_units = 0
    recurrent = True
    first_layer = "input_to_hidden"
    sum_over_steps = staticmethod(sum_over_steps)

    def __init__(self, inputs: int, hidden: int, activation: str, bias: bool) -> None:
        self.inputs = inputs
        self.hidden = hidden
        self.bias = int(bias)
        self.before = inputs + self.bias
        self.activation, self.derivative = ACTIVATIONS[activation]

    @property
    def state_units(self) -> int:
        """Numbers a game that `predict` carries from step to step."""
        return self.hidden + self.cell_state_units if self.recurrent else 0

    def shapes(self) -> dict[str, tuple[int, int]]:
        """The cell's weight matrices, (rows out, rows in) by name, in the order of the flat vector."""
        return {"inner": (self.hidden, self.before)}

    def parameters(self, blocks: Blocks) -> dict[str, Array]:
        """Views of the matrices by the names that people use: (inputs, units), (hidden, units), (units,)."""
        inner = blocks["inner"]
        named = {"input_to_hidden": inner[:, : self.inputs].T}
        if self.bias:
            named["hidden_bias"] = inner[:, self.inputs]
        return named

    def initialise(self, rng: np.random.Generator, parameters: dict[str, Array], gain: float) -> None:
        """Draw the first weights into the named views; `gain` sizes the recurrent ones."""
        inward = parameters["input_to_hidden"]
        inward[...] = rng.standard_normal(inward.shape)

    def scratch_rows(self) -> dict[str, int]:
        """Rows of each further array that the cell needs in a buffer."""
        return {"da": self.hidden}

    def views(self, buffer: RolloutBuffer) -> list[Any]:
        """For each step of a buffer the views of it that the cell works on, for those that need many.

        Made once, because to make a view takes as long as to add to a few units.
        """
        return []

    @abstractmethod
    def forward(self, weights: Blocks, buffer: RolloutBuffer, t: int) -> None:
        """Step `t`: from z[t] (and cell_state[t]) to h[t] (and cell_state[t + 1])."""

    @abstractmethod
    def backward(self, weights: Blocks, gradients: Blocks, buffer: RolloutBuffer) -> None:
        """Through all steps of the buffer, last to first.

        Args:
            weights: The weight matrices.
            gradients: Matrices of the same shapes, overwritten with the gradients.
            buffer: As the forward pass left it, with the loss's gradient by each h[t] as far as the head sees
                it in `dh`. That and the scratch are overwritten.
        """


class Mlp(Cell):
    """Multilayer perceptron, no state at all: h_t = s(W_in x_t + b). The honest baseline."""

    name = "mlp"
    recurrent = False

    def forward(self, weights: Blocks, buffer: RolloutBuffer, t: int) -> None:
        _, z, h, _, _ = buffer.step_views[t]
        weights["inner"].dot(z[: self.before], h)
        self.activation(h, h)

    def backward(self, weights: Blocks, gradients: Blocks, buffer: RolloutBuffer) -> None:
        da = buffer.scratch["da"]
        self.derivative(buffer.h, da)
        np.multiply(da, buffer.dh, out=da)
        self.sum_over_steps(da, buffer.z[:-1, : self.before], gradients["inner"])


class RecurrentCell(Cell):
    """What recurrent cells share: one matrix from [x; 1; h], with a block of rows for each gate."""

    gates = 1

    def shapes(self) -> dict[str, tuple[int, int]]:
        return {"inner": (self.gates * self.hidden, self.before + self.hidden)}

    def parameters(self, blocks: Blocks) -> dict[str, Array]:
        recurrent = blocks["inner"][:, self.before :].T
        return {**super().parameters(blocks), "hidden_to_hidden": recurrent}

    def initialise(self, rng: np.random.Generator, parameters: dict[str, Array], gain: float) -> None:
        super().initialise(rng, parameters, gain)
        for gate in np.split(parameters["hidden_to_hidden"], self.gates, axis=1):
            gate[...] = gain * orthogonal(rng, self.hidden)

    def _skips_state(self, buffer: RolloutBuffer) -> bool:
        """Whether the first step is worth a product of its own, of inputs alone; of one game it is not."""
        return buffer.initial and buffer.num_envs > 1

    def product(self, matrix: Array, buffer: RolloutBuffer, t: int, out: Array) -> None:
        """out = matrix z_t."""
        z = buffer.step_views[t][1]
        if t == 0 and self._skips_state(buffer):
            matrix[:, : self.before].dot(z[: self.before], out)
        else:
            multiply(matrix, z, out)

    def sum_products(self, buffer: RolloutBuffer, da: Array, out: Array) -> None:
        """out = sum over steps of da_t z_t^T: the gradient of the matrix in `product`."""
        z, before = buffer.z[:-1], self.before
        if self._skips_state(buffer):
            self.sum_over_steps(da[1:], z[1:], out)
            out[:, :before] += np.matmul(da[0], z[0, :before].T)
        else:
            self.sum_over_steps(da, z, out)

    def back(self, weights: Blocks, buffer: RolloutBuffer) -> Array:
        """The matrix from the gradients of the units' sums to that of h_(t-1), (hidden, units)."""
        # The library's products are faster with a transposed copy than with a transposed view.
        return np.ascontiguousarray(weights["inner"][:, self.before :].T)


class Elman(RecurrentCell):
    """The simple recurrent network of Elman (1990): h_t = s(W_in x_t + b + W_rec h_(t-1))."""

    name = "elman"

    def forward(self, weights: Blocks, buffer: RolloutBuffer, t: int) -> None:
        h = buffer.step_views[t][2]
        self.product(weights["inner"], buffer, t, h)
        self.activation(h, h)

    def backward(self, weights: Blocks, gradients: Blocks, buffer: RolloutBuffer) -> None:
        da, dh, back = buffer.scratch["da"], buffer.dh, self.back(weights, buffer)
        self.derivative(buffer.h, da)
        carried = dh[-1]
        for t in range(buffer.steps - 1, 0, -1):
            step, earlier = da[t], dh[t - 1]
            np.multiply(step, carried, step)
            np.add(earlier, multiply(back, step, carried), earlier)
            carried = earlier
        np.multiply(da[0], dh[0], out=da[0])
        self.sum_products(buffer, da, gradients["inner"])
