"""The games so far and their pictures: what single, vector and two-player environments share."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import gymnasium as gym
from gymnasium.error import ResetNeeded

from catmouse_env.config import EnvConfig
from catmouse_env.rendering.snapshot import Snapshot
from catmouse_env.rendering.text import draw_text

if TYPE_CHECKING:
    from catmouse_env.rendering.pygame_renderer import PygameRenderer

RENDER_FPS = 4
RENDER_MODES = ("human", "rgb_array", "ansi")


class GameRenderer:
    """Keeps the states of the games in progress, draws them, and owns the window.

    Args:
        config: The game.
        mode: "human", "rgb_array", "ansi", or None: then nothing is kept.
        num_envs: Games side by side.
    """

    def __init__(self, config: EnvConfig, mode: str | None, num_envs: int = 1) -> None:
        self._config = config
        self._mode = mode
        self._histories: list[list[int]] = [[] for _ in range(num_envs)]
        self._caught = [False] * num_envs
        self._pygame: PygameRenderer | None = None

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "_pygame": None}  # a window can't be copied

    def begin(self, game: int, state: int) -> None:
        """Forget a game's past: it begins anew, in this state."""
        self._histories[game], self._caught[game] = [int(state)], False

    def record(self, game: int, state: int, caught: bool) -> None:
        """Note the state of a game after a move, and whether the mouse was caught in it."""
        self._histories[game].append(int(state))
        self._caught[game] = bool(caught)

    def snapshot(self, game: int = 0) -> Snapshot:
        """A game so far; ResetNeeded if none has begun."""
        history, dynamics = self._histories[game], self._config.dynamics
        if not history:
            raise ResetNeeded("call reset() before render(): no game has begun")
        cats, mice = zip(*map(dynamics.split, history), strict=True)
        visible = self._config.cat_visible_moves
        return Snapshot(
            dynamics.width,
            dynamics.height,
            mouse_path=tuple(map(dynamics.position, mice)),
            cat_path=tuple(map(dynamics.position, cats)),
            cat_visible=visible is None or len(history) - 1 < visible,
            caught=self._caught[game],
        )

    def picture(self, game: int = 0) -> Any:
        """A game as the mode has it: an array (height, width, 3) uint8, text, or None with a window.

        Raises:
            ResetNeeded: No game has begun.
            DependencyNotInstalled: pygame is missing.
        """
        if self._mode is None:
            gym.logger.warn('render() needs a render_mode: make the environment with render_mode="rgb_array"')
            return None
        if self._mode == "ansi":
            return draw_text(self.snapshot(game))
        return self._renderer().frame(self.snapshot(game)) if self._mode == "rgb_array" else None

    def show(self, fps: int) -> None:
        """With "human", bring the window up to date.

        Raises:
            DependencyNotInstalled: pygame is missing, or there is no screen.
            SystemExit: The window was closed, which ends politely (status 0).
        """
        if self._mode == "human" and not self._renderer(fps).show(self.snapshot()):
            self.close()
            raise SystemExit(0)

    def _renderer(self, fps: int = RENDER_FPS) -> PygameRenderer:
        if self._pygame is None:
            from catmouse_env.rendering.pygame_renderer import PygameRenderer

            self._pygame = PygameRenderer(fps)
        return self._pygame

    def close(self) -> None:
        """Close the window, if there is one. May be called twice."""
        if self._pygame is not None:
            self._pygame.close()
            self._pygame = None


class OneGame:
    """What an environment of one game, for one player or two, shows of it."""

    _renderer: GameRenderer

    def snapshot(self) -> Snapshot:
        """The game so far, for a renderer; needs a `render_mode`.

        Raises:
            ResetNeeded: No game has begun.
        """
        return self._renderer.snapshot()

    def render(self) -> Any:
        """The picture of the game: an array (height, width, 3) uint8 for "rgb_array", text for "ansi".

        With "human" the window follows by itself and None is returned; with None a warning is given.

        Raises:
            ResetNeeded: No game has begun.
            DependencyNotInstalled: pygame is missing.
        """
        return self._renderer.picture()

    def close(self) -> None:
        """Close the window, if there is one. May be called twice."""
        self._renderer.close()
