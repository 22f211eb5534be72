"""Let a mouse learn by trial and error, without any teacher: tabular Q-learning."""

from __future__ import annotations

import catmouse_env  # noqa: F401  (registers the environments)
from agents.q_learning import QLearner
from catmouse.learners import Kind, QLearningConfig, carry_out, parse
from catmouse.policies import TABLE_FILE


def told(learner: QLearner) -> dict[str, object]:
    """What is told beside the progress bar."""
    return {"observations": len(learner.table.rows)}


KIND = Kind(
    name="q-learning",
    kind="q_learning",
    suffix="q",
    config=QLearningConfig,
    make=QLearningConfig.learner,
    file=TABLE_FILE,
    policy=lambda learner: learner.table,
    unit="games",
    progress=lambda learner: int(learner.games_played),
    total=lambda config: int(config.games),
    told=told,
    done=lambda one: f"{one.games_played:,} games, {len(one.table.rows):,} observations met",
)


def main(arguments: list[str] | None = None) -> int:
    return carry_out(KIND, parse(KIND, __doc__, "plays on for a moment", arguments))
