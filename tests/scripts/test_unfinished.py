"""Long commands lose nothing: stopped or killed, they go on, and end as if nothing had been."""

from __future__ import annotations

import errno
import json
import os
import secrets
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from catmouse.command_line import run as run_command

from agents.runs.results import Results

resource = pytest.importorskip("resource")  # which Windows has not

CATMOUSE = [sys.executable, "-m", "catmouse"]
SECONDS = 90
SMALL = ("--width", "4", "--height", "4")


def start(*arguments: str, cwd: Path, **more: object) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [*CATMOUSE, *arguments],
        cwd=cwd,
        env={**os.environ, "OPENBLAS_NUM_THREADS": "1", **more.pop("env", {})},  # type: ignore[dict-item]
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        **more,  # type: ignore[call-overload]
    )


def finish(*arguments: str, cwd: Path) -> str:
    process = start(*arguments, cwd=cwd)
    out, error = process.communicate(timeout=SECONDS)
    assert process.returncode in (0, 1), error
    assert "Traceback" not in error
    return str(out)


def wait_for(found: Callable[[], object], process: subprocess.Popen[str]) -> None:
    deadline = time.monotonic() + SECONDS
    while not found():
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < deadline
        time.sleep(0.01)


# Learners: a run's folder


LEARNERS = {
    "evolve": ("brain.safetensors", ("--generations", "200", "--population", "64", *SMALL)),
    "q-learning": ("q_table.safetensors", ("--games", "120000", "--env-id", "CatMouseChase-v0", *SMALL)),
}


@pytest.mark.parametrize("name", LEARNERS)
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGKILL])
def test_a_learner_that_is_stopped_ends_as_one_that_was_not(
    name: str, number: signal.Signals, tmp_path: Path
) -> None:
    file, options = LEARNERS[name]
    finish(name, *options, "--out", "whole", cwd=tmp_path)
    process = start(name, *options, "--out", "part", "--save-every", "0", cwd=tmp_path)
    wait_for((tmp_path / "part" / file).exists, process)
    time.sleep(0.2)
    process.send_signal(number)
    _, error = process.communicate(timeout=SECONDS)
    assert "Traceback" not in error
    if number != signal.SIGKILL and process.returncode:
        assert process.returncode == 130
        assert f"{name} --resume part" in error
    told = finish(name, "--resume", "part", cwd=tmp_path)
    assert "Certificate" in told
    for one in (file, "checkpoint.safetensors"):
        assert (tmp_path / "part" / one).read_bytes() == (tmp_path / "whole" / one).read_bytes()
    assert {path.name for path in (tmp_path / "part").iterdir()} == {"checkpoint.safetensors", file}


@pytest.mark.parametrize("name", LEARNERS)
def test_what_was_learned_is_never_written_over_by_worse(name: str, tmp_path: Path) -> None:
    file, options = LEARNERS[name]
    few = (*SMALL, *(("--generations", "2") if name == "evolve" else ("--games", "600")))
    first = finish(name, *options, cwd=tmp_path)
    folder = next((tmp_path / "runs").iterdir())
    before = (folder / file).read_bytes()
    again = finish(name, *options, cwd=tmp_path)  # told of, not learned again
    assert "finished already" in again
    assert again.splitlines()[1:] == first.splitlines()[1:]
    finish(name, *few, cwd=tmp_path)
    assert len(list((tmp_path / "runs").iterdir())) == 2
    assert (folder / file).read_bytes() == before
    for option in ((), ("--overwrite",)):
        process = start(name, *few, "--out", str(folder), *option, cwd=tmp_path)
        _, error = process.communicate(timeout=SECONDS)
        assert process.returncode == (0 if option else 2), error
        assert ((folder / file).read_bytes() == before) == (not option)


def test_a_learner_goes_on_as_it_was_or_not_at_all(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert run_command("q-learning", ["--games", "600", *SMALL, "--quiet", "--out", "q"]) == 0
    for wrong, word in (
        (["--resume", "q", "--games", "700"], "games 600"),
        (["--resume", "nowhere"], "nowhere"),
        (["--resume", "q", "--overwrite"], "--overwrite"),
    ):
        assert run_command("q-learning", wrong) == 2
        assert word in capsys.readouterr().err
    assert run_command("evolve", ["--resume", "q"]) == 2
    assert "evolution" in capsys.readouterr().err


# Lists of jobs: a folder until all is done


def cells(*more: str) -> list[str]:
    few = ["--games", "4096", "--hidden", "8", "--cells", "mlp", "elman", "--seeds", "0", "1"]
    return ["compare-cells", *few, "--json", "--quiet", *more]


JOBS = {
    "compare-cells": cells(),
    "compare-agents": ["compare-agents", "--env-id", "CatMouse-v0", "--seeds", "0", "--quiet"],
    "original": ["original", "--hidden", "6", "8", "--target", "6", "--quiet"],
    "claims": ["original", "--claims", "--long-games", "100000", "--quiet"],
}


def without_clock(name: str, printed: str) -> list[object]:
    """What a command prints, but for seconds."""
    if name == "compare-cells":
        return [row["mistakes_per_game"] for row in json.loads(printed)]
    lines = printed.splitlines()
    return [line.split()[:3] for line in lines[3:5]] if name == "original" else [line[:60] for line in lines]


def kept(folder: Path) -> list[Path]:
    """The files in which something is kept."""
    return [path for path in folder.glob("runs/unfinished-*/*") if path.suffix in (".jsonl", ".safetensors")]


@pytest.mark.parametrize(
    ("name", "number"),
    [
        ("compare-cells", signal.SIGTERM),
        ("compare-agents", signal.SIGKILL),
        ("original", signal.SIGINT),
        ("original", signal.SIGKILL),
    ],
)
def test_a_list_of_jobs_that_is_stopped_goes_on(name: str, number: signal.Signals, tmp_path: Path) -> None:
    whole, part = tmp_path / "whole", tmp_path / "part"
    whole.mkdir()
    part.mkdir()
    expected = finish(*JOBS[name], cwd=whole)
    process = start(*JOBS[name], cwd=part)
    wait_for(lambda: kept(part), process)
    process.send_signal(number)
    _, error = process.communicate(timeout=SECONDS)
    assert process.returncode == (-number if number == signal.SIGKILL else 130)
    assert "Traceback" not in error
    if number != signal.SIGKILL:
        assert error.count("\n") == 1
        assert "--resume goes on" in error
    assert kept(part)
    process = start(*JOBS[name], cwd=part)  # what is kept is not begun anew by mistake
    assert "--resume goes on" in process.communicate(timeout=SECONDS)[1]
    assert process.returncode == 2
    printed = finish(*JOBS[name], "--resume", cwd=part)
    first, second = without_clock(name, expected), without_clock(name, printed)
    assert first == second
    assert not list((part / "runs").iterdir())  # nothing stays when all is done


def test_a_stop_before_anything_is_done_leaves_nothing(tmp_path: Path) -> None:
    process = start(*JOBS["compare-cells"], "--keep", "kept", cwd=tmp_path)
    wait_for((tmp_path / "kept" / "about.json").exists, process)
    process.send_signal(signal.SIGINT)
    _, error = process.communicate(timeout=SECONDS)
    assert process.returncode == 130
    assert "Traceback" not in error
    assert not (tmp_path / "kept").exists() or kept(tmp_path) or "is kept" in error


@pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="finds workers through /proc")
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT])
def test_claims_take_their_workers_with_them_and_go_on(number: signal.Signals, tmp_path: Path) -> None:
    mark = secrets.token_hex(8)

    def marked() -> list[str]:
        found = []
        for folder in Path("/proc").glob("[0-9]*"):
            try:
                if mark.encode() in (folder / "environ").read_bytes():
                    found.append((folder / "cmdline").read_bytes().decode())
            except OSError:
                continue
        return found

    long = ["original", "--claims", "--long-games", "100000000", "--quiet", "--keep", "kept"]
    process = start(*long, cwd=tmp_path, env={"MARK": mark})
    wait_for(lambda: list(tmp_path.glob("kept/*.safetensors")), process)
    assert sum("spawn_main" in command for command in marked()) == 2
    process.send_signal(number)
    _, error = process.communicate(timeout=SECONDS)
    assert "Traceback" not in error
    deadline = time.monotonic() + 10
    while left := marked():
        assert time.monotonic() < deadline, left
        time.sleep(0.05)
    assert list(tmp_path.glob("kept/*.safetensors"))


# Disks


def full() -> None:
    """No file may be longer than this: what a full disk does, without a disk."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (2_000, 2_000))


@pytest.mark.parametrize(
    "arguments",
    [
        *JOBS.values(),
        ["film", "--quiet"],
        ["evolve", "--quiet"],
        ["q-learning", "--quiet"],
        ["train", "--quiet"],
        ["sweep", "hidden=8", "--quiet"],
    ],
    ids=lambda arguments: "-".join(arguments[:2]),
)
def test_a_full_disk_is_found_before_the_work(arguments: list[str], tmp_path: Path) -> None:
    process = start(*arguments, cwd=tmp_path, preexec_fn=full)
    out, error = process.communicate(timeout=SECONDS)
    assert process.returncode == 2, error
    assert error.count("\n") == 1, error
    assert "too large" in error  # "no space left" on a disk
    assert "can't be" in error
    assert not out
    assert not kept(tmp_path)


@pytest.mark.parametrize("name", ["compare-cells", "sweep"])
def test_a_disk_that_fills_up_ends_the_work_in_one_line_and_loses_nothing(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    arguments = (
        cells()[1:] if name == "compare-cells" else ["games=64", "hidden=3,4", "--seeds", "0", "--quiet"]
    )
    real, calls = Results.add, []

    def add(self: Results, row: dict[str, object]) -> None:
        calls.append(row)
        if len(calls) == 2:
            raise OSError(errno.ENOSPC, "No space left on device")
        real(self, row)

    monkeypatch.setattr(Results, "add", add)
    assert run_command(name, arguments) == 2
    told = capsys.readouterr().err
    assert told.count("\n") == 1
    assert "No space left on device" in told
    assert "goes on" in told
    (results,) = [*tmp_path.glob("runs/*/results.jsonl"), *tmp_path.glob("sweeps/*/results.jsonl")]
    assert results.read_text().count("\n") == 1
    assert run_command(name, [*arguments, *(["--resume"] if name == "compare-cells" else [])]) in (0, 1)


@pytest.mark.parametrize(
    "line",
    ["{}", '{"job": {"task": 1}}', '{"job": {}, "mistakes_per_game": "none", "seconds": 1.0}', "nonsense"],
)
def test_wrong_results_are_told_in_a_line(
    line: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    process = start(*JOBS["compare-cells"], "--keep", "kept", cwd=tmp_path)
    wait_for((tmp_path / "kept" / "results.jsonl").exists, process)
    process.kill()
    process.communicate()
    (tmp_path / "kept" / "results.jsonl").write_text(line + "\n")
    assert run_command("compare-cells", [*JOBS["compare-cells"][1:], "--keep", "kept", "--resume"]) == 2
    told = capsys.readouterr().err
    assert told.count("\n") == 1
    assert "line 1, is no result" in told


def test_somebodys_folder_and_other_work_are_left_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    mine = tmp_path / "mine"
    mine.mkdir()
    (mine / "results.jsonl").write_text("my own\n")
    keep = [*cells()[1:], "--keep", "mine"]
    assert run_command("compare-cells", keep) == 2
    assert "holds 'results.jsonl'" in capsys.readouterr().err
    assert (mine / "results.jsonl").read_text() == "my own\n"
    (mine / "results.jsonl").unlink()
    assert run_command("compare-cells", [*keep, "--resume"]) == 2
    assert "no work to resume" in capsys.readouterr().err
    process = start(*JOBS["compare-cells"], "--keep", "mine", cwd=tmp_path)
    wait_for((mine / "results.jsonl").exists, process)
    process.kill()
    process.communicate()
    before = (mine / "results.jsonl").read_bytes()
    assert run_command("compare-cells", [*cells("--harder")[1:], "--keep", "mine", "--resume"]) == 2
    assert "other work" in capsys.readouterr().err
    assert (mine / "results.jsonl").read_bytes() == before
    (mine / "about.json").write_text("[]")
    assert run_command("compare-cells", [*keep, "--resume"]) == 2
    assert "tells of no unfinished work" in capsys.readouterr().err
