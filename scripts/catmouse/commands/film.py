"""Film the matrix from the inputs to the hidden units while a brain learns.

Above in grey, a row for each input; below as colours: every input has one, the matrix mixes them. A run
that is already there is trained again as its configuration says, which repeats it to the last bit.
"""

from __future__ import annotations

import argparse
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

import catmouse_env  # noqa: F401  (registers the environments)
from agents.environments import observation_size
from agents.runs.checkpoint import save_checkpoint
from agents.runs.config import RunConfig, given
from agents.runs.run import Run
from agents.trainer import TrainingError
from catmouse.command_line import DONE, MISSED, Failed, Parser, need_pygame, wrong_usage
from catmouse.console import progress_bar
from catmouse.policies import CONFIG_FILE
from catmouse.presets import PRESETS, add_preset
from catmouse.stopping import Stopping
from catmouse.unfinished import Due, add_keeping, kept_run, unfinished
from catmouse.viewer.playback import describe

if TYPE_CHECKING:
    from catmouse.plots.synapses import Shot

FRAMES = 160  # aimed at, if the run uses up its games
LAST_SECONDS = 2.5  # that the last frame stays
FIRST, LAST, GIF, MP4 = "synapses-first.png", "synapses-last.png", "synapses.gif", "synapses.mp4"


def parse(arguments: list[str] | None = None) -> argparse.Namespace:
    parser = Parser(
        "film",
        __doc__,
        "[RUN]",
        missed="the numbers ran away while it trained",
        notes=f"Leaves {FIRST}, {LAST}, {GIF} and, where ffmpeg is on the PATH, {MP4}. Ctrl-C ends the "
        "training and films what there is.",
    )
    parser.add_argument(
        "run", nargs="?", type=Path, metavar="RUN", help="a run's folder (default: a fresh training)"
    )
    add_preset(parser)
    parser.add_argument(
        "--out", type=Path, default=Path("film"), metavar="FOLDER", help="where to (default: %(default)s)"
    )
    parser.add_number("--every", None, "games from frame to frame", otherwise=f"--games / {FRAMES}")
    parser.add_fps(20.0, "frames")
    add_keeping(parser, "film")
    parser.add_quiet()
    parser.add_config("what to learn, and how", RunConfig)
    return parser.read(arguments)


def main(command: list[str] | None = None) -> int:
    arguments = parse(command)
    need_pygame()
    with wrong_usage():
        run = Run(configuration(arguments))
        if "input_to_hidden" not in run.brain.parameters:
            raise ValueError(f"a brain with a {run.brain.config.cell} cell has no input_to_hidden matrix")
    from catmouse.plots.images import need_pillow

    need_pillow()
    every = arguments.every or max(1, (run.config.games or 0) // FRAMES)
    job = {"every": every, **asdict(run.config)}
    try:
        with unfinished(arguments, [job], outputs=[arguments.out]) as work, wrong_usage():
            run, shots = train(run, every, work.checkpoint(job), arguments.quiet)
            save_film(run, shots, arguments)
            if not run.finished:
                raise KeyboardInterrupt
    except TrainingError as error:
        raise Failed(error, MISSED) from error
    return DONE


def configuration(arguments: argparse.Namespace) -> RunConfig:
    """What to train: the run's own configuration, or a preset, but for the options given."""
    options = given(arguments, RunConfig)
    if arguments.run is None:
        return RunConfig(**{**PRESETS[arguments.preset], **options})
    if arguments.preset != "default":
        raise ValueError("--preset does not go with a run, which says itself how it was trained")
    return RunConfig(**{**asdict(RunConfig.load(arguments.run / CONFIG_FILE)), **options})


def train(run: Run, every: int, path: Path, quiet: bool) -> tuple[Run, list[Shot]]:
    """Train until the end or until stopped, on from where it was kept; the run and its shots.

    Args:
        run: A new one.
        every: Games from shot to shot.
        path: Where run and shots are kept meanwhile.
        quiet: No progress bar.
    """
    from catmouse.plots.synapses import Shot

    matrix = (observation_size(run.env), run.config.hidden or 0)
    run, kept = kept_run(run.config, path, {"games": (), "errors": (), "weights": matrix})
    trainer = run.trainer
    rows = zip(kept["games"], kept["errors"], kept["weights"], strict=True)
    shots = [Shot(int(games), float(error), weights) for games, error, weights in rows]

    def keep() -> None:
        save_checkpoint(
            run,
            path,
            {
                "games": np.array([shot.games for shot in shots]),
                "errors": np.array([shot.error for shot in shots]),
                "weights": np.stack([shot.weights for shot in shots]),
            },
        )

    def shoot() -> None:
        weights = run.brain.parameters["input_to_hidden"].copy()
        shots.append(Shot(trainer.games_played, trainer.smoothed_error, weights))

    if not shots:
        shoot()
    keep()
    due = Due()
    with (
        Stopping() as stopping,
        progress_bar(
            run.config.games,
            "games",
            quiet,
            unit_scale=True,
            dynamic_ncols=True,
            initial=trainer.games_played,
        ) as bar,
    ):
        while not (run.finished or stopping.wanted):
            run.advance()
            if trainer.games_played >= shots[-1].games + every:
                shoot()
                bar.update(trainer.games_played - bar.n)
            if due():
                keep()
        if run.finished:
            bar.total = trainer.games_played
        bar.update(trainer.games_played - bar.n)
    keep()
    if trainer.games_played > shots[-1].games:
        shoot()
    return run, shots


def save_film(run: Run, shots: list[Shot], arguments: argparse.Namespace) -> None:
    """Write pictures and films."""
    import pygame

    from catmouse.plots.images import has_ffmpeg, save_gif, save_mp4, save_png
    from catmouse.plots.synapses import HEIGHT, WIDTH, draw_synapses, weight_span

    span, title = weight_span(shots), describe(run.brain, "")

    def draw(number: int) -> pygame.Surface:
        surface = pygame.Surface((WIDTH, HEIGHT), 0, 32)
        draw_synapses(surface, shots[number], span, title)
        return surface

    folder = arguments.out
    save_png(draw(0), folder / FIRST)
    save_png(draw(len(shots) - 1), folder / LAST)
    save_gif(draw, [1 / arguments.fps] * (len(shots) - 1) + [LAST_SECONDS], folder / GIF)
    written = [FIRST, LAST, GIF]
    if has_ffmpeg():
        held = round(LAST_SECONDS * arguments.fps)
        numbers = [*range(len(shots)), *[len(shots) - 1] * held]
        save_mp4(map(draw, numbers), (WIDTH, HEIGHT), arguments.fps, folder / MP4)
        written.append(MP4)
    print(
        f"{run.trainer.games_played:,} games, {len(shots)} frames: {', '.join(written)} in {folder}",
        flush=True,
    )
