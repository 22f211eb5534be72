// One game from every start there is, and single games to look at. See agents/evaluation.py.

import { directions, probabilities } from "./heads.js";
import { Player } from "./network.js";

const WORST = 10; // starts that are named

/**
 * Play every start.
 * @param wiped whether the memory is wiped before every move
 * @returns the fields of agents.Evaluation, and `byStart`, the mistakes of each start
 */
export function certify(game, network, wiped = false) {
  const n = game.starts.length,
    player = new Player(network, n);
  const states = Int32Array.from(game.starts),
    playing = new Uint8Array(n).fill(1);
  const seen = new Float64Array(n * network.config.inputs),
    chosen = new Uint8Array(n),
    byStart = new Uint16Array(n);
  const confusion = game.readings.map(() => game.readings.map(() => 0));
  let error = 0,
    moves = 0,
    survived = n,
    returned = 0;
  for (let t = 0; t < game.max_steps; t++) {
    if (wiped) player.reset();
    const outputs = player.step(game.observe(states, t, seen));
    directions(network, outputs, n, game.actions, chosen);
    for (let i = 0; i < n; i++) {
      if (!playing[i]) continue;
      const action = chosen[i],
        ideal = game.label(states[i], game.max_steps - t);
      const reading = network.config.head === "compass" ? outputs[i] : game.readings[action];
      if (action !== ideal) byStart[i]++;
      confusion[ideal][action]++;
      error += Math.abs(game.readings[ideal] - reading);
      moves++;
      returned += game.reward(states[i], action);
      if (game.catches(states[i], action)) ((playing[i] = 0), survived--);
      states[i] = game.after(states[i], action);
    }
  }
  const mistakes = byStart.reduce((sum, one) => sum + one, 0);
  return {
    starts: n,
    moves,
    mistakes,
    mistakes_per_game: mistakes / n,
    compass_error_per_game: (4 * error) / n,
    perfect_starts: byStart.reduce((sum, one) => sum + (one === 0), 0),
    survival_rate: survived / n,
    mean_return: returned / n,
    worst_starts: worstStarts(game, byStart),
    confusion,
    byStart,
  };
}

function worstStarts(game, byStart) {
  const order = Array.from(byStart.keys()).filter((i) => byStart[i]);
  order.sort((a, b) => byStart[b] - byStart[a] || a - b);
  return order.slice(0, WORST).map((i) => ({
    cat: game.place(game.cat(game.starts[i])),
    mouse: game.place(game.mouse(game.starts[i])),
    mistakes: byStart[i],
  }));
}

/** One game, looked at move by move; `wiped`: without memory. */
export class Playing {
  constructor(game, network, state, wiped = false) {
    Object.assign(this, { game, network, wiped, player: new Player(network, 1) });
    this.seen = new Float64Array(network.config.inputs);
    this.begin(state);
  }

  begin(state) {
    Object.assign(this, { state, steps: 0, mistakes: 0, over: false, caught: false, history: [] });
    this.player.reset();
    this.look();
  }

  /** What the brain makes of this moment, as `this.now`. */
  look() {
    const { game, network, player, state, steps } = this;
    if (this.wiped) player.reset();
    const outputs = player.step(game.observe([state], steps, this.seen));
    const action = directions(network, outputs, 1, game.actions)[0];
    const ideal = game.label(state, game.max_steps - steps);
    this.now = {
      state,
      action,
      ideal,
      reading: network.config.head === "compass" ? outputs[0] : game.readings[action],
      probabilities: probabilities(network, outputs, 1, 0, game.actions),
      hidden: Array.from(player.hidden),
      outputs: Array.from(outputs),
      catShows: game.catShows(steps),
    };
  }

  /** Make the brain's move; false where the game is over. */
  advance() {
    if (this.over) return false;
    const { game, now } = this;
    this.history.push(now);
    if (now.action !== now.ideal) this.mistakes++;
    this.caught = game.catches(this.state, now.action);
    this.state = game.after(this.state, now.action);
    this.steps++;
    this.over = this.caught || this.steps >= game.max_steps;
    if (!this.over) this.look();
    return true;
  }
}

/** A whole game from a state. */
export function playOut(game, network, state, wiped = false) {
  const playing = new Playing(game, network, state, wiped);
  while (playing.advance());
  return playing;
}
