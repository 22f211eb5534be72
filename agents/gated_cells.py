"""GRU and LSTM: cells with gates, in the order and by the equations of PyTorch's.

Three things keep the passes over arrays few. A sigmoid is a tanh, s(a) = (1 + tanh(a/2))/2, and the halves
are put into a copy of the weights, so that the gates of a step are one product and one tanh. What a gate lets
through is kept, because the gradient needs it, too: of y = s(a) v that by a is dy y (1 - s(a)). And a step
goes back through all its gates while its arrays are in the cache.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from agents.activations import ONE, tanh_derivative
from agents.cells import Blocks, RecurrentCell, multiply
from agents.rollout import RolloutBuffer

Array = NDArray[Any]

FORGET_BIAS = 1.0  # of a new LSTM: it begins by remembering (Jozefowicz et al. 2015)
HALF = {dtype: one / 2 for dtype, one in ONE.items()}


class GatedCell(RecurrentCell):
    """What GRU and LSTM share.

    They have activation functions of their own, so the brain's `activation` makes no difference.
    """

    def gates_of(self, array: Array) -> Array:
        """(steps, gates x hidden, num_envs) as (steps, gates, hidden, num_envs), no copy."""
        return array.reshape(len(array), -1, self.hidden, array.shape[-1])


def by_step(*groups: tuple[Array, ...]) -> list[Any]:
    """For each step, of each group of arrays (steps, ...), a tuple of that step's views."""
    return list(zip(*(zip(*group, strict=True) for group in groups), strict=True))


def sigmoid_of_tanh(y: Array) -> None:
    """From tanh(a/2) to the sigmoid of a, in place."""
    half = HALF[y.dtype]
    np.multiply(y, half, y)
    np.add(y, half, y)


def tanh_derivative_times(y: Array, factor: Array, out: Array) -> Array:
    """out = factor (1 - y²); not in place."""
    tanh_derivative(y, out)
    return np.multiply(out, factor, out)


class Gru(GatedCell):
    """Gated recurrent unit (Cho et al. 2014), as in PyTorch: gates r (reset), z (update), n (new).

        r = s(W_r [x; 1; h])        z = s(W_z [x; 1; h])
        n = tanh(W_nx [x; 1] + r (W_nh h + b_nh))
        h' = (1 - z) n + z h

    The new gate's recurrent part has a bias of its own, since r multiplies it: "recurrent_bias".
    Here u = 1 - z = s(-W_z [x; 1; h]) stands for z, so that h' = h - u (h - n).
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
        return {
            "gates": 3 * hidden,  # r, u, W_nh h + b_nh
            "reset": hidden,  # r (W_nh h + b_nh)
            "n": hidden,
            "change": hidden,  # u (h - n)
            "da": 3 * hidden,  # gradients by the sums in r and z, and by W_nh h + b_nh
            "da_n": hidden,  # and by the sum in n
        }

    def views(self, buffer: RolloutBuffer) -> list[Any]:
        scratch, z, hidden, before = buffer.scratch, buffer.z[:-1], self.hidden, self.before
        gates, da, da_n = scratch["gates"], scratch["da"], scratch["da_n"]
        r, u, n_h = self.gates_of(gates).swapaxes(0, 1)
        da_r, da_z, dn_h = self.gates_of(da).swapaxes(0, 1)
        reset, n, change = scratch["reset"], scratch["n"], scratch["change"]
        both, h = gates[:, : 2 * hidden], buffer.h
        forward = (z[:, :before], z[:, before:], h, gates, both, r, u, n_h, reset, n, change)
        backward = (r, u, reset, n, change, da, da_r, da_z, dn_h, da_n)
        return by_step(forward, backward)

    def prepare(self, weights: Blocks, buffer: RolloutBuffer) -> None:
        """One matrix for all that meets h, in the order of `gates`; n has a part of the inputs by itself."""
        hidden, inner = self.hidden, weights["inner"]
        folded = buffer.prepared["folded"] = inner.copy()
        folded[:hidden] *= 0.5
        folded[hidden : 2 * hidden] *= -0.5
        folded[2 * hidden :, : self.inputs] = 0
        folded[2 * hidden :, self.inputs : self.before] = weights["recurrent_bias"]
        buffer.prepared["new"] = np.ascontiguousarray(inner[2 * hidden :, : self.before])

    def forward(self, weights: Blocks, buffer: RolloutBuffer, t: int) -> None:
        if t == 0:
            self.prepare(weights, buffer)
        x, before, h, gates, both, r, u, n_h, reset, n, change = buffer.cell_views[t][0]
        self.product(buffer.prepared["folded"], buffer, t, gates)
        np.tanh(both, both)
        sigmoid_of_tanh(both)
        buffer.prepared["new"].dot(x, n)
        np.multiply(r, n_h, reset)
        np.add(n, reset, n)
        np.tanh(n, n)
        np.subtract(before, n, change)
        np.multiply(change, u, change)
        np.subtract(before, change, h)

    def backward(self, weights: Blocks, gradients: Blocks, buffer: RolloutBuffer, dh: Array) -> None:
        back, dn, kept = self.back(weights, buffer), np.empty_like(dh[0]), np.empty_like(dh[0])
        for t in range(buffer.steps - 1, -1, -1):
            r, u, reset, n, change, da, da_r, da_z, dn_h, da_n = buffer.cell_views[t][1]
            np.multiply(dh[t], u, dn)
            np.subtract(dh[t], dn, kept)  # what z takes to h_(t-1)
            np.multiply(kept, change, da_z)
            tanh_derivative_times(n, dn, da_n)
            np.multiply(da_n, r, dn_h)
            np.subtract(da_n, dn_h, da_r)
            np.multiply(da_r, reset, da_r)
            if t:
                earlier = dh[t - 1]
                np.add(earlier, kept, earlier)
                np.add(earlier, multiply(back, da, kept), earlier)

        inner, inputs = gradients["inner"], self.inputs
        self.sum_products(buffer, buffer.scratch["da"], inner)
        new = inner[2 * self.hidden :, : self.before]
        gradients["recurrent_bias"][...] = new[:, inputs:]
        self.sum_over_steps(buffer.scratch["da_n"], buffer.z[:-1, : self.before], new)


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
        return {
            "gates": 4 * hidden,  # i, f, o, g: sigmoids side by side
            "let_in": 2 * hidden,  # i g, f c
            "tanh_c": hidden,
            "da": 4 * hidden,  # gradients by the sums in i, f, g, o
        }

    def views(self, buffer: RolloutBuffer) -> list[Any]:
        scratch, c, tanh_c, h = buffer.scratch, buffer.cell_state, buffer.scratch["tanh_c"], buffer.h
        gates, let_in, da = (self.gates_of(scratch[name]) for name in ("gates", "let_in", "da"))
        i, f, o, g = gates.swapaxes(0, 1)
        new, old = let_in.swapaxes(0, 1)
        sigmoids = scratch["gates"][:, : 3 * self.hidden]
        forward = (h, scratch["gates"], sigmoids, i, f, o, g, new, old, c[:-1], c[1:], tanh_c)
        backward = (h, gates[:, :2], o, g, let_in, tanh_c, scratch["da"], da[:, :2], da[:, 2], da[:, 3])
        return by_step(forward, backward)

    def prepare(self, weights: Blocks, buffer: RolloutBuffer) -> None:
        """The weights in the order of `gates`."""
        hidden, inner = self.hidden, weights["inner"]
        folded = buffer.prepared["folded"] = np.empty_like(inner)
        half = HALF[inner.dtype]
        np.multiply(inner[: 2 * hidden], half, folded[: 2 * hidden])
        np.multiply(inner[3 * hidden :], half, folded[2 * hidden : 3 * hidden])
        folded[3 * hidden :] = inner[2 * hidden : 3 * hidden]

    def forward(self, weights: Blocks, buffer: RolloutBuffer, t: int) -> None:
        if t == 0:
            self.prepare(weights, buffer)
        h, gates, sigmoids, i, f, o, g, new, old, before, after, tanh_c = buffer.cell_views[t][0]
        self.product(buffer.prepared["folded"], buffer, t, gates)
        np.tanh(gates, gates)
        sigmoid_of_tanh(sigmoids)
        np.multiply(i, g, new)
        np.multiply(f, before, old)
        np.add(new, old, after)
        np.tanh(after, tanh_c)
        np.multiply(o, tanh_c, h)

    def backward(self, weights: Blocks, gradients: Blocks, buffer: RolloutBuffer, dh: Array) -> None:
        back, work = self.back(weights, buffer), np.empty_like(dh[0])
        dc = np.zeros_like(work)
        parts = np.empty((2, *dc.shape), dc.dtype)
        for t in range(buffer.steps - 1, -1, -1):
            h, i_f, o, g, let_in, tanh_c, da, da_i_f, da_g, da_o = buffer.cell_views[t][1]
            np.multiply(dh[t], o, work)
            np.subtract(dh[t], work, da_o)
            np.multiply(da_o, h, da_o)
            np.add(dc, tanh_derivative_times(tanh_c, work, parts[0]), dc)
            np.multiply(i_f, dc, parts)
            np.subtract(dc, parts, da_i_f)
            np.multiply(da_i_f, let_in, da_i_f)
            tanh_derivative_times(g, parts[0], da_g)
            if t:
                dc[...] = parts[1]  # what f takes to c_(t-1)
                earlier = dh[t - 1]
                np.add(earlier, multiply(back, da, work), earlier)
        self.sum_products(buffer, buffer.scratch["da"], gradients["inner"])
