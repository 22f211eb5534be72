"""The brains that come with the page, out of the zoo."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

import gymnasium as gym

from agents import Brain, evaluate
from agents.runs.config import make_env
from catmouse.policies import load_file, make_config
from catmouse_env import EnvConfig
from catmouse_env.solver import Player


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


# In the page, the brain of the zoo, and what the page calls it; the first is shown at once, "memory" in the
# section on memory.
SHIPPED = {
    "view": ("zoo:runaway", "Elman network, the cat sits still"),
    "chase": ("zoo:survivor", "Elman network, the cat hunts"),
    "memory": ("zoo:memory", "GRU, the cat is seen once"),
}
FIGHTERS: dict[Player, str] = {"mouse": "zoo:fight-mouse-mlp2", "cat": "zoo:fight-cat-mlp2"}


def shipped_mice() -> dict[str, Mouse]:
    """The brains of `SHIPPED`, by name."""
    return {name: replace(load_mouse(file), title=title) for name, (file, title) in SHIPPED.items()}


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
