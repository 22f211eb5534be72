"""Uniform state sampler of the fight: every state and number of steps left, each with a teacher's labels."""

from __future__ import annotations

from typing import Any

import gymnasium as gym
import numpy as np
from gymnasium import spaces
from gymnasium.error import ResetNeeded
from gymnasium.vector import AutoresetMode
from gymnasium.vector.utils import batch_space
from numpy.typing import NDArray

from catmouse_env import validation
from catmouse_env.two_players import duel_config, duel_labels

Array = NDArray[Any]
Info = dict[str, Any]


class CatMouseStateSamplerVectorEnv(gym.vector.VectorEnv[Array, Array, Array]):
    """Games of one observation, to learn a player's teacher by, evenly over all there is to know.

    A learner that plays whole games sees few of the states that an opponent who knows its weakness would
    bring about. Here every start comes up equally often, with every number of moves left, whoever would get
    there. What is done with it makes no difference: each step ends all games (truncated, reward 0).

    Observations are those of `catmouse_env.parallel_env`, (num_envs, 4 or 5) float32; actions those of
    `player`. `info` has `ideal_direction`, `ideal_action` and, with `teacher="equilibrium"`,
    `ideal_policy`, (num_envs, directions).

    Args:
        num_envs: How many states at a time.
        player: Whose teacher: "cat" or "mouse".
        teacher: "simple" or "equilibrium", as in `catmouse_env.parallel_env`; so the next five.
        width: Columns of the room.
        height: Rows of the room.
        cat_directions: 4 or 8.
        max_steps: Moves of the game that is learned for.
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
        max_steps: int = 10,
        observe_moves_left: bool = True,
        max_episode_steps: int = 1,
        render_mode: None = None,
    ) -> None:
        self.num_envs = validation.whole_number("num_envs", num_envs, 1)
        self.config = config = duel_config(width, height, cat_directions, max_steps, observe_moves_left)
        validation.one_of("player", player, ("cat", "mouse"))
        validation.one_of("max_episode_steps", max_episode_steps, (1,))
        self.render_mode = validation.one_of("render_mode", render_mode, (None,))
        self._labels = duel_labels(config, teacher)[player]
        self.single_observation_space = config.observation_space
        self.single_action_space = spaces.Discrete(config.cat_directions if player == "cat" else 4)
        self.observation_space = batch_space(self.single_observation_space, self.num_envs)
        self.action_space = batch_space(self.single_action_space, self.num_envs)
        self._playing = False

    def reset(self, *, seed: int | None = None, options: dict[str, Any] | None = None) -> tuple[Array, Info]:
        """Draw new states; there are no options."""
        validation.option_keys(options, ())
        super().reset(seed=validation.seed(seed))
        self._playing = True
        return self._sample()

    def step(self, actions: Any) -> tuple[Array, Array, Array, Array, Info]:
        """End all games. What is returned shows new states already; a reset draws others.

        Raises:
            ResetNeeded: Nothing has been drawn.
        """
        if not self._playing:
            raise ResetNeeded("call reset() before step()")
        observation, info = self._sample()
        ended = np.ones(self.num_envs, np.bool_)
        return observation, np.zeros(self.num_envs), ~ended, ended, info

    def _sample(self) -> tuple[Array, Info]:
        state = self.config.dynamics.draw_start(self.np_random, self.num_envs)
        steps = (self.np_random.random(self.num_envs) * self.config.max_steps).astype(np.int64)
        info = self._labels.info(self.config.max_steps - steps, state)
        info |= {f"_{name}": np.ones(self.num_envs, np.bool_) for name in info}
        return self.config.dynamics.observe(state, steps, self.config.view), info


def refuse_single(**arguments: Any) -> gym.Env[Any, Any]:
    """What `gymnasium.make` calls; always raises gymnasium.error.Error."""
    raise gym.error.Error("CatMouseStateSampler-v0 is a vector environment: make it by gymnasium.make_vec")
