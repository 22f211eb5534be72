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
from catmouse_env.teachers import MixedLabels
from catmouse_env.two_players import duel_config, duel_labels

Array = NDArray[Any]
Info = dict[str, Any]


class ChangingLabels(MixedLabels):
    """The labels of probabilities that somebody else may change."""

    def info(self, steps_left: Any, state: Any) -> Info:
        """See `MixedLabels.info`; what is likeliest is found out anew."""
        policy = self.probabilities[steps_left, state]
        found = self._labels[policy.argmax(axis=-1)]
        return {**{name: found[name] for name in ("ideal_direction", "ideal_action")}, "ideal_policy": policy}


class CatMouseStateSamplerVectorEnv(gym.vector.VectorEnv[Array, Array, Array]):
    """Games in which both animals jump, to learn a player's teacher by, evenly over all there is to know.

    A learner that plays whole games sees few of the states that an opponent who knows its weakness would
    bring about. Here every start comes up equally often, with every number of moves left, whoever would get
    there. What is done makes no difference, and no reward is given; all games end together (truncated).

    Games are of one observation, with a number of moves left that is drawn too. Or the clock runs while the
    animals jump (`max_episode_steps=max_steps`): for a learner with a memory, which can count the moves, but
    meets all histories of a state and a count with one label, and so learns that nothing else matters. It may
    be shown each state several times before the animals jump (`thoughts`), to think as often about a move.

    Observations are those of `catmouse_env.parallel_env`, (num_envs, 4 or 5) float32; actions those of
    `player`. `info` has `ideal_direction`, `ideal_action` and, with `teacher="equilibrium"`,
    `ideal_policy`, (num_envs, directions).

    Args:
        num_envs: How many states at a time.
        player: Whose teacher: "cat" or "mouse".
        teacher: "simple" or "equilibrium", as in `catmouse_env.parallel_env`; or probabilities to be learned,
            (max_steps + 1, states, directions), by moves left and state. Whoever changes these changes what
            is said from the next observation on.
        width: Columns of the room.
        height: Rows of the room.
        cat_directions: 4 or 8.
        max_steps: Moves of the game that is learned for, times `thoughts`.
        observe_moves_left: Whether the fifth coordinate is shown.
        max_episode_steps: Observations a game: 1 or `max_steps`.
        thoughts: How often each state is shown, one after the other, where the clock runs.
        render_mode: None: there is nothing to see.
    """

    metadata = {"render_modes": [], "autoreset_mode": AutoresetMode.NEXT_STEP}  # noqa: RUF012

    def __init__(
        self,
        num_envs: int = 1,
        player: str = "mouse",
        teacher: str | Array = "equilibrium",
        width: int = 6,
        height: int = 6,
        cat_directions: int = 8,
        max_steps: int = 10,
        observe_moves_left: bool = True,
        max_episode_steps: int = 1,
        thoughts: int = 1,
        render_mode: None = None,
    ) -> None:
        self.num_envs = validation.whole_number("num_envs", num_envs, 1)
        self.thoughts = validation.whole_number("thoughts", thoughts, 1)
        validation.whole_number("max_steps", max_steps, 1)
        if max_steps % thoughts:
            raise ValueError(f"max_steps must be so many times thoughts, {thoughts}, got {max_steps}")
        moves = max_steps // thoughts
        self.config = config = duel_config(width, height, cat_directions, moves, observe_moves_left)
        validation.one_of("player", player, ("cat", "mouse"))
        validation.one_of("max_episode_steps", max_episode_steps, (1, max_steps))
        self._drawn_clock = max_episode_steps == 1
        self.render_mode = validation.one_of("render_mode", render_mode, (None,))
        directions = config.cat_directions if player == "cat" else 4
        if isinstance(teacher, str):
            self._labels = duel_labels(config, teacher)[player]
        else:
            shape = (moves + 1, config.dynamics.states, directions)
            if np.shape(teacher) != shape:
                raise ValueError(f"teacher must be probabilities of shape {shape}, got {np.shape(teacher)}")
            self._labels = ChangingLabels(np.asarray(teacher))
        self.single_observation_space = config.observation_space
        self.single_action_space = spaces.Discrete(directions)
        self.observation_space = batch_space(self.single_observation_space, self.num_envs)
        self.action_space = batch_space(self.single_action_space, self.num_envs)
        self._playing = False
        self._shown = 0  # observations of the games that are on

    def reset(self, *, seed: int | None = None, options: dict[str, Any] | None = None) -> tuple[Array, Info]:
        """Begin new games; there are no options."""
        validation.option_keys(options, ())
        super().reset(seed=validation.seed(seed))
        self._playing = True
        self._shown = 0
        return self._sample()

    def step(self, actions: Any) -> tuple[Array, Array, Array, Array, Info]:
        """Draw other states. With the last move what is returned shows new games already, as after a reset.

        Raises:
            ResetNeeded: Nothing has been drawn.
        """
        if not self._playing:
            raise ResetNeeded("call reset() before step()")
        over = self._drawn_clock or self._shown + 1 == self.config.max_steps * self.thoughts
        self._shown = 0 if over else self._shown + 1
        observation, info = self._sample()
        ended = np.full(self.num_envs, over)
        return observation, np.zeros(self.num_envs), np.zeros(self.num_envs, np.bool_), ended, info

    def _sample(self) -> tuple[Array, Info]:
        if self._drawn_clock or self._shown % self.thoughts == 0:
            self._state = self.config.dynamics.draw_start(self.np_random, self.num_envs)
        state = self._state
        steps: Any = self._shown // self.thoughts
        if self._drawn_clock:
            steps = (self.np_random.random(self.num_envs) * self.config.max_steps).astype(np.int64)
        info = self._labels.info(self.config.max_steps - steps, state)
        info |= {f"_{name}": np.ones(self.num_envs, np.bool_) for name in info}
        return self.config.dynamics.observe(state, steps, self.config.view), info


def refuse_single(**arguments: Any) -> gym.Env[Any, Any]:
    """What `gymnasium.make` calls; always raises gymnasium.error.Error."""
    raise gym.error.Error("CatMouseStateSampler-v0 is a vector environment: make it by gymnasium.make_vec")
