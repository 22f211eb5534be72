"""Train a brain on the teacher's labels until its certificate shows no mistake. The main job."""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path
from typing import Any

from console import Progress, certificate_text, example_game

import catmouse_env  # noqa: F401  (registers the environments)
from agents.configuration import RunConfig, add_options, given
from agents.trainer import TrainingError
from agents.training import Run

PRESETS: dict[str, dict[str, Any]] = {"default": {}}


def parse(arguments: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__,
        epilog="Exit status: 0 the target was met, 1 it was not, 2 wrong usage, 130 interrupted.",
    )
    parser.add_argument(
        "--preset", choices=PRESETS, default="default", help="options to begin with (default: %(default)s)"
    )
    parser.add_argument("--out", type=Path, help="run folder (default: runs/ENV-ID-seed-SEED)")
    parser.add_argument(
        "--csv", action="store_true", help="print the learning curve as it grows: games, compass error"
    )
    parser.add_argument("--quiet", action="store_true", help="no progress bar")
    add_options(parser.add_argument_group("what to learn, and how"), RunConfig)
    return parser.parse_args(arguments)


def main() -> int:
    arguments = parse()
    try:
        config = RunConfig(**{**PRESETS[arguments.preset], **given(arguments, RunConfig)})
        run = Run(config)
    except ValueError as error:
        print(f"train_supervised.py: {error}", file=sys.stderr)
        return 2
    folder = arguments.out or Path("runs") / f"{config.env_id.split(':')[-1]}-seed-{config.seed}"
    began = time.perf_counter()
    bar = Progress(run.config.games or 0, quiet=arguments.quiet)
    try:
        while not run.finished:
            reported = run.advance()
            bar.show(run)
            if reported and arguments.csv:
                point = run.curve[-1]
                print(f"{point.games},{point.compass_error:.6f}", flush=True)
    except TrainingError as error:
        bar.close()
        print(f"train_supervised.py: {error}", file=sys.stderr)
        return 1
    bar.close()
    seconds = time.perf_counter() - began
    certificate = run.finish()
    try:
        run.save(folder)
    except OSError as error:
        print(f"train_supervised.py: the run can't be saved: {error}", file=sys.stderr)
        return 1
    games = run.trainer.games
    print(f"\n{games:,} games in {seconds:.1f} s ({games / seconds:,.0f} games/s), seed {run.config.seed}\n")
    print(certificate_text(certificate))
    print("\nAn example game, as the brain plays it:\n")
    print(example_game(run.brain, run.env, run.config.seed))
    brain = folder / "brain.safetensors"
    print(f"\nSaved in {folder}. Next:")
    print(f"  python scripts/evaluate.py {brain}")
    return 0 if run.met else 1


if __name__ == "__main__":
    sys.exit(main())
