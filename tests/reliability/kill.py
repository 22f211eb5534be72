"""Kill training with SIGKILL at random moments, resume it each time, and compare its end bit for bit.

Rounds of runs, each of other options, are trained to their end twice: once undisturbed, saving now and then;
and once saving after every update, killed again and again, each time with one or two threads for the linear
algebra library. After each kill every file that lies in the run folder must load, and nobody may be locked
out. In the end the same command is repeated, and one like it that fails late: neither may change a file.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from catmouse.commands.evolve import KIND as EVOLVE
from catmouse.commands.q_learning import KIND as Q_LEARNING
from catmouse.learners import Kind, load
from catmouse.policies import TABLE_FILE
from tqdm import tqdm

import catmouse_env  # noqa: F401  (registers the environments)
from agents import Brain
from agents.q_learning import QTable
from agents.runs.checkpoint import load_checkpoint
from agents.runs.config import RunConfig
from agents.runs.folder import BRAIN, CERTIFICATE, CHECKPOINT, CONFIG, CURVE, RunFolder

SCRIPTS = Path(__file__).parents[2] / "scripts"
LEARNERS = {"train_evolution.py": EVOLVE, "train_q_learning.py": Q_LEARNING}
SMALL = ["--width", "4", "--height", "4"]
ROUNDS: tuple[list[str], ...] = (
    ["--target", "0"],
    ["--cell", "lstm", "--hidden", "8", "--rollout-policy", "mixed", "--schedule", "cosine"],
    ["--env-id", "CatMouseMemory-v0", "--cell", "gru", "--hidden", "8", "--continuous"],
    ["--cell", "mlp", "--optimizer", "sgd", "--head", "compass", "--learning-rate", "0.1"],
    # An update of this one is one game, so a game takes longer to save than to play.
    ["--preset", "original", "--target", "0", "--games", "1000", "--report-every", "100"],
    ["--env-id", "CatMouseChase-v0", "--cat", "wandering", "--hidden", "8", "--bptt-steps", "4"],
    ["--lethal", "--width", "4", "--dtype", "float64", "--measure", "error", "--clip", "1"],
    ["train_evolution.py", "--population", "64", "--generations", "30", "--cell", "elman", *SMALL],
    ["train_q_learning.py", "--games", "100000", "--env-id", "CatMouseChase-v0", *SMALL],
)


class Failure(Exception):
    """A promise is broken."""


def train(options: list[str], games: int, folder: Path, resume: bool, save_every: float) -> list[str]:
    """The command that begins or resumes a run; its script is the first of the options, or training's."""
    script = options[0] if options[0] in LEARNERS else "train_supervised.py"
    command = [sys.executable, str(SCRIPTS / script), "--quiet", "--save-every", str(save_every)]
    if resume:
        return [*command, "--resume", str(folder)]
    if options[0] in LEARNERS:
        return [*command, "--out", str(folder), *options[1:]]
    games_options = ["--games", str(games), "--report-every", str(max(games // 10, 1))]
    return [*command, "--out", str(folder), *games_options, *options]


def check_files(folder: Path, learner: Kind | None) -> bool:
    """Failure unless each file of a run is whole; whether there is a checkpoint."""
    for path in folder.iterdir():
        if path.name == CHECKPOINT and learner:
            load(learner, path)
        elif path.name == CHECKPOINT:
            load_checkpoint(path)
        elif path.name == TABLE_FILE:
            QTable.load(path)
        elif path.name == BRAIN:
            Brain.load(path)
        elif path.name == CONFIG:
            RunConfig.load(path)
        elif path.name == CERTIFICATE:
            json.loads(path.read_text())
        elif path.name == CURVE:
            with path.open() as file:
                for row in csv.DictReader(file):
                    int(row["games"]), float(row["mistakes"])
        elif path.name != "lock" and not path.name.endswith(".tmp"):
            raise Failure(f"nobody knows what {path} is")
    (learner.folder if learner else RunFolder)(
        folder
    ).close()  # takes the lock, and away what was half written
    left = [path.name for path in folder.iterdir() if path.name.endswith(".tmp") or path.name == "lock"]
    if left:
        raise Failure(f"{left} stay behind")
    return (folder / CHECKPOINT).exists()


def finish(command: list[str], *statuses: int) -> None:
    """Run to the end; Failure if that is not a proper one."""
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode not in (statuses or (0, 1)) or "Traceback" in done.stderr:
        raise Failure(f"{' '.join(command)} ended with {done.returncode}: {done.stderr.strip()}")


def killed_round(
    options: list[str], games: int, work: Path, kills: int, chance: random.Random, bar: tqdm[int]
) -> tuple[int, int]:
    """Train one run to its end, killing it on the way; Failure if a promise is broken.

    Returns:
        Kills, and how many of them struck while a file was being written.
    """
    whole, torn, learner = work / "whole", work / "torn", LEARNERS.get(options[0])
    began = time.monotonic()
    finish(train(options, games, whole, False, 5.0))
    slowest = 1.5 * (time.monotonic() - began)
    count = mid_write = 0
    resume = False
    while count < kills:
        process = subprocess.Popen(
            train(options, games, torn, resume, 0.0),
            env={**os.environ, "OPENBLAS_NUM_THREADS": chance.choice("12")},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
        )
        try:
            status = process.wait(chance.uniform(0.05, 1.0) * slowest)
        except subprocess.TimeoutExpired:
            process.kill()
        else:
            error = (process.stderr.read() if process.stderr else b"").decode()
            if status not in (0, 1) or error:
                raise Failure(f"it ended with {status} by itself: {error}") from None
            break
        finally:
            process.wait()
            if process.stderr:
                process.stderr.close()
        count += 1
        bar.update()
        if torn.exists():
            mid_write += any(path.name.endswith(".tmp") for path in torn.iterdir())
            resume = check_files(torn, learner)
    finish(train(options, games, torn, resume, 5.0))
    compare(whole, torn, f"after {count} kills with {options}")
    finish(train(options, games, torn, False, 5.0))  # which tells of the run only
    compare(whole, torn, f"after the same command once more, with {options}")
    other = [*train(options, games, torn, False, 5.0), "--seed", "999"]
    finish(other, 2)
    if not learner:  # a library that is there, but can't write
        finish([*train(options, games, torn, False, 5.0), "--tensorboard", "/dev/null/x"], 2)
    compare(whole, torn, f"after commands that fail, with {options}")
    return count, mid_write


def compare(whole: Path, torn: Path, when: str) -> None:
    """Failure unless both folders hold the same files."""
    names = {path.name for path in whole.iterdir()}
    if {path.name for path in torn.iterdir()} != names:
        raise Failure(f"other files than those of the undisturbed run {when}")
    for name in names:
        if (whole / name).read_bytes() != (torn / name).read_bytes():
            raise Failure(f"{name} is not that of the undisturbed run {when}")


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, epilog="Exit status: 0 all is well, 1 it is not.")
    parser.add_argument("--kills", type=int, default=200, help="how many (default: %(default)s)")
    parser.add_argument("--games", type=int, default=40_000, help="games of a run (default: %(default)s)")
    parser.add_argument("--first", type=int, default=0, help="number of the first run (default: %(default)s)")
    parser.add_argument("--seed", type=int, default=0, help="of the moments (default: %(default)s)")
    parser.add_argument("--quiet", action="store_true", help="no progress bar")
    parsed = parser.parse_args(arguments)
    if parsed.kills < 1 or parsed.games < 1 or parsed.first < 0:
        parser.error("--kills and --games must be at least 1, --first at least 0")
    chance = random.Random(f"{parsed.seed} {parsed.first}")
    kills = mid_write = 0
    rounds = parsed.first
    bar = tqdm(total=parsed.kills, unit=" kills", disable=parsed.quiet)
    while kills < parsed.kills:
        options = [*ROUNDS[rounds % len(ROUNDS)], "--seed", str(rounds)]
        with tempfile.TemporaryDirectory() as work:
            try:
                most = parsed.kills - kills
                count, struck = killed_round(options, parsed.games, Path(work), most, chance, bar)
            except (Failure, ValueError, OSError) as error:
                bar.close()
                print(f"kill.py: round {rounds}: {error}", file=sys.stderr)
                return 1
        kills, mid_write, rounds = kills + count, mid_write + struck, rounds + 1
    bar.close()
    rounds -= parsed.first
    print(f"{kills} kills in {rounds} runs, {mid_write} of them while a file was being written.")
    print(f"Every file was whole, every resume worked, and all files of all {rounds} runs came out byte for")
    print("byte as undisturbed; repeated commands changed none of them.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
