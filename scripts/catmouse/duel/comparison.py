"""Several duels side by side, such as of several seeds: what their fighters give away, and the worst."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from agents.files import read_text
from catmouse.duel.game import ROLES

LEAGUE = "league.json"


def read_league(folder: Path) -> dict[str, Any]:
    """A duel's league as `duel` saved it; ValueError if there is none."""
    try:
        league: dict[str, Any] = json.loads(read_text(folder / LEAGUE))
        for role, names in (("mouse", "mice"), ("cat", "cats")):
            for ending in ("", "_exact"):
                if len(league[f"{role}_exploitability{ending}"]) != len(league[names]):
                    raise ValueError("columns do not fit together")
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ValueError(f"{folder} holds no finished duel: {error}") from error
    return league


def comparison_text(folders: list[Path]) -> str:
    """What each fighter gives away in each duel that has it, in % of survival, and the worst.

    Raises:
        ValueError: A folder holds no finished duel.
    """
    leagues = [read_league(folder) for folder in folders]
    names = list(dict.fromkeys(name for league in leagues for name in league["mice"]))
    width = max(map(len, names))
    heads = [str(league.get("seed", "")) for league in leagues]
    lines = [
        "Survival in % given away at worst, compared with the equilibrium; >=: at least.",
        *(f"  seed {head}: {folder}" for head, folder in zip(heads, folders, strict=True)),
        "",
        f"{'':<{width}}  side   " + "".join(f"{'seed ' + head:>9}" for head in heads) + f"{'worst':>9}",
    ]
    for name in names:
        for role in ROLES:
            found = [given_away(league, role, name) for league in leagues]
            known = [one for one in found if one is not None]
            cells = ["" if one is None else shown(*one) for one in [*found, max(known)]]
            lines.append(f"{name:<{width}}  {role:<7}" + "".join(f"{cell:>9}" for cell in cells))
    return "\n".join(lines)


def given_away(league: dict[str, Any], role: str, name: str) -> tuple[float, bool] | None:
    """What a fighter gives away and whether that is exact; None if it did not take part."""
    names = league["mice" if role == "mouse" else "cats"]
    if name not in names:
        return None
    at, column = names.index(name), f"{role}_exploitability"
    return float(league[column][at]), bool(league[f"{column}_exact"][at])


def shown(value: float, exact: bool) -> str:
    """In %, as it stands in the table."""
    return f"{'' if exact else '>='}{100 * value:.2f}"
