"""Puts the page together: modules become one script, tables and weights one text, all one HTML file."""

from __future__ import annotations

import base64
import json
import os
import re
import zlib
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

import agents
from agents import Brain
from catmouse.duel.fighters import BrainFighter
from catmouse.duel.game import DuelConfig
from catmouse.page.shipped import FIGHTERS, Mouse, shipped_mice
from catmouse.page.tables import constants, fight_tables, game_tables, recipes
from catmouse_env import EnvConfig
from catmouse_env.solver import Player
from catmouse_env.teachers import MOUSE_RULES

Array = NDArray[Any]

FOLDER = Path(__file__).parent
MAX_BYTES = 2_000_000  # of a page with many brains; the one in docs/ has less than 400,000
ALIGNED = 8  # bytes at whose multiples arrays begin
IMPORT = re.compile(r'^import \{[^}]*\} from "\./([\w/]+)\.js";\n', re.MULTILINE)
TOP_LEVEL = re.compile(r"^(?:export )?(?:async )?(?:function\*?|class|const|let) (\w+)", re.MULTILINE)
DATA = re.compile(r'<script type="text/plain" id="data">([^<]*)</script>')


# The script


def bundle(entry: str = "main", folder: Path = FOLDER / "js") -> str:
    """A module and all that it imports as one script, each after what it needs.

    Raises:
        ValueError: Two modules have a name in common, or import each other.
    """
    done: dict[str, str] = {}
    open_modules: list[str] = []

    def add(name: str) -> None:
        if name in open_modules:
            raise ValueError(f"modules import each other: {' -> '.join([*open_modules, name])}")
        if name in done:
            return
        open_modules.append(name)
        text = (folder / f"{name}.js").read_text()
        for needed in IMPORT.findall(text):
            add(needed)
        done[name] = re.sub(r"^export ", "", IMPORT.sub("", text), flags=re.MULTILINE)
        open_modules.remove(name)

    add(entry)
    owners: dict[str, str] = {}
    for name, text in done.items():
        for declared in TOP_LEVEL.findall(text):
            if owners.setdefault(declared, name) != name:
                raise ValueError(f"{owners[declared]}.js and {name}.js both declare {declared}")
    return "\n".join(f"// {name}.js\n{text.strip()}\n" for name, text in done.items())


# The data


def pack(value: Any) -> str:
    """Nested tables as text: JSON in which an array is its place in the bytes behind it, all compressed."""
    blob = bytearray()
    places: dict[bytes, int] = {}  # what several games share is there once

    def plain(one: Any) -> Any:
        if isinstance(one, np.ndarray):
            raw = np.ascontiguousarray(one, one.dtype.newbyteorder("<")).tobytes()
            if raw not in places:
                blob.extend(bytes(-len(blob) % ALIGNED))
                places[raw] = len(blob)
                blob.extend(raw)
            return {"$": one.dtype.str[1:], "at": places[raw], "size": one.size}
        if isinstance(one, dict):
            return {name: plain(entry) for name, entry in one.items()}
        return [plain(entry) for entry in one] if isinstance(one, (list, tuple)) else one

    header = json.dumps(plain(value), separators=(",", ":")).encode()
    header += b" " * (-len(header) % ALIGNED)
    whole = len(header).to_bytes(ALIGNED, "little") + header + blob
    return base64.b64encode(zlib.compress(whole, 9)).decode()


def unpack(html: str) -> tuple[str, bytes]:
    """A page without its data, and its data, no longer compressed: what two equal pages have in common.

    (Compressed they may differ: not every zlib finds the same.)
    """
    found = DATA.search(html)
    if found is None:
        raise ValueError("this is no page of ours: it holds no data")
    return DATA.sub("", html), zlib.decompress(base64.b64decode(found[1]))


def page_data(mice: dict[str, Mouse]) -> dict[str, Any]:
    """All tables of a page."""
    games = {"view": game_tables(EnvConfig()), "memory": game_tables(EnvConfig(cat_visible_moves=1))}
    names = {game_key(EnvConfig()): "view", game_key(EnvConfig(cat_visible_moves=1)): "memory"}
    for name, mouse in mice.items():
        if names.setdefault(game_key(mouse.game), name) == name and name not in games:
            games[name] = game_tables(mouse.game)
    brains = [mouse_entry(name, mouse, names[game_key(mouse.game)]) for name, mouse in mice.items()]
    duel = DuelConfig()
    return {
        "constants": constants(),
        "recipes": recipes(),
        "games": {**games, "fight": fight_tables(duel)},
        "brains": brains,
        "fighters": {role: fighters(duel, role) for role in FIGHTERS},
        "value": round(duel.game.average(duel.equilibrium.values[duel.max_steps]), 6),
        "teacher": " ".join((MOUSE_RULES["flee"].__doc__ or "").split("Args:")[0].split()),
    }


def game_key(config: EnvConfig) -> Any:
    """What two games have in common that are the same, whichever kind of action the mouse answers with."""
    return replace(config, continuous=False)


def mouse_entry(name: str, mouse: Mouse, game: str) -> dict[str, Any]:
    """A brain as the page knows it."""
    return {
        "name": name,
        "title": mouse.title,
        "game": game,
        "certificate": mouse.certificate,
        **network_entry(mouse.brain),
    }


def network_entry(brain: Brain) -> dict[str, Any]:
    """What it takes to play: the configuration and the weights."""
    used = ("cell", "hidden", "head", "activation", "bias", "centred", "inputs", "actions")
    return {"config": {name: getattr(brain.config, name) for name in used}, "weights": brain.flat}


def shorten(brain: Brain) -> tuple[float, Array]:
    """Round a brain's weights to what two bytes tell, so that the page stays small: their scale, and they."""
    scale = float(np.abs(brain.flat).max()) / np.iinfo(np.int16).max
    weights = np.rint(brain.flat / scale).astype(np.int16)
    brain.flat[:] = weights * scale  # so that what is computed of it is true of what the page plays
    return scale, weights


def fighters(config: DuelConfig, role: Player) -> list[dict[str, Any]]:
    """Who can be fought in a role: our strongest brain, and the perfect player.

    `scores` is what a perfect opponent scores against it from each state: the mouse's survival.
    """
    brain = Brain.load(FIGHTERS[role])
    scale, weights = shorten(brain)
    steps = config.max_steps
    plays = BrainFighter(role, config, role, brain).table()
    solved, game = config.equilibrium, config.game
    against = (plays, solved.cat) if role == "mouse" else (solved.mouse, plays)
    scores = game.survival(*against, steps)[steps]
    perfect = solved.values[steps]
    return [
        {
            "title": "brain",
            "scores": scores.astype(np.float32),
            **network_entry(brain),
            "weights": weights,
            "scale": scale,
        },
        {"title": "perfect", "scores": perfect.astype(np.float32)},
    ]


# The page


def build(extra: dict[str, Mouse], out: Path) -> str:
    """The page's HTML; brains that the user named come first.

    Args:
        extra: Those brains, by name.
        out: Where the page will lie, for links to the code.

    Raises:
        ValueError: It would be larger than a page may be, or a brain's game can't be told as tables.
        DependencyNotInstalled: scipy, which the fight's solution takes, is missing.
    """
    text = (FOLDER / "page.html").read_text()
    text = re.sub(r"\{\{source:([^}]+)\}\}", lambda found: source_link(found[1], out), text)
    parts = {
        "style": (FOLDER / "style.css").read_text(),
        "program": bundle(),
        "data": pack(page_data({**extra, **shipped_mice()})),
    }
    for name, part in parts.items():
        text = text.replace("{{" + name + "}}", part)
    size = len(text.encode())
    if size > MAX_BYTES:
        raise ValueError(f"the page must have at most {MAX_BYTES:,} bytes, not {size:,}: name fewer brains")
    return text


def source_link(path: str, out: Path) -> str:
    """The name of a file of the code; a link to it where the page lies in the same tree."""
    root = Path(agents.__file__).parents[1]
    code = f"<code>{path}</code>"
    if not out.resolve().is_relative_to(root) or not (root / path).exists():
        return code
    to = os.path.relpath(root / path, out.resolve().parent).replace(os.sep, "/")
    return f'<a href="{to}">{code}</a>'
