// Section 4: you against the strongest brains; the score beside a perfect player's, which is computed, not played.

import { ARROW_KEYS, byId, choice, choose, fixed, html, NAMES, NAMES_8, where } from "./dom.js";
import { probabilities } from "./heads.js";
import { Player } from "./network.js";
import { Room } from "./room.js";

// Keys of a cat's diagonals: the letters around S, and the block of numbers.
const CAT_KEYS = {
  w: 0,
  e: 1,
  d: 2,
  c: 3,
  x: 4,
  z: 5,
  y: 5,
  a: 6,
  q: 7,
  8: 0,
  9: 1,
  6: 2,
  3: 3,
  2: 4,
  1: 5,
  4: 6,
  7: 7,
};

export class Fight {
  constructor(game, fighters, random) {
    Object.assign(this, { game, fighters, random, role: "mouse", against: 0 });
    this.board = byId("fight-board");
    this.room = new Room(byId("fight-room"), game, {
      name: "The fight. Arrow keys move you.",
      tap: (cell) => this.tap(cell),
    });
    this.pad = byId("fight-pad");
    this.text = byId("fight-text");
    choice(byId("fight-role"), (role) => this.sit(role, this.against));
    choice(byId("fight-against"), (against) => this.sit(this.role, Number(against)));
    this.board.addEventListener("keydown", (event) => this.key(event));
    byId("fight-next").addEventListener("click", () => this.begin());
    this.sit("mouse", 0);
  }

  get other() {
    return this.role === "mouse" ? "cat" : "mouse";
  }

  get opponent() {
    return this.fighters[this.other][this.against];
  }

  sit(role, against) {
    Object.assign(this, { role, against, games: 0, won: 0, perfect: 0 });
    choose(byId("fight-role"), role);
    choose(byId("fight-against"), String(against));
    const names = role === "mouse" ? NAMES : NAMES_8;
    this.pad.classList.toggle("eight", role === "cat");
    this.pad.replaceChildren(
      ...names.map((name, action) => {
        const button = html(
          "button",
          { type: "button", "aria-label": name, class: `to-${name.replace(" ", "-")}` },
          names.length === 4 ? "↑→↓←"[action] : "↑↗→↘↓↙←↖"[action],
        );
        button.addEventListener("click", () => this.move(action));
        return button;
      }),
    );
    byId("fight-keys").textContent =
      role === "mouse"
        ? "Arrow keys, the buttons, or a tap on a cell beside you."
        : "Arrow keys; Q E Z C for the diagonals; the buttons, or a tap on a cell beside you.";
    this.begin();
  }

  begin() {
    this.start = this.state = this.game.starts[this.random.below(this.game.starts.length)];
    Object.assign(this, { steps: 0, over: false, caught: false, way: [] });
    this.show();
    this.tell(`You are the ${this.role}. ${this.places()}`);
  }

  places() {
    const { game, state } = this;
    return `Cat at ${where(game, game.cat(state))}, mouse at ${where(game, game.mouse(state))}.`;
  }

  key(event) {
    const step = ARROW_KEYS[event.key];
    let action = step
      ? "0,1 1,0 0,-1 -1,0".split(" ").indexOf(step.join()) * (this.role === "cat" ? 2 : 1)
      : -1;
    if (!step && this.role === "cat") action = CAT_KEYS[event.key.toLowerCase()] ?? -1;
    if (this.over && (event.key === " " || event.key === "Enter") && event.target === this.board) {
      event.preventDefault();
      this.begin();
    }
    if (action < 0) return;
    event.preventDefault();
    this.move(action);
  }

  /** Move to a cell that is beside you, if one of your actions leads there. */
  tap(cell) {
    const { game, state, role } = this,
      actions = role === "mouse" ? game.actions : game.catActions;
    for (let action = 0; action < actions; action++) {
      const next =
        role === "mouse" ? game.mouse(game.after(state, action, 0)) : game.cat(game.after(state, 0, action));
      if (next === cell) {
        this.move(action);
        return;
      }
    }
  }

  /** What the opponent does, drawn by its probabilities. */
  answer() {
    const { game, opponent, state, steps, other } = this,
      actions = other === "mouse" ? game.actions : game.catActions;
    if (opponent.network) {
      const seen = game.observe([state], steps, new Float64Array(opponent.network.config.inputs));
      const outputs = new Player(opponent.network, 1).step(seen);
      return this.random.pick(probabilities(opponent.network, outputs, 1, 0, actions));
    }
    const row = ((game.max_steps - steps - 1) * game.states + state) * actions;
    return this.random.pick(Array.from(game.perfect[other].subarray(row, row + actions)));
  }

  move(action) {
    const { game, state, role } = this;
    if (this.over) {
      this.begin();
      return;
    }
    const theirs = this.answer();
    const pair = role === "mouse" ? [action, theirs] : [theirs, action];
    this.way.push({ cell: game.mouse(state), wrong: false });
    this.caught = game.catches(state, ...pair);
    this.state = game.after(state, ...pair);
    this.steps++;
    this.over = this.caught || this.steps >= game.max_steps;
    if (this.over) this.score();
    this.show();
    const left = game.max_steps - this.steps;
    const end = this.caught ? "Caught!" : `The mouse survived all ${game.max_steps} moves.`;
    this.tell(
      this.over
        ? `${end} ${this.caught === (role === "cat") ? "You win." : "You lose."}`
        : `${left} moves left. ${this.places()}`,
    );
  }

  score() {
    const survival = this.opponent.scores[this.start];
    this.games++;
    this.won += this.caught === (this.role === "cat");
    this.perfect += this.role === "mouse" ? survival : 1 - survival;
  }

  tell(text) {
    this.text.textContent = text;
  }

  show() {
    const { game, state } = this;
    this.room.show({ cat: game.cat(state), mouse: game.mouse(state), way: this.way, caught: this.caught });
    byId("fight-games").textContent = this.games;
    byId("fight-won").textContent = this.won;
    byId("fight-perfect").textContent = fixed(this.perfect);
    byId("fight-verb").textContent = this.role === "mouse" ? "you survived" : "you caught it";
    byId("fight-left").textContent = game.max_steps - this.steps;
    byId("fight-next").classList.toggle("primary", this.over);
  }
}
