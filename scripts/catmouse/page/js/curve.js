// The learning curve: mistakes on a scale of powers of ten, with 0 at the bottom.

import { count, svg } from "./dom.js";

const WIDTH = 640,
  HEIGHT = 420,
  LEFT = 58,
  RIGHT = 14,
  TOP = 14,
  BOTTOM = 46;
const MOST = 10,
  LEAST = 0.001; // of the scale; below LEAST lies 0

export class Curve {
  constructor(holder) {
    this.picture = svg("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, class: "curve", role: "img" });
    holder.append(this.picture);
    this.draw([], 1);
  }

  y(value) {
    const floor = HEIGHT - BOTTOM,
      room = floor - TOP - 22;
    if (value <= 0) return floor;
    const part = Math.log10(MOST / Math.max(value, LEAST)) / Math.log10(MOST / LEAST);
    return TOP + Math.max(0, part) * room;
  }

  /** `points`: { games, certified, error } so far; `marked` is the number of the one that is looked at. */
  draw(points, games, marked = -1) {
    const most = niceTop(Math.max(games, ...points.map((point) => point.games)));
    const x = (value) => LEFT + (value / most) * (WIDTH - LEFT - RIGHT);
    const lines = [10, 1, 0.1, 0.01, 0.001, 0].flatMap((value) => [
      svg("path", { class: "grid", d: `M${LEFT} ${this.y(value)} H${WIDTH - RIGHT}` }),
      svg("text", { class: "tick", x: LEFT - 8, y: this.y(value) + 4, "text-anchor": "end" }, String(value)),
    ]);
    for (let i = 0; i <= 4; i++) {
      const at = {
        class: "tick",
        x: x((most * i) / 4),
        y: HEIGHT - 27,
        "text-anchor": i === 4 ? "end" : "middle",
      };
      lines.push(svg("text", at, count((most * i) / 4)));
    }
    lines.push(
      svg(
        "text",
        { class: "tick", x: (LEFT + WIDTH) / 2, y: HEIGHT - 6, "text-anchor": "middle" },
        "games played",
      ),
    );
    const path = (name) => {
      const known = points.filter((point) => Number.isFinite(point[name]));
      return known
        .map((point, i) => `${i ? "L" : "M"}${x(point.games).toFixed(1)} ${this.y(point[name]).toFixed(1)}`)
        .join("");
    };
    lines.push(
      svg("path", { class: "error", d: path("error") }),
      svg("path", { class: "certified", d: path("certified") }),
    );
    if (points[marked]) {
      const at = points[marked];
      lines.push(
        svg("path", { class: "marker", d: `M${x(at.games)} ${TOP} V${HEIGHT - BOTTOM}` }),
        svg("circle", { class: "marker", cx: x(at.games), cy: this.y(at.certified), r: 6 }),
      );
    }
    this.picture.replaceChildren(...lines);
    const last = points.at(-1);
    this.picture.setAttribute(
      "aria-label",
      last
        ? `Learning curve: ${last.certified.toPrecision(3)} mistakes a game after ${count(last.games)} games`
        : "Learning curve, still empty",
    );
  }
}

/** A round number that is at least as large. */
function niceTop(value) {
  const power = 10 ** Math.floor(Math.log10(value));
  return [1, 2, 4, 8, 10].map((one) => one * power).find((one) => one >= value);
}
