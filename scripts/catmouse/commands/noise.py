"""How much noise in what it sees a brain bears: proved from below, refuted from above, start by start.

Every number of every observation of a game may be off by so much, each by itself; a cell is 1 / (side - 1).
"""

from __future__ import annotations

import argparse

import numpy as np

import catmouse_env  # noqa: F401  (registers the environments)
from agents import Brain
from agents.noise import tolerance
from agents.runs.config import TaskConfig, given, make_env
from catmouse.command_line import DONE, Failed, Parser, need, wrong_usage
from catmouse.policies import POLICY_HELP, load_policy, make_config

MEET = (0.01, 0.05, 0.2)  # parts by which the bounds may differ


def parse(arguments: list[str] | None = None) -> argparse.Namespace:
    parser = Parser("noise", __doc__, "POLICY")
    parser.add_argument("policy", help=POLICY_HELP)
    parser.add_figure()
    parser.add_trust()
    parser.add_config("the game", TaskConfig)
    return parser.read(arguments)


def main(arguments: list[str] | None = None) -> int:
    parsed = parse(arguments)
    if parsed.figure:
        need("matplotlib", "plots", "a figure")
    with wrong_usage():
        env = make_env(make_config(parsed.policy, given(parsed, TaskConfig)), 1)
        policy = load_policy(parsed.policy, env, 0, parsed.trust)
        if not isinstance(policy, Brain):
            raise Failed(f"noise is borne by brains, {parsed.policy} is none")
        found = tolerance(policy, env)
    print(f"noise that changes no decision of a game, over {len(found.borne):,} starts:")
    for name, values in (("proved to be borne", found.borne), ("found to break it", found.broken)):
        least, middle, most = values.min(), np.median(values), values[np.isfinite(values)].max(initial=0)
        print(f"  {name:<20}least {least:.5f}   median {middle:.5f}   most {most:.5f}")
    unbroken = int(np.isinf(found.broken).sum())
    if unbroken:
        print(f"  nothing was found to break {unbroken:,} games")
    shares = ", ".join(f"{100 * found.met(part):.1f} % within {100 * part:g} %" for part in MEET)
    print(f"  the two meet          {shares}")
    if parsed.figure:
        from catmouse.plots.noise_figure import draw_noise

        draw_noise(found, parsed.policy).savefig(parsed.figure, dpi=100)
        print(f"saved {parsed.figure}")
    return DONE
