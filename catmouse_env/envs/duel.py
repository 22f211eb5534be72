"""The game for two players, as a PettingZoo environment; make it with `catmouse_env.parallel_env`."""

from __future__ import annotations

from types import NoneType
from typing import Any, ClassVar

import numpy as np
from gymnasium import spaces
from gymnasium.error import DependencyNotInstalled, InvalidAction, ResetNeeded
from gymnasium.utils import seeding
from numpy.typing import NDArray

from catmouse_env import validation
from catmouse_env.extras import install_command
from catmouse_env.rendering.game_renderer import RENDER_FPS, RENDER_MODES, GameRenderer, OneGame
from catmouse_env.two_players import CAT, MOUSE, duel_config, duel_labels

try:
    from pettingzoo import ParallelEnv
except ImportError as error:
    raise DependencyNotInstalled(f"two players need pettingzoo: {install_command('duel')}") from error

Observation = NDArray[np.float32]
Info = dict[str, Any]


class CatMouseDuelEnv(OneGame, ParallelEnv[str, Observation, Any]):  # type: ignore[misc]
    """A cat hunts a mouse, and both learn.

    ## Description
    The room and the rules of `CatMouseEnv` with `lethal=True`, and an agent for either animal. Both see
    the same state, decide at the same time and move together.

    ## Action Space
    The mouse `Discrete(4)`: up, right, down, left. The cat the same, or with `cat_directions=8`
    `Discrete(8)`: clockwise from up with the diagonals between. A wall stops a move, a diagonal one along
    each axis by itself. Libraries that want equal action spaces get them by `cat_directions=4`.

    ## Observation Space
    Both `Box(-1, 1, (4,), float32)`: cat x, cat y, mouse x, mouse y, each from 0 to 1. With
    `observe_moves_left=True` a fifth coordinate: moves left / `max_steps`.

    ## Starting State
    Drawn uniformly, never both in one cell. `reset(options={"cat": (x, y), "mouse": (x, y)})` gives either
    or both.

    ## Reward
    Zero-sum. The mouse's is the change in Manhattan distance, -(width + height) when it is caught; the
    cat's is the negative of it.

    ## Episode End
    Both terminated when the mouse is caught: both end a move in one cell, or swap cells. Both truncated
    after `max_steps`.

    ## Information
    Each agent has its own teacher's `ideal_direction` (compass reading; the cat's in bands of an eighth if
    it has eight directions) and `ideal_action`; with `teacher="equilibrium"` also `ideal_policy`, the
    probabilities of its actions.

    ## Arguments
    - `width=6`, `height=6`: the room, 2 to 64 cells each.
    - `cat_directions=8`: the cat's moves, 4 or 8.
    - `max_steps=10`: moves a game.
    - `render_mode=None`: "human" (a window; `DependencyNotInstalled` where there is no screen),
      "rgb_array" or "ansi" (text).
    - `observe_moves_left=False`: a fifth coordinate shows the moves left.
    - `teacher="simple"`: the mouse is told to flee, the cat to chase. "equilibrium": each the best against
      the cleverest opponent, in survival; a mixed strategy, and one that knows the moves left, whether
      they are observed or not.

    ## Version History
    - v0: first version.
    """

    metadata: ClassVar[dict[str, Any]] = {
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
        max_steps: int = 10,
        render_mode: str | None = None,
        observe_moves_left: bool = False,
        teacher: str = "simple",
    ) -> None:
        self.config = config = duel_config(width, height, cat_directions, max_steps, observe_moves_left)
        self.render_mode = validation.one_of("render_mode", render_mode, (None, *RENDER_MODES))
        self.labels = duel_labels(config, teacher)
        self.possible_agents = [CAT, MOUSE]
        self.agents: list[str] = []
        self.observation_spaces = dict.fromkeys(self.possible_agents, config.observation_space)
        self.action_spaces = {
            CAT: spaces.Discrete(config.cat_directions),
            MOUSE: spaces.Discrete(4),
        }
        self._renderer = GameRenderer(config, self.render_mode)
        self.state_space = config.observation_space
        self.np_random, _ = seeding.np_random()
        self._state = self._steps = 0
        self._begun = False

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
        if not isinstance(options, (dict, NoneType)):
            raise ValueError(f"options must be a dict or None, got {options!r}")
        given = self.config.start_cells(options or {}, None)
        seed = validation.seed(seed)
        if seed is not None:
            self.np_random, _ = seeding.np_random(seed)
        self._state = self.config.dynamics.draw_start(self.np_random, None, **given)
        self._steps, self._begun = 0, True
        self.agents = list(self.possible_agents)
        self._renderer.begin(0, self._state)
        self._renderer.show(self.metadata["render_fps"])
        return self._observe(), self._info()

    def step(
        self, actions: dict[str, Any]
    ) -> tuple[dict[str, Observation], dict[str, float], dict[str, bool], dict[str, bool], dict[str, Info]]:
        """Move both animals.

        Args:
            actions: `{"cat": action, "mouse": action}`, whole numbers; `{}` when the game is over.

        Returns:
            Observations, rewards, terminated, truncated and info, each by agent.

        Raises:
            InvalidAction: An action is missing or is none; nothing moves.
            ResetNeeded: No game is on.
        """
        if not isinstance(actions, dict):
            raise InvalidAction(f"a dict of actions by agent is wanted, got {actions!r}")
        if self._begun and not self.agents and not actions:  # nobody is left to act
            return {}, {}, {}, {}, {}
        if not self.agents:
            raise ResetNeeded("call reset() before step(): no game has begun, or the last one is over")
        cat_action, action = (self._action(agent, actions) for agent in self.possible_agents)
        self._state, reward, caught = self.config.dynamics.transition(self._state, action, cat_action)
        self._steps += 1
        truncated = self._steps >= self.config.max_steps
        both = self.possible_agents
        if caught or truncated:
            self.agents = []
        self._renderer.record(0, self._state, caught)
        self._renderer.show(self.metadata["render_fps"])
        return (
            self._observe(),
            {CAT: 0.0 - reward, MOUSE: reward},  # not -0.0
            dict.fromkeys(both, caught),
            dict.fromkeys(both, truncated),
            self._info(),
        )

    def state(self) -> Observation:
        """The state of the game, for learners that share a critic: what both players see."""
        return self.config.dynamics.observe(self._state, self._steps, self.config.view)

    def _action(self, agent: str, actions: dict[str, Any]) -> int:
        count = self.action_spaces[agent].n
        action = np.asarray(actions.get(agent))
        if action.shape != () or action.dtype.kind not in "iu" or not 0 <= action < count:
            raise InvalidAction(
                f"a whole number from 0 to {count - 1} is wanted from the {agent}, got {actions!r}"
            )
        return int(action)

    def _observe(self) -> dict[str, Observation]:
        return {agent: self.state() for agent in self.possible_agents}

    def _info(self) -> dict[str, Info]:
        left = self.config.max_steps - self._steps
        return {agent: self.labels[agent].info(left, self._state) for agent in self.possible_agents}
