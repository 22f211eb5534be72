"""Nothing is lost: a run that is stopped, killed or refused its disk goes on as if nothing had been."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from catmouse.command_line import run as run_command
from safetensors.numpy import save_file

import catmouse_env  # noqa: F401  (registers the environments)
from agents import files
from agents.runs.checkpoint import load_checkpoint, save_checkpoint
from agents.runs.config import RunConfig
from agents.runs.folder import RunFolder
from agents.runs.lock import RunFolderError
from agents.runs.run import Run

SCRIPTS = Path(__file__).parents[2] / "scripts"
TRAIN = [sys.executable, str(SCRIPTS / "train_supervised.py"), "--quiet"]
ENDLESS = ["--games", "100000000", "--hidden", "4", "--measure", "error"]


def small(**options: Any) -> RunConfig:
    return RunConfig(**{"hidden": 5, "batch": 8, "games": 480, "report_every": 50, **options})


# Stopping and killing

signals = pytest.mark.skipif(os.name != "posix", reason="programs here get no signals")
full_disk = pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no disk that is always full")


def start(*arguments: str, cwd: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [*TRAIN, *arguments], cwd=cwd, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def wait_for(path: Path) -> None:
    for _ in range(1000):
        if path.exists():
            return
        time.sleep(0.02)
    raise TimeoutError(path)


@signals
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_saves_and_says_how_to_resume(number: signal.Signals, tmp_path: Path) -> None:
    process = start(*ENDLESS, "--out", "run", "--save-every", "1000", cwd=tmp_path)
    wait_for(tmp_path / "run" / "curve.csv")
    time.sleep(0.3)
    process.send_signal(number)
    _, error = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "train_supervised.py --resume run" in error
    assert "Traceback" not in error
    run = load_checkpoint(tmp_path / "run" / "checkpoint.safetensors")
    assert run.trainer.games_played > 0
    straight = Run(run.config)
    while straight.trainer.games_played < run.trainer.games_played:
        straight.advance()
    assert straight.curve == run.curve
    np.testing.assert_array_equal(straight.brain.flat, run.brain.flat)
    again = start("--resume", "run", cwd=tmp_path)
    time.sleep(0.5)
    again.kill()  # the lock goes with the process
    again.communicate(timeout=60)
    RunFolder(tmp_path / "run").close()


def test_whoever_reads_the_output_may_go_away(tmp_path: Path) -> None:
    process = start(*ENDLESS, "--csv", "--report-every", "16", "--out", "run", cwd=tmp_path)
    assert process.stdout is not None
    process.stdout.readline()
    process.stdout.close()
    assert process.stderr is not None
    error = process.stderr.read()
    assert process.wait(60) == 130
    assert "--resume run" in error
    assert "Traceback" not in error
    process.stderr.close()


@full_disk
@pytest.mark.parametrize("stream", [">/dev/full", "2>/dev/full", "2>&-", ">&-"])
def test_a_full_disk_under_what_is_said_does_not_end_training(stream: str, tmp_path: Path) -> None:
    command = " ".join([*TRAIN[:-1], "--hidden 3 --games 20000 --target 10 --out run", stream])
    done = subprocess.run(
        command, shell=True, cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == (2 if stream == ">/dev/full" else 0), done.stderr
    assert "can't be saved" not in done.stderr
    assert "Traceback" not in done.stderr
    assert load_checkpoint(tmp_path / "run" / "checkpoint.safetensors").finished


@full_disk
def test_a_full_disk_under_the_rows_of_csv_ends_with_the_last_game_saved(tmp_path: Path) -> None:
    few = "--csv --quiet --hidden 3 --games 20000 --batch 16 --report-every 1600 --out run"
    command = " ".join([*TRAIN[:-1], few, "--save-every 1000 >/dev/full"])
    done = subprocess.run(
        command, shell=True, cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 2
    assert len(done.stderr.strip().splitlines()) == 1, done.stderr
    assert "can't be written" in done.stderr
    assert load_checkpoint(tmp_path / "run" / "checkpoint.safetensors").trainer.games_played == 1600


@pytest.mark.parametrize(("target", "status"), [("10", 0), ("0", 1)])
def test_a_finished_run_whose_certificate_nobody_reads_ends_quietly(
    target: str, status: int, tmp_path: Path
) -> None:
    few = ("--quiet", "--hidden", "3", "--games", "1280", "--target", target, "--out", "run")
    process = start(*few, cwd=tmp_path)
    assert process.stdout is not None
    process.stdout.close()
    assert process.stderr is not None
    assert process.stderr.read().strip() == ""
    assert process.wait(60) == status
    process.stderr.close()
    assert load_checkpoint(tmp_path / "run" / "checkpoint.safetensors").finished


def test_a_terminal_that_knows_few_letters_shows_what_it_can(tmp_path: Path) -> None:
    done = subprocess.run(
        [*TRAIN, "--hidden", "3", "--games", "128", "--target", "10", "--out", "r\u00fcn"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONIOENCODING": "ascii"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "r\\xfcn" in done.stdout


@signals
def test_a_signal_that_comes_early_leaves_no_lock(tmp_path: Path) -> None:
    for seconds in (0.3, 0.5, 0.7, 0.9):
        process = start(*ENDLESS, "--out", "run", "--overwrite", cwd=tmp_path)
        time.sleep(seconds)
        process.send_signal(signal.SIGTERM)
        _, error = process.communicate(timeout=60)
        assert process.returncode in (130, -signal.SIGTERM), error  # the latter before Python has begun
        assert "Traceback" not in error
        assert not (tmp_path / "run" / "lock").exists()


# Folders


def fails(arguments: list[str], cwd: Path, *words: str) -> None:
    """A script must refuse in one line that has the words in it."""
    done = subprocess.run(
        [*TRAIN, *arguments], cwd=cwd, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 2, done.stderr
    lines = done.stderr.strip().splitlines()
    assert len(lines) == 1, done.stderr
    for word in words:
        assert word in lines[0]


def test_a_folder_that_another_process_uses_is_refused(tmp_path: Path) -> None:
    with RunFolder(tmp_path / "run") as folder:
        folder.save(Run(small()))
        fails(["--out", "run"], tmp_path, "another process", str(os.getpid()))
        fails(["--resume", "run"], tmp_path, "another process", str(os.getpid()))
        with pytest.raises(RunFolderError, match="another process"):
            RunFolder(tmp_path / "run")
    assert not (tmp_path / "run" / "lock").exists()
    RunFolder(tmp_path / "run").close()


def test_the_default_folder_never_overwrites_a_run(tmp_path: Path) -> None:
    few = ["--quiet", "--hidden", "3", "--games", "128"]
    for options in (few, few, [*few, "--batch", "32"]):
        done = subprocess.run([*TRAIN, *options], cwd=tmp_path, capture_output=True, text=True, check=False)
        assert done.returncode == 1, done.stderr
    assert sorted(path.name for path in (tmp_path / "runs").iterdir()) == [
        "CatMouse-v0-seed-0",
        "CatMouse-v0-seed-0-2",
    ]


def test_a_run_is_resumed_as_it_was_or_not_at_all(tmp_path: Path) -> None:
    with RunFolder(tmp_path / "run") as folder:
        folder.save(Run(small()))
    fails(["--resume", "run", "--hidden", "6"], tmp_path, "hidden 5", "6")
    fails(["--resume", "nowhere"], tmp_path, "nowhere")
    (tmp_path / "empty").mkdir()
    fails(["--resume", "empty"], tmp_path, "no checkpoint")


# Beyond the end


def train(*arguments: object) -> int:
    return run_command("train", [*map(str, arguments), "--quiet"])


@pytest.mark.parametrize(("schedule", "same"), [("constant", True), ("linear", False)])
def test_a_run_goes_on_beyond_its_end(schedule: str, same: bool, tmp_path: Path) -> None:
    few = ["--hidden", 5, "--batch", 8, "--report-every", 80, "--schedule", schedule, "--optimizer", "adam"]
    assert train(*few, "--games", 960, "--out", tmp_path / "whole") == 1
    assert train(*few, "--games", 480, "--out", tmp_path / "part") == 1
    assert train("--resume", tmp_path / "part", "--games", 960) == 1
    whole, part = (load_checkpoint(tmp_path / name / "checkpoint.safetensors") for name in ("whole", "part"))
    assert part.trainer.games_played == part.config.games == 960
    # The rate had fallen to 0 already where it falls: another run from there on.
    assert (part.brain.flat == whole.brain.flat).all() == same
    if same:
        for name in ("checkpoint.safetensors", "brain.safetensors", "curve.csv", "config.json"):
            assert (tmp_path / "part" / name).read_bytes() == (tmp_path / "whole" / name).read_bytes()


def test_a_run_beyond_its_end_goes_by_the_longer_schedule(tmp_path: Path) -> None:
    run = Run(small(schedule="linear", learning_rate=0.02, optimizer="adam"))
    while not run.finished:
        run.advance()
    save_checkpoint(run, tmp_path / "run")
    longer = load_checkpoint(tmp_path / "run", games=960)
    assert longer.trainer.total_games == 960
    assert longer.trainer.progress == pytest.approx(0.5)
    assert not longer.finished


def test_no_run_ends_sooner_than_it_was_to(tmp_path: Path) -> None:
    with RunFolder(tmp_path / "run") as folder:
        folder.save(Run(small()))
    fails(["--resume", "run", "--games", "100"], tmp_path, "games 480", "100")


@pytest.mark.parametrize("measure", ["certificate", "error"])
def test_a_run_that_misses_its_target_says_what_to_try(
    measure: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    few = ("--hidden", 3, "--games", 128, "--measure", measure, "--target", 0.1, "--out", tmp_path / "run")
    assert train(*few) == 1
    told = capsys.readouterr().out
    said = next(line for line in told.splitlines() if line.startswith("The target was missed"))
    assert "not 0.1" in said
    for advice in (f"--resume {tmp_path / 'run'} --games N", "--cell", "--optimizer"):
        assert advice in said


def test_a_checkpoint_that_is_none_of_this_run_or_version_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "checkpoint.safetensors"
    save_checkpoint(Run(small()), path)
    told, tensors = files.read(path, "checkpoint")
    files.write(path, "checkpoint", {**told, "run": {**told["run"], "hidden": 6}}, tensors)
    fails(["--resume", str(tmp_path)], tmp_path, "weights")
    about = {"version": "1", "kind": "checkpoint", "config": told}
    save_file(tensors, path, {"catmouse": json.dumps(about)})
    fails(["--resume", str(tmp_path)], tmp_path, str(path), "written by version 1 ", "train again")


FEW = ["--hidden", "3", "--games", "128"]


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@pytest.mark.parametrize(
    ("more", "status"),
    [
        ([], 1),
        (["--tensorboard", "tb"], 2),
        (["--render", "human"], 2),
        (["--overwrite", "--tensorboard", "tb"], 2),
    ],
)
def test_a_finished_run_is_told_of_and_nothing_of_it_changes(
    more: list[str], status: int, tmp_path: Path
) -> None:
    (tmp_path / "tensorboard.py").write_text("raise ModuleNotFoundError\n")
    nowhere = {
        name: value for name, value in os.environ.items() if name not in ("DISPLAY", "WAYLAND_DISPLAY")
    }
    nowhere |= {"PYTHONPATH": str(tmp_path), "SDL_VIDEODRIVER": "x11"}

    def repeat(*options: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*TRAIN, *FEW, "--out", "run", *options],
            cwd=tmp_path,
            env=nowhere,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    for name in ("tb", "human"):  # nor is a folder left behind by what fails at first
        option = ["--tensorboard", "tb"] if name == "tb" else ["--render", "human"]
        assert repeat(*option).returncode == 2
        assert not (tmp_path / "run").exists()
    assert repeat().returncode == 1
    before = contents(tmp_path / "run")
    assert len(before) == 5
    done = repeat(*more)
    assert done.returncode == status, done.stderr
    assert "Traceback" not in done.stderr
    assert ("This run was finished already" in done.stdout) == (status == 1)
    assert contents(tmp_path / "run") == before


@signals
def test_a_finished_run_outlives_signals_to_its_own_command(tmp_path: Path) -> None:
    start(*FEW, "--out", "run", cwd=tmp_path).communicate(timeout=60)
    before = contents(tmp_path / "run")
    for seconds in (0.2, 0.6, 0.8, 1.0, 1.2):
        process = start(*FEW, "--out", "run", cwd=tmp_path)
        time.sleep(seconds)
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=60)
        after = contents(tmp_path / "run")
        after.pop("lock", None)
        assert after == before


def test_no_empty_name_is_taken_for_the_folder_that_we_are_in(tmp_path: Path) -> None:
    for option in ("--out", "--resume", "--tensorboard"):
        fails([option, ""], tmp_path, option, "must name a folder")
    assert not list(tmp_path.iterdir())


# Disks


def test_a_folder_that_cannot_be_written_is_refused_before_training(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    fails(["--out", "file"], tmp_path, "file")
    fails(["--out", "file/run"], tmp_path, "file/run")
    fails(["--out", "/proc/run"], tmp_path, "/proc/run")


@pytest.mark.skipif(
    not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root can mount a small disk"
)
def test_a_disk_that_fills_up_while_training_ends_it_in_one_line(tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=128k", "none", str(disk)]
    if subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("no disk can be mounted here")
    try:
        process = start(*ENDLESS, "--out", "disk/run", "--save-every", "0", cwd=tmp_path)
        wait_for(disk / "run" / "checkpoint.safetensors")
        with open(disk / "filler", "wb", buffering=0) as filler:
            try:
                while True:
                    filler.write(bytes(512))
            except OSError:
                pass
        _, error = process.communicate(timeout=60)
        assert process.returncode == 2
        assert len(error.strip().splitlines()) == 1, error
        assert "No space left" in error
        load_checkpoint(disk / "run" / "checkpoint.safetensors")
    finally:
        subprocess.run(["umount", str(disk)], check=False)


# Numbers


def test_numbers_that_are_no_longer_finite_leave_the_last_good_checkpoint(tmp_path: Path) -> None:
    done = subprocess.run(
        [*TRAIN, *ENDLESS, "--learning-rate", "1e38", "--out", "run", "--save-every", "0"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 1
    assert "not finite" in done.stderr
    assert "checkpoint.safetensors" in done.stderr
    assert "Traceback" not in done.stderr
    assert np.isfinite(load_checkpoint(tmp_path / "run" / "checkpoint.safetensors").brain.flat).all()
