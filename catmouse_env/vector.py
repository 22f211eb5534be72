"""The native vector environment: thousands of games, one look-up each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import gymnasium as gym
import numpy as np
from gymnasium.error import ResetNeeded
from gymnasium.vector import AutoresetMode
from gymnasium.vector.utils import batch_space
from numpy.typing import NDArray

from catmouse_env import checks
from catmouse_env.game import draw_starts
from catmouse_env.grid import UNSEEN
from catmouse_env.rendering.text import draw_text
from catmouse_env.single import RENDER_FPS
from catmouse_env.snapshot import Snapshot
from catmouse_env.teachers import Teacher
from catmouse_env.world import World

if TYPE_CHECKING:
    from catmouse_env.rendering.pygame_renderer import PygameRenderer

RENDER_MODES = ("rgb_array", "ansi")

Array = NDArray[Any]
Info = dict[str, Any]


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
        max_episode_steps: Moves a game; None for no limit.
        autoreset_mode: What follows the end of a game, `gymnasium.vector.AutoresetMode`: NEXT_STEP (the
            next step begins a new game, its action ignored), SAME_STEP (the same step does, and `info`
            keeps `final_obs` and `final_info`), DISABLED (`reset(options={"reset_mask": ...})` does).
        render_mode: None, "rgb_array" or "ansi"; `render` gives a tuple, a picture a game.

    The other arguments are those of `CatMouseEnv`.
    """

    _renderer: PygameRenderer | None = None  # here, because close() is called even if making one failed

    def __init__(
        self,
        num_envs: int = 1,
        width: int = 6,
        height: int = 6,
        continuous: bool = False,
        cat: Any = "stationary",
        teacher: str | Teacher = "flee",
        cat_visible_moves: int | None = None,
        lethal: bool = False,
        observe_moves_left: bool = False,
        render_mode: str | None = None,
        max_episode_steps: int | None = 10,
        autoreset_mode: AutoresetMode | str = AutoresetMode.NEXT_STEP,
        cat_directions: int = 4,
    ) -> None:
        self.num_envs = checks.whole_number("num_envs", num_envs, 1)
        self.world = World(
            width,
            height,
            continuous,
            cat,
            teacher,
            cat_visible_moves,
            lethal,
            observe_moves_left,
            max_episode_steps,
            cat_directions,
        )
        try:
            self.autoreset_mode = AutoresetMode(autoreset_mode)
        except ValueError:
            modes = ", ".join(mode.value for mode in AutoresetMode)
            raise ValueError(f"autoreset_mode must be one of {modes}, got {autoreset_mode!r}") from None
        self.render_mode = checks.one_of("render_mode", render_mode, (None, *RENDER_MODES))
        self.metadata = {
            "render_modes": list(RENDER_MODES),
            "render_fps": RENDER_FPS,
            "autoreset_mode": self.autoreset_mode,
        }
        self.single_observation_space = self.world.observation_space
        self.single_action_space = self.world.action_space
        self.observation_space = batch_space(self.single_observation_space, self.num_envs)
        self.action_space = batch_space(self.single_action_space, self.num_envs)

        # A clock counts the steps, so that one number a game, when it began, tells its moves. While all
        # games keep the same step, which without capture and partial resets is always, one does for all.
        self._clock = 0
        self._began: Any = 0  # an int, or (num_envs,) int64
        self._over: Any = False  # the games that are over: none (False), all (True), or the numbers of some
        self._pair: Array = np.zeros(self.num_envs, np.int64)  # the animals' cells, (num_envs,)
        self._in_game = False
        self._trail: dict[int, tuple[Array, Array]] = {}  # by clock, pairs and caught; to be drawn only
        self._bind()

    def _bind(self) -> None:
        """Keep at hand what every step needs; it is not copied, so a copy binds it anew."""
        world = self.world
        self._play = world.game.moves(world.lethal, cat_moves=world.cat is not None)
        self._none = np.zeros(self.num_envs, np.bool_)
        self._all = np.ones(self.num_envs, np.bool_)
        self._all.flags.writeable = False  # it is given away as a mask that every step shares
        self._shape = (self.num_envs,)

    def __getstate__(self) -> dict[str, Any]:
        return {key: value for key, value in self.__dict__.items() if key not in ("_play", "_renderer")}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        self._renderer = None
        self._bind()

    @property
    def starts(self) -> dict[str, NDArray[np.int16]]:
        """Every start there is: `{"cat": (starts, 2), "mouse": (starts, 2)}`, in the order of pairs.

        On 6 x 6 these are 1,296; a lethal game has none with both in one cell.
        """
        grid = self.world.game.grid
        places = np.stack([grid.x, grid.y], axis=1).astype(np.int16)  # (cells, 2)
        cat, mouse = np.repeat(places, grid.cells, axis=0), np.tile(places, (grid.cells, 1))
        if self.world.lethal:
            apart = (cat != mouse).any(axis=1)
            cat, mouse = cat[apart], mouse[apart]
        return {"cat": cat, "mouse": mouse}

    @property
    def chance(self) -> bool:
        """Whether games from one start may differ though the mouse does the same: the cat moves by chance,
        or is a policy of which that can't be known."""
        return self.world.chance

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
        given, mask = self._checked(options)
        super().reset(seed=checks.seed(seed))
        if mask is None:
            self._start(True, given)
            self._over = False
        else:
            self._start(np.flatnonzero(mask), given)
            left_over = self._are(self._over) & ~mask
            self._over = np.flatnonzero(left_over) if left_over.any() else False
        self._in_game = True
        self._remember(self._none)
        info = self._info()
        return self._observe(), info if mask is None else info_of(mask, info)

    def _checked(self, options: dict[str, Any] | None) -> tuple[dict[str, Array], Array | None]:
        """The start cells that the options of a reset give, and its mask (None: all)."""
        grid = self.world.game.grid
        options = checks.option_keys(options, ("cat", "mouse", "reset_mask"))
        mask = options.get("reset_mask")
        if mask is not None:
            mask = np.array(mask)
            if mask.shape != (self.num_envs,) or mask.dtype != np.bool_ or not mask.any():
                raise ValueError(
                    f"options['reset_mask'] must be bools of shape ({self.num_envs},), one of them True at "
                    f"least, got {options['reset_mask']!r}"
                )
            if mask.all():
                mask = None
            elif not self._in_game:
                raise ResetNeeded("the first reset() must start all games: reset_mask leaves some out")
        given: dict[str, Array] = {}
        for name in ("cat", "mouse"):
            if name in options:
                places = checks.positions(name, options[name], self.num_envs, grid.width, grid.height)
                cells = grid.cell(places[:, 0], places[:, 1])
                given[name] = cells if mask is None else cells[mask]
        if self.world.lethal and len(given) == 2 and (given["cat"] == given["mouse"]).any():
            raise ValueError("options must put cat and mouse apart in a lethal game")
        return given, mask

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
        if not self._in_game:
            raise ResetNeeded("call reset() before step(): no game has begun")
        action = self.world.actions(actions, self._shape)
        over = self._over
        if over is not False and self.autoreset_mode is AutoresetMode.DISABLED:
            raise ResetNeeded("a game is over: reset(options={'reset_mask': ...}) it before the next step()")

        cat_action = None
        if self.world.cat is not None and over is not True:
            cat_action = self._cat_actions()
        self._clock += 1
        if over is True:
            reward, caught = np.zeros(self.num_envs), None
            self._start(True, {})
        else:
            self._pair, reward, caught = self._play(self._pair, action, cat_action)
            if over is not False:
                reward[over] = 0
                if caught is not None:
                    caught[over] = False
                self._start(over, {})
        terminated = self._none.copy() if caught is None else caught
        truncated = self._end(caught)
        observation, info = self._observe(), self._info()
        if self._over is not False and self.autoreset_mode is AutoresetMode.SAME_STEP:
            final = final_info(observation, info, self._are(self._over))
            self._start(self._over, {})
            self._over = False
            observation, info = self._observe(), {**self._info(), **final}
        self._remember(terminated)
        return observation, reward, terminated, truncated, info

    def _cat_actions(self) -> Array:
        """What each cat does in the present state, (num_envs,)."""
        world = self.world
        assert world.cat is not None  # noqa: S101  (the caller saw to it)
        moves = self._clock - self._began
        playing = None if self._over is False else ~self._are(self._over)
        begins = np.broadcast_to(moves == 0, self._shape)
        return world.cat.act(self._pair, world.moves_left_of(moves), begins, playing, self.np_random)

    def _start(self, games: Any, given: dict[str, Array]) -> None:
        """Put games at a start, given or drawn.

        Args:
            games: Their numbers, or True for all.
            given: Start cells of these games that are given.
        """
        world = self.world
        count = self.num_envs if games is True else games.size
        pairs = draw_starts(self.np_random, count, world.game.grid, world.lethal, **given)
        if games is True:
            self._pair, self._began = pairs, self._clock
        else:
            self._tell_apart()
            self._pair[games] = pairs
            self._began[games] = self._clock

    def _end(self, caught: Array | None) -> Array:
        """Note which games are over; return which have reached their limit, (num_envs,) bool."""
        limit = self.world.limit
        last = -1 if limit is None else self._clock - limit  # what began then or before has reached it
        if isinstance(self._began, int) and (caught is None or np.count_nonzero(caught) == 0):
            self._over = self._began <= last
            return np.full(self.num_envs, True) if self._over else self._none.copy()
        self._tell_apart()
        truncated: Array = self._began <= last
        over = truncated if caught is None else truncated | caught
        count = int(np.count_nonzero(over))
        self._over = np.flatnonzero(over) if 0 < count < self.num_envs else count > 0
        return truncated

    def _are(self, games: Any) -> Array:
        """Games (True, False or their numbers) as a mask, (num_envs,) bool."""
        mask = np.array(self._none)
        mask[slice(None) if games is True else slice(0) if games is False else games] = True
        return mask

    def _tell_apart(self) -> None:
        """Let each game have its own beginning."""
        if isinstance(self._began, int):
            self._began = np.full(self.num_envs, self._began)

    def _observe(self) -> Array:
        """What the mice see, (num_envs, 4) or (num_envs, 5) float32, a new array."""
        world = self.world
        seen = world.game.observe(self._pair)
        if world.sight is not None:
            hidden = self._clock - self._began >= world.sight
            if hidden is not False:
                seen[slice(None) if hidden is True else hidden, :2] = UNSEEN
        if world.moves_left:
            left = np.empty((self.num_envs, 1), np.float32)
            left[:, 0] = world.moves_left_of(self._clock - self._began)
            seen = np.concatenate([seen, left], axis=1)
        return seen

    def _info(self) -> Info:
        """The teacher's labels at the present positions, with Gymnasium's masks."""
        world = self.world
        if world.advice is not None and world.limit is not None:
            labels = world.advice.info(world.limit - (self._clock - self._began), self._pair)
            return labels | {f"_{name}": self._all for name in labels}
        advice = world.game.advise(self._pair)
        return {
            "ideal_direction": advice["ideal_direction"],
            "_ideal_direction": self._all,
            "ideal_action": advice["ideal_action"],
            "_ideal_action": self._all,
        }

    def _remember(self, caught: Array) -> None:
        """Keep the positions for pictures, as far back as the longest game in progress."""
        if self.render_mode is not None:
            self._trail[self._clock] = self._pair.copy(), caught.copy()
            for past in [clock for clock in self._trail if clock < np.min(self._began)]:
                del self._trail[past]

    def snapshot(self, game: int) -> Snapshot:
        """One game so far, for a renderer; needs a `render_mode`.

        Raises:
            ResetNeeded: No game has begun.
        """
        if not self._trail:
            raise ResetNeeded("call reset() before render(): no game has begun")
        world = self.world
        began = int(np.broadcast_to(self._began, self.num_envs)[game])
        pairs = [int(self._trail[clock][0][game]) for clock in range(began, self._clock + 1)]
        path = [divmod(pair, world.game.grid.cells) for pair in pairs]
        seen = world.sight is None or self._clock - began < world.sight
        return world.snapshot(path, seen, bool(self._trail[self._clock][1][game]))

    def render(self) -> tuple[Any, ...] | None:
        """A picture a game: arrays (height, width, 3) uint8 for "rgb_array", text for "ansi".

        Raises:
            ResetNeeded: No game has begun.
            DependencyNotInstalled: pygame is missing.
        """
        if self.render_mode is None:
            gym.logger.warn('render() needs a render_mode: make the environment with render_mode="rgb_array"')
            return None
        snapshots = map(self.snapshot, range(self.num_envs))
        if self.render_mode == "ansi":
            return tuple(map(draw_text, snapshots))
        if self._renderer is None:
            from catmouse_env.rendering.pygame_renderer import PygameRenderer

            self._renderer = PygameRenderer(RENDER_FPS)
        return tuple(map(self._renderer.frame, snapshots))

    def close_extras(self, **kwargs: Any) -> None:
        """Let the renderer go."""
        if self._renderer is not None:
            self._renderer.close()
            self._renderer = None


def info_of(games: Array, info: Info) -> Info:
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
        "final_info": info_of(ended, info),
        "_final_info": ended.copy(),
    }
