"""How the brains of the zoo came to be: each trained anew, and certified."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import gymnasium as gym

from agents import Brain, SupervisedTrainer, zoo
from agents.certificate import certificate, write
from agents.runs.config import RunConfig
from agents.runs.run import train
from catmouse.certificates import FIGHT_ARGUMENTS, guarantee

MICE: dict[str, RunConfig] = {
    "runaway": RunConfig(),
    "memory": RunConfig(env_id="CatMouseMemory-v0"),
    "survivor": RunConfig(env_id="CatMouseChase-v0", teacher="optimal", cell="mlp", hidden=24),
    "smallest": RunConfig(cell="mlp", hidden=7, games=2_000_000),
}
FIGHTERS = {"fight-mouse-mlp2": "mouse", "fight-cat-mlp2": "cat"}
FIGHT: dict[str, Any] = {
    "width": 6,
    "height": 6,
    "cat_directions": 8,
    "max_steps": 10,
    "observe_moves_left": True,
}
FIGHT_HIDDEN, FIGHT_UPDATES, FIGHT_BATCH, FIGHT_RATE = 128, 100_000, 512, 6e-3
SEEDS = 20  # that are tried in turn until a mouse is without mistake


def build(name: str, folder: Path) -> dict[str, Any]:
    """Train a brain of the zoo and write it to a folder with its certificate, which is returned.

    Raises:
        OSError: A file can't be written.
        StopIteration: No seed of the first `SEEDS` gives a mouse without mistake.
    """
    path = folder / f"{name}{zoo.BRAIN}"
    if name in FIGHTERS:
        brain = fighter(FIGHTERS[name])
        brain.save(path)
        told = guarantee(brain, path)
    else:
        run = next(run for run in map(train, by_seed(MICE[name])) if run.finish().perfect)
        run.brain.save(path)
        told = certificate(run.brain, run.env, run.finish(), path)
    write(folder / f"{name}{zoo.CERTIFICATE}", told)
    return told


def by_seed(config: RunConfig) -> list[RunConfig]:
    """The same configuration with one seed after the other."""
    return [replace(config, seed=seed) for seed in range(SEEDS)]


def fighter(player: str, seed: int = 0) -> Brain:
    """A player of the fight without memory, taught by the equilibrium."""
    env = gym.make_vec(
        "CatMouseStateSampler-v0", num_envs=FIGHT_BATCH, player=player, teacher="equilibrium", **FIGHT
    )
    actions = int(env.single_action_space.n)  # type: ignore[attr-defined]
    brain = Brain(cell="mlp2", hidden=FIGHT_HIDDEN, inputs=5, actions=actions, seed=seed)
    trainer = SupervisedTrainer(
        env,
        brain,
        optimizer="adam",
        learning_rate=FIGHT_RATE,
        schedule="cosine",
        total_games=FIGHT_UPDATES * FIGHT_BATCH,
        seed=seed,
    )
    while trainer.updates < FIGHT_UPDATES:
        trainer.update()
    told = {name: FIGHT[name] for name in FIGHT_ARGUMENTS}
    brain.game = {"env_id": "CatMouseChase-v0", "player": player, "learned_from": "labels", **told}
    brain.game["teacher"] = "equilibrium"
    return brain


def try_size(cell: str, hidden: int, seed: int, games: int) -> dict[str, int]:
    """Train the main job with few hidden units: how many weights there are, and mistakes over every start."""
    run = train(RunConfig(cell=cell, hidden=hidden, seed=seed, games=games))
    return {"weights": run.brain.flat.size, "mistakes": run.finish().mistakes}
