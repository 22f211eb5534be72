"""Train every agent in the box on the same games and compare them in one table and one figure.

All are judged alike: one game from every start there is. Learners are trained with several seeds; the
table shows the mean over seeds and the worst seed, and the processor's time for training. Moves that are not
the teacher's are called disagreements: they are mistakes only of those who learn its labels.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

import catmouse_env  # noqa: F401  (registers the environments)
from agents import Evaluation, Policy, RandomAgent, TeacherAgent, evaluate, validation
from agents.runs.config import RunConfig, TaskConfig, make_env
from agents.runs.results import Job
from agents.runs.run import train
from catmouse.command_line import DONE, Parser, need, wrong_usage
from catmouse.learners import EvolutionConfig, QLearningConfig
from catmouse.plots.agents_figure import draw_agents
from catmouse.unfinished import add_keeping, unfinished

GAMES = ("CatMouse-v0", "CatMouseChase-v0")

Trained = tuple[Policy, int]
"""A policy and the games that it was trained on."""


def supervised(game: TaskConfig, seed: int, teacher: str | None = None, games: int | None = None) -> Trained:
    """Learns a teacher's labels (the environment's own unless another is named)."""
    run = train(RunConfig(env_id=game.env_id, seed=seed, teacher=teacher, games=games))
    return run.brain, run.trainer.games_played


def evolved(game: TaskConfig, seed: int) -> Trained:
    """Bred for survival where the mouse can be caught, for the sum of rewards where it can't."""
    env: Any = make_env(game, 1)
    fitness = "survival" if env.unwrapped.spec.kwargs.get("lethal") else "return"
    config = EvolutionConfig(env_id=game.env_id, fitness=fitness, seed=seed)
    evolution = config.evolution()
    while not evolution.finished:
        evolution.advance()
    return evolution.brain, evolution.games_played


def q_learned(game: TaskConfig, seed: int) -> Trained:
    """Learns by trial and error."""
    config = QLearningConfig(env_id=game.env_id, seed=seed)
    learner = config.learner()
    while not learner.finished:
        learner.advance()
    return learner.table, learner.games_played


def optimal(game: TaskConfig, seed: int) -> Trained:
    """The best there is, worked out by dynamic programming."""
    return TeacherAgent(make_env(TaskConfig(env_id=game.env_id, teacher="optimal"), 1)), 0


AGENTS: dict[str, Callable[[TaskConfig, int], Trained]] = {
    "random": lambda game, seed: (RandomAgent(make_env(game, 1), seed), 0),
    "teacher": lambda game, seed: (TeacherAgent(make_env(game, 1)), 0),
    "optimal": optimal,
    "supervised": supervised,
    "supervised by optimal": lambda game, seed: supervised(game, seed, teacher="optimal"),
    "evolved": evolved,
    "Q-learned": q_learned,
}
LEARNERS = ("supervised", "supervised by optimal", "evolved", "Q-learned")


@dataclass
class Row:
    """An agent's results in one game, a number a seed each."""

    agent: str
    results: list[Evaluation]
    games: list[int]
    seconds: list[float]

    def of(self, name: str) -> list[float]:
        """One figure of the certificates."""
        return [float(getattr(result, name)) for result in self.results]


def make_jobs(env_ids: list[str], seeds: list[int]) -> list[Job]:
    """An agent in a game each; only of those that learn or draw are there several, a seed each."""
    return [
        {"env_id": env_id, "agent": agent, "seed": seed}
        for env_id in env_ids
        for agent in AGENTS
        for seed in (seeds if agent in LEARNERS or agent == "random" else seeds[:1])
    ]


def measure(job: Job) -> dict[str, Any]:
    """Train and judge one agent."""
    game, seed = TaskConfig(env_id=job["env_id"]), job["seed"]
    began = time.process_time()
    policy, games = AGENTS[job["agent"]](game, seed)
    seconds = time.process_time() - began
    result = evaluate(policy, make_env(game, 1), seed)
    return {"games": games, "seconds": seconds, "result": result.as_dict()}


def rows_by_game(found: list[dict[str, Any]]) -> dict[str, list[Row]]:
    """What `measure` told, by game and agent; KeyError, TypeError or ValueError if it is not that."""
    games: dict[str, dict[str, Row]] = {}
    for one in found:
        rows = games.setdefault(one["job"]["env_id"], {})
        row = rows.setdefault(one["job"]["agent"], Row(one["job"]["agent"], [], [], []))
        row.results.append(Evaluation(**one["result"]))
        row.games.append(validation.of_type("games", one["games"], int))
        row.seconds.append(validation.of_type("seconds", one["seconds"], float))
        for name in ("starts", "mean_return", "survival_rate", "mistakes_per_game"):
            row.of(name)
    return {env_id: list(rows.values()) for env_id, rows in games.items()}


def table(env_id: str, rows: list[Row]) -> str:
    """One game's results as text."""
    lethal = any(result.lethal for row in rows for result in row.results)
    survival = (f"{'survived %':>14}", f"{'mean':>7}{'worst':>7}") if lethal else ("", "")
    seeds = max(len(row.results) for row in rows)
    lines = [
        f"{env_id}, one game from each of {rows[0].results[0].starts:,} starts",
        f"({seeds} seed{'s' * (seeds > 1)} of random and of each learner; disagreements with the teacher)",
        "",
        f"{'':21}{'mean return':>16}{'disagreements':>14}{survival[0]}{'games':>8}{'CPU s':>6}",
        f"{'agent':21}{'mean':>8}{'worst':>8}{'a game':>14}{survival[1]}{'played':>8}",
    ]
    for row in rows:
        returned, survived = row.of("mean_return"), row.of("survival_rate")
        learner = row.agent in LEARNERS
        lines.append(
            f"{row.agent:21}{np.mean(returned):>8.3f}{min(returned):>8.3f}"
            f"{np.mean(row.of('mistakes_per_game')):>14.3f}"
            + (f"{100 * np.mean(survived):>7.2f}{100 * min(survived):>7.2f}" if lethal else "")
            + (f"{np.mean(row.games):>8,.0f}{np.mean(row.seconds):>6.1f}" if learner else "")
        )
    return "\n".join(lines)


def parse(arguments: list[str] | None) -> argparse.Namespace:
    parser = Parser("compare-agents", __doc__)
    parser.add_argument(
        "--env-id", nargs="+", default=list(GAMES), help="games to play (default: %(default)s)", metavar="ID"
    )
    parser.add_seeds([0, 1, 2], "of each learner")
    parser.add_figure(Path("agents.png"))
    add_keeping(parser, "compare-agents")
    parser.add_quiet()
    return parser.read(arguments)


def main(command: list[str] | None = None) -> int:
    arguments = parse(command)
    need("matplotlib", "plots", "the figure")
    with wrong_usage():
        for env_id in arguments.env_id:
            make_env(TaskConfig(env_id=env_id), 1).close()
    jobs = make_jobs(list(dict.fromkeys(arguments.env_id)), list(dict.fromkeys(arguments.seeds)))
    with unfinished(arguments, jobs, lambda row: rows_by_game([row]), [arguments.figure.parent]) as work:
        told = "{env_id}: {agent}, seed {seed}"
        found = rows_by_game(work.carry_out(measure, "agents", arguments.quiet, told))
        print("\n\n".join(table(env_id, rows) for env_id, rows in found.items()), flush=True)
        draw_agents(found).savefig(arguments.figure, dpi=150)
    print(f"\nThe figure is in {arguments.figure}")
    return DONE
