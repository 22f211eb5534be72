// Play a batch of games, read the teacher's labels, make one update: agents/trainer.py on tables.

import { directions, lossGradient } from "./heads.js";
import { OPTIMISERS, SCHEDULES } from "./optimisers.js";

// DAgger's beta: which part of the games the teacher plays, by progress from 0 to 1.
const BETAS = { learner: () => 0, teacher: () => 1, mixed: (progress) => Math.max(0, 1 - 2 * progress) };

export class Trainer {
  /** `recipe` has the fields of agents.runs.config.RunConfig, `start` draws one start. */
  constructor(game, network, recipe, constants, random, start) {
    Object.assign(this, { game, network, recipe, constants, random, start });
    this.n = recipe.batch;
    this.moves = Math.min(recipe.rollout_steps ?? game.max_steps, game.max_steps);
    this.buffer = network.buffer(this.moves, this.n);
    this.gradient = new network.Real(network.flat.length);
    this.optimiser = new OPTIMISERS[recipe.optimizer](network, constants, this.stepRates());
    this.states = new Int32Array(this.n);
    this.teacherPlays = new Uint8Array(this.n);
    this.seen = new Float64Array(this.n * network.config.inputs);
    const bytes = () => Array.from({ length: this.moves }, () => new Uint8Array(this.n));
    this.labels = bytes();
    this.chosen = bytes();
    this.gamesPlayed = this.updates = this.lastMistake = 0;
    this.smoothedError = this.smoothedMistakes = NaN;
  }

  /** What steps are multiplied by: less for recurrent weights, where the recipe says so. */
  stepRates() {
    const { network, recipe } = this,
      { seen, hidden, cell } = network;
    const rates = new network.Real(network.flat.length).fill(1);
    const recurrent = recipe.recurrent_rate ?? 1;
    if (cell.recurrent && recurrent !== 1) {
      const inner = network.split(rates).inner;
      for (let i = 0; i < inner.length; i++) if (i % (seen + hidden) >= seen) inner[i] = recurrent;
    }
    return rates;
  }

  get progress() {
    return this.gamesPlayed / this.recipe.games;
  }

  update() {
    const { game, network, buffer, n, states, labels, chosen, teacherPlays } = this;
    const beta = BETAS[this.recipe.rollout_policy ?? "learner"](this.progress);
    for (let i = 0; i < n; i++) {
      states[i] = this.start();
      teacherPlays[i] = beta > 0 && this.random.uniform() < beta ? 1 : 0;
    }
    let error = 0,
      mistakes = 0;
    for (let t = 0; t < this.moves; t++) {
      network.encode(game.observe(states, t, this.seen), buffer, t);
      const outputs = network.forward(buffer, t);
      directions(network, outputs, n, game.actions, chosen[t]);
      for (let i = 0; i < n; i++) {
        const ideal = (labels[t][i] = game.label(states[i], game.max_steps - t));
        const action = chosen[t][i];
        const reading = network.config.head === "compass" ? outputs[i] : game.readings[action];
        mistakes += action !== ideal;
        error += Math.abs(game.readings[ideal] - reading);
        states[i] = game.after(states[i], teacherPlays[i] ? ideal : action);
      }
      lossGradient(network, outputs, n, labels[t], game.readings);
    }
    network.backward(buffer, buffer.outputs, this.gradient);
    this.descend();
    const games = (n * this.moves) / game.max_steps; // whole games' worth of moves
    this.smooth((4 * error) / games, mistakes / games);
    this.gamesPlayed += n;
    this.updates += 1;
    if (mistakes) this.lastMistake = this.gamesPlayed;
  }

  descend() {
    const { gradient, recipe, network, constants } = this;
    if (recipe.clip != null) {
      let square = 0;
      for (let i = 0; i < gradient.length; i++) square += gradient[i] ** 2;
      const scale = recipe.clip / Math.sqrt(square);
      if (scale < 1) for (let i = 0; i < gradient.length; i++) gradient[i] *= scale;
    }
    const rate = recipe.learning_rate * SCHEDULES[recipe.schedule](this.progress, constants);
    this.optimiser.update(network.flat, gradient, rate);
    let sum = 0;
    for (let i = 0; i < network.flat.length; i++) sum += network.flat[i];
    if (!Number.isFinite(sum)) throw new Error("the weights are not finite: take a smaller rate");
  }

  smooth(error, mistakes) {
    if (this.updates === 0) {
      this.smoothedError = error;
      this.smoothedMistakes = mistakes;
    } else {
      const keep = this.constants.smoothing ** this.n;
      this.smoothedError = keep * this.smoothedError + (1 - keep) * error;
      this.smoothedMistakes = keep * this.smoothedMistakes + (1 - keep) * mistakes;
    }
  }
}
