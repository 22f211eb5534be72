"""Sweeps on processes and on a Ray cluster: a worker that dies costs its job a retry, not the sweep."""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

SWEEP = Path(__file__).parents[2] / "scripts" / "sweep.py"
MARK = "CATMOUSE_TEST_CLUSTER"  # in the environment of every process of a test's own
AXES = ("hidden=8,16,32", "games=100000")
GRID = ("--seeds", "0", "1", "--workers", "2")
RUNS = 6
SECONDS = 240


def marked(mark: str) -> dict[int, str]:
    """The processes that carry a test's mark: number -> command line."""
    found = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if f"{MARK}={mark}".encode() in (folder / "environ").read_bytes().split(b"\0"):
                found[int(folder.name)] = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode()
        except OSError:
            continue  # it has just ended, or is somebody else's
    return found


def working(mark: str, name: str) -> int:
    """The number of a worker, whose command line has this in it."""
    deadline = time.monotonic() + SECONDS
    while not (workers := [number for number, command in marked(mark).items() if name in command]):
        assert time.monotonic() < deadline
    return workers[0]


def wait_for_rows(path: Path, count: int, sweep: subprocess.Popen[str]) -> None:
    """Until so many results are written."""
    deadline = time.monotonic() + SECONDS
    while not path.exists() or path.read_text().count("\n") < count:
        assert sweep.poll() is None, sweep.communicate()[1]
        assert time.monotonic() < deadline
        time.sleep(0.05)


def start(
    folder: Path, mark: str, *options: str, axes: tuple[str, ...] = AXES, **variables: str
) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, str(SWEEP), *axes, *GRID, "--out", str(folder), *options],
        cwd=folder.parent,
        env={**os.environ, **variables, MARK: mark, "OPENBLAS_NUM_THREADS": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def check(folder: Path, sweep: subprocess.Popen[str]) -> str:
    """The sweep ends well, with one result a job, a table and a figure."""
    out, error = sweep.communicate(timeout=SECONDS)
    assert sweep.returncode == 0, error[-3000:]
    rows = [json.loads(line) for line in (folder / "results.jsonl").read_text().splitlines()]
    assert sorted((row["job"]["hidden"], row["job"]["seed"]) for row in rows) == [
        (hidden, seed) for hidden in (8, 16, 32) for seed in (0, 1)
    ]
    assert not any("error" in row for row in rows)
    assert out.count("hidden=") == 3
    assert (folder / "sweep.png").stat().st_size > 1000
    return error


@pytest.fixture
def cluster() -> Iterator[dict[str, str]]:
    """A Ray cluster of this test's own on this machine; what a program needs in its environment to join."""
    pytest.importorskip("ray")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    mark = secrets.token_hex(8)
    # A short path, for sockets; a folder of its own, where no other cluster's address is left or looked for.
    folder = tempfile.mkdtemp(prefix="ray-")
    variables = {
        "RAY_AUTH_MODE": "token",
        "RAY_AUTH_TOKEN": secrets.token_hex(32),
        "RAY_TMPDIR": folder,
        MARK: mark,
    }
    ray = Path(sys.executable).with_name("ray")
    command = [str(ray), "start", "--head", "--block", f"--port={port}", "--num-cpus=2"]
    command += ["--include-dashboard=false", "--disable-usage-stats"]
    head = subprocess.Popen(
        command, env={**os.environ, **variables}, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    said = ""
    for line in head.stdout or ():
        said += line
        if "Ray runtime started" in line:
            break
    else:
        pytest.fail(said)
    yield {**variables, "address": f"127.0.0.1:{port}"}
    if head.stdout:
        head.stdout.close()
    head.terminate()
    try:
        head.wait(30)
    except subprocess.TimeoutExpired:
        head.kill()
    for process in marked(mark):
        os.kill(process, signal.SIGKILL)
    shutil.rmtree(folder, ignore_errors=True)


@pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="finds workers through /proc")
def test_a_killed_worker_of_a_ray_cluster_costs_a_retry(cluster: dict[str, str], tmp_path: Path) -> None:
    address, mark = cluster.pop("address"), cluster.pop(MARK)
    folder = tmp_path / "sweep"
    sweep = start(folder, mark, "--ray-address", address, **cluster)
    wait_for_rows(folder / "results.jsonl", 1, sweep)
    os.kill(working(mark, "ray::work"), signal.SIGKILL)
    check(folder, sweep)


@pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="finds processes through /proc")
def test_a_lost_node_of_a_ray_cluster_costs_a_retry(cluster: dict[str, str], tmp_path: Path) -> None:
    address, mark = cluster.pop("address"), cluster.pop(MARK)
    ray = str(Path(sys.executable).with_name("ray"))
    node = subprocess.Popen(
        [ray, "start", f"--address={address}", "--block", "--num-cpus=2", "--disable-usage-stats"],
        env={**os.environ, **cluster, MARK: mark},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    said = ""
    for line in node.stdout or ():
        said += line
        if "Ray runtime started" in line:
            break
    else:
        pytest.fail(said)
    folder = tmp_path / "sweep"
    sweep = start(folder, mark, "--workers", "4", "--ray-address", address, **cluster)
    wait_for_rows(folder / "results.jsonl", 1, sweep)
    started = [
        number
        for number in marked(mark)
        if Path(f"/proc/{number}/status").read_text().split("PPid:")[1].split()[0] == str(node.pid)
    ]
    assert started
    for number in [node.pid, *started]:  # its agent of the cluster with it
        with contextlib.suppress(ProcessLookupError):
            os.kill(number, signal.SIGKILL)
    if node.stdout:
        node.stdout.close()
    node.wait(30)
    check(folder, sweep)


@pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="finds workers through /proc")
def test_a_killed_worker_of_this_machine_costs_a_retry(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    folder, mark = tmp_path / "sweep", secrets.token_hex(8)
    sweep = start(folder, mark)
    wait_for_rows(folder / "results.jsonl", 1, sweep)
    os.kill(working(mark, "spawn_main"), signal.SIGKILL)
    check(folder, sweep)


def test_an_interrupted_sweep_goes_on_where_it_was(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    folder, mark = tmp_path / "sweep", secrets.token_hex(8)
    sweep = start(folder, mark)
    wait_for_rows(folder / "results.jsonl", 2, sweep)
    sweep.send_signal(signal.SIGINT)
    _, error = sweep.communicate(timeout=SECONDS)
    assert sweep.returncode == 130, error
    assert "the same command goes on with them" in error
    assert "Traceback" not in error
    done = (folder / "results.jsonl").read_text()
    assert 2 <= done.count("\n") < RUNS
    error = check(folder, again := start(folder, mark))
    assert f"{done.count(chr(10))} of {RUNS} runs are in" in error
    assert (folder / "results.jsonl").read_text().startswith(done)
    assert again.returncode == 0


@pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="finds workers through /proc")
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_workers_end_with_the_process_that_began_them(number: signal.Signals, tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    folder, mark = tmp_path / "sweep", secrets.token_hex(8)
    sweep = start(folder, mark, axes=("games=100000000", "measure=error"))
    deadline = time.monotonic() + SECONDS
    while sum("spawn_main" in command for command in marked(mark).values()) < 2:
        assert time.monotonic() < deadline
        time.sleep(0.05)
    sweep.send_signal(number)
    sweep.communicate(timeout=SECONDS)
    deadline = time.monotonic() + 20
    while left := marked(mark):
        assert time.monotonic() < deadline, left
        time.sleep(0.05)
