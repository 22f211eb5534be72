// Cells without gates: hidden units from inputs and state, forward and backward through time.
// The equations, and the order of the weights, are those of agents/cells.py and agents/deep_cells.py.

import { addOuter, multiply, sigmoid, transpose } from "./matrix.js";

function activate(units, activation) {
  const f = activation === "tanh" ? Math.tanh : sigmoid;
  for (let i = 0; i < units.length; i++) units[i] = f(units[i]);
}

/** to = back x the activation's derivative where it gave y. */
function throughActivation(y, back, to, activation) {
  if (activation === "tanh") for (let i = 0; i < y.length; i++) to[i] = back[i] * (1 - y[i] * y[i]);
  else for (let i = 0; i < y.length; i++) to[i] = back[i] * y[i] * (1 - y[i]);
}

const mlp = {
  recurrent: false,
  gates: 1,
  shapes: ({ hidden, seen }) => ({ inner: [hidden, seen] }),
  scratch: ({ hidden }) => ({ da: hidden }),

  forward({ hidden, seen, config, blocks }, { n, z, h }, t) {
    multiply(blocks.inner, 0, seen, z[t], h[t], hidden, seen, n);
    activate(h[t], config.activation);
  },

  backward({ hidden, seen, config }, gradient, { n, steps, z, h, dh, scratch }) {
    for (let t = 0; t < steps; t++) {
      throughActivation(h[t], dh[t], scratch.da[t], config.activation);
      addOuter(scratch.da[t], z[t], gradient.inner, 0, seen, hidden, seen, n);
    }
  },
};

const mlp2 = {
  recurrent: false,
  gates: 1,
  shapes: ({ hidden, seen, bias }) => ({ inner: [hidden, seen], upper: [hidden, bias + hidden] }),
  // "lower" holds [1; l], as the head's input holds [1; h].
  scratch: ({ hidden, bias }) => ({ lower: bias + hidden, da: hidden, dl: hidden }),

  forward({ hidden, seen, bias, config, blocks }, { n, z, h, scratch }, t) {
    const lower = scratch.lower[t];
    const units = lower.subarray(bias * n);
    lower.fill(1, 0, bias * n);
    multiply(blocks.inner, 0, seen, z[t], units, hidden, seen, n);
    activate(units, config.activation);
    multiply(blocks.upper, 0, bias + hidden, lower, h[t], hidden, bias + hidden, n);
    activate(h[t], config.activation);
  },

  backward({ hidden, seen, bias, config, blocks, Real }, gradient, { n, steps, z, h, dh, scratch }) {
    const back = new Real(hidden * hidden);
    transpose(blocks.upper, bias + hidden, hidden, bias, bias + hidden, back);
    for (let t = 0; t < steps; t++) {
      const { lower, da, dl } = { lower: scratch.lower[t], da: scratch.da[t], dl: scratch.dl[t] };
      throughActivation(h[t], dh[t], da, config.activation);
      addOuter(da, lower, gradient.upper, 0, bias + hidden, hidden, bias + hidden, n);
      multiply(back, 0, hidden, da, dh[t], hidden, hidden, n);
      throughActivation(lower.subarray(bias * n), dh[t], dl, config.activation);
      addOuter(dl, z[t], gradient.inner, 0, seen, hidden, seen, n);
    }
  },
};

const elman = {
  recurrent: true,
  gates: 1,
  shapes: ({ hidden, seen }) => ({ inner: [hidden, seen + hidden] }),
  scratch: ({ hidden }) => ({ da: hidden, carried: hidden }),

  forward({ hidden, seen, config, blocks }, { n, z, h, fresh }, t) {
    const features = t === 0 && fresh ? seen : seen + hidden; // before a game there is nothing to remember
    multiply(blocks.inner, 0, seen + hidden, z[t], h[t], hidden, features, n);
    activate(h[t], config.activation);
  },

  backward(network, gradient, buffer) {
    const { hidden, seen, config } = network;
    const { n, steps, z, h, dh, scratch } = buffer;
    const back = network.recurrentBack();
    for (let t = steps - 1; t >= 0; t--) {
      const da = scratch.da[t];
      throughActivation(h[t], dh[t], da, config.activation);
      const features = t === 0 && buffer.fresh ? seen : seen + hidden;
      addOuter(da, z[t], gradient.inner, 0, seen + hidden, hidden, features, n);
      if (t) carryBack(back, da, scratch.carried[t], dh[t - 1], hidden, hidden, n);
    }
  },
};

/** earlier += back (hidden, units) x da (units, n). */
export function carryBack(back, da, work, earlier, hidden, units, n) {
  multiply(back, 0, units, da, work, hidden, units, n);
  for (let i = 0; i < work.length; i++) earlier[i] += work[i];
}

export const PLAIN_CELLS = { mlp, mlp2, elman };
