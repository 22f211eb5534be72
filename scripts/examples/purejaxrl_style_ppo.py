"""PPO in the style of PureJaxRL: environment, network and all updates in one compiled function.

Needs: pip install -e ".[jax]". Half a minute on one core.
"""

import argparse
from dataclasses import dataclass, fields
from typing import Any, NamedTuple

import gymnasium as gym
import numpy as np

import catmouse_env  # noqa: F401  (registers the environments)
from agents import evaluate

try:
    import jax
    import jax.numpy as jnp
    import optax
except ImportError as error:
    raise SystemExit(f'{error.name} is missing: pip install -e ".[jax]"') from error

from catmouse_env.jax import make


@dataclass
class Args:
    env_id: str = "CatMouse-v0"
    """which game"""
    num_envs: int = 512
    """games side by side"""
    num_steps: int = 10
    """moves of each game between updates"""
    updates: int = 100
    """updates"""
    epochs: int = 4
    """passes over the moves played, for each update"""
    minibatches: int = 4
    """parts of a pass"""
    hidden: int = 64
    """units of the one hidden layer of actor and critic each"""
    learning_rate: float = 3e-3
    """of Adam, falling linearly to 0"""
    gamma: float = 0.9
    """discount"""
    gae_lambda: float = 0.9
    """lambda of generalised advantage estimation"""
    clip: float = 0.2
    """PPO's clip"""
    entropy: float = 0.01
    """weight of the entropy bonus"""
    seed: int = 1
    """of everything"""


class Transition(NamedTuple):
    """What is kept of a move: arrays (num_steps, num_envs, ...)."""

    seen: Any
    action: Any
    log_prob: Any
    value: Any
    reward: Any
    over: Any
    next_value: Any


def parse() -> Args:
    parser = argparse.ArgumentParser(usage="%(prog)s [options]", description=__doc__)
    for field in fields(Args):
        parser.add_argument(
            "--" + field.name.replace("_", "-"), type=type(field.default), default=field.default
        )
    return Args(**vars(parser.parse_args()))


args = parse()
env, params = make(args.env_id)
steps = args.updates * args.epochs * args.minibatches
optimizer = optax.chain(
    optax.clip_by_global_norm(0.5),
    optax.adam(optax.linear_schedule(args.learning_rate, 0.0, steps), eps=1e-5),
)


def draw_network(key: Any, outputs: int) -> dict[str, Any]:
    inner, outer = jax.random.split(key)
    inputs = env.observation_space(params).shape[0]
    return {
        "inner": jax.random.normal(inner, (inputs, args.hidden)) / np.sqrt(inputs),
        "bias": jnp.zeros(args.hidden),
        "outer": 0.01 * jax.random.normal(outer, (args.hidden, outputs)),
    }


def network(weights: dict[str, Any], seen: Any) -> Any:
    return jnp.tanh((2 * seen - 1) @ weights["inner"] + weights["bias"]) @ weights["outer"]


def value_of(weights: Any, seen: Any) -> Any:
    return network(weights["critic"], seen)[..., 0]


def log_prob_of(logits: Any, action: Any) -> Any:
    return jnp.take_along_axis(jax.nn.log_softmax(logits), action[..., None], -1)[..., 0]


def play(weights: Any, carry: Any, key: Any) -> tuple[Any, Transition]:
    """One move of all games."""
    seen, state = carry
    choose, step = jax.random.split(key)
    logits = network(weights["actor"], seen)
    action = jax.random.categorical(choose, logits)
    keys = jax.random.split(step, args.num_envs)
    after, state, reward, terminated, truncated, info = jax.vmap(env.step, (0, 0, 0, None))(
        keys, state, action, params
    )
    # A game cut off by its limit goes on in the value of its last observation.
    next_value = value_of(weights, info["final_observation"]) * ~terminated
    log_prob, value = log_prob_of(logits, action), value_of(weights, seen)
    kept = Transition(seen, action, log_prob, value, reward, terminated | truncated, next_value)
    return (after, state), kept


def advantages_of(moves: Transition) -> Any:
    """Generalised advantage estimation, last move to first."""

    def back(advantage: Any, move: Transition) -> tuple[Any, Any]:
        delta = move.reward + args.gamma * move.next_value - move.value
        advantage = delta + args.gamma * args.gae_lambda * ~move.over * advantage
        return advantage, advantage

    return jax.lax.scan(back, jnp.zeros(args.num_envs), moves, reverse=True)[1]


def loss(weights: Any, moves: Transition, advantage: Any) -> Any:
    """PPO's, of a minibatch."""
    logits = network(weights["actor"], moves.seen)
    ratio = jnp.exp(log_prob_of(logits, moves.action) - moves.log_prob)
    returns = advantage + moves.value
    advantage = (advantage - advantage.mean()) / (advantage.std() + 1e-8)
    clipped = jnp.clip(ratio, 1 - args.clip, 1 + args.clip)
    policy = -jnp.minimum(ratio * advantage, clipped * advantage).mean()
    value = 0.5 * jnp.square(value_of(weights, moves.seen) - returns).mean()
    entropy = -(jax.nn.softmax(logits) * jax.nn.log_softmax(logits)).sum(-1).mean()
    return policy + 0.5 * value - args.entropy * entropy


def train(key: Any, params: Any) -> Any:
    """The weights at the end, and the mean reward of a move at each update."""
    key, actor, critic, reset = jax.random.split(key, 4)
    weights = {"actor": draw_network(actor, env.num_actions), "critic": draw_network(critic, 1)}
    games = jax.vmap(env.reset, (0, None))(jax.random.split(reset, args.num_envs), params)

    def update(carry: Any, key: Any) -> tuple[Any, Any]:
        weights, memory, games = carry
        key, *shuffles = jax.random.split(key, args.epochs + 1)
        games, moves = jax.lax.scan(
            lambda games, key: play(weights, games, key), games, jax.random.split(key, args.num_steps)
        )
        flat = jax.tree.map(lambda x: x.reshape(-1, *x.shape[2:]), (moves, advantages_of(moves)))

        def minibatch(carry: Any, part: Any) -> tuple[Any, None]:
            weights, memory = carry
            change, memory = optimizer.update(jax.grad(loss)(weights, *part), memory, weights)
            return (optax.apply_updates(weights, change), memory), None

        def epoch(carry: Any, shuffle: Any) -> Any:
            order = jax.random.permutation(shuffle, args.num_envs * args.num_steps)
            order = order.reshape(args.minibatches, -1)
            return jax.lax.scan(minibatch, carry, jax.tree.map(lambda x: x[order], flat))

        (weights, memory), _ = jax.lax.scan(epoch, (weights, memory), jnp.stack(shuffles))
        return (weights, memory, games), moves.reward.mean()

    start: Any = (weights, optimizer.init(weights), games)
    (weights, *_), rewards = jax.lax.scan(update, start, jax.random.split(key, args.updates))
    return weights, rewards


class Player:
    """All that `agents.evaluate` asks of a policy."""

    def __init__(self, weights: Any) -> None:
        self._weights = weights

    def predict(
        self, observation: Any, state: Any = None, episode_start: Any = None, deterministic: bool = True
    ) -> tuple[Any, Any]:
        """The likeliest actions."""
        return np.asarray(network(self._weights["actor"], jnp.asarray(observation)).argmax(-1)), state


weights, rewards = jax.jit(train)(jax.random.key(args.seed), params)
for part in np.array_split(np.asarray(rewards), 5):
    print(f"reward a move {part.mean():.3f}")
certificate = evaluate(Player(weights), gym.make(args.env_id))
print(f"mean return {certificate.mean_return:.2f} over every start (the best there is: 4.11)")
assert args.env_id != "CatMouse-v0" or certificate.mean_return > 3.5, "PPO has not learned"
