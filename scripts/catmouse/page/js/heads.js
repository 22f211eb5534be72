// Heads: what the outputs mean, and how far they are from the teacher's labels. See agents/heads.py.

/** The directions chosen in n games, from outputs (outputs, n). */
export function directions(network, outputs, n, actions, into = new Uint8Array(n)) {
  if (network.config.head === "compass") {
    for (let game = 0; game < n; game++) into[game] = band(outputs[game], actions);
    return into;
  }
  for (let game = 0; game < n; game++) {
    let best = 0;
    for (let a = 1; a < actions; a++) if (outputs[a * n + game] > outputs[best * n + game]) best = a;
    into[game] = best;
  }
  return into;
}

/** The direction in whose band a compass reading lies. */
export function band(reading, actions) {
  return Math.min(Math.floor(reading * actions), actions - 1);
}

/** The probabilities of one game's directions; a compass is sure of its own. */
export function probabilities(network, outputs, n, game, actions) {
  if (network.config.head === "compass") {
    const chosen = band(outputs[game], actions);
    return Array.from({ length: actions }, (_, a) => (a === chosen ? 1 : 0));
  }
  const logits = Array.from({ length: actions }, (_, a) => outputs[a * n + game]);
  const top = Math.max(...logits);
  const odds = logits.map((logit) => Math.exp(logit - top));
  const sum = odds.reduce((total, one) => total + one, 0);
  return odds.map((one) => one / sum);
}

/** Outputs (outputs, n) become the loss's gradient by what the last matrix gave, averaged over games. */
export function lossGradient(network, outputs, n, labels, readings) {
  if (network.config.head === "compass") {
    for (let game = 0; game < n; game++) {
      const y = outputs[game];
      outputs[game] = ((y - readings[labels[game]]) * y * (1 - y)) / n;
    }
    return;
  }
  const actions = outputs.length / n;
  for (let game = 0; game < n; game++) {
    let top = -Infinity,
      sum = 0;
    for (let a = 0; a < actions; a++) top = Math.max(top, outputs[a * n + game]);
    for (let a = 0; a < actions; a++) sum += outputs[a * n + game] = Math.exp(outputs[a * n + game] - top);
    for (let a = 0; a < actions; a++) {
      outputs[a * n + game] = (outputs[a * n + game] / sum - (a === labels[game] ? 1 : 0)) / n;
    }
  }
}
