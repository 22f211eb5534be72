// The whole page; and the same script in a worker.

import { certify, Playing, playOut } from "./certificate.js";
import { unpack } from "./data.js";
import { byId, fixed } from "./dom.js";
import { Fight } from "./fight.js";
import { Game } from "./game.js";
import { lossGradient } from "./heads.js";
import { Learn } from "./learn.js";
import { Lesson } from "./lesson.js";
import { Network, Player } from "./network.js";
import { RandomStream } from "./random.js";
import { Remember } from "./remember.js";
import { Run } from "./run.js";
import { Teach } from "./teach.js";
import { Trainer } from "./trainer.js";
import { Watch } from "./watch.js";
import { serve } from "./worker.js";

async function open() {
  const data = await unpack(byId("data").textContent);
  const games = Object.fromEntries(
    Object.entries(data.games).map(([name, tables]) => [name, Object.assign(new Game(tables), { tables })]),
  );
  const withNetwork = (entry) => {
    const { config, scale, weights } = entry; // with a scale, weights are whole numbers, which take less room
    const full = scale ? Float32Array.from(weights, (weight) => weight * scale) : weights;
    const network = config && Network.from(config, full, full.constructor);
    return { ...entry, game: games[entry.game], network };
  };
  const brains = data.brains.map(withNetwork);
  const fighters = Object.fromEntries(
    Object.entries(data.fighters).map(([role, all]) => [role, all.map(withNetwork)]),
  );
  const random = new RandomStream(Date.now() >>> 0);

  theme();
  byId("fight-value").textContent = `${fixed(100 * data.value)} %`;
  byId("teacher-rule").textContent = data.teacher;
  const sections = {
    watch: new Watch(brains, random),
    learn: new Learn(data, games, byId("program").textContent),
    remember: new Remember(
      brains.find(({ name }) => name === "memory"),
      random,
    ),
    fight: new Fight(games.fight, fighters, random),
    teach: new Teach(games.view, data.constants),
  };
  // For the console, and for tests.
  window.catmouse = {
    data,
    games,
    brains,
    fighters,
    sections,
    certify,
    Lesson,
    lossGradient,
    Network,
    Player,
    Playing,
    playOut,
    RandomStream,
    Run,
    Trainer,
  };
}

function theme() {
  const root = document.documentElement,
    button = byId("theme");
  const dark = matchMedia("(prefers-color-scheme: dark)").matches;
  const set = (name) => {
    root.dataset.theme = name;
    button.textContent = name === "dark" ? "Light" : "Dark";
  };
  set(dark ? "dark" : "light");
  button.addEventListener("click", () => set(root.dataset.theme === "dark" ? "light" : "dark"));
}

if (typeof document === "undefined") serve(self);
else {
  open().catch((error) => {
    byId("watch-text").textContent = `This browser can not run the page: ${error.message}`;
    throw error;
  });
}
