"""What every face of the game is made with: its arguments, checked once, and the spaces that follow."""

from __future__ import annotations

from typing import Any

import numpy as np
from gymnasium import spaces
from gymnasium.error import InvalidAction
from numpy.typing import NDArray

from catmouse_env import checks
from catmouse_env.advice import PLANNERS, Advice, advice_of
from catmouse_env.cats import Cat, cat_of
from catmouse_env.directions import action_to_reading, band_of, reading_to_action
from catmouse_env.game import Game, game_of
from catmouse_env.snapshot import Snapshot
from catmouse_env.teachers import MOUSE_TEACHERS, Teacher, flee

READINGS: list[float] = action_to_reading(range(4)).tolist()  # of each of the mouse's actions
INT64, UINT64 = np.dtype(np.int64), np.dtype(np.uint64)


class World:
    """The checked arguments of an environment and what follows from them.

    See `catmouse_env.single.CatMouseEnv` for the arguments. Raises ValueError, naming the argument,
    what it got and what it takes.

    Attributes:
        game: The room's tables and rules.
        cat: Who moves the cat; None if it stays.
        advice: The labels of a teacher that looks at the moves left; None: those of `game`.
        continuous: Whether actions are compass readings.
        lethal: Whether the mouse can be caught.
        sight: For how many observations the cat is seen, or None for all.
        limit: Moves a game, or None for no limit.
        moves_left: Whether the moves left are observed.
        observation_space: Of one game.
        action_space: Of one game.
    """

    def __init__(
        self,
        width: int,
        height: int,
        continuous: bool,
        cat: Any,
        teacher: str | Teacher,
        cat_visible_moves: int | None,
        lethal: bool,
        observe_moves_left: bool,
        max_episode_steps: int | None,
        cat_directions: int = 4,
    ) -> None:
        width, height = checks.side("width", width), checks.side("height", height)
        self.continuous = checks.flag("continuous", continuous)
        planner = None
        if not callable(teacher):
            checks.one_of("teacher", teacher, (*MOUSE_TEACHERS, *PLANNERS))
            planner = teacher if teacher in PLANNERS else None
            teacher = MOUSE_TEACHERS.get(teacher, flee)
        self.sight = (
            None
            if cat_visible_moves is None
            else checks.whole_number("cat_visible_moves", cat_visible_moves, 0)
        )
        self.lethal = checks.flag("lethal", lethal)
        self.moves_left = checks.flag("observe_moves_left", observe_moves_left)
        self.limit = (
            None
            if max_episode_steps is None
            else checks.whole_number("max_episode_steps", max_episode_steps, 1)
        )
        for name, wanted in (("observe_moves_left=True", self.moves_left), (f"teacher={planner!r}", planner)):
            if wanted and self.limit is None:
                raise ValueError(f"{name} needs max_episode_steps, the moves of a game; got None")
        checks.one_of("cat_directions", cat_directions, (4, 8))
        self.game: Game = game_of(width, height, teacher, int(cat_directions))
        self.cat: Cat | None = cat_of(cat, self.game, self.moves_left)
        self.advice: Advice | None = None
        if planner is not None and self.limit is not None:
            self.advice = advice_of(planner, self.game, self.cat, self.lethal, self.limit)
        self.observation_space = spaces.Box(-1.0, 1.0, (5 if self.moves_left else 4,), np.float32)
        self.action_space: spaces.Space[Any] = (
            spaces.Box(0.0, 1.0, (1,), np.float32) if self.continuous else spaces.Discrete(4)
        )

    def action(self, action: Any) -> int:
        """The action of one game as a direction index; see `actions`."""
        # The usual reading is checked in a tenth of the time that the general way takes.
        if self.continuous and action.__class__ is np.ndarray and action.shape == (1,):
            reading = action.item()
            if reading.__class__ is float and 0 <= reading <= 1:
                return band_of(reading)
        return int(self.actions(action, ()))

    @property
    def chance(self) -> bool:
        """Whether anything but the start of a game is left to chance, or may be."""
        return self.cat is not None and self.cat.chance(self.limit or 1)

    def actions(self, action: Any, shape: tuple[int, ...]) -> NDArray[np.int64]:
        """An action (or a batch) as direction indices.

        Args:
            action: What the environment's user passed to `step`.
            shape: () for one game, (num_envs,) for many.

        Returns:
            Indices 0 to 3, of `shape`, int64.

        Raises:
            InvalidAction: It does not fit the action space.
        """
        # The usual case in the least time: read without their sign, negative numbers are the greatest, and
        # of numpy's ways to the greatest this is the fastest.
        if (
            not self.continuous
            and isinstance(action, np.ndarray)
            and action.dtype is INT64
            and action.shape == shape
            and 0 <= action.item(action.view(UINT64).argmax()) <= 3
        ):
            return action
        try:
            array = np.asarray(action)
        except ValueError:
            array = np.asarray(None)
        if self.continuous:
            if array.shape != (*shape, 1) or array.dtype.kind not in "fiu":
                raise InvalidAction(f"a compass reading of shape {(*shape, 1)} is wanted, got {action!r}")
            # A nan is neither. (`array` is not empty, so it has a least and a greatest.)
            if not (array.min() >= 0 and array.max() <= 1):
                raise InvalidAction(f"a compass reading lies in 0 to 1, got {action!r}")
            return reading_to_action(array[..., 0])
        if array.shape != shape or array.dtype.kind not in "iu":
            raise InvalidAction(f"whole numbers of shape {shape} are wanted as action, got {action!r}")
        if not (array.min() >= 0 and array.max() <= 3):
            raise InvalidAction(f"an action is 0, 1, 2 or 3, got {action!r}")
        return array.astype(np.int64, copy=False)

    def moves_left_of(self, moves: Any) -> Any:
        """What is observed of the moves left after `moves` (an int or an array): from 1 down to 0."""
        limit = self.limit or 1
        return np.maximum(limit - moves, 0) / limit

    def snapshot(self, path: list[tuple[int, int]], cat_visible: bool, caught: bool) -> Snapshot:
        """A picture's worth of one game, from the cells (cat, mouse) since it began."""
        grid = self.game.grid
        return Snapshot(
            grid.width,
            grid.height,
            mouse_path=tuple(grid.position(mouse) for _, mouse in path),
            cat_path=tuple(grid.position(cat) for cat, _ in path),
            cat_visible=cat_visible,
            caught=caught,
        )
