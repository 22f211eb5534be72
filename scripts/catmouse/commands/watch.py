"""Watch a policy play: in a window, or drawn to a file without one.

Keys: space pause, right one move, N next game, M next mistake, S save a PNG, G save a GIF, H help.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from gymnasium.error import DependencyNotInstalled
from tqdm import tqdm

import catmouse_env  # noqa: F401  (registers the environments)
from agents.runs.config import TaskConfig, add_options, given, make_env
from catmouse.policies import POLICY_HELP, game_of, load_policy
from catmouse.viewer.mistake_finder import MistakeFinder
from catmouse.viewer.playback import Game, describe, record, single_env_like

INTERRUPTED = 130


def parse(arguments: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        epilog="Exit status: 0 done, 1 there is no mistake to show or a file can't be written, "
        "2 wrong usage, 130 interrupted.",
    )
    parser.add_argument("policy", help=POLICY_HELP)
    parser.add_argument(
        "--mistakes", action="store_true", help="show games with a mistake (default: any game)"
    )
    parser.add_argument(
        "--gif", type=Path, metavar="FILE", help="write the games as a GIF, open no window (default: none)"
    )
    parser.add_argument(
        "--png",
        type=Path,
        metavar="FILE",
        help="write the end of the last game, with --mistakes its first mistake, as a PNG, open no window "
        "(default: none)",
    )
    parser.add_argument(
        "--games", type=int, metavar="N", help="games to show (default: 1 in a file, no end in the window)"
    )
    parser.add_argument("--fps", type=float, default=4.0, help="moves a second (default: %(default)s)")
    parser.add_argument("--seed", type=int, default=0, help="of all chance (default: %(default)s)")
    add_options(parser.add_argument_group("the game"), TaskConfig)
    return parser.parse_args(arguments)


def main(command: list[str] | None = None) -> int:
    arguments = parse(command)
    try:
        from catmouse_env.rendering import pygame_renderer  # noqa: F401  (says what to install without it)

        if arguments.games is not None and arguments.games < 1:
            raise ValueError(f"--games must be at least 1, got {arguments.games}")
        if not 0.1 <= arguments.fps <= 50:
            raise ValueError(f"--fps must be from 0.1 to 50, got {arguments.fps}")
        if arguments.seed < 0:
            raise ValueError(f"--seed must not be negative, got {arguments.seed}")
        for name, ending in (("gif", ".gif"), ("png", ".png")):
            path = getattr(arguments, name)
            if path is not None and path.suffix.lower() != ending:
                raise ValueError(f"--{name} must name a file that ends in {ending}, got {str(path)!r}")
        env = single_env_like(make_env(game_of(arguments.policy, given(arguments, TaskConfig)), 1))
        policy = load_policy(arguments.policy, env, arguments.seed)
        finder = MistakeFinder(policy, env, arguments.seed)

        def next_game(number: int) -> Game:
            return record(policy, env, seed=arguments.seed if number == 1 else None, number=number)

        title = describe(policy, arguments.policy)
        next_game(1)  # what does not fit shows here
        if arguments.gif or arguments.png:
            return to_files(arguments, next_game, finder, title)
        from catmouse.viewer.viewer import Viewer

        viewer = Viewer(next_game, finder, title, arguments.fps, arguments.mistakes, arguments.games)
    except (ValueError, DependencyNotInstalled) as error:
        print(f"watch.py: {error}", file=sys.stderr)
        return 2
    viewer.run()
    return 0


def to_files(arguments: argparse.Namespace, next_game: object, finder: MistakeFinder, title: str) -> int:
    """Write the pictures that the command line asks for."""
    from catmouse.plots.images import CannotSave, need_pillow, save_png
    from catmouse.viewer.viewer import picture, save_games

    try:
        if arguments.gif:
            need_pillow()
        games: list[Game] = []
        for number in range(1, (arguments.games or 1) + 1):
            game = search(finder, number) if arguments.mistakes else next_game(number)  # type: ignore[operator]
            if game is None:
                print(f"watch.py: no mistake from any of the {finder.total:,} starts", file=sys.stderr)
                return 1
            games.append(game)
        last = games[-1]
        if arguments.png:
            move = last.mistakes[0] if arguments.mistakes else last.moves
            save_png(picture(last, move, title), arguments.png)
            print(f"saved {arguments.png}")
        if arguments.gif:
            save_games(games, title, arguments.fps, arguments.gif)
            print(f"saved {arguments.gif}")
    except CannotSave as error:
        print(f"watch.py: {error}", file=sys.stderr)
        return 1
    return 0


def search(finder: MistakeFinder, number: int) -> Game | None:
    """The next game with a mistake, with a progress bar if it takes long; None if there is none."""
    with tqdm(total=finder.total, unit=" starts", unit_scale=True, leave=False, delay=1) as bar:
        while not finder.in_vain:
            game = finder.seek(number)
            bar.update(finder.searched - bar.n)
            if game is not None:
                return game
    return None
