"""Nothing is lost: a run that is stopped, killed or refused its disk goes on as if nothing had been."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import catmouse_env  # noqa: F401  (registers the environments)
from agents import BadFileError, Brain, TrainingError, files
from agents.configuration import RunConfig
from agents.original import PRESET
from agents.run_folder import FILES, RunFolder, RunFolderError
from agents.state import random_state, restore_random_state
from agents.training import Run, train

SCRIPTS = Path(__file__).parents[2] / "scripts"
TRAIN = [sys.executable, str(SCRIPTS / "train_supervised.py"), "--quiet"]
ENDLESS = ["--games", "100000000", "--hidden", "4", "--measure", "error"]

KINDS: dict[str, dict[str, Any]] = {
    "default": {},
    "adam": {"optimizer": "adam"},
    "muon, gru, restarts": {"optimizer": "muon", "cell": "gru", "schedule": "restarts"},
    "lstm, mixed hand": {"cell": "lstm", "hand": "mixed", "schedule": "cosine"},
    "gru, continuous": {"cell": "gru", "continuous": True, "clip": 1.0},
    "mlp, sgd, compass": {"cell": "mlp", "optimizer": "sgd", "head": "compass", "schedule": "constant"},
    "float64, teacher": {"dtype": "float64", "hand": "teacher", "measure": "error"},
    "original": {**PRESET, "hidden": 3},
    "original, a cat by chance": {**PRESET, "hidden": 3, "cat": "wandering"},
    "one game at a time, a window": {"batch": 1, "window": 3, "clip": 0.1},
    "a cat by chance": {"cat": "wandering", "lethal": True},
    "memory": {"env_id": "CatMouseMemory-v0"},
    "chase": {"env_id": "CatMouseChase-v0", "max_episode_steps": 8},
    "lethal, oblong, clock": {"lethal": True, "width": 5, "height": 3, "observe_moves_left": True},
}


def small(**options: Any) -> RunConfig:
    return RunConfig(**{"hidden": 5, "batch": 8, "games": 480, "report_every": 50, **options})


def assert_same(one: Run, two: Run) -> None:
    assert one.config == two.config
    assert one.curve == two.curve
    assert one.finish() == two.finish()
    for name, part in one.parts().items():
        other = two.parts()[name].state()
        for key, array in part.state().items():
            np.testing.assert_array_equal(array, other[key], f"{name}.{key}")


@pytest.mark.parametrize("options", KINDS.values(), ids=KINDS.keys())
def test_a_run_resumed_any_number_of_times_ends_bit_for_bit_the_same(
    options: dict[str, Any], tmp_path: Path
) -> None:
    path = tmp_path / "checkpoint"
    batch = options.get("batch", 8)
    config = small(**{**options, "games": 24 * batch, "report_every": 5 * batch})
    run, updates = Run(config), 0
    while not run.finished:
        run.advance()
        updates += 1
        if updates % 3 != 1:
            run.save_checkpoint(path)
            run = Run.from_checkpoint(path)
    assert_same(run, train(config))


def test_a_finished_run_is_finished_when_resumed(tmp_path: Path) -> None:
    run = train(small(target=20.0))
    assert run.met
    run.save_checkpoint(tmp_path / "checkpoint")
    again = Run.from_checkpoint(tmp_path / "checkpoint")
    assert again.finished
    assert again.met
    assert_same(run, again)


def test_the_same_run_gives_the_same_bytes(tmp_path: Path) -> None:
    for name in ("one", "two"):
        with RunFolder(tmp_path / name) as folder:
            folder.save(train(small()))
    for name in FILES:
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()


@pytest.mark.parametrize("make", [np.random.default_rng, np.random.RandomState])
def test_a_random_stream_goes_on_where_it_was(make: Any) -> None:
    rng = make(3)
    rng.standard_normal(3)  # an odd number: the legacy stream keeps a spare one
    saved = random_state(rng)
    drawn = rng.standard_normal(5)
    restore_random_state(rng, saved)
    np.testing.assert_array_equal(rng.standard_normal(5), drawn)
    other = make(4)
    restore_random_state(other, saved)
    np.testing.assert_array_equal(other.standard_normal(5), drawn)


def test_a_random_state_that_cannot_be_is_refused() -> None:
    rng = np.random.RandomState(0)
    saved = random_state(rng)
    saved[624] = 625  # the position, which numpy itself takes unseen and reads beyond its table
    with pytest.raises(ValueError, match="Mersenne"):
        restore_random_state(rng, saved)
    with pytest.raises(ValueError, match="SFC64"):
        random_state(np.random.Generator(np.random.SFC64(0)))


# Stopping and killing


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
    run = Run.from_checkpoint(tmp_path / "run" / "checkpoint.safetensors")
    assert run.trainer.games > 0
    straight = Run(run.config)
    while straight.trainer.games < run.trainer.games:
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


def test_no_run_is_lost_to_another(tmp_path: Path) -> None:
    config = small().filled()
    with RunFolder(tmp_path) as folder:
        run = Run(config)
        folder.make_room(config)
        run.advance()
        folder.save(run)
        before = {name: (tmp_path / name).read_bytes() for name in FILES if (tmp_path / name).exists()}
        for other in (config, small(seed=1).filled()):
            with pytest.raises(RunFolderError, match=r"holds .* run"):
                folder.make_room(other)
        while not run.finished:
            run.advance()
        folder.save(run)
        with pytest.raises(RunFolderError, match="another configuration"):
            folder.make_room(small(seed=1).filled())
        folder.make_room(config)  # the same comes out again
        assert not folder.checkpoint.exists()
        assert before.keys() >= {"checkpoint.safetensors", "brain.safetensors", "config.json", "curve.csv"}


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


# Disks


def test_a_folder_that_cannot_be_written_is_refused_before_training(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    fails(["--out", "file"], tmp_path, "file")
    fails(["--out", "file/run"], tmp_path, "file/run")
    fails(["--out", "/proc/run"], tmp_path, "/proc/run")


FULL_DISK = """
import resource, sys
from pathlib import Path
import catmouse_env
from agents.configuration import RunConfig
from agents.run_folder import RunFolder
from agents.training import Run
with RunFolder(Path("run")) as folder:
    run = Run(RunConfig(hidden=5, batch=8, games=480, report_every=50))
    run.advance()
    folder.save(run)
    size = folder.checkpoint.stat().st_size
    for limit in (size - 1, size // 2, 1, 0):
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, resource.RLIM_INFINITY))
        run.advance()
        try:
            folder.save(run)
        except OSError:
            continue
        sys.exit("saved where nothing can be")
"""


def test_on_a_full_disk_the_older_checkpoint_stays(tmp_path: Path) -> None:
    pytest.importorskip("resource")
    done = subprocess.run(
        [sys.executable, "-c", FULL_DISK], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert Run.from_checkpoint(tmp_path / "run" / "checkpoint.safetensors").trainer.updates == 1
    assert Brain.load(tmp_path / "run" / "brain.safetensors")
    assert not list((tmp_path / "run").glob("*.tmp"))


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
        Run.from_checkpoint(disk / "run" / "checkpoint.safetensors")
    finally:
        subprocess.run(["umount", str(disk)], check=False)


# Numbers


def test_a_checkpoint_of_another_version_kind_or_shape_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "checkpoint.safetensors"
    run = Run(small())
    run.brain.save(path)
    with pytest.raises(BadFileError, match="not a checkpoint"):
        Run.from_checkpoint(path)
    with monkeypatch.context() as patch:
        patch.setattr(files, "VERSION", "99")
        run.save_checkpoint(path)
    fails(["--resume", str(tmp_path)], tmp_path, "version '99'")
    run.save_checkpoint(path)
    told, tensors = files.read(path, "checkpoint")
    files.write(path, "checkpoint", {**told, "run": {**told["run"], "hidden": 6}}, tensors)
    fails(["--resume", str(tmp_path)], tmp_path, "weights")


@pytest.mark.parametrize("rate", [1e4, 1e20, 1e38, 1e300])
@pytest.mark.parametrize("optimizer", ["sgd", "adam", "muon"])
@pytest.mark.parametrize("cell", ["mlp", "elman", "gru", "lstm"])
def test_an_extreme_rate_trains_on_or_stops_naming_the_cause(rate: float, optimizer: str, cell: str) -> None:
    run = Run(small(learning_rate=rate, optimizer=optimizer, cell=cell, measure="error"))
    said = ""
    try:
        while not run.finished:
            run.advance()
    except TrainingError as error:
        said = str(error)
    if said:
        assert "not finite" in said
        assert "learning rate" in said
    else:
        assert np.isfinite(run.brain.flat).all()


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
    assert np.isfinite(Run.from_checkpoint(tmp_path / "run" / "checkpoint.safetensors").brain.flat).all()


@pytest.mark.parametrize("cell", ["mlp", "elman", "gru", "lstm"])
@pytest.mark.parametrize("head", ["direction", "compass"])
def test_a_brain_of_one_unit_learns_and_is_kept(cell: str, head: str, tmp_path: Path) -> None:
    run = train(small(hidden=1, cell=cell, head=head, batch=1, games=60, max_episode_steps=1))
    run.save_checkpoint(tmp_path / "run")
    assert_same(run, Run.from_checkpoint(tmp_path / "run"))


def test_what_would_not_fit_into_memory_is_refused_before_it_is_taken() -> None:
    assert Brain(cell="mlp", hidden=1 << 14).flat.size == 5 * (1 << 14) + 4 * ((1 << 14) + 1)
    for options in ({"hidden": 1 << 14}, {"cell": "lstm", "hidden": 5000}):
        with pytest.raises(ValueError, match="hidden must be smaller"):
            Brain(**options)
    with pytest.raises(ValueError, match="batch must be at most"):
        RunConfig(batch=10**9)
    for options in ({"batch": 1 << 20, "hidden": 512}, {"max_episode_steps": 10**9}):
        with pytest.raises(ValueError, match="batch must be smaller"):
            Run(RunConfig(**options))


def test_a_configuration_is_kept_whole(tmp_path: Path) -> None:
    config = small().filled()
    config.save(tmp_path / "config.json")
    assert asdict(RunConfig.load(tmp_path / "config.json")) == asdict(config)
