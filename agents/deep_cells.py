"""A cell with two layers: for what one layer would need too many units to tell apart."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from agents.cells import Blocks, Cell, Tape, sum_over_moves

Array = NDArray[Any]

# Of the first weights and biases of the lower layer: a unit then tells cells apart that lie side by side,
# and the units' borders lie all over the room.
LOWER_SCALE = 2.0


class Mlp2(Cell):
    """No memory, two layers: l_t = s(W_in x_t + b), h_t = s(W_up l_t + b_up)."""

    name = "mlp2"
    recurrent = False

    def shapes(self) -> dict[str, tuple[int, int]]:
        return {
            "inner": (self.hidden, self.inputs + self.bias),
            "upper": (self.hidden, self.bias + self.hidden),
        }

    def parameters(self, blocks: Blocks) -> dict[str, Array]:
        inner, upper = blocks["inner"], blocks["upper"]
        named = {"input_to_lower": inner[:, : self.inputs].T, "lower_to_hidden": upper[:, self.bias :].T}
        if self.bias:
            named |= {"lower_bias": inner[:, self.inputs], "hidden_bias": upper[:, 0]}
        return named

    def draw(self, rng: np.random.Generator, parameters: dict[str, Array], gain: float) -> None:
        for name in ("input_to_lower", "lower_bias"):
            if name in parameters:
                parameters[name][...] = LOWER_SCALE * rng.standard_normal(parameters[name].shape)
        upward = parameters["lower_to_hidden"]
        upward[...] = rng.standard_normal(upward.shape) / np.sqrt(self.hidden)

    def scratch_rows(self) -> dict[str, int]:
        # "lower" holds [1; l], as `fed` holds [1; h].
        return {"lower": self.bias + self.hidden, "da": self.hidden, "d_lower": self.hidden}

    def forward(self, weights: Blocks, tape: Tape, t: int) -> None:
        lower, h = tape.scratch["lower"][t], tape.h[t]
        lower[: self.bias] = 1
        units = np.matmul(weights["inner"], tape.z[t, : self.inputs + self.bias], out=lower[self.bias :])
        self.squash(units, units)
        np.matmul(weights["upper"], lower, out=h)
        self.squash(h, h)

    def backward(self, weights: Blocks, gradients: Blocks, tape: Tape, dh: Array) -> None:
        lower, da, d_lower = (tape.scratch[name] for name in ("lower", "da", "d_lower"))
        self.slope(tape.h, da)
        np.multiply(da, dh, out=da)
        sum_over_moves(da, lower, gradients["upper"])
        back = np.ascontiguousarray(weights["upper"][:, self.bias :].T)
        np.matmul(back, da, out=dh)
        self.slope(lower[:, self.bias :], d_lower)
        np.multiply(d_lower, dh, out=d_lower)
        sum_over_moves(d_lower, tape.z[:-1, : self.inputs + self.bias], gradients["inner"])
