// A game as tables that the Python packages made: no rule of it stands here.

export class Game {
  /** `tables` as catmouse.page.tables.game_tables gives them. */
  constructor(tables) {
    Object.assign(this, tables);
    this.actions = this.readings.length; // the mouse's
    this.catActions = this.cat_actions; // 1 where the cat's moves are folded into the tables
  }

  /** Where a move stands in the tables. */
  move(state, action, catAction = 0) {
    return (state * this.actions + action) * this.catActions + catAction;
  }

  after(state, action, catAction = 0) {
    return this.next[this.move(state, action, catAction)];
  }

  catches(state, action, catAction = 0) {
    return this.caught[this.move(state, action, catAction)] === 1;
  }

  reward(state, action) {
    return this.rewards[this.move(state, action)];
  }

  /** What the teacher says with so many moves left. */
  label(state, left) {
    return this.labels[(this.clocked ? left * this.states : 0) + state];
  }

  /** Whether the cat is seen after so many moves. */
  catShows(steps) {
    return this.visible === null || steps < this.visible;
  }

  /** Observations (n, inputs) of states after so many moves. */
  observe(states, steps, into) {
    const from = this.catShows(steps) ? this.seen : this.unseen;
    const inputs = into.length / states.length;
    for (let game = 0; game < states.length; game++) {
      for (let i = 0; i < 4; i++) into[game * inputs + i] = from[states[game] * 4 + i];
      if (inputs === 5) into[game * inputs + 4] = this.moves_left[steps];
    }
    return into;
  }

  join(cat, mouse) {
    return cat * this.cells + mouse;
  }

  cat(state) {
    return Math.floor(state / this.cells);
  }

  mouse(state) {
    return state % this.cells;
  }

  /** The column and row of a cell, both from 0 at the bottom left. */
  place(cell) {
    return [this.x[cell], this.y[cell]];
  }

  /** The cell at a column and row, kept inside the room. */
  cellAt(x, y) {
    const inside = (value, most) => Math.min(Math.max(value, 0), most - 1);
    const column = inside(x, this.width),
      row = inside(y, this.height);
    for (let cell = 0; cell < this.cells; cell++) {
      if (this.x[cell] === column && this.y[cell] === row) return cell;
    }
    throw new Error(`there is no cell ${x}, ${y}`);
  }
}
