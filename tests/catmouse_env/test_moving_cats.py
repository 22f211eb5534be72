"""Cats that move, captures, and the teachers that plan ahead, in the single and the vector environment."""

import pickle

import gymnasium as gym
import numpy as np
import pytest
from gymnasium.error import InvalidAction
from gymnasium.utils.env_checker import check_env
from gymnasium.vector import AutoresetMode

import catmouse_env
from catmouse_env.advice import equilibrium_of
from catmouse_env.game import game_of
from catmouse_env.policies import TablePolicy
from catmouse_env.solver import Fight
from catmouse_env.teachers import chase_diagonally, flee


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
    single = gym.make("CatMouse-v0", max_episode_steps=7, **case)
    vector = gym.make_vec("CatMouse-v0", num_envs=1, max_episode_steps=7, **case)
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
    env = gym.make_vec("CatMouse-v0", num_envs=9, max_episode_steps=6, autoreset_mode=mode, **arguments)
    world = env.unwrapped.world
    grid, rules = world.game.grid, world.game.one
    scale = np.array([grid.width - 1, grid.height - 1] * 2)
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
            cat, mouse = (grid.cell(*before[game, i : i + 2]) for i in (0, 2))
            new_cat, new_mouse = (grid.cell(*after[game, i : i + 2]) for i in (0, 2))
            assert new_mouse == rules.mouse_move(mouse, actions[game])
            possible = [rules.cat_move(cat, paw) for paw in range(world.game.cat_directions)]
            assert new_cat in possible
            if case == "counter":
                assert new_cat == possible[(moves[game] - 1) % 4]
            caught = rules.caught(cat, mouse, new_cat, new_mouse)
            gain = np.abs(np.subtract(*np.split(after[game], 2))).sum()
            gain -= np.abs(np.subtract(*np.split(before[game], 2))).sum()
            assert terminated[game] == caught
            assert truncated[game] == (moves[game] == 6)
            assert reward[game] == (-(grid.width + grid.height) if caught else gain)
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
    assert spec.max_episode_steps == 30
    assert spec.kwargs == {"cat": "chasing", "lethal": True}


def test_the_flee_mouse_is_eaten_and_the_optimal_one_never_is():
    assert not play_labels(chase("flee"))[0].any()
    survived, returned = play_labels(chase("optimal"))
    assert survived.all()
    room = Fight(game_of(6, 6, flee))
    cat = chase("optimal").unwrapped.world.cat.table(30)
    assert (returned == room.best_mouse(cat, 30, "return")[30, room.starts]).all()


def test_the_equilibrium_mouse_is_never_caught_by_four_directions():
    assert play_labels(chase("equilibrium"))[0].all()


def test_optimal_against_a_still_cat_gets_the_greatest_return():
    env = gym.make_vec("CatMouse-v0", num_envs=1296, teacher="optimal")
    _, returned = play_labels(env)
    starts = env.unwrapped.starts
    farthest = np.maximum(starts["cat"], 5 - starts["cat"]).sum(axis=1)
    assert (returned == farthest - np.abs(starts["cat"] - starts["mouse"]).sum(axis=1)).all()


def test_optimal_against_chance_is_the_best_there_is():
    room = Fight(game_of(4, 4, flee))
    env = gym.make("CatMouse-v0", width=4, height=4, cat="wandering", lethal=True, teacher="optimal")
    advice = env.unwrapped.world.advice
    policy = np.eye(4)[advice.actions]
    cat = np.full(4, 0.25)
    assert np.allclose(room.survival(policy, cat, 10), room.best_mouse(cat, 10), atol=1e-9)


def test_ideal_policy_is_the_equilibrium_by_moves_left_and_pair():
    env = gym.make_vec(
        "CatMouse-v0",
        num_envs=1260,
        cat="chasing",
        lethal=True,
        teacher="equilibrium",
        cat_directions=8,
        max_episode_steps=5,
        autoreset_mode="SameStep",
    )
    mouse = equilibrium_of(6, 6, 8, True, 5).mouse
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
        "CatMouse-v0", num_envs=4, cat=cat, cat_visible_moves=0, observe_moves_left=True, max_episode_steps=2
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
    equilibrium = equilibrium_of(4, 4, 8, True, 6)
    cat = TablePolicy(equilibrium.cat, 4, 4, seed=0)
    env = gym.make(
        "CatMouse-v0",
        width=4,
        height=4,
        cat=cat,
        cat_directions=8,
        lethal=True,
        teacher="optimal",
        observe_moves_left=True,
        max_episode_steps=6,
    )
    room = Fight(game_of(4, 4, flee, 8))
    best = np.eye(4)[env.unwrapped.world.advice.actions]
    values = room.survival(best, equilibrium.cat, 6)
    assert np.allclose(values[6, room.starts], equilibrium.values[6, room.starts], atol=1e-6)
    seen = np.repeat(np.array([[0, 0, 1, 1, 0.5]]), 40_000, axis=0)
    drawn = np.bincount(cat.predict(seen)[0], minlength=8) / 40_000
    assert np.allclose(drawn, cat.action_probabilities(seen[:1])[0], atol=0.02)


def test_chase_diagonally_comes_nearer_by_both_axes():
    room = game_of(5, 4, flee, 8)
    labels = catmouse_env.cats.ChasingCat(room)._actions
    pairs = np.arange(400)
    cat, mouse = np.divmod(pairs, 20)
    new = room.many.cat_move(cat, labels)
    for axis in (room.grid.x, room.grid.y):
        gap = np.abs(axis[cat] - axis[mouse])
        apart = cat != mouse
        assert (np.abs(axis[new] - axis[mouse]) == np.maximum(gap - 1, 0))[apart].all()
    assert labels[0] == chase_diagonally(*np.zeros((4, 1), int), 5, 4)[0] == 2


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
        ({"teacher": "optimal", "max_episode_steps": None}, "needs max_episode_steps"),
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

    env = gym.make_vec("CatMouse-v0", num_envs=2, cat=Nonsense())
    env.reset(seed=0)
    before = env.unwrapped._observe()
    with pytest.raises(InvalidAction, match="policy must answer"):
        env.step(np.array([1, 1]))
    assert np.array_equal(env.unwrapped._observe(), before)
