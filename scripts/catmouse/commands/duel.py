"""Let a mouse and a cat with brains learn to fight, and print the league of all against all.

They are taught by the equilibrium, and with --self-play others learn from nothing but their answers to each
other. Ctrl-C saves; --resume goes on. Needs the extras duel, play and plots; where one is missing, a line
says what to type.
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path

from tqdm import tqdm

import catmouse_env
from agents.brain import CELLS
from agents.files import write_text
from catmouse.command_line import DONE, STOPPED, Failed, Parser, need_pygame, typed, wrong_usage
from catmouse.duel.comparison import comparison_text
from catmouse.duel.game import ROLES, DuelConfig
from catmouse.duel.league import LOOK_AHEAD, League, league_size, league_text, make_league
from catmouse.duel.lessons import DuelOptions, Lesson
from catmouse.duel.loading import MAX_THOUGHTS
from catmouse.duel.options import add_duel_options, duel_config
from catmouse.duel.pairs import Pair
from catmouse.duel.run import DuelRun
from catmouse.duel.self_play import SelfPlay
from catmouse.stopping import Stopping

LENGTHS = (3, 5, 10, 15, 20)  # games whose equilibrium is printed
FILMED = 3  # fights in the GIF


def parse(arguments: list[str] | None = None) -> argparse.Namespace:
    parser = Parser("duel", __doc__)
    add_duel_options(parser)
    parser.add_argument(
        "--cell",
        nargs="+",
        default=["lstm"],
        choices=tuple(CELLS),
        help="of the brains, one or more of %(choices)s, for both sides (default: lstm)",
        metavar="CELL",
    )
    parser.add_argument(
        "--self-play",
        action="store_true",
        help="brains that teach themselves, too (default: taught ones only)",
    )
    parser.add_number("--hidden", None, "units of a brain", otherwise="as suits the cell")
    parser.add_number("--updates", None, "of each brain", otherwise="as suits the cell")
    parser.add_number(
        "--thoughts", None, "looks of a brain with a memory at a state before it moves", otherwise="3"
    )
    parser.add_number("--rounds", 200, "of self-play")
    parser.add_seed()
    folders = parser.add_mutually_exclusive_group()
    folders.add_argument(
        "--out",
        type=Path,
        default=Path("runs/duel"),
        metavar="FOLDER",
        help="where all is saved (default: %(default)s)",
    )
    folders.add_argument(
        "--resume",
        type=Path,
        metavar="FOLDER",
        help="go on with the duel in FOLDER, with its options (default: begin a new one)",
    )
    folders.add_argument(
        "--compare",
        type=Path,
        nargs="+",
        metavar="FOLDER",
        help="print what the fighters of several duels give away, such as of several seeds (default: learn)",
    )
    parser.add_number(
        "--look-ahead", LOOK_AHEAD, "moves that the opponent of a brain with a memory looks ahead"
    )
    parser.add_number("--games", 10, "games from each start, where fights are sampled", least=2)
    parser.add_quiet()
    return parser.read(arguments)


def main(arguments: list[str] | None = None) -> int:
    parsed = parse(arguments)
    if parsed.compare:
        with wrong_usage():
            print(comparison_text(parsed.compare))
        return DONE
    # What is missing should be known before the long training.
    with wrong_usage():
        catmouse_env.parallel_env()
        need_pygame()
        from catmouse.plots.images import need_pillow

        need_pillow()
        options = None if parsed.resume else duel_options(parsed)
        run = DuelRun(parsed.resume or parsed.out, options)
    with run, wrong_usage():
        print_equilibrium(run.options.game)
        with Stopping() as stopping:
            learned = learn(run, stopping, parsed.quiet)
        if not learned:
            raise Failed(f"stopped; {typed('duel')} --resume {run.folder} goes on", STOPPED)
        mice, cats = (run.fighters(role) for role in ROLES)
        with tqdm(total=league_size(len(mice), len(cats)), unit=" figures", disable=parsed.quiet) as bar:
            league = make_league(
                mice, cats, parsed.look_ahead, parsed.games, run.options.seed, lambda: bar.update() and None
            )
        print(league_text(league))
        save(run, league)
    return DONE


def duel_options(parsed: argparse.Namespace) -> DuelOptions:
    """A new duel's; ValueError if there is no such game, or that can't be."""
    if (parsed.thoughts or 0) > MAX_THOUGHTS:
        raise ValueError(f"--thoughts must be at most {MAX_THOUGHTS}, got {parsed.thoughts}")
    return DuelOptions(
        duel_config(parsed),
        tuple(dict.fromkeys(parsed.cell)),
        parsed.self_play,
        parsed.hidden or 0,
        parsed.updates or 0,
        parsed.rounds,
        parsed.seed,
        parsed.thoughts or 0,
    )


def print_equilibrium(config: DuelConfig) -> None:
    """How two perfect players fight, for some lengths of a game."""
    began = time.perf_counter()
    longest = max(*LENGTHS, config.max_steps)
    solved = DuelConfig(config.width, config.height, config.cat_directions, longest).equilibrium
    seconds = time.perf_counter() - began
    lengths = sorted({*LENGTHS, config.max_steps})
    values = [config.game.average(solved.values[moves]) for moves in lengths]
    print(
        f"Equilibrium of {config.width} x {config.height}, a cat with {config.cat_directions} directions, "
        f"solved for {longest} moves in {seconds:.1f} s"
    )
    print("  moves           " + "".join(f"{moves:>8}" for moves in lengths))
    print("  mouse survives  " + "".join(f"{value:8.4f}" for value in values), flush=True)


def learn(run: DuelRun, stopping: Stopping, quiet: bool) -> bool:
    """Learn to the end, with a progress bar; whether it was reached."""
    began = time.process_time()
    with tqdm(total=1, unit=" rounds", disable=quiet) as bar:

        def tick(lesson: Lesson, pair: Pair) -> None:
            if bar.total != pair.rounds or bar.n > pair.played:
                bar.reset(pair.rounds)
            bar.n = pair.played
            told = lesson.name
            if isinstance(pair, SelfPlay):
                mouse, cat = pair.given_away
                told += f", they give away {100 * mouse:.1f} and {100 * cat:.1f} %"
            bar.set_description(told, refresh=False)
            bar.update(0)
            bar.refresh()

        learned = run.learn(lambda: not stopping.wanted, tick)
    print(f"{time.process_time() - began:.0f} s of processor time for the lessons", flush=True)
    return learned


def save(run: DuelRun, league: League) -> None:
    """The league as numbers and as a picture, and films of fights."""
    from catmouse.duel.fight import play_fight
    from catmouse.plots.fight_film import save_fight_film
    from catmouse.plots.league_figure import save_league
    from catmouse.plots.self_play_curve import save_self_play_curve

    out, options = run.folder, run.options
    write_text(out / "league.json", json.dumps({**league.as_dict(), "seed": options.seed}, indent=2) + "\n")
    save_league(league, out / "league.png")
    lesson = run.last_of_first_cell
    mouse, cat = (lesson.fighter(out, options.game, role) for role in ROLES)
    fights = [play_fight(mouse, cat, options.seed + number) for number in range(FILMED)]
    save_fight_film(fights, out / "fight.gif")
    written = ["league.json", "league.png", "fight.gif"]
    rounds = run.film_rounds()
    if rounds:
        fights = [
            play_fight(pair["mouse"], pair["cat"], options.seed, f"after {played} rounds")
            for played, pair in rounds
        ]
        save_fight_film(fights, out / "rounds.gif")
        curves = {path.stem.removeprefix("curve-"): path for path in sorted(out.glob("curve-*.csv"))}
        save_self_play_curve(curves, out / "curve.png")
        written += ["rounds.gif", "curve.png"]
    print(f"\nSaved in {out}: {', '.join(written)} and the brains. Next:")
    files = {role: out / lesson.file(role) for role in ROLES}
    print(f"  {typed('play')} --as mouse --against {files['cat']}")
    print(f"  {typed('watch')} --fight {files['mouse']} {files['cat']}")
