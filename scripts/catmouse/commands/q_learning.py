"""Let a mouse learn by trial and error, without any teacher: tabular Q-learning."""

from __future__ import annotations

import argparse
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from tqdm import tqdm

import catmouse_env  # noqa: F401  (registers the environments)
from agents import evaluate
from agents.q_learning import QLearner
from agents.runs.config import TaskConfig, add_options, given, make_env, option
from catmouse.console import certificate_text
from catmouse.stopping import STOPPED, Stopping


@dataclass(frozen=True)
class QConfig(TaskConfig):
    """Everything that decides how Q-learning goes."""

    games: int = option(100_000, "games to play")
    side_by_side: int = option(256, "games played at a time")
    learning_rate: float = option(0.5, "how far a value moves towards its target, above 0 and at most 1")
    discount: float = option(0.98, "what a reward is worth one move later")
    explore: float = option(1.0, "how often the first moves are drawn; falls to 0 over --games")
    seed: int = option(0, "of all chance")

    def learner(self) -> QLearner:
        """The learner before its first game; ValueError if it can't be made."""
        if self.side_by_side < 1:
            raise ValueError(f"side_by_side must be at least 1, got {self.side_by_side}")
        return QLearner(
            make_env(self, self.side_by_side),
            self.games,
            self.learning_rate,
            self.discount,
            self.explore,
            self.seed,
        )


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, epilog="Exit status: 0 done, 1 not saved, 2 wrong usage, 130 interrupted."
    )
    parser.add_argument(
        "--out", type=Path, help="file for the table (default: runs/ENV-ID-q-seed-SEED.safetensors)"
    )
    parser.add_argument("--quiet", action="store_true", help="no progress bar")
    add_options(parser.add_argument_group("what to learn, and how"), QConfig)
    arguments = parser.parse_args()
    try:
        config = QConfig(**given(arguments, QConfig))
        learner = config.learner()
    except ValueError as error:
        print(f"train_q_learning.py: {error}", file=sys.stderr)
        return 2
    path = arguments.out or Path("runs") / f"{config.env_id.split(':')[-1]}-q-seed-{config.seed}.safetensors"
    began = time.perf_counter()
    with Stopping() as stopping, tqdm(total=config.games, unit=" games", disable=arguments.quiet) as bar:
        while learner.games_played < config.games and not stopping.wanted:
            learner.step()
            if learner.games_played > bar.n:
                bar.set_postfix(observations=len(learner.table.rows), refresh=False)
                bar.update(min(learner.games_played, config.games) - bar.n)
    seconds = time.perf_counter() - began
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        learner.table.save(path)
    except OSError as error:
        print(f"train_q_learning.py: the table can't be saved: {error}", file=sys.stderr)
        return 1
    print(
        f"{learner.games_played:,} games in {seconds:.1f} s ({learner.games_played / seconds:,.0f} games/s), "
        f"{len(learner.table.rows):,} observations met, seed {config.seed}\n"
    )
    print(certificate_text(evaluate(learner.table, learner.env, config.seed)))
    print(f"\nSaved. Next:\n  python scripts/evaluate.py {path} --env-id {config.env_id}")
    return STOPPED if stopping.wanted else 0
