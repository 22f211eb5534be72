"""Policies by the names that people type: `random`, `teacher`, or the file of what has learned."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path
from typing import Any

from agents import BadFileError, Brain, Policy, RandomAgent, TeacherAgent
from agents.q_learning import QTable
from agents.runs.config import RunConfig, TaskConfig
from catmouse.sb3_models import load_sb3

BRAIN_FILE = "brain.safetensors"
CONFIG_FILE = "config.json"
POLICY_HELP = (
    "a saved brain (its file or its run's folder), a Q table's file, the zip of a model of Stable-Baselines3 "
    "(which can hold any code: with --trust only), 'random' or 'teacher'"
)


def brain_path(name: str) -> Path:
    """The file of a brain, given it or its run's folder."""
    path = Path(name)
    return path / BRAIN_FILE if path.is_dir() else path


def make_config(name: str, options: dict[str, Any]) -> TaskConfig:
    """The game that a policy is to play: the one it learned, if its run says so, but for `options`.

    Raises:
        ValueError: An option is wrong.
    """
    learned: dict[str, Any] = {}
    saved = brain_path(name).parent / CONFIG_FILE
    # Where another game is asked for, what the old one was like does not hold.
    if name not in ("random", "teacher") and saved.is_file() and "env_id" not in options:
        run = RunConfig.load(saved)
        learned = {one.name: getattr(run, one.name) for one in fields(TaskConfig)}
    return TaskConfig(**{**learned, **options})


def load_policy(name: str, env: Any, seed: int = 0, trust: bool = False) -> Policy:
    """The policy of this name, to play in `env`; `trust`: its file may run code.

    Raises:
        ValueError: There is none, or it does not fit the environment.
    """
    if name == "random":
        return RandomAgent(env, seed)
    if name == "teacher":
        return TeacherAgent(env)
    path = brain_path(name)
    if path.suffix == ".zip":
        return load_sb3(path, env, trust)
    try:
        try:
            return Brain.load(path)
        except BadFileError as no_brain:
            try:
                return QTable.load(path)
            except BadFileError:
                raise no_brain from None
    except OSError as error:
        raise ValueError(f"{name!r} is neither 'random', 'teacher' nor a brain's file: {error}") from error
