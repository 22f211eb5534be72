"""A cell with two layers: for what one layer would need too many units to tell apart."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from agents.cells import Blocks, Cell
from agents.rollout import RolloutBuffer

Array = NDArray[Any]

# Of the first weights and biases of the lower layer: a unit then tells cells apart that lie side by side,
# and the units' borders lie all over the room.
LOWER_SCALE = 2.0


class Mlp2(Cell):
    """Multilayer perceptron of two layers: l_t = s(W_in x_t + b), h_t = s(W_up l_t + b_up)."""

    name = "mlp2"
    recurrent = False
    first_layer = "input_to_lower"

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

    def initialise(self, rng: np.random.Generator, parameters: dict[str, Array], gain: float) -> None:
        for name in ("input_to_lower", "lower_bias"):
            if name in parameters:
                parameters[name][...] = LOWER_SCALE * rng.standard_normal(parameters[name].shape)
        upward = parameters["lower_to_hidden"]
        upward[...] = rng.standard_normal(upward.shape) / np.sqrt(self.hidden)

    def scratch_rows(self) -> dict[str, int]:
        # "lower" holds [1; l], as `head_input` holds [1; h].
        return {"lower": self.bias + self.hidden, "da": self.hidden, "d_lower": self.hidden}

    def forward(self, weights: Blocks, buffer: RolloutBuffer, t: int) -> None:
        lower, h = buffer.scratch["lower"][t], buffer.h[t]
        lower[: self.bias] = 1
        units = np.matmul(weights["inner"], buffer.z[t, : self.inputs + self.bias], out=lower[self.bias :])
        self.activation(units, units)
        np.matmul(weights["upper"], lower, out=h)
        self.activation(h, h)

    def backward(self, weights: Blocks, gradients: Blocks, buffer: RolloutBuffer) -> None:
        lower, da, d_lower = (buffer.scratch[name] for name in ("lower", "da", "d_lower"))
        dh = buffer.dh
        self.derivative(buffer.h, da)
        np.multiply(da, dh, out=da)
        self.sum_over_steps(da, lower, gradients["upper"])
        back = np.ascontiguousarray(weights["upper"][:, self.bias :].T)
        np.matmul(back, da, out=dh)
        self.derivative(lower[:, self.bias :], d_lower)
        np.multiply(d_lower, dh, out=d_lower)
        self.sum_over_steps(d_lower, buffer.z[:-1, : self.inputs + self.bias], gradients["inner"])
