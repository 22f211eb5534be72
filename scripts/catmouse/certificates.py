"""Certificates of what is left to chance: exact values by dynamic programming, with no game played.

`agents.certificate` proves deterministic games. Against a cat that moves by chance, and for the players of
the fight, who draw their own moves, the value of a brain without memory is computed over every position.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from agents import Brain, Evaluation, Policy
from agents.certificate import Decisions, ExactPlayer, certificate, pack, rounded, statement
from agents.enclosure import Forward
from agents.files import BadFileError
from agents.heads import DirectionHead
from catmouse.policies import brain_path
from catmouse_env.config import EnvConfig
from catmouse_env.rules_hash import rules_hash
from catmouse_env.solver import Player, TabularGame, one_hot
from catmouse_env.two_players import duel_config

Array = NDArray[Any]

FIGHT = "catmouse_env.parallel_env"
FIGHT_ARGUMENTS = ("width", "height", "cat_directions", "max_steps", "observe_moves_left")


def certificate_of(name: str, policy: Policy, env: Any, evaluation: Evaluation) -> dict[str, Any]:
    """The certificate of a policy that was evaluated, with the best proof that there is.

    Args:
        name: The policy's name, as it was typed.
        policy: Who plays.
        env: The game.
        evaluation: What was counted.
    """
    path = brain_path(name)
    config = getattr(env.unwrapped, "config", None)
    if isinstance(policy, Brain) and isinstance(config, EnvConfig) and fits(policy, config):
        return {"claim": "expectation", **statement(env, path), **expectation(policy, config)}
    return certificate(policy, env, evaluation, path)


def fits(brain: Brain, config: EnvConfig) -> bool:
    """Whether the value of a brain in a game can be computed: it has no memory, and a cat moves by chance."""
    named = isinstance(config.cat, str) and isinstance(config.teacher, str)
    seen = config.cat_visible_moves is None
    return named and seen and config.stochastic and not brain.cell.recurrent


def layers(config: EnvConfig) -> Iterator[Array]:
    """What is observed of every state, for 1 move left, 2 and so on; once where that makes no difference."""
    states = np.arange(config.dynamics.states)
    for left in range(1, config.max_steps + 1 if config.observe_moves_left else 2):
        yield config.dynamics.observe(states, config.max_steps - left, config.view)


def expectation(brain: Brain, config: EnvConfig) -> dict[str, Any]:
    """What a brain without memory is worth against a cat that moves by chance.

    Returns:
        "moves" (packed, layer by layer of moves left and state by state), "decisions", whose "not_covered"
        counts moves so, and "values": the probability of survival and the mean return, over all starts.
    """
    decisions, chosen, states = Decisions(), [], np.arange(config.dynamics.states)
    for layer, seen in enumerate(layers(config)):
        player = ExactPlayer(brain)
        player.predict(seen)
        decisions.add(player, np.ones((1, len(states)), np.bool_), layer * len(states) + states)
        chosen += player.directions
    moves = np.array(chosen)  # (layers, states)
    table = np.concatenate([moves[:1], moves]) if len(moves) > 1 else moves
    game, cat, steps = TabularGame(config.dynamics), config.make_cat().policy(), config.max_steps
    policy = one_hot(table, 4)
    values = {
        "survival": rounded(game.average(game.survival(policy, cat, steps)[steps])),
        "mean_return": rounded(game.average(game.returns(policy, cat, steps)[steps])),
    }
    return {"moves": pack(moves.ravel()), "decisions": decisions.as_dict(), "values": values}


def guarantee(brain: Brain, path: Path) -> dict[str, Any]:
    """The certificate of a player of the fight: survival against the opponent that knows it best.

    A mouse survives so often at least, a cat lets so many survive at the most, whatever the other does. The
    equilibrium lies between the two.

    Args:
        brain: A brain without memory that draws its moves from the probabilities of its direction head.
        path: Its file, which tells its game.

    Raises:
        BadFileError: The brain is none of these.
    """
    game = brain.game or {}
    if brain.cell.recurrent or not isinstance(brain.head, DirectionHead) or game.get("player") is None:
        raise BadFileError(f"{path} holds no player of the fight without memory")
    arguments = {name: game[name] for name in FIGHT_ARGUMENTS}
    config, forward = duel_config(**arguments), Forward(brain, rounding=False)
    chances = []
    for seen in layers(config):
        outputs, _ = forward.step(forward.encode(seen), None)
        chances.append(brain.head.probabilities(outputs.value).T)
    policy = np.array(chances[:1] + chances) if len(chances) > 1 else chances[0]
    other: Player = "cat" if game["player"] == "mouse" else "mouse"
    table, steps = TabularGame(config.dynamics), config.max_steps
    worth, _ = table.best_response(policy, steps, other)
    return {
        "claim": "guarantee",
        **statement(None, path, FIGHT, arguments, rules_hash(config.dynamics, np.ones(1), b"")),
        "player": game["player"],
        "values": {"survival": rounded(table.average(worth[steps]))},
    }
