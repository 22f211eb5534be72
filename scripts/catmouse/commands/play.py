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
from catmouse.duel.fighters import equilibrium_fighter, random_fighter, simple_fighter, thoughts_of
from catmouse.duel.game import OTHER, DuelConfig
from catmouse.duel.loading import check_brain, learned_game, load_brain
from catmouse.duel.options import add_duel_options, duel_config
from catmouse_env.policies import TablePolicy, to_actions
from catmouse_env.solver import Player

BY_NAME = {"random": random_fighter, "teacher": simple_fighter, "equilibrium": equilibrium_fighter}


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
    other = OTHER[parsed.person]
    brain = (
        None
        if parsed.against in BY_NAME
        else load_brain(
            parsed.against, f"--against {parsed.against!r} is neither {', '.join(map(repr, BY_NAME))} nor"
        )
    )
    config = duel_config(parsed, None if brain is None else learned_game(brain, other))
    if brain is None:
        policy: Any = named(parsed.against, config, other, parsed.seed)
    else:
        check_brain(parsed.against, brain, other, config)
        policy = brain
    env = catmouse_env.parallel_env(
        **asdict(config),
        observe_moves_left=brain is None or brain.config.inputs == 5,
    )
    from catmouse.viewer.play_window import PlayWindow

    seed = parsed.seed if parsed.seed is not None else int(np.random.default_rng().integers(2**31))
    return PlayWindow(env, parsed.person, opponent(policy, config.actions(other)), parsed.against, seed)


def named(name: str, config: DuelConfig, role: Player, seed: int | None) -> TablePolicy:
    """An opponent that needs no brain."""
    return TablePolicy(BY_NAME[name](config, role).policy, config.width, config.height, seed)


def opponent(policy: Any, directions: int) -> Callable[[Any, bool], int]:
    """What a policy does in one game after the other, its memory kept: (observation, begins) -> action."""
    state: Any = None
    thoughts = thoughts_of(policy) if isinstance(policy, Brain) else 1

    def act(observation: Any, begins: bool) -> int:
        nonlocal state
        for thought in range(thoughts):
            new = begins and thought == 0
            answer, state = policy.predict(
                observation[None], None if new else state, np.array([new]), deterministic=False
            )
        return int(to_actions(answer, 1, directions)[0])

    return act
