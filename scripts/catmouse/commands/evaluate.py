"""Print a policy's certificate: what it does in one game from every start there is."""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import catmouse_env  # noqa: F401  (registers the environments)
from agents import evaluate
from agents.certificate import write
from agents.environments import is_stochastic
from agents.runs.config import TaskConfig, given, make_env
from catmouse.certificates import certificate_of
from catmouse.command_line import DONE, Parser, wrong_usage
from catmouse.console import certificate_text, progress_bar, progress_callback
from catmouse.duel.exact import ExactResult, exact_result
from catmouse.policies import POLICY_HELP, follows_teacher, load_policy, make_config


def parse(arguments: list[str] | None = None) -> argparse.Namespace:
    parser = Parser("evaluate", __doc__, "POLICY")
    parser.add_argument("policy", help=POLICY_HELP)
    parser.add_argument("--json", action="store_true", help="print the certificate as JSON")
    parser.add_argument(
        "--certificate",
        type=Path,
        metavar="FILE",
        help="write the certificate with its proof, for other programs to check (default: none)",
    )
    parser.add_trust()
    parser.add_seed()
    parser.add_quiet()
    parser.add_config("the game", TaskConfig)
    return parser.read(arguments)


def main(command: list[str] | None = None) -> int:
    arguments = parse(command)
    with wrong_usage():
        env = make_env(make_config(arguments.policy, given(arguments, TaskConfig)), 1)
        policy = load_policy(arguments.policy, env, arguments.seed, arguments.trust)
        with progress_bar(None, "games", arguments.quiet or arguments.json, leave=False) as bar:
            result = evaluate(policy, env, arguments.seed, progress_callback(bar))
        moving = result.lethal or is_stochastic(env)  # else there is no game of two to compute
        exact = exact_or_why(policy, env) if result.sampled and moving else None
    if arguments.certificate:
        write(arguments.certificate, certificate_of(arguments.policy, policy, env, result))
    if arguments.json:
        told = {"exact": asdict(exact)} if isinstance(exact, ExactResult) else {}
        print(json.dumps(result.as_dict() | told))
        return DONE
    print(certificate_text(result, follows_teacher(arguments.policy, env)))
    if isinstance(exact, ExactResult):
        print(
            "\nExact, by dynamic programming over every position, averaged over every start:\n"
            f"  survived                {100 * exact.survival:.4f} % (the best of all mice: "
            f"{100 * exact.best_survival:.4f} %)\n"
            f"  mean return             {exact.mean_return:.4f}"
        )
    elif exact is not None:
        print(f"\nNot computed exactly: {exact}")
    return DONE


def exact_or_why(policy: Any, env: Any) -> ExactResult | str:
    """What the sample estimates, computed; or why that can't be done."""
    try:
        return exact_result(policy, env)
    except ValueError as error:
        return str(error)
