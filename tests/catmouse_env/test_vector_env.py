"""The vector environment: what it promises beyond being many single ones (see test_agreement.py)."""

import copy
import pickle
from typing import Any

import gymnasium as gym
import numpy as np
import pytest
from gymnasium.error import InvalidAction, ResetNeeded
from gymnasium.vector import AsyncVectorEnv, AutoresetMode, SyncVectorEnv
from gymnasium.wrappers import vector as wrappers

from catmouse_env import CatMouseEnv, CatMouseVectorEnv

MODES = list(AutoresetMode)
ARGUMENTS = [
    {},
    {"continuous": True},
    {"width": 2, "height": 5, "lethal": True},
    {"cat_visible_moves": 1, "observe_moves_left": True},
    {"width": 40, "height": 31},
]
WRONG_ACTIONS = [
    [0, 1, 2, 4],
    [0, 1, 2, -1],
    [0, 1, 2],
    [[0, 1, 2, 3]],
    [0.0, 1.0, 2.0, 3.0],
    [True] * 4,
    "abcd",
    None,
    0,
    [0, 1, 2, None],
    [[0], [1, 2], [3], [0]],
    np.array([0, 1, 2, 2**40]),
]
WRONG_READINGS = [
    [0.5] * 4,
    [[0.5]] * 3,
    [[1.5]] * 4,
    [[0.5], [0.5], [0.5], [np.nan]],
    [[-0.1]] * 4,
    None,
    [["a"]] * 4,
]
FOUR_CELLS = [[0, 0], [1, 1], [2, 2], [3, 3]]
WRONG_OPTIONS = [
    {"dog": FOUR_CELLS},
    {"cat": (0, 0)},
    {"cat": FOUR_CELLS[:3]},
    {"cat": [*FOUR_CELLS[:3], [6, 0]]},
    {"mouse": [*FOUR_CELLS[:3], [0, -1]]},
    {"mouse": np.array(FOUR_CELLS, float)},
    {"mouse": None},
    {"reset_mask": [True] * 3},
    {"reset_mask": [1, 0, 1, 0]},
    {"reset_mask": np.zeros(4, bool)},
    {"reset_mask": "all"},
    [],
    3,
]


def make(games=4, **arguments):
    return gym.make_vec("CatMouse-v0", games, "vector_entry_point", **arguments)


def plain(result):
    """What `reset` or `step` returned, as lists that `==` can compare."""
    if isinstance(result, dict):
        return {key: plain(value) for key, value in result.items()}
    if isinstance(result, tuple):
        return [plain(part) for part in result]
    if isinstance(result, np.ndarray) and result.dtype == object:
        return [plain(part) for part in result]
    return result.tolist() if isinstance(result, np.ndarray) else result


def play(env, steps, seed=0):
    """Everything that comes back from some legal moves."""
    env.action_space.seed(seed)
    results = []
    for _ in range(steps):
        result = env.step(env.action_space.sample())
        results.append(plain(result))
        over = result[2] | result[3]
        if env.metadata["autoreset_mode"] is AutoresetMode.DISABLED and over.any():
            results.append(plain(env.reset(options={"reset_mask": over})))
    return results


def test_make_vec_gives_the_native_environment_and_passes_it_everything():
    env = gym.make_vec(
        "CatMouse-v0", num_envs=3, width=4, max_steps=7, autoreset_mode=AutoresetMode.SAME_STEP
    )
    assert isinstance(env.unwrapped, CatMouseVectorEnv)
    assert env.metadata["autoreset_mode"] is AutoresetMode.SAME_STEP
    assert (env.unwrapped.config.max_steps, env.unwrapped.config.width) == (7, 4)


def test_spaces_are_those_of_the_single_environment_times_the_games():
    for arguments in ARGUMENTS:
        env, single = make(3, **arguments), gym.make("CatMouse-v0", **arguments)
        sync = SyncVectorEnv([lambda arguments=arguments: gym.make("CatMouse-v0", **arguments)] * 3)
        assert env.single_observation_space == single.observation_space
        assert env.single_action_space == single.action_space
        assert env.observation_space == sync.observation_space
        assert env.action_space == sync.action_space
        assert env.observation_space.contains(env.reset(seed=0)[0])


def test_one_game_is_the_single_environment_with_the_same_seed():
    vector, single = make(1, autoreset_mode=AutoresetMode.SAME_STEP), gym.make("CatMouse-v0")
    assert vector.reset(seed=9)[0][0].tolist() == single.reset(seed=9)[0].tolist()
    for number in range(60):
        observation, reward, _, truncated, info = vector.step(np.array([number % 4]))
        expected = single.step(number % 4)
        last = info["final_obs"] if truncated[0] else observation
        assert (last[0].tolist(), reward[0], truncated[0]) == (expected[0].tolist(), expected[1], expected[3])
        if truncated[0]:
            assert observation[0].tolist() == single.reset()[0].tolist()


def test_starts_are_every_start_once():
    starts = make(2, width=3, height=2).unwrapped.starts
    pairs = {
        (*cat, *mouse) for cat, mouse in zip(starts["cat"].tolist(), starts["mouse"].tolist(), strict=True)
    }
    assert starts["cat"].shape == starts["mouse"].shape == (36, 2)
    assert len(pairs) == 36
    lethal = make(2, width=3, height=2, lethal=True).unwrapped.starts
    assert len(lethal["cat"]) == 30
    assert (lethal["cat"] != lethal["mouse"]).any(axis=1).all()


def test_starts_can_be_played_from():
    env = make(1296)
    starts = env.unwrapped.starts
    observation, _ = env.reset(options=starts)
    np.testing.assert_array_equal((observation * 5).round(), np.hstack([starts["cat"], starts["mouse"]]))


def test_either_animal_can_be_given_and_the_other_is_drawn():
    env = make(500, width=5, height=3, lethal=True)
    cells = np.tile([[2, 1]], (500, 1))
    for name, columns in (("cat", slice(0, 2)), ("mouse", slice(2, 4))):
        options = {name: cells}
        observation, _ = env.reset(seed=1, options=options)
        assert (observation[:, columns] == 0.5).all()
        others = np.delete(observation, range(4)[columns], axis=1)
        assert len(np.unique(others, axis=0)) == 14
        assert options == {name: cells}


def test_a_mask_starts_its_games_and_no_other():
    env = make(6, autoreset_mode=AutoresetMode.DISABLED, max_steps=5)
    env.reset(seed=0)
    before = env.step(np.zeros(6, np.int64))[0]
    mask = np.array([True, False, True, False, False, False])
    cells = np.full((6, 2), 5)
    options = {"reset_mask": mask, "cat": cells, "mouse": cells}
    after, info = env.reset(options=options)
    assert (after[mask] == 1).all()
    np.testing.assert_array_equal(after[~mask], before[~mask])
    np.testing.assert_array_equal(info["_ideal_action"], mask)
    assert options.keys() == {"reset_mask", "cat", "mouse"}
    ends = [env.step(np.zeros(6, np.int64))[3] for _ in range(4)]
    np.testing.assert_array_equal(ends[-1], ~mask)
    assert not np.any(ends[:-1])


def test_a_mask_may_be_the_first_reset_if_it_leaves_no_game_out():
    env = make(3)
    with pytest.raises(ResetNeeded):
        env.reset(options={"reset_mask": np.array([True, False, True])})
    env.reset(options={"reset_mask": np.ones(3, bool)})
    env.step(np.zeros(3, np.int64))


def test_a_step_without_a_game_is_refused():
    env = make(2, autoreset_mode=AutoresetMode.DISABLED)
    with pytest.raises(ResetNeeded):
        env.step(np.zeros(2, np.int64))
    env.reset(seed=0)
    for _ in range(10):
        last = env.step(np.zeros(2, np.int64))
    assert last[3].all()
    with pytest.raises(ResetNeeded):
        env.step(np.zeros(2, np.int64))
    env.reset(options={"reset_mask": np.array([True, False])})
    with pytest.raises(ResetNeeded):
        env.step(np.zeros(2, np.int64))
    env.reset(options={"reset_mask": np.array([False, True])})
    env.step(np.zeros(2, np.int64))


@pytest.mark.parametrize("arguments", [{}, {"continuous": True}], ids=str)
def test_wrong_actions_move_nothing(arguments):
    env, twin = make(**arguments), make(**arguments)
    env.reset(seed=0)
    twin.reset(seed=0)
    for actions in WRONG_READINGS if arguments else WRONG_ACTIONS:
        with pytest.raises(InvalidAction):
            env.step(actions)
    assert play(env, 25) == play(twin, 25)


@pytest.mark.parametrize("options", WRONG_OPTIONS, ids=str)
def test_wrong_options_move_nothing(options):
    env, twin = make(), make()
    env.reset(seed=0)
    twin.reset(seed=0)
    with pytest.raises(ValueError, match=r"^options"):
        env.reset(seed=1, options=options)
    assert play(env, 25) == play(twin, 25)


@pytest.mark.parametrize("seed", [-1, 1.5, "x", [1, 2, 3, 4]])
def test_a_wrong_seed_moves_nothing(seed):
    env, twin = make(), make()
    env.reset(seed=0)
    twin.reset(seed=0)
    with pytest.raises(ValueError, match=r"^seed"):
        env.reset(seed=seed)
    assert play(env, 25) == play(twin, 25)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("num_envs", 0),
        ("num_envs", 1.5),
        ("autoreset_mode", "sometimes"),
        ("max_episode_steps", 0),
        ("max_steps", 0),
        ("max_steps", None),
        ("render_mode", "human"),
        ("width", 1),
        ("height", 100),
        ("cat", "dog"),
        ("teacher", "x"),
        ("lethal", 1),
    ],
)
def test_a_wrong_argument_is_named_with_what_it_got(name, value):
    with pytest.raises(ValueError, match=f"^{name}.*{value}"):
        CatMouseVectorEnv(**{name: value})


@pytest.mark.parametrize("mode", MODES, ids=[mode.name for mode in MODES])
@pytest.mark.parametrize("arguments", ARGUMENTS, ids=str)
@pytest.mark.parametrize(
    "copied", [copy.deepcopy, lambda env: pickle.loads(pickle.dumps(env))], ids=["deepcopy", "pickle"]
)
def test_a_copy_made_mid_game_has_the_same_future(arguments, mode, copied):
    env = make(7, autoreset_mode=mode, render_mode="ansi", **arguments)
    env.reset(seed=4)
    play(env, 14)
    twin = copied(env)
    assert play(env, 25) == play(twin, 25)
    assert env.render() == twin.render()


@pytest.mark.parametrize("mode", MODES, ids=[mode.name for mode in MODES])
def test_what_a_step_returned_belongs_to_the_user(mode):
    env, twin = make(50, lethal=True, autoreset_mode=mode), make(50, lethal=True, autoreset_mode=mode)
    env.reset(seed=0)
    twin.reset(seed=0)
    for number in range(30):
        actions = np.full(50, number % 4)
        results, untouched = env.step(actions), twin.step(actions)
        expected = plain(untouched)
        assert plain(results) == expected
        over = results[2] | results[3]
        for array in results[:4]:
            array[:] = 0
        results[4]["ideal_action"][:] = 0
        results[4]["ideal_direction"][:] = 0
        if mode is AutoresetMode.DISABLED and over.any():
            env.reset(options={"reset_mask": over.copy()})
            twin.reset(options={"reset_mask": over.copy()})
        assert plain(untouched) == expected


def test_actions_of_any_whole_number_type_are_taken():
    for kind in (np.int8, np.uint8, np.int32, np.uint64, list):
        env, twin = make(), make()
        env.reset(seed=0)
        twin.reset(seed=0)
        actions = [0, 1, 2, 3]
        given = actions if kind is list else np.array(actions, kind)
        assert plain(env.step(given)) == plain(twin.step(np.array(actions)))


@pytest.mark.parametrize("mode", ["NextStep", "SameStep", "Disabled"])
def test_the_autoreset_mode_can_be_given_by_name(mode):
    assert make(autoreset_mode=mode).metadata["autoreset_mode"] is AutoresetMode(mode)


def test_a_game_lasts_ten_moves_where_the_class_is_made_directly():
    env = CatMouseVectorEnv(3)
    env.reset(seed=0)
    assert [env.step(np.zeros(3, np.int64))[3].any() for _ in range(10)] == [False] * 9 + [True]


@pytest.mark.parametrize("mode", MODES[:2], ids=[mode.name for mode in MODES[:2]])
def test_episode_statistics_are_recorded(mode):
    native = wrappers.RecordEpisodeStatistics(make(5, autoreset_mode=mode))
    native.reset(seed=0, options={"cat": [(0, 0)] * 5, "mouse": [(0, 0)] * 5})
    for _ in range(10):
        *_, info = native.step(np.ones(5, np.int64))
    assert info["episode"]["r"].tolist() == [5] * 5
    assert info["episode"]["l"].tolist() == [10] * 5


@pytest.mark.parametrize(
    "wrap",
    [
        wrappers.DictInfoToList,
        wrappers.FlattenObservation,
        wrappers.NormalizeReward,
        lambda env: wrappers.TransformObservation(env, lambda seen: seen * 2, single_observation_space=None),
        lambda env: wrappers.ClipReward(env, -1, 0),
    ],
)
def test_gymnasiums_vector_wrappers_fit(wrap):
    env = wrap(make(4))
    env.reset(seed=0)
    for _ in range(25):
        env.step(env.action_space.sample())
    env.close()


def test_labels_come_as_a_dictionary_a_game():
    env = wrappers.DictInfoToList(make(2))
    _, infos = env.reset(options={"cat": [(0, 0), (5, 5)], "mouse": [(1, 0), (5, 4)]})
    assert infos == [
        {"ideal_direction": 0.375, "ideal_action": 1},
        {"ideal_direction": 0.625, "ideal_action": 2},
    ]


@pytest.mark.parametrize("vectorization", ["sync", "async"])
def test_gymnasiums_own_vectorization_works_too(vectorization):
    env = gym.make_vec("CatMouse-v0", 2, vectorization, width=4)
    observation, info = env.reset(seed=0)
    assert observation.shape == (2, 4)
    for _ in range(12):
        observation, *_, info = env.step(np.array([0, 1]))
    assert info["ideal_action"].shape == (2,)
    env.close()


def test_worker_processes_play_it():
    env = AsyncVectorEnv([lambda: CatMouseEnv(lethal=True)] * 2)
    env.reset(seed=[3, 4])
    assert env.step(np.array([0, 1]))[0].shape == (2, 4)
    env.close()


@pytest.mark.parametrize("render_mode", ["rgb_array", "ansi"])
def test_rendering_gives_each_games_own_picture(render_mode):
    env = make(3, render_mode=render_mode, lethal=True, autoreset_mode=AutoresetMode.DISABLED)
    with pytest.raises(ResetNeeded):
        env.render()
    singles = [CatMouseEnv(lethal=True, render_mode=render_mode) for _ in range(3)]
    cats, mice = [(0, 0), (1, 1), (2, 2)], [(2, 0), (1, 2), (5, 5)]
    env.reset(options={"cat": cats, "mouse": mice})
    for single, cat, mouse in zip(singles, cats, mice, strict=True):
        single.reset(options={"cat": cat, "mouse": mouse})
    for actions in ([0, 0, 0], [1, 1, 1], [3, 2, 2]):
        env.step(np.array(actions))
        for single, action in zip(singles, actions, strict=True):
            single.step(action)
        pictures = env.render()
        assert isinstance(pictures, tuple)
        for picture, single in zip(pictures, singles, strict=True):
            assert np.array_equal(picture, single.render())
    env.reset(options={"reset_mask": np.array([False, True, False])})
    assert [env.snapshot(game).moves for game in range(3)] == [3, 0, 3]
    env.close()
    env.close()


def test_a_caught_mouse_is_drawn_caught():
    env = make(2, render_mode="ansi", lethal=True)
    env.reset(options={"cat": [(0, 0), (0, 0)], "mouse": [(1, 0), (5, 5)]})
    env.step(np.array([3, 0]))
    assert [env.snapshot(game).caught for game in range(2)] == [True, False]
    env.step(np.array([0, 0]))
    assert [env.snapshot(game).caught for game in range(2)] == [False, False]


def test_without_a_render_mode_a_warning_says_so():
    env = make(2)
    env.reset(seed=0)
    with pytest.warns(UserWarning, match="render_mode"):
        assert env.render() is None


def test_an_environment_tells_whether_its_starts_show_all_that_its_games_come_to() -> None:
    def suffice(env_id: str = "CatMouse-v0", **options: Any) -> bool:
        many: Any = gym.make_vec(env_id, 1, **options)
        one: Any = gym.make(env_id, **options)
        assert one.unwrapped.starts_suffice == many.unwrapped.starts_suffice
        return bool(many.unwrapped.starts_suffice)

    assert suffice()
    assert suffice(lethal=True, cat="chasing", cat_directions=8)
    assert suffice("CatMouseChase-v0")
    assert suffice("CatMouseContinuous-v0")
    assert not suffice("CatMouseMemory-v0")
    assert not suffice(cat_visible_moves=9)
    assert not suffice(observe_moves_left=True)
    assert not suffice("CatMouseChase-v0", teacher="optimal")
