"""The arguments of an environment, checked once, and the spaces, rules and labels that follow from them."""

from __future__ import annotations

from dataclasses import dataclass, fields
from functools import cached_property, lru_cache
from typing import Any

import numpy as np
from gymnasium import spaces
from gymnasium.error import InvalidAction
from numpy.typing import NDArray

from catmouse_env import validation
from catmouse_env.cats import CATS, Cat, PolicyCat
from catmouse_env.directions import band_of, reading_to_action
from catmouse_env.dynamics import Dynamics, View
from catmouse_env.rules_hash import rules_hash
from catmouse_env.teachers import (
    MOUSE_RULES,
    PLANNERS,
    ExpertLabels,
    Rule,
    check_plan,
    equilibrium_labels,
    optimal_labels,
    rule_labels,
)
from catmouse_env.transition_table import TransitionTable

Array = NDArray[Any]

INT64, UINT64 = np.dtype(np.int64), np.dtype(np.uint64)


@dataclass(frozen=True)
class EnvConfig:
    """What an environment is made with: see "Arguments" of `catmouse_env.envs.single.CatMouseEnv`.

    The spaces, the rules, the cat's kind and the teacher's labels follow. Copies and pickles hold the
    arguments alone.

    Raises:
        ValueError: An argument is wrong; the text names it, what it got and what it takes.
    """

    width: int = 6
    height: int = 6
    continuous: bool = False
    cat: Any = "stationary"
    teacher: str | Rule = "flee"
    cat_visible_moves: int | None = None
    lethal: bool = False
    observe_moves_left: bool = False
    max_steps: int = 10
    cat_directions: int = 4

    def __post_init__(self) -> None:
        def check(name: str, checker: Any, *bounds: Any) -> None:
            object.__setattr__(self, name, checker(name, getattr(self, name), *bounds))

        check("width", validation.side)
        check("height", validation.side)
        check("max_steps", validation.whole_number, 1)
        for name in ("continuous", "lethal", "observe_moves_left"):
            check(name, validation.flag)
        if self.cat_visible_moves is not None:
            check("cat_visible_moves", validation.whole_number, 0)
        check("cat_directions", validation.one_of, (4, 8))
        if not callable(self.teacher):
            check("teacher", validation.one_of, (*MOUSE_RULES, *PLANNERS))
        if not (isinstance(self.cat, str) and self.cat in CATS) and not callable(
            getattr(self.cat, "predict", None)
        ):
            raise ValueError(
                f"cat must be one of {', '.join(map(repr, CATS))} or a policy with a method predict, "
                f"got {self.cat!r}"
            )

    def __getstate__(self) -> dict[str, Any]:
        return {one.name: getattr(self, one.name) for one in fields(self)}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)

    @cached_property
    def dynamics(self) -> Dynamics:
        """The rules of the game."""
        return Dynamics.cached(self.width, self.height, self.cat_actions, self.lethal)

    @property
    def cat_actions(self) -> int:
        """How many actions the cat has: one if it stays."""
        return 1 if isinstance(self.cat, str) and self.cat == "stationary" else self.cat_directions

    @cached_property
    def labels(self) -> ExpertLabels:
        """What the teacher says; ValueError if the game is too large for a teacher that plans ahead."""
        if self.teacher in PLANNERS:
            actions = self.cat_directions if self.teacher == "equilibrium" else self.cat_actions
            check_plan(self.width, self.height, actions, self.max_steps, self.teacher == "equilibrium")
        if self.teacher == "equilibrium":
            # The cleverest of all cats moves, whatever the one in this environment does.
            moving = Dynamics.cached(self.width, self.height, self.cat_directions, self.lethal)
            return equilibrium_labels(moving, self.max_steps)
        if self.teacher == "optimal":
            if isinstance(self.cat, str):
                return _optimal_against(self.cat, self.dynamics, self.max_steps)
            return optimal_labels(self.dynamics, self.make_cat().policy(), self.max_steps)
        rule = self.teacher if callable(self.teacher) else MOUSE_RULES[self.teacher]
        return rule_labels(rule, self.dynamics)

    def make_cat(self) -> Cat:
        """Who moves the cats of one environment; each environment has its own, for a cat may remember."""
        if isinstance(self.cat, str):
            return CATS[self.cat](self.dynamics, self.max_steps)
        return PolicyCat(self.dynamics, self.max_steps, self.cat, self.observe_moves_left)

    @property
    def stochastic(self) -> bool:
        """Whether games from one start may differ though the mouse does the same: the cat moves by chance, or
        is a policy of which that can't be known."""
        return self.make_cat().stochastic

    @property
    def starts_suffice(self) -> bool:
        """Whether whatever a game may come to is also how one may start, with the same labels: the cat is
        always seen, and neither the teacher nor what is seen goes by the moves made."""
        seen = self.cat_visible_moves is None and not self.observe_moves_left
        return seen and not self.labels.clocked

    @cached_property
    def rules_sha256(self) -> str | None:
        """SHA-256 over what every move leads to and what the teacher says; see `rules_hash`.

        None where a cat or a teacher of one's own decides, of which no other program could know.
        """
        if not (isinstance(self.cat, str) and isinstance(self.teacher, str)):
            return None
        rule = self.teacher in MOUSE_RULES
        said = self.labels.actions.tobytes() if rule else self.teacher.encode()
        return rules_hash(self.dynamics, self.make_cat().policy(), said)

    @cached_property
    def transition_table(self) -> TransitionTable:
        """`P[state][action] -> [(probability, next_state, reward, terminated)]`; see `TransitionTable`."""
        return TransitionTable(self.dynamics, self.make_cat().policy())

    @cached_property
    def observation_space(self) -> spaces.Space[Any]:
        """Of one game."""
        return spaces.Box(-1.0, 1.0, (5 if self.observe_moves_left else 4,), np.float32)

    @cached_property
    def action_space(self) -> spaces.Space[Any]:
        """Of one game."""
        return spaces.Box(0.0, 1.0, (1,), np.float32) if self.continuous else spaces.Discrete(4)

    @cached_property
    def view(self) -> View:
        """What the mouse sees of a state."""
        return View(self.cat_visible_moves, self.observe_moves_left, self.max_steps)

    def to_action(self, action: Any) -> int:
        """The action of one game as a direction; see `to_actions`."""
        # The usual ways to write one are checked in a tenth of the time that the general way takes.
        if action.__class__ is np.int64 and not self.continuous and 0 <= action <= 3:
            return int(action)
        if self.continuous and action.__class__ is np.ndarray and action.shape == (1,):
            reading = action.item()
            if reading.__class__ is float and 0 <= reading <= 1:
                return band_of(reading)
        return int(self.to_actions(action, ()))

    def to_actions(self, action: Any, shape: tuple[int, ...]) -> NDArray[np.int64]:
        """An action (or a batch) as directions.

        Args:
            action: What the environment's user passed to `step`.
            shape: () for one game, (num_envs,) for many.

        Returns:
            Directions 0 to 3, of `shape`, int64.

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

    def start_cells(self, options: dict[str, Any], count: int | None) -> dict[str, Any]:
        """The start cells that the options of a reset give, by "cat" and "mouse": cells, one or (count,).

        Raises:
            ValueError: They are no cells of the room, or put both animals of a lethal game in one.
        """
        given: dict[str, Any] = {}
        for name in ("cat", "mouse"):
            if name in options:
                x, y = validation.position(name, options[name], count, self.width, self.height)
                given[name] = self.dynamics.cell(x, y)
        if self.lethal and len(given) == 2 and np.any(given["cat"] == given["mouse"]):
            raise ValueError("options must put cat and mouse apart in a lethal game")
        return given


@lru_cache(maxsize=8)
def _optimal_against(cat: str, dynamics: Dynamics, max_steps: int) -> ExpertLabels:
    """The best against one of the cats that have a name, worked out once for all environments."""
    return optimal_labels(dynamics, CATS[cat](dynamics, max_steps).policy(), max_steps)
