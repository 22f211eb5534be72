"""A run's configuration: one dataclass, from which command line, saved file and printout follow."""

from __future__ import annotations

import argparse
import json
import math
import sys
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field, fields, replace
from functools import cache
from pathlib import Path
from typing import Any, TypeVar, get_args, get_type_hints

import gymnasium as gym

from agents import validation
from agents.activations import ACTIVATIONS
from agents.brain import CELLS
from agents.environments import episode_length, specification, starts_suffice
from agents.files import read_text, write_text
from agents.heads import HEADS
from agents.optimizers import OPTIMIZERS, SCHEDULES
from agents.runs.recipes import recipe_for

MAX_BYTES = 1 << 16  # of a configuration in a file

Config = TypeVar("Config", bound="TaskConfig")


def option(
    default: Any, help: str, choices: Iterable[str] = (), least: float = -math.inf, most: float = math.inf
) -> Any:
    """A field of a configuration: its default, the text that `--help` shows, and what it takes."""
    return field(default=default, metadata={"help": help, "choices": tuple(choices), "bounds": (least, most)})


@dataclass(frozen=True)
class TaskConfig:
    """Which game is played. A field that is None is left to the environment."""

    env_id: str = option("CatMouse-v0", "environment")
    width: int | None = option(None, "columns of the room")
    height: int | None = option(None, "rows of the room")
    max_steps: int | None = option(None, "moves a game")
    continuous: bool | None = option(None, "whether actions are compass readings")
    teacher: str | None = option(None, "who says what is ideal: flee, optimal or equilibrium")
    cat: str | None = option(None, "how the cat moves: stationary, chasing or wandering")
    cat_directions: int | None = option(None, "directions that a moving cat has, 4 or 8 (diagonals too)")
    cat_visible_moves: int | None = option(None, "observations on which the cat is seen")
    lethal: bool | None = option(None, "whether the cat can catch the mouse")
    observe_moves_left: bool | None = option(None, "whether the moves left are observed")

    def __post_init__(self) -> None:
        check(self)

    def env_arguments(self) -> dict[str, Any]:
        """What the environment is made with: the fields that are not None."""
        values = {one.name: getattr(self, one.name) for one in fields(TaskConfig) if one.name != "env_id"}
        return {name: value for name, value in values.items() if value is not None}

    @classmethod
    def from_file(cls: type[Config], values: dict[str, Any], env_id: str | None = None) -> Config:
        """A configuration that a file holds.

        An id such as "module:Id-v0" makes Gymnasium import the module, which runs its code. No file may ask
        for that: the module must be imported already, or the user must say the same id.

        Args:
            values: The fields.
            env_id: What the user said, if anything.

        Raises:
            TypeError: `values` is no table.
            ValueError: There are other fields, or a value is wrong.
        """
        unknown = sorted({*values} - {one.name for one in fields(cls)})
        if unknown:
            raise ValueError(f"another version of this program wrote {unknown[0]!r} there: train again")
        config = cls(**values)
        check_import(config.env_id, env_id)
        return config


@dataclass(frozen=True)
class RunConfig(TaskConfig):
    """Everything that decides how a run goes. A field that is None is left to the recipe or environment."""

    cell: str | None = option(None, "what remembers", CELLS)
    hidden: int | None = option(None, "hidden units")
    head: str = option("direction", "what answers: four logits, or one compass reading", HEADS)
    activation: str = option("tanh", "activation function of the hidden units", ACTIVATIONS)
    bias: bool = option(True, "whether there are biases")
    centred: bool = option(True, "whether inputs are brought from [0, 1] to [-1, 1]")
    recurrent_gain: float | None = option(None, "size of the first recurrent weights")
    input_gain: float | None = option(None, "by what the first input weights are multiplied")
    dtype: str = option("float32", "precision", ("float32", "float64"))
    batch: int | None = option(None, "games played before each update", least=1, most=1 << 20)
    optimizer: str | None = option(None, "what turns gradients into steps", OPTIMIZERS)
    learning_rate: float | None = option(None, "size of the steps at the start")
    recurrent_rate: float | None = option(None, "by what the steps of the recurrent weights are multiplied")
    schedule: str | None = option(None, "how the learning rate falls until --games", SCHEDULES)
    clip: float | None = option(None, "longest gradient that is followed as it is (None: any)")
    bptt_steps: int | None = option(
        None, "moves after which a step is made: truncated backpropagation through time", least=1
    )
    rollout_steps: int | None = option(
        None, "moves of each game that are played in training, from its start", least=1
    )
    rollout_policy: str = option("learner", "whose moves are played", ("learner", "teacher", "mixed"))
    games: int | None = option(None, "games to play at the most", least=1)
    measure: str = option(
        "certificate",
        "what --target is about: mistakes a game over every start, or the smoothed compass error",
        ("certificate", "error"),
    )
    target: float = option(0.0, "stop when the measure has come down to this", least=0)
    report_every: int | None = option(
        None, "games between certificates, and between rows of the learning curve", least=1
    )
    certify_after: int | None = option(
        None, "games in a row without a mistake after which a certificate is made before it is due", least=1
    )
    seed: int = option(0, "of the first weights and of all chance")
    legacy_stream: bool = option(
        False, "whether weights and starts come from numpy's legacy random stream, as in the original program"
    )

    def filled(self) -> RunConfig:
        """The same with nothing left open: what was None comes from the recipe for the game.

        Raises:
            ValueError: The environment can't be made.
        """
        probe = make_env(self, 1)
        arguments = specification(probe).kwargs
        recipe = recipe_for(
            moves=episode_length(probe),
            hides_cat=arguments.get("cat_visible_moves") is not None,
            width=arguments.get("width", 6),
            height=arguments.get("height", 6),
            head=self.head,
            cell=self.cell,
            optimizer=self.optimizer,
            games=self.games,
            measure=self.measure,
            starts_suffice=starts_suffice(probe),
        )
        probe.close()
        return replace(self, **{name: value for name, value in recipe.items() if getattr(self, name) is None})

    def save(self, path: Path) -> None:
        """Write it as JSON."""
        write_text(path, json.dumps(asdict(self), indent=2) + "\n")

    @classmethod
    def load(cls, path: Path) -> RunConfig:
        """Read what `save` wrote; ValueError if it is not that."""
        try:
            return cls.from_file(json.loads(read_text(path, MAX_BYTES)))
        except (TypeError, ValueError, RecursionError) as error:
            raise ValueError(f"{path} is no configuration of a run: {error}") from error


def check_import(env_id: str, said: str | None) -> None:
    """ValueError for an id from a file that would import a module, unless the user `said` the same."""
    module, colon, _ = env_id.rpartition(":")
    if colon and module not in sys.modules and env_id != said:
        raise ValueError(f"it would import the module {module!r}; if you trust it, say --env-id {env_id}")


@cache
def hints_of(config: type[Any]) -> dict[str, Any]:
    """The types of a configuration's fields; to work them out takes as long as to make an environment."""
    return get_type_hints(config)


def check(config: Any) -> None:
    """Check each field's type, choices and bounds; ValueError names the first that is wrong."""
    kind: Any = type(config)
    hints = hints_of(kind)
    for one in fields(config):
        kind, optional = plain_type(hints[one.name])
        value: Any = getattr(config, one.name)
        if value is None and optional:
            continue
        value = validation.of_type(one.name, value, kind)
        object.__setattr__(config, one.name, value)  # a float where a whole number was said
        if one.metadata["choices"]:
            validation.one_of(one.name, value, one.metadata["choices"])
        if not isinstance(value, str):
            validation.within(one.name, value, *one.metadata["bounds"])
        elif not value.isprintable():  # it may come from a file, and is printed: no new line, no escape code
            raise ValueError(f"{one.name} must be printable, got {value!r}")


def make_env(config: TaskConfig, num_envs: int) -> gym.vector.VectorEnv[Any, Any, Any]:
    """The vector environment of a run; ValueError if there is none of that id or with these arguments."""
    try:
        return gym.make_vec(config.env_id, num_envs=num_envs, **config.env_arguments())
    except Exception as error:  # whatever other people's environments meet
        raise ValueError(f"env_id {config.env_id!r} can't be made: {error}") from error


def plain_type(hint: Any) -> tuple[type, bool]:
    """The plain type behind an annotation, and whether None is allowed."""
    kinds = [kind for kind in get_args(hint) if kind is not type(None)]
    return (kinds[0], True) if kinds else (hint, False)


def add_options(parser: argparse.ArgumentParser, config: type[Any]) -> None:
    """Give a parser an option for each field of a configuration, with its help, choices and default."""
    hints = get_type_hints(config)
    for one in fields(config):
        kind, _ = plain_type(hints[one.name])
        choices = one.metadata["choices"] or None
        how: dict[str, Any] = {"type": kind, "choices": choices}
        if kind is bool:
            how = {"action": argparse.BooleanOptionalAction}
        elif not choices:
            how["metavar"] = kind.__name__.upper()
        of_game = one.name in TaskConfig.__dataclass_fields__
        default: Any = "the environment's own" if of_game else "chosen to suit the game"
        if one.default is not None:
            default = one.default
        text = f"{one.metadata['help']} (default: {default})".replace("%", "%%")
        parser.add_argument("--" + one.name.replace("_", "-"), default=argparse.SUPPRESS, help=text, **how)


def given(arguments: argparse.Namespace, config: type[Any]) -> dict[str, Any]:
    """The fields that the command line says something about."""
    names = {one.name for one in fields(config)}
    return {name: value for name, value in vars(arguments).items() if name in names}
