"""One fight of two fighters, recorded move by move: positions, mixes and hidden states."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

import catmouse_env
from catmouse.duel.fighters import BrainFighter, Fighter
from catmouse.duel.game import ROLES, DuelConfig
from catmouse.duel.sampling import draw
from catmouse_env import Snapshot
from catmouse_env.solver import Player

Array = NDArray[Any]


@dataclass(frozen=True)
class Moment:
    """What there is to see before a move, or at the end.

    Attributes:
        snapshot: Of the room.
        mixes: What each side plays, (actions,) by role; at the end of the game there is none.
        best: What the equilibrium plays here.
        hidden: The hidden units of those that remember, (hidden,) by role, after they saw this.
        value: How often the mouse survives from here between perfect players.
    """

    snapshot: Snapshot
    mixes: dict[Player, Array]
    best: dict[Player, Array]
    hidden: dict[Player, Array]
    value: float


@dataclass(frozen=True)
class Fight:
    """A recorded game.

    Attributes:
        config: The game.
        names: Of both, by role.
        title: What is said below it.
        moments: From the start to the end.
    """

    config: DuelConfig
    names: dict[Player, str]
    title: str
    moments: list[Moment]
    mistakes: tuple[int, ...] = ()  # nobody makes any: both play by chance

    @property
    def moves(self) -> int:
        """Moves made."""
        return len(self.moments) - 1


def play_fight(
    mouse: Fighter, cat: Fighter, seed: int, title: str = "", start: dict[str, tuple[int, int]] | None = None
) -> Fight:
    """Play a game.

    Args:
        mouse: One side.
        cat: The other, in the same game.
        seed: Of all chance.
        title: See `Fight`.
        start: `{"cat": (x, y), "mouse": (x, y)}`; None: in opposite halves of the room.
    """
    config, fighters = mouse.config, {"mouse": mouse, "cat": cat}
    env = catmouse_env.parallel_env(**asdict(config))
    rng = np.random.default_rng(seed)
    y = rng.integers(0, config.height, 2)
    env.reset(seed=seed, options=start or {"cat": (0, int(y[0])), "mouse": (config.width - 1, int(y[1]))})
    memory: dict[str, Array | None] = {"mouse": None, "cat": None}
    moments, left = [], config.max_steps
    solved = config.equilibrium
    while env.agents:
        state = config.dynamics.state_of(env.state()[None])
        mixes, hidden = {}, {}
        actions: dict[str, int] = {}
        for role in ROLES:
            mix, memory[role] = fighters[role].mix(state, left, memory[role])
            mixes[role], actions[role] = mix[0], int(draw(mix, rng)[0])
            if (units := hidden_units(fighters[role], memory[role])) is not None:
                hidden[role] = units
        best: dict[Player, Array] = {role: getattr(solved, role)[left, state[0]] for role in ROLES}
        value = float(solved.values[left, state[0]])
        moments.append(Moment(env.snapshot(), mixes, best, hidden, value))
        env.step(actions)
        left -= 1
    caught = env.snapshot().caught
    moments.append(Moment(env.snapshot(), {}, {}, moments[-1].hidden, float(not caught)))
    return Fight(config, {role: fighters[role].name for role in ROLES}, title, moments)


def hidden_units(fighter: Fighter, memory: Array | None) -> Array | None:
    """The hidden units (not what a cell carries besides) of a brain with a memory."""
    if memory is None or not isinstance(fighter, BrainFighter):
        return None
    return np.array(memory[0, : fighter.brain.config.hidden])
