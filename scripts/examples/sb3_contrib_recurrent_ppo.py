"""Memory with sb3-contrib: RecurrentPPO on a game that shows the cat only once.

Needs: pip install torch==2.13.0, then pip install -e ".[sb3]". A minute on two cores.
"""

from typing import Any

import gymnasium as gym

from agents import RandomAgent, evaluate

try:
    import torch
    from sb3_contrib import RecurrentPPO
    from stable_baselines3.common.env_util import make_vec_env
except ImportError as error:
    raise SystemExit(f'{error.name} is missing: pip install -e ".[sb3]"') from error

ID = "catmouse_env:CatMouseMemory-v0"
ROOM: dict[str, Any] = {"width": 3, "height": 3}  # a small room, so that a minute is enough
torch.set_num_threads(1)

env = gym.make(ID, **ROOM)
chance = evaluate(RandomAgent(env, seed=0), env).mean_return

model = RecurrentPPO(
    "MlpLstmPolicy",
    make_vec_env(ID, n_envs=32, env_kwargs=ROOM),
    n_steps=20,
    batch_size=320,
    n_epochs=5,
    learning_rate=3e-3,
    gamma=0.9,
    policy_kwargs={"lstm_hidden_size": 32, "shared_lstm": True, "enable_critic_lstm": False, "net_arch": []},
    seed=0,
)
model.learn(60_000)
certificate = evaluate(model, env)
print(f"random        mean return {chance:.2f} over every start")
print(f"RecurrentPPO  mean return {certificate.mean_return:.2f}")
assert certificate.mean_return > 1.2, "RecurrentPPO has not learned"
