"""What a message tells to type where a library is missing."""

from __future__ import annotations

from pathlib import Path

CHECKOUT = Path(__file__).parents[1]


def install_command(extra: str) -> str:
    """The command that installs an extra of this package; a checkout stays installed as one (`-e`).

    Args:
        extra: Such as "plots", or several, "duel,play".
    """
    if not (CHECKOUT / "pyproject.toml").is_file():
        return f'pip install "catmouse-env[{extra}]"'
    return f'pip install -e "{"." if Path.cwd() == CHECKOUT else CHECKOUT}[{extra}]"'
