"""A policy as a finite machine: how many states replay its games from every start move for move.

Histories that no future of any game tells apart are merged. The last line says whether the machine is the
smallest there can be. With --compare brains of every cell are trained and counted.
"""

from __future__ import annotations

import argparse
from typing import Any

import catmouse_env  # noqa: F401  (registers the environments)
from agents import Brain, evaluate, validation
from agents.histories import distinct_states, histories
from agents.machine import minimise
from agents.runs.config import RunConfig, TaskConfig, given, make_env
from agents.runs.results import Job, Row
from agents.runs.run import train
from catmouse.command_line import DONE, Failed, Parser, need, wrong_usage
from catmouse.policies import POLICY_HELP, load_policy, make_config
from catmouse.unfinished import add_keeping, unfinished

GAMES = ("CatMouse-v0", "CatMouseMemory-v0")
CELLS = ("mlp", "elman", "gru", "lstm")
TELL = 40  # letters of a policy's name in a figure


def parse(arguments: list[str] | None = None) -> argparse.Namespace:
    parser = Parser("machine", __doc__, "[POLICY]")
    parser.add_argument("policy", nargs="?", help=POLICY_HELP)
    parser.add_argument(
        "--compare",
        action="store_true",
        help="train brains of every cell for both 10-move games and print the states of each (default: judge "
        "POLICY)",
    )
    parser.add_seeds((0, 1, 2), "of --compare")
    add_keeping(parser, "machine")
    parser.add_figure()
    parser.add_trust()
    parser.add_seed()
    parser.add_quiet()
    parser.add_config("the game", TaskConfig)
    parsed = parser.read(arguments)
    if (parsed.policy is None) == (not parsed.compare):
        parser.error("say either a policy or --compare")
    return parsed


def main(arguments: list[str] | None = None) -> int:
    parsed = parse(arguments)
    if parsed.compare:
        return compare(parsed)
    if parsed.figure:
        need("matplotlib", "plots", "a figure")
    with wrong_usage():
        env = make_env(make_config(parsed.policy, given(parsed, TaskConfig)), 1)
        policy = load_policy(parsed.policy, env, parsed.seed, parsed.trust)
        tree = histories(policy, env)
        machine = minimise(tree)
    states = len(machine.moves)
    replayed = evaluate(machine, env)
    original = evaluate(policy, env)
    if (replayed.confusion, replayed.mean_return) != (original.confusion, original.mean_return):
        raise Failed(f"{parsed.policy} played otherwise the second time; a machine always plays the same")
    print(
        f"{len(tree.moves):,} histories of {replayed.starts:,} games, {len(tree.observations):,} observations"
    )
    print(f"a machine of {states} states replays all {replayed.moves:,} moves")
    print(
        "no smaller one does"
        if states == machine.bound
        else f"none of fewer than {machine.bound} does; between these nobody knows"
    )
    if isinstance(policy, Brain) and policy.cell.recurrent:
        count = distinct_states(policy, env)
        print(f"its states told apart by the next answer, wherever the mouse were put: {count:,}")
    if parsed.figure:
        draw(machine, env, parsed)
    return DONE


def draw(machine: Any, env: Any, parsed: argparse.Namespace) -> None:
    """Draw the graph to a file; Failed if it would not be readable, or can't be written."""
    from catmouse.plots.machine_figure import MAX_STATES, draw_machine

    if len(machine.moves) > MAX_STATES:
        raise Failed(f"a graph shows {MAX_STATES} states at the most, this machine has {len(machine.moves)}")
    config = env.unwrapped.config
    title = f"{parsed.policy[:TELL]}: {len(machine.moves)} states"
    draw_machine(machine, (config.width, config.height), title).savefig(parsed.figure, dpi=100)
    print(f"saved {parsed.figure}")


def compare(parsed: argparse.Namespace) -> int:
    """Train each cell with each seed on both games, and count states."""
    jobs: list[Job] = [
        {"game": game, "cell": cell, "seed": seed}
        for game in GAMES
        for cell in CELLS
        for seed in parsed.seeds
    ]
    with unfinished(parsed, jobs, check_row) as work:
        rows = work.carry_out(lambda job: count_states(**job), "brains", parsed.quiet)
        print("game               cell    seed  mistakes  states  least  answering otherwise wherever put")
        for row in rows:
            print(
                "{game:<19}{cell:<8}{seed:>4}".format(**row["job"])
                + "{mistakes:>10,}{states:>8,}{least:>7,}{put:>14,}".format(**row),
                flush=True,
            )
    return DONE


def count_states(game: str, cell: str, seed: int) -> dict[str, int]:
    """Train one brain: mistakes, states of its machine, the least there can be, and those wherever put."""
    run = train(RunConfig(env_id=game, cell=cell, seed=seed))
    machine = minimise(histories(run.brain, run.env))
    put = distinct_states(run.brain, run.env) if run.brain.cell.recurrent else len(machine.moves)
    mistakes = run.finish().mistakes
    return {"mistakes": mistakes, "states": len(machine.moves), "least": machine.bound, "put": put}


def check_row(row: Row) -> None:
    """KeyError or ValueError unless `count_states` told it."""
    for name in ("mistakes", "states", "least", "put"):
        validation.of_type(name, row[name], int)
