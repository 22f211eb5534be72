// Section 2: a fresh brain learns in the page, and everything that it was on the way can be looked at.

import { playOut } from "./certificate.js";
import { Curve } from "./curve.js";
import { byId, count, fixed, NAMES, plural, stillness, Ticker, where } from "./dom.js";
import { Network } from "./network.js";
import { Room } from "./room.js";
import { Settings } from "./settings.js";
import { shade, StartMap } from "./start_map.js";
import { wayOf } from "./watch.js";

const STEP = 350; // milliseconds a move of a game that is looked at

export class Learn {
  constructor(data, games, program) {
    Object.assign(this, { data, games, program, reports: [] });
    this.curve = new Curve(byId("learn-curve"));
    this.room = new Room(byId("learn-room"), games.view, { name: "The game from the chosen start" });
    const color = (state) =>
      shade(this.report ? Math.min(1, this.report.byStart[this.starts[state]] / 10) : 1);
    this.map = new StartMap(byId("learn-map"), games.view, { color, pick: (state) => this.visit(state) });
    this.slider = byId("learn-slider");
    this.slider.addEventListener("input", () => this.goTo(Number(this.slider.value)));
    this.starts = Object.fromEntries(Array.from(games.view.starts, (state, i) => [state, i]));
    this.ticker = new Ticker(byId("learn"), () => this.tick());
    this.ticker.wait = STEP;
    byId("learn-train").addEventListener("click", () => (this.worker ? this.stop() : this.train()));
    byId("learn-mistake").addEventListener("click", () => this.exampleMistake());
    this.settings = new Settings(data.recipes);
    this.clear();
  }

  // Training

  clear() {
    this.reports = [];
    this.report = null;
    this.slider.max = 0;
    this.slider.disabled = byId("learn-mistake").disabled = true;
    this.curve.draw([], 10_000);
    this.map.draw();
  }

  train() {
    this.clear();
    this.game = this.games[this.settings.sight];
    this.running = this.settings.recipe;
    this.room.setGame(this.game);
    const source = new Blob([this.program], { type: "text/javascript" });
    this.address = URL.createObjectURL(source);
    this.worker = new Worker(this.address);
    this.worker.onmessage = ({ data }) => this.hear(data);
    this.worker.onerror = (event) => this.hear({ type: "failed", message: event.message });
    this.worker.postMessage({
      tables: this.game.tables,
      recipe: this.running,
      constants: this.data.constants,
    });
    byId("learn-train").textContent = "Stop";
    byId("learn-start").setAttribute("aria-live", "off"); // or every report would be read out
    this.seal("Training …", "");
  }

  stop() {
    this.worker?.postMessage("stop");
  }

  hear(message) {
    if (message.type === "report") this.keep(message);
    if (message.type === "progress") this.tell(message);
    if (message.type === "done") this.finish(message.met);
    if (message.type === "failed") {
      this.end();
      this.seal(`Training broke off: ${message.message}`, "flawed");
    }
  }

  keep(report) {
    const atEnd = Number(this.slider.value) >= this.reports.length - 1;
    this.reports.push(report);
    this.slider.max = this.reports.length - 1;
    this.slider.disabled = byId("learn-mistake").disabled = false;
    if (atEnd) this.slider.value = this.reports.length - 1;
    if (atEnd) this.goTo(this.reports.length - 1);
    else this.drawCurve();
  }

  tell({ games, error, seconds }) {
    byId("learn-games").textContent = count(games);
    byId("learn-speed").textContent = count(games / Math.max(seconds, 0.001));
    byId("learn-seconds").textContent = fixed(seconds, 1);
    byId("learn-error").textContent = Number.isFinite(error) ? fixed(error, 3) : "–";
  }

  end() {
    this.worker.terminate();
    URL.revokeObjectURL(this.address);
    this.worker = null;
    byId("learn-train").textContent = "Train a fresh brain";
    byId("learn-start").setAttribute("aria-live", "polite");
  }

  finish(met) {
    this.end();
    const last = this.reports.at(-1),
      { games, seconds } = last.point,
      starts = this.game.starts.length;
    this.goTo(this.reports.length - 1);
    if (this.running.measure === "error" && met) {
      const perfect = last.byStart.reduce((sum, one) => sum + (one === 0), 0);
      this.seal(
        `Below ${this.running.target} errors a game in game number ${count(games - 1)}, as the article counts; ` +
          `yet only ${count(perfect)} of ${count(starts)} starts without a mistake`,
        "flawed",
      );
    } else if (last.mistakes === 0) {
      this.seal(
        `Certified: no mistake from any of the ${count(starts)} starts, after ${count(games)} games and ${fixed(seconds, 1)} seconds`,
        "sure",
      );
    } else {
      this.seal(
        `Ended with ${plural(last.mistakes, "mistake")} from ${count(starts)} starts, after ${count(games)} games`,
        "flawed",
      );
    }
  }

  seal(text, kind) {
    const seal = byId("learn-seal");
    seal.textContent = text;
    seal.className = `seal ${kind}`;
  }

  // Looking

  drawCurve() {
    this.curve.draw(
      this.reports.map(({ point }) => point),
      10_000,
      this.number,
    );
  }

  goTo(number) {
    this.number = number;
    this.slider.value = number;
    const report = (this.report = this.reports[number]);
    const { games } = report.point;
    const text = `After ${count(games)} games: ${plural(report.mistakes, "mistake")} from all starts`;
    byId("learn-when").textContent = text;
    this.slider.setAttribute("aria-valuetext", text);
    const Real = report.weights.constructor;
    this.network = Network.from(report.config, report.weights, Real);
    this.drawCurve();
    this.map.draw();
    this.look(
      this.map.chosen < 0 ? this.game.starts[Math.floor(this.game.starts.length / 3)] : this.map.chosen,
    );
  }

  /** The game from a start, with the brain as it was at the slider. */
  look(state) {
    if (!this.report) return;
    this.map.chosen = state;
    this.playing = playOut(this.game, this.network, state);
    const { mistakes, steps } = this.playing;
    byId("learn-start").textContent =
      `Cat at ${where(this.game, this.game.cat(state))}, mouse at ${where(this.game, this.game.mouse(state))}: ` +
      (mistakes ? `${plural(mistakes, "mistake")} in ${plural(steps, "move")}` : "no mistake");
    this.showMove(steps);
    this.ticker.set(false);
  }

  /** A start that the visitor points at: its game is played. */
  visit(state) {
    this.look(state);
    if (this.report && !stillness()) this.replay(this.playing.steps);
  }

  /** Play the game that is looked at, up to a move; `atEnd` is called there. */
  replay(until, atEnd = () => {}) {
    Object.assign(this, { shownMoves: 0, until, atEnd });
    this.showMove(0);
    this.ticker.set(true);
  }

  /** The game as it stands after so many moves. */
  showMove(moves) {
    const { game, playing } = this,
      way = wayOf(playing).slice(0, moves);
    const state = playing.history[moves]?.state ?? playing.state;
    this.room.show({ cat: game.cat(state), mouse: game.mouse(state), way, catShows: game.catShows(moves) });
  }

  /** The worst start of the brain at the slider, or of the last one that made mistakes; up to the first of them. */
  exampleMistake() {
    let number = this.number;
    while (number > 0 && this.reports[number].mistakes === 0) number--;
    if (this.reports[number].mistakes === 0) return;
    const { byStart } = this.reports[number];
    const wrong = Array.from(byStart.keys()).filter((start) => byStart[start]);
    this.goTo(number);
    const start = wrong[Math.floor(Math.random() * wrong.length)];
    this.map.choose(this.game.starts[start]);
    const first = this.playing.history.findIndex(({ action, ideal }) => action !== ideal);
    const { action, ideal } = this.playing.history[first];
    this.replay(first + 1, () => {
      byId("learn-start").textContent +=
        `; move ${first + 1}: the brain went ${NAMES[action]}, the teacher says ${NAMES[ideal]}`;
    });
  }

  tick() {
    this.shownMoves += 1;
    this.showMove(this.shownMoves);
    if (this.shownMoves < this.until) return;
    this.ticker.set(false);
    this.atEnd();
  }
}
