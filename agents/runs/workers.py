"""Independent jobs side by side: in processes of this machine, which end with it, or on a Ray cluster."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Generator, Iterator
from concurrent.futures import FIRST_COMPLETED, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from multiprocessing.connection import Connection
from typing import Any

from agents.runs.results import Job, Row

STOPS = (signal.SIGINT, signal.SIGTERM)  # signals that stop a command
MASKS = hasattr(signal, "pthread_sigmask")  # which Windows has not
RETRIES = 3  # how often a job whose worker dies is begun again


class WorkersError(RuntimeError):
    """Workers die again and again: some jobs can't be done."""


def begin(lifeline: Connection) -> None:
    """Let a worker end with the process that began it: when the pipe to that one is closed, by whatever."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the other one to answer

    def watch() -> None:
        try:
            lifeline.recv_bytes()
        except (EOFError, OSError):
            os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


@contextlib.contextmanager
def interrupts_held_back() -> Iterator[None]:
    """Ctrl-C and SIGTERM wait meanwhile: processes that are begun by halves are never ended.

    Blocking them would not do, since another thread may get them. That blocked Ctrl-C is inherited: processes
    that are begun here never hear of it.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    heard: list[int] = []
    answers = {number: signal.getsignal(number) for number in STOPS}
    for number in STOPS:
        signal.signal(number, lambda number, frame: heard.append(number))
    blocked = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT}) if MASKS else set()
    try:
        yield
    finally:
        if MASKS:
            signal.pthread_sigmask(signal.SIG_SETMASK, blocked)
        for number, answer in answers.items():
            signal.signal(number, signal.SIG_DFL if answer is None else answer)
        if heard:
            signal.raise_signal(heard[0])


def run_jobs(
    jobs: list[Job],
    work: Callable[[Job], Row],
    workers: int = -1,
    ray_address: str | None = None,
) -> Generator[Row, None, None]:
    """Do jobs side by side; their results in the order in which they come.

    When a worker dies (out of memory, killed, its machine gone), the jobs that it took along are begun
    again, up to `RETRIES` times; all others go on. Workers end with this process, however that ends. A job
    that keeps its own state can be done in pieces: while its result says "unfinished", it is done again.

    Args:
        jobs: What to do.
        work: Does a job in a process of its own, so it must be a module's function, and import what registers
            the environments.
        workers: Processes; -1: as many as there are cores, here or in the cluster.
        ray_address: Where a Ray cluster listens ("auto": one on this machine); None: this machine's cores.

    Yields:
        What `work` returns, job by job.

    Raises:
        WorkersError: Workers died too often; all jobs that can be done are done.
        ModuleNotFoundError: Ray is not installed.
        ConnectionError: There is no cluster at that address.
    """
    if ray_address is None:
        return run_here(jobs, work, workers)
    return run_on_ray(jobs, work, workers, ray_address)


def run_here(jobs: list[Job], work: Callable[[Job], Row], workers: int) -> Generator[Row, None, None]:
    """`run_jobs` on this machine's cores."""
    waiting, tries = list(jobs), 0
    context = multiprocessing.get_context("spawn")
    if workers < 0:
        workers = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    while waiting:
        lifeline, held = context.Pipe(duplex=False)
        pool = ProcessPoolExecutor(min(workers, len(waiting)), context, begin, (lifeline,))
        under_way: dict[Any, Job] = {}
        try:
            while waiting or under_way:
                while waiting and len(under_way) < workers:
                    with interrupts_held_back():  # processes begin here
                        under_way[pool.submit(work, waiting[0])] = waiting[0]
                    del waiting[0]
                for done in wait(under_way, return_when=FIRST_COMPLETED).done:
                    row = done.result()
                    job = under_way.pop(done)
                    if row.get("unfinished"):
                        waiting.append(job)
                    tries = 0
                    yield row
        except BrokenProcessPool as error:
            tries += 1
            # Those that were under way come last now, so that a job that kills its worker does not
            # keep the others from being done.
            waiting += under_way.values()
            if tries > RETRIES:
                raise WorkersError(
                    f"workers died {tries} times in a row, {len(waiting)} jobs are left: {error}"
                ) from error
        finally:
            held.close()  # which ends the workers
            pool.shutdown(cancel_futures=True)
            lifeline.close()


def run_on_ray(
    jobs: list[Job], work: Callable[[Job], Row], workers: int, address: str
) -> Generator[Row, None, None]:
    """`run_jobs` on a Ray cluster, a task a job; Ray itself begins a task again whose worker died."""
    import ray
    from ray.exceptions import RayError

    ray.init(address=address, ignore_reinit_error=True, log_to_driver=False)
    task = ray.remote(num_cpus=1, max_retries=RETRIES)(work)
    waiting, lost = list(jobs), 0
    under_way: list[Any] = []
    try:
        while waiting or under_way:
            while waiting and (workers < 0 or len(under_way) < workers):
                under_way.append(task.remote(waiting.pop(0)))
            (done,), under_way = ray.wait(under_way)
            try:
                row = ray.get(done)
            except RayError as error:
                lost, cause = lost + 1, error
            else:
                yield row
    except RayError as error:
        left = len(waiting) + len(under_way)
        raise WorkersError(f"the cluster is lost, {left} jobs are left: {error}") from error
    finally:  # an interrupted sweep leaves nothing running
        for one in under_way:
            with contextlib.suppress(RayError, ConnectionError):
                ray.cancel(one, force=True)
    if lost:
        raise WorkersError(f"{lost} jobs are left, whose workers died or failed: {cause}") from cause
