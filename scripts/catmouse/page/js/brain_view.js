// What goes on in a brain: the compass, the probabilities, the hidden units.

import { html, NAMES, svg } from "./dom.js";

const BLUE = [11, 97, 196],
  ORANGE = [230, 126, 20];

export class Compass {
  constructor(holder) {
    const needle = (kind, d) => svg("path", { class: `needle ${kind}`, d });
    this.teacher = needle("teacher", "M0 -70 L13 -18 L0 -28 L-13 -18Z M0 62 L0 -18");
    this.brain = needle("brain", "M0 -58 L9 0 L0 16 L-9 0Z");
    const letters = NAMES.map((name, i) => {
      const angle = (i * Math.PI) / 2;
      const at = {
        x: 88 * Math.sin(angle),
        y: -88 * Math.cos(angle) + 6,
        "text-anchor": "middle",
        class: "letter",
      };
      return svg("text", at, "↑→↓←"[i]);
    });
    this.picture = svg(
      "svg",
      { viewBox: "-105 -105 210 210", class: "compass", role: "img" },
      svg("circle", { class: "ring", r: 74 }),
      svg("path", { class: "bands", d: "M-52 -52 L52 52 M52 -52 L-52 52" }),
      ...letters,
      this.teacher,
      this.brain,
      svg("circle", { class: "hub", r: 7 }),
    );
    holder.append(this.picture);
  }

  /** Readings are clockwise parts of a whole turn; the middle of the first band points up. */
  show(game, reading, ideal) {
    const turn = (value) => `rotate(${(value - game.readings[0]) * 360}deg)`;
    this.brain.style.transform = turn(reading);
    this.teacher.style.transform = turn(game.readings[ideal]);
    this.picture.setAttribute(
      "aria-label",
      `Compass: the brain reads ${reading.toFixed(3)}, the teacher ${game.readings[ideal]}`,
    );
  }
}

export class Bars {
  constructor(holder) {
    this.rows = NAMES.map((name, i) => {
      const bar = html("span", { class: "bar" }),
        value = html("span", { class: "value" });
      const row = html(
        "li",
        {},
        html("span", { class: "name" }, `${"↑→↓←"[i]} ${name}`),
        html("span", { class: "track" }, bar),
        value,
      );
      return { row, bar, value };
    });
    holder.append(...this.rows.map(({ row }) => row));
  }

  show(probabilities, ideal) {
    this.rows.forEach(({ row, bar, value }, i) => {
      bar.style.transform = `scaleX(${probabilities[i]})`;
      value.textContent = `${(100 * probabilities[i]).toFixed(1)} %`;
      row.classList.toggle("ideal", i === ideal);
    });
  }
}

/** The hidden units as little lamps, blue above zero and orange below. */
export class Units {
  constructor(holder) {
    this.holder = holder;
  }

  show(hidden) {
    while (this.holder.children.length < hidden.length) this.holder.append(html("span"));
    while (this.holder.children.length > hidden.length) this.holder.lastChild.remove();
    hidden.forEach((value, i) => {
      const color = value < 0 ? ORANGE : BLUE;
      this.holder.children[i].style.backgroundColor =
        `rgb(${color.join(" ")} / ${Math.min(1, Math.abs(value)).toFixed(2)})`;
    });
    const bright = hidden.filter((value) => Math.abs(value) > 0.5).length;
    this.holder.setAttribute("aria-label", `${hidden.length} hidden units, ${bright} of them strongly on`);
  }
}
