// The room: animals that can be dragged, their way, and what the brain would do in each cell.

import { ARROW_KEYS, svg, where } from "./dom.js";

const CELL = 100;

function catFigure() {
  return [
    svg("path", {
      class: "fur",
      d: "M-30 -8 L-31 -39 L-12 -25 Q0 -29 12 -25 L31 -39 L30 -8 Q35 26 0 30 Q-35 26 -30 -8Z",
    }),
    svg("path", { class: "inner", d: "M-26 -18 L-27 -31 L-18 -24Z M26 -18 L27 -31 L18 -24Z" }),
    svg("ellipse", { class: "eye", cx: -12, cy: -3, rx: 4.5, ry: 6.5 }),
    svg("ellipse", { class: "eye", cx: 12, cy: -3, rx: 4.5, ry: 6.5 }),
    svg("path", { class: "nose", d: "M-5 8 L5 8 L0 13Z" }),
    svg("path", {
      class: "line",
      d: "M0 13 Q-3 20 -9 19 M0 13 Q3 20 9 19 M-16 11 L-40 7 M-16 15 L-39 19 M16 11 L40 7 M16 15 L39 19",
    }),
  ];
}

function mouseFigure() {
  return [
    svg("path", { class: "line tail", d: "M14 24 Q40 36 36 8" }),
    svg("circle", { class: "fur", cx: -21, cy: -17, r: 15 }),
    svg("circle", { class: "fur", cx: 21, cy: -17, r: 15 }),
    svg("circle", { class: "inner", cx: -21, cy: -17, r: 8.5 }),
    svg("circle", { class: "inner", cx: 21, cy: -17, r: 8.5 }),
    svg("ellipse", { class: "fur", cx: 0, cy: 6, rx: 25, ry: 24 }),
    svg("circle", { class: "eye", cx: -9, cy: 1, r: 4 }),
    svg("circle", { class: "eye", cx: 9, cy: 1, r: 4 }),
    svg("circle", { class: "nose", cx: 0, cy: 16, r: 4.5 }),
  ];
}

export class Room {
  /**
   * @param holder the element that it is put into
   * @param game its tables; `setGame` takes others
   * @param name what a screen reader calls it
   * @param drag called with "cat" or "mouse" and the cell that it is put on; without, nothing can be moved
   * @param tap called with a cell that was clicked
   */
  constructor(holder, game, { name, drag = null, tap = null }) {
    Object.assign(this, { holder, drag, tap });
    this.picture = svg("svg", { class: "room", role: "group", "aria-label": name });
    this.layers = ["floor", "arrows", "way", "animals"].map((layer) => svg("g", { class: layer }));
    [this.floor, this.arrows, this.way, this.animals] = this.layers;
    this.picture.append(...this.layers);
    this.cat = svg("g", { class: "animal cat" }, svg("g", {}, ...catFigure()));
    this.mouse = svg("g", { class: "animal mouse" }, svg("g", {}, ...mouseFigure()));
    this.question = svg("text", { class: "question", y: 22, "text-anchor": "middle" }, "?");
    this.animals.append(this.cat, this.mouse, this.question);
    holder.append(this.picture);
    this.setGame(game);
    if (drag) for (const which of ["cat", "mouse"]) this.makeMovable(which);
    if (tap) this.floor.addEventListener("click", (event) => tap(this.cellUnder(event)));
  }

  setGame(game) {
    this.game = game;
    this.picture.setAttribute("viewBox", `0 0 ${game.width * CELL} ${game.height * CELL}`);
    this.floor.replaceChildren();
    this.marks = [];
    this.arrows.replaceChildren();
    for (let cell = 0; cell < game.cells; cell++) {
      const [x, y] = this.corner(cell),
        [column, row] = game.place(cell);
      const tile = (column + row) % 2 ? "tile odd" : "tile";
      this.floor.append(
        svg("rect", { class: tile, x: x + 2, y: y + 2, width: CELL - 4, height: CELL - 4, rx: 12 }),
      );
      const mark = svg("path", {
        class: "mark",
        style: "display: none",
        d: "M0 -17 L11 -3 L4 -3 L4 15 L-4 15 L-4 -3 L-11 -3Z",
      });
      this.marks.push(mark);
      this.arrows.append(svg("g", { transform: `translate(${x + CELL / 2} ${y + CELL / 2})` }, mark));
    }
  }

  corner(cell) {
    const [x, y] = this.game.place(cell);
    return [x * CELL, (this.game.height - 1 - y) * CELL];
  }

  middle(cell) {
    return this.corner(cell).map((one) => one + CELL / 2);
  }

  cellUnder(event) {
    const box = this.picture.getBoundingClientRect(),
      { width, height } = this.game;
    const x = Math.floor(((event.clientX - box.left) / box.width) * width);
    const y = height - 1 - Math.floor(((event.clientY - box.top) / box.height) * height);
    return this.game.cellAt(x, y);
  }

  makeMovable(which) {
    const animal = this[which];
    animal.classList.add("movable");
    animal.setAttribute("tabindex", "0");
    animal.setAttribute("role", "button");
    animal.addEventListener("pointerdown", (event) => {
      animal.setPointerCapture(event.pointerId);
      this.held = which;
      animal.classList.add("held");
    });
    // A finger on an animal does not scroll the page: touch-action does nothing inside of an SVG.
    animal.addEventListener("touchstart", (event) => event.preventDefault(), { passive: false });
    animal.addEventListener("pointermove", (event) => {
      if (this.held !== which) return;
      const cell = this.cellUnder(event);
      if (cell !== this.shown[which]) this.drag(which, cell);
    });
    for (const end of ["pointerup", "pointercancel"]) {
      animal.addEventListener(end, () => {
        this.held = null;
        animal.classList.remove("held");
      });
    }
    animal.addEventListener("keydown", (event) => {
      const step = ARROW_KEYS[event.key];
      if (!step) return;
      event.preventDefault();
      const [x, y] = this.game.place(this.shown[which]);
      this.drag(which, this.game.cellAt(x + step[0], y + step[1]));
    });
  }

  /**
   * Show a moment.
   * @param cat the cat's cell @param mouse the mouse's
   * @param catShows whether the mouse sees the cat
   * @param way the cells that the mouse came by, each { cell, wrong }
   * @param caught whether it is over
   * @param asked a cell with a question mark, or null
   */
  show({ cat, mouse, catShows = true, way = [], caught = false, asked = false }) {
    this.shown = { cat, mouse };
    this.place(this.cat, cat);
    this.place(this.mouse, mouse);
    this.cat.classList.toggle("unseen", !catShows);
    this.picture.classList.toggle("caught", caught);
    this.picture.classList.toggle("together", cat === mouse);
    this.question.style.display = asked ? "" : "none";
    this.place(this.question, mouse);
    this.drawWay([...way, { cell: mouse, wrong: false }]);
    if (this.drag) {
      this.cat.setAttribute("aria-label", `Cat at ${where(this.game, cat)}. Arrow keys move it.`);
      this.mouse.setAttribute("aria-label", `Mouse at ${where(this.game, mouse)}. Arrow keys move it.`);
    }
  }

  place(element, cell) {
    const [x, y] = this.middle(cell);
    element.style.transform = `translate(${x}px, ${y}px)`;
  }

  drawWay(way) {
    const points = way.map(({ cell }) => this.middle(cell).join(" "));
    const dots = way.slice(0, -1).map(({ cell, wrong }) => {
      const [cx, cy] = this.middle(cell);
      return wrong
        ? svg("path", { class: "wrong", d: `M${cx - 13} ${cy - 13} l26 26 m0 -26 l-26 26` })
        : svg("circle", { class: "right", cx, cy, r: 9 });
    });
    this.way.replaceChildren(svg("path", { class: "track", d: `M${points.join(" L")}` }), ...dots);
  }

  /** An arrow in each cell, { action, wrong, strength } by the mouse's cell; null: none. */
  showArrows(plan, actions = 4) {
    this.marks.forEach((mark, cell) => {
      const one = plan?.[cell];
      mark.style.display = one ? "" : "none";
      if (!one) return;
      mark.setAttribute("class", one.wrong ? "mark off" : "mark");
      mark.setAttribute("transform", `rotate(${(one.action * 360) / actions})`);
      mark.style.opacity = one.strength;
    });
  }
}
