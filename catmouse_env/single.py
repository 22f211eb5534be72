"""The environment for one game."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import gymnasium as gym
import numpy as np
from gymnasium.envs.registration import EnvSpec
from gymnasium.error import ResetNeeded
from numpy.typing import NDArray

from catmouse_env import checks
from catmouse_env.game import draw_start, draw_starts
from catmouse_env.grid import UNSEEN
from catmouse_env.rendering.text import draw_text
from catmouse_env.snapshot import Snapshot
from catmouse_env.teachers import Teacher
from catmouse_env.time_limit import limit_in_make
from catmouse_env.world import READINGS, World

if TYPE_CHECKING:
    from catmouse_env.rendering.pygame_renderer import PygameRenderer

RENDER_FPS = 4
RENDER_MODES = ("human", "rgb_array", "ansi")
PLAIN_ACTIONS = frozenset({int, np.int64})  # other ways to write an action are checked the long way

Observation = NDArray[np.float32]
Info = dict[str, Any]


class CatMouseEnv(gym.Env[Observation, Any]):
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
    fifth coordinate: moves left / `max_episode_steps`.

    ## Starting State
    Both cells are drawn uniformly. `reset(options={"cat": (x, y), "mouse": (x, y)})` gives either or
    both. A lethal game never starts with both in one cell.

    ## Reward
    The change in Manhattan distance that the move brought, in cells; for being caught
    -(width + height) instead.

    ## Episode End
    Truncated after `max_episode_steps` moves (Gymnasium's own limit; 10 unless told otherwise).
    Terminated only by capture, when `lethal=True`: both end a move in one cell, or swap cells.

    ## Information
    From `reset` and every `step`, about the observation returned with it: `ideal_direction`, the
    teacher's compass reading (float, the middle of its band), and `ideal_action` (int).

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
      Both need the number of moves and a room of 1,024 cells at most.
    - `cat_visible_moves=None`: for how many observations of a game the cat is seen; None: all.
    - `lethal=False`: whether the mouse can be caught.
    - `observe_moves_left=False`: a fifth coordinate shows the moves left.
    - `cat_directions=4`: 8 gives a moving cat the diagonals too, clockwise from up.
    - `render_mode=None`: "human" (a window), "rgb_array" or "ansi" (text).
    - `max_episode_steps=None`: the number of moves, needed for `observe_moves_left` when the class is
      made without `gymnasium.make`, which tells it by itself. The limit is kept by Gymnasium's
      TimeLimit wrapper.

    ## Version History
    - v0: first version.
    """

    metadata = {"render_modes": list(RENDER_MODES), "render_fps": RENDER_FPS}  # noqa: RUF012

    def __init__(
        self,
        width: int = 6,
        height: int = 6,
        continuous: bool = False,
        cat: Any = "stationary",
        teacher: str | Teacher = "flee",
        cat_visible_moves: int | None = None,
        lethal: bool = False,
        observe_moves_left: bool = False,
        render_mode: str | None = None,
        max_episode_steps: int | None = None,
        cat_directions: int = 4,
    ) -> None:
        max_episode_steps = limit_in_make(self) or max_episode_steps
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
        self.render_mode = checks.one_of("render_mode", render_mode, (None, *RENDER_MODES))
        self.observation_space = self.world.observation_space
        self.action_space = self.world.action_space
        self._spec: EnvSpec | None = None
        self._renderer: PygameRenderer | None = None
        self._in_game = False
        self._pair = self._moves = 0
        self._caught = False
        self._trail: list[int] = []  # pairs since the game began, for pictures
        self._bind()

    def _bind(self) -> None:
        """Keep at hand what every step needs; it is not copied, so a copy binds it anew."""
        world = self.world
        self._outcomes = world.game.outcomes(world.lethal, cat_moves=world.cat is not None)
        self._discrete = not world.continuous
        # Nothing beyond the two cells matters to what is seen or drawn: a step may go the short way.
        self._plain = (
            world.sight is None
            and not world.moves_left
            and self.render_mode is None
            and world.cat is None
            and world.advice is None
        )

    @property
    def spec(self) -> EnvSpec | None:
        """How Gymnasium made this environment; with the limit of moves where it matters within."""
        return self._spec

    @spec.setter
    def spec(self, spec: EnvSpec | None) -> None:
        if spec is not None and (self.world.moves_left or self.world.advice is not None):
            spec.kwargs = {**spec.kwargs, "max_episode_steps": self.world.limit}
        self._spec = spec

    def __getstate__(self) -> dict[str, Any]:
        return {key: value for key, value in self.__dict__.items() if key not in ("_outcomes", "_renderer")}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        self._renderer = None
        self._bind()

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
        given = {} if options is None else self._cells_given(options)
        super().reset(seed=checks.seed(seed))
        world = self.world
        game = world.game
        if len(given) == 2:
            pair = given["cat"] * game.grid.cells + given["mouse"]
        elif given:
            cells = {name: np.array([cell]) for name, cell in given.items()}
            pair = draw_starts(self.np_random, 1, game.grid, world.lethal, **cells).item()
        else:
            pair = draw_start(self.np_random, game.grid, world.lethal)
        self._pair = pair
        self._moves = 0
        self._caught = False
        self._in_game = True
        self._trail = []
        label = int(game.labels[pair])
        observation = game.observe_one(pair)
        if not self._plain:
            observation = self._finish(observation)
        if world.advice is not None:
            return observation, self._advice()
        return observation, {"ideal_direction": READINGS[label], "ideal_action": label}

    def _cells_given(self, options: dict[str, Any]) -> dict[str, int]:
        """The start cells that the options of a reset give."""
        grid = self.world.game.grid
        given = {}
        for name, value in checks.option_keys(options, ("cat", "mouse")).items():
            given[name] = grid.cell(*checks.position(name, value, grid.width, grid.height))
        if self.world.lethal and len(given) == 2 and given["cat"] == given["mouse"]:
            raise ValueError(f"options must put cat and mouse apart in a lethal game, got {options!r}")
        return given

    def step(self, action: Any) -> tuple[Observation, float, bool, bool, Info]:
        """Move the mouse.

        Args:
            action: A direction 0 to 3; with `continuous=True` a compass reading, shape (1,).

        Returns:
            Observation, reward, whether the mouse was caught, False (the limit of moves is Gymnasium's
            TimeLimit), and info.

        Raises:
            InvalidAction: The action does not fit the action space.
            ResetNeeded: No game has begun, or the mouse has been caught.
        """
        if not self._in_game:
            raise ResetNeeded("call reset() before step(): no game has begun, or the last one is over")
        if not (self._discrete and action.__class__ in PLAIN_ACTIONS and 0 <= (action := int(action)) <= 3):
            action = self.world.action(action)
        move = self._pair * 4 + action
        if not self._plain and self.world.cat is not None:
            move = move * self.world.game.cat_directions + self._cat_action()
        self._pair, reward, caught, reading, label, seen = self._outcomes[move]
        self._moves += 1
        if caught:
            self._caught, self._in_game = True, False
        if self._plain:
            return seen.copy(), reward, caught, False, {"ideal_direction": reading, "ideal_action": label}
        info = {"ideal_direction": reading, "ideal_action": label}
        if self.world.advice is not None:
            info = self._advice()
        return self._finish(seen.copy()), reward, caught, False, info

    def _cat_action(self) -> int:
        """What the cat does in the present state."""
        world = self.world
        assert world.cat is not None  # noqa: S101  (the caller saw to it)
        begins = np.array([self._moves == 0])
        left = world.moves_left_of(self._moves)
        return int(world.cat.act(np.array([self._pair]), left, begins, None, self.np_random)[0])

    def _advice(self) -> Info:
        """The labels of a teacher that looks at the moves left."""
        world = self.world
        assert world.advice is not None  # noqa: S101  (the caller saw to it)
        assert world.limit is not None  # noqa: S101  (the world saw to it)
        return world.advice.info(max(world.limit - self._moves, 0), self._pair)

    def _finish(self, seen: Observation) -> Observation:
        """Hide the cat, add the moves left, draw the game: whatever goes beyond the two cells."""
        world = self.world
        if self.render_mode is not None:
            self._trail.append(self._pair)
            if self.render_mode == "human":
                self._show()
        if not self._cat_is_seen():
            seen[:2] = UNSEEN
        if world.moves_left:
            seen = np.append(seen, np.float32(world.moves_left_of(self._moves)))
        return seen

    def _cat_is_seen(self) -> bool:
        return self.world.sight is None or self._moves < self.world.sight

    def snapshot(self) -> Snapshot:
        """The game so far, for a renderer; needs a `render_mode`.

        Raises:
            ResetNeeded: No game has begun.
        """
        if not self._trail:
            raise ResetNeeded("call reset() before render(): no game has begun")
        path = [divmod(pair, self.world.game.grid.cells) for pair in self._trail]
        return self.world.snapshot(path, self._cat_is_seen(), self._caught)

    def render(self) -> Any:
        """The picture of the game: an array (height, width, 3) uint8 for "rgb_array", text for "ansi".

        With "human" the window follows by itself and None is returned; with None a warning is given.

        Raises:
            ResetNeeded: No game has begun.
            DependencyNotInstalled: pygame is missing.
        """
        if self.render_mode is None:
            gym.logger.warn('render() needs a render_mode: make the environment with render_mode="rgb_array"')
            return None
        if self.render_mode == "ansi":
            return draw_text(self.snapshot())
        if self.render_mode == "rgb_array":
            return self._pygame_renderer().frame(self.snapshot())
        return None

    def _show(self) -> None:
        if not self._pygame_renderer().show(self.snapshot()):
            self.close()
            raise SystemExit(0)  # the window was closed: the program ends politely

    def _pygame_renderer(self) -> PygameRenderer:
        if self._renderer is None:
            from catmouse_env.rendering.pygame_renderer import PygameRenderer

            self._renderer = PygameRenderer(self.metadata["render_fps"])
        return self._renderer

    def close(self) -> None:
        """Close the window, if there is one. May be called twice."""
        if self._renderer is not None:
            self._renderer.close()
            self._renderer = None
