"""Brains that come with the package, each beside its certificate: `Brain.load("zoo:runaway")`.

docs/proof.md tells what each has learned and how far its certificate goes; `catmouse zoo` lists them.
"""

from __future__ import annotations

import os
from pathlib import Path

PREFIX = "zoo:"
FOLDER = Path(__file__).parent
BRAIN, CERTIFICATE = ".safetensors", ".json"


def names() -> list[str]:
    """The names of all, sorted; with `PREFIX` before one, it can be loaded."""
    return sorted(path.name.removesuffix(BRAIN) for path in FOLDER.glob(f"*{BRAIN}"))


def in_zoo(path: str | os.PathLike[str]) -> bool:
    """Whether this names a brain of the zoo."""
    return isinstance(path, str) and path.startswith(PREFIX)


def locate(path: str | os.PathLike[str], ending: str = BRAIN) -> Path:
    """The file that is meant: a path, or a name of the zoo behind "zoo:".

    Args:
        path: What was said.
        ending: `BRAIN`, or `CERTIFICATE` for the certificate of a brain in the zoo.

    Raises:
        ValueError: The zoo has no brain of this name.
    """
    if not isinstance(path, str) or not path.startswith(PREFIX):
        return Path(path)
    name = path.removeprefix(PREFIX)
    if name not in names():
        raise ValueError(f"the zoo has no brain {name!r}; it has {', '.join(names())}")
    return FOLDER / f"{name}{ending}"
