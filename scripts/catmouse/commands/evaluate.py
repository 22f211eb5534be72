"""Print a policy's certificate: what it does in one game from every start there is."""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import asdict
from typing import Any

from tqdm import tqdm

import catmouse_env  # noqa: F401  (registers the environments)
from agents import evaluate
from agents.runs.config import TaskConfig, add_options, given, make_env
from catmouse.console import certificate_text
from catmouse.duel.exact import Exact, exact_result
from catmouse.policies import POLICY_HELP, game_of, load_policy


def main(command: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, epilog="Exit status: 0 done, 2 wrong usage, 130 stopped."
    )
    parser.add_argument("policy", help=POLICY_HELP)
    parser.add_argument("--json", action="store_true", help="print the certificate as JSON")
    parser.add_argument("--seed", type=int, default=0, help="of all chance (default: %(default)s)")
    parser.add_argument("--quiet", action="store_true", help="no progress bar")
    add_options(parser.add_argument_group("the game"), TaskConfig)
    arguments = parser.parse_args(command)
    try:
        config = game_of(arguments.policy, given(arguments, TaskConfig))
        env = make_env(config, 1)
        policy = load_policy(arguments.policy, env, arguments.seed)
        bar = tqdm(unit=" games", disable=arguments.quiet or arguments.json, leave=False)

        def progress(done: int, total: int) -> None:
            bar.total = total
            bar.update(done - bar.n)

        result = evaluate(policy, env, arguments.seed, progress)
        bar.close()
        exact = exact_or_why(policy, env) if result.sampled else None
    except (ValueError, OSError) as error:
        print(f"evaluate.py: {error}", file=sys.stderr)
        return 2
    if arguments.json:
        told = {"exact": asdict(exact)} if isinstance(exact, Exact) else {}
        print(json.dumps(result.as_dict() | told))
        return 0
    print(certificate_text(result))
    if isinstance(exact, Exact):
        print(
            "\nExact, by dynamic programming over every position, averaged over every start:\n"
            f"  survived                {100 * exact.survival:.4f} % (the best of all mice: "
            f"{100 * exact.best_survival:.4f} %)\n"
            f"  mean return             {exact.mean_return:.4f}"
        )
    elif exact is not None:
        print(f"\nNot computed exactly: {exact}")
    return 0


def exact_or_why(policy: Any, env: Any) -> Exact | str:
    """What the sample estimates, computed; or why that can't be done."""
    try:
        return exact_result(policy, env)
    except ValueError as error:
        return str(error)
