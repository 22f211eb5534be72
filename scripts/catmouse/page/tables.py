"""What the page knows of games and brains, as plain tables: made here, so that no rule stands twice."""

from __future__ import annotations

import inspect
from dataclasses import asdict
from typing import Any

import gymnasium as gym
import numpy as np
from numpy.typing import NDArray

from agents.deep_cells import LOWER_SCALE
from agents.gated_cells import FORGET_BIAS
from agents.muon import ITERATIONS, TINY, Muon, Orthogonal
from agents.optimizers import FALLS, Adam
from agents.original import PRESET, InDouble
from agents.runs.config import RunConfig
from agents.trainer import SMOOTHING
from catmouse.duel.game import DuelConfig
from catmouse_env import EnvConfig
from catmouse_env.directions import action_to_reading
from catmouse_env.dynamics import MOUSE_ACTIONS, Dynamics, View

Array = NDArray[Any]

MAX_SIDE = 8  # of a room whose tables a page can hold
QUANTUM = 65535  # probabilities are told as parts of this
LEARNERS = ("elman", "gru", "lstm")  # what can be taught in the page


def exact_coordinates(dynamics: Dynamics) -> Array:
    """What is observed of every state in double precision, (states, 4); see `agents.original.InDouble`."""
    env = InDouble(gym.make("CatMouse-v0", width=dynamics.width, height=dynamics.height))
    return np.stack([env.observation(row) for row in dynamics.observe(np.arange(dynamics.states))])


def room_tables(dynamics: Dynamics, max_steps: int) -> dict[str, Any]:
    """What all games in one room share."""
    states = np.arange(dynamics.states)
    left = [dynamics.observe(0, steps, View(None, True, max_steps))[4] for steps in range(max_steps + 1)]
    return {
        "width": dynamics.width,
        "height": dynamics.height,
        "cells": dynamics.cells,
        "states": dynamics.states,
        "max_steps": max_steps,
        "x": dynamics.x.astype(np.uint8),
        "y": dynamics.y.astype(np.uint8),
        "starts": dynamics.start_states.astype(np.uint16),
        "seen": exact_coordinates(dynamics),
        "unseen": np.concatenate(
            [dynamics.observe(states, 0, View(0))[:, :2], exact_coordinates(dynamics)[:, 2:]], axis=1
        ),
        "moves_left": np.array(left, np.float64),
        "readings": action_to_reading(range(MOUSE_ACTIONS)).tolist(),
    }


def game_tables(config: EnvConfig) -> dict[str, Any]:
    """A single mouse's game; the cat's moves are folded into the transitions.

    Raises:
        ValueError: The cat moves by chance, the room is too large, or the teacher mixes.
    """
    if max(config.width, config.height) > MAX_SIDE:
        raise ValueError(
            f"a page holds rooms up to {MAX_SIDE} x {MAX_SIDE}, not {config.width} x {config.height}"
        )
    if config.stochastic or config.teacher == "equilibrium":
        raise ValueError("a page holds games in which neither cat nor teacher draws by chance")
    dynamics = config.dynamics
    states = np.arange(dynamics.states)
    cat = config.make_cat().act(states, 0, np.random.default_rng(0))
    moves = [
        dynamics.transition(states, np.full(len(states), action), cat) for action in range(MOUSE_ACTIONS)
    ]
    next_states, rewards, caught = (np.stack(column, axis=1) for column in zip(*moves, strict=True))
    return room_tables(dynamics, config.max_steps) | {
        "cat_actions": 1,
        "visible": config.cat_visible_moves,
        "lethal": config.lethal,
        "clocked": config.labels.clocked,
        "next": next_states.astype(np.uint16),  # (states, 4)
        "rewards": rewards.astype(np.int8),
        "caught": caught.astype(np.uint8),
        "labels": config.labels.actions.astype(np.uint8),  # (1 or max_steps + 1, states)
    }


def fight_tables(config: DuelConfig) -> dict[str, Any]:
    """The fight of two players, with the policies of perfect ones.

    Raises:
        DependencyNotInstalled: scipy is missing.
    """
    dynamics, solved = config.dynamics, config.equilibrium
    moves = np.indices((dynamics.states, MOUSE_ACTIONS, dynamics.cat_actions))
    next_states, _, caught = dynamics.transition(*moves)
    return (
        room_tables(dynamics, config.max_steps)
        | {
            "cat_actions": dynamics.cat_actions,
            "visible": None,
            "lethal": True,
            "next": next_states.astype(np.uint16),  # (states, 4, cat_actions)
            "caught": caught.astype(np.uint8),
            "perfect": {
                role: np.rint(getattr(solved, role)[1:] * QUANTUM).astype(
                    np.uint16
                )  # (max_steps, states, actions)
                for role in ("mouse", "cat")
            },
            "quantum": QUANTUM,
        }
    )


def recipes() -> dict[str, dict[str, Any]]:
    """How each cell is taught where the cat is always seen, "view", and where it is seen once, "memory"."""
    ids = {"view": "CatMouse-v0", "memory": "CatMouseMemory-v0"}
    taught = {
        f"{cell} {game}": asdict(RunConfig(env_id=env_id, cell=cell).filled())
        for game, env_id in ids.items()
        for cell in LEARNERS
    }
    return taught | {"original": asdict(RunConfig(**PRESET).filled())}


def constants() -> dict[str, Any]:
    """Numbers of the training algorithms that are no option."""

    def default(function: Any, name: str) -> Any:
        return inspect.signature(function).parameters[name].default

    return {
        "smoothing": SMOOTHING,
        "falls": FALLS,
        "forget_bias": FORGET_BIAS,
        "lower_scale": LOWER_SCALE,
        "adam": {name: default(Adam, name) for name in ("beta1", "beta2", "epsilon")},
        "muon": {
            "beta": default(Muon, "beta"),
            "a": Orthogonal.A,
            "b": Orthogonal.B,
            "c": Orthogonal.C,
            "iterations": ITERATIONS,
            "tiny": TINY,
        },
    }
