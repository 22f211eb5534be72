// The map of all starts: large squares are where the cat begins, small ones in them where the mouse does.

import { ARROW_KEYS } from "./dom.js";

const GAP = 0.6; // between two large squares, in small ones

export class StartMap {
  /** `color` tells a state's color, `pick` is called with the state that is pointed at. */
  constructor(canvas, game, { color, pick }) {
    Object.assign(this, { canvas, game, color, pick, chosen: -1 });
    this.units = game.width * game.width + (game.width - 1) * GAP;
    const at = (event) => {
      const state = this.under(event);
      if (state >= 0 && state !== this.chosen) this.choose(state);
    };
    canvas.addEventListener("pointermove", at);
    canvas.addEventListener("pointerdown", at);
    canvas.addEventListener("keydown", (event) => this.key(event));
    new ResizeObserver(() => this.draw()).observe(canvas);
  }

  choose(state) {
    this.chosen = state;
    this.draw();
    this.pick(state);
  }

  key(event) {
    const step = ARROW_KEYS[event.key];
    if (!step) return;
    event.preventDefault();
    const { game } = this,
      state = Math.max(this.chosen, 0);
    const [cat, mouse] = [game.place(game.cat(state)), game.place(game.mouse(state))];
    // Over the edge of a large square the next one begins.
    const whole = step.map((one, i) => cat[i] * game.width + mouse[i] + one);
    const clamp = whole.map((one) => Math.min(Math.max(one, 0), game.width * game.width - 1));
    const large = clamp.map((one) => Math.floor(one / game.width)),
      small = clamp.map((one) => one % game.width);
    this.choose(game.join(game.cellAt(...large), game.cellAt(...small)));
  }

  /** Where a state's small square lies, from the top left. */
  corner(state) {
    const { game } = this;
    const [cat, mouse] = [game.place(game.cat(state)), game.place(game.mouse(state))];
    const up = (place) => [place[0], game.height - 1 - place[1]];
    const large = up(cat),
      small = up(mouse);
    return large.map((one, i) => one * (game.width + GAP) + small[i]);
  }

  under(event) {
    const box = this.canvas.getBoundingClientRect(),
      { game } = this;
    const split = [event.clientX - box.left, event.clientY - box.top].map((pixels) => {
      const at = (pixels / box.width) * this.units,
        large = Math.floor(at / (game.width + GAP));
      return [large, Math.floor(at - large * (game.width + GAP))];
    });
    if (split.some(([large, small]) => large < 0 || large >= game.width || small < 0 || small >= game.width))
      return -1;
    const [[catX, mouseX], [catY, mouseY]] = split,
      top = game.height - 1;
    return game.join(game.cellAt(catX, top - catY), game.cellAt(mouseX, top - mouseY));
  }

  draw() {
    const { canvas, game } = this,
      pen = canvas.getContext("2d");
    const size = Math.round(canvas.clientWidth * devicePixelRatio);
    if (!size) return;
    if (canvas.width !== size) canvas.width = canvas.height = size;
    const unit = size / this.units;
    pen.clearRect(0, 0, size, size);
    for (let state = 0; state < game.states; state++) {
      const [x, y] = this.corner(state).map((one) => one * unit);
      pen.fillStyle = this.color(state);
      pen.fillRect(x, y, unit * 0.88, unit * 0.88);
    }
    if (this.chosen < 0) return;
    const [x, y] = this.corner(this.chosen).map((one) => one * unit);
    pen.strokeStyle = getComputedStyle(canvas).color;
    pen.lineWidth = Math.max(2, unit * 0.28);
    pen.strokeRect(x - unit * 0.15, y - unit * 0.15, unit * 1.2, unit * 1.2);
  }
}

/** A color for how unsure a brain is, from 0 to 1. */
export function doubt(part) {
  const ends = [
    [176, 205, 238],
    [246, 205, 150],
    [226, 104, 14],
  ];
  const from = part < 0.5 ? 0 : 1,
    along = 2 * part - from;
  return `rgb(${ends[from].map((one, i) => Math.round(one + along * (ends[from + 1][i] - one))).join(" ")})`;
}

/** A color between the page's right and wrong: 0 is right, 1 wrong. */
export function shade(part) {
  const right = [43, 123, 211],
    middle = [246, 205, 150],
    wrong = [226, 104, 14];
  if (part === 0) return `rgb(${right.join(" ")})`;
  return `rgb(${middle.map((one, i) => Math.round(one + part * (wrong[i] - one))).join(" ")})`;
}
