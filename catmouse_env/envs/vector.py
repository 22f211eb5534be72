"""The native vector environment: thousands of games, one look-up each."""

from __future__ import annotations

from typing import Any

import gymnasium as gym
import numpy as np
from gymnasium.error import ResetNeeded
from gymnasium.vector import AutoresetMode
from gymnasium.vector.utils import batch_space
from numpy.typing import NDArray

from catmouse_env import validation
from catmouse_env.config import EnvConfig
from catmouse_env.rendering.game_renderer import RENDER_FPS, GameRenderer
from catmouse_env.rendering.snapshot import Snapshot

RENDER_MODES = ("rgb_array", "ansi")

BYTES_A_GAME = 128  # twice what a step returns
MAX_PIECE = 30 << 20  # glibc looks at pieces up to 32 MB

Array = NDArray[Any]
Info = dict[str, Any]
Games = Any  # some games of all: none (False), all (True), or their numbers


class CatMouseVectorEnv(gym.vector.VectorEnv[Array, Array, Array]):
    """`num_envs` games of `CatMouseEnv` side by side, by the same rules and with the same arguments.

    Observations are (num_envs, 4) float32, actions (num_envs,) whole numbers or (num_envs, 1) compass
    readings, rewards (num_envs,) float64. `info` holds the arrays `ideal_direction` (float64) and
    `ideal_action` (int64), each with Gymnasium's mask of the same name behind an underscore; with
    `teacher="equilibrium"` also `ideal_policy`, (num_envs, 4) float64. A policy as `cat` sees and answers
    all games at once; `episode_start` tells it which are at their first move.

    All games share one random stream, so `reset(seed=...)` takes one number.

    Args:
        num_envs: How many games.
        max_episode_steps: Gymnasium's own limit, which can cut games shorter than `max_steps`; None or -1: it
            does not.
        autoreset_mode: What follows the end of a game, `gymnasium.vector.AutoresetMode`: NEXT_STEP (the
            next step begins a new game, its action ignored), SAME_STEP (the same step does, and `info`
            keeps `final_obs` and `final_info`), DISABLED (`reset(options={"reset_mask": ...})` does).
        render_mode: None, "rgb_array" or "ansi"; `render` gives a tuple, a picture a game.

    The other arguments are those of `CatMouseEnv`.
    """

    def __init__(
        self,
        num_envs: int = 1,
        *,
        autoreset_mode: AutoresetMode | str = AutoresetMode.NEXT_STEP,
        render_mode: str | None = None,
        max_episode_steps: int | None = None,
        **arguments: Any,
    ) -> None:
        self.num_envs = validation.whole_number("num_envs", num_envs, 1)
        self.config = config = EnvConfig(**arguments)
        try:
            self.autoreset_mode = AutoresetMode(autoreset_mode)
        except ValueError:
            modes = ", ".join(mode.value for mode in AutoresetMode)
            raise ValueError(f"autoreset_mode must be one of {modes}, got {autoreset_mode!r}") from None
        self._limit = config.max_steps
        if max_episode_steps not in (None, -1):
            shorter = validation.whole_number("max_episode_steps", max_episode_steps, 1)
            self._limit = min(self._limit, shorter)
        self.render_mode = validation.one_of("render_mode", render_mode, (None, *RENDER_MODES))
        self.metadata = {
            "render_modes": list(RENDER_MODES),
            "render_fps": RENDER_FPS,
            "autoreset_mode": self.autoreset_mode,
        }
        self.single_observation_space = config.observation_space
        self.single_action_space = config.action_space
        self.observation_space = batch_space(self.single_observation_space, self.num_envs)
        self.action_space = batch_space(self.single_action_space, self.num_envs)
        self._cat = config.make_cat()
        self._dynamics, self._labels, self._view = config.dynamics, config.labels, config.view
        self._renderer = GameRenderer(config, self.render_mode, self.num_envs)

        # A clock counts the steps, so that one number a game, when it began, tells its moves. While all
        # games keep the same step, which without capture and partial resets is always, one does for all.
        self._clock = 0
        self._start_clock: Any = 0  # an int, or (num_envs,) int64
        self._done: Games = False
        self._state: Array = np.zeros(self.num_envs, np.int64)
        self._playing = False
        self._shape, self._max_steps = (self.num_envs,), config.max_steps
        self._every = np.ones(self.num_envs, np.bool_)
        self._every.flags.writeable = False  # it is given away as a mask that every step shares

        self._masks = {f"_{name}": self._every for name in self._labels.info(0, 0)}

        # glibc gives memory that is freed back to the system, only to fetch it again at the next step, unless
        # a larger piece has been freed before: three quarters of the time of 16,384 games.
        np.empty(min(self.num_envs * BYTES_A_GAME, MAX_PIECE), np.uint8)

    def close_extras(self, **kwargs: Any) -> None:
        """Let the renderer go."""
        if hasattr(self, "_renderer"):  # close() is called even if making one failed
            self._renderer.close()

    @property
    def stochastic(self) -> bool:
        """Whether games from one start may differ though the mouse does the same: the cat moves by chance,
        or is a policy of which that can't be known."""
        return self.config.stochastic

    @property
    def starts_suffice(self) -> bool:
        """Whether whatever a game may come to is also how one may start, with the same labels."""
        return self.config.starts_suffice

    @property
    def rules_sha256(self) -> str | None:
        """The hash of the game's tables; None with a cat or a teacher of one's own. See `EnvConfig`."""
        return self.config.rules_sha256

    @property
    def starts(self) -> dict[str, NDArray[np.int16]]:
        """Every start there is, in the order of states.

        The keys are "cat" and "mouse", the values cells, (starts, 2). On 6 x 6 these are 1,296; a lethal
        game has none with both in one cell.
        """
        dynamics = self._dynamics
        places = np.stack([dynamics.x, dynamics.y], axis=1).astype(np.int16)  # (cells, 2)
        cat, mouse = dynamics.split(dynamics.start_states)
        return {"cat": places[cat], "mouse": places[mouse]}

    def reset(self, *, seed: int | None = None, options: dict[str, Any] | None = None) -> tuple[Array, Info]:
        """Start all games, or those of a mask.

        Args:
            seed: Seeds the one random stream of all games; None goes on with it.
            options: `"cat"` and `"mouse"`: start cells, (num_envs, 2) whole numbers each.
                `"reset_mask"`: (num_envs,) bool, which games to start; the others go on.

        Returns:
            Observations of all games, info of those that started (see its masks; the rest reads 0).

        Raises:
            ValueError: The seed or an option is unknown or malformed; no game is touched.
            ResetNeeded: A mask leaves out games that never began.
        """
        options = validation.option_keys(options, ("cat", "mouse", "reset_mask"))
        mask = self._reset_mask(options)
        cells = self.config.start_cells(options, self.num_envs)
        super().reset(seed=validation.seed(seed))
        every = mask is self._every or bool(mask.all())
        if every:
            self._begin(True, **cells)
            self._done = False
        else:
            self._begin(np.flatnonzero(mask), **{name: cell[mask] for name, cell in cells.items()})
            self._done = as_games(self._mask(self._done) & ~mask)
        self._playing = True
        info = self._info()
        return self._observe(), info if every else masked_info(mask, info)

    def _reset_mask(self, options: dict[str, Any]) -> Array:
        """Which games the options of a reset start, (num_envs,) bool."""
        given = options.get("reset_mask")
        if given is None:
            return self._every
        mask = np.array(given)
        if mask.shape != (self.num_envs,) or mask.dtype != np.bool_ or not mask.any():
            raise ValueError(
                f"options['reset_mask'] must be bools of shape ({self.num_envs},), one of them True at "
                f"least, got {given!r}"
            )
        if not (self._playing or mask.all()):
            raise ResetNeeded("the first reset() must start all games: reset_mask leaves some out")
        return mask

    def step(self, actions: Any) -> tuple[Array, Array, Array, Array, Info]:
        """Move every mouse.

        Args:
            actions: (num_envs,) directions, or (num_envs, 1) compass readings.

        Returns:
            Observations, rewards, terminated, truncated (all new arrays) and info.

        Raises:
            InvalidAction: The actions do not fit the action space.
            ResetNeeded: No game has begun, or one is over and autoreset is disabled.
        """
        if not self._playing:
            raise ResetNeeded("call reset() before step(): no game has begun")
        action = self.config.to_actions(actions, self._shape)
        done = self._done
        if done is not False and self.autoreset_mode is AutoresetMode.DISABLED:
            raise ResetNeeded("a game is over: reset(options={'reset_mask': ...}) it before the next step()")

        if done is True:  # NEXT_STEP: this step only begins anew
            self._clock += 1
            reward, caught = np.zeros(self.num_envs), np.zeros(self.num_envs, np.bool_)
            self._begin(True)
        else:
            cat_action = 0
            if self._dynamics.cat_actions > 1:  # who has one action only need not be asked
                cat_action = self._cat.act(self._state, self._clock - self._start_clock, self.np_random)
            self._state, reward, caught = self._dynamics.transition(self._state, action, cat_action)
            self._clock += 1
            if self.render_mode is not None:
                for game in range(self.num_envs):
                    self._renderer.record(game, self._state[game], caught[game])
            if done is not False:
                reward[done] = 0
                caught[done] = False
                self._begin(done)
        truncated = self._end(caught)
        observation, info = self._observe(), self._info()
        if self._done is not False and self.autoreset_mode is AutoresetMode.SAME_STEP:
            final = final_info(observation, info, self._mask(self._done))
            self._begin(self._done)
            self._done = False
            observation, info = self._observe(), {**self._info(), **final}
        return observation, reward, caught, truncated, info

    def _begin(self, games: Games, **cells: Array) -> None:
        """Put games at a start; the cells that are given are not drawn, (games,) each."""
        count = self.num_envs if games is True else games.size
        state = self._dynamics.draw_start(self.np_random, count, **cells)
        if games is True:
            self._state, self._start_clock = state, self._clock
        else:
            self._tell_apart()
            self._state[games] = state
            self._start_clock[games] = self._clock
        if self.render_mode is not None:
            for game in np.flatnonzero(self._mask(games)).tolist():
                self._renderer.begin(game, self._state[game])

    def _end(self, caught: Array) -> Array:
        """Note which games are over; return which have reached their limit, (num_envs,) bool."""
        last = self._clock - self._limit  # what began then or before has reached it
        if isinstance(self._start_clock, int) and not (self._dynamics.lethal and np.count_nonzero(caught)):
            self._done = self._start_clock <= last
            return self._every.copy() if self._done else np.zeros(self.num_envs, np.bool_)
        self._tell_apart()
        truncated: Array = self._start_clock <= last
        self._done = as_games(truncated | caught)
        return truncated

    def _mask(self, games: Games) -> Array:
        """Games as a mask, (num_envs,) bool."""
        mask = np.full(self.num_envs, games is True)
        if not isinstance(games, bool):
            mask[games] = True
        return mask

    def _tell_apart(self) -> None:
        """Let each game have its own beginning."""
        if isinstance(self._start_clock, int):
            self._start_clock = np.full(self.num_envs, self._start_clock)

    def _observe(self) -> Array:
        """What the mice see, (num_envs, 4) or (num_envs, 5) float32, a new array."""
        return self._dynamics.observe(self._state, self._clock - self._start_clock, self._view)

    def _info(self) -> Info:
        """The teacher's labels in the present states, with Gymnasium's masks."""
        info = self._labels.info(self._max_steps - (self._clock - self._start_clock), self._state)
        info.update(self._masks)
        return info

    def snapshot(self, game: int) -> Snapshot:
        """One game so far, for a renderer; needs a `render_mode`.

        Raises:
            ResetNeeded: No game has begun.
        """
        return self._renderer.snapshot(game)

    def render(self) -> tuple[Any, ...] | None:
        """A picture a game: arrays (height, width, 3) uint8 for "rgb_array", text for "ansi".

        Raises:
            ResetNeeded: No game has begun.
            DependencyNotInstalled: pygame is missing.
        """
        if self.render_mode is None:
            self._renderer.picture()  # which warns
            return None
        return tuple(map(self._renderer.picture, range(self.num_envs)))


def as_games(mask: Array) -> Games:
    """A mask, (num_envs,) bool, as `Games`."""
    count = int(np.count_nonzero(mask))
    return np.flatnonzero(mask) if 0 < count < len(mask) else count > 0


def masked_info(games: Array, info: Info) -> Info:
    """The info of some games, (num_envs,) bool, in Gymnasium's form: 0 and a mask of False elsewhere."""
    kept = {key: value.copy() for key, value in info.items() if key[0] != "_"}
    for value in kept.values():
        value[~games] = 0
    return kept | {f"_{key}": games.copy() for key in kept}


def final_info(observation: Array, info: Info, ended: Array) -> Info:
    """The last observation and info of the games that ended, in the form of Gymnasium's SAME_STEP."""
    final_obs = np.full(len(ended), None, object)
    for game in np.flatnonzero(ended).tolist():
        final_obs[game] = observation[game]
    return {
        "final_obs": final_obs,
        "_final_obs": ended.copy(),
        "final_info": masked_info(ended, info),
        "_final_info": ended.copy(),
    }
