"""Whatever a caller passes in: the documented error and an untouched game, or a result as documented."""

import gymnasium as gym
import numpy as np
import pytest
from gymnasium.error import InvalidAction
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from catmouse_env import CatMouseEnv, CatMouseVectorEnv

settings.register_profile("steady", deadline=None, derandomize=True, max_examples=60)
settings.load_profile("steady")

anything = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.integers(-2, 70),
    st.floats(),
    st.text(max_size=4),
    st.lists(st.integers(-1, 5) | st.floats() | st.none(), max_size=4),
    st.builds(object),
    arrays.arrays(
        st.sampled_from(
            [np.int64, np.int8, np.uint64, np.float32, np.float64, np.bool_, np.complex128, object, "U2"]
        ),
        arrays.array_shapes(min_dims=0, max_dims=2, min_side=0, max_side=4),
    ),
)
rooms = st.fixed_dictionaries({"width": st.integers(2, 12), "height": st.integers(2, 12)})


def plain(result):
    """Results in a form that `==` compares."""
    if isinstance(result, dict):
        return {key: plain(value) for key, value in result.items()}
    if isinstance(result, tuple):
        return [plain(part) for part in result]
    if isinstance(result, np.ndarray):
        return [result.dtype.str, result.shape, result.tolist()]
    return result


def attempt(call, **arguments):
    """A call's result and None, or None and the words of its ValueError."""
    try:
        return call(**arguments), None
    except ValueError as error:
        return None, str(error)


def legal(env, action):
    """Whether an action is one, by the words of the documentation."""
    number = isinstance(action, (int, np.integer)) and not isinstance(action, bool)
    number = number or (isinstance(action, np.ndarray) and action.shape == () and action.dtype.kind in "iu")
    return number and 0 <= action <= 3


@given(action=anything, seed=st.integers(0, 99))
def test_a_step_is_played_or_refused_without_a_trace(action, seed):
    env, twin = CatMouseEnv(), CatMouseEnv()
    env.reset(seed=seed)
    twin.reset(seed=seed)
    if legal(env, action):
        assert plain(env.step(action)) == plain(twin.step(int(action)))
    else:
        with pytest.raises(InvalidAction):
            env.step(action)
    assert plain(env.step(1)) == plain(twin.step(1))
    assert plain(env.reset()) == plain(twin.reset())


@given(
    reading=anything | arrays.arrays(np.float32, (1,), elements=st.floats(0, 1, width=32)),
    seed=st.integers(0, 99),
)
def test_a_reading_is_played_or_refused_without_a_trace(reading, seed):
    env, twin = CatMouseEnv(continuous=True), CatMouseEnv(continuous=True)
    env.reset(seed=seed)
    twin.reset(seed=seed)
    try:
        result = env.step(reading)
    except InvalidAction:
        assert not (isinstance(reading, np.ndarray) and env.action_space.contains(reading))
    else:
        value = float(np.asarray(reading)[0])
        assert 0 <= value <= 1
        assert plain(result) == plain(twin.step(np.array([value])))
    assert plain(env.step([0.3])) == plain(twin.step([0.3]))


@given(actions=anything | arrays.arrays(np.int64, (3,), elements=st.integers(0, 3)), seed=st.integers(0, 99))
def test_many_steps_are_played_or_refused_without_a_trace(actions, seed):
    env, twin = CatMouseVectorEnv(3), CatMouseVectorEnv(3)
    env.reset(seed=seed)
    twin.reset(seed=seed)
    try:
        result = env.step(actions)
    except InvalidAction:
        assert not (isinstance(actions, np.ndarray) and env.action_space.contains(actions))
    else:
        values = np.asarray(actions).astype(np.int64)
        assert env.action_space.contains(values)
        assert plain(result) == plain(twin.step(values))
    still = np.array([0, 1, 2])
    assert plain(env.step(still)) == plain(twin.step(still))


places = st.one_of(anything, st.tuples(st.integers(-1, 8), st.integers(-1, 8)))


@given(
    options=st.one_of(
        anything, st.dictionaries(st.sampled_from(["cat", "mouse", "dog"]), places, max_size=3)
    ),
    room=rooms,
    lethal=st.booleans(),
    seed=anything,
)
def test_a_reset_is_done_or_refused_without_a_trace(options, room, lethal, seed):
    env, twin = CatMouseEnv(**room, lethal=lethal), CatMouseEnv(**room, lethal=lethal)
    env.reset(seed=1)
    twin.reset(seed=1)
    result, refusal = attempt(env.reset, seed=seed, options=options)
    if refusal is not None:
        assert "\n" not in refusal
        assert refusal.startswith(("options", "seed"))
        assert plain(env.step(1)) == plain(twin.step(1))
        assert plain(env.reset()) == plain(twin.reset())
    else:
        observation, info = result
        assert env.observation_space.contains(observation)
        seen = (observation.reshape(2, 2) * (room["width"] - 1, room["height"] - 1)).round()
        for number, name in enumerate(("cat", "mouse")):
            if options is not None and name in options:
                assert seen[number].tolist() == list(options[name])
        assert info.keys() == {"ideal_direction", "ideal_action"}


@given(
    name=st.sampled_from(
        [
            "width",
            "height",
            "continuous",
            "teacher",
            "cat_visible_moves",
            "lethal",
            "observe_moves_left",
            "render_mode",
            "max_steps",
        ]
    ),
    value=anything,
    many=st.booleans(),
)
def test_an_argument_is_taken_or_named(name, value, many):
    face = CatMouseVectorEnv if many else CatMouseEnv
    env, refusal = attempt(face, **{name: value})
    if refusal is not None:
        assert refusal.startswith(name)
    else:
        observation, _ = env.reset(seed=0)
        assert env.observation_space.contains(observation)


@given(room=rooms, seed=st.integers(0, 2**40), moves=st.lists(st.integers(0, 3), min_size=1, max_size=30))
def test_every_game_stays_in_its_room_and_adds_up(room, seed, moves):
    env = gym.make("CatMouse-v0", **room, max_steps=30)
    observation, _ = env.reset(seed=seed)
    scale = np.array([room["width"] - 1, room["height"] - 1] * 2)

    def distance(seen):
        cells = (seen * scale).round()
        return abs(cells[0] - cells[2]) + abs(cells[1] - cells[3])

    before, gained = distance(observation), 0.0
    for action in moves:
        observation, reward, *_ = env.step(action)
        assert env.observation_space.contains(observation)
        assert (observation >= 0).all()
        gained += reward
    assert distance(observation) - before == gained
