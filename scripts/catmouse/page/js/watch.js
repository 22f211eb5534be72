// Section 1: a certified mouse runs; everything can be dragged, and everything answers.

import { Bars, Compass, Units } from "./brain_view.js";
import { Playing } from "./certificate.js";
import { byId, count, html, NAMES, plural, stillness, Ticker, where } from "./dom.js";
import { directions } from "./heads.js";
import { Player } from "./network.js";
import { Room } from "./room.js";

const PAUSE = 1400; // milliseconds between games

/** What the brain would do at a game's first move, by the mouse's cell, the cat being where it is. */
export function plan(game, network, cat) {
  const states = Int32Array.from({ length: game.cells }, (_, mouse) => game.join(cat, mouse));
  const outputs = new Player(network, game.cells).step(
    game.observe(states, 0, new Float64Array(game.cells * network.config.inputs)),
  );
  const chosen = directions(network, outputs, game.cells, game.actions);
  return Array.from(chosen, (action, mouse) => ({
    action,
    wrong: action !== game.label(states[mouse], game.max_steps),
    strength: 1,
  }));
}

/** The way of a game so far, for a room to draw. */
export function wayOf(playing) {
  const { game, history } = playing;
  return history.map(({ state, action, ideal }) => ({ cell: game.mouse(state), wrong: action !== ideal }));
}

export class Watch {
  constructor(brains, random) {
    Object.assign(this, { brains, random });
    this.text = byId("watch-text");
    this.playButton = byId("watch-play");
    this.compass = new Compass(byId("watch-compass"));
    this.bars = new Bars(byId("watch-bars"));
    this.units = new Units(byId("watch-units"));
    this.room = new Room(byId("watch-room"), brains[0].game, {
      name: "The room. Cat and mouse can be moved.",
      drag: (...to) => this.drag(...to),
    });
    const menu = byId("watch-brain");
    menu.append(...brains.map(({ title }, i) => html("option", { value: i }, title)));
    menu.addEventListener("change", () => this.take(Number(menu.value)));
    this.ticker = new Ticker(byId("watch"), () => this.tick());
    this.playButton.addEventListener("click", () => this.play(!this.ticker.on));
    byId("watch-step").addEventListener("click", () => this.step());
    byId("watch-new").addEventListener("click", () => this.begin());
    const speed = byId("watch-speed");
    const setSpeed = () => (this.ticker.wait = 1000 / Number(speed.value));
    speed.addEventListener("input", setSpeed);
    setSpeed();
    this.take(0);
    this.play(!stillness());
  }

  take(number) {
    const { game, network, certificate } = (this.brain = this.brains[number]);
    this.playing = new Playing(game, network, game.starts[0]);
    this.room.setGame(game);
    const { mistakes, starts, moves } = certificate;
    byId("watch-seal").textContent = mistakes
      ? `${plural(mistakes, "mistake")} in ${count(moves)} moves from ${count(starts)} starts`
      : `Certified: no mistake from any of the ${count(starts)} starts`;
    byId("watch-seal").className = `seal ${mistakes ? "flawed" : "sure"}`;
    byId("watch-title").textContent = mistakes ? "A tiny brain, and where it errs" : "A tiny brain that never errs";
    byId("watch-size").textContent = network.hidden;
    this.begin();
  }

  /** A new game, from a start in which the two are near: then something happens. */
  begin() {
    const { game } = this.brain;
    let state = 0;
    for (let tries = 0; tries < 20; tries++) {
      state = game.starts[this.random.below(game.starts.length)];
      const [cat, mouse] = [game.place(game.cat(state)), game.place(game.mouse(state))];
      const apart = Math.abs(cat[0] - mouse[0]) + Math.abs(cat[1] - mouse[1]);
      if (apart > 0 && apart < 4) break;
    }
    this.playing.begin(state);
    this.show();
  }

  play(on) {
    this.ticker.set(on);
    this.playButton.textContent = on ? "Pause" : "Play";
    this.text.setAttribute("aria-live", on ? "off" : "polite");
  }

  tick() {
    if (this.room.held) return undefined;
    if (this.playing.over) this.begin();
    else {
      this.playing.advance();
      this.show();
    }
    return this.playing.over ? PAUSE : undefined;
  }

  step() {
    this.play(false);
    if (this.playing.over) this.begin();
    else {
      this.playing.advance();
      this.show();
    }
  }

  drag(which, cell) {
    const { game } = this.brain,
      { state } = this.playing;
    const next = which === "cat" ? game.join(cell, game.mouse(state)) : game.join(game.cat(state), cell);
    if (game.lethal && game.cat(next) === game.mouse(next)) return;
    this.playing.begin(next);
    this.show();
  }

  show() {
    const { playing, room, brain } = this,
      { game, network } = brain,
      { now, state, steps } = playing;
    const cat = game.cat(state),
      mouse = game.mouse(state);
    room.show({ cat, mouse, catShows: now.catShows, way: wayOf(playing), caught: playing.caught });
    const planned = network.cell.recurrent && game.visible !== null && steps >= game.visible;
    room.showArrows(planned ? null : plan(game, network, cat));
    this.compass.show(game, now.reading, now.ideal);
    this.bars.show(now.probabilities, now.ideal);
    this.units.show(now.hidden);
    const sure = (100 * now.probabilities[now.action]).toFixed(1);
    this.text.textContent = playing.over
      ? `The game is over after ${plural(steps, "move")}, ${plural(playing.mistakes, "mistake")}.`
      : `Move ${steps + 1} of ${game.max_steps}. Cat at ${where(game, cat)}${now.catShows ? "" : " (unseen)"}, mouse at ` +
        `${where(game, mouse)}. The brain says ${NAMES[now.action]} (${sure} %), the teacher ${NAMES[now.ideal]}.`;
  }
}
