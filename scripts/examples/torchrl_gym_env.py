"""TorchRL on CatMouse: its checker on `GymEnv`, then PPO with its collector on the native vector environment.

Needs: pip install torch==2.13.0, then pip install -e ".[torchrl]". Half a minute on two cores.
"""

import gymnasium as gym

try:
    import torch
    from tensordict.nn import TensorDictModule
    from torch import nn
    from torchrl.collectors import Collector
    from torchrl.envs import GymEnv, GymWrapper
    from torchrl.envs.utils import ExplorationType, check_env_specs, set_exploration_type
    from torchrl.modules import OneHotCategorical, ProbabilisticActor, ValueOperator
    from torchrl.objectives import ClipPPOLoss
    from torchrl.objectives.value import GAE
except ImportError as error:
    raise SystemExit(f'{error.name} is missing: pip install -e ".[torchrl]"') from error

ID = "catmouse_env:CatMouse-v0"
GAMES = 128  # side by side
MOVES = 100 * 10 * GAMES
torch.manual_seed(0)
torch.set_num_threads(1)

env = GymEnv(ID)
check_env_specs(env)

actor = ProbabilisticActor(
    TensorDictModule(
        nn.Sequential(nn.Linear(4, 64), nn.Tanh(), nn.Linear(64, 4)), ["observation"], ["logits"]
    ),
    in_keys=["logits"],
    distribution_class=OneHotCategorical,
    return_log_prob=True,
)
critic = ValueOperator(nn.Sequential(nn.Linear(4, 64), nn.Tanh(), nn.Linear(64, 1)))
advantages = GAE(gamma=0.9, lmbda=0.9, value_network=critic)
loss = ClipPPOLoss(actor, critic, clip_epsilon=0.2, entropy_coeff=0.01)
optimizer = torch.optim.Adam(loss.parameters(), lr=5e-3)

# TorchRL resets the games that are over by itself, so autoreset is off.
games = GymWrapper(gym.make_vec(ID, num_envs=GAMES, autoreset_mode="Disabled"))
collector = Collector(
    games, actor, frames_per_batch=10 * GAMES, total_frames=MOVES, auto_register_policy_transforms=True
)
for batch in collector:
    for _ in range(4):
        with torch.no_grad():
            advantages(batch)
        for part in batch.reshape(-1)[torch.randperm(batch.numel())].split(320):
            losses = loss(part)
            optimizer.zero_grad()
            (losses["loss_objective"] + losses["loss_critic"] + losses["loss_entropy"]).backward()
            optimizer.step()

with torch.no_grad(), set_exploration_type(ExplorationType.DETERMINISTIC):
    test = GymWrapper(gym.make_vec(ID, num_envs=1000, autoreset_mode="Disabled"))
    test.set_seed(1)
    mean_return = test.rollout(10, actor)["next", "reward"].sum(dim=1).mean().item()
print(f"mean return {mean_return:.2f} in 1,000 games (random: about 0, the best there is: 4.11)")
assert mean_return > 3, "PPO has not learned"
