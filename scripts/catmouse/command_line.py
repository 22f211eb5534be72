"""What every command shares: parser, exit status, errors in one line, Ctrl-C and a closed pipe."""

from __future__ import annotations

import argparse
import contextlib
import difflib
import io
import math
import os
import re
import shlex
import signal
import sys
import textwrap
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from types import FrameType
from typing import Any, NoReturn

from catmouse.commands import COMMANDS

DONE, MISSED, WRONG_USAGE, STOPPED = 0, 1, 2, 130  # 130: as shells have it for Ctrl-C
WIDTH = 80  # columns of a help text


class Failed(Exception):
    """Ends a command: the message becomes one line on standard error.

    Args:
        message: What is wrong: words, or another error.
        status: The exit status.
    """

    def __init__(self, message: object, status: int = WRONG_USAGE) -> None:
        text = re.sub(r"\[(Errno|WinError) \d+\] ", "", str(message))  # a number that tells nobody anything
        line = " ".join(text.split()) or type(message).__name__
        # What a file says may be part of it: no escape codes for the terminal.
        super().__init__("".join(mark if mark.isprintable() else repr(mark)[1:-1] for mark in line))
        self.status = status


@contextlib.contextmanager
def wrong_usage() -> Iterator[None]:
    """A ValueError inside, or an environment that can't be made, is for the user to mend, not for us."""
    from gymnasium.error import Error  # here: the list of commands needs no Gymnasium

    try:
        yield
    except (ValueError, Error) as error:
        raise Failed(error) from error


def need_pygame() -> None:
    """Fail unless pygame can be imported, saying how to install it."""
    with wrong_usage():
        import_module("catmouse_env.rendering.pygame_renderer")


def install(extra: str) -> str:
    """The command that installs an extra."""
    from catmouse_env.extras import install_command  # here: the list of commands needs no Gymnasium

    return install_command(extra)


def need(module: str, extra: str, what: str) -> None:
    """Fail unless a library can be imported, saying what needs it and how to install it."""
    try:
        import_module(module)
    except ImportError as error:
        raise Failed(f"{what} needs {module.partition('.')[0]}: {install(extra)}") from error


def typed(name: str) -> str:
    """How to start a command, in the way that this one was started: by the entry point or as a script."""
    started = Path(sys.argv[0])
    if is_script(started):
        return f"python {started.with_name(COMMANDS[name].script)}"
    return f"catmouse {name}"


def program(name: str) -> str:
    """What a command calls itself in messages; a program of its own is called by its file's name."""
    started = Path(sys.argv[0])
    if is_script(started):
        return started.name
    return name if name.endswith(".py") else f"catmouse {name}".strip()


def is_script(path: Path) -> bool:
    """Whether it is one of the files in `scripts/`."""
    return any(path.name == command.script for command in COMMANDS.values())


class Parser(argparse.ArgumentParser):
    """A parser that fits 80 columns, and answers wrong usage in one line with the nearest right one.

    Args:
        name: The command.
        description: The command's docstring.
        operands: What stands beside the options, for the line of usage.
        missed: What exit status 1 means, for commands that have it.
        notes: What else to tell below the options.
    """

    def __init__(
        self, name: str, description: str | None, operands: str = "", missed: str = "", notes: str = ""
    ) -> None:
        statuses = (
            "Exit status: 0 done, "
            + (f"1 {missed}, " if missed else "")
            + "2 wrong usage or a file that can't be read or written, 130 stopped."
        )
        self._typed = typed(name) if name in COMMANDS else program(name)
        super().__init__(
            prog=program(name),
            usage=f"%(prog)s {operands} [options]".replace("  ", " "),
            description=paragraphs(description or ""),
            epilog=paragraphs(f"{notes}\n\n{statuses}".strip()),
            formatter_class=Formatter,
        )

    def add_config(self, title: str, config: type[Any]) -> None:
        """Add an option for each field of a configuration, under a heading."""
        from agents.runs.config import add_options

        group: Any = self.add_argument_group(title)
        add_options(group, config)

    def add_quiet(self) -> None:
        """Add `--quiet`."""
        self.add_argument("--quiet", action="store_true", help="no progress bar")

    def add_number(
        self, flag: str, default: int | None, what: str, least: int = 1, otherwise: str = "%(default)s"
    ) -> None:
        """Add an option that takes a whole number.

        Args:
            flag: The option.
            default: Its default.
            what: Its help.
            least: The least number that it takes.
            otherwise: How the help tells the default.
        """
        text = f"{what} (default: {otherwise})"
        self.add_argument(flag, type=ranged(least), default=default, metavar="N", help=text)

    def add_seed(self) -> None:
        """Add `--seed`."""
        self.add_number("--seed", 0, "of all chance", least=0)

    def add_seeds(self, default: Sequence[int] | None, what: str, otherwise: str = "") -> None:
        """Add `--seeds`, a list of them; `otherwise` is how the help tells a default of None."""
        told = otherwise or " ".join(map(str, default or ()))
        self.add_argument(
            "--seeds",
            type=ranged(0),
            nargs="+",
            default=default,
            metavar="N",
            help=f"{what} (default: {told})",
        )

    def add_trust(self) -> None:
        """Add `--trust`."""
        self.add_argument(
            "--trust",
            action="store_true",
            help="let POLICY's file run code, as a model of Stable-Baselines3 does (default: it is refused)",
        )

    def add_figure(self, default: Path | None = None) -> None:
        """Add `--figure`, a file in a folder that exists."""
        self.add_argument(
            "--figure",
            type=figure_file,
            default=default,
            metavar="FILE",
            help="where the figure is drawn (default: "
            + ("no figure)" if default is None else "%(default)s)"),
        )

    def add_fps(self, default: float, what: str) -> None:
        """Add `--fps`."""
        self.add_argument(
            "--fps",
            type=ranged(0.1, 50, float),
            default=default,
            metavar="N",
            help=f"{what} a second, 0.1 to 50 (default: %(default)s)",
        )

    def read(self, arguments: list[str] | None) -> argparse.Namespace:
        """Parse; an option that there is not is told with the one that it looks like."""
        words = sys.argv[1:] if arguments is None else arguments
        options = set(re.findall(r"--[a-z][\w-]*", self.format_help()))
        for word in words:  # before the parser finds out what else is wrong, which follows from it
            flag = word.partition("=")[0]
            if re.match("--.", flag) and not any(option.startswith(flag) for option in options):
                self.error(f"there is no option {flag}{suggestion(flag, options)}")
        parsed, unknown = self.parse_known_args(words)
        said = shlex.join(word for word in words if word != "--resume")
        parsed.command = f"{self._typed} {said}".rstrip()
        if unknown:
            what = "there is no option" if unknown[0].startswith("-") else "there is one argument too many:"
            self.error(f"{what} {unknown[0]}")
        return parsed

    def error(self, message: str) -> NoReturn:
        """Fail in one line."""
        message = re.sub(r"^argument (\S+): must", r"\1 must", message)
        raise Failed(f"{message} ({self.prog} --help lists the options)")


def ranged(least: float, most: float = math.inf, kind: type[Any] = int) -> Callable[[str], Any]:
    """The type of an option that takes a number from `least` to `most`."""
    takes = f"at least {least:g}" if most == math.inf else f"{least:g} to {most:g}"

    def convert(text: str) -> Any:
        value = kind(text)
        if not least <= value <= most:
            raise argparse.ArgumentTypeError(f"must be {takes}, got {text}")
        return value

    convert.__name__ = kind.__name__  # which argparse names where the text is no number
    return convert


def figure_file(text: str) -> Path:
    """The type of `--figure`: known to be wrong before hours of work, not after them."""
    path = Path(text)
    if not path.parent.is_dir():
        raise argparse.ArgumentTypeError(f"must go into a folder that exists, got {text}")
    return path


class Formatter(argparse.RawDescriptionHelpFormatter):
    """Argparse's, at one width in every terminal."""

    def __init__(self, prog: str, **more: Any) -> None:
        super().__init__(prog, **{"width": WIDTH, "max_help_position": 26, **more})


def paragraphs(text: str) -> str:
    """A docstring's paragraphs, filled anew."""
    return "\n\n".join(textwrap.fill(" ".join(part.split()), WIDTH) for part in text.split("\n\n"))


def suggestion(word: str, known: Iterable[str]) -> str:
    """What somebody may have meant, or nothing."""
    near = difflib.get_close_matches(word, list(known), n=1, cutoff=0.7)
    return f"; did you mean {near[0]}?" if near else ""


def run(name: str, arguments: list[str] | None = None) -> int:
    """Carry out a command.

    Args:
        name: One of `COMMANDS`.
        arguments: Of the command line; None: this program's.

    Returns:
        The exit status.
    """

    def work() -> int:
        on_termination(lambda number, frame: os._exit(STOPPED))  # while nothing is begun; C code loses errors
        module = import_module(f"catmouse.commands.{name.replace('-', '_')}")
        on_termination(signal.default_int_handler)  # it ends as Ctrl-C does
        status: int = module.main(arguments)
        return status

    return guarded(name, work)


def on_termination(handler: Callable[[int, FrameType | None], Any]) -> None:
    """What SIGTERM does, where this thread may say so."""
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGTERM, handler)


def guarded(name: str, work: Callable[[], int]) -> int:
    """Do some work; whatever ends it becomes an exit status, and an error a line."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # a terminal need not know every letter
    try:
        try:
            return work()
        except Failed as error:
            return complain(name, error)
        except BrokenPipeError:
            raise
        except (OSError, MemoryError) as error:
            return complain(name, Failed(error))
        finally:
            print(end="", flush=True)  # so that a reader who has gone is found out here
    except KeyboardInterrupt:
        return STOPPED
    except BrokenPipeError:
        discard_output()
        return STOPPED
    except OSError as error:  # the flush: nothing that is said arrives
        discard_output()
        return complain(name, Failed(f"what is said can't be written: {error}"))


def complain(name: str, error: Failed) -> int:
    """Say in a line what went wrong; the exit status."""
    with contextlib.suppress(OSError):
        print(f"{program(name)}: {error}", file=sys.stderr, flush=True)
    return error.status


def discard_output() -> None:
    """Nobody reads it any more: let what is still printed go nowhere."""
    for stream, end in ((sys.stdout, ""), (sys.stderr, "\n")):  # a new line: below the progress bar
        try:
            print(end=end, file=stream, flush=True)
        except OSError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def installed(module: str) -> bool:
    """Whether a library is there, found out without importing it."""
    return find_spec(module) is not None
