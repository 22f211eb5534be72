"""Film the matrix from the inputs to the hidden units while a brain learns.

Above in grey, a row for each input; below as colours: every input has one, the matrix mixes them. A run
that is already there is trained again as its configuration says, which repeats it to the last bit.
"""

from __future__ import annotations

import argparse
from dataclasses import asdict
from pathlib import Path

from tqdm import tqdm

import catmouse_env  # noqa: F401  (registers the environments)
from agents.runs.config import RunConfig, given
from agents.runs.run import Run
from agents.trainer import TrainingError
from catmouse.command_line import DONE, MISSED, STOPPED, Failed, Parser, need_pygame, wrong_usage
from catmouse.policies import CONFIG_FILE
from catmouse.presets import PRESETS, add_preset
from catmouse.viewer.playback import describe

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
    try:
        interrupted = film(run, arguments)
    except TrainingError as error:
        raise Failed(error, MISSED) from error
    return STOPPED if interrupted else DONE


def configuration(arguments: argparse.Namespace) -> RunConfig:
    """What to train: the run's own configuration, or a preset, but for the options given."""
    options = given(arguments, RunConfig)
    if arguments.run is None:
        return RunConfig(**{**PRESETS[arguments.preset], **options})
    if arguments.preset != "default":
        raise ValueError("--preset does not go with a run, which says itself how it was trained")
    return RunConfig(**{**asdict(RunConfig.load(arguments.run / CONFIG_FILE)), **options})


def film(run: Run, arguments: argparse.Namespace) -> bool:
    """Train, and write pictures and films; returns whether the training was interrupted."""
    import pygame

    from catmouse.plots.images import has_ffmpeg, save_gif, save_mp4, save_png
    from catmouse.plots.synapses import HEIGHT, WIDTH, Shot, draw_synapses, weight_span

    def shot() -> Shot:
        trainer = run.trainer
        return Shot(
            trainer.games_played, trainer.smoothed_error, run.brain.parameters["input_to_hidden"].copy()
        )

    most = run.config.games or 0
    every = arguments.every or max(1, most // FRAMES)
    shots, interrupted, due = [shot()], False, every
    with tqdm(total=most, unit=" games", unit_scale=True, disable=arguments.quiet, dynamic_ncols=True) as bar:
        try:
            while not run.finished:
                run.advance()
                if run.trainer.games_played >= due:
                    shots.append(shot())
                    due = run.trainer.games_played + every
                    bar.update(run.trainer.games_played - bar.n)
            bar.total = run.trainer.games_played
        except KeyboardInterrupt:
            interrupted = True
        bar.update(run.trainer.games_played - bar.n)
    if run.trainer.games_played > shots[-1].games:
        shots.append(shot())
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
    print(f"{run.trainer.games_played:,} games, {len(shots)} frames: {', '.join(written)} in {folder}")
    return interrupted
