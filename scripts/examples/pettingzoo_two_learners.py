"""PettingZoo: cat and mouse both learn, by playing each other. Two Q tables, independent of one another.

Needs: pip install -e ".[duel]". Half a minute.
"""

import itertools
from collections.abc import Callable
from typing import Any

import numpy as np
from gymnasium.error import DependencyNotInstalled

from catmouse_env import parallel_env

SIDE, MOVES, GAMES = 4, 10, 20_000
RATE, DISCOUNT = 0.2, 0.95

Chooser = Callable[[str, Any, Any], int]
"""What an agent does: its name, what it observes, its info -> action."""

try:
    env: Any = parallel_env(width=SIDE, height=SIDE, cat_directions=4, max_steps=MOVES)
except DependencyNotInstalled as error:
    raise SystemExit(str(error)) from error
rng = np.random.default_rng(0)
# For each agent: observation -> values of the actions.
tables: dict[str, dict[bytes, Any]] = {agent: {} for agent in env.possible_agents}


def values(agent: str, observation: Any) -> Any:
    """An agent's row of its table; a new one for what it has never seen."""
    return tables[agent].setdefault(observation.tobytes(), np.zeros(env.action_space(agent).n))


def learned(agent: str, observation: Any, info: Any) -> int:
    """What an agent has learned to do."""
    return int(values(agent, observation).argmax())


def simple(agent: str, observation: Any, info: Any) -> int:
    """What an agent's own teacher says: the mouse flees, the cat chases."""
    return int(info["ideal_action"])


def drawn(agent: str, observation: Any, info: Any) -> int:
    """Any move."""
    return int(rng.integers(env.action_space(agent).n))


def survival(cat: Chooser, mouse: Chooser) -> float:
    """In which part of the games, one from every start, the mouse is not caught."""
    cells = list(itertools.product(range(SIDE), repeat=2))
    starts = [(a, b) for a in cells for b in cells if a != b]
    survived = 0
    for cat_at, mouse_at in starts:
        observations, infos = env.reset(options={"cat": cat_at, "mouse": mouse_at})
        while env.agents:
            players = {"cat": cat, "mouse": mouse}
            actions = {a: players[a](a, observations[a], infos[a]) for a in env.agents}
            observations, _, terminations, _, infos = env.step(actions)
        survived += not terminations["mouse"]
    return survived / len(starts)


for game in range(GAMES):
    observations, _ = env.reset(seed=0 if game == 0 else None)
    explore = max(0.05, 1 - 1.5 * game / GAMES)
    while env.agents:
        rows = {agent: values(agent, observations[agent]) for agent in env.agents}
        actions = {
            agent: int(rng.integers(len(row))) if rng.random() < explore else int(row.argmax())
            for agent, row in rows.items()
        }
        observations, rewards, terminations, _, _ = env.step(actions)
        for agent, row in rows.items():
            later = 0 if terminations[agent] else values(agent, observations[agent]).max()
            row[actions[agent]] += RATE * (rewards[agent] + DISCOUNT * later - row[actions[agent]])

choosers = {"drawn": drawn, "simple": simple, "learned": learned}
table = {
    (cat, mouse): 100 * survival(choosers[cat], choosers[mouse]) for cat in choosers for mouse in choosers
}
print("the mouse survives, in % of the games from every start:")
for (cat, mouse), percent in table.items():
    print(f"  {percent:5.1f}  cat {cat:7}  mouse {mouse}")
assert table["simple", "learned"] > table["simple", "simple"] + 50, "the mouse has not learned"
assert table["learned", "drawn"] < table["drawn", "drawn"] - 20, "the cat has not learned"
