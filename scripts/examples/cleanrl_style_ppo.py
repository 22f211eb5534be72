"""PPO in one file in the style of CleanRL: read it from top to bottom. Thousands of games side by side.

Needs: pip install torch==2.13.0, then pip install -e ".[torch]". Half a minute on two cores.
"""

import argparse
from dataclasses import dataclass, fields
from typing import Any

import gymnasium as gym
import numpy as np

import catmouse_env  # noqa: F401  (registers the environments)
from agents import evaluate

try:
    import torch
    from torch import nn
    from torch.distributions import Categorical
except ImportError as error:
    raise SystemExit(f'{error.name} is missing: pip install -e ".[torch]"') from error


@dataclass
class Args:
    env_id: str = "CatMouse-v0"
    """which game"""
    num_envs: int = 512
    """games side by side: one native vector environment plays them all"""
    num_steps: int = 10
    """moves of each game between updates"""
    iterations: int = 60
    """updates"""
    epochs: int = 4
    """passes over the moves played, for each update"""
    minibatches: int = 4
    """parts of a pass"""
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


def parse() -> Args:
    parser = argparse.ArgumentParser(usage="%(prog)s [options]", description=__doc__)
    for field in fields(Args):
        parser.add_argument(
            "--" + field.name.replace("_", "-"), type=type(field.default), default=field.default
        )
    return Args(**vars(parser.parse_args()))


class Agent(nn.Module):
    def __init__(self, inputs: int, actions: int) -> None:
        super().__init__()
        self.actor = nn.Sequential(nn.Linear(inputs, 64), nn.Tanh(), nn.Linear(64, actions))
        self.critic = nn.Sequential(nn.Linear(inputs, 64), nn.Tanh(), nn.Linear(64, 1))

    def distribution(self, observation: torch.Tensor) -> Categorical:
        return Categorical(logits=self.actor(2 * observation - 1))

    def value(self, observation: torch.Tensor) -> torch.Tensor:
        return self.critic(2 * observation - 1)[..., 0]

    def predict(
        self, observation: Any, state: Any = None, episode_start: Any = None, deterministic: bool = True
    ) -> tuple[Any, Any]:
        """All that `agents.evaluate` asks of a policy."""
        with torch.no_grad():
            return self.actor(2 * torch.as_tensor(observation) - 1).argmax(-1).numpy(), state


args = parse()
torch.manual_seed(args.seed)
torch.set_num_threads(1)
envs: Any = gym.make_vec(args.env_id, num_envs=args.num_envs, autoreset_mode="SameStep")
agent = Agent(envs.single_observation_space.shape[0], int(envs.single_action_space.n))
optimizer = torch.optim.Adam(agent.parameters(), lr=args.learning_rate, eps=1e-5)

shape = (args.num_steps, args.num_envs)
observations = torch.zeros(*shape, *envs.single_observation_space.shape)
actions, log_probs, values = torch.zeros(shape), torch.zeros(shape), torch.zeros(shape)
rewards, next_values, ended = torch.zeros(shape), torch.zeros(shape), torch.zeros(shape)

observation = torch.as_tensor(envs.reset(seed=args.seed)[0])
for iteration in range(args.iterations):
    optimizer.param_groups[0]["lr"] = args.learning_rate * (1 - iteration / args.iterations)
    for step in range(args.num_steps):
        with torch.no_grad():
            distribution = agent.distribution(observation)
            action = distribution.sample()
            observations[step], actions[step] = observation, action
            log_probs[step], values[step] = distribution.log_prob(action), agent.value(observation)
            seen, reward, terminated, truncated, info = envs.step(action.numpy())
            observation, over = torch.as_tensor(seen), terminated | truncated
            # A game cut off by its limit goes on in the value of its last observation.
            last = seen.copy()
            if over.any():
                last[over] = np.stack(info["final_obs"][over])
            next_values[step] = agent.value(torch.as_tensor(last)) * torch.as_tensor(~terminated)
            rewards[step], ended[step] = torch.as_tensor(reward), torch.as_tensor(over)

    advantages, advantage = torch.zeros(shape), torch.zeros(args.num_envs)
    for step in reversed(range(args.num_steps)):
        delta = rewards[step] + args.gamma * next_values[step] - values[step]
        advantage = delta + args.gamma * args.gae_lambda * (1 - ended[step]) * advantage
        advantages[step] = advantage
    returns = advantages + values

    flat = [x.flatten(0, 1) for x in (observations, actions, log_probs, advantages, returns)]
    for _ in range(args.epochs):
        for part in torch.randperm(args.num_steps * args.num_envs).chunk(args.minibatches):
            seen_, action_, log_prob_, advantage_, return_ = (x[part] for x in flat)
            distribution = agent.distribution(seen_)
            ratio = (distribution.log_prob(action_) - log_prob_).exp()
            advantage_ = (advantage_ - advantage_.mean()) / (advantage_.std() + 1e-8)
            policy_loss = -torch.min(
                advantage_ * ratio, advantage_ * ratio.clamp(1 - args.clip, 1 + args.clip)
            ).mean()
            value_loss = 0.5 * (agent.value(seen_) - return_).square().mean()
            loss = policy_loss + 0.5 * value_loss - args.entropy * distribution.entropy().mean()
            optimizer.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(agent.parameters(), 0.5)
            optimizer.step()
    if iteration % 10 == 9:
        moves = (iteration + 1) * args.num_steps * args.num_envs
        print(f"{moves:>9,} moves, reward a move {rewards.mean():.3f}")

certificate = evaluate(agent, envs)
print(f"mean return {certificate.mean_return:.2f} over every start (the best there is: 4.11)")
assert args.env_id != "CatMouse-v0" or certificate.mean_return > 3.5, "PPO has not learned"
