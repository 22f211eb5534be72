"""Watch a policy play, or two brains fight: in a window, or drawn to a file without one.

Keys: space pause, right and left a move on and back, up and down faster and slower, N next game,
M next mistake, S save a PNG, G save a GIF, H help, Q or Esc close.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path

import catmouse_env  # noqa: F401  (registers the environments)
from agents.runs.config import TaskConfig, given, make_env
from catmouse.command_line import DONE, MISSED, Failed, Parser, need_pygame, wrong_usage
from catmouse.console import progress_bar
from catmouse.policies import POLICY_HELP, load_policy, make_config
from catmouse.viewer.mistake_finder import MistakeFinder
from catmouse.viewer.playback import Game, describe, record, single_env_like


def parse(arguments: list[str] | None = None) -> argparse.Namespace:
    parser = Parser("watch", __doc__, "POLICY", missed="there is no mistake to show")
    parser.add_argument("policy", nargs="?", help=POLICY_HELP)
    parser.add_argument(
        "--fight",
        nargs=2,
        metavar=("MOUSE", "CAT"),
        help="instead of POLICY: two brains of a duel, with what both have in mind (default: no fight)",
    )
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
    parser.add_number("--games", None, "games to show", otherwise="1 in a file, no end in the window")
    parser.add_fps(4.0, "moves")
    parser.add_trust()
    parser.add_seed()
    parser.add_quiet()
    parser.add_config("the game", TaskConfig)
    parsed = parser.read(arguments)
    if (parsed.policy is None) == (parsed.fight is None):
        parser.error("either POLICY or --fight MOUSE CAT must say who plays")
    if parsed.fight and (parsed.mistakes or given(parsed, TaskConfig)):
        parser.error("--fight takes no --mistakes and no other game than the brains learned")
    for name, ending in (("gif", ".gif"), ("png", ".png")):
        path = getattr(parsed, name)
        if path is not None and path.suffix.lower() != ending:
            parser.error(f"--{name} must name a file that ends in {ending}, got {str(path)!r}")
    return parsed


def main(command: list[str] | None = None) -> int:
    arguments = parse(command)
    need_pygame()
    if arguments.fight:
        return watch_fight(arguments)
    with wrong_usage():
        env = single_env_like(make_env(make_config(arguments.policy, given(arguments, TaskConfig)), 1))
        policy = load_policy(arguments.policy, env, arguments.seed, arguments.trust)
        finder = MistakeFinder(policy, env, arguments.seed)

        def next_game(number: int) -> Game:
            return record(policy, env, seed=arguments.seed if number == 1 else None, number=number)

        title = describe(policy, arguments.policy)
        next_game(1)  # what does not fit shows here
    if arguments.gif or arguments.png:
        return to_files(arguments, next_game, finder, title)
    from catmouse.viewer.viewer import Viewer

    with wrong_usage():
        viewer = Viewer(next_game, finder, title, arguments.fps, arguments.mistakes, arguments.games)
    viewer.run()
    return DONE


def watch_fight(arguments: argparse.Namespace) -> int:
    """Show two brains fight."""
    from catmouse.duel.fight import Fight, play_fight
    from catmouse.duel.loading import load_fighters
    from catmouse.plots.fight_film import save_fight_film, save_moment

    with wrong_usage():
        fighters = load_fighters(dict(zip(("mouse", "cat"), arguments.fight, strict=True)))

        def next_fight(number: int) -> Fight:
            return play_fight(fighters["mouse"], fighters["cat"], arguments.seed + number - 1)

        if not (arguments.gif or arguments.png):
            from catmouse.viewer.fight_window import FightWindow

            window = FightWindow(next_fight, arguments.fps, arguments.games)
    if not (arguments.gif or arguments.png):
        window.run()
        return DONE
    fights = [next_fight(number) for number in range(1, (arguments.games or 1) + 1)]
    if arguments.png:
        save_moment(fights[-1], fights[-1].moves, arguments.png)
        print(f"saved {arguments.png}")
    if arguments.gif:
        save_fight_film(fights, arguments.gif, arguments.fps)
        print(f"saved {arguments.gif}")
    return DONE


def to_files(
    arguments: argparse.Namespace, next_game: Callable[[int], Game], finder: MistakeFinder, title: str
) -> int:
    """Write the pictures that the command line asks for."""
    from catmouse.plots.images import need_pillow, save_png
    from catmouse.viewer.viewer import picture, save_games

    if arguments.gif:
        need_pillow()
    games: list[Game] = []
    for number in range(1, (arguments.games or 1) + 1):
        game = search(finder, number, arguments.quiet) if arguments.mistakes else next_game(number)
        if game is None:
            raise Failed(f"no mistake from any of the {finder.total:,} starts", MISSED)
        games.append(game)
    last = games[-1]
    if arguments.png:
        move = last.mistakes[0] if arguments.mistakes else last.moves
        save_png(picture(last, move, title), arguments.png)
        print(f"saved {arguments.png}")
    if arguments.gif:
        save_games(games, title, arguments.fps, arguments.gif)
        print(f"saved {arguments.gif}")
    return DONE


def search(finder: MistakeFinder, number: int, quiet: bool) -> Game | None:
    """The next game with a mistake, with a progress bar if it takes long; None if there is none."""
    with progress_bar(finder.total, "starts", quiet, unit_scale=True, leave=False, delay=1) as bar:
        while not finder.in_vain:
            game = finder.seek(number)
            bar.update(finder.searched - bar.n)
            if game is not None:
                return game
    return None
