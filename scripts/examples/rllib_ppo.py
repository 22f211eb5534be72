"""RLlib: PPO on CatMouse. RLlib pins gymnasium 1.2.2, so it wants a virtual environment of its own.

Needs: pip install torch==2.13.0, then pip install -e ".[rllib]". A minute on two cores.
"""

from typing import Any

import gymnasium as gym
import numpy as np

from agents import evaluate

try:
    import ray
    import torch
    from ray.rllib.algorithms.ppo import PPOConfig
    from ray.rllib.core.columns import Columns
    from ray.rllib.core.rl_module.default_model_config import DefaultModelConfig
except ImportError as error:
    raise SystemExit(f'{error.name} is missing: pip install -e ".[rllib]"') from error

ID = "catmouse_env:CatMouse-v0"


class FromModule:
    """RLlib's policy by our protocol: the action with the largest logit."""

    def __init__(self, module: Any) -> None:
        self.module = module

    def predict(
        self, observation: Any, state: Any = None, episode_start: Any = None, deterministic: bool = True
    ) -> tuple[Any, Any]:
        with torch.no_grad():
            out = self.module.forward_inference({Columns.OBS: torch.as_tensor(np.asarray(observation))})
        return out[Columns.ACTION_DIST_INPUTS].argmax(-1).numpy(), state


ray.init(address="local", include_dashboard=False)  # a small cluster of its own, whatever else is running
config = (
    PPOConfig()
    .environment(ID)
    .env_runners(num_env_runners=0, num_envs_per_env_runner=32)  # all in this process
    .rl_module(model_config=DefaultModelConfig(fcnet_hiddens=[64], fcnet_activation="tanh"))
    .training(lr=5e-3, gamma=0.9, train_batch_size=2048, minibatch_size=256, num_epochs=4, entropy_coeff=0.01)
    .debugging(seed=0)
)
algorithm = config.build_algo()
for iteration in range(1, 31):
    result = algorithm.train()
    if iteration % 10 == 0:
        print(f"{iteration} iterations: mean return {result['env_runners']['episode_return_mean']:.2f}")
certificate = evaluate(FromModule(algorithm.get_module()), gym.make(ID))
algorithm.stop()
print(
    f"mean return {certificate.mean_return:.2f} over every start (random: about 0, the best there is: 4.11)"
)
assert certificate.mean_return > 3, "PPO has not learned"
