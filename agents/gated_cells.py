"""GRU and LSTM: cells with gates, in the order and by the equations of PyTorch's.

Three things keep the passes over arrays few. A sigmoid is a tanh, s(a) = (1 + tanh(a/2))/2, and the halves
are put into a copy of the weights, so that the gates of a step are one product and one tanh. What a gate lets
through is kept, because the gradient needs it, too: of y = s(a) v that by a is dy y (1 - s(a)). And on the
way back the gradients take the place of what they are made from, a step at a time.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from agents.activations import ONE
from agents.cells import Blocks, RecurrentCell, multiply
from agents.rollout import RolloutBuffer

Array = NDArray[Any]

FORGET_BIAS = 1.0  # of a new LSTM: it begins by remembering (Jozefowicz et al. 2015)
HALF = {dtype: one / 2 for dtype, one in ONE.items()}


class GatedCell(RecurrentCell):
    """What GRU and LSTM share.

    They have activation functions of their own, so the brain's `activation` makes no difference.
    """

    def by_gate(self, array: Array) -> Array:
        """(..., gates x hidden, num_envs) as (..., gates, hidden, num_envs), no copy."""
        return array.reshape(*array.shape[:-2], -1, self.hidden, array.shape[-1])


def by_step(*groups: tuple[Array, ...]) -> list[Any]:
    """For each step, of each group of arrays (steps, ...), a tuple of that step's views."""
    return list(zip(*(zip(*group, strict=True) for group in groups), strict=True))


def sigmoid_of_tanh(y: Array) -> None:
    """From tanh(a/2) to the sigmoid of a, in place."""
    half = HALF[y.dtype]
    np.multiply(y, half, y)
    np.add(y, half, y)


def tanh_gradient(y: Array, dy: Array) -> None:
    """From tanh(a) to the gradient by a, in place: dy (1 - y²)."""
    np.multiply(y, y, y)
    np.subtract(ONE[y.dtype], y, y)
    np.multiply(y, dy, y)


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
            "gates": 3 * hidden,  # r, u, W_nh h + b_nh; on the way back the gradients by their sums
            "n": hidden,  # likewise
            "reset": hidden,  # r (W_nh h + b_nh)
            "change": hidden,  # u (h - n)
        }

    def views(self, buffer: RolloutBuffer) -> list[Any]:
        x, before, h = buffer.z[:-1, : self.before], buffer.z[:-1, self.before :], buffer.h
        gates, n, reset, change = (buffer.scratch[name] for name in ("gates", "n", "reset", "change"))
        r, u, n_h = self.by_gate(gates).swapaxes(0, 1)
        both = gates[:, : 2 * self.hidden]
        return by_step(
            (x, before, h, gates, both, r, u, n_h, n, reset, change),
            (buffer.dh, gates, r, u, n_h, n, reset, change),
        )

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
        x, before, h, gates, both, r, u, n_h, n, reset, change = buffer.cell_views[t][0]
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

    def backward(self, weights: Blocks, gradients: Blocks, buffer: RolloutBuffer) -> None:
        back, dn, kept = self.back(weights, buffer), np.empty_like(buffer.dh[0]), np.empty_like(buffer.dh[0])
        for t in range(buffer.steps - 1, -1, -1):
            dh, gates, r, u, n_h, n, reset, change = buffer.cell_views[t][1]
            np.multiply(dh, u, dn)
            np.subtract(dh, dn, kept)  # what z lets through to h_(t-1)
            np.multiply(kept, change, u)  # by the sum in z
            tanh_gradient(n, dn)
            np.multiply(n, r, n_h)
            np.subtract(n, n_h, r)
            np.multiply(r, reset, r)  # by the sum in r
            if t:
                earlier = buffer.dh[t - 1]
                np.add(earlier, kept, earlier)
                np.add(earlier, multiply(back, gates, kept), earlier)

        inner, inputs = gradients["inner"], self.inputs
        self.sum_products(buffer, buffer.scratch["gates"], inner)
        new = inner[2 * self.hidden :, : self.before]
        gradients["recurrent_bias"][...] = new[:, inputs:]
        self.sum_over_steps(buffer.scratch["n"], buffer.z[:-1, : self.before], new)


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
            "gates": 4 * hidden,  # on the way back the gradients by their sums
            "let_in": 2 * hidden,  # i g and f c; on the way back f dc in place of the latter
            "tanh_c": hidden,  # on the way back dc
        }

    def views(self, buffer: RolloutBuffer) -> list[Any]:
        h, c, tanh_c = buffer.h, buffer.cell_state, buffer.scratch["tanh_c"]
        gates, let_in = self.by_gate(buffer.scratch["gates"]), self.by_gate(buffer.scratch["let_in"])
        (i, f, g, o), (new, old) = gates.swapaxes(0, 1), let_in.swapaxes(0, 1)
        i_f, both = gates[:, :2], buffer.scratch["gates"]
        return by_step(
            (both, i_f, i, f, g, o, new, old, c[:-1], c[1:], tanh_c, h),
            (buffer.dh, both, i_f, g, o, h, let_in, old, tanh_c),
        )

    def prepare(self, weights: Blocks, buffer: RolloutBuffer) -> None:
        """Halves for the three sigmoids."""
        folded = buffer.prepared["folded"] = weights["inner"] * HALF[buffer.h.dtype]
        folded[2 * self.hidden : 3 * self.hidden] *= 2

    def forward(self, weights: Blocks, buffer: RolloutBuffer, t: int) -> None:
        if t == 0:
            self.prepare(weights, buffer)
        gates, i_f, i, f, g, o, new, old, before, after, tanh_c, h = buffer.cell_views[t][0]
        self.product(buffer.prepared["folded"], buffer, t, gates)
        np.tanh(gates, gates)
        sigmoid_of_tanh(i_f)
        sigmoid_of_tanh(o)
        np.multiply(i, g, new)
        np.multiply(f, before, old)
        np.add(new, old, after)
        np.tanh(after, tanh_c)
        np.multiply(o, tanh_c, h)

    def backward(self, weights: Blocks, gradients: Blocks, buffer: RolloutBuffer) -> None:
        back, work = self.back(weights, buffer), np.empty_like(buffer.dh[0])
        parts, later = np.empty_like(self.by_gate(buffer.scratch["let_in"][0])), None
        for t in range(buffer.steps - 1, -1, -1):
            dh, gates, i_f, g, o, h, let_in, old, dc = buffer.cell_views[t][1]
            np.multiply(dh, o, work)  # by tanh(c')
            np.subtract(dh, work, o)
            np.multiply(o, h, o)  # by the sum in o
            tanh_gradient(dc, work)
            if later is not None:
                np.add(dc, later, dc)
            np.multiply(i_f, dc, parts)  # by g and by c
            np.subtract(dc, parts, i_f)
            np.multiply(i_f, let_in, i_f)
            tanh_gradient(g, parts[0])
            if t:
                old[...] = parts[1]  # what f lets through to c_(t-1)
                earlier, later = buffer.dh[t - 1], old
                np.add(earlier, multiply(back, gates, work), earlier)
        self.sum_products(buffer, buffer.scratch["gates"], gradients["inner"])
