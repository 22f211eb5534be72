"""A run's folder: one process at a time, nothing lost to another run, every file whole or not at all."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import catmouse_env  # noqa: F401  (registers the environments)
from agents import Brain
from agents.runs.checkpoint import load_checkpoint
from agents.runs.config import RunConfig
from agents.runs.folder import FILES, RunFolder
from agents.runs.lock import RunFolderError
from agents.runs.run import Run, train


def small(**options: Any) -> RunConfig:
    return RunConfig(**{"hidden": 5, "batch": 8, "games": 480, "report_every": 50, **options})


def test_the_same_run_gives_the_same_bytes(tmp_path: Path) -> None:
    for name in ("one", "two"):
        with RunFolder(tmp_path / name) as folder:
            folder.save(train(small()))
    for name in FILES:
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()


def test_no_run_is_lost_to_another(tmp_path: Path) -> None:
    config = small().filled()
    with RunFolder(tmp_path) as folder:
        run = Run(config)
        folder.take(config)
        run.advance()
        folder.save(run)
        before = {name: (tmp_path / name).read_bytes() for name in FILES if (tmp_path / name).exists()}
        for other in (config, small(seed=1).filled()):
            with pytest.raises(RunFolderError, match=r"holds .* run"):
                folder.take(other)
        while not run.finished:
            run.advance()
        folder.save(run)
        with pytest.raises(RunFolderError, match="another configuration"):
            folder.take(small(seed=1).filled())
        assert folder.take(config)  # it is here already
        assert not folder.take(small(seed=1).filled(), overwrite=True)
        assert before.keys() >= {"checkpoint.safetensors", "brain.safetensors", "config.json", "curve.csv"}


OURS = ["config.json", "curve.csv", "certificate.json", "brain.safetensors", "checkpoint.safetensors"]
TEMPORARY = [*(f"{name}.0123abcd.tmp" for name in OURS), "config.json.mine.tmp", "notes.txt"]


@pytest.mark.parametrize("overwrite", [False, True])
@pytest.mark.parametrize("name", [*OURS, *TEMPORARY])
def test_a_folder_with_files_of_somebody_is_refused_and_left_alone(
    name: str, overwrite: bool, tmp_path: Path
) -> None:
    (tmp_path / name).write_text("mine")
    with RunFolder(tmp_path) as folder, pytest.raises(RunFolderError, match=name):
        folder.take(small().filled(), overwrite)
    assert [path.read_text() for path in tmp_path.iterdir()] == ["mine"]


@pytest.mark.parametrize("text", ["mine", "12 monkeys\n", "\n", "1\n2\n"])
def test_a_file_called_lock_that_is_none_is_left_alone(text: str, tmp_path: Path) -> None:
    (tmp_path / "lock").write_text(text)
    with pytest.raises(OSError, match="no lock of this program"):
        RunFolder(tmp_path)
    assert (tmp_path / "lock").read_text() == text


def test_what_a_killed_process_left_is_taken_away(tmp_path: Path) -> None:
    with hold(tmp_path) as process:
        process.kill()
        process.wait(60)
    (tmp_path / "checkpoint.safetensors.0123abcd.tmp").write_text("half")
    with RunFolder(tmp_path) as folder:
        assert not folder.take(small().filled())
        folder.save(Run(small()))
    assert not list(tmp_path.glob("*.tmp"))


def test_a_folder_that_was_made_for_nothing_goes_again(tmp_path: Path) -> None:
    RunFolder(tmp_path / "runs" / "one").close()
    assert not list(tmp_path.iterdir())


# Locks


HOLD = """
import sys
from pathlib import Path
from agents.runs.folder import RunFolder
folder = RunFolder(Path(sys.argv[1]))
print("locked", flush=True)
sys.stdin.read()
"""


def hold(path: Path) -> subprocess.Popen[str]:
    """Another process that has the folder, until it is killed."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "locked\n"
    return process


def test_a_folder_is_refused_with_the_number_of_who_has_it_until_that_is_killed(tmp_path: Path) -> None:
    with hold(tmp_path) as process:
        for _ in range(2):
            with pytest.raises(RunFolderError, match=rf"another process \(number {process.pid}\)"):
                RunFolder(tmp_path)
        process.kill()
        process.wait(60)
    with RunFolder(tmp_path), pytest.raises(RunFolderError, match=str(os.getpid())):
        RunFolder(tmp_path)
    assert not (tmp_path / "lock").exists()
    RunFolder(tmp_path).close()


@pytest.mark.skipif(not hasattr(os, "O_NOFOLLOW"), reason="links can't be told apart here")
@pytest.mark.parametrize("make_link", [os.symlink, os.link])
def test_a_lock_that_is_a_link_is_not_followed(make_link: Any, tmp_path: Path) -> None:
    treasure = tmp_path / "treasure"
    treasure.write_text("mine")
    (tmp_path / "run").mkdir()
    make_link(treasure, tmp_path / "run" / "lock")
    with pytest.raises(OSError, match="can't be locked"):
        RunFolder(tmp_path / "run")
    assert treasure.read_text() == "mine"
    assert (tmp_path / "run" / "lock").exists()


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no pipes here")
@pytest.mark.parametrize("make", [os.mkdir, os.mkfifo] if hasattr(os, "mkfifo") else [])
def test_a_lock_that_is_no_plain_file_is_refused_at_once(make: Any, tmp_path: Path) -> None:
    make(tmp_path / "lock")
    with pytest.raises(OSError, match="can't be locked"):
        RunFolder(tmp_path)


def test_a_lock_removed_by_hand_ends_in_no_loop_and_takes_nobody_elses_away(tmp_path: Path) -> None:
    first = RunFolder(tmp_path)
    (tmp_path / "lock").unlink()
    second = RunFolder(tmp_path)
    first.close()
    with pytest.raises(RunFolderError, match="another process"):
        RunFolder(tmp_path)
    (tmp_path / "lock").unlink()
    second.close()
    second.close()
    RunFolder(tmp_path).close()


def test_who_lost_the_lock_writes_nothing_more(tmp_path: Path) -> None:
    with RunFolder(tmp_path) as folder:
        run = Run(small())
        folder.save(run)
        (tmp_path / "lock").unlink()
        before = folder.checkpoint.read_bytes()
        run.advance()
        with pytest.raises(OSError, match="lock was removed"):
            folder.save(run)
        with RunFolder(tmp_path), pytest.raises(OSError, match="lock was removed"):
            folder.save(run)
        assert folder.checkpoint.read_bytes() == before


@pytest.mark.parametrize("number", [errno.ENOSYS, errno.ENOLCK, errno.EOPNOTSUPP])
def test_a_file_system_without_locks_is_named(
    number: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fcntl = pytest.importorskip("fcntl")

    def refuse(file: int, operation: int) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(fcntl, "flock", refuse)
    with pytest.raises(OSError, match="can't be locked") as caught:
        RunFolder(tmp_path)
    assert str(tmp_path / "lock") in str(caught.value)
    with pytest.raises(OSError, match="can't be locked"):
        RunFolder(tmp_path / "runs" / "one")
    assert not (tmp_path / "runs").exists()  # so that no loop fills the disk with folders


# Disks


FULL_DISK = """
import resource, sys
from pathlib import Path
import catmouse_env
from agents.runs.config import RunConfig
from agents.runs.folder import RunFolder
from agents.runs.run import Run
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
    assert load_checkpoint(tmp_path / "run" / "checkpoint.safetensors").trainer.updates == 1
    assert Brain.load(tmp_path / "run" / "brain.safetensors")
    assert not list((tmp_path / "run").glob("*.tmp"))
