"""Print a policy's certificate: what it does in one game from every start there is."""

from __future__ import annotations

import argparse
import json
import sys

from console import certificate_text
from policies import POLICY_HELP, game_of, load_policy
from stopping import STOPPED
from tqdm import tqdm

import catmouse_env  # noqa: F401  (registers the environments)
from agents import evaluate
from agents.configuration import EnvConfig, add_options, given, make_env


def main(command: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, epilog="Exit status: 0 done, 2 wrong usage, 130 stopped."
    )
    parser.add_argument("policy", help=POLICY_HELP)
    parser.add_argument("--json", action="store_true", help="print the certificate as JSON")
    parser.add_argument("--seed", type=int, default=0, help="of all chance (default: %(default)s)")
    parser.add_argument("--quiet", action="store_true", help="no progress bar")
    add_options(parser.add_argument_group("the game"), EnvConfig)
    arguments = parser.parse_args(command)
    try:
        config = game_of(arguments.policy, given(arguments, EnvConfig))
        env = make_env(config, 1)
        policy = load_policy(arguments.policy, env, arguments.seed)
        bar = tqdm(unit=" games", disable=arguments.quiet or arguments.json, leave=False)

        def progress(done: int, total: int) -> None:
            bar.total = total
            bar.update(done - bar.n)

        result = evaluate(policy, env, arguments.seed, progress)
        bar.close()
    except ValueError as error:
        print(f"evaluate.py: {error}", file=sys.stderr)
        return 2
    print(json.dumps(result.as_dict()) if arguments.json else certificate_text(result))
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(STOPPED)
