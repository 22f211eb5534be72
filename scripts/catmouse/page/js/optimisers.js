// Optimisers over one flat vector of weights, and schedules of their rate. See agents/optimizers.py, agents/muon.py;
// `constants` holds the numbers from there.

import { addOuter, multiply } from "./matrix.js";

class Sgd {
  constructor(network, constants, rates) {
    this.rates = rates;
  }

  update(weights, gradient, rate) {
    for (let i = 0; i < weights.length; i++) weights[i] -= rate * this.rates[i] * gradient[i];
  }
}

class Adam {
  constructor(network, { adam }, rates) {
    this.rates = rates;
    this.constants = adam;
    this.updates = 0;
    this.mean = new network.Real(network.flat.length);
    this.square = new network.Real(network.flat.length);
  }

  update(weights, gradient, rate) {
    const { mean, square, rates } = this,
      { beta1, beta2, epsilon } = this.constants;
    this.updates += 1;
    const meanScale = (1 - beta1) / (1 - beta1 ** this.updates);
    const rootScale = Math.sqrt((1 - beta2) / (1 - beta2 ** this.updates));
    for (let i = 0; i < weights.length; i++) {
      mean[i] = beta1 * mean[i] + gradient[i];
      square[i] = beta2 * square[i] + gradient[i] * gradient[i];
      const step = (meanScale * mean[i]) / (rootScale * Math.sqrt(square[i]) + epsilon);
      weights[i] -= rate * rates[i] * step;
    }
  }
}

/** Each matrix steps along the nearest orthogonal matrix to its momentum (Jordan et al. 2024). */
class Muon {
  constructor(network, { muon }, rates) {
    this.rates = rates;
    this.constants = muon;
    this.momentum = new network.Real(network.flat.length);
    this.matrices = [];
    let first = 0;
    for (const [rows, columns] of Object.values(network.shapes)) {
      if (rows * columns) this.matrices.push(new Orthogonal(first, rows, columns, network.Real, muon));
      first += rows * columns;
    }
  }

  update(weights, gradient, rate) {
    const { momentum, rates } = this;
    for (let i = 0; i < weights.length; i++) momentum[i] = this.constants.beta * momentum[i] + gradient[i];
    for (const matrix of this.matrices) matrix.step(momentum, weights, rates, rate);
  }
}

/** Newton and Schulz's iteration X <- (a + b XX' + c (XX')^2) X on one matrix of the flat vector. */
class Orthogonal {
  constructor(first, rows, columns, Real, constants) {
    Object.assign(this, { first, rows, columns, constants });
    this.few = Math.min(rows, columns);
    this.many = Math.max(rows, columns);
    this.flipped = rows > columns;
    this.x = new Real(rows * columns);
    this.y = new Real(rows * columns);
    this.square = new Real(this.few ** 2);
    this.inner = new Real(this.few ** 2);
    this.outer = new Real(this.few ** 2);
  }

  /** Where number `i` of the matrix lies in `x`. */
  place(i) {
    return this.flipped ? (i % this.columns) * this.rows + Math.floor(i / this.columns) : i;
  }

  step(momentum, weights, rates, rate) {
    const { few, many, square, inner, outer, first } = this,
      { a, b, c, iterations, tiny } = this.constants;
    const size = few * many;
    let length = 0;
    for (let i = 0; i < size; i++) length += momentum[first + i] ** 2;
    length = Math.sqrt(length) + tiny;
    for (let i = 0; i < size; i++) this.x[this.place(i)] = momentum[first + i] / length;
    for (let round = 0; round < iterations; round++) {
      square.fill(0);
      addOuter(this.x, this.x, square, 0, few, few, few, many);
      for (let i = 0; i < square.length; i++) inner[i] = c * square[i] + (i % (few + 1) ? 0 : b);
      multiply(square, 0, few, inner, outer, few, few, few);
      for (let i = 0; i < few; i++) outer[i * (few + 1)] += a;
      multiply(outer, 0, few, this.x, this.y, few, few, many);
      [this.x, this.y] = [this.y, this.x];
    }
    const scale = rate * Math.sqrt(many);
    for (let i = 0; i < size; i++) weights[first + i] -= scale * rates[first + i] * this.x[this.place(i)];
  }
}

export const OPTIMISERS = { sgd: Sgd, adam: Adam, muon: Muon };

/** What is left of the rate when a part of the games, 0 to 1, is played. */
export const SCHEDULES = {
  constant: () => 1,
  linear: (progress) => Math.max(0, 1 - progress),
  restarts: (progress, { falls }) => {
    if (progress >= 1) return 0;
    const fall = Math.floor(progress * falls);
    return 0.5 ** fall * (1 - (progress * falls - fall));
  },
};
