"""Policies by the names that people type: `random`, `teacher`, or the file of what has learned."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path
from typing import Any

from agents import BadFileError, Brain, Policy, RandomAgent, TeacherAgent, zoo
from agents.environments import game_of
from agents.q_learning import QTable
from agents.runs.config import TaskConfig, check_import
from catmouse.sb3_models import load_sb3

BRAIN_FILE = "brain.safetensors"
TABLE_FILE = "q_table.safetensors"
CONFIG_FILE = "config.json"
SIDE, TEACHER = 6, "flee"  # of an environment that says nothing else
POLICY_HELP = (
    "a saved brain or Q table (its file or its run's folder), 'zoo:NAME' (see catmouse zoo), the zip of a "
    "model of Stable-Baselines3 (which can hold any code: with --trust only), 'random' or 'teacher'"
)


def brain_path(name: str) -> Path:
    """The file of a brain or a Q table, given it, its folder or its name in the zoo."""
    path = zoo.locate(name)
    if zoo.in_zoo(name) or not path.is_dir():
        return path
    table = path / TABLE_FILE
    return table if table.is_file() and not (path / BRAIN_FILE).is_file() else path / BRAIN_FILE


def saved_game(name: str) -> dict[str, Any] | None:
    """The game that the policy of this name learned (`agents.environments.game_of`); None if nobody knows.

    Raises:
        ValueError: There is no such policy.
    """
    if name in ("random", "teacher") or brain_path(name).suffix == ".zip":
        return None
    return load_file(name).game


def make_config(name: str, options: dict[str, Any]) -> TaskConfig:
    """The game that a policy is to play: the one it learned, if its file says so, but for `options`.

    Raises:
        ValueError: There is no such policy, or an option is wrong.
    """
    game = saved_game(name)
    # Where another game is asked for, what the old one was like does not hold.
    if game is None or "env_id" in options:
        return TaskConfig(**options)
    learned = {one.name: game[one.name] for one in fields(TaskConfig) if one.name in game}
    config = TaskConfig(**{**learned, **options})
    check_import(config.env_id, None)
    return config


def load_policy(name: str, env: Any, seed: int = 0, trust: bool = False) -> Policy:
    """The policy of this name, to move the mouse in `env`; `trust`: its file may run code.

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
    policy = load_file(name)
    if policy.game is not None:
        check_game(name, policy.game, "mouse", game_of(env))
        if policy.game.get("thoughts", 1) != 1:
            raise ValueError(f"{name} thinks more than once before it moves: see play, or watch --fight")
    return policy


def check_game(name: str, game: dict[str, Any], player: str, asked: dict[str, Any]) -> None:
    """ValueError if a policy that learned `game` can't be the player in the game that is asked for."""
    if game["player"] != player:
        raise ValueError(f"{name} has learned to be the {game['player']}, it can't play the {player}")
    learned, room = ([one.get(side, SIDE) for side in ("width", "height")] for one in (game, asked))
    if learned != room:
        raise ValueError(
            f"{name} has learned in a room of {learned[0]} x {learned[1]}, "
            f"it can't play in one of {room[0]} x {room[1]}"
        )


def follows_teacher(name: str, env: Any) -> bool:
    """Whether the aim of the policy of this name is to do what the teacher of `env` says."""
    if name in ("random", "teacher") or brain_path(name).suffix == ".zip":
        return name == "teacher"
    game = saved_game(name)
    if game is None:
        return True
    teachers = {one.get("teacher", TEACHER) for one in (game, game_of(env))}
    return game["learned_from"] == "labels" and len(teachers) == 1


def load_file(name: str) -> Brain | QTable:
    """The brain or table in a file or run folder; ValueError if there is none."""
    path = brain_path(name)
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
