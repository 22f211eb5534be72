"""The program `catmouse`: finds the command, and imports nothing that another one needs."""

from __future__ import annotations

import sys
from importlib.metadata import version

from catmouse.command_line import DONE, Failed, guarded, run, suggestion
from catmouse.commands import COMMANDS


def main(arguments: list[str] | None = None) -> int:
    """Carry out `catmouse COMMAND ...`; the exit status."""
    words = sys.argv[1:] if arguments is None else arguments
    if words and words[0] in COMMANDS:
        return run(words[0], words[1:])
    return guarded("", lambda: without_command(words))


def without_command(words: list[str]) -> int:
    """Help, the version, or that there is no such command."""
    if not words or words[0] in ("-h", "--help"):
        print(help_text())
    elif words[0] == "--version":
        print(f"catmouse-env {version('catmouse-env')}")
    else:
        known = suggestion(words[0], [*COMMANDS, "--help", "--version"])
        raise Failed(f"there is no command {words[0]!r}{known or ': catmouse --help lists them'}")
    return DONE


def help_text() -> str:
    """All commands with what they do."""
    lines = [
        "usage: catmouse COMMAND [options]",
        "",
        "A cat, a mouse, and brains that learn from an exact teacher.",
        "",
        "commands:",
    ]
    lines += [f"  {name:<19}{command.summary}" for name, command in COMMANDS.items()]
    lines += [
        "",
        "catmouse COMMAND --help explains one; catmouse --version tells the version.",
        "Exit status: 0 done, 1 a target was missed, 2 wrong usage or a file that can't",
        "be read or written, 130 stopped.",
    ]
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
