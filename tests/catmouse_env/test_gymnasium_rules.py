"""What Gymnasium's own tests ask of its environments, asked of every id of ours."""

import pickle
import warnings

import gymnasium as gym
import pytest
from gymnasium.utils.env_checker import check_env, data_equivalence

import catmouse_env  # noqa: F401  (registers the environments)

IDS = ["CatMouse-v0", "CatMouseMemory-v0", "CatMouseChase-v0", "CatMouseContinuous-v0"]
STEPS = 100  # three games and more
SEED = 1


def equal(one, other):
    return data_equivalence(one, other, exact=True)


@pytest.fixture(params=IDS)
def name(request):
    return request.param


def test_every_id_for_single_games_is_tested():
    ours = {name for name, spec in gym.registry.items() if "catmouse_env" in str(spec.entry_point)}
    assert ours == {*IDS, "CatMouseStateSampler-v0"}


@pytest.mark.parametrize("render_mode", [None, "rgb_array", "ansi"])
def test_the_checker_finds_nothing(name, render_mode):
    env = gym.make(name, render_mode=render_mode).unwrapped
    check_env(env, skip_render_check=render_mode is not None)
    env.close()


def test_the_passive_checker_finds_nothing(name):
    env = gym.make(name, disable_env_checker=False)
    env.reset(seed=SEED)
    env.action_space.seed(SEED)
    for _ in range(STEPS):
        _, _, terminated, truncated, _ = env.step(env.action_space.sample())
        if terminated or truncated:
            env.reset()
    env.close()


@pytest.mark.parametrize("resets", [True, False], ids=["reset after the end", "stepped after the end"])
def test_two_rollouts_of_one_seed_are_the_same(name, resets):
    one, other = gym.make(name), gym.make(name)
    assert equal(one.reset(seed=SEED), other.reset(seed=SEED))
    one.action_space.seed(SEED)
    with warnings.catch_warnings():
        warnings.filterwarnings("error" if resets else "ignore", message=".*this game is over")
        for _ in range(STEPS):
            action = one.action_space.sample()
            left, right = one.step(action), other.step(action)
            assert equal(left, right)
            assert left[0] in one.observation_space
            if resets and (left[2] or left[3]):
                assert equal(one.reset(), other.reset())


def test_a_copy_by_pickle_is_the_same_environment(name):
    env = gym.make(name)
    copy = pickle.loads(pickle.dumps(env))
    assert equal(env.reset(seed=SEED), copy.reset(seed=SEED))
    action = env.action_space.sample()
    assert equal(env.step(action), copy.step(action))


def test_the_end_stays_the_end_after_capture_as_after_the_last_move():
    for name in IDS:
        env = gym.make(name)
        env.reset(seed=SEED)
        ends = (False, False)
        while not any(ends):
            _, _, *ends, _ = env.step(env.action_space.sample())
        for _ in range(3):
            with pytest.warns(UserWarning, match="this game is over"):
                _, reward, *again, _ = env.step(env.action_space.sample())
            assert (again, reward) == (ends, 0)
