"""The environment for one game."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache, partial
from typing import Any

import gymnasium as gym
import numpy as np
from gymnasium.error import ResetNeeded
from numpy.typing import NDArray

from catmouse_env import validation
from catmouse_env.config import EnvConfig
from catmouse_env.directions import action_to_reading
from catmouse_env.rendering.game_renderer import RENDER_FPS, RENDER_MODES, GameRenderer, OneGame
from catmouse_env.transition_table import TransitionTable

ARROW_KEYS = (0x40000052, 0x4000004F, 0x40000051, 0x40000050)  # up, right, down, left, as SDL numbers them
MAX_CACHED = 1 << 16  # outcomes remembered, about 25 MB; a 6 x 6 room has 5,184

Observation = NDArray[np.float32]
Info = dict[str, Any]
# A state, and what makes a new observation and a new info of it at each call, which are the user's.
Look = tuple[int, Callable[[], Observation], Callable[[], Info]]


class Looks(dict[int, Look]):
    """What is seen and said in single states, remembered.

    The key is the state, plus the moves made times the number of states, if the look depends on them.

    Args:
        config: The game.
    """

    def __init__(self, config: EnvConfig) -> None:
        self._config = config
        self._infos: dict[int, Callable[[], Info]] = {}  # by action

    def __missing__(self, key: int) -> Look:
        config = self._config
        steps, state = divmod(key, config.dynamics.states)
        steps_left = config.max_steps - steps
        observation = config.dynamics.observe(state, steps, config.view)
        info = config.labels.info(steps_left, state)
        if "ideal_policy" in info:  # an array, which a copy of the dict alone would share
            again: Callable[[], Info] = partial(config.labels.info, steps_left, state)
        else:  # there are a few only, and what is met again and again is best small, for the cache's sake
            again = self._infos.setdefault(info["ideal_action"].item(), info.copy)
        if len(self) < MAX_CACHED:
            self[key] = state, observation.copy, again
        return state, observation.copy, again


class Outcomes(dict[int, tuple[int, float, bool, Any, Any]]):
    """What single moves lead to, remembered: next state, reward, caught, and its look.

    The key is the move (see `Dynamics.split_move`), plus the moves made times `stride`, which is 0 where
    neither what is seen nor what the teacher says depends on them.

    Args:
        config: The game.

    Attributes:
        looks: Those of the states.
    """

    def __init__(self, config: EnvConfig) -> None:
        self._dynamics, self._config = config.dynamics, config
        self.looks = Looks(config)
        self._rewards: dict[float, float] = {}
        self._moves = config.dynamics.states * 4 * config.dynamics.cat_actions
        clocked = config.cat_visible_moves is not None or config.observe_moves_left or config.labels.clocked
        self.stride = self._moves if clocked else 0

    @classmethod
    def of(cls, config: EnvConfig) -> Outcomes:
        """The outcomes of a game, shared by environments unless a policy moves the cat."""
        return _shared_outcomes(config) if isinstance(config.cat, str) else cls(config)

    def __reduce__(self) -> tuple[Any, ...]:
        return Outcomes.of, (self._config,)

    def __missing__(self, key: int) -> tuple[int, float, bool, Any, Any]:
        steps, move = divmod(key, self._moves)
        state, reward, caught = self._dynamics.transition(*self._dynamics.split_move(move))
        state, *look = self.looks[steps * self._dynamics.states + state]  # the number, too, is kept once
        found = (state, self._rewards.setdefault(reward, reward), caught, *look)
        if len(self) < MAX_CACHED:
            self[key] = found
        return found


@lru_cache(maxsize=16)
def _shared_outcomes(config: EnvConfig) -> Outcomes:
    return Outcomes(config)


class CatMouseEnv(OneGame, gym.Env[Observation, Any]):
    """A mouse learns to run away from a cat, with a teacher who knows the way.

    ## Description
    A cat and a mouse share a small room of `width` x `height` cells, (0, 0) at the bottom left and y
    growing upwards. The agent moves the mouse. At every position a teacher knows the ideal direction
    and `info` tells it: the environment carries its own exact expert for imitation learning. The game
    comes from an article of 2016 that taught it to a small recurrent network.

    ## Action Space
    `Discrete(4)`: 0 up, 1 right, 2 down, 3 left. With `continuous=True` a `Box(0, 1, (1,), float32)`:
    a compass reading, clockwise from up; below 0.25 up, below 0.5 right, below 0.75 down, else left.
    A move into a wall is staying.

    ## Observation Space
    `Box(-1, 1, (4,), float32)`: cat x, cat y, mouse x, mouse y, each divided by its own axis' last
    index, so from 0 to 1. A cat that can't be seen reads (-1, -1). With `observe_moves_left=True` a
    fifth coordinate: moves left / `max_steps`.

    ## Starting State
    Both cells are drawn uniformly. `reset(options={"cat": (x, y), "mouse": (x, y)})` gives either or
    both. A lethal game never starts with both in one cell.

    ## Reward
    The change in Manhattan distance that the move brought, in cells; for being caught
    -(width + height) instead.

    ## Episode End
    Truncated after `max_steps` moves. Terminated only by capture, when `lethal=True`: both end a move in
    one cell, or swap cells. A step after the end warns and changes nothing: the last observation, info and
    end come again, with reward 0.

    ## Information
    From `reset` and every `step`, about the observation returned with it: `ideal_direction`, the
    teacher's compass reading (`np.float64`, the middle of its band), and `ideal_action` (`np.int64`).

    ## Arguments
    - `width=6`, `height=6`: the room, 2 to 64 cells each.
    - `continuous=False`: actions are compass readings.
    - `cat="stationary"`: the cat never moves. "chasing": it runs towards the mouse, along the axis of
      the larger distance. "wandering": it draws its moves from the environment's random stream. Or any
      policy with `predict(observation, state=None, episode_start=None, deterministic=True)`, which sees
      cat x, cat y, mouse x, mouse y, hidden or not (and the moves left with `observe_moves_left=True`),
      as a batch of one, and answers with a direction or a compass reading; its state begins anew with
      each game. It decides before the mouse's move is known.
    - `teacher="flee"`: the article's rule; or a function as described in `catmouse_env.teachers`.
      "optimal": the best against this very cat: it survives with the greatest probability, then gets the
      greatest return, then keeps the greatest distance on the way. "equilibrium": the best against the
      cleverest of all cats, in survival (in return if not `lethal`); it mixes its moves, and
      `info["ideal_policy"]`, (4,) float64, holds the probabilities, `ideal_action` the likeliest. Both
      know the moves left, whether these are observed or not: without `observe_moves_left=True` one
      observation may have different labels at different moves, and a learner gets their average at best.
      Both need a room of 1,024 cells at most.
    - `cat_visible_moves=None`: for how many observations of a game the cat is seen; None: all.
    - `lethal=False`: whether the mouse can be caught.
    - `observe_moves_left=False`: a fifth coordinate shows the moves left.
    - `cat_directions=4`: 8 gives a moving cat the diagonals too, clockwise from up.
    - `render_mode=None`: "human" (a window; `DependencyNotInstalled` where there is no screen),
      "rgb_array" or "ansi" (text).
    - `max_steps=10`: the number of moves, which the environment keeps itself. Gymnasium's own
      `max_episode_steps` can cut a game shorter from outside; one that is longer makes no difference.

    ## Version History
    - v0: first version.
    """

    metadata = {"render_modes": list(RENDER_MODES), "render_fps": RENDER_FPS}  # noqa: RUF012

    def __init__(self, *, render_mode: str | None = None, **arguments: Any) -> None:
        self.config = config = EnvConfig(**arguments)
        self.render_mode = validation.one_of("render_mode", render_mode, (None, *RENDER_MODES))
        self.observation_space = config.observation_space
        self.action_space = config.action_space
        self._cat = config.make_cat()
        self._renderer = GameRenderer(config, self.render_mode)
        # At hand, because every step needs them.
        self._outcomes = Outcomes.of(config)
        self._stride, self._draw_start = self._outcomes.stride, config.dynamics.draw_start
        self._looks = self._outcomes.looks
        self._cat_actions, self._max_steps = config.cat_actions, config.max_steps
        self._actions = 0 if config.continuous else 4
        # None in a game; after its end, terminated and truncated; before the first, nothing.
        self._end: tuple[bool, ...] | None = ()
        self._plain_actions = 0  # whole numbers below it need no other check
        self._state = 0
        self._steps = 0

    @property
    def stochastic(self) -> bool:
        """Whether games from one start may differ though the mouse does the same."""
        return self.config.stochastic

    @property
    def starts_suffice(self) -> bool:
        """Whether whatever a game may come to is also how one may start, with the same labels."""
        return self.config.starts_suffice

    @property
    def P(self) -> TransitionTable:
        """The transition table, `P[state][action] -> [(probability, next_state, reward, terminated)]`.

        As in Gymnasium's toy_text; made row by row when asked for. See `TransitionTable` for what a state is.

        Raises:
            ValueError: The cat is a policy whose probabilities can't be known, or that minds the moves left.
        """
        return self.config.transition_table

    @property
    def initial_state_distrib(self) -> NDArray[np.float64]:
        """The probability of each state to be a game's start, (states,)."""
        dynamics = self.config.dynamics
        return np.bincount(dynamics.start_states, minlength=dynamics.states) / dynamics.num_starts

    @property
    def rules_sha256(self) -> str | None:
        """The hash of the game's tables; None with a cat or a teacher of one's own. See `EnvConfig`."""
        return self.config.rules_sha256

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[Observation, Info]:
        """Start a game.

        Args:
            seed: Seeds the environment's random stream; None goes on with it.
            options: `{"cat": (x, y), "mouse": (x, y)}`, either, both or none.

        Returns:
            The observation and the info of the start.

        Raises:
            ValueError: The seed is not one; an option is unknown, outside the room, or puts both animals of
                a lethal game in one cell. The game in progress goes on untouched.
        """
        given = None
        if options is not None:
            given = self.config.start_cells(validation.option_keys(options, ("cat", "mouse")), None)
        if seed is not None:
            super().reset(seed=validation.seed(seed))
        draw = self._draw_start
        state = draw(self.np_random) if given is None else draw(self.np_random, **given)
        _, new_observation, new_info = self._looks[state]
        self._state, self._steps, self._end = state, 0, None
        self._plain_actions = self._actions
        if self.render_mode is not None:
            self._renderer.begin(0, self._state)
            self._renderer.show(self.metadata["render_fps"])
        return new_observation(), new_info()

    def step(self, action: Any) -> tuple[Observation, float, bool, bool, Info]:
        """Move the mouse.

        Args:
            action: A direction 0 to 3; with `continuous=True` a compass reading, shape (1,).

        Returns:
            Observation, reward, whether the mouse was caught, whether the moves are used up, and info.

        Raises:
            InvalidAction: The action does not fit the action space.
            ResetNeeded: No game has begun.
        """
        if not (action.__class__ is int and 0 <= action < self._plain_actions):
            action = self.config.to_action(action)
            if self._end is not None:
                return self._stand_still(self._end)
        move = self._state * 4 + action
        if self._cat_actions > 1:  # who has one action only need not be asked
            cat_action = self._cat.act(self._state, self._steps, self.np_random)
            move = move * self._cat_actions + cat_action
        steps = self._steps = self._steps + 1
        self._state, reward, caught, new_observation, new_info = self._outcomes[steps * self._stride + move]
        truncated = steps >= self._max_steps
        if caught or truncated:
            self._end, self._plain_actions = (caught, truncated), 0
        if self.render_mode is not None:
            self._renderer.record(0, self._state, caught)
            self._renderer.show(self.metadata["render_fps"])
        return new_observation(), reward, caught, truncated, new_info()

    def get_keys_to_action(self) -> dict[tuple[int, ...], Any]:
        """Arrow keys, or w, d, s and a: for `gymnasium.utils.play.play`.

        The mouse can't stand still, so no action is good as `noop`. `play(env, wait_on_player=True)` needs
        none: it moves the mouse only while a key is pressed.
        """
        actions: list[Any] = list(range(4))
        if self.config.continuous:
            actions = [np.array([action_to_reading(action)], np.float32) for action in actions]
        letters = map(ord, "wdsa")
        return {(key,): actions[at % 4] for at, key in enumerate([*ARROW_KEYS, *letters])}

    def _stand_still(self, end: tuple[bool, ...]) -> tuple[Observation, float, bool, bool, Info]:
        """A step after the end."""
        if not end:
            raise ResetNeeded("call reset() before step(): no game has begun")
        gym.logger.warn("this game is over, and a step changes nothing: call reset() to begin another")
        place = self._state + (self._steps * self.config.dynamics.states if self._stride else 0)
        _, new_observation, new_info = self._looks[place]
        terminated, truncated = end
        return new_observation(), 0.0, terminated, truncated, new_info()
