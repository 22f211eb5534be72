"""The brains that come with the package: list them, build them anew, search for the smallest.

`catmouse watch zoo:NAME` shows one, `catmouse evaluate zoo:NAME` plays all its games.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

import catmouse_env  # noqa: F401  (registers the environments)
from agents import Brain, validation, zoo
from agents.runs.results import Job, Row
from catmouse.command_line import DONE, Parser
from catmouse.unfinished import add_keeping, unfinished

CELLS = ("mlp", "elman", "gru")
SIZES = tuple(range(1, 17))


def parse(arguments: list[str] | None = None) -> argparse.Namespace:
    parser = Parser("zoo", __doc__)
    parser.add_argument(
        "--build",
        type=Path,
        metavar="FOLDER",
        help="train all of them anew and write them there with their certificates (default: list those that "
        "are here)",
    )
    parser.add_argument(
        "--only", nargs="+", metavar="NAME", help="names to build (default: all)", default=None
    )
    parser.add_argument(
        "--search",
        action="store_true",
        help="train brains of few hidden units for the main job, to see how few suffice (default: don't)",
    )
    parser.add_argument(
        "--cells", nargs="+", choices=CELLS, default=CELLS, help="of --search (default: all three)"
    )
    parser.add_argument(
        "--hidden", nargs="+", type=int, metavar="N", default=SIZES, help="of --search (default: 1 to 16)"
    )
    parser.add_number("--games", 200_000, "of each run of --search")
    parser.add_seeds((0, 1, 2, 3, 4), "of --search")
    add_keeping(parser, "zoo")
    parser.add_quiet()
    parsed = parser.read(arguments)
    from catmouse.zoo_builder import FIGHTERS, MICE

    known = [*MICE, *FIGHTERS]
    for name in parsed.only or ():
        if name not in known:
            parser.error(f"--only must name some of {', '.join(known)}, got {name!r}")
    parsed.only = parsed.only or known
    return parsed


def main(arguments: list[str] | None = None) -> int:
    parsed = parse(arguments)
    from catmouse.zoo_builder import build

    if parsed.search:
        search(parsed)
        return DONE
    if parsed.build:
        parsed.build.mkdir(parents=True, exist_ok=True)
        for name in parsed.only:
            build(name, parsed.build)
            print(line(name, Brain.load(parsed.build / f"{name}{zoo.BRAIN}"), parsed.build), flush=True)
        return DONE
    for name in zoo.names():
        print(line(f"zoo:{name}", Brain.load(f"zoo:{name}"), zoo.FOLDER))
    return DONE


def search(parsed: argparse.Namespace) -> None:
    """Train brains of few hidden units, several seeds each, and print what they came to."""
    from catmouse.zoo_builder import try_size

    jobs: list[Job] = [
        {"cell": cell, "hidden": hidden, "seed": seed, "games": parsed.games}
        for cell in parsed.cells
        for hidden in parsed.hidden
        for seed in parsed.seeds
    ]
    with unfinished(parsed, jobs, check_row) as work:
        sizes: dict[tuple[str, int], list[Row]] = {}
        for row in work.carry_out(lambda job: try_size(**job), "brains", parsed.quiet):
            sizes.setdefault((row["job"]["cell"], row["job"]["hidden"]), []).append(row)
        print("mistakes over all 1,296 starts, 12,960 moves; the best of the seeds first")
        for (cell, hidden), rows in sizes.items():
            mistakes = sorted(row["mistakes"] for row in rows)
            print(
                f"{cell:<6}{hidden:>3} units {rows[0]['weights']:>5} weights  {mistakes.count(0)} of "
                f"{len(rows)} without mistake: {' '.join(f'{count:,}' for count in mistakes)}",
                flush=True,
            )


def check_row(row: Row) -> None:
    """KeyError or ValueError unless `try_size` told it."""
    for name in ("weights", "mistakes"):
        validation.of_type(name, row[name], int)


def line(name: str, brain: Brain, folder: Path) -> str:
    """What a brain is and what its certificate says, in a line."""
    path = folder / f"{name.removeprefix(zoo.PREFIX)}{zoo.CERTIFICATE}"
    game = str((brain.game or {}).get("env_id"))
    what = f"{brain.config.cell} {brain.config.hidden}"
    return f"{name:<22}{game:<19}{what:<9}{brain.flat.size:>6} weights  {claim(json.loads(path.read_text()))}"


def claim(told: dict[str, Any]) -> str:
    """What a certificate claims."""
    if told["claim"] == "guarantee":
        least = "at least" if told["player"] == "mouse" else "at most"
        return f"the mouse survives {least} {100 * told['values']['survival']:.2f} % against any opponent"
    counts = told["counts"]
    result = f"{counts['mistakes']} mistakes" if "mistakes" in counts else f"{counts['captures']} captures"
    decided = told.get("decisions", {})
    sure = f", margins {decided['smallest_margin_to_bound']:g} x rounding or more" if decided else ""
    return f"{result} in {counts['moves']:,} moves{sure}"
