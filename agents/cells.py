"""Cells: what turns inputs and memory into hidden units, forward one move and backward through time.

Everything of a batch of games is kept on a `Tape`, *feature-major*: one row a feature, one column a
game. A move's inputs, a constant 1 (for the bias) and the hidden units of the move before lie as rows
of one array,

    z[t] = [x_t; 1; h_(t-1)]        # (inputs + 1 + hidden, games)

so that a move forward is one matrix product, biases are weights like any other, and every array that a
move touches is contiguous. The gradient of a weight matrix is the sum over moves of da_t z_t^T.

A batch of one game is how the article's program learned, and the Elman cell sums it in that program's
order, so that not a bit comes out different (docs/original.md says why a bit matters): inputs and hidden
units in two products with matrices (in, out), contiguous; the moves' gradients one by one from the last.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from agents.activations import ACTIVATIONS

Array = NDArray[Any]
Blocks = dict[str, Array]

# Where it pays to turn gradients over in memory before the products that sum them over games: OpenBLAS
# multiplies by a transposed matrix of this size a third slower, and several times slower on a busy core.
FEW_GAMES = 128
FEWEST_UNITS, MOST_UNITS = 40, 96


class Tape:
    """The arrays of a batch of games, made once and used again.

    Attributes:
        moves: Moves a game that it holds.
        games: Games side by side.
        z: Inputs, the constant 1 and hidden units before each move, (moves + 1, features, games).
        x: The inputs' rows of `z`, (moves + 1, inputs, games).
        h: Hidden units *after* each move, (moves, hidden, games); rows of `z`.
        at: For each move its (x, z, h, fed).
        fresh: Whether move 0 begins the games, so that the hidden units before it are 0.
        fed: What the head is fed after each move: [1; h], (moves, bias + hidden, games).
        memory: What the cell carries besides h, (moves + 1, memory units, games).
        alone: Of one game that is learned from, for each move its [x; 1], h before and h after, as vectors;
            else empty.
        turned: The Elman cell's matrix turned over, for `alone`: (features, hidden), renewed at move 0.
        inward, onward: The rows of `turned` for the inputs and for the hidden units.
        part: What the second product gives, (hidden,).
        scratch: Further arrays of the cell, by name.
    """

    def __init__(self, cell: Cell, moves: int, games: int, dtype: Any) -> None:
        self.moves = moves
        self.games = games
        self.z = np.zeros((moves + 1, cell.inputs + cell.bias + cell.hidden, games), dtype)
        if cell.bias:
            self.z[:, cell.inputs] = 1
        self.x = self.z[:, : cell.inputs]
        self.h = self.z[1:, cell.inputs + cell.bias :]
        self.fed = self.z[1:, cell.inputs :]
        # Made once, because to make a view takes as long as to add to a few units.
        self.at = list(zip(self.x, self.z, self.h, self.fed))  # noqa: B905  (x and z have one more)
        self.fresh = True
        self.memory = np.zeros((moves + 1, cell.memory, games), dtype)
        self.alone: list[tuple[Array, Array, Array]] = []
        if games == 1 and moves > 1:
            before = cell.inputs + cell.bias
            self.alone = [(z[:before, 0], z[before:, 0], h[:, 0]) for _, z, h, _ in self.at]
            self.turned = np.empty((self.z.shape[1], cell.hidden), dtype)
            self.inward, self.onward = self.turned[:before], self.turned[before:]
            self.part = np.empty(cell.hidden, dtype)
        self.scratch = {
            name: np.empty((moves, rows, games), dtype) for name, rows in cell.scratch_rows().items()
        }

    def go_on(self, h: Array, memory: Array) -> None:
        """Go on with games: what to remember of them, (hidden, games) and (memory units, games)."""
        self.z[0, -self.h.shape[1] :] = h
        self.memory[0] = memory
        self.fresh = False

    def forget(self) -> None:
        """Begin new games: no memory of the ones before."""
        if not self.fresh:
            self.go_on(np.zeros_like(self.h[0]), np.zeros_like(self.memory[0]))
        self.fresh = True


class Cell(ABC):
    """The interface of all cells.

    Args:
        inputs: Numbers observed.
        hidden: Hidden units.
        activation: "tanh" or "sigmoid", for the cells that leave the choice.
        bias: Whether there are biases.

    Attributes:
        memory: Units carried from move to move besides the hidden units.
        recurrent: Whether anything is carried at all.
    """

    name: str
    memory = 0
    recurrent = True

    def __init__(self, inputs: int, hidden: int, activation: str, bias: bool) -> None:
        self.inputs = inputs
        self.hidden = hidden
        self.bias = int(bias)
        self.squash, self.slope = ACTIVATIONS[activation]

    @property
    def state_units(self) -> int:
        """Numbers a game that `predict` carries from move to move."""
        return self.hidden + self.memory if self.recurrent else 0

    @abstractmethod
    def shapes(self) -> dict[str, tuple[int, int]]:
        """The cell's weight matrices, (rows out, rows in) by name, in the order of the flat vector."""

    @abstractmethod
    def parameters(self, blocks: Blocks) -> dict[str, Array]:
        """Views of the matrices by the names that people use: (inputs, units), (hidden, units), (units,)."""

    @abstractmethod
    def draw(self, rng: np.random.Generator, parameters: dict[str, Array], gain: float) -> None:
        """Draw the first weights into the named views; `gain` sizes the recurrent ones."""

    @abstractmethod
    def scratch_rows(self) -> dict[str, int]:
        """Rows of each further array that the cell needs on a tape."""

    @abstractmethod
    def forward(self, weights: Blocks, tape: Tape, t: int) -> None:
        """Move `t`: from z[t] (and memory[t]) to h[t] (and memory[t + 1])."""

    @abstractmethod
    def backward(self, weights: Blocks, gradients: Blocks, tape: Tape, dh: Array) -> None:
        """Through all moves of the tape, last to first.

        Args:
            weights: The weight matrices.
            gradients: Matrices of the same shapes, overwritten with the gradients.
            tape: As the forward pass left it.
            dh: Gradient of the loss by each h[t] as far as the head sees it, (moves, hidden, games);
                overwritten.
        """


def orthogonal(rng: np.random.Generator, size: int) -> Array:
    """A random orthogonal matrix, (size, size)."""
    q, r = np.linalg.qr(rng.standard_normal((size, size)))
    return np.asarray(q * np.sign(np.diag(r)))


def sum_over_moves(da: Array, inputs: Array, out: Array) -> None:
    """out = sum over moves of da_t inputs_t^T: the gradient of the matrix between the two.

    Args:
        da: (moves, units, games).
        inputs: (moves, features, games).
        out: (units, features).
    """
    if da.shape[2] == 1:
        # A product would sum over moves by itself, but fuses products with sums. einsum rounds each product
        # and adds it, here from the last move on.
        np.einsum("ti,tj->ij", da[::-1, :, 0].copy(), inputs[::-1, :, 0].copy(), out=out)
    elif da.shape[2] <= FEW_GAMES and FEWEST_UNITS <= da.shape[1] <= MOST_UNITS:
        turned = np.ascontiguousarray(da.transpose(0, 2, 1))
        np.add.reduce(np.matmul(inputs, turned), axis=0, out=out.T)
    else:
        np.add.reduce(np.matmul(da, inputs.transpose(0, 2, 1)), axis=0, out=out)


class Mlp(Cell):
    """No memory at all: h_t = s(W_in x_t + b). The honest baseline."""

    name = "mlp"
    recurrent = False

    def shapes(self) -> dict[str, tuple[int, int]]:
        return {"inner": (self.hidden, self.inputs + self.bias)}

    def parameters(self, blocks: Blocks) -> dict[str, Array]:
        inner = blocks["inner"]
        named = {"input_to_hidden": inner[:, : self.inputs].T}
        if self.bias:
            named["hidden_bias"] = inner[:, self.inputs]
        return named

    def draw(self, rng: np.random.Generator, parameters: dict[str, Array], gain: float) -> None:
        inward = parameters["input_to_hidden"]
        inward[...] = rng.standard_normal(inward.shape)

    def scratch_rows(self) -> dict[str, int]:
        return {"da": self.hidden}

    def forward(self, weights: Blocks, tape: Tape, t: int) -> None:
        h = tape.h[t]
        np.matmul(weights["inner"], tape.z[t, : self.inputs + self.bias], out=h)
        self.squash(h, h)

    def backward(self, weights: Blocks, gradients: Blocks, tape: Tape, dh: Array) -> None:
        da = tape.scratch["da"]
        self.slope(tape.h, da)
        np.multiply(da, dh, out=da)
        sum_over_moves(da, tape.z[:-1, : self.inputs + self.bias], gradients["inner"])


class RecurrentCell(Cell):
    """What recurrent cells share: one matrix from [x; 1; h], with a block of rows for each gate."""

    gates = 1

    def shapes(self) -> dict[str, tuple[int, int]]:
        return {"inner": (self.gates * self.hidden, self.inputs + self.bias + self.hidden)}

    def parameters(self, blocks: Blocks) -> dict[str, Array]:
        inner = blocks["inner"]
        named = {
            "input_to_hidden": inner[:, : self.inputs].T,
            "hidden_to_hidden": inner[:, self.inputs + self.bias :].T,
        }
        if self.bias:
            named["hidden_bias"] = inner[:, self.inputs]
        return named

    def draw(self, rng: np.random.Generator, parameters: dict[str, Array], gain: float) -> None:
        inward, recurrent = parameters["input_to_hidden"], parameters["hidden_to_hidden"]
        inward[...] = rng.standard_normal(inward.shape)
        for gate in range(self.gates):
            recurrent[:, gate * self.hidden : (gate + 1) * self.hidden] = gain * orthogonal(rng, self.hidden)


class Elman(RecurrentCell):
    """The simple recurrent network of Elman (1990): h_t = s(W_in x_t + b + W_rec h_(t-1))."""

    name = "elman"

    def scratch_rows(self) -> dict[str, int]:
        return {"da": self.hidden}

    def forward(self, weights: Blocks, tape: Tape, t: int) -> None:
        if tape.alone:
            seen, remembered, h = tape.alone[t]
            if t == 0:
                tape.turned[...] = weights["inner"].T
            seen.dot(tape.inward, h)
            if t or not tape.fresh:
                remembered.dot(tape.onward, tape.part)
                np.add(h, tape.part, h)
            self.squash(h, h)
            return
        inner, (_, z, h, _) = weights["inner"], tape.at[t]
        if t == 0 and self._skips_memory(tape):
            before = self.inputs + self.bias
            np.matmul(inner[:, :before], z[:before], out=h)
        else:
            inner.dot(z, h)  # as a method: for one game it takes half of the time of np.matmul
        self.squash(h, h)

    def _skips_memory(self, tape: Tape) -> bool:
        """Whether the first move is worth a product of its own, of the inputs alone."""
        return tape.fresh and tape.games > 1

    def backward(self, weights: Blocks, gradients: Blocks, tape: Tape, dh: Array) -> None:
        da, z, inner, before = tape.scratch["da"], tape.z, gradients["inner"], self.inputs + self.bias
        # The library's products are faster with a transposed copy than with a transposed view.
        back = tape.onward if tape.alone else np.ascontiguousarray(weights["inner"][:, before:].T)
        self.slope(tape.h, da)
        carried = dh[-1]
        for t in range(tape.moves - 1, 0, -1):
            step, earlier = da[t], dh[t - 1]
            np.multiply(step, carried, step)
            back.dot(step, carried)
            np.add(earlier, carried, earlier)
            carried = earlier
        np.multiply(da[0], dh[0], out=da[0])
        if self._skips_memory(tape):
            sum_over_moves(da[1:], z[1:-1], inner)
            np.add(inner[:, :before], np.matmul(da[0], z[0, :before].T), out=inner[:, :before])
        else:
            sum_over_moves(da, z[:-1], inner)
