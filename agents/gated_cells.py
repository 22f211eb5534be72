"""GRU and LSTM: cells with gates, in the order and by the equations of PyTorch's.

Both keep the factors that turn the gradient of the
hidden units into the gradients of the gates' sums: those depend on the forward pass alone, so they are
made for all steps at once, and the way back through time is a few products a step.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from agents.activations import sigmoid, sigmoid_derivative
from agents.cells import Blocks, RecurrentCell
from agents.rollout import RolloutBuffer

Array = NDArray[Any]

FORGET_BIAS = 1.0  # of a new LSTM: it begins by remembering (Jozefowicz et al. 2015)


class GatedCell(RecurrentCell):
    """What GRU and LSTM share.

    They have activation functions of their own, so the brain's `activation` makes no difference.
    """

    def _by_gate(self, array: Array) -> Array:
        """(..., gates x hidden, num_envs) as (..., gates, hidden, num_envs), no copy."""
        return array.reshape(*array.shape[:-2], -1, self.hidden, array.shape[-1])


class Gru(GatedCell):
    """Gated recurrent unit (Cho et al. 2014), as in PyTorch: gates r (reset), z (update), n (new).

        r = s(W_r [x; 1; h])        z = s(W_z [x; 1; h])
        n = tanh(W_nx [x; 1] + r (W_nh h + b_nh))
        h' = (1 - z) n + z h

    The new gate's recurrent part has a bias of its own, since r multiplies it: "recurrent_bias".
    """

    name = "gru"
    gates = 3

    def shapes(self) -> dict[str, tuple[int, int]]:
        return {**super().shapes(), "recurrent_bias": (self.hidden, self.bias)}

    def parameters(self, blocks: Blocks) -> dict[str, Array]:
        named = super().parameters(blocks)
        if self.bias:
            named["recurrent_bias"] = blocks["recurrent_bias"][:, 0]
        return named

    def scratch_rows(self) -> dict[str, int]:
        hidden = self.hidden
        return {"rz": 2 * hidden, "n": hidden, "n_h": hidden, "da": 3 * hidden, "da_n": hidden}

    def forward(self, weights: Blocks, buffer: RolloutBuffer, t: int) -> None:
        gates, before = 2 * self.hidden, self.inputs + self.bias
        inner, (_, z, h, _, _) = weights["inner"], buffer.step_views[t]
        rz, n, n_h = buffer.scratch["rz"][t], buffer.scratch["n"][t], buffer.scratch["n_h"][t]
        np.matmul(inner[:gates], z, out=rz)
        sigmoid(rz, rz)
        np.matmul(inner[gates:, before:], z[before:], out=n_h)
        if self.bias:
            np.add(n_h, weights["recurrent_bias"], out=n_h)
        np.matmul(inner[gates:, :before], z[:before], out=n)
        np.multiply(rz[: self.hidden], n_h, out=h)
        np.add(n, h, out=n)
        np.tanh(n, out=n)
        # (1 - z) n + z h_(t-1) = n + z (h_(t-1) - n)
        np.subtract(z[before:], n, out=h)
        np.multiply(h, rz[self.hidden :], out=h)
        np.add(h, n, out=h)

    def backward(self, weights: Blocks, gradients: Blocks, buffer: RolloutBuffer, dh: Array) -> None:
        gates, before = 2 * self.hidden, self.inputs + self.bias
        z, rz, n, n_h = (buffer.z[:-1], *(buffer.scratch[name] for name in ("rz", "n", "n_h")))
        da, da_n = buffer.scratch["da"], buffer.scratch["da_n"]
        r, update = rz[:, : self.hidden], rz[:, self.hidden :]
        # Factors of dh, for all steps: of the sums in r and z, of W_nh h + b, of the sum in n.
        by_gate = self._by_gate(da)
        d_r, d_z, d_n_h = by_gate[:, 0], by_gate[:, 1], by_gate[:, 2]
        sigmoid_derivative(rz, da[:, :gates])
        np.subtract(z[:, before:], n, out=d_n_h)
        np.multiply(d_z, d_n_h, out=d_z)
        np.multiply(n, n, out=da_n)
        np.subtract(1, da_n, out=da_n)
        np.subtract(1, update, out=d_n_h)
        np.multiply(da_n, d_n_h, out=da_n)
        np.multiply(da_n, r, out=d_n_h)
        np.multiply(d_r, n_h, out=d_r)
        np.multiply(d_r, da_n, out=d_r)

        back, carried = self.back(weights, buffer), np.empty_like(dh[0])
        for t in range(buffer.steps - 1, -1, -1):
            np.multiply(by_gate[t], dh[t], out=by_gate[t])
            if t:
                np.matmul(back, da[t], out=carried)
                np.add(dh[t - 1], carried, out=dh[t - 1])
                np.multiply(update[t], dh[t], out=carried)
                np.add(dh[t - 1], carried, out=dh[t - 1])
        np.multiply(da_n, dh, out=da_n)

        inner = gradients["inner"]
        self.sum_over_steps(da[:, :gates], z, inner[:gates])
        self.sum_over_steps(da_n, z[:, :before], inner[gates:, :before])
        self.sum_over_steps(da[:, gates:], z[:, before:], inner[gates:, before:])
        if self.bias:
            np.sum(da[:, gates:], axis=(0, 2), out=gradients["recurrent_bias"][:, 0])


class Lstm(GatedCell):
    """Long short-term memory with a forget gate (Gers et al. 2000), as in PyTorch: gates i, f, g, o.

    i, f, o = s(W [x; 1; h])    g = tanh(W_g [x; 1; h])
    c' = f c + i g              h' = o tanh(c')
    """

    name = "lstm"
    gates = 4

    def __init__(self, inputs: int, hidden: int, activation: str, bias: bool) -> None:
        super().__init__(inputs, hidden, activation, bias)
        self.cell_state_units = hidden  # c

    def initialise(self, rng: np.random.Generator, parameters: dict[str, Array], gain: float) -> None:
        super().initialise(rng, parameters, gain)
        if self.bias:
            parameters["hidden_bias"][self.hidden : 2 * self.hidden] = FORGET_BIAS

    def scratch_rows(self) -> dict[str, int]:
        hidden = self.hidden
        return {"gates": 4 * hidden, "tanh_c": hidden, "da": 4 * hidden, "d_c": hidden}

    def forward(self, weights: Blocks, buffer: RolloutBuffer, t: int) -> None:
        _, z, h, _, _ = buffer.step_views[t]
        gates, tanh_c = buffer.scratch["gates"][t], buffer.scratch["tanh_c"][t]
        before, after = buffer.cell_state[t], buffer.cell_state[t + 1]
        np.matmul(weights["inner"], z, out=gates)
        i, f, g, o = self._by_gate(gates)
        both = gates[: 2 * self.hidden]
        sigmoid(both, both)
        np.tanh(g, out=g)
        sigmoid(o, o)
        np.multiply(f, before, out=after)
        np.multiply(i, g, out=tanh_c)
        np.add(after, tanh_c, out=after)
        np.tanh(after, out=tanh_c)
        np.multiply(o, tanh_c, out=h)

    def backward(self, weights: Blocks, gradients: Blocks, buffer: RolloutBuffer, dh: Array) -> None:
        da, d_c, tanh_c = buffer.scratch["da"], buffer.scratch["d_c"], buffer.scratch["tanh_c"]
        gates, by_gate = self._by_gate(buffer.scratch["gates"]), self._by_gate(da)
        i, f, g, o = (gates[:, gate] for gate in range(4))
        # Factors, for all steps: of dc for i, f, g, and of dh for o; d_c takes dh to dc.
        sigmoid_derivative(gates[:, :2], by_gate[:, :2])
        sigmoid_derivative(o, by_gate[:, 3])
        np.multiply(by_gate[:, 3], tanh_c, out=by_gate[:, 3])
        np.multiply(by_gate[:, 0], g, out=by_gate[:, 0])
        np.multiply(by_gate[:, 1], buffer.cell_state[:-1], out=by_gate[:, 1])
        np.multiply(g, g, out=by_gate[:, 2])
        np.subtract(1, by_gate[:, 2], out=by_gate[:, 2])
        np.multiply(by_gate[:, 2], i, out=by_gate[:, 2])
        np.multiply(tanh_c, tanh_c, out=d_c)
        np.subtract(1, d_c, out=d_c)
        np.multiply(d_c, o, out=d_c)

        back, carried = self.back(weights, buffer), np.empty_like(dh[0])
        dc = np.zeros_like(carried)  # what comes from the steps after
        for t in range(buffer.steps - 1, -1, -1):
            np.multiply(d_c[t], dh[t], out=carried)
            np.add(dc, carried, out=dc)
            np.multiply(by_gate[t, :3], dc, out=by_gate[t, :3])
            np.multiply(by_gate[t, 3], dh[t], out=by_gate[t, 3])
            if t:
                np.multiply(dc, f[t], out=dc)
                np.matmul(back, da[t], out=carried)
                np.add(dh[t - 1], carried, out=dh[t - 1])
        self.sum_over_steps(da, buffer.z[:-1], gradients["inner"])
