// Section 5: you are the teacher; the brain asks where it is least sure.

import { ARROW_KEYS, byId, count, NAMES, plural, where } from "./dom.js";
import { Lesson } from "./lesson.js";
import { Room } from "./room.js";
import { doubt, shade, StartMap } from "./start_map.js";

const SEED = 0; // of the first weights; the next lessons have the next ones

export class Teach {
  constructor(game, constants) {
    Object.assign(this, { game, constants, seed: SEED });
    this.room = new Room(byId("teach-room"), game, { name: "Where the brain asks" });
    const color = (state) =>
      this.lesson.answers.has(state) ? shade(0) : doubt(1 - this.lesson.sureness[state]);
    this.map = new StartMap(byId("teach-map"), game, { color, pick: (state) => this.ask(state) });
    const board = byId("teach-board");
    board.addEventListener("keydown", (event) => {
      if (!ARROW_KEYS[event.key] || event.target.closest("canvas")) return;
      event.preventDefault();
      this.answer(["ArrowUp", "ArrowRight", "ArrowDown", "ArrowLeft"].indexOf(event.key));
    });
    for (const button of byId("teach-pad").children) {
      button.addEventListener("click", () => this.answer(Number(button.dataset.action)));
    }
    byId("teach-undo").addEventListener("click", () => this.undo());
    byId("teach-wrong").addEventListener("click", () => this.askAgain());
    byId("teach-help").addEventListener("click", () => this.help(10));
    byId("teach-finish").addEventListener("click", () => this.help(Infinity));
    byId("teach-new").addEventListener("click", () => this.begin());
    this.begin();
  }

  begin() {
    clearTimeout(this.helping);
    this.helping = null;
    this.lesson = new Lesson(this.game, this.constants, this.seed++);
    this.show();
    this.tell("");
  }

  /** Ask about a state of the visitor's choice. */
  ask(state) {
    this.lesson.asked = state;
    this.show();
    this.tell("");
  }

  answer(action) {
    if (this.lesson.asked < 0 || this.certified) return;
    this.lesson.answer(action);
    this.show();
    this.tell(`You said ${NAMES[action]}. `);
  }

  undo() {
    this.lesson.undo();
    this.show();
    this.tell("Taken back. ");
  }

  /** Ask again where the teacher would have answered otherwise. */
  askAgain() {
    const { wrong } = this.lesson.count("you");
    if (wrong.length) this.ask(wrong[0]);
  }

  /** Let the true teacher give so many answers, one after the other. */
  help(left) {
    clearTimeout(this.helping);
    this.helping = null;
    const { lesson, game } = this;
    if (!left || this.certified) return;
    const wrong = lesson.asked < 0 ? lesson.count("you").wrong : [];
    const state = lesson.asked < 0 ? wrong[0] : lesson.asked;
    if (state === undefined) return;
    lesson.answer(game.label(state, game.max_steps), "teacher", state);
    this.helping = left > 1 && setTimeout(() => this.help(left - 1));
    this.show();
    this.tell("The teacher answered. ");
  }

  get certified() {
    return this.whole.mistakes === 0;
  }

  show() {
    const { lesson, game } = this;
    this.whole = lesson.certify();
    const yours = lesson.count("you"),
      teachers = lesson.count("teacher");
    const shown = lesson.asked < 0 ? game.starts[0] : lesson.asked;
    this.room.show({ cat: game.cat(shown), mouse: game.mouse(shown), asked: !this.certified });
    const cat = game.cat(shown);
    this.room.showArrows(
      Array.from({ length: game.cells }, (_, mouse) => {
        const state = game.join(cat, mouse);
        return {
          action: lesson.actions[state],
          wrong: false,
          strength: 0.15 + 0.85 * lesson.sureness[state],
        };
      }),
    );
    this.map.chosen = shown;
    this.map.draw();
    byId("teach-yours").textContent = count(yours.answers);
    byId("teach-mistakes").textContent = count(yours.mistakes);
    byId("teach-teachers").textContent = count(teachers.answers);
    byId("teach-undo").disabled = lesson.answers.size === 0;
    byId("teach-wrong").disabled = yours.mistakes === 0;
    const seal = byId("teach-seal");
    seal.className = `seal ${this.certified ? "sure" : ""}`;
    seal.textContent = this.certified
      ? `Certified, from ${plural(yours.answers, "answer")} of yours and ${count(teachers.answers)} of the teacher`
      : `${count(this.whole.perfect_starts)} of ${count(game.starts.length)} starts without a mistake`;
  }

  tell(before) {
    const { game, lesson } = this;
    byId("teach-text").setAttribute("aria-live", this.helping ? "off" : "polite");
    if (this.certified || lesson.asked < 0) {
      byId("teach-text").textContent = `${before}There is nothing left to ask.`;
      return;
    }
    const { asked } = lesson;
    byId("teach-text").textContent =
      `${before}Cat at ${where(game, game.cat(asked))}, mouse at ${where(game, game.mouse(asked))}: which way should it run? ` +
      `The brain guesses ${NAMES[lesson.actions[asked]]}.`;
  }
}
