"""Models of Stable-Baselines3 and sb3-contrib from their zip files, whichever algorithm wrote them."""

from __future__ import annotations

import json
import zipfile
from importlib import import_module
from pathlib import Path
from typing import Any

from agents import Policy
from agents.environments import action_space, observation_size
from agents.files import open_plain
from catmouse.command_line import install

MAX_BYTES = 1 << 28  # of a zip
MAX_UNPACKED = 1 << 29  # of all that is in it
MAX_DATA = 1 << 24  # of its settings
TORCH = "pip install torch==2.13.0"

# The module of a model's policy class -> algorithm; where several share one, what its settings hold decides.
ALGORITHMS = (
    ("stable_baselines3.dqn", "", "stable_baselines3", "DQN"),
    ("stable_baselines3.sac", "", "stable_baselines3", "SAC"),
    ("stable_baselines3.td3", "", "stable_baselines3", "TD3"),
    ("sb3_contrib.qrdqn", "", "sb3_contrib", "QRDQN"),
    ("sb3_contrib.tqc", "", "sb3_contrib", "TQC"),
    ("sb3_contrib.common.recurrent", "", "sb3_contrib", "RecurrentPPO"),
    ("stable_baselines3.common.policies", "cg_max_steps", "sb3_contrib", "TRPO"),
    ("stable_baselines3.common.policies", "clip_range", "stable_baselines3", "PPO"),
    ("stable_baselines3.common.policies", "", "stable_baselines3", "A2C"),
)


def load_sb3(path: Path, env: Any, trust: bool = False) -> Policy:
    """The model in a zip file, to play in `env`.

    Args:
        path: The file.
        env: What it is to play in.
        trust: Whether the user trusts the file: it holds pickled Python objects, which run as code.

    Raises:
        ValueError: The file is not trusted, can't be read, holds no model of a known algorithm, or does not
            fit the environment; or the library is not installed.
    """
    try:
        with open_plain(path, MAX_BYTES) as plain, zipfile.ZipFile(plain) as file:
            inside = file.infolist()  # no more is unpacked than is said here
            if (
                sum(one.file_size for one in inside) > MAX_UNPACKED
                or file.getinfo("data").file_size > MAX_DATA
            ):
                raise ValueError("it unpacks to more than any model of this game")
            data = dict(json.loads(file.read("data")))
            module = str(data["policy_class"]["__module__"])
    except Exception as error:  # whatever can be wrong with a zip
        raise ValueError(f"{path} is no model of Stable-Baselines3: {error}") from error
    if not trust:
        raise ValueError(
            f"{path} is a model of Stable-Baselines3, which can hold any code, and loading it runs that: "
            "if you trust it, say --trust"
        )
    kinds = [kind for kind in ALGORITHMS if module.startswith(kind[0]) and (not kind[1] or kind[1] in data)]
    if not kinds:
        raise ValueError(f"{path} is a model of an unknown kind: its policy is from {module}")
    *_, library, name = kinds[0]
    try:
        algorithm = getattr(import_module(library), name)
    except ModuleNotFoundError as error:
        raise ValueError(f"{path} is a model of {name}, which needs: {TORCH} && {install('sb3')}") from error
    try:
        model: Any = algorithm.load(path, device="cpu")
        space, seen = model.action_space, model.observation_space.shape
    except Exception as error:  # whatever unpickling meets
        raise ValueError(f"{path} can't be loaded as a model of {name}: {error}") from error
    if space != action_space(env) or seen != (observation_size(env),):
        raise ValueError(f"{path} plays with {space} and {seen} observed, the game does not")
    policy: Policy = model
    return policy
