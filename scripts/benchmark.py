"""Measure speed beside peers in the same run: environments, training, seconds to a perfect certificate."""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import textwrap
import time
from pathlib import Path
from typing import Any

from catmouse.command_line import DONE, MISSED, Failed, Parser, guarded, need, wrong_usage

SECTIONS = {
    "single": "Single environment: million steps a second",
    "vector": "Vector environment: million steps a second",
    "jax": "Environments in JAX, in a compiled loop of 1,000 steps: million steps a second",
    "training": "Training: thousand games a second, beside the same network and loop elsewhere",
    "targets": "Seconds until a brain is good, default recipe",
    "certificates": "One game from every start: seconds and peak memory",
    "rooms": "Seconds to no mistake by one recipe, other rooms and games",
    "remembering": "The same where the cat is seen once",
    "large": "The same in a room of 24 x 24, some minutes",
    "ids": "The same of every id, seeds 0 to 29",
    "growth": "How cost grows with the room",
    "start": "From the command to the certificate: wall seconds, start-up included",
    "largest": "The largest room: seconds until its first move is made, and peak memory",
}
ONE_THREAD = {
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "VECLIB_MAXIMUM_THREADS": "1",
    "XLA_FLAGS": "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1",
    "JAX_PLATFORMS": "cpu",
    "PYGAME_HIDE_SUPPORT_PROMPT": "1",
}
ON_CPU = "JAX_PLATFORMS"
NAME = "benchmark.py"
SCRIPTS = Path(__file__).parent
SLOWED = ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE")


def parse(arguments: list[str] | None = None) -> argparse.Namespace:
    parser = Parser(
        NAME,
        __doc__,
        missed="a measurement failed",
        notes='Peers are measured where they are installed (`pip install -e ".[benchmark]"`), else told '
        "absent. Every program runs on one thread, on one core where the system lets us pin it; times are "
        f"CPU time. {' and '.join(SLOWED)}, by which some machines choose a slower kernel for numpy alone, "
        "are unset for what is measured; the kernel that ran is told.",
    )
    parser.add_argument(
        "--only",
        nargs="+",
        choices=SECTIONS,
        default=list(SECTIONS),
        metavar="SECTION",
        help=f"sections to measure, of {', '.join(SECTIONS)} (default: all)",
    )
    parser.add_number("--repeats", 7, "measurements of each speed, in turns")
    parser.add_figure()
    parser.add_argument("--json", action="store_true", help="print JSON instead of tables")
    parsed = parser.read(arguments)
    if parsed.figure is not None and "growth" not in parsed.only:
        parser.error("--figure draws the section growth: --only growth")
    return parsed


def main(arguments: list[str] | None = None) -> int:
    parsed = parse(arguments)
    if parsed.figure is not None:
        need("matplotlib.figure", "plots", "--figure")
    pinned = pin()
    versions = {"python": platform.python_version(), **peers(), "BLAS kernel": kernel()}
    unset = {name: os.environ[name] for name in SLOWED if name in os.environ}
    if not parsed.json:
        where = "one thread, pinned to one core" if pinned else "one thread, not pinned to a core"
        found = ", ".join(f"{name} {version}" for name, version in versions.items())
        without = "".join(f" {name}={value} is unset for what is measured." for name, value in unset.items())
        print(textwrap.fill(f"Threads: {where}. {found}.{without}", 80))
    results = {}
    began = time.monotonic()
    for name in parsed.only:
        if sys.stderr.isatty():
            print(f"measuring {name} ...", file=sys.stderr)
        try:
            results[name] = measure(name, parsed.repeats)
        except subprocess.CalledProcessError as error:
            raise Failed(f"{name} failed: {error.stderr.strip().splitlines()[-1]}", MISSED) from error
        if not parsed.json:
            print(table(SECTIONS[name], results[name]), flush=True)
    if parsed.figure is not None:
        from benchmarks.growth_figure import draw_growth

        with wrong_usage():  # a ValueError: no such format
            draw_growth(results["growth"]).savefig(parsed.figure, dpi=130)
    if parsed.json:
        told = {"pinned": pinned, "versions": versions, "unset": unset, "sections": results}
        print(json.dumps(told, indent=2))
    else:
        print(f"\nMeasured in {time.monotonic() - began:.0f} s.")
    return DONE


def pin() -> bool:
    """Keep this process and its children on one core; False where the system has no such thing."""
    if not hasattr(os, "sched_setaffinity"):
        return False
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    return True


def peers() -> dict[str, str]:
    """Versions of what is measured, or that it is absent."""
    from importlib.metadata import PackageNotFoundError, version

    found = {}
    for name in ("numpy", "gymnasium", "torch", "jax", "gymnax", "navix", "minigrid", "envpool"):
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = "absent"
    return found


def environment(accelerator: bool = False) -> dict[str, str]:
    """Variables of the processes that are measured: one thread, and the kernel that BLAS chooses itself.

    Args:
        accelerator: Whether JAX may use one, if there is one.
    """
    kept = {name: value for name, value in os.environ.items() if name not in SLOWED}
    return {
        **kept,
        **{name: value for name, value in ONE_THREAD.items() if name != ON_CPU or not accelerator},
    }


def kernel() -> str:
    """The kernel of numpy's BLAS in a process that is measured."""
    code = "import numpy, threadpoolctl as t; print(*{x.get('architecture') for x in t.threadpool_info()})"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, env=environment(), check=True
    )
    return done.stdout.strip()


def measure(name: str, repeats: int) -> list[dict[str, Any]]:
    """One section, in a process of its own."""
    answer = subprocess.run(
        [sys.executable, "-W", "ignore", "-m", "benchmarks.section", name, str(repeats)],
        check=True,
        capture_output=True,
        text=True,
        cwd=SCRIPTS,
        env=environment(accelerator=name == "jax"),
    )
    rows: list[dict[str, Any]] = json.loads(answer.stdout.strip().splitlines()[-1])
    return rows


def table(title: str, rows: list[dict[str, Any]]) -> str:
    """Rows as a table; the ratio is ours to the peer's, above 1 where ours is faster."""
    lines = [f"\n{title}", f"{'':<32}{'median':>10}  {'lowest to highest':<19}{'ratio':>7}"]
    before, ours = "", 0.0
    for one in rows:
        first = one["task"] != before
        if first:
            lines.append(one["task"])
        before = one["task"]
        if "median" not in one:
            lines.append(f"  {one['who']:<30}{'absent':>10}  {one['note']}")
            continue
        if first:
            ours = one["median"]
        ratio = "" if first else f"{ours / one['median']:.2f}"
        if not first and one["unit"] == "s":
            times = one["median"] / ours
            ratio = f"{times:,.0f}" if times >= 10 else f"{times:.2f}"
        spread = f"{number(one['low'])} to {number(one['high'])}"
        lines.append(f"  {one['who']:<30}{number(one['median']):>10}  {spread:<19}{ratio:>7}".rstrip())
        if one["note"]:
            lines += textwrap.wrap(one["note"], 80, initial_indent="      ", subsequent_indent="      ")
    return "\n".join(lines)


def number(value: float) -> str:
    """Three digits that mean something."""
    if value >= 100:
        return f"{value:,.0f}"
    return f"{value:.3g}"


if __name__ == "__main__":
    sys.exit(guarded(NAME, main))
