"""Which folder what learns is kept in: a new one, the one asked for, or that of a run gone on with."""

from __future__ import annotations

import argparse
import contextlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

from agents.runs.config import TaskConfig
from agents.runs.folder import CheckpointFolder
from agents.runs.lock import RunFolderError
from catmouse.command_line import Parser, ranged

SAVE_SECONDS = 5.0
MAX_FOLDERS = 10_000  # that are tried where no --out is said

Folder = TypeVar("Folder", bound=CheckpointFolder)


def add_folder(parser: Parser, name: str, more: str = "") -> None:
    """Add `--out`, `--overwrite` and `--resume`.

    Args:
        parser: To which they are added.
        name: How the help tells the default folder.
        more: What `--resume` can do besides.
    """
    parser.add_argument(
        "--out",
        type=folder_name,
        metavar="FOLDER",
        help=f"run folder (default: runs/{name}, with a number behind it if another run is there)",
    )
    parser.add_argument(
        "--overwrite",
        action="store_true",
        help="take --out even if a run would be lost (default: a finished run of the same options is "
        "told of, and any other refused)",
    )
    parser.add_argument(
        "--resume",
        type=folder_name,
        metavar="RUN",
        help=f"go on with the run in this folder, as if it had never been stopped{more} (default: a new run)",
    )


def add_save_every(parser: Parser) -> None:
    """Add `--save-every`."""
    parser.add_argument(
        "--save-every",
        type=ranged(0, kind=float),
        default=SAVE_SECONDS,
        metavar="SECONDS",
        help="seconds between checkpoints (default: %(default)s)",
    )


def check_folder(parser: Parser, parsed: argparse.Namespace) -> None:
    """Refuse what does not go together."""
    if parsed.resume and (parsed.out or parsed.overwrite):
        parser.error("--resume goes with neither --out nor --overwrite: the run has its folder already")
    if parsed.overwrite and not parsed.out:
        parser.error("--overwrite needs --out: the default folder never overwrites a run")


def folder_name(text: str) -> Path:
    """The type of an option that takes a folder; an empty name would be the one that we are in."""
    if not text:
        raise argparse.ArgumentTypeError("must name a folder, got ''")
    return Path(text)


def begin(
    make: Callable[[Path], Folder], config: TaskConfig, name: str, parsed: argparse.Namespace
) -> tuple[Folder, bool]:
    """The folder of a new run, which is ours now, and whether the run is there already, finished.

    Args:
        make: Makes one of a path.
        config: Of the run.
        name: Of the default folder, in `runs`.
        parsed: Options, with those of `add_folder`.

    Raises:
        RunFolderError: It can't be taken.
        OSError: It can't be made or written.
    """
    if parsed.out:
        return taken(make(parsed.out), config, parsed.overwrite)
    for number in range(1, MAX_FOLDERS + 1):
        with contextlib.suppress(RunFolderError):
            return taken(make(Path("runs") / (name if number == 1 else f"{name}-{number}")), config, False)
    raise RunFolderError(f"runs/{name} and {MAX_FOLDERS:,} more are taken; say --out")


def taken(folder: Folder, config: TaskConfig, overwrite: bool) -> tuple[Folder, bool]:
    """The same folder, and whether the run is finished there; it is let go if it can't be taken."""
    with closed_on_error(folder):
        return folder, folder.take(config, overwrite)


@contextlib.contextmanager
def closed_on_error(folder: CheckpointFolder) -> Iterator[None]:
    """Let a folder go if what is done meanwhile fails."""
    try:
        yield
    except BaseException:
        folder.close()
        raise


def resume(make: Callable[[Path], Folder], path: Path) -> Folder:
    """The folder of a run that was stopped; RunFolderError if there is none."""
    if not path.is_dir():
        raise RunFolderError(f"{path} is no run folder")
    folder = make(path)
    if not folder.checkpoint.exists():
        folder.close()
        raise RunFolderError(f"{path} holds no checkpoint to resume")
    return folder


def check_same(path: Path, saved: TaskConfig, options: dict[str, object]) -> None:
    """RunFolderError if options are said that differ from those of the run."""
    for name, value in options.items():
        if getattr(saved, name) != value:
            raise RunFolderError(
                f"{path} is a run with {name} {getattr(saved, name)}; --resume can't make it {value}"
            )
