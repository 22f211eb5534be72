"""Steps a second of environments, single and vectorised."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import gymnasium as gym
import numpy as np

import catmouse_env  # noqa: F401  (registers the environments)
from benchmarks.timing import absent, in_turns, installed

CLIFF = "CliffWalking-v1" if "CliffWalking-v1" in gym.registry else "CliffWalking-v0"  # of Gymnasium 1.1
PEERS = ("FrozenLake-v1", CLIFF, "CartPole-v1")
MINIGRID = "MiniGrid-Empty-5x5-v0"
STEPS = 1_000
WARM_UP = 20  # times STEPS, of every environment before it is measured
GAME_STEPS = 22  # of a vector environment in a row at least: whole games with their resets, not a cold start
SIZES = (1, 64, 1_024, 16_384, 262_144)
MAX_SYNC = 1_024  # games of a SyncVectorEnv, and of EnvPool: more would take minutes
UNIT = "M steps/s"
BARE = "bare look-ups and draws"


def single(repeats: int) -> list[dict[str, Any]]:
    """One game at a time, through `gym.make` and unwrapped."""
    rows = []
    if installed("minigrid"):
        import minigrid  # noqa: F401  (registers the environments)
    for task, raw in (("through gym.make", False), ("unwrapped", True)):
        workers: dict[str, tuple[Callable[[], Any], float]] = {
            "CatMouse": (player("CatMouse-v0", raw), STEPS / 1e6)
        }
        for peer in PEERS:
            workers[peer] = (player(peer, raw), STEPS / 1e6)
        if installed("minigrid"):
            workers[MINIGRID] = (player(MINIGRID, raw), STEPS / 1e6)
        rows += in_turns(task, workers, UNIT, repeats)
        if not installed("minigrid"):
            rows.append(absent(task, MINIGRID))
    return rows


def player(name: str, raw: bool) -> Callable[[], None]:
    """Plays STEPS random moves of an environment; a game that ends begins anew."""
    env: Any = gym.make(name)
    if raw:
        env = env.unwrapped
    actions = np.random.default_rng(0).integers(0, int(env.action_space.n), STEPS).tolist()
    env.reset(seed=0)

    def play() -> None:
        for action in actions:
            _, _, terminated, truncated, _ = env.step(action)
            if terminated or truncated:
                env.reset()

    env.reset()
    for _ in range(WARM_UP):  # ours remembers what it has worked out
        play()
    return play


def vector(repeats: int) -> list[dict[str, Any]]:
    """Many games at once."""
    rows = []
    for games in SIZES:
        task = f"{games:,} games"
        steps = max(GAME_STEPS, 2_048 // games)
        count = steps * games / 1e6
        workers = {
            "CatMouse": (vector_player(gym.make_vec("CatMouse-v0", num_envs=games), games, 4, steps), count)
        }
        cartpole = gym.make_vec("CartPole-v1", num_envs=games, vectorization_mode="vector_entry_point")
        workers["CartPole vector"] = (vector_player(cartpole, games, 2, steps), count)
        if games <= MAX_SYNC:
            sync = gym.vector.SyncVectorEnv([lambda: gym.make("CatMouse-v0")] * games)
            workers["CatMouse SyncVectorEnv"] = (vector_player(sync, games, 4, steps), count)
            if installed("envpool"):
                import envpool

                pool = envpool.make("CartPole-v1", env_type="gymnasium", num_envs=games, num_threads=1)
                workers["EnvPool CartPole"] = (vector_player(pool, games, 2, steps), count)
        workers[BARE] = (bare_vector_player(games, steps), count)
        measured = in_turns(task, workers, UNIT, repeats)
        ours, bare = measured[0]["median"], measured[-1]["median"]
        measured[-1]["note"] = f"a yardstick; {100 * ours / bare:.0f} % of its speed"
        rows += measured
        if games <= MAX_SYNC and not installed("envpool"):
            rows.append(absent(task, "EnvPool CartPole"))
    return rows


def bare_vector_player(games: int, steps: int) -> Callable[[], None]:
    """What a vector environment's step can't do without, bare: look-ups, and draws for new games.

    A look-up each for the new cells, the reward, what is seen and the labels, in tables of a 6 x 6 room's
    size; and in one step of eleven the four numbers of each start.
    """
    rng = np.random.default_rng(0)
    move, pair = rng.integers(0, 4 * 36**2, games), rng.integers(0, 36**2, games)
    pairs, rewards = np.zeros(4 * 36**2, np.int64), np.zeros(4 * 36**2)
    seen, labels = np.zeros((36**2, 4), np.float32), np.zeros(36**2, [("reading", float), ("action", int)])

    def play() -> None:
        for step in range(steps):
            pairs.take(move)
            rewards.take(move)
            seen.take(pair, 0)
            labels.take(pair)
            if step % 11 == 0:
                rng.integers(0, 6, (games, 4))

    return play


def vector_player(env: Any, games: int, actions: int, steps: int) -> Callable[[], None]:
    """Plays some random moves of a vector environment."""
    moves = np.random.default_rng(0).integers(0, actions, (steps, games))
    env.reset()

    def play() -> None:
        for move in moves:
            env.step(move)

    return play
