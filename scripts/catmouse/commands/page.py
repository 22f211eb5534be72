"""Build the playground: one HTML file in which a brain trains, plays and proves what it can.

It opens from a folder and asks for nothing from the network. Runs that are named are shown in it first. Needs
`pip install "catmouse-env[duel]"`.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import catmouse_env  # noqa: F401  (registers the environments)
from agents.files import write_text
from catmouse.command_line import DONE, Parser, need, wrong_usage


def parse(arguments: list[str] | None = None) -> argparse.Namespace:
    parser = Parser("page", __doc__, "[RUN ...]")
    parser.add_argument(
        "runs", nargs="*", metavar="RUN", help="a run's folder or a brain's file, of a room up to 8 x 8"
    )
    parser.add_argument(
        "--out",
        type=Path,
        default=Path("playground.html"),
        metavar="FILE",
        help="where to (default: %(default)s)",
    )
    return parser.read(arguments)


def main(command: list[str] | None = None) -> int:
    arguments = parse(command)
    need("scipy", "duel", "the fight's solution")
    from catmouse.page.build import build
    from catmouse.page.shipped import load_mouse

    with wrong_usage():
        mice = {f"run-{number}": load_mouse(name) for number, name in enumerate(arguments.runs, start=1)}
        text = build(mice, arguments.out)
    write_text(arguments.out, text)
    print(f"saved {arguments.out}, {len(text.encode()):,} bytes")
    return DONE
