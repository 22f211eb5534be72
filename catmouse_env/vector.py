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
from catmouse_env.world import READINGS, World

if TYPE_CHECKING:
    from catmouse_env.rendering.pygame_renderer import PygameRenderer

RENDER_MODES = ("rgb_array", "ansi")

Array = NDArray[Any]
Info = dict[str, Any]


class CatMouseVectorEnv(gym.vector.VectorEnv[Array, Array, Array]):
    """`num_envs` games of `CatMouseEnv` side by side, by the same rules and with the same arguments.

    Observations are (num_envs, 4) float32, actions (num_envs,) whole numbers or (num_envs, 1) compass
    readings, rewards (num_envs,) float32. `info` holds the arrays `ideal_direction` (float64) and
    `ideal_action` (int64), each with Gymnasium's mask of the same name behind an underscore.

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

    def __init__(
        self,
        num_envs: int = 1,
        width: int = 6,
        height: int = 6,
        continuous: bool = False,
        cat: str = "stationary",
        teacher: str | Teacher = "flee",
        cat_visible_moves: int | None = None,
        lethal: bool = False,
        observe_moves_left: bool = False,
        render_mode: str | None = None,
        max_episode_steps: int | None = 10,
        autoreset_mode: AutoresetMode | str = AutoresetMode.NEXT_STEP,
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

        # One number a game, but for `_moves` and `_over`: as long as all games are at the same move,
        # which without capture and partial resets is always, these are a single int and bool.
        self._cat: Array = np.zeros(self.num_envs, np.int64)
        self._mouse = self._row = self._cat  # _row is cat * cells, so that pair = _row + _mouse
        self._distance: Array = np.zeros(self.num_envs, np.int8)
        self._moves: Any = 0
        self._over: Any = False
        self._in_game = False
        self._trail: list[tuple[Array, Array, Array]] = []  # cat, mouse, caught; kept to be drawn only
        self._renderer: PygameRenderer | None = None

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "_renderer": None}

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

    def reset(self, *, seed: int | None = None, options: dict[str, Any] | None = None) -> tuple[Array, Info]:
        """Start all games, or those of a mask.

        Args:
            seed: Seeds the one random stream of all games; None goes on with it.
            options: `"cat"` and `"mouse"`: start cells, (num_envs, 2) whole numbers each.
                `"reset_mask"`: (num_envs,) bool, which games to start; the others go on.

        Returns:
            Observations and info of all games. The masks in `info` mark the games that started.

        Raises:
            ValueError: An option is unknown or malformed; no game is touched.
            ResetNeeded: A mask leaves out games that never began.
        """
        given, mask = ({}, None) if options is None else self._checked(options)
        super().reset(seed=seed)
        if mask is not None:
            self._tell_apart()
        self._start(mask, given)
        self._in_game = True
        return self._observe(), self._info(np.ones(self.num_envs, np.bool_) if mask is None else mask)

    def _checked(self, options: dict[str, Any]) -> tuple[dict[str, Array], Array | None]:
        """The start cells that the options of a reset give, and its mask."""
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
            if not (self._in_game or mask.all()):
                raise ResetNeeded("the first reset() must start all games: reset_mask leaves some out")
        given = {}
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
        world = self.world
        action = world.actions(actions, (self.num_envs,))
        starting = self._over if np.any(self._over) else None  # the games that were over before this step
        if starting is not None and self.autoreset_mode is AutoresetMode.DISABLED:
            raise ResetNeeded("a game is over: reset(options={'reset_mask': ...}) it before the next step()")

        rules = world.game.many
        mouse = rules.mouse_move(self._mouse, action)
        distance = rules.distance(self._row + mouse)
        reward = (distance - self._distance).astype(np.float32)
        caught = np.zeros(self.num_envs, np.bool_)
        if world.lethal:
            self._tell_apart()
            caught = rules.caught(self._cat, self._mouse, self._cat, mouse)
            reward = rules.reward(reward, caught)
        self._mouse, self._distance = mouse, distance
        self._moves = self._moves + 1
        self._remember(caught)
        if starting is not None:
            self._start(None if starting is True else starting, {})
            reward[starting] = 0
            caught[starting] = False
        truncated = self._truncated()
        if isinstance(self._moves, int):
            self._over = bool(truncated[0])
        else:
            self._over = caught | truncated

        observation, info = self._observe(), self._info(np.ones(self.num_envs, np.bool_))
        if self.autoreset_mode is AutoresetMode.SAME_STEP and np.any(self._over):
            final = final_info(observation, info, caught | truncated)
            self._start(None if self._over is True else self._over, {})
            observation, info = self._observe(), {**self._info(np.ones(self.num_envs, np.bool_)), **final}
        return observation, reward, caught, truncated, info

    def _start(self, mask: Array | None, given: dict[str, Array]) -> None:
        """Put the games of `mask` (None: all) at a start, given or drawn."""
        world, game = self.world, self.world.game
        count = self.num_envs if mask is None else int(np.count_nonzero(mask))
        pairs = draw_starts(self.np_random, count, game.grid, world.lethal, **given)
        cat, mouse = np.divmod(pairs, game.grid.cells)
        distance = game.distances.take(pairs)
        if mask is None:
            self._cat, self._row, self._mouse, self._distance = cat, pairs - mouse, mouse, distance
            self._moves, self._over = 0, False
            self._trail = []
        else:
            # In new arrays: the old ones are in the trail.
            self._cat, self._row, self._mouse = self._cat.copy(), self._row.copy(), self._mouse.copy()
            self._cat[mask], self._row[mask], self._mouse[mask] = cat, pairs - mouse, mouse
            self._distance[mask], self._moves[mask] = distance, 0
            self._over = self._over & ~mask
            del self._trail[-1:]
        self._remember(np.zeros(self.num_envs, np.bool_))

    def _tell_apart(self) -> None:
        """Let each game have its own number of moves and its own end."""
        if isinstance(self._moves, int):
            self._moves = np.full(self.num_envs, self._moves)
            self._over = np.full(self.num_envs, self._over)

    def _truncated(self) -> Array:
        limit = self.world.limit
        if limit is None:
            return np.zeros(self.num_envs, np.bool_)
        if isinstance(self._moves, int):
            return np.full(self.num_envs, self._moves >= limit)
        return np.asarray(self._moves >= limit)

    def _observe(self) -> Array:
        """What the mice see, (num_envs, 4) or (num_envs, 5) float32, a new array."""
        world = self.world
        seen = world.game.observe(self._cat, self._mouse, self._row + self._mouse)
        if world.sight is not None:
            hidden = self._moves >= world.sight
            seen[hidden if isinstance(hidden, np.ndarray) else slice(None, None if hidden else 0), :2] = (
                UNSEEN
            )
        if world.moves_left:
            left = np.empty((self.num_envs, 1), np.float32)
            left[:, 0] = world.moves_left_of(self._moves)
            seen = np.concatenate([seen, left], axis=1)
        return seen

    def _info(self, mask: Array) -> Info:
        """The teacher's labels at the present positions, with Gymnasium's masks."""
        action = self.world.game.labels.take(self._row + self._mouse).astype(np.int64)
        return {
            "ideal_direction": READINGS.take(action),
            "_ideal_direction": mask,
            "ideal_action": action,
            "_ideal_action": mask.copy(),
        }

    def _remember(self, caught: Array) -> None:
        """Keep the positions for pictures, as far back as the longest game in progress."""
        if self.render_mode is not None:
            self._trail.append((self._cat, self._mouse, caught.copy()))
            del self._trail[: -int(np.max(self._moves)) - 1]

    def snapshot(self, game: int) -> Snapshot:
        """One game so far, for a renderer; needs a `render_mode`.

        Raises:
            ResetNeeded: No game has begun.
        """
        if not self._trail:
            raise ResetNeeded("call reset() before render(): no game has begun")
        moves = np.broadcast_to(self._moves, self.num_envs)[game]
        path = [(int(cat[game]), int(mouse[game])) for cat, mouse, _ in self._trail[-moves - 1 :]]
        seen = self.world.sight is None or moves < self.world.sight
        return self.world.snapshot(path, bool(seen), bool(self._trail[-1][2][game]))

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


def final_info(observation: Array, info: Info, ended: Array) -> Info:
    """The last observation and info of the games that ended, in the form of Gymnasium's SAME_STEP."""
    final_obs = np.full(len(ended), None, object)
    for game in np.flatnonzero(ended):
        final_obs[game] = observation[game]
    kept = {key: np.where(ended, value, value.dtype.type(0)) for key, value in info.items() if key[0] != "_"}
    masks = {f"_{key}": ended.copy() for key in kept}
    return {
        "final_obs": final_obs,
        "_final_obs": ended.copy(),
        "final_info": {**kept, **masks},
        "_final_info": ended.copy(),
    }
