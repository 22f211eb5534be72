// GRU and LSTM, by the equations of agents/gated_cells.py, which are PyTorch's.

import { carryBack } from "./cells.js";
import { addOuter, multiply, sigmoid } from "./matrix.js";

/** Gates r, z, n: h' = (1 - z) n + z h, with n = tanh(W_nx [x; 1] + r (W_nh h + b_nh)). */
const gru = {
  recurrent: true,
  gates: 3,
  shapes: ({ hidden, seen, bias }) => ({
    inner: [3 * hidden, seen + hidden],
    recurrent_bias: [hidden, bias],
  }),
  scratch: ({ hidden }) => ({
    rz: 2 * hidden,
    n: hidden,
    nh: hidden,
    da: 3 * hidden,
    dn: hidden,
    carried: hidden,
  }),

  forward({ hidden, seen, bias, blocks }, { n, z, h, before, scratch }, t) {
    const width = seen + hidden,
      size = hidden * n;
    const rz = scratch.rz[t],
      fresh = scratch.n[t],
      nh = scratch.nh[t];
    multiply(blocks.inner, 0, width, z[t], rz, 2 * hidden, width, n);
    multiply(blocks.inner, 2 * hidden * width + seen, width, before[t], nh, hidden, hidden, n);
    multiply(blocks.inner, 2 * hidden * width, width, z[t], fresh, hidden, seen, n);
    for (let unit = 0, i = 0; unit < hidden; unit++) {
      const b = bias ? blocks.recurrent_bias[unit] : 0;
      for (let game = 0; game < n; game++, i++) {
        const r = (rz[i] = sigmoid(rz[i]));
        const update = (rz[size + i] = sigmoid(rz[size + i]));
        nh[i] += b;
        const value = (fresh[i] = Math.tanh(fresh[i] + r * nh[i]));
        h[t][i] = value + update * (before[t][i] - value);
      }
    }
  },

  backward(network, gradient, { n, steps, z, before, dh, scratch }) {
    const { hidden, seen, bias } = network;
    const width = seen + hidden,
      size = hidden * n,
      back = network.recurrentBack();
    for (let t = steps - 1; t >= 0; t--) {
      const rz = scratch.rz[t],
        fresh = scratch.n[t],
        nh = scratch.nh[t];
      const da = scratch.da[t],
        dn = scratch.dn[t],
        d = dh[t];
      for (let i = 0; i < size; i++) {
        const r = rz[i],
          update = rz[size + i],
          value = fresh[i];
        dn[i] = d[i] * (1 - update) * (1 - value * value);
        da[i] = dn[i] * nh[i] * r * (1 - r);
        da[size + i] = d[i] * (before[t][i] - value) * update * (1 - update);
        da[2 * size + i] = dn[i] * r;
      }
      if (t) {
        carryBack(back, da, scratch.carried[t], dh[t - 1], hidden, 3 * hidden, n);
        for (let i = 0; i < size; i++) dh[t - 1][i] += d[i] * rz[size + i];
      }
      const dnh = da.subarray(2 * size);
      addOuter(da, z[t], gradient.inner, 0, width, 2 * hidden, width, n);
      addOuter(dn, z[t], gradient.inner, 2 * hidden * width, width, hidden, seen, n);
      addOuter(dnh, before[t], gradient.inner, 2 * hidden * width + seen, width, hidden, hidden, n);
      for (let i = 0; bias && i < size; i++) gradient.recurrent_bias[Math.floor(i / n)] += dnh[i];
    }
  },
};

/** Gates i, f, g, o: c' = f c + i g, h' = o tanh(c'). */
const lstm = {
  recurrent: true,
  gates: 4,
  cellState: true,
  shapes: ({ hidden, seen }) => ({ inner: [4 * hidden, seen + hidden] }),
  scratch: ({ hidden }) => ({ gates: 4 * hidden, tanh: hidden, da: 4 * hidden, carried: hidden }),

  forward({ hidden, seen, blocks }, { n, z, h, c, scratch }, t) {
    const size = hidden * n,
      gates = scratch.gates[t],
      squashed = scratch.tanh[t];
    multiply(blocks.inner, 0, seen + hidden, z[t], gates, 4 * hidden, seen + hidden, n);
    for (let k = 0; k < size; k++) {
      const i = (gates[k] = sigmoid(gates[k]));
      const f = (gates[size + k] = sigmoid(gates[size + k]));
      const g = (gates[2 * size + k] = Math.tanh(gates[2 * size + k]));
      const o = (gates[3 * size + k] = sigmoid(gates[3 * size + k]));
      c[t + 1][k] = f * c[t][k] + i * g;
      squashed[k] = Math.tanh(c[t + 1][k]);
      h[t][k] = o * squashed[k];
    }
  },

  backward(network, gradient, { n, steps, z, c, dh, scratch }) {
    const { hidden, seen } = network;
    const size = hidden * n,
      back = network.recurrentBack(),
      dc = new network.Real(size);
    for (let t = steps - 1; t >= 0; t--) {
      const gates = scratch.gates[t],
        squashed = scratch.tanh[t],
        da = scratch.da[t];
      for (let k = 0; k < size; k++) {
        const i = gates[k],
          f = gates[size + k],
          g = gates[2 * size + k],
          o = gates[3 * size + k];
        dc[k] += dh[t][k] * o * (1 - squashed[k] * squashed[k]);
        da[k] = dc[k] * g * i * (1 - i);
        da[size + k] = dc[k] * c[t][k] * f * (1 - f);
        da[2 * size + k] = dc[k] * i * (1 - g * g);
        da[3 * size + k] = dh[t][k] * squashed[k] * o * (1 - o);
        dc[k] *= f;
      }
      addOuter(da, z[t], gradient.inner, 0, seen + hidden, 4 * hidden, seen + hidden, n);
      if (t) carryBack(back, da, scratch.carried[t], dh[t - 1], hidden, 4 * hidden, n);
    }
  },
};

export const GATED_CELLS = { gru, lstm };
