"""Flash cards of the fight: positions and moves left, each with the labels of either side's teacher."""

from __future__ import annotations

from typing import Any

import gymnasium as gym
import numpy as np
from gymnasium import spaces
from gymnasium.error import ResetNeeded
from gymnasium.vector import AutoresetMode
from gymnasium.vector.utils import batch_space
from numpy.typing import NDArray

from catmouse_env import checks
from catmouse_env.advice import duel_advice
from catmouse_env.game import game_of
from catmouse_env.policies import observe
from catmouse_env.teachers import flee

Array = NDArray[Any]
Info = dict[str, Any]


class CatMouseDrillVectorEnv(gym.vector.VectorEnv[Array, Array, Array]):
    """Games of one observation, to learn a fighter's teacher by, evenly over all there is to know.

    A learner that plays whole games sees few of the positions that an opponent who knows its weakness
    would bring about. Here every pair of cells with cat and mouse apart comes up equally often, with every
    number of moves left, whoever would get there. What is done with it makes no difference: each step
    ends all games (truncated, reward 0).

    Observations are those of `catmouse_env.parallel_env`, (num_envs, 4 or 5) float32; actions those of
    `player`. `info` has `ideal_direction`, `ideal_action` and, with `teacher="equilibrium"`,
    `ideal_policy`, (num_envs, directions).

    Args:
        num_envs: How many cards at a time.
        player: Whose teacher: "cat" or "mouse".
        teacher: "simple" or "equilibrium", as in `catmouse_env.parallel_env`; so the next four.
        width: Columns of the room.
        height: Rows of the room.
        cat_directions: 4 or 8.
        moves: Moves of the game that is learned for.
        observe_moves_left: Whether the fifth coordinate is shown.
        max_episode_steps: 1, and nothing else.
        render_mode: None: there is nothing to see.
    """

    metadata = {"render_modes": [], "autoreset_mode": AutoresetMode.NEXT_STEP}  # noqa: RUF012

    def __init__(
        self,
        num_envs: int = 1,
        player: str = "mouse",
        teacher: str = "equilibrium",
        width: int = 6,
        height: int = 6,
        cat_directions: int = 8,
        moves: int = 10,
        observe_moves_left: bool = True,
        max_episode_steps: int = 1,
        render_mode: None = None,
    ) -> None:
        self.num_envs = checks.whole_number("num_envs", num_envs, 1)
        width, height = checks.side("width", width), checks.side("height", height)
        checks.one_of("player", player, ("cat", "mouse"))
        checks.one_of("teacher", teacher, ("simple", "equilibrium"))
        directions = int(checks.one_of("cat_directions", cat_directions, (4, 8)))
        self.moves = checks.whole_number("moves", moves, 1)
        self.timed = checks.flag("observe_moves_left", observe_moves_left)
        checks.one_of("max_episode_steps", max_episode_steps, (1,))
        self.render_mode = checks.one_of("render_mode", render_mode, (None,))
        self._game = game_of(width, height, flee, directions)
        self._advice = duel_advice(self._game, teacher == "equilibrium", self.moves)[player]
        self.single_observation_space = spaces.Box(-1.0, 1.0, (5 if self.timed else 4,), np.float32)
        self.single_action_space = spaces.Discrete(directions if player == "cat" else 4)
        self.observation_space = batch_space(self.single_observation_space, self.num_envs)
        self.action_space = batch_space(self.single_action_space, self.num_envs)
        self._dealt = False

    def reset(self, *, seed: int | None = None, options: dict[str, Any] | None = None) -> tuple[Array, Info]:
        """Deal new cards; there are no options."""
        checks.option_keys(options, ())
        super().reset(seed=checks.seed(seed))
        self._dealt = True
        return self._deal()

    def step(self, actions: Any) -> tuple[Array, Array, Array, Array, Info]:
        """End all games. What is returned shows new cards already; a reset deals others.

        Raises:
            ResetNeeded: Nothing has been dealt.
        """
        if not self._dealt:
            raise ResetNeeded("call reset() before step()")
        observation, info = self._deal()
        ended = np.ones(self.num_envs, np.bool_)
        return observation, np.zeros(self.num_envs), ~ended, ended, info

    def _deal(self) -> tuple[Array, Info]:
        cells = self._game.grid.cells
        cat = self.np_random.integers(0, cells, self.num_envs)
        mouse = (
            cat + self.np_random.integers(1, cells, self.num_envs)
        ) % cells  # another cell than the cat's
        left = self.np_random.integers(1, self.moves + 1, self.num_envs)
        pair = cat * cells + mouse
        info = self._advice.info(left, pair)
        info |= {f"_{name}": np.ones(self.num_envs, np.bool_) for name in info}
        return observe(self._game, pair, left / self.moves if self.timed else None), info
