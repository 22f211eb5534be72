"""Stable-Baselines3 on CatMouse: its checker, its DQN and PPO, and its evaluation of a brain of ours.

Needs: pip install torch==2.13.0, then pip install -e ".[sb3]". A minute on two cores.
"""

import gymnasium as gym

from agents import Brain, RandomAgent, SupervisedTrainer, evaluate

try:
    import torch
    from stable_baselines3 import DQN, PPO
    from stable_baselines3.common.env_checker import check_env
    from stable_baselines3.common.env_util import make_vec_env
    from stable_baselines3.common.evaluation import evaluate_policy
except ImportError as error:
    raise SystemExit(f'{error.name} is missing: pip install -e ".[sb3]"') from error

ID = "catmouse_env:CatMouse-v0"
torch.set_num_threads(1)  # networks this small are slower on several

env = gym.make(ID)
check_env(env)

chance = evaluate(RandomAgent(env, seed=0), env).mean_return
print(f"random   mean return {chance:.2f} over every start; the best there is: 4.11")

ppo = PPO("MlpPolicy", make_vec_env(ID, n_envs=32), n_steps=32, batch_size=256, learning_rate=2e-3, seed=0)
ppo.learn(60_000)
dqn = DQN(
    "MlpPolicy",
    make_vec_env(ID, n_envs=16),
    learning_rate=2e-3,
    gamma=0.9,
    train_freq=2,
    learning_starts=1_000,
    target_update_interval=500,
    exploration_fraction=0.5,
    seed=0,
)
dqn.learn(40_000)
for name, model in (("PPO", ppo), ("DQN", dqn)):
    # Theirs are policies here: the same protocol, so the certificate takes them as they are ...
    certificate = evaluate(model, env)
    print(
        f"{name}      mean return {certificate.mean_return:.2f}, mistakes {certificate.mistakes_per_game:.2f}"
    )
    assert certificate.mean_return > 3.5, f"{name} has not learned"

# ... and ours are policies there.
brain = Brain(cell="elman", hidden=32, seed=0)
trainer = SupervisedTrainer(gym.make_vec(ID, num_envs=64), brain, learning_rate=0.02, total_games=50_000)
while trainer.games_played < 50_000:
    trainer.update()
mean, spread = evaluate_policy(brain, make_vec_env(ID, n_envs=8, seed=0), n_eval_episodes=200)
print(f"a brain, in Stable-Baselines3's evaluate_policy: {mean:.2f} +- {spread:.2f}")
assert mean > chance + 1, "the brain has not learned"
