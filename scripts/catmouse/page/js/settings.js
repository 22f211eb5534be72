// What is trained: the fields of the section on learning, filled in by the recipes of the Python package.

import { byId, choice, choose } from "./dom.js";

const MOST_GAMES = 500_000; // but for the article's own program
const REPORT_EVERY = { view: 1000, memory: 2000, original: 5000 }; // games

export class Settings {
  constructor(recipes) {
    this.recipes = recipes;
    this.sight = "view";
    choice(byId("learn-preset"), (value) => this.take(value));
    choice(byId("learn-sight"), (value) => this.see(value));
    byId("learn-cell").addEventListener("change", () => this.fill());
    byId("learn-rate").addEventListener("input", () => {
      this.setRate(Number((10 ** Number(byId("learn-rate").value)).toPrecision(2)));
    });
    this.take("ours");
  }

  /** The preset: "ours", or "article", which leaves no choice of cell, mover and sight. */
  take(preset) {
    this.preset = preset;
    const article = preset === "article";
    for (const id of ["learn-cell", "learn-moves"]) byId(id).disabled = article;
    for (const button of byId("learn-sight").children) button.disabled = article;
    if (article) {
      byId("learn-cell").value = "elman";
      byId("learn-moves").value = "learner";
      this.sight = "view";
      choose(byId("learn-sight"), "view");
    }
    this.fill();
  }

  /** Whether the cat is seen always, "view", or once, "memory", for which a gated cell is the better start. */
  see(sight) {
    this.sight = sight;
    if (sight === "memory" && byId("learn-cell").value === "elman") byId("learn-cell").value = "gru";
    this.fill();
  }

  get name() {
    return this.preset === "article" ? "original" : `${byId("learn-cell").value} ${this.sight}`;
  }

  /** The recipe's own values into the fields. */
  fill() {
    const { hidden, learning_rate } = this.recipes[this.name];
    byId("learn-hidden").value = hidden;
    byId("learn-rate").value = Math.log10(learning_rate);
    this.setRate(learning_rate);
  }

  setRate(rate) {
    this.rate = rate;
    byId("learn-rate-value").textContent = String(rate);
  }

  /** A run's whole configuration. */
  get recipe() {
    const recipe = this.recipes[this.name], article = this.preset === "article";
    return {
      ...recipe,
      hidden: Number(byId("learn-hidden").value),
      learning_rate: this.rate,
      rollout_policy: byId("learn-moves").value,
      seed: Number(byId("learn-seed").value) || 0,
      report_every: REPORT_EVERY[article ? "original" : this.sight],
      games: article ? recipe.games : MOST_GAMES,
    };
  }
}
