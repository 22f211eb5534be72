// Section 3: the cat is seen once; one brain keeps its memory, the same brain's is wiped before every move.

import { certify, Playing } from "./certificate.js";
import { byId, fixed, plural, stillness, Ticker } from "./dom.js";
import { Room } from "./room.js";
import { wayOf } from "./watch.js";

export class Remember {
  constructor({ game, network }, random) {
    Object.assign(this, { game, random });
    const drag = (which, cell) => this.drag(which, cell);
    this.sides = [
      ["keeps", false],
      ["wiped", true],
    ].map(([id, wiped]) => ({
      room: new Room(byId(`remember-${id}`), game, { name: wiped ? "Without memory" : "With memory", drag }),
      playing: new Playing(game, network, game.starts[0], wiped),
      text: byId(`remember-${id}-text`),
      whole: certify(game, network, wiped),
    }));
    byId("remember-sum").textContent =
      this.sides
        .map(
          ({ whole }, i) =>
            `${i ? "with its memory wiped" : "With its memory"} ${fixed(whole.mistakes_per_game)} mistakes a game`,
        )
        .join(", ") + `, over all ${game.starts.length.toLocaleString("en-GB")} starts.`;
    this.button = byId("remember-play");
    this.ticker = new Ticker(byId("remember"), () => this.tick());
    this.ticker.wait = 550;
    this.button.addEventListener("click", () => this.play(!this.ticker.on));
    byId("remember-step").addEventListener("click", () => {
      this.play(false);
      this.step();
    });
    byId("remember-new").addEventListener("click", () => this.begin());
    this.begin();
    this.play(!stillness());
  }

  play(on) {
    this.ticker.set(on);
    this.button.textContent = on ? "Pause" : "Play";
    for (const { text } of this.sides) text.setAttribute("aria-live", on ? "off" : "polite");
  }

  begin(state = this.game.starts[this.random.below(this.game.starts.length)]) {
    for (const { playing } of this.sides) playing.begin(state);
    this.show();
  }

  drag(which, cell) {
    const { game } = this,
      { history, state } = this.sides[0].playing;
    const first = history[0]?.state ?? state;
    this.begin(which === "cat" ? game.join(cell, game.mouse(first)) : game.join(game.cat(first), cell));
  }

  tick() {
    if (this.sides.some(({ room }) => room.held)) return undefined;
    this.step();
    return this.sides[0].playing.over ? 1800 : undefined;
  }

  step() {
    if (this.sides[0].playing.over) this.begin();
    else {
      for (const { playing } of this.sides) playing.advance();
      this.show();
    }
  }

  show() {
    for (const { room, playing, text } of this.sides) {
      const { game, state, steps, mistakes, now } = playing;
      room.show({
        cat: game.cat(state),
        mouse: game.mouse(state),
        catShows: now.catShows && !playing.over,
        way: wayOf(playing),
      });
      text.textContent = `${plural(steps, "move")}, ${plural(mistakes, "mistake")}${now.catShows ? ". It sees the cat now, and never again" : ""}`;
    }
  }
}
