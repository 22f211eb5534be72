"""Cats that move, captures, and the teachers that plan ahead, in the single and the vector environment."""

import pickle
import tracemalloc

import gymnasium as gym
import numpy as np
import pytest
from gymnasium.error import InvalidAction
from gymnasium.utils.env_checker import check_env
from gymnasium.vector import AutoresetMode

from catmouse_env.dynamics import Dynamics
from catmouse_env.policies import TablePolicy
from catmouse_env.solver import TabularGame, equilibrium, one_hot
from catmouse_env.teachers import apply_rule, chase_diagonally


class Counter:
    """A cat with a memory: it turns clockwise, one quarter a move of its own game."""

    def predict(self, observation, state=None, episode_start=None, deterministic=True):
        assert deterministic is True
        state = np.zeros(len(observation), int) if state is None else state
        state = np.where(episode_start, 0, state)
        return state % 4, state + 1


class Compass:
    """A cat that answers with compass readings, always right."""

    def predict(self, observation, state=None, episode_start=None, deterministic=True):
        return np.full((len(observation), 1), 0.3), None


class Recorder:
    """A cat that goes up and remembers what it saw."""

    def __init__(self):
        self.seen = []

    def predict(self, observation, state=None, episode_start=None, deterministic=True):
        self.seen.append(np.array(observation))
        return np.zeros(len(observation), int), None


CASES = {
    "chasing": {"cat": "chasing", "lethal": True},
    "chasing diagonally": {"cat": "chasing", "lethal": True, "cat_directions": 8},
    "harmless": {"cat": "chasing", "cat_visible_moves": 2},
    "wandering": {"cat": "wandering", "lethal": True, "width": 4, "height": 3},
    "wandering diagonally": {"cat": "wandering", "lethal": True, "cat_directions": 8, "height": 3},
    "counter": {"cat": Counter(), "lethal": True, "width": 3, "height": 3},
    "compass": {"cat": Compass(), "observe_moves_left": True},
    "optimal": {"cat": "chasing", "lethal": True, "teacher": "optimal", "observe_moves_left": True},
    "optimal, still": {"teacher": "optimal", "width": 4, "height": 5},
    "equilibrium": {
        "cat": "wandering",
        "lethal": True,
        "teacher": "equilibrium",
        "cat_directions": 8,
        "width": 4,
        "height": 4,
    },
}


def same(one, many):
    return np.array_equal(np.asarray(one), np.asarray(many)[0])


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_single_and_vector_agree_bit_for_bit(case):
    single = gym.make("CatMouse-v0", max_steps=7, **case)
    vector = gym.make_vec("CatMouse-v0", num_envs=1, max_steps=7, **case)
    rng = np.random.default_rng(0)
    observation, info = single.reset(seed=5)
    many, infos = vector.reset(seed=5)
    over = False
    for _ in range(200):
        assert same(observation, many)
        for name, value in info.items():
            assert same(value, infos[name])
        action = int(rng.integers(4))
        if over:
            observation, info = single.reset()
            reward, terminated, truncated = 0.0, False, False
        else:
            observation, reward, terminated, truncated, info = single.step(action)
        many, rewards, terminations, truncations, infos = vector.step(np.array([action]))
        assert (reward, terminated, truncated) == (rewards[0], terminations[0], truncations[0])
        over = terminated or truncated


@pytest.mark.parametrize("mode", AutoresetMode)
@pytest.mark.parametrize("case", ["chasing", "counter", "equilibrium"])
def test_every_game_of_a_vector_keeps_the_rules(case, mode):
    arguments = CASES[case]
    env = gym.make_vec("CatMouse-v0", num_envs=9, max_steps=6, autoreset_mode=mode, **arguments)
    dynamics = env.unwrapped.config.dynamics
    scale = np.array([dynamics.width - 1, dynamics.height - 1] * 2)
    rng = np.random.default_rng(1)
    observation, _ = env.reset(seed=2)
    over = np.zeros(9, bool)
    moves = np.zeros(9, int)
    for _ in range(60):
        if mode is AutoresetMode.DISABLED and over.any():
            observation, info = env.reset(options={"reset_mask": over})
            assert (info["_ideal_action"] == over).all()
            assert not info["ideal_action"][~over].any()
            moves[over] = 0
        before = np.rint(observation[:, :4] * scale).astype(int)
        actions = rng.integers(0, 4, 9)
        was_over = over if mode is AutoresetMode.NEXT_STEP else np.zeros(9, bool)
        observation, reward, terminated, truncated, info = env.step(actions)
        over = terminated | truncated
        moves = np.where(was_over, 0, moves + 1)
        seen = observation.copy()
        if mode is AutoresetMode.SAME_STEP and over.any():
            seen[over] = np.stack(info["final_obs"][over])
        after = np.rint(seen[:, :4] * scale).astype(int)
        for game in range(9):
            if was_over[game]:
                assert reward[game] == 0
                assert not over[game]
                continue
            cat, mouse = (dynamics.cell(*before[game, i : i + 2]) for i in (0, 2))
            new_cat, new_mouse = (dynamics.cell(*after[game, i : i + 2]) for i in (0, 2))
            assert new_mouse == dynamics.mouse_neighbours[mouse, actions[game]]
            possible = dynamics.cat_neighbours[cat].tolist()
            assert new_cat in possible
            if case == "counter":
                assert new_cat == possible[(moves[game] - 1) % 4]
            caught = new_cat == new_mouse or (new_cat == mouse and new_mouse == cat)
            gain = np.abs(np.subtract(*np.split(after[game], 2))).sum()
            gain -= np.abs(np.subtract(*np.split(before[game], 2))).sum()
            assert terminated[game] == caught
            assert truncated[game] == (moves[game] == 6)
            assert reward[game] == (-(dynamics.width + dynamics.height) if caught else gain)
        if mode is AutoresetMode.SAME_STEP:
            moves[over] = 0


def play_labels(env):
    """Survival and return of a mouse that does as it is told, from every start."""
    starts = env.unwrapped.starts
    _, info = env.reset(seed=0, options=starts)
    on = np.ones(env.num_envs, bool)
    survived, returned = on.copy(), np.zeros(env.num_envs)
    while on.any():
        _, reward, terminated, truncated, info = env.step(info["ideal_action"])
        returned += reward * on
        survived &= ~(terminated & on)
        on &= ~(terminated | truncated)
    return survived, returned


def chase(teacher, **arguments):
    return gym.make_vec("CatMouseChase-v0", num_envs=1260, teacher=teacher, **arguments)


def test_chase_is_registered_with_its_thirty_moves():
    spec = gym.spec("CatMouseChase-v0")
    assert spec.kwargs == {"max_steps": 30, "cat": "chasing", "lethal": True}


def test_the_flee_mouse_is_eaten_and_the_optimal_one_never_is():
    assert not play_labels(chase("flee"))[0].any()
    survived, returned = play_labels(chase("optimal"))
    assert survived.all()
    config = chase("optimal").unwrapped.config
    room = TabularGame(config.dynamics)
    best, _ = room.best_response(config.make_cat().policy(), 30, "mouse", "return")
    assert (returned == best[30, room.starts]).all()


def test_the_equilibrium_mouse_is_never_caught_by_four_directions():
    assert play_labels(chase("equilibrium"))[0].all()


def test_optimal_against_a_still_cat_gets_the_greatest_return():
    env = gym.make_vec("CatMouse-v0", num_envs=1296, teacher="optimal")
    _, returned = play_labels(env)
    starts = env.unwrapped.starts
    farthest = np.maximum(starts["cat"], 5 - starts["cat"]).sum(axis=1)
    assert (returned == farthest - np.abs(starts["cat"] - starts["mouse"]).sum(axis=1)).all()


def test_optimal_against_chance_is_the_best_there_is():
    room = TabularGame(Dynamics(4, 4, 4, lethal=True))
    env = gym.make("CatMouse-v0", width=4, height=4, cat="wandering", lethal=True, teacher="optimal")
    policy = one_hot(env.unwrapped.config.labels.actions, 4)
    cat = np.full(4, 0.25)
    assert np.allclose(room.survival(policy, cat, 10), room.best_response(cat, 10, "mouse")[0], atol=1e-9)


def test_ideal_policy_is_the_equilibrium_by_moves_left_and_pair():
    env = gym.make_vec(
        "CatMouse-v0",
        num_envs=1260,
        cat="chasing",
        lethal=True,
        teacher="equilibrium",
        cat_directions=8,
        max_steps=5,
        autoreset_mode="SameStep",
    )
    mouse = equilibrium(Dynamics.cached(6, 6, 8, True), 5).mouse
    starts = env.unwrapped.starts
    pair = (starts["cat"] @ [6, 1]) * 36 + starts["mouse"] @ [6, 1]
    _, info = env.reset(options=starts)
    assert info["ideal_policy"].shape == (1260, 4)
    assert info["_ideal_policy"].all()
    assert np.array_equal(info["ideal_policy"], mouse[5, pair])
    chosen = np.take_along_axis(info["ideal_policy"], info["ideal_action"][:, None], 1)[:, 0]
    assert np.allclose(chosen, info["ideal_policy"].max(axis=1), atol=1e-6)
    *_, info = env.step(info["ideal_action"])
    ended = info["_final_info"]
    assert ended.any()
    assert not info["final_info"]["ideal_policy"][~ended].any()


def test_a_policy_cat_sees_everything_and_its_own_batch():
    cat = Recorder()
    env = gym.make_vec(
        "CatMouse-v0", num_envs=4, cat=cat, cat_visible_moves=0, observe_moves_left=True, max_steps=2
    )
    observation, _ = env.reset(seed=1)
    env.step(np.zeros(4, int))
    assert (observation[:, :2] == -1).all()
    assert cat.seen[0].shape == (4, 5)
    assert (cat.seen[0][:, :2] >= 0).all()
    assert np.array_equal(cat.seen[0][:, 2:], observation[:, 2:])
    single = gym.make("CatMouse-v0", cat=cat)
    single.reset(seed=1)
    single.step(0)
    assert cat.seen[-1].shape == (1, 4)


def test_the_wandering_cat_is_uniform_and_repeatable():
    def walk(seed):
        env = gym.make_vec("CatMouse-v0", num_envs=20_000, cat="wandering")
        env.reset(seed=seed, options={"cat": np.full((20_000, 2), 3)})
        observation, *_ = env.step(np.zeros(20_000, int))
        return np.rint(observation[:, :2] * 5)

    steps = walk(0) - 3
    for step in ((0, 1), (1, 0), (0, -1), (-1, 0)):
        assert (steps == step).all(axis=1).mean() == pytest.approx(0.25, abs=0.015)
    assert np.array_equal(walk(0), walk(0))
    assert not np.array_equal(walk(0), walk(1))


def test_a_mixed_table_plays_its_probabilities_and_can_be_answered_best():
    solved = equilibrium(Dynamics.cached(4, 4, 8, True), 6)
    cat = TablePolicy(solved.cat, 4, 4, seed=0)
    env = gym.make(
        "CatMouse-v0",
        width=4,
        height=4,
        cat=cat,
        cat_directions=8,
        lethal=True,
        teacher="optimal",
        observe_moves_left=True,
        max_steps=6,
    )
    room = TabularGame(env.unwrapped.config.dynamics)
    best = one_hot(env.unwrapped.config.labels.actions, 4)
    values = room.survival(best, solved.cat, 6)
    assert np.allclose(values[6, room.starts], solved.values[6, room.starts], atol=1e-6)
    seen = np.repeat(np.array([[0, 0, 1, 1, 0.5]]), 40_000, axis=0)
    drawn = np.bincount(cat.predict(seen)[0], minlength=8) / 40_000
    assert np.allclose(drawn, cat.action_probabilities(seen[:1])[0], atol=0.02)


def test_chase_diagonally_comes_nearer_by_both_axes():
    dynamics = Dynamics(5, 4, 8, lethal=True)
    labels = apply_rule(chase_diagonally, dynamics, 8)
    cat, mouse = dynamics.split(np.arange(400))
    new = dynamics.cat_neighbours[cat, labels]
    for axis in (dynamics.x, dynamics.y):
        gap = np.abs(axis[cat] - axis[mouse])
        apart = cat != mouse
        assert (np.abs(axis[new] - axis[mouse]) == np.maximum(gap - 1, 0))[apart].all()
    assert labels[0] == chase_diagonally(*np.zeros((4, 1), int), 5, 4)[0] == 2
    chasing = gym.make("CatMouse-v0", width=5, height=4, cat="chasing", cat_directions=8).unwrapped.config
    np.testing.assert_array_equal(chasing.make_cat().policy(), one_hot(labels, 8))


def test_whether_a_policy_plays_by_chance_is_found_out_in_little_memory():
    class Still:
        """A cat that goes up."""

        def predict(self, observation, state=None, episode_start=None, deterministic=True):
            return np.zeros(len(observation), int), None

    env = gym.make_vec("CatMouse-v0", 4, width=32, height=32, cat=Still())
    tracemalloc.start()
    assert env.unwrapped.stochastic is False
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 50e6
    assert gym.make("CatMouse-v0", cat=Counter()).unwrapped.stochastic is True


@pytest.mark.parametrize("case", ["chasing", "wandering", "equilibrium"])
def test_gymnasium_finds_nothing_wrong(case):
    check_env(gym.make("CatMouse-v0", **CASES[case]).unwrapped, skip_render_check=True)


def test_copies_go_on_alike():
    env = gym.make_vec("CatMouseChase-v0", num_envs=5, cat="wandering", teacher="optimal")
    env.reset(seed=0)
    env.step(np.zeros(5, int))
    twin = pickle.loads(pickle.dumps(env))
    for _ in range(40):
        for one, other in zip(env.step(np.ones(5, int))[:4], twin.step(np.ones(5, int))[:4], strict=True):
            assert np.array_equal(one, other)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"cat": "sleeping"}, "cat must be one of 'stationary', 'chasing', 'wandering' or a policy"),
        ({"cat": 3}, "cat must be"),
        ({"cat_directions": 5}, "cat_directions must be one of 4, 8, got 5"),
        ({"teacher": "best"}, "teacher must be one of 'flee', 'optimal', 'equilibrium'"),
        ({"teacher": "optimal", "max_steps": None}, "max_steps must be"),
        ({"teacher": "optimal", "cat": Counter()}, "without memory"),
        ({"teacher": "optimal", "width": 64, "height": 64}, "width x height"),
    ],
)
def test_wrong_arguments_are_named(arguments, message):
    with pytest.raises(ValueError, match=message):
        gym.make_vec("CatMouse-v0", num_envs=2, **arguments)


@pytest.mark.parametrize("answer", [np.array([4, 0]), np.array([0]), np.array([0.5, 0.5]), "left"])
def test_nothing_moves_when_a_cat_answers_nonsense(answer):
    class Nonsense:
        def predict(self, observation, state=None, episode_start=None, deterministic=True):
            return answer, None

    env = gym.make_vec("CatMouse-v0", num_envs=2, cat=Nonsense(), render_mode="ansi")
    env.reset(seed=0)
    before = [env.unwrapped.snapshot(game) for game in range(2)]
    with pytest.raises(InvalidAction, match="policy must answer"):
        env.step(np.array([1, 1]))
    assert [env.unwrapped.snapshot(game) for game in range(2)] == before
