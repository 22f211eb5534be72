"""The game for two players: its rules, and what either player's teacher says."""

from __future__ import annotations

from catmouse_env import validation
from catmouse_env.config import EnvConfig
from catmouse_env.teachers import CAT_RULES, ExpertLabels, equilibrium_labels, rule_labels

CAT, MOUSE = "cat", "mouse"
TEACHERS = ("simple", "equilibrium")


def duel_config(
    width: int, height: int, cat_directions: int, max_steps: int, observe_moves_left: bool
) -> EnvConfig:
    """The game that two players fight: a lethal one whose cat moves; ValueError if an argument is wrong."""
    return EnvConfig(
        width=width,
        height=height,
        cat="chasing",  # for its actions; the player's are played
        cat_directions=cat_directions,
        max_steps=max_steps,
        observe_moves_left=observe_moves_left,
        lethal=True,
    )


def duel_labels(config: EnvConfig, teacher: str) -> dict[str, ExpertLabels]:
    """What the teachers of both players say, by name.

    Args:
        config: The game.
        teacher: "simple" (the mouse flees, the cat chases) or "equilibrium".

    Raises:
        ValueError: There is no such teacher.
    """
    if validation.one_of("teacher", teacher, TEACHERS) == "equilibrium":
        return {name: equilibrium_labels(config.dynamics, config.max_steps, name) for name in (CAT, MOUSE)}
    directions = config.cat_directions
    return {CAT: rule_labels(CAT_RULES[directions], config.dynamics, directions), MOUSE: config.labels}
