"""Play cat or mouse yourself, with the arrow keys and the block of numbers, against any policy.

Needs `pip install ".[duel]"`.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from typing import Any

import numpy as np
from gymnasium.error import DependencyNotInstalled

import catmouse_env
from agents import Brain
from catmouse.duel.league import Ring, fighters
from catmouse.policies import brain_path
from catmouse_env import checks
from catmouse_env.policies import TablePolicy, as_actions

NAME = "play.py"
BY_NAME = {"random": "random", "teacher": "simple teacher", "equilibrium": "equilibrium"}


def parse(arguments: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        epilog="Exit status: 0 done, 2 wrong usage or no window.",
    )
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
    whole = {"type": int, "metavar": "N"}
    parser.add_argument("--width", default=6, **whole, help="columns of the room (default: %(default)s)")
    parser.add_argument("--height", default=6, **whole, help="rows of the room (default: %(default)s)")
    parser.add_argument(
        "--cat-directions",
        default=None,
        type=int,
        choices=(4, 8),
        help="the cat's moves (default: what a brain that is the cat has, else 8)",
    )
    parser.add_argument("--moves", default=10, **whole, help="moves a game (default: %(default)s)")
    parser.add_argument("--seed", default=None, **whole, help="of all chance (default: a new one)")
    return parser.parse_args(arguments)


def main(arguments: list[str] | None = None) -> int:
    parsed = parse(arguments)
    try:
        window = window_of(parsed)
    except (ValueError, DependencyNotInstalled) as error:
        print(f"{NAME}: {error}", file=sys.stderr)
        return 2
    window.run()
    print(f"won {window.won}, lost {window.lost}")
    return 0


def window_of(parsed: argparse.Namespace) -> Any:
    """The window, with everything in it.

    Raises:
        ValueError: An argument is wrong, or there is no screen.
        DependencyNotInstalled: Something is missing.
    """
    from catmouse_env.rendering import pygame_renderer  # noqa: F401  (says what to install without it)

    other = "mouse" if parsed.person == "cat" else "cat"
    if parsed.seed is not None:
        checks.whole_number("--seed", parsed.seed, 0)
    checks.whole_number("--moves", parsed.moves, 1)
    brain = None if parsed.against in BY_NAME else load(parsed.against)
    directions = parsed.cat_directions or (brain.config.actions if brain and other == "cat" else 8)
    ring = Ring(
        checks.side("--width", parsed.width), checks.side("--height", parsed.height), directions, parsed.moves
    )
    if brain is None:
        policy: Any = named(parsed.against, ring, other, parsed.seed)
    else:
        policy = brain
        if brain.config.actions != ring.actions(other):
            raise ValueError(
                f"{parsed.against} has {brain.config.actions} directions, the {other} {ring.actions(other)}"
            )
        if brain.config.inputs not in (4, 5):
            raise ValueError(f"{parsed.against} takes {brain.config.inputs} numbers, not 4 or 5")
    env = catmouse_env.parallel_env(
        ring.width,
        ring.height,
        ring.cat_directions,
        ring.moves,
        observe_moves_left=brain is None or brain.config.inputs == 5,
    )
    from catmouse.viewer.play_window import PlayWindow

    seed = parsed.seed if parsed.seed is not None else int(np.random.default_rng().integers(2**31))
    return PlayWindow(env, parsed.person, opponent(policy, ring.actions(other)), parsed.against, seed)


def load(name: str) -> Brain:
    """The brain of a file or run folder; ValueError if there is none."""
    try:
        return Brain.load(brain_path(name))
    except OSError as error:
        raise ValueError(
            f"--against {name!r} is neither {', '.join(map(repr, BY_NAME))} nor a brain's file: {error}"
        ) from error


def named(name: str, ring: Ring, player: str, seed: int | None) -> TablePolicy:
    """An opponent that needs no brain."""
    one = next(one for one in fighters(ring, player, []) if one.name == BY_NAME[name])
    return TablePolicy(one.policy, ring.width, ring.height, seed)


def opponent(policy: Any, directions: int) -> Callable[[Any, bool], int]:
    """What a policy does in one game after the other, its memory kept: (observation, begins) -> action."""
    state: Any = None

    def act(observation: Any, begins: bool) -> int:
        nonlocal state
        answer, state = policy.predict(
            observation[None], None if begins else state, np.array([begins]), deterministic=False
        )
        return int(as_actions(answer, 1, directions)[0])

    return act
