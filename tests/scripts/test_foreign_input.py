"""Whatever comes in from outside: the documented error, nothing changed by it, the next call as ever."""

from __future__ import annotations

import contextlib
import inspect
import io
import math
import warnings
from collections.abc import Callable, Iterator
from dataclasses import fields
from pathlib import Path
from typing import Any
from unittest.mock import patch

import gymnasium as gym
import numpy as np
import pytest
from catmouse.command_line import run
from catmouse.learners import EvolutionConfig, QLearningConfig
from gymnasium.error import InvalidAction
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

import catmouse_env  # noqa: F401  (registers the environments)
from agents import Brain, RandomAgent, SupervisedTrainer, TeacherAgent, TrainingError, evaluate
from agents.brain import BrainConfig
from agents.evolution import Evolution, Population
from agents.q_learning import QLearner, QTable
from agents.runs.config import RunConfig, TaskConfig, make_env
from agents.runs.run import Run

QUICK = settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)

WHOLE = st.integers(-3, 9) | st.sampled_from([1 << 14, 1 << 20, 1 << 31, 1 << 62, 1 << 63, 1 << 64, 10**30])
ODD = st.one_of(
    st.none(),
    st.booleans(),
    WHOLE,
    st.floats(),
    st.text(max_size=8),
    st.binary(max_size=4),
    st.lists(st.integers(0, 3), max_size=3),
    st.sampled_from([{}, (), object(), 1j, np.float64(0.5), np.int64(3), np.zeros(2), np.array("x")]),
)
WORDS = [
    *("elman", "mlp", "gru", "lstm", "direction", "compass", "tanh", "sigmoid", "float32", "float64", "adam"),
    *("sgd", "linear", "constant", "cosine", "learner", "teacher", "mixed", "flee", "stationary", "error"),
]
VALUES = ODD | st.sampled_from(WORDS)


def options_of(names: list[str], most: int = 3) -> st.SearchStrategy[dict[str, Any]]:
    return st.dictionaries(st.sampled_from(names), VALUES, max_size=most)


def one_line(error: BaseException) -> None:
    assert str(error)
    assert "\n" not in str(error)


@contextlib.contextmanager
def refused_properly(kinds: tuple[type[Exception], ...] = (ValueError,)) -> Iterator[None]:
    """Let the documented errors pass, if they say something in one line."""
    try:
        yield
    except kinds as error:
        one_line(error)


@QUICK
@given(options_of([one.name for one in fields(BrainConfig)] + ["what"]))
def test_a_brain_is_made_or_refused(options: dict[str, Any]) -> None:
    with refused_properly():
        brain = Brain(**options)
        assert np.isfinite(brain.flat).all()
        action, _ = brain.predict(np.zeros((2, brain.config.inputs)))
        assert len(action) == 2


@QUICK
@given(options_of([one.name for one in fields(RunConfig)], 4))
def test_a_configuration_is_made_or_refused(options: dict[str, Any]) -> None:
    with refused_properly():
        config = RunConfig(**options)
        small = all(
            getattr(config, name) is None or getattr(config, name) <= 9
            for name in ("hidden", "batch", "max_steps")
        )
        if small:
            Run(config).advance()


TRAINER = [
    name for name in inspect.signature(SupervisedTrainer).parameters if name not in ("env", "brain", "starts")
]


@QUICK
@given(options_of(TRAINER))
def test_a_trainer_is_made_or_refused(options: dict[str, Any]) -> None:
    with refused_properly((ValueError, TrainingError)):
        SupervisedTrainer(make_env(TaskConfig(), 2), Brain(hidden=2), **options).update()


@QUICK
@given(options_of([name for name in inspect.signature(QLearner).parameters if name != "env"]))
def test_a_q_learner_is_made_or_refused(options: dict[str, Any]) -> None:
    with refused_properly():
        QLearner(make_env(TaskConfig(), 2), **{"total_games": 10, **options}).step()


@QUICK
@given(options_of([name for name in inspect.signature(Evolution).parameters if name not in ("env", "brain")]))
def test_an_evolution_is_made_or_refused(options: dict[str, Any]) -> None:
    large = any(
        isinstance(options.get(name), int) and options[name] > 9
        for name in ("population", "games_per_individual")
    )
    with refused_properly():
        if not large:  # it would be taken, and take its time
            Evolution(
                make_env(TaskConfig(), 2),
                Brain(hidden=2),
                **{"population": 4, "games_per_individual": 2, "elite": 1, **options},
            )


@pytest.mark.parametrize("env", [None, 3, "CatMouse-v0", object()])
def test_what_is_no_environment_is_refused(env: Any) -> None:
    makers: list[Callable[[], Any]] = [
        lambda: RandomAgent(env),
        lambda: TeacherAgent(env),
        lambda: evaluate(Brain(hidden=2), env),
        lambda: SupervisedTrainer(env, Brain(hidden=2)),
    ]
    for make in makers:
        with pytest.raises(ValueError, match="env") as caught:
            make()
        one_line(caught.value)


@pytest.mark.parametrize("wrong", [None, 3, "brain", object(), QTable(4, 4)])
def test_what_is_no_brain_is_refused(wrong: Any) -> None:
    env = gym.make_vec("CatMouse-v0", num_envs=2)
    for make in (
        lambda: SupervisedTrainer(env, wrong),
        lambda: Evolution(env, wrong),
        lambda: Population(wrong, 2),
    ):
        with refused_properly():
            make()


@pytest.mark.parametrize("wrong", [None, "x", 1.5, -1, 0, 10**12, True, np.nan])
def test_a_wrong_size_is_refused(wrong: Any) -> None:
    for make in (
        lambda: QTable(wrong, 4),
        lambda: QTable(4, wrong),
        lambda: Population(Brain(cell="mlp"), wrong),
        lambda: evaluate(Brain(), gym.make_vec("CatMouse-v0"), num_envs=wrong),
    ):
        with contextlib.suppress(ValueError), warnings.catch_warnings():
            make()


class Answering:
    """A policy that answers whatever it is told to."""

    def __init__(self, answer: Any) -> None:
        self.answer = answer

    def predict(self, *arguments: Any, **more: Any) -> Any:
        return self.answer(len(arguments[0])) if callable(self.answer) else self.answer


ANSWERS: list[Any] = [
    None,
    3,
    "up",
    lambda games: ("up", None),
    lambda games: (None, None),
    lambda games: (np.zeros((games, 3)), None),
    lambda games: (np.zeros(games), None),
    lambda games: (np.full(games, 9), None),
    lambda games: (np.full((games, 1), np.nan), None),
    lambda games: (np.zeros(games + 1, int), None),
    lambda games: ([[0], [0, 1]], None),
]


@pytest.mark.parametrize("continuous", [False, True])
@pytest.mark.parametrize("policy", [None, 3, "random", object(), *map(Answering, ANSWERS)])
def test_what_is_no_policy_is_refused(policy: Any, continuous: bool) -> None:
    env = gym.make_vec("CatMouse-v0", width=3, height=3, continuous=continuous)
    with pytest.raises((ValueError, InvalidAction)):
        evaluate(policy, env)


def test_a_table_says_no_to_readings() -> None:
    with pytest.raises(ValueError, match="readings"):
        evaluate(QTable(4, 4), gym.make_vec("CatMouse-v0", continuous=True))


@pytest.mark.parametrize("env", [None, 3, gym.make_vec("CatMouse-v0", num_envs=2)])
def test_a_population_plays_where_it_fits(env: Any) -> None:
    with pytest.raises(ValueError, match="env"):
        Population(Brain(cell="mlp"), 3).play(env, None)


def test_an_environment_without_a_teacher_is_refused() -> None:
    with pytest.raises(ValueError, match="ideal_action"):
        SupervisedTrainer(gym.make_vec("CartPole-v1", num_envs=2), Brain(hidden=2, actions=2))
    with pytest.raises(ValueError, match="starts"):
        evaluate(Brain(hidden=2, actions=2), gym.make("CartPole-v1"))


@QUICK
@given(seed=ODD)
def test_an_agents_seed_is_taken_or_refused(seed: Any) -> None:
    with refused_properly():
        RandomAgent(gym.make("CatMouse-v0"), seed).predict(np.zeros((2, 4)))


ARRAYS = st.one_of(
    ODD,
    st.builds(
        lambda shape, kind, value: np.full(shape, value).astype(kind),
        st.lists(st.integers(0, 5), max_size=3).map(tuple),
        st.sampled_from(["f4", "f8", "i8", "u1", "?"]),
        st.sampled_from([0.0, 1.0, 0.5]),
    ),
    st.sampled_from([np.full((3, 4), math.nan), np.full((3, 4), math.inf), np.full((3, 4), 1e300)]),
)


@QUICK
@given(observation=ARRAYS, state=ARRAYS, episode_start=ARRAYS, cell=st.sampled_from(["mlp", "elman", "lstm"]))
def test_a_wrong_observation_changes_nothing(
    observation: Any, state: Any, episode_start: Any, cell: str
) -> None:
    brain, twin = Brain(cell=cell, hidden=2), Brain(cell=cell, hidden=2)
    seen = np.linspace(0, 1, 12, dtype=np.float32).reshape(3, 4)
    _, remembered = brain.predict(seen)
    twin.predict(seen)
    for arguments in ((observation,), (seen, state), (seen, remembered, episode_start)):
        refused = True
        with refused_properly():
            action, _ = brain.predict(*arguments, deterministic=True)
            refused = False
            assert np.isfinite(action).all()
        if refused:
            for deterministic in (True, False):
                one = brain.predict(seen, remembered, np.array([True, False, True]), deterministic)
                two = twin.predict(seen, remembered, np.array([True, False, True]), deterministic)
                np.testing.assert_array_equal(one[0], two[0])
                assert (one[1] is None and two[1] is None) or (one[1] == two[1]).all()


# Command lines

TEXTS = st.one_of(
    st.sampled_from(
        [*WORDS, "", "0", "1", "2", "3", "-1", "1.5", "nan", "inf", "1e999", "x", "True", "16385", "9" * 30]
    ),
    st.sampled_from(
        ["CatMouse-v0", "CatMouseMemory-v0", "CartPole-v1", "x:y", ":", "catmouse_env:CatMouse-v0"]
    ),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=6),
)


def check_ending(command: str, arguments: list[str]) -> None:
    """A command must end with a documented status, and wrong usage in one line that it signs."""
    error = io.StringIO()
    with contextlib.redirect_stderr(error), contextlib.redirect_stdout(io.StringIO()):
        try:
            status = run(command, arguments)
        except SystemExit as exit:  # --help
            status = int(exit.code or 0)
    assert status in (0, 1, 2)
    said = error.getvalue()
    assert "Traceback" not in said
    if status == 2:
        assert said.startswith(f"catmouse {command}: ")
        assert said.count("\n") == 1


RUN_FLAGS = [f"--{one.name.replace('_', '-')}" for one in fields(RunConfig)]
SMALL = ["--games", "40", "--hidden", "3", "--batch", "4", "--max-steps", "3", "--quiet"]


@settings(QUICK, max_examples=25)
@given(st.lists(st.tuples(st.sampled_from([*RUN_FLAGS, "--preset", "--save-every"]), TEXTS), max_size=3))
@example([("--env-id", "\0")])
@example([("--learning-rate", "1e308")])
def test_any_command_line_trains_or_is_refused(tmp_path: Path, options: list[tuple[str, str]]) -> None:
    # A flag without a value as often as not, and the small sizes where nothing else was said.
    given_flags = {flag for flag, _ in options}
    small = [
        text
        for flag, value in zip(SMALL[:-1:2], SMALL[1:-1:2], strict=True)
        if flag not in given_flags
        for text in (flag, value)
    ]
    arguments = [text for flag, value in options for text in (flag, *([value] if value else []))]
    if "--preset" in given_flags or any(flag == "--games" for flag in given_flags):
        arguments += ["--target", "100", "--measure", "error", "--report-every", "1000"]
    with patch("os.fsync"):  # the disk's time, not ours
        out = ["--overwrite", "--out", str(tmp_path / "run")]
        check_ending("train", [*small, *arguments, "--quiet", *out])


@QUICK
@given(
    st.sampled_from(
        ["random", "teacher", "nothing", ".", "", "/dev/null", "/dev/zero", "x.zip", "\0", "a" * 300]
    ),
    st.lists(
        st.tuples(st.sampled_from([f"--{one.name.replace('_', '-')}" for one in fields(TaskConfig)]), TEXTS),
        max_size=3,
    ),
)
def test_any_command_line_evaluates_or_is_refused(policy: str, options: list[tuple[str, str]]) -> None:
    arguments = [text for flag, value in options for text in (flag, *([value] if value else []))]
    check_ending("evaluate", [policy, "--quiet", *arguments])


LEARNERS = {
    "evolve": (EvolutionConfig, ["--population", "4", "--games-per-individual", "3", "--generations", "2"]),
    "q-learning": (QLearningConfig, ["--games", "20", "--batch", "4"]),
}
LEARNER_FLAGS = sorted(
    {f"--{one.name.replace('_', '-')}" for kind, _ in LEARNERS.values() for one in fields(kind)}
    - {"--generations", "--games"}  # which take what time they are given
)


@settings(QUICK, max_examples=40)
@given(
    st.sampled_from(list(LEARNERS)),
    st.lists(st.tuples(st.sampled_from([*LEARNER_FLAGS, "--save-every", "--resume"]), TEXTS), max_size=3),
)
def test_any_command_line_of_a_learner_learns_or_is_refused(
    tmp_path: Path, name: str, options: list[tuple[str, str]]
) -> None:
    _, small = LEARNERS[name]
    arguments = [text for flag, value in options for text in (flag, *([value] if value else []))]
    kept = [
        text
        for flag, value in zip(small[::2], small[1::2], strict=True)
        if flag not in arguments
        for text in (flag, value)
    ]
    with patch("os.fsync"):
        check_ending(name, [*kept, *arguments, "--quiet", "--overwrite", "--out", str(tmp_path / "run")])
