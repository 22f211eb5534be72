"""Print every figure of the pages anew, by the commands that stand beside them.

A block that a command printed stands between two comments, and a picture that one drew below one:

    <!-- printed by: python scripts/compare_agents.py --quiet -->
    ```text
    ...
    ```
    <!-- end -->

    <!-- drawn by: python scripts/plot_learning.py runs/seed-0 --out docs/images -->

Each command is carried out once, in the order of the pages, in the root of the checkout; what it printed
replaces every block with its name. A command that fails leaves its blocks as they are and is told at the end.
"""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
PRINTED = re.compile(r"(<!-- printed by: (.+?) -->\n)(.*?)(<!-- end -->)", re.DOTALL)
DRAWN = re.compile(r"<!-- drawn by: (.+?) -->")
SLOWED = ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE")  # some machines set them for all programs, to numpy's harm


def commands(text: str) -> list[str]:
    """The commands of a page, each once, in order."""
    found = [(match.start(), match[2]) for match in PRINTED.finditer(text)]
    found += [(match.start(), match[1]) for match in DRAWN.finditer(text)]
    return list(dict.fromkeys(command for _, command in sorted(found)))


def carry_out(command: str) -> str | None:
    """What a command printed, or None if it failed; its progress bar goes to this program's."""
    environment = {name: value for name, value in os.environ.items() if name not in SLOWED}
    words = re.sub(r"^python ", f"{sys.executable} ", command)
    done = subprocess.run(
        words, shell=True, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True, check=False
    )
    return done.stdout if done.returncode in (0, 1) else None  # 1: a target was missed, which is a figure too


def replaced(text: str, printed: dict[str, str]) -> str:
    """A page with its blocks anew; one in a fence stays in it."""

    def block(match: re.Match[str]) -> str:
        if (new := printed.get(match[2])) is None:
            return match[0]
        opened = re.match(r"```\w*\n", match[3])
        body = f"{opened[0]}{new.rstrip()}\n```\n" if opened else f"{new.rstrip()}\n"
        return match[1] + body + match[4]

    return PRINTED.sub(block, text)


def main() -> int:
    """Do it; 1 if a command failed."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("only", nargs="*", metavar="WORD", help="commands with one of these words only")
    parser.add_argument("--list", action="store_true", help="list the commands, carry out none")
    arguments = parser.parse_args()
    wanted = dict.fromkeys(command for page in PAGES for command in commands(page.read_text()))
    if arguments.only:
        wanted = dict.fromkeys(one for one in wanted if any(word in one for word in arguments.only))
    failed = []
    for number, command in enumerate(wanted, start=1):
        print(f"[{number}/{len(wanted)}] {command}", flush=True)
        if arguments.list:
            continue
        began = time.monotonic()
        printed = carry_out(command)
        print(
            f"    {time.monotonic() - began:.0f} s" + ("" if printed is not None else ", FAILED"), flush=True
        )
        if printed is None:
            failed.append(command)
            continue
        for page in PAGES:  # at once, so that what is stopped keeps what it has done
            text = page.read_text()
            if (new := replaced(text, {command: printed})) != text:
                page.write_text(new)
    print("\n".join(["failed:", *failed]) if failed else "all done")
    return bool(failed)


if __name__ == "__main__":
    sys.exit(main())
