"""Teach a cat and a mouse from their teachers, let them fight from every start, and print the payoff table.

Needs the extras duel, play and plots; where one is missing, a line says what to type.
"""

from __future__ import annotations

import argparse
import json
import time
from dataclasses import asdict
from pathlib import Path

import numpy as np
from tqdm import tqdm

import catmouse_env
from agents.files import write_text
from catmouse.command_line import DONE, STOPPED, Failed, Parser, need_pygame, typed, wrong_usage
from catmouse.duel.options import add_duel_options, duel_config
from catmouse.duel.payoffs import (
    ROLES,
    TRAINING_SPECS,
    DuelConfig,
    PayoffTable,
    Player,
    Training,
    as_policy,
    payoff_table,
    players,
)
from catmouse.stopping import Stopping
from catmouse_env import Snapshot

LENGTHS = (3, 5, 10, 15, 20)  # games whose equilibrium is printed
FILMED = 3  # fights in the GIF


def parse(arguments: list[str] | None = None) -> argparse.Namespace:
    parser = Parser("duel", __doc__)
    add_duel_options(parser)
    parser.add_argument(
        "--cell",
        default="mlp2",
        choices=("mlp", "mlp2"),
        help="a brain of one or two layers (default: %(default)s)",
    )
    parser.add_number("--hidden", 256, "units in each of a brain's layers")
    parser.add_number("--updates", 25_000, "of the brains that learn longest")
    parser.add_seed()
    parser.add_argument(
        "--out",
        type=Path,
        default=Path("runs/duel"),
        metavar="FOLDER",
        help="where all is saved (default: %(default)s)",
    )
    parser.add_quiet()
    return parser.read(arguments)


def main(arguments: list[str] | None = None) -> int:
    parsed = parse(arguments)
    with wrong_usage():
        config = duel_config(parsed)
        print_equilibrium(config)
        # What is missing should be known before the long training.
        catmouse_env.parallel_env()
        need_pygame()
        from catmouse.plots.images import need_pillow

        need_pillow()
    parsed.out.mkdir(parents=True, exist_ok=True)
    with Stopping() as stopping:
        taught = teach_all(config, parsed, stopping)
    if taught is None:
        raise Failed("stopped; nothing is saved", STOPPED)
    sides = {role: players(config, role, taught[role]) for role in ROLES}
    payoffs = payoff_table(config, sides["mouse"], sides["cat"])
    print(payoff_text(payoffs))
    save(config, payoffs, sides, parsed)
    return DONE


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


def teach_all(
    config: DuelConfig, parsed: argparse.Namespace, stopping: Stopping
) -> dict[str, list[Player]] | None:
    """All brains of both sides, taught; None if that was stopped."""
    trainings = [
        Training(config, role, spec, parsed.hidden, parsed.updates, parsed.seed, parsed.cell)
        for spec in TRAINING_SPECS
        for role in ROLES
    ]
    taught: dict[str, list[Player]] = {role: [] for role in ROLES}
    with tqdm(total=sum(one.updates for one in trainings), unit=" updates", disable=parsed.quiet) as bar:

        def tick() -> bool:
            bar.update()
            return not stopping.wanted

        for one in trainings:
            bar.set_description(f"{one.role}: {one.spec.name}")
            one.teach(tick)
            if stopping.wanted:
                return None
            taught[one.role].append(one.player())
    return taught


def payoff_text(payoffs: PayoffTable) -> str:
    """The payoff table for people to read."""
    numbers = [f"[{number}]" for number in range(1, len(payoffs.cats) + 1)]
    lines = [
        "",
        "League: games that the mouse survives, in %, and moves that it makes uncaught,",
        "averaged over every start; exact. At worst: survival that a player gives away to",
        "the opponent that knows it best, compared with the equilibrium.",
        "",
        *(f"  {number} {name}" for number, name in zip(numbers, payoffs.cats, strict=True)),
        "",
        f"{'mouse':<6}" + "".join(f"{f'cat {number}':>11}" for number in numbers) + "  worst",
    ]
    for row, number in enumerate(numbers):  # the same players on both sides
        fights = "".join(
            f"{100 * survival:6.2f} {moves:4.1f}"
            for survival, moves in zip(payoffs.survival[row], payoffs.moves[row], strict=True)
        )
        lines.append(f"{number:<6}{fights} {payoffs.mouse_exploitability[row]:6.4f}")
    lines.append(f"{'worst':<6}" + "".join(f"{value:11.4f}" for value in payoffs.cat_exploitability))
    return "\n".join(lines)


def save(
    config: DuelConfig, payoffs: PayoffTable, sides: dict[str, list[Player]], parsed: argparse.Namespace
) -> None:
    """The brains, the table as numbers and as a picture, and a film of fights."""
    from catmouse.plots.payoff_picture import save_fights, save_payoffs

    out = parsed.out
    for role, those in sides.items():
        for player in those:
            if player.brain is not None:
                player.brain.save(
                    out / f"{role}, {player.name}.safetensors".replace(", ", "-").replace(" ", "-")
                )
    write_text(out / "league.json", json.dumps({**vars(config), **payoffs.as_dict()}, indent=2) + "\n")
    title = (
        f"{config.width} x {config.height}, {config.max_steps} moves, "
        f"a cat with {config.cat_directions} directions"
    )
    save_payoffs(payoffs, title, out / "league.png")
    mouse, cat = (next(one for one in sides[role][::-1] if one.brain) for role in ROLES)
    games = [film(config, mouse, cat, parsed.seed + number) for number in range(FILMED)]
    save_fights(games, config.max_steps, "both taught by the equilibrium", out / "fight.gif")
    print(f"\nSaved in {out}: league.json, league.png, fight.gif and the brains. Next:")
    print(f"  {typed('play')} --as mouse --against {out}/cat-brain-equilibrium.safetensors")


def film(config: DuelConfig, mouse: Player, cat: Player, seed: int) -> list[Snapshot]:
    """One fight, from a start in opposite halves of the room, as pictures are made of it."""
    env = catmouse_env.parallel_env(**asdict(config), observe_moves_left=True)
    rng = np.random.default_rng(seed)
    y = rng.integers(0, config.height, 2)
    start = {"cat": (0, int(y[0])), "mouse": (config.width - 1, int(y[1]))}
    observations, _ = env.reset(seed=seed, options=start)
    policies = {"mouse": as_policy(config, mouse, seed), "cat": as_policy(config, cat, seed + 1)}
    seen = [env.snapshot()]
    while env.agents:
        actions = {name: policy.predict(observations[name])[0] for name, policy in policies.items()}
        observations, *_ = env.step(actions)
        seen.append(env.snapshot())
    return seen
