"""Steps a second of environments in a compiled loop of JAX, with resets and labels, and of ours in numpy."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import gymnasium as gym
import numpy as np

import catmouse_env  # noqa: F401  (registers the environments)
from benchmarks.timing import absent, in_turns, installed

SIZES = (1, 1_024, 65_536)
STEPS = 1_000  # of a loop
SLOW_STEPS = {65_536: 50}  # of peers that would take minutes
UNIT = "M steps/s"
GYMNAX = {"gymnax CartPole": "CartPole-v1", "gymnax Catch": "Catch-bsuite"}
NAVIX, NAVIX_ROOM = "NAVIX Empty 5x5", "Navix-Empty-5x5-v0"

Step = Callable[[Any, Any, Any], tuple[Any, Any]]


def jax_environments(repeats: int) -> list[dict[str, Any]]:
    """Ours as arrays, ours under vmap, ours in numpy, and the peers that are installed."""
    if not installed("jax"):
        return [absent(f"{games:,} games", "CatMouse in JAX") for games in SIZES]
    import jax

    device = jax.devices()[0]
    clock = time.process_time if device.platform == "cpu" else time.perf_counter
    rows = []
    for games in SIZES:
        task = f"{games:,} games on {device.device_kind}"
        slow = SLOW_STEPS.get(games, STEPS)
        workers = {
            "CatMouse, one key": (player(*ours(games, False), STEPS), STEPS * games / 1e6),
            "CatMouse, vmap": (player(*ours(games, True), STEPS), STEPS * games / 1e6),
            "CatMouse in numpy": (numpy_player(games), STEPS * games / 1e6),
        }
        missing = []
        for name, env_id in GYMNAX.items():
            if installed("gymnax"):
                workers[name] = (player(*gymnax(env_id, games), slow), slow * games / 1e6)
            else:
                missing.append(name)
        if installed("navix"):
            workers[NAVIX] = (player(*navix(games), slow), slow * games / 1e6)
        else:
            missing.append(NAVIX)
        rows += in_turns(task, workers, UNIT, repeats, clock)
        rows += [absent(task, name) for name in missing]
    return rows


def player(step: Step, state: Any, games: int, actions: int, steps: int) -> Callable[[], None]:
    """Plays moves in a compiled loop, which makes all that a step returns, at every step.

    Args:
        step: Key, state, actions (games,) -> state and what else is returned.
        state: The games' first.
        games: How many.
        actions: How many there are to choose from.
        steps: Moves of a call.
    """
    import jax
    import jax.numpy as jnp

    chosen = jnp.asarray(np.random.default_rng(0).integers(0, actions, games), jnp.int32)

    def loop(key: Any, state: Any) -> Any:
        def move(carry: Any, number: Any) -> tuple[Any, None]:
            key, state, _ = carry
            key, now = jax.random.split(key)
            return (key, *step(now, state, (chosen + number) % actions)), None

        told = jax.tree.map(
            lambda x: jnp.zeros(x.shape, x.dtype), jax.eval_shape(step, key, state, chosen)[1]
        )
        return jax.lax.scan(move, (key, state, told), jnp.arange(steps))[0]

    key, compiled = jax.random.key(0), jax.jit(loop)
    return lambda: compiled(key, state)[0].block_until_ready()


def ours(games: int, vmapped: bool) -> tuple[Step, Any, int, int]:
    """Our environment, with what a step and its labels tell."""
    import jax

    from catmouse_env.jax import make

    env, params = make("CatMouse-v0")
    _, state = env.reset(jax.random.key(1), params, (games,))

    def step(key: Any, state: Any, action: Any) -> tuple[Any, Any]:
        if vmapped:
            keys = jax.random.split(key, games)
            seen, state, *told, info = jax.vmap(env.step, (0, 0, 0, None))(keys, state, action, params)
        else:
            seen, state, *told, info = env.step(key, state, action, params)
        return state, (seen, *told, info["ideal_action"], info["ideal_direction"])

    return step, state, games, 4


def gymnax(env_id: str, games: int) -> tuple[Step, Any, int, int]:
    """An environment of gymnax; its games reset themselves."""
    import gymnax
    import jax

    env, params = gymnax.make(env_id)
    _, state = jax.vmap(env.reset, (0, None))(jax.random.split(jax.random.key(1), games), params)

    def step(key: Any, state: Any, action: Any) -> tuple[Any, Any]:
        keys = jax.random.split(key, games)
        seen, state, *told, _ = jax.vmap(env.step, (0, 0, 0, None))(keys, state, action, params)
        return state, (seen, *told)

    return step, state, games, int(env.action_space(params).n)


def navix(games: int) -> tuple[Step, Any, int, int]:
    """NAVIX's empty room, by symbols as MiniGrid's; its games reset themselves."""
    import jax
    import navix

    env = navix.make(NAVIX_ROOM)
    state = jax.vmap(env.reset)(jax.random.split(jax.random.key(1), games))

    def step(key: Any, state: Any, action: Any) -> tuple[Any, Any]:
        state = jax.vmap(env.step)(state, action)
        return state, (state.observation, state.reward)

    return step, state, games, int(env.action_space.n)


def numpy_player(games: int) -> Callable[[], None]:
    """As many moves of our vector environment, from Python."""
    env = gym.make_vec("CatMouse-v0", num_envs=games)
    env.reset(seed=0)
    moves = np.random.default_rng(0).integers(0, 4, (10, games))

    def play() -> None:
        for number in range(STEPS):
            env.step(moves[number % 10])

    return play
