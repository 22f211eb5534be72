// Active learning: the brain asks where it is least sure, and learns from the answers alone.

import { certify } from "./certificate.js";
import { directions, lossGradient, probabilities } from "./heads.js";
import { Network } from "./network.js";
import { OPTIMISERS } from "./optimisers.js";
import { RandomStream } from "./random.js";
import { initialise } from "./run.js";

const CONFIG = { cell: "mlp", hidden: 32, head: "direction", activation: "tanh", bias: true, centred: true };
const BATCH = 64; // answers that a step learns from
const RATE = 0.01;
const MOST_STEPS = 60; // after an answer; fewer where all answers are known by heart
const FEWEST_STEPS = 6;
const SURE = 0.9; // how likely the right answer must be to be known by heart

/** The least probability that a right answer has, from the loss's gradient, which is (p - 1) / games there. */
function leastSure(deltas, labels) {
  let least = 1;
  labels.forEach((label, i) => (least = Math.min(least, 1 + BATCH * deltas[label * BATCH + i])));
  return least;
}

export class Lesson {
  constructor(game, constants, seed) {
    this.game = game;
    this.random = new RandomStream(seed);
    this.network = new Network({ ...CONFIG, inputs: 4, actions: game.actions });
    initialise(this.network, this.random, { input_gain: 1 }, constants);
    this.optimiser = new OPTIMISERS.muon(this.network, constants, this.gradient().fill(1));
    this.change = this.gradient();
    this.answers = new Map(); // state -> { action, by }
    this.batch = this.network.buffer(1, BATCH);
    this.everywhere = this.network.buffer(1, game.states);
    this.states = Int32Array.from({ length: game.states }, (_, state) => state);
    this.look();
  }

  gradient() {
    return new this.network.Real(this.network.flat.length);
  }

  /** What the brain would do in every state, how sure it is, and where it is least sure. */
  look() {
    const { game, network, everywhere, states, answers } = this;
    network.encode(game.observe(states, 0, new Float64Array(states.length * 4)), everywhere, 0);
    const outputs = network.forward(everywhere, 0);
    this.actions = directions(network, outputs, states.length, game.actions);
    this.sureness = Float32Array.from(states, (state) => {
      const [first, second] = probabilities(network, outputs, states.length, state, game.actions).sort(
        (a, b) => b - a,
      );
      return first - second;
    });
    let asked = -1;
    for (const start of game.starts) {
      if (!answers.has(start) && (asked < 0 || this.sureness[start] < this.sureness[asked])) asked = start;
    }
    this.asked = asked;
  }

  /** Take an answer to the question, from "you" or the "teacher", and learn. */
  answer(action, by = "you", state = this.asked) {
    this.answers.delete(state); // so that a second answer is the newest
    this.answers.set(state, { action, by });
    this.learn();
    this.look();
  }

  /** Take the last answer back. */
  undo() {
    const last = [...this.answers.keys()].at(-1);
    if (last === undefined) return;
    this.answers.delete(last);
    if (this.answers.size) this.learn();
    this.look();
    this.asked = last;
  }

  learn() {
    const known = [...this.answers],
      { network, game, batch } = this;
    const states = new Int32Array(BATCH),
      labels = new Uint8Array(BATCH);
    const seen = new Float64Array(BATCH * 4);
    for (let step = 0; step < MOST_STEPS; step++) {
      for (let i = 0; i < BATCH; i++) {
        // The newest answer is in every batch.
        const [state, { action }] = i
          ? known[Math.floor(this.random.uniform() * known.length)]
          : known.at(-1);
        states[i] = state;
        labels[i] = action;
      }
      network.encode(game.observe(states, 0, seen), batch, 0);
      const outputs = network.forward(batch, 0);
      lossGradient(network, outputs, BATCH, labels, game.readings);
      if (step >= FEWEST_STEPS && leastSure(outputs, labels) > SURE) break;
      network.backward(batch, batch.outputs, this.change);
      this.optimiser.update(network.flat, this.change, RATE);
    }
  }

  /** How many answers there are, and how many of them the teacher would not have given. */
  count(by) {
    const own = [...this.answers].filter(([, answer]) => answer.by === by);
    const wrong = own.filter(([state, { action }]) => action !== this.game.label(state, this.game.max_steps));
    return { answers: own.length, mistakes: wrong.length, wrong: wrong.map(([state]) => state) };
  }

  certify() {
    return certify(this.game, this.network);
  }
}
