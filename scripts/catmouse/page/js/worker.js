// The other side of the section on learning: trains in a worker, so that the page stays quick.

import { Game } from "./game.js";
import { Run } from "./run.js";

const SLICE = 60; // milliseconds of training between two looks at the messages

/** In a worker: wait for { tables, recipe, constants } and train, telling how it goes; "stop" ends it. */
export function serve(scope) {
  let stopped = false;
  scope.onmessage = ({ data }) => {
    if (data === "stop") stopped = true;
    else train(data);
  };

  function train({ tables, recipe, constants }) {
    const run = new Run(new Game(tables), recipe, constants);
    const began = performance.now();
    report(run, began);
    const slice = () => {
      const until = performance.now() + SLICE;
      try {
        while (!run.finished && performance.now() < until) if (run.advance()) report(run, began);
      } catch (error) {
        scope.postMessage({ type: "failed", message: error.message });
        return;
      }
      progress(run, began);
      if (run.finished || stopped) scope.postMessage({ type: "done", met: run.met });
      else setTimeout(slice);
    };
    slice();
  }

  function progress(run, began) {
    const { gamesPlayed, smoothedError } = run.trainer;
    scope.postMessage({
      type: "progress",
      games: gamesPlayed,
      error: smoothedError,
      seconds: (performance.now() - began) / 1000,
    });
  }

  function report(run, began) {
    const { byStart, mistakes, mistakes_per_game } = run.last;
    const { config, flat } = run.network;
    const point = { ...run.curve.at(-1), seconds: (performance.now() - began) / 1000 };
    scope.postMessage({
      type: "report",
      config,
      weights: flat.slice(),
      byStart,
      mistakes,
      mistakes_per_game,
      point,
    });
  }
}
