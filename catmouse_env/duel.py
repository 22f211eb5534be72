"""The game for two players, as a PettingZoo environment; make it with `catmouse_env.parallel_env`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from gymnasium import spaces
from gymnasium.error import DependencyNotInstalled, InvalidAction, ResetNeeded
from gymnasium.utils import seeding
from numpy.typing import NDArray

from catmouse_env import checks
from catmouse_env.advice import Advice, duel_advice
from catmouse_env.game import draw_start, draw_starts, game_of
from catmouse_env.policies import observe
from catmouse_env.rendering.text import draw_text
from catmouse_env.single import RENDER_FPS, RENDER_MODES
from catmouse_env.snapshot import Snapshot
from catmouse_env.teachers import flee

try:
    from pettingzoo import ParallelEnv
except ImportError as error:
    raise DependencyNotInstalled(
        'pettingzoo is needed for two players: pip install "catmouse-env[duel]"'
    ) from error

if TYPE_CHECKING:
    from catmouse_env.rendering.pygame_renderer import PygameRenderer

CAT, MOUSE = "cat", "mouse"
TEACHERS = ("simple", "equilibrium")

Observation = NDArray[np.float32]
Info = dict[str, Any]


class CatMouseDuelEnv(ParallelEnv[str, Observation, Any]):  # type: ignore[misc]
    """A cat hunts a mouse, and both learn.

    ## Description
    The room and the rules of `CatMouseEnv` with `lethal=True`, and an agent for either animal. Both see
    the same state, decide at the same time and move together.

    ## Action Space
    The mouse `Discrete(4)`: up, right, down, left. The cat the same, or with `cat_directions=8`
    `Discrete(8)`: clockwise from up with the diagonals between. A wall stops a move, a diagonal one along
    each axis by itself.

    ## Observation Space
    Both `Box(-1, 1, (4,), float32)`: cat x, cat y, mouse x, mouse y, each from 0 to 1. With
    `observe_moves_left=True` a fifth coordinate: moves left / `max_episode_steps`.

    ## Starting State
    Drawn uniformly, never both in one cell. `reset(options={"cat": (x, y), "mouse": (x, y)})` gives either
    or both.

    ## Reward
    Zero-sum. The mouse's is the change in Manhattan distance, -(width + height) when it is caught; the
    cat's is the negative of it.

    ## Episode End
    Both terminated when the mouse is caught: both end a move in one cell, or swap cells. Both truncated
    after `max_episode_steps`.

    ## Information
    Each agent has its own teacher's `ideal_direction` (compass reading; the cat's in bands of an eighth if
    it has eight directions) and `ideal_action`; with `teacher="equilibrium"` also `ideal_policy`, the
    probabilities of its actions.

    ## Arguments
    - `width=6`, `height=6`: the room, 2 to 64 cells each.
    - `cat_directions=8`: the cat's moves, 4 or 8.
    - `max_episode_steps=10`: moves a game.
    - `render_mode=None`: "human" (a window), "rgb_array" or "ansi" (text).
    - `observe_moves_left=False`: a fifth coordinate shows the moves left.
    - `teacher="simple"`: the mouse is told to flee, the cat to chase. "equilibrium": each the best against
      the cleverest opponent, in survival; a mixed strategy, and one that knows the moves left, whether
      they are observed or not.

    ## Version History
    - v0: first version.
    """

    metadata = {  # noqa: RUF012
        "name": "catmouse_duel_v0",
        "render_modes": list(RENDER_MODES),
        "render_fps": RENDER_FPS,
        "is_parallelizable": True,
    }

    def __init__(
        self,
        width: int = 6,
        height: int = 6,
        cat_directions: int = 8,
        max_episode_steps: int = 10,
        render_mode: str | None = None,
        observe_moves_left: bool = False,
        teacher: str = "simple",
    ) -> None:
        width, height = checks.side("width", width), checks.side("height", height)
        directions = int(checks.one_of("cat_directions", cat_directions, (4, 8)))
        self.limit = checks.whole_number("max_episode_steps", max_episode_steps, 1)
        self.render_mode = checks.one_of("render_mode", render_mode, (None, *RENDER_MODES))
        self.moves_left = checks.flag("observe_moves_left", observe_moves_left)
        checks.one_of("teacher", teacher, TEACHERS)
        self.game = game_of(width, height, flee, directions)
        self.advice: dict[str, Advice] = duel_advice(self.game, teacher == "equilibrium", self.limit)
        self.possible_agents = [CAT, MOUSE]
        self.agents: list[str] = []
        seen = (5 if self.moves_left else 4,)
        self.observation_spaces = {
            agent: spaces.Box(-1.0, 1.0, seen, np.float32) for agent in self.possible_agents
        }
        self.action_spaces = {CAT: spaces.Discrete(directions), MOUSE: spaces.Discrete(4)}
        self._rng, _ = seeding.np_random()
        self._moves = 0
        self._caught = False
        self._trail: list[int] = []  # pairs since the game began
        self._renderer: PygameRenderer | None = None

    def observation_space(self, agent: str) -> spaces.Space[Any]:
        """What an agent sees."""
        return self.observation_spaces[agent]

    def action_space(self, agent: str) -> spaces.Space[Any]:
        """What an agent can do."""
        return self.action_spaces[agent]

    def reset(
        self, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[dict[str, Observation], dict[str, Info]]:
        """Start a game.

        Args:
            seed: Seeds the random stream that starts are drawn from; None goes on with it.
            options: `{"cat": (x, y), "mouse": (x, y)}`, either, both or none; what else is in it is
                ignored, as PettingZoo wants it.

        Raises:
            ValueError: The seed is not one; an option lies outside the room, or both are in one cell. The
                game in progress goes on untouched.
        """
        grid = self.game.grid
        given = {}
        for name in self.possible_agents:
            if options is not None and name in options:
                x, y = checks.positions(name, options[name], None, grid.width, grid.height)
                given[name] = np.array([grid.cell(x, y)])
        if len(given) == 2 and given[CAT] == given[MOUSE]:
            raise ValueError(f"options must put cat and mouse apart, got {options!r}")
        if checks.seed(seed) is not None:
            self._rng, _ = seeding.np_random(seed)
        if given:
            pair = draw_starts(self._rng, 1, grid, True, **given).item()
        else:
            pair = draw_start(self._rng, grid, True)
        self.agents = list(self.possible_agents)
        self._moves, self._caught, self._trail = 0, False, [pair]
        self._show()
        return self._observe(), self._info()

    def step(
        self, actions: dict[str, Any]
    ) -> tuple[dict[str, Observation], dict[str, float], dict[str, bool], dict[str, bool], dict[str, Info]]:
        """Move both animals.

        Args:
            actions: `{"cat": action, "mouse": action}`, whole numbers.

        Returns:
            Observations, rewards, terminated, truncated and info, each by agent.

        Raises:
            InvalidAction: An action is missing or is none; nothing moves.
            ResetNeeded: No game is on.
        """
        if not self.agents:
            raise ResetNeeded("call reset() before step(): no game has begun, or the last one is over")
        cat_action, action = (self._action(agent, actions) for agent in self.possible_agents)
        pair, gain, caught = self.game.one.outcome(self._trail[-1], action, cat_action, True)
        self._moves += 1
        self._caught = bool(caught)
        self._trail.append(pair)
        truncated = self._moves >= self.limit
        both = self.possible_agents
        if caught or truncated:
            self.agents = []
        self._show()
        return (
            self._observe(),
            {CAT: -float(gain), MOUSE: float(gain)},
            dict.fromkeys(both, self._caught),
            dict.fromkeys(both, truncated),
            self._info(),
        )

    def _action(self, agent: str, actions: dict[str, Any]) -> int:
        count = self.action_spaces[agent].n
        action = np.asarray(actions.get(agent))
        if action.shape != () or action.dtype.kind not in "iu" or not 0 <= action < count:
            raise InvalidAction(
                f"a whole number from 0 to {count - 1} is wanted from the {agent}, got {actions!r}"
            )
        return int(action)

    def _observe(self) -> dict[str, Observation]:
        left = max(self.limit - self._moves, 0) / self.limit if self.moves_left else None
        seen = observe(self.game, np.array(self._trail[-1:]), left)[0]
        return {agent: seen.copy() for agent in self.possible_agents}

    def _info(self) -> dict[str, Info]:
        left = max(self.limit - self._moves, 0)
        return {agent: self.advice[agent].info(left, self._trail[-1]) for agent in self.possible_agents}

    def snapshot(self) -> Snapshot:
        """The game so far, for a renderer.

        Raises:
            ResetNeeded: No game has begun.
        """
        if not self._trail:
            raise ResetNeeded("call reset() before render(): no game has begun")
        grid = self.game.grid
        cats, mice = zip(*(divmod(pair, grid.cells) for pair in self._trail), strict=True)
        return Snapshot(
            grid.width,
            grid.height,
            mouse_path=tuple(map(grid.position, mice)),
            cat_path=tuple(map(grid.position, cats)),
            caught=self._caught,
        )

    def render(self) -> Any:
        """The picture of the game: an array (height, width, 3) uint8 for "rgb_array", text for "ansi".

        With "human" the window follows by itself and None is returned.

        Raises:
            ResetNeeded: No game has begun.
            DependencyNotInstalled: pygame is missing.
        """
        if self.render_mode == "ansi":
            return draw_text(self.snapshot())
        if self.render_mode == "rgb_array":
            return self._pygame_renderer().frame(self.snapshot())
        return None

    def _show(self) -> None:
        if self.render_mode == "human" and not self._pygame_renderer().show(self.snapshot()):
            self.close()
            raise SystemExit(0)  # the window was closed: the program ends politely

    def _pygame_renderer(self) -> PygameRenderer:
        if self._renderer is None:
            from catmouse_env.rendering.pygame_renderer import PygameRenderer

            self._renderer = PygameRenderer(RENDER_FPS)
        return self._renderer

    def close(self) -> None:
        """Close the window, if there is one. May be called twice."""
        if self._renderer is not None:
            self._renderer.close()
            self._renderer = None
