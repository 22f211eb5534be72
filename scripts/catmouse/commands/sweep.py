"""Train a grid of configurations with several seeds each, on this machine's cores or on a Ray cluster.

Example: catmouse sweep hidden=16,32,64 cell=elman,gru --seeds 0 1 2

A result is kept as soon as it is known, so a sweep that was interrupted goes on where it was when it is
started again with the same --out. At the end there are a table and a figure.
"""

from __future__ import annotations

import argparse
import signal
import sys
import textwrap
from collections import defaultdict
from importlib import import_module
from pathlib import Path
from typing import Any

import catmouse_env  # noqa: F401  (registers the environments)
from agents.runs.lock import LockedFolder
from agents.runs.results import Job, Results, Row
from agents.runs.sweep import check_row, make_jobs, run_job
from agents.runs.workers import WorkersError, run_jobs
from catmouse.command_line import (
    DONE,
    MISSED,
    STOPPED,
    WIDTH,
    Failed,
    Parser,
    complain,
    install,
    need,
    wrong_usage,
)
from catmouse.console import progress_bar
from catmouse.plots.sweep_figure import draw_sweep
from catmouse.unfinished import check_writable

RESULTS = "results.jsonl"
FIGURE = "sweep.png"
NAME_WIDTH = 22  # of a configuration that fits beside its figures


def parse(arguments: list[str] | None = None) -> argparse.Namespace:
    parser = Parser("sweep", __doc__, "[NAME=VALUE,... ...]", missed="jobs are left or failed")
    parser.add_argument(
        "grid",
        nargs="*",
        metavar="NAME=VALUE,...",
        help="an axis of the grid: an option of `catmouse train` with the values to try (hidden=16,32), "
        "or room=6x6,8x8; every combination is run",
    )
    parser.add_seeds([0, 1, 2], "a run of each combination for each")
    parser.add_number("--workers", None, "runs side by side", otherwise="one for each core")
    parser.add_argument(
        "--ray-address",
        metavar="HOST:PORT",
        help="a Ray cluster to run on, 'auto' for one on this machine (default: none, this machine's cores); "
        "this package must be installed on all its machines",
    )
    parser.add_argument(
        "--out",
        type=Path,
        default=Path("sweeps/sweep"),
        metavar="FOLDER",
        help="where results are kept (default: %(default)s)",
    )
    parser.add_quiet()
    return parser.read(arguments)


def main(command: list[str] | None = None) -> int:
    arguments = parse(command)
    with wrong_usage():
        jobs = make_jobs(arguments.grid, arguments.seeds)
    need("matplotlib", "sweep", "the figure")
    with wrong_usage():
        folder = LockedFolder(arguments.out, [RESULTS])
    with folder:
        with wrong_usage():
            results = Results(arguments.out / RESULTS, check_row)
        check_writable([arguments.out])
        return sweep(jobs, results, arguments)


def sweep(jobs: list[Job], results: Results, arguments: argparse.Namespace) -> int:
    """Do what is missing; print and draw what came of all."""
    missing = results.missing(jobs)
    if len(missing) < len(jobs):
        print(
            f"{len(jobs) - len(missing)} of {len(jobs)} runs are in {results.path} already", file=sys.stderr
        )
    carry_out(jobs, missing, results, arguments)
    rows = results.select(jobs)
    print(table(rows))
    good = [row for row in rows if "error" not in row]
    if good:
        draw_sweep(grouped(good)).savefig(arguments.out / FIGURE, dpi=150)
        print(f"\nResults in {results.path}, figure in {arguments.out / FIGURE}")
    return DONE if len(good) == len(jobs) else MISSED


def carry_out(jobs: list[Job], missing: list[Job], results: Results, arguments: argparse.Namespace) -> None:
    """Do the jobs whose results are missing, keeping each result as it comes.

    Raises:
        Failed: It was stopped, or can't be done.
    """
    interrupted = False

    def interrupt(number: int, frame: Any) -> None:
        nonlocal interrupted
        interrupted = True  # the exception may be swallowed on its way through other people's code
        raise KeyboardInterrupt

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, interrupt)
    coming = run_jobs(missing, work, arguments.workers or -1, arguments.ray_address)
    bar = progress_bar(len(jobs), "runs", arguments.quiet, initial=len(jobs) - len(missing))
    try:
        for row in coming:
            results.add(row)
            bar.update()
            if interrupted:
                raise KeyboardInterrupt
    except KeyboardInterrupt:
        left = len(results.missing(jobs))
        raise Failed(f"stopped, {left} runs are left; the same command goes on with them", STOPPED) from None
    except WorkersError as error:
        complain("sweep", Failed(error, MISSED))
    except ModuleNotFoundError as error:
        raise Failed(f"{error.name} is missing: {install('cluster')}") from error
    except ConnectionError as error:
        raise Failed(f"no Ray cluster at {arguments.ray_address}: {error}") from error
    except OSError as error:
        raise Failed(f"{error}; the same command goes on with what is left") from error
    finally:
        bar.close()
        coming.close()


def work(job: Job) -> Row:
    """Do a job, in a process that may not have seen this project before."""
    import_module("catmouse_env")  # registers the environments

    return run_job(job)


def grouped(rows: list[Row]) -> dict[str, list[Row]]:
    """Results by what they have in common but for the seed; named after what tells the groups apart."""
    values: dict[str, set[str]] = defaultdict(set)
    for row in rows:
        for key, value in row["job"].items():
            values[key].add(str(value))
    telling = [key for key in values if key != "seed" and len(values[key]) > 1]
    groups: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        groups[" ".join(f"{key}={row['job'][key]}" for key in telling) or "all"].append(row)
    return groups


def table(rows: list[Row]) -> str:
    """Every combination with the mean over its seeds and its worst seed."""
    groups = grouped(rows)
    wide = max([len(name) for name in groups if len(name) <= NAME_WIDTH] + [13])
    lines = [
        f"{'':{wide}}       {'games':>19} {'CPU seconds':>15} {'mistakes a game':>15}",
        f"{'configuration':{wide}} seeds {'mean':>9} {'worst':>9}" + 2 * f" {'mean':>7} {'worst':>7}",
    ]
    for name, group in groups.items():
        if len(name) > wide:  # on lines of its own
            lines += textwrap.wrap(name, WIDTH)
            name = ""
        good = [row for row in group if "error" not in row]
        line = f"{name:{wide}} {len(good):>5}"
        if good:
            for key, form in (("games", "9,.0f"), ("seconds", "7.2f"), ("mistakes_per_game", "7.4f")):
                values = [row[key] for row in good]
                line += f" {sum(values) / len(values):{form}} {max(values):{form}}"
        lines.append(line)
        lines += [f"  seed {row['job']['seed']}: {row['error']}" for row in group if "error" in row]
    return "\n".join(lines)
