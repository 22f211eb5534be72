"""Train a brain on the teacher's labels until its certificate shows no mistake. The main job."""

from __future__ import annotations

import argparse
import sys
import time
from contextlib import nullcontext, redirect_stdout
from typing import Any

import catmouse_env  # noqa: F401  (registers the environments)
from agents import Evaluation
from agents.runs.checkpoint import load_checkpoint
from agents.runs.config import RunConfig, given
from agents.runs.folder import BRAIN, RunFolder
from agents.runs.run import Run
from agents.trainer import TrainingError
from catmouse.command_line import (
    DONE,
    MISSED,
    STOPPED,
    Failed,
    Parser,
    discard_output,
    need_pygame,
    typed,
    wrong_usage,
)
from catmouse.console import Progress, certificate_text, example_game
from catmouse.presets import PRESETS, add_preset
from catmouse.run_folders import (
    add_folder,
    add_save_every,
    begin,
    check_folder,
    check_same,
    closed_on_error,
    folder_name,
    resume,
)
from catmouse.stopping import Stopping
from catmouse.tensorboard_log import TensorBoardLog

NAME = "train"


def parse(arguments: list[str] | None = None) -> argparse.Namespace:
    parser = Parser(
        NAME,
        __doc__,
        missed="the target was missed",
        notes="Ctrl-C finishes the update, saves and says how to go on.",
    )
    add_preset(parser)
    more = "; with a larger --games beyond its end, at the learning rate of the longer schedule"
    add_folder(parser, "ENV-ID-seed-SEED", more)
    add_save_every(parser)
    parser.add_argument(
        "--csv",
        action="store_true",
        help="print the learning curve as it grows: rows of games, compass error; nothing else on standard "
        "output",
    )
    parser.add_argument(
        "--render",
        choices=("human",),
        help="watch it learn in a window, which may be closed (default: no window)",
    )
    parser.add_argument(
        "--pace",
        choices=("slow", "fast"),
        help="of --render: training waits for the games that are shown, or the window takes less than a "
        "tenth of the time (default: slow)",
    )
    parser.add_argument(
        "--tensorboard",
        type=folder_name,
        metavar="FOLDER",
        help="write the learning curve for TensorBoard, which needs the extra [tensorboard] (default: no)",
    )
    parser.add_seeds(
        None,
        "several runs in a row, one for each, in folders of their own (FOLDER/seed-N)",
        "one run, of --seed",
    )
    parser.add_quiet()
    parser.add_config("what to learn, and how", RunConfig)
    parsed = parser.read(arguments)
    check_folder(parser, parsed)
    if parsed.resume and parsed.preset != "default":
        parser.error("--resume does not go with --preset: the run has it already")
    if parsed.pace and not parsed.render:
        parser.error("--pace needs --render human")
    if parsed.seeds and (parsed.resume or parsed.csv or "seed" in parsed):
        parser.error("--seeds goes with none of --resume, --csv and --seed")
    return parsed


def main(arguments: list[str] | None = None) -> int:
    parsed = parse(arguments)
    worst = DONE
    for one in each_run(parsed):
        status = train(one)
        if status == STOPPED:
            return status
        worst = max(worst, status)
    return worst


def each_run(parsed: argparse.Namespace) -> list[argparse.Namespace]:
    """What is asked of each run: one, or one for each of `--seeds`."""
    if not parsed.seeds:
        return [parsed]
    runs = []
    for seed in dict.fromkeys(parsed.seeds):
        own = {
            name: getattr(parsed, name) / f"seed-{seed}"
            for name in ("out", "tensorboard")
            if getattr(parsed, name)
        }
        runs.append(argparse.Namespace(**{**vars(parsed), **own, "seed": seed}))
    return runs


def train(parsed: argparse.Namespace) -> int:
    """Carry out one run."""
    with Stopping() as stopping:
        with wrong_usage():
            run, folder = resumed(parsed) if parsed.resume else begun(parsed)
        with folder:
            # Whatever can fail is tried before a file is touched.
            window = window_on(run, parsed, stopping)
            log = TensorBoardLog(parsed.tensorboard) if parsed.tensorboard else None
            try:
                return carry_out(run, folder, parsed, stopping, window, log)
            except TrainingError as error:
                raise Failed(f"{error}; the last good checkpoint is {folder.checkpoint}", MISSED) from error
            except OSError as error:  # what is said arrives nowhere
                discard_output()
                save(run, folder)
                if isinstance(error, BrokenPipeError):  # who read it has gone: `| head`
                    return outcome(run) if run.finished else stopped(folder)
                raise Failed(f"what is said can't be written: {error}; the run is saved") from error
            except KeyboardInterrupt:
                return stopped(folder)


def begun(parsed: argparse.Namespace) -> tuple[Run, RunFolder]:
    """A new run and the folder for it; or the same run, if that is finished there."""
    config = RunConfig(**{**PRESETS[parsed.preset], **given(parsed, RunConfig)})
    run = Run(config)
    name = f"{config.env_id.split(':')[-1]}-seed-{config.seed}"
    folder, finished = begin(RunFolder, run.config, name, parsed)
    with closed_on_error(folder):
        if finished:
            run = load_checkpoint(folder.checkpoint, config.env_id)
    return run, folder


def resumed(parsed: argparse.Namespace) -> tuple[Run, RunFolder]:
    """A run that was stopped, and its folder."""
    options = given(parsed, RunConfig)
    folder = resume(RunFolder, parsed.resume)
    with closed_on_error(folder):
        run = load_checkpoint(folder.checkpoint, options.get("env_id"), options.get("games"))
        check_same(parsed.resume, run.config, options)
    return run, folder


def carry_out(
    run: Run,
    folder: RunFolder,
    parsed: argparse.Namespace,
    stopping: Stopping,
    window: Any,
    log: TensorBoardLog | None,
) -> int:
    """Train to the end or until told to stop, saving as it goes; print what came of it."""
    if not run.finished:
        save(run, folder)  # a folder that can't be written is found out now
    trainer, before, began = run.trainer, run.trainer.games_played, time.perf_counter()
    next_save = time.monotonic() + parsed.save_every
    bar = Progress(run.config.games or 0, quiet=parsed.quiet, done=before)
    try:
        while not (run.finished or stopping.wanted):
            reported = run.advance()
            bar.show(run)
            if window:
                window.show(run)
            if reported and log:
                log.add(run.curve[-1])
            if reported and parsed.csv:
                point = run.curve[-1]
                print(f"{point.games},{point.compass_error:.6f}", flush=True)
            if time.monotonic() >= next_save:
                save(run, folder)
                next_save = time.monotonic() + parsed.save_every
    finally:
        bar.close(run)
        if log:
            log.close()
    seconds = time.perf_counter() - began
    if not run.finished:
        save(run, folder)
        return stopped(folder)
    certificate = run.finish()
    save(run, folder)
    with redirect_stdout(sys.stderr) if parsed.csv else nullcontext():  # rows alone are for a program to read
        tell(run, folder, certificate, trainer.games_played - before, seconds)
    if window:
        window.stay(run)
    return outcome(run)


def outcome(run: Run) -> int:
    """The exit status of a run that is finished."""
    return DONE if run.met else MISSED


def tell(run: Run, folder: RunFolder, certificate: Evaluation, played: int, seconds: float) -> None:
    """Print what came of a run.

    Args:
        run: It, finished.
        folder: Where it is saved.
        certificate: The brain's.
        played: Games since it was started or resumed.
        seconds: That they took.
    """
    if played:
        print(f"\n{played:,} games in {seconds:.2f} s ({played / seconds:,.0f} games/s)", end="")
    else:
        print("\nThis run was finished already", end="")
    print(
        f", {run.trainer.games_played:,} games in all, seed {run.config.seed}\n"
        if run.trainer.games_played > played
        else f", seed {run.config.seed}\n"
    )
    print(certificate_text(certificate))
    if not run.met:
        print(f"\n{missed(run, folder)}")
    print("\nAn example game, as the brain plays it:\n")
    print(example_game(run.brain, run.env, run.config.seed))
    print(f"\nSaved in {folder.path}. Next:")
    print(f"  {typed('watch')} {folder.path}")
    print(f"  {typed('evaluate')} {folder.path / BRAIN}")
    more = (
        "    # had it been stopped before its end" if run.met else f" --games {2 * run.trainer.games_played}"
    )
    print(f"  {typed(NAME)} --resume {folder.path}{more}", flush=True)


def missed(run: Run, folder: RunFolder) -> str:
    """That a run has missed its target, and what to try."""
    config, trainer = run.config, run.trainer
    left, what = trainer.smoothed_error, "compass error"
    if config.measure == "certificate":
        left, what = run.finish().mistakes_per_game, "mistakes"
    return (
        f"The target was missed: {left:.4g} {what} a game after {trainer.games_played:,} games, not "
        f"{config.target:g}; try more games (--resume {folder.path} --games N), another --cell than "
        f"{config.cell} or another --optimizer than {config.optimizer}."
    )


def window_on(run: Run, parsed: argparse.Namespace, stopping: Stopping) -> Any:
    """The window of `--render`, or None; Failed if none can be opened."""
    if parsed.render is None:
        return None
    need_pygame()
    from catmouse.viewer.live_window import LiveWindow

    with wrong_usage():
        return LiveWindow(run, parsed.pace or "slow", lambda: stopping.wanted)


def save(run: Run, folder: RunFolder) -> None:
    """Save the run; Failed if that can't be done."""
    try:
        folder.save(run)
    except OSError as error:
        raise Failed(f"the run can't be saved, its last checkpoint stays as it was: {error}") from error


def stopped(folder: RunFolder) -> int:
    """Say how to go on."""
    print(f"\nStopped; the run is saved. To go on:\n  {typed(NAME)} --resume {folder.path}", file=sys.stderr)
    return STOPPED
