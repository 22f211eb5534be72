"""Minari: record the teacher's games as an offline data set, read it back, and clone the teacher from it.

Needs: pip install -e ".[minari]". A quarter of a minute. The data set is kept where Minari keeps all (see
MINARI_DATASETS_PATH) and deleted at the end.
"""

import sys
import warnings

import gymnasium as gym
import numpy as np

import catmouse_env  # noqa: F401  (registers the environments)
from agents import Brain, TeacherAgent, evaluate
from agents.optimizers import Adam

try:
    import minari
    from minari import DataCollector
except ImportError as error:
    raise SystemExit(f'{error.name} is missing: pip install -e ".[minari]"') from error

DATA_SET = "catmouse/teacher-v0"
GAMES = 1500
warnings.filterwarnings("ignore", module="minari")  # it would have an e-mail address and a link

if DATA_SET in minari.list_local_datasets():
    sys.exit(f"there is a data set {DATA_SET} already: minari delete {DATA_SET}")

# 1. Record.
env = DataCollector(gym.make("CatMouse-v0"))
teacher = TeacherAgent(gym.make("CatMouse-v0"))
for game in range(GAMES):
    observation, _ = env.reset(seed=game)
    over = False
    while not over:
        action, _ = teacher.predict(observation)
        observation, _, terminated, truncated, _ = env.step(action)
        over = terminated or truncated
env.create_dataset(
    DATA_SET,
    algorithm_name="the flee teacher",
    eval_env="CatMouse-v0",
    author="The CatMouse developers",
    description=f"{GAMES} games of ten moves on 6 x 6, all moves the teacher's.",
)
env.close()

# 2. Read back.
data = minari.load_dataset(DATA_SET)
episodes = list(data.iterate_episodes())
print(f"{data.total_episodes:,} games, {data.total_steps:,} moves; observations {data.observation_space}")
observations = np.stack([episode.observations[:-1] for episode in episodes])  # (games, moves, 4)
actions = np.stack([episode.actions for episode in episodes])  # (games, moves)
minari.delete_dataset(DATA_SET)

# 3. Clone: nothing but the recorded games is used from here on.
moves, batch = actions.shape[1], 50
brain = Brain(cell="elman", hidden=32, seed=0)
buffer = brain.make_buffer(moves, batch)
optimizer, gradient = Adam(brain.flat.size, brain.dtype), np.empty_like(brain.flat)
rng = np.random.default_rng(0)
for epoch in range(epochs := 40):
    for games in rng.permutation(GAMES).reshape(-1, batch):
        buffer.labels.action[...] = actions[games].T
        for move in range(moves):
            brain.encode(observations[games, move], buffer, move)
            brain.forward(buffer, move)
        brain.backward(buffer, brain.head.loss_gradient(buffer.outputs, buffer.labels) / batch, gradient)
        optimizer.update(brain.flat, gradient, 0.01 * (1 - epoch / epochs))

result = evaluate(brain, gym.make("CatMouse-v0"))
print(
    f"the clone: {result.mistakes_per_game:.2f} mistakes a game, {result.perfect_starts:,} of 1,296 perfect"
)
assert result.mistakes_per_game < 1.5, "the clone has not learned"
