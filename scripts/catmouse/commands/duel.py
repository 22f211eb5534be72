"""Teach a cat and a mouse from their teachers, let them fight from every start, and print the league.

Needs `pip install ".[duel,plots]"`.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from pathlib import Path

import numpy as np
from gymnasium.error import DependencyNotInstalled
from tqdm import tqdm

import catmouse_env
from agents.files import write_text
from catmouse.duel.league import (
    LESSONS,
    PLAYERS,
    Fighter,
    League,
    Ring,
    Teaching,
    as_policy,
    fighters,
    league_of,
)
from catmouse.stopping import STOPPED, Stopping
from catmouse_env import checks
from catmouse_env.snapshot import Snapshot

LENGTHS = (3, 5, 10, 15, 20)  # games whose equilibrium is printed
FILMED = 3  # fights in the GIF
NAME = "duel.py"


def parse(arguments: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        epilog="Exit status: 0 done, 1 a file can't be written, 2 wrong usage, 130 stopped.",
    )
    whole = {"type": int, "metavar": "N"}
    parser.add_argument("--width", default=6, **whole, help="columns of the room (default: %(default)s)")
    parser.add_argument("--height", default=6, **whole, help="rows of the room (default: %(default)s)")
    parser.add_argument(
        "--cat-directions", default=8, type=int, choices=(4, 8), help="the cat's moves (default: %(default)s)"
    )
    parser.add_argument("--moves", default=10, **whole, help="moves a game (default: %(default)s)")
    parser.add_argument(
        "--cell",
        default="mlp2",
        choices=("mlp", "mlp2"),
        help="a brain of one or two layers (default: %(default)s)",
    )
    parser.add_argument(
        "--hidden", default=256, **whole, help="units in each of a brain's layers (default: %(default)s)"
    )
    parser.add_argument(
        "--updates", default=25_000, **whole, help="of the longest lessons (default: %(default)s)"
    )
    parser.add_argument("--seed", default=0, **whole, help="of all chance (default: %(default)s)")
    parser.add_argument(
        "--out", type=Path, default=Path("runs/duel"), help="where all is saved (default: %(default)s)"
    )
    parser.add_argument("--quiet", action="store_true", help="no progress bar")
    return parser.parse_args(arguments)


def main(arguments: list[str] | None = None) -> int:
    parsed = parse(arguments)
    try:
        for name, least in (("hidden", 1), ("updates", 1), ("moves", 1), ("seed", 0)):
            checks.whole_number(f"--{name}", getattr(parsed, name), least)
        ring = Ring(
            checks.side("--width", parsed.width),
            checks.side("--height", parsed.height),
            parsed.cat_directions,
            parsed.moves,
        )
        print_equilibrium(ring)
        # What is missing should be known before the long lessons.
        catmouse_env.parallel_env()
        from catmouse.plots.images import CannotSave, need_pillow

        need_pillow()
    except (ValueError, DependencyNotInstalled, RuntimeError) as error:
        return failed(error, 2)
    try:
        parsed.out.mkdir(parents=True, exist_ok=True)
        with Stopping() as stopping:
            taught = teach_all(ring, parsed, stopping)
        if taught is None:
            print(f"\n{NAME}: stopped; nothing is saved", file=sys.stderr)
            return STOPPED
        sides = {player: fighters(ring, player, taught[player]) for player in PLAYERS}
        league = league_of(ring, sides["mouse"], sides["cat"])
        print(league_text(league))
        save(ring, league, sides, parsed)
    except (OSError, CannotSave) as error:
        return failed(error, 1)
    return 0


def failed(error: Exception, status: int) -> int:
    print(f"{NAME}: {error}", file=sys.stderr)
    return status


def print_equilibrium(ring: Ring) -> None:
    """How two perfect players fight, for some lengths of a game."""
    began = time.perf_counter()
    longest = max(*LENGTHS, ring.moves)
    solved = Ring(ring.width, ring.height, ring.cat_directions, longest).equilibrium
    seconds = time.perf_counter() - began
    lengths = sorted({*LENGTHS, ring.moves})
    values = [ring.fight.average(solved.values[moves]) for moves in lengths]
    print(
        f"Equilibrium of {ring.width} x {ring.height}, a cat with {ring.cat_directions} directions, solved "
        f"for {longest} moves in {seconds:.1f} s"
    )
    print("  moves           " + "".join(f"{moves:>8}" for moves in lengths))
    print("  mouse survives  " + "".join(f"{value:8.4f}" for value in values), flush=True)


def teach_all(ring: Ring, parsed: argparse.Namespace, stopping: Stopping) -> dict[str, list[Fighter]] | None:
    """All brains of both sides, taught; None if that was stopped."""
    lessons = [
        Teaching(ring, player, lesson, parsed.hidden, parsed.updates, parsed.seed, parsed.cell)
        for lesson in LESSONS
        for player in PLAYERS
    ]
    taught: dict[str, list[Fighter]] = {player: [] for player in PLAYERS}
    with tqdm(total=sum(one.updates for one in lessons), unit=" updates", disable=parsed.quiet) as bar:

        def tick() -> bool:
            bar.update()
            return not stopping.wanted

        for one in lessons:
            bar.set_description(f"{one.player}: {one.lesson.name}")
            one.teach(tick)
            if stopping.wanted:
                return None
            taught[one.player].append(one.fighter())
    return taught


def league_text(league: League) -> str:
    """The league for people to read."""
    first = max(len(name) for name in league.mice) + 2
    columns = [f"[{number}]" for number in range(1, len(league.cats) + 1)]
    lines = [
        "",
        "League: games that the mouse survives, and moves that it makes uncaught, averaged over every start;",
        "exact. At worst: survival that a fighter gives away to the opponent that knows it best, compared",
        "with the equilibrium.",
        "",
        *(f"  {column} {name} cat" for column, name in zip(columns, league.cats, strict=True)),
        "",
        " " * first + "".join(f"{column:>14}" for column in columns) + "      at worst",
    ]
    for row, name in enumerate(league.mice):
        fights = "".join(
            f"{100 * survival:7.2f} % {moves:4.1f}"
            for survival, moves in zip(league.survival[row], league.moves[row], strict=True)
        )
        lines.append(f"{name:<{first}}{fights}{league.mouse_exploitability[row]:14.4f}")
    worst = "".join(f"{value:14.4f}" for value in league.cat_exploitability)
    lines.append(f"{'at worst':<{first}}{worst}")
    return "\n".join(lines)


def save(ring: Ring, league: League, sides: dict[str, list[Fighter]], parsed: argparse.Namespace) -> None:
    """The brains, the table as numbers and as a picture, and a film of fights."""
    from catmouse.plots.league_picture import save_fights, save_league

    out = parsed.out
    for player, those in sides.items():
        for fighter in those:
            if fighter.brain is not None:
                fighter.brain.save(
                    out / f"{player}, {fighter.name}.safetensors".replace(", ", "-").replace(" ", "-")
                )
    write_text(out / "league.json", json.dumps({**vars(ring), **league.as_dict()}, indent=2) + "\n")
    title = f"{ring.width} x {ring.height}, {ring.moves} moves, a cat with {ring.cat_directions} directions"
    save_league(league, title, out / "league.png")
    mouse, cat = (next(one for one in sides[player][::-1] if one.brain) for player in PLAYERS)
    games = [film(ring, mouse, cat, parsed.seed + number) for number in range(FILMED)]
    save_fights(games, ring.moves, "both taught by the equilibrium", out / "fight.gif")
    print(f"\nSaved in {out}: league.json, league.png, fight.gif and the brains. Next:")
    print(f"  python scripts/play.py --as mouse --against {out}/cat-brain-equilibrium.safetensors")


def film(ring: Ring, mouse: Fighter, cat: Fighter, seed: int) -> list[Snapshot]:
    """One fight, from a start in opposite halves of the room, as pictures are made of it."""
    env = catmouse_env.parallel_env(
        ring.width, ring.height, ring.cat_directions, ring.moves, observe_moves_left=True
    )
    rng = np.random.default_rng(seed)
    y = rng.integers(0, ring.height, 2)
    start = {"cat": (0, int(y[0])), "mouse": (ring.width - 1, int(y[1]))}
    observations, _ = env.reset(seed=seed, options=start)
    policies = {"mouse": as_policy(ring, mouse, seed), "cat": as_policy(ring, cat, seed + 1)}
    seen = [env.snapshot()]
    while env.agents:
        actions = {name: policy.predict(observations[name])[0] for name, policy in policies.items()}
        observations, *_ = env.step(actions)
        seen.append(env.snapshot())
    return seen
