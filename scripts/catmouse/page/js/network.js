// A brain: a cell, a head and their weights in one flat vector, laid out as agents/brain.py has it.
// Arrays are feature-major: one row a feature, one column a game. z[t] = [x_t; 1; h_(t-1)].

import { PLAIN_CELLS } from "./cells.js";
import { GATED_CELLS } from "./gated.js";
import { addOuter, multiply, sigmoid, transpose } from "./matrix.js";

const CELLS = { ...PLAIN_CELLS, ...GATED_CELLS };

export class Network {
  /** `config` has the fields of agents.brain.BrainConfig; `Real` is the precision, a typed array's class. */
  constructor(config, Real = Float32Array) {
    this.config = config;
    this.Real = Real;
    this.cell = CELLS[config.cell];
    this.hidden = config.hidden;
    this.bias = config.bias ? 1 : 0;
    this.seen = config.inputs + this.bias; // rows of z that are there at every step: [x; 1]
    this.outputs = config.head === "direction" ? config.actions : 1;
    this.shapes = { ...this.cell.shapes(this), outer: [this.outputs, this.bias + this.hidden] };
    const sizes = Object.values(this.shapes).map(([rows, columns]) => rows * columns);
    this.flat = new Real(sizes.reduce((sum, size) => sum + size, 0));
    this.blocks = this.split(this.flat);
  }

  static from(config, weights, Real = Float32Array) {
    const network = new Network(config, Real);
    network.flat.set(weights);
    return network;
  }

  /** The matrices by name, as views of a flat vector. */
  split(flat) {
    const blocks = {};
    let first = 0;
    for (const [name, [rows, columns]] of Object.entries(this.shapes)) {
      blocks[name] = flat.subarray(first, (first += rows * columns));
    }
    return blocks;
  }

  /** Arrays for so many steps of so many games. */
  buffer(steps, n) {
    const { Real, hidden, seen, config, bias } = this;
    const zs = new Real((steps + 1) * (seen + hidden) * n);
    const buffer = { steps, n, fresh: true, z: [], x: [], h: [], before: [], headInput: [], scratch: {} };
    const rows = (count, steps) => Array.from({ length: steps }, () => new Real(count * n));
    for (let t = 0; t <= steps; t++) {
      const z = zs.subarray(t * (seen + hidden) * n, (t + 1) * (seen + hidden) * n);
      if (bias) z.fill(1, config.inputs * n, seen * n);
      if (t < steps) {
        buffer.z.push(z);
        buffer.x.push(z.subarray(0, config.inputs * n));
        buffer.before.push(z.subarray(seen * n));
      }
      if (t > 0) {
        buffer.h.push(z.subarray(seen * n));
        buffer.headInput.push(z.subarray(config.inputs * n));
      }
    }
    if (this.cell.cellState) buffer.c = rows(hidden, steps + 1);
    buffer.outputs = rows(this.outputs, steps);
    buffer.dh = rows(hidden, steps);
    for (const [name, count] of Object.entries(this.cell.scratch(this)))
      buffer.scratch[name] = rows(count, steps);
    return buffer;
  }

  /** Put what is observed, (n, inputs), into step `t`. */
  encode(observations, buffer, t) {
    const { n } = buffer,
      x = buffer.x[t],
      { inputs, centred } = this.config;
    for (let game = 0, i = 0; game < n; game++) {
      for (let input = 0; input < inputs; input++, i++) {
        x[input * n + game] = centred ? 2 * observations[i] - 1 : observations[i];
      }
    }
  }

  /** Step `t`, from its inputs to the head's outputs (outputs, n). */
  forward(buffer, t) {
    const outputs = buffer.outputs[t],
      width = this.bias + this.hidden;
    this.cell.forward(this, buffer, t);
    multiply(this.blocks.outer, 0, width, buffer.headInput[t], outputs, this.outputs, width, buffer.n);
    if (this.config.head === "compass")
      for (let i = 0; i < outputs.length; i++) outputs[i] = sigmoid(outputs[i]);
    return outputs;
  }

  /** Backpropagation through time. `deltas`: the loss's gradient by what the last matrix gave, step by step. */
  backward(buffer, deltas, gradient) {
    const { hidden, bias, outputs, blocks, Real } = this,
      width = bias + hidden;
    gradient.fill(0);
    const gradients = this.split(gradient);
    const back = new Real(hidden * outputs);
    transpose(blocks.outer, width, outputs, bias, width, back);
    for (let t = 0; t < buffer.steps; t++) {
      addOuter(deltas[t], buffer.headInput[t], gradients.outer, 0, width, outputs, width, buffer.n);
      multiply(back, 0, outputs, deltas[t], buffer.dh[t], hidden, outputs, buffer.n);
    }
    this.cell.backward(this, gradients, buffer);
  }

  /** The recurrent weights transposed, (hidden, gates x hidden). */
  recurrentBack() {
    const { seen, hidden, cell } = this;
    const back = new this.Real(hidden * cell.gates * hidden);
    transpose(this.blocks.inner, seen + hidden, cell.gates * hidden, seen, seen + hidden, back);
    return back;
  }
}

/** Plays any number of games at once, a step at a time, and carries their memory. */
export class Player {
  constructor(network, n) {
    this.network = network;
    this.buffer = network.buffer(1, n);
  }

  /** Forget everything. */
  reset() {
    this.buffer.before[0].fill(0);
    if (this.buffer.c) this.buffer.c[0].fill(0);
    this.buffer.fresh = true;
  }

  /** The head's outputs (outputs, n) for observations (n, inputs). */
  step(observations) {
    const { network, buffer } = this;
    network.encode(observations, buffer, 0);
    const outputs = network.forward(buffer, 0);
    if (network.cell.recurrent) {
      buffer.before[0].set(buffer.h[0]);
      if (buffer.c) buffer.c[0].set(buffer.c[1]);
      buffer.fresh = false;
    }
    return outputs;
  }

  /** The hidden units, (hidden, n). */
  get hidden() {
    return this.buffer.h[0];
  }
}
