// Elements, keys and numbers as the page shows them.

const SVG = "http://www.w3.org/2000/svg";
export const NAMES = ["up", "right", "down", "left"];
export const NAMES_8 = ["up", "up right", "right", "down right", "down", "down left", "left", "up left"];
export const ARROW_KEYS = { ArrowUp: [0, 1], ArrowRight: [1, 0], ArrowDown: [0, -1], ArrowLeft: [-1, 0] };

export function byId(id) {
  return document.getElementById(id);
}

function fill(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

export function html(tag, attributes = {}, ...children) {
  return fill(document.createElement(tag), attributes, children);
}

export function svg(tag, attributes = {}, ...children) {
  return fill(document.createElementNS(SVG, tag), attributes, children);
}

export function stillness() {
  return matchMedia("(prefers-reduced-motion: reduce)").matches;
}

export function count(number) {
  return Math.round(number).toLocaleString("en-GB");
}

export function fixed(number, digits = 2) {
  return number.toLocaleString("en-GB", { minimumFractionDigits: digits, maximumFractionDigits: digits });
}

export function plural(number, one, many = `${one}s`) {
  return `${count(number)} ${number === 1 ? one : many}`;
}

/** A cell in words, counted from 1 as people do. */
export function where(game, cell) {
  const [x, y] = game.place(cell);
  return `column ${x + 1}, row ${y + 1}`;
}

/** Call back when an element comes into sight and when it goes. */
export function onSight(element, callback) {
  new IntersectionObserver((entries) => callback(entries.at(-1).isIntersecting)).observe(element);
}

/** A timer that ticks while it is on and its element is in sight. */
export class Ticker {
  constructor(element, tick) {
    Object.assign(this, { tick, on: false, inSight: true, wait: 400 });
    onSight(element, (inSight) => {
      this.inSight = inSight;
      this.schedule();
    });
  }

  set(on) {
    this.on = on;
    this.schedule();
  }

  schedule(wait = this.wait) {
    clearTimeout(this.timer);
    if (!this.on || !this.inSight) return;
    this.timer = setTimeout(() => this.schedule(this.tick() ?? this.wait), wait);
  }
}

/** Which button of a group of buttons with `data-value` is chosen. */
export function choice(group, callback) {
  group.addEventListener("click", (event) => {
    const chosen = event.target.closest("button[data-value]");
    if (!chosen) return;
    choose(group, chosen.dataset.value);
    callback(chosen.dataset.value);
  });
}

export function choose(group, value) {
  for (const button of group.querySelectorAll("button[data-value]")) {
    button.setAttribute("aria-pressed", String(button.dataset.value === value));
  }
}
