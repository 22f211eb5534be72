"""Train a grid of configurations with several seeds each, on this machine's cores or on a Ray cluster.

Example: catmouse sweep hidden=16,32,64 cell=elman,gru --seeds 3

A result is kept as soon as it is known, so a sweep that was interrupted goes on where it was when it is
started again with the same --out. At the end there are a table and a figure.
"""

from __future__ import annotations

import argparse
import signal
import sys
import warnings
from collections import defaultdict
from importlib import import_module
from pathlib import Path
from typing import Any

from tqdm import tqdm

import catmouse_env  # noqa: F401  (registers the environments)
from agents.sweep import Job, Results, SweepError, do, finished, jobs_of
from catmouse.command_line import (
    DONE,
    MISSED,
    STOPPED,
    Failed,
    Parser,
    complain,
    install,
    ranged,
    wrong_usage,
)

RESULTS = "results.jsonl"
FIGURE = "sweep.png"

Row = dict[str, Any]


def parse(arguments: list[str] | None = None) -> argparse.Namespace:
    parser = Parser("sweep", __doc__, "[NAME=VALUE,... ...]", missed="jobs are left or failed")
    parser.add_argument(
        "grid",
        nargs="*",
        metavar="NAME=VALUE,...",
        help="an axis of the grid: an option of `catmouse train` with the values to try (hidden=16,32), "
        "or room=6x6,8x8; every combination is run",
    )
    parser.add_argument(
        "--seeds",
        type=ranged(1),
        default=3,
        metavar="N",
        help="runs of each combination (default: %(default)s)",
    )
    parser.add_argument(
        "--workers", type=ranged(1), metavar="N", help="runs side by side (default: one for each core)"
    )
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
        jobs = jobs_of(arguments.grid, arguments.seeds)
        arguments.out.mkdir(parents=True, exist_ok=True)
        results = Results(arguments.out / RESULTS)
    missing = results.missing(jobs)
    if len(missing) < len(jobs):
        print(
            f"{len(jobs) - len(missing)} of {len(jobs)} runs are in {results.path} already", file=sys.stderr
        )
    carry_out(jobs, missing, results, arguments)
    rows = results.of(jobs)
    print(table(rows))
    good = [row for row in rows if "error" not in row]
    if good:
        draw(grouped(good), arguments.out / FIGURE)
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
    coming = finished(missing, work, arguments.workers or -1, arguments.ray_address)
    bar = tqdm(total=len(jobs), initial=len(jobs) - len(missing), unit=" runs", disable=arguments.quiet)
    try:
        for row in coming:
            results.add(row)
            bar.update()
            if interrupted:
                raise KeyboardInterrupt
    except KeyboardInterrupt:
        left = len(results.missing(jobs))
        raise Failed(f"stopped, {left} runs are left; the same command goes on with them", STOPPED) from None
    except SweepError as error:
        complain("sweep", Failed(error, MISSED))
    except ModuleNotFoundError as error:
        extra = "cluster" if arguments.ray_address else "sweep"
        raise Failed(f"{error.name} is missing: {install(extra)}") from error
    except ConnectionError as error:
        raise Failed(f"no Ray cluster at {arguments.ray_address}: {error}") from error
    finally:
        bar.close()
        with warnings.catch_warnings():  # joblib's, that runs are given up
            warnings.simplefilter("ignore")
            coming.close()


def work(job: Job) -> Row:
    """Do a job, in a process that may not have seen this project before."""
    import_module("catmouse_env")  # registers the environments

    return do(job)


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
    wide = max([len(name) for name in groups] + [13])
    lines = [
        f"{'':{wide}}  {'':5}  {'games':>21}  {'CPU seconds':>15}  {'mistakes a game':>17}",
        f"{'configuration':{wide}}  {'seeds':>5}  {'mean':>10} {'worst':>10}  {'mean':>7} {'worst':>7}"
        f"  {'mean':>8} {'worst':>8}",
    ]
    for name, group in groups.items():
        good = [row for row in group if "error" not in row]
        line = f"{name:{wide}}  {len(good):>5}"
        if good:
            for key, form in (("games", "10,.0f"), ("seconds", "7.2f"), ("mistakes_per_game", "8.4f")):
                values = [row[key] for row in good]
                line += f"  {sum(values) / len(values):{form}} {max(values):{form}}"
        lines.append(line)
        lines += [f"  seed {row['job']['seed']}: {row['error']}" for row in group if "error" in row]
    return "\n".join(lines)


def draw(groups: dict[str, list[Row]], path: Path) -> None:
    """Games, seconds and mistakes of every run: a row a combination, a dot a seed, a bar at the mean."""
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt
    import matplotlib.ticker
    from matplotlib.lines import Line2D

    panels = (
        ("games", "games until it stopped"),
        ("seconds", "CPU seconds until it stopped"),
        ("mistakes_per_game", "mistakes a game, over every start"),
    )
    height = 1.4 + 0.32 * len(groups)
    figure, axes = plt.subplots(1, 3, figsize=(11, height), sharey=True, layout="constrained")
    for axis, (key, label) in zip(axes, panels, strict=True):
        for place, group in enumerate(groups.values()):
            values = [row[key] for row in group]
            colours = ["#0072B2" if row["met"] else "#D55E00" for row in group]
            axis.scatter(values, [place] * len(values), c=colours, s=28, alpha=0.8, linewidths=0, zorder=3)
            axis.plot([sum(values) / len(values)] * 2, [place - 0.3, place + 0.3], color="#333333", lw=2)
        right = 1.05 * max(row[key] for group in groups.values() for row in group) or 1
        axis.set_xlim(-0.03 * right, right)
        axis.xaxis.set_major_locator(matplotlib.ticker.MaxNLocator(4))
        axis.xaxis.set_major_formatter(lambda value, _: f"{value:,.6g}")
        axis.set_xlabel(label)
        axis.set_yticks(range(len(groups)), list(groups))
        axis.grid(axis="x", color="#dddddd")
        axis.spines[["top", "right", "left"]].set_visible(False)
        axis.tick_params(axis="y", length=0)
    axes[0].invert_yaxis()
    handles = [
        Line2D([], [], marker="o", ls="", color=colour, label=text)
        for colour, text in (("#0072B2", "a seed that met its target"), ("#D55E00", "a seed that did not"))
    ]
    handles.append(Line2D([], [], marker="|", ls="", ms=12, mew=2, color="#333333", label="mean"))
    figure.legend(handles=handles, loc="outside upper center", ncols=3, frameon=False)
    figure.savefig(path, dpi=150)
    plt.close(figure)
