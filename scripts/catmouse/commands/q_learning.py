"""Let a mouse learn by trial and error, without any teacher: tabular Q-learning."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from typing import Any

from tqdm import tqdm

import catmouse_env  # noqa: F401  (registers the environments)
from agents.q_learning import QLearner
from agents.runs.config import given
from catmouse.command_line import DONE, STOPPED, Parser, wrong_usage
from catmouse.learners import QLearningConfig, add_out, default_folder, save_and_judge, work_through
from catmouse.policies import TABLE_FILE


def parse(arguments: list[str] | None = None) -> argparse.Namespace:
    parser = Parser("q-learning", __doc__)
    add_out(parser, "q")
    parser.add_quiet()
    parser.add_config("what to learn, and how", QLearningConfig)
    return parser.read(arguments)


def main(arguments: list[str] | None = None) -> int:
    parsed = parse(arguments)
    with wrong_usage():
        config = QLearningConfig(**given(parsed, QLearningConfig))
        learner = config.learner()
    with tqdm(total=config.games, unit=" games", disable=parsed.quiet) as bar:
        seconds, stopped = work_through(moves(learner, config.games, bar))
    done = (
        f"{learner.games_played:,} games in {seconds:.1f} s ({learner.games_played / seconds:,.0f} games/s), "
        f"{len(learner.table.rows):,} observations met"
    )
    path = (parsed.out or default_folder(config, "q", config.seed)) / TABLE_FILE
    save_and_judge(learner.table, learner.env, path, done, config.seed)
    return STOPPED if stopped else DONE


def moves(learner: QLearner, games: int, bar: Any) -> Iterator[None]:
    """Make one move after the other in all games."""
    while learner.games_played < games:
        learner.step()
        if learner.games_played > bar.n:
            bar.set_postfix(observations=len(learner.table.rows), refresh=False)
            bar.update(min(learner.games_played, games) - bar.n)
        yield
