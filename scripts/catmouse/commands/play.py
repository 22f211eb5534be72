"""Play cat or mouse yourself, with the arrow keys and the block of numbers, against any policy.

Needs the extras duel and play; where one is missing, a line says what to type.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import asdict
from typing import Any

import numpy as np

import catmouse_env
from agents import Brain
from catmouse.command_line import DONE, Parser, need_pygame, wrong_usage
from catmouse.duel.options import add_duel_options, duel_config
from catmouse.duel.payoffs import DuelConfig, as_policy, equilibrium_player, random_player, simple_player
from catmouse.policies import brain_path, check_game
from catmouse_env.policies import TablePolicy, to_actions

BY_NAME = {"random": random_player, "teacher": simple_player, "equilibrium": equilibrium_player}


def parse(arguments: list[str] | None = None) -> argparse.Namespace:
    parser = Parser("play", __doc__)
    parser.add_argument(
        "--as",
        dest="person",
        choices=("mouse", "cat"),
        default="mouse",
        help="who you are (default: %(default)s)",
    )
    parser.add_argument(
        "--against",
        default="equilibrium",
        metavar="POLICY",
        help="'random', 'teacher', 'equilibrium', or a saved brain (its file or its run's folder), "
        "which draws its moves from its probabilities (default: %(default)s)",
    )
    add_duel_options(parser, "as the brain learned it, else ")
    parser.add_number("--seed", None, "of all chance", least=0, otherwise="a new one")
    return parser.read(arguments)


def main(arguments: list[str] | None = None) -> int:
    parsed = parse(arguments)
    need_pygame()
    with wrong_usage():
        window = make_window(parsed)
    window.run()
    print(f"won {window.won}, lost {window.lost}")
    return DONE


def make_window(parsed: argparse.Namespace) -> Any:
    """The window, with everything in it.

    Raises:
        ValueError: An argument is wrong.
        DependencyNotInstalled: Something is missing, or there is no screen.
    """
    other = "mouse" if parsed.person == "cat" else "cat"
    brain = None if parsed.against in BY_NAME else load(parsed.against)
    learned = None if brain is None else brain.game or {}
    if brain is not None and other == "cat":
        learned = {"cat_directions": brain.config.actions, **(brain.game or {})}
    config = duel_config(parsed, learned)
    policy: Any = named(parsed.against, config, other, parsed.seed) if brain is None else brain
    if brain is not None:
        if brain.game is not None:
            check_game(parsed.against, brain.game, other, asdict(config))
        if brain.config.actions != config.actions(other):
            raise ValueError(
                f"{parsed.against} has {brain.config.actions} directions, the {other} {config.actions(other)}"
            )
        if brain.config.inputs not in (4, 5):
            raise ValueError(f"{parsed.against} takes {brain.config.inputs} numbers, not 4 or 5")
    env = catmouse_env.parallel_env(
        **asdict(config),
        observe_moves_left=brain is None or brain.config.inputs == 5,
    )
    from catmouse.viewer.play_window import PlayWindow

    seed = parsed.seed if parsed.seed is not None else int(np.random.default_rng().integers(2**31))
    return PlayWindow(env, parsed.person, opponent(policy, config.actions(other)), parsed.against, seed)


def load(name: str) -> Brain:
    """The brain of a file or run folder; ValueError if there is none."""
    try:
        return Brain.load(brain_path(name))
    except OSError as error:
        raise ValueError(
            f"--against {name!r} is neither {', '.join(map(repr, BY_NAME))} nor a brain's file: {error}"
        ) from error


def named(name: str, config: DuelConfig, role: str, seed: int | None) -> TablePolicy:
    """An opponent that needs no brain."""
    return as_policy(config, BY_NAME[name](config, role), seed)


def opponent(policy: Any, directions: int) -> Callable[[Any, bool], int]:
    """What a policy does in one game after the other, its memory kept: (observation, begins) -> action."""
    state: Any = None

    def act(observation: Any, begins: bool) -> int:
        nonlocal state
        answer, state = policy.predict(
            observation[None], None if begins else state, np.array([begins]), deterministic=False
        )
        return int(to_actions(answer, 1, directions)[0])

    return act
