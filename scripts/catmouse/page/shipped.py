"""The brains that come with the page: one list, and the files in `brains/`."""

from __future__ import annotations

import json
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import gymnasium as gym

from agents import Brain, evaluate
from agents.runs.config import make_env
from catmouse.policies import load_file, make_config
from catmouse_env import EnvConfig

FOLDER = Path(__file__).parent / "brains"


@dataclass(frozen=True)
class Mouse:
    """A brain that moves the mouse, with what is known of it.

    Attributes:
        title: How the page calls it.
        brain: The network.
        game: The game that it learned.
        certificate: The fields of its `agents.Evaluation`.
    """

    title: str
    brain: Brain
    game: EnvConfig
    certificate: dict[str, Any]


# File, and what the page calls it; the first is shown at once, "memory" in the section on memory.
SHIPPED = {
    "view": "Elman network, the cat sits still",
    "chase": "Elman network, the cat hunts",
    "memory": "GRU, the cat is seen once",
}
# The strongest of the brains that `catmouse duel --hidden 64` leaves.
FIGHTERS = {"mouse": "fight-mouse", "cat": "fight-cat"}


def brain_file(name: str) -> Path:
    """The file of a brain of the lists above."""
    return FOLDER / f"{name}.safetensors"


def shipped_mice() -> dict[str, Mouse]:
    """The brains of `SHIPPED`, by name, with the certificates that their runs wrote."""
    mice = {}
    for name, title in SHIPPED.items():
        certificate = json.loads((FOLDER / f"{name}.certificate.json").read_text())
        brain = Brain.load(brain_file(name))
        mice[name] = Mouse(title, brain, game_config(str(brain_file(name))), certificate)
    return mice


def load_mouse(name: str) -> Mouse:
    """A brain that the user trained, and its certificate, made now.

    Args:
        name: Its file or its run's folder.

    Raises:
        ValueError: There is no brain, or it plays a game that a page can't hold.
    """
    brain = load_file(name)
    if not isinstance(brain, Brain):
        raise ValueError(f"{name} is a table; the page shows brains")
    if brain.config.inputs != 4 or (brain.game or {}).get("player", "mouse") != "mouse":
        raise ValueError(f"{name} must move the mouse and take four numbers, to be shown in the page")
    config = game_config(name)
    certificate = evaluate(brain, make_env(make_config(name, {}), 1)).as_dict()
    return Mouse(
        f"{Path(name).name} ({brain.config.cell}, {brain.config.hidden} units)", brain, config, certificate
    )


def game_config(name: str) -> EnvConfig:
    """The game that the brain of a file learned; ValueError if it is not one of this package."""
    task = make_config(name, {})
    spec = gym.spec(task.env_id)
    if not str(spec.entry_point).startswith("catmouse_env."):
        raise ValueError(f"{name} plays {task.env_id}, which is no game of this package")
    arguments = {**spec.kwargs, **task.env_arguments()}
    return EnvConfig(**{one.name: arguments[one.name] for one in fields(EnvConfig) if one.name in arguments})
