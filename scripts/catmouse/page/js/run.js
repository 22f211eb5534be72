// A run from its recipe to its certificate: first weights, training, reports. See agents/runs/run.py.

import { certify } from "./certificate.js";
import { Network } from "./network.js";
import { RandomStream } from "./random.js";
import { Trainer } from "./trainer.js";

export class Run {
  /** `recipe`: a RunConfig's fields; with `legacy_stream` weights and starts are the original program's. */
  constructor(game, recipe, constants) {
    Object.assign(this, { game, recipe, constants });
    const { cell, hidden, head, activation, bias, centred } = recipe;
    const config = { cell, hidden, head, activation, bias, centred, inputs: 4, actions: game.actions };
    this.network = new Network(config, recipe.dtype === "float64" ? Float64Array : Float32Array);
    this.random = new RandomStream(recipe.seed);
    if (recipe.legacy_stream) drawOriginal(this.network, this.random);
    else initialise(this.network, this.random, recipe, constants);
    const start = recipe.legacy_stream
      ? () => drawOriginalStart(game, this.random)
      : () => game.starts[Math.floor(this.random.uniform() * game.starts.length)];
    this.trainer = new Trainer(game, this.network, recipe, constants, this.random, start);
    this.curve = [];
    this.report();
  }

  get met() {
    const { measure, target } = this.recipe;
    if (measure === "error") return this.trainer.smoothedError < target;
    return this.last.mistakes_per_game <= target;
  }

  get finished() {
    return this.met || this.trainer.gamesPlayed >= this.recipe.games;
  }

  /** One update, and the report that is due after it; whether there was one. */
  advance() {
    const { trainer, recipe } = this;
    const before = Math.floor(trainer.gamesPlayed / recipe.report_every);
    trainer.update();
    const due = Math.floor(trainer.gamesPlayed / recipe.report_every) > before || this.promising;
    const over = trainer.gamesPlayed >= recipe.games || (recipe.measure === "error" && this.met);
    if (due || over) this.report();
    return due || over;
  }

  /** Whether so many games in a row went without a mistake that a certificate is worth its time. */
  get promising() {
    const { measure, certify_after } = this.recipe;
    if (measure !== "certificate" || certify_after == null) return false;
    const faultless = this.trainer.gamesPlayed - Math.max(this.trainer.lastMistake, this.curve.at(-1).games);
    return faultless >= certify_after;
  }

  report() {
    this.last = certify(this.game, this.network);
    const { gamesPlayed, smoothedError, smoothedMistakes } = this.trainer;
    const certified = this.last.mistakes_per_game;
    this.curve.push({ games: gamesPlayed, error: smoothedError, mistakes: smoothedMistakes, certified });
  }
}

/** First weights: normal, recurrent ones orthogonal, biases 0 but for an LSTM's forget gate. */
export function initialise(network, random, recipe, constants) {
  const { blocks, config, hidden, seen, bias, cell } = network;
  const deep = config.cell === "mlp2";
  const gain = (recipe.input_gain ?? 1) * (deep ? constants.lower_scale : 1);
  const width = seen + (cell.recurrent ? hidden : 0),
    rows = blocks.inner.length / width;
  for (let row = 0; row < rows; row++) {
    for (let i = 0; i < config.inputs; i++) blocks.inner[row * width + i] = gain * random.normal();
    if (deep && bias) blocks.inner[row * width + config.inputs] = constants.lower_scale * random.normal();
  }
  for (let gate = 0; cell.recurrent && recipe.recurrent_gain && gate < cell.gates; gate++) {
    const matrix = orthogonal(hidden, random);
    matrix.forEach((row, i) =>
      row.forEach(
        (one, j) => (blocks.inner[(gate * hidden + i) * width + seen + j] = recipe.recurrent_gain * one),
      ),
    );
  }
  if (config.cell === "lstm" && bias) {
    for (let unit = hidden; unit < 2 * hidden; unit++) {
      blocks.inner[unit * width + config.inputs] = constants.forget_bias;
    }
  }
  const scatter = (block, from) => {
    const columns = from + hidden;
    for (let i = 0; i < block.length; i++) {
      if (i % columns >= from) block[i] = random.normal() / Math.sqrt(hidden);
    }
  };
  if (deep) scatter(blocks.upper, bias);
  scatter(blocks.outer, bias);
}

/** A random orthogonal matrix, by Gram and Schmidt. */
function orthogonal(size, random) {
  const rows = [];
  while (rows.length < size) {
    let row = Array.from({ length: size }, () => random.normal());
    for (const other of rows) {
      const part = row.reduce((sum, one, i) => sum + one * other[i], 0);
      row = row.map((one, i) => one - part * other[i]);
    }
    const length = Math.hypot(...row);
    rows.push(row.map((one) => one / length));
  }
  return rows;
}

// The original program's stream: weights 2u - 1 from inputs, to the output, among the hidden units; then starts.

function drawOriginal({ blocks, config, hidden }, random) {
  const width = config.inputs + hidden,
    draw = () => 2 * random.uniform() - 1;
  for (let i = 0; i < config.inputs; i++)
    for (let unit = 0; unit < hidden; unit++) blocks.inner[unit * width + i] = draw();
  for (let unit = 0; unit < hidden; unit++) blocks.outer[unit] = draw();
  for (let i = 0; i < hidden; i++) {
    for (let unit = 0; unit < hidden; unit++) blocks.inner[unit * width + config.inputs + i] = draw();
  }
}

function drawOriginalStart(game, random) {
  const [catX, catY, mouseX, mouseY] = [game.width, game.height, game.width, game.height].map((most) =>
    random.below(most),
  );
  return game.join(game.cellAt(catX, catY), game.cellAt(mouseX, mouseY));
}
