"""The single environment: what it promises to its users, alone and under Gymnasium's wrappers."""

import copy
import pickle
import subprocess
import sys
import warnings

import gymnasium as gym
import numpy as np
import pytest
from gymnasium import wrappers
from gymnasium.error import InvalidAction, ResetNeeded
from gymnasium.utils.env_checker import check_env

from catmouse_env import CatMouseEnv

ARGUMENTS = [
    {},
    {"continuous": True},
    {"width": 2, "height": 5},
    {"lethal": True},
    {"cat_visible_moves": 1},
    {"observe_moves_left": True},
    {
        "continuous": True,
        "width": 3,
        "height": 2,
        "lethal": True,
        "cat_visible_moves": 0,
        "observe_moves_left": True,
    },
    {"width": 40, "height": 31},
]
WRONG_ACTIONS = [4, -1, 1.5, "up", None, [0], [0, 1], np.array([1]), np.nan, 10**30, np.int64(4), {}, True]
WRONG_READINGS = [
    0.5,
    [1.01],
    [-0.01],
    [np.nan],
    [np.inf],
    ["up"],
    None,
    [0.1, 0.2],
    [[0.5]],
    [None],
    {},
    [True],
]
WRONG_ARGUMENTS = {
    "width": [1, 65, 6.0, "6", None, True, np.nan],
    "height": [1, 65, 2.5, -3, [6]],
    "continuous": [1, "yes", None],
    "cat": ["dog", None, 3, []],
    "teacher": ["fly", None, 3],
    "cat_visible_moves": [-1, 1.0, "all", True],
    "lethal": [0, "no", None],
    "observe_moves_left": [1, None],
    "render_mode": ["rgb", 3, []],
    "max_steps": [0, -5, 2.0, "ten", None],
}
WRONG_OPTIONS = [
    {"dog": (0, 0)},
    {"cat": (0, 6)},
    {"cat": (-1, 0)},
    {"mouse": (0.0, 1.0)},
    {"mouse": 3},
    {"mouse": (1, 2, 3)},
    {"cat": None},
    {"cat": ("a", "b")},
    {"cat": ((1, 2), (3,))},
    [("cat", (0, 0))],
    "cat",
]


def play(env, actions):
    """Everything that comes back from these moves, as lists."""
    results = []
    for action in actions:
        observation, *rest = env.step(action)
        results.append((observation.tolist(), *rest))
        if rest[1] or rest[2]:
            observation, info = env.reset()
            results.append((observation.tolist(), info))
    return results


def actions_for(env, count, seed=0):
    """Legal actions, the same for the same seed."""
    env.action_space.seed(seed)
    return [env.action_space.sample() for _ in range(count)]


@pytest.mark.parametrize("arguments", ARGUMENTS, ids=str)
@pytest.mark.parametrize("render_mode", [None, "ansi"])
def test_gymnasiums_checker_has_nothing_to_say(arguments, render_mode):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        env = gym.make("CatMouse-v0", **arguments, render_mode=render_mode)
        check_env(env.unwrapped, skip_render_check=render_mode is None)


def test_a_game_lasts_ten_moves_or_as_many_as_asked():
    for moves, arguments in ((10, {}), (3, {"max_steps": 3}), (4, {"max_episode_steps": 4})):
        env = gym.make("CatMouse-v0", **arguments)
        env.reset(seed=0)
        ends = [env.step(0)[2:4] for _ in range(moves)]
        assert ends == [(False, False)] * (moves - 1) + [(False, True)]


def test_the_reward_is_the_change_in_distance():
    env = CatMouseEnv(width=4, height=4)
    env.reset(options={"cat": (0, 0), "mouse": (1, 1)})
    assert [env.step(action)[1] for action in (0, 1, 1, 1, 2, 3)] == [1, 1, 1, 0, -1, -1]


def test_info_is_about_the_observation_returned_with_it():
    env = CatMouseEnv(width=5, height=3)
    observation, info = env.reset(seed=1)
    elsewhere = CatMouseEnv(width=5, height=3)
    for action in [0, 1, 1, 1, 2, 2, 3, 3, 3, 0]:
        cat, mouse = ((observation.reshape(2, 2) * (4, 2)).round().astype(int)).tolist()
        assert elsewhere.reset(options={"cat": cat, "mouse": mouse})[1] == info
        assert type(info["ideal_direction"]) is np.float64
        assert type(info["ideal_action"]) is np.int64
        observation, *_, info = env.step(action)


def test_a_caught_mouse_ends_the_game_and_pays_for_it():
    env = CatMouseEnv(width=4, height=3, lethal=True)
    env.reset(options={"cat": (1, 0), "mouse": (0, 0)})
    _, reward, terminated, truncated, _ = env.step(1)
    assert (reward, terminated, truncated) == (-7, True, False)
    env.reset()
    env.step(0)


@pytest.mark.parametrize("render_mode", [None, "ansi"])
@pytest.mark.parametrize(
    "arguments", [{}, {"lethal": True}, {"observe_moves_left": True, "teacher": "optimal"}]
)
def test_a_step_after_the_end_warns_and_changes_nothing(arguments, render_mode):
    env = CatMouseEnv(width=4, height=3, max_steps=3, render_mode=render_mode, **arguments)
    env.reset(options={"cat": (1, 0), "mouse": (0, 0)})
    last = env.step(1)
    while not (last[2] or last[3]):
        last = env.step(0)
    picture = env.render() if render_mode else None
    for action in range(4):
        with pytest.warns(UserWarning, match="this game is over"):
            observation, reward, *ends, info = env.step(action)
        assert observation.tolist() == last[0].tolist()
        assert (reward, *ends, info) == (0.0, *last[2:])
    with pytest.raises(InvalidAction):
        env.step(4)
    if render_mode:
        assert env.render() == picture
    assert env.reset()[0].shape == last[0].shape
    assert not any(env.step(0)[3:4])


def test_without_lethal_nobody_is_caught():
    env = CatMouseEnv(width=4, height=3)
    env.reset(options={"cat": (1, 0), "mouse": (0, 0)})
    assert env.step(1)[1:4] == (-1, False, False)


def test_a_lethal_game_never_starts_with_both_in_one_cell():
    env = CatMouseEnv(width=2, height=2, lethal=True)
    starts = {tuple(env.reset(seed=seed)[0].tolist()) for seed in range(300)}
    starts |= {tuple(env.reset()[0].tolist()) for _ in range(100)}
    starts |= {tuple(env.reset(options={"cat": (0, 1)})[0].tolist()) for _ in range(100)}
    assert len(starts) == 12
    assert all(start[:2] != start[2:] for start in starts)


def test_the_cat_is_seen_for_as_many_observations_as_asked():
    for visible in (0, 1, 3):
        env = CatMouseEnv(cat_visible_moves=visible)
        seen = [env.reset(seed=0)[0]] + [env.step(0)[0] for _ in range(4)]
        assert [bool((observation[:2] == -1).all()) for observation in seen] == [
            number >= visible for number in range(5)
        ]


def test_a_hidden_cat_changes_nothing_but_what_is_seen():
    open_env, hidden = CatMouseEnv(), CatMouseEnv(cat_visible_moves=1)
    assert open_env.reset(seed=5)[1] == hidden.reset(seed=5)[1]
    for action in (0, 1, 2, 3, 1, 1):
        one, other = open_env.step(action), hidden.step(action)
        assert one[1:] == other[1:]
        assert one[0][2:].tolist() == other[0][2:].tolist()


@pytest.mark.parametrize("moves", [1, 7, 10])
def test_the_moves_left_are_observed_from_one_down_to_nothing(moves):
    env = gym.make("CatMouse-v0", observe_moves_left=True, max_steps=moves)
    seen = [env.reset(seed=0)[0][4]] + [env.step(0)[0][4] for _ in range(moves)]
    np.testing.assert_array_equal(seen, (np.arange(moves, -1, -1) / moves).astype(np.float32))


def test_an_environment_that_observes_the_moves_left_is_made_again_from_its_spec():
    env = gym.make("CatMouse-v0", observe_moves_left=True, max_steps=4)
    for again in (gym.make(env.spec), pickle.loads(pickle.dumps(env))):
        again.reset(seed=0)
        assert again.step(0)[0][4] == 0.75


def test_a_compass_reading_moves_as_its_direction_does():
    compass, plain = CatMouseEnv(continuous=True), CatMouseEnv()
    compass.reset(seed=3)
    plain.reset(seed=3)
    for reading in (0.0, 0.2499, 0.25, 0.4, 0.5, 0.7, 0.75, 0.99, 1.0):
        one, other = compass.step(np.array([reading], np.float32)), plain.step(min(int(reading * 4), 3))
        assert one[0].tolist() == other[0].tolist()
        assert one[1:] == other[1:]


@pytest.mark.parametrize("action", [np.int64(2), np.int8(2), np.uint8(2), np.array(2), np.array(2, np.int32)])
def test_any_way_to_write_a_whole_number_is_an_action(action):
    one, other = CatMouseEnv(), CatMouseEnv()
    one.reset(seed=0)
    other.reset(seed=0)
    assert one.step(action)[0].tolist() == other.step(2)[0].tolist()


def test_observations_belong_to_the_user():
    env = CatMouseEnv()
    first, _ = env.reset(seed=0)
    first[:] = 9
    second = env.step(0)[0]
    second[:] = 9
    assert env.observation_space.contains(env.step(0)[0])
    assert env.observation_space.contains(env.reset(seed=0)[0])


@pytest.mark.parametrize("arguments", [{}, {"continuous": True}], ids=str)
def test_a_wrong_action_moves_nothing(arguments):
    env, twin = CatMouseEnv(**arguments), CatMouseEnv(**arguments)
    env.reset(seed=0)
    twin.reset(seed=0)
    for action in WRONG_READINGS if arguments else WRONG_ACTIONS:
        with pytest.raises(InvalidAction):
            env.step(action)
    assert play(env, actions_for(env, 30)) == play(twin, actions_for(twin, 30))


def test_a_step_before_a_reset_is_refused():
    for env in (CatMouseEnv(), gym.make("CatMouse-v0")):
        with pytest.raises(ResetNeeded):
            env.step(0)


@pytest.mark.parametrize(
    ("name", "value"), [(name, value) for name, values in WRONG_ARGUMENTS.items() for value in values]
)
def test_a_wrong_argument_is_named_with_what_it_got(name, value):
    with pytest.raises(ValueError, match=f"(?s)^{name}.*{str(value)[:3]}".replace("[", r"\[")) as error:
        CatMouseEnv(**{name: value})
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("options", WRONG_OPTIONS, ids=str)
def test_a_wrong_option_moves_nothing(options):
    env, twin = CatMouseEnv(), CatMouseEnv()
    env.reset(seed=0)
    twin.reset(seed=0)
    with pytest.raises(ValueError, match=r"^options"):
        env.reset(seed=1, options=options)
    assert play(env, actions_for(env, 10)) == play(twin, actions_for(twin, 10))
    assert env.reset()[0].tolist() == twin.reset()[0].tolist()


@pytest.mark.parametrize("seed", [-1, 1.5, "x", [1]])
def test_a_wrong_seed_moves_nothing(seed):
    env, twin = CatMouseEnv(), CatMouseEnv()
    env.reset(seed=0)
    twin.reset(seed=0)
    with pytest.raises(ValueError, match=r"^seed"):
        env.reset(seed=seed)
    assert env.step(1)[0].tolist() == twin.step(1)[0].tolist()
    assert env.reset()[0].tolist() == twin.reset()[0].tolist()


def test_both_in_one_cell_is_no_option_of_a_lethal_game():
    with pytest.raises(ValueError, match=r"^options"):
        CatMouseEnv(lethal=True).reset(options={"cat": (1, 1), "mouse": (1, 1)})
    CatMouseEnv().reset(options={"cat": (1, 1), "mouse": (1, 1)})


@pytest.mark.parametrize(
    "given", [{"cat": (1, 4)}, {"mouse": [2, 0]}, {"cat": np.array([3, 3]), "mouse": (0, 5)}, {}]
)
def test_options_give_either_animals_cell_and_are_left_alone(given):
    env = CatMouseEnv(width=5, height=6)
    before = copy.deepcopy(given)
    observation, _ = env.reset(seed=0, options=given)
    places = {"cat": observation[:2] * (4, 5), "mouse": observation[2:] * (4, 5)}
    for name, place in given.items():
        np.testing.assert_allclose(places[name], place, atol=1e-6)
    assert str(given) == str(before)


def test_the_same_seed_gives_the_same_games():
    one, other = CatMouseEnv(), CatMouseEnv()
    assert one.reset(seed=11)[0].tolist() == other.reset(seed=np.int64(11))[0].tolist()
    assert [one.reset()[0].tolist() for _ in range(9)] == [other.reset()[0].tolist() for _ in range(9)]
    assert one.np_random_seed == 11


def test_a_users_own_random_stream_is_drawn_from():
    env, stream = CatMouseEnv(), np.random.default_rng(5)
    env.np_random = np.random.default_rng(5)
    cat, mouse = divmod(int(stream.random() * 1296), 36)  # one uniform number a game
    expected = np.array([*divmod(cat, 6), *divmod(mouse, 6)]) / np.float32(5)
    np.testing.assert_array_equal(env.reset()[0], expected.astype(np.float32))


@pytest.mark.parametrize("arguments", ARGUMENTS, ids=str)
@pytest.mark.parametrize("render_mode", [None, "ansi", "rgb_array"])
@pytest.mark.parametrize(
    "copied", [copy.deepcopy, lambda env: pickle.loads(pickle.dumps(env))], ids=["deepcopy", "pickle"]
)
def test_a_copy_made_mid_game_has_the_same_future(arguments, render_mode, copied):
    env = gym.make("CatMouse-v0", **arguments, render_mode=render_mode)
    env.reset(seed=2)
    actions = actions_for(env, 40)
    play(env, actions[:13])
    if render_mode:
        env.render()
    twin = copied(env)
    assert play(env, actions[13:]) == play(twin, actions[13:])
    if render_mode:
        assert np.array_equal(env.render(), twin.render())
    env.close()
    twin.close()


@pytest.mark.parametrize("arguments", [{}, {"continuous": True, "lethal": True}], ids=str)
@pytest.mark.parametrize(
    "wrap",
    [
        wrappers.RecordEpisodeStatistics,
        wrappers.FlattenObservation,
        lambda env: wrappers.TimeAwareObservation(wrappers.TimeLimit(env, 10)),
        wrappers.Autoreset,
        wrappers.NormalizeObservation,
        lambda env: wrappers.FrameStackObservation(env, 3),
        lambda env: wrappers.TimeLimit(env, 3),
        lambda env: wrappers.PassiveEnvChecker(env.unwrapped),
        lambda env: wrappers.OrderEnforcing(env.unwrapped),
        lambda env: wrappers.DelayObservation(env, 2),
        lambda env: wrappers.TransformReward(env, lambda reward: -reward),
    ],
)
def test_gymnasiums_wrappers_fit(arguments, wrap):
    env = wrap(gym.make("CatMouse-v0", **arguments))
    observation, _ = env.reset(seed=0)
    for action in actions_for(env, 25):
        assert env.observation_space.contains(observation)
        observation, _, terminated, truncated, _ = env.step(action)
        if terminated or truncated:
            observation, _ = env.reset()


def test_episode_statistics_are_recorded():
    env = wrappers.RecordEpisodeStatistics(gym.make("CatMouse-v0", width=10, height=10))
    env.reset(options={"cat": (0, 0), "mouse": (0, 0)})
    for _ in range(9):
        env.step(1)
    *_, truncated, info = env.step(0)
    assert truncated
    assert (info["episode"]["r"], info["episode"]["l"]) == (10, 10)


def test_videos_are_recorded(tmp_path):
    pytest.importorskip("moviepy")
    env = gym.make("CatMouse-v0", render_mode="rgb_array")
    env = wrappers.RecordVideo(env, str(tmp_path), episode_trigger=lambda number: True, disable_logger=True)
    env.reset(seed=0)
    for _ in range(10):
        env.step(1)
    env.close()
    assert list(tmp_path.glob("*.mp4"))


def test_pictures_can_be_collected():
    env = wrappers.RenderCollection(gym.make("CatMouse-v0", render_mode="rgb_array"))
    env.reset(seed=0)
    for _ in range(3):
        env.step(1)
    frames = env.render()
    assert len(frames) == 4
    assert all(frame.ndim == 3 and frame.dtype == np.uint8 for frame in frames)


def test_human_mode_shows_every_move_and_closing_the_window_ends_the_program_politely():
    import pygame

    for act in (lambda env: env.step(1), lambda env: env.reset()):
        env = gym.make("CatMouse-v0", render_mode="human")
        env.unwrapped.metadata = {**env.unwrapped.metadata, "render_fps": 1000}
        env.reset(seed=0)
        env.step(0)
        assert env.render() is None
        pygame.event.post(pygame.event.Event(pygame.QUIT))
        with pytest.raises(SystemExit) as ended:
            act(env)
        assert ended.value.code == 0
        env.close()


@pytest.mark.parametrize("render_mode", [None, "human", "rgb_array", "ansi"])
def test_closing_twice_is_allowed_and_closing_unused_too(render_mode):
    env = gym.make("CatMouse-v0", render_mode=render_mode)
    env.close()
    env.close()
    env.reset(seed=0)
    if render_mode:
        env.render()
    env.close()
    env.close()


def test_rendering_before_a_reset_or_without_a_mode_says_what_is_missing():
    for render_mode in ("ansi", "rgb_array"):
        with pytest.raises(ResetNeeded):
            CatMouseEnv(render_mode=render_mode).render()
    env = CatMouseEnv()
    env.reset(seed=0)
    with pytest.warns(UserWarning, match="render_mode"):
        assert env.render() is None


def test_the_text_picture_follows_the_game():
    env = CatMouseEnv(width=3, height=3, render_mode="ansi")
    env.reset(options={"cat": (0, 0), "mouse": (2, 2)})
    first = env.render()
    env.step(2)
    second = env.render()
    assert first != second
    assert env.snapshot().mouse_path == ((2, 2), (2, 1))
    assert env.snapshot().cat_path == ((0, 0), (0, 0))


def test_importing_the_environment_imports_no_window_and_no_brain():
    code = (
        "import sys, catmouse_env, gymnasium as gym; env = gym.make('CatMouse-v0'); env.reset(); env.step(0);"
        "gym.make_vec('CatMouse-v0', num_envs=2).reset();"
        "print([name for name in ('pygame', 'agents', 'pettingzoo', 'scipy') if name in sys.modules])"
    )
    output = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert output.strip() == "[]"
