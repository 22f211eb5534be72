"""DAgger of 64 recurrent networks at once, environment and learners in one compiled run of JAX.

Needs: pip install -e ".[jax]". A minute on one core.
"""

import argparse
import time
from dataclasses import dataclass, fields
from typing import Any

import gymnasium as gym

import catmouse_env  # noqa: F401  (registers the environments)
from agents import Brain, evaluate

try:
    import jax
    import jax.numpy as jnp
    import optax
except ImportError as error:
    raise SystemExit(f'{error.name} is missing: pip install -e ".[jax]"') from error

from agents.jax_weights import forward, from_jax, initial_state, to_jax
from catmouse_env.jax import make


@dataclass
class Args:
    env_id: str = "CatMouse-v0"
    """which game"""
    seeds: int = 64
    """networks, each with first weights and games of its own"""
    cell: str = "elman"
    """elman, gru or lstm"""
    hidden: int = 48
    """hidden units"""
    games: int = 128
    """games of each update"""
    updates: int = 1_500
    """updates of each network"""
    learning_rate: float = 0.02
    """of Muon, falling linearly to 0"""


def parse() -> Args:
    parser = argparse.ArgumentParser(usage="%(prog)s [options]", description=__doc__)
    for field in fields(Args):
        parser.add_argument(
            "--" + field.name.replace("_", "-"), type=type(field.default), default=field.default
        )
    return Args(**vars(parser.parse_args()))


args = parse()
env, params = make(args.env_id)
brains = [
    Brain(cell=args.cell, hidden=args.hidden, seed=seed, recurrent_gain=0.0) for seed in range(args.seeds)
]
config = brains[0].config
optimizer = optax.chain(
    optax.contrib.muon(
        optax.linear_schedule(args.learning_rate, 0.0, args.updates),
        ns_steps=3,
        beta=0.9,
        nesterov=False,
        consistent_rms=1.0,
    ),
    # The game can be played without memory; so its weights begin at 0 and take small steps.
    optax.masked(optax.scale(0.1), {name: name == "hidden_to_hidden" for name in brains[0].parameters}),
)


def loss(weights: Any, key: Any) -> tuple[Any, Any]:
    """Play games by the network's own hand: cross-entropy with the teacher's labels, and mistakes a game."""
    seen, state = env.reset(key, params, (args.games,))
    label = env.labels(state, params)["ideal_action"]

    def move(carry: Any, _: None) -> tuple[Any, Any]:
        seen, label, state, memory = carry
        logits, memory = forward(config, weights, seen, memory)
        action = logits.argmax(-1)
        entropy = optax.softmax_cross_entropy_with_integer_labels(logits, label).mean()
        mistakes = (action != label).mean()
        seen, state, _, _, _, info = env.step(key, state, action, params)
        return (seen, info["ideal_action"], state, memory), (entropy, mistakes)

    memory = initial_state(config, (args.games,))
    _, (entropy, mistakes) = jax.lax.scan(move, (seen, label, state, memory), None, env.config.max_steps)
    return entropy.sum(), mistakes.sum()


def learn(weights: Any, key: Any) -> tuple[Any, Any]:
    """All updates of one network: its weights at the end, and mistakes a game at each update."""

    def update(carry: Any, key: Any) -> tuple[Any, Any]:
        weights, memory = carry
        gradient, mistakes = jax.grad(loss, has_aux=True)(weights, key)
        change, memory = optimizer.update(gradient, memory, weights)
        return (optax.apply_updates(weights, change), memory), mistakes

    keys = jax.random.split(key, args.updates)
    (weights, _), mistakes = jax.lax.scan(update, (weights, optimizer.init(weights)), keys)
    return weights, mistakes


first = jax.tree.map(lambda *each: jnp.stack(each), *map(to_jax, brains))
began, cpu = time.perf_counter(), time.process_time()
run = jax.jit(jax.vmap(learn)).lower(first, jax.random.split(jax.random.key(0), args.seeds)).compile()
compiled = time.process_time() - cpu
weights, mistakes = run(first, jax.random.split(jax.random.key(0), args.seeds))
mistakes.block_until_ready()
print(
    f"{args.seeds} networks, {args.updates * args.games:,} games each: "
    f"{time.process_time() - cpu:.0f} s of CPU time ({compiled:.0f} to compile), "
    f"{time.perf_counter() - began:.0f} s on the clock"
)
for part in range(4):
    at = (part + 1) * args.updates // 4
    print(f"  after {at * args.games:>7,} games each: {mistakes[:, at - 20 : at].mean():.4f} mistakes a game")

# The proof is numpy's: a game from every start, played by the brain with these weights.
certificates = []
for seed, brain in enumerate(brains):
    from_jax({name: each[seed] for name, each in weights.items()}, brain)
    certificates.append(evaluate(brain, gym.make(args.env_id)))
perfect = sum(one.perfect for one in certificates)
worst = max(one.mistakes_per_game for one in certificates)
print(f"{perfect} of {args.seeds} certified without a mistake from any start; the worst: {worst:.4f} a game")
assert perfect == args.seeds or args != Args(), "not all networks have learned"
