"""What is left open follows from the game, and what the user says is kept."""

from __future__ import annotations

from typing import Any

import pytest

import catmouse_env  # noqa: F401  (registers the environments)
from agents.optimizers import SCHEDULES
from agents.runs.config import RunConfig
from agents.runs.run import Run, train

GAMES: dict[str, dict[str, Any]] = {
    "6 x 6": {},
    "50 moves": {"max_steps": 50},
    "oblong": {"width": 9, "height": 5, "max_steps": 12},
    "narrow": {"width": 2, "height": 7, "max_steps": 7},
    "tiny": {"width": 2, "height": 2, "max_steps": 4},
    "one move": {"width": 3, "height": 2, "max_steps": 1},
    "wandering cat": {"cat": "wandering"},
    "lethal": {"env_id": "CatMouseChase-v0", "lethal": True, "cat_directions": 8},
    "memory": {"env_id": "CatMouseMemory-v0"},
}


@pytest.mark.parametrize("options", GAMES.values(), ids=GAMES.keys())
def test_the_default_recipe_comes_to_a_certificate_without_a_mistake(options: dict[str, Any]) -> None:
    run = train(RunConfig(**options))
    assert run.certificate is not None
    assert run.certificate.mistakes == 0
    assert run.brain.cell.recurrent


def test_larger_rooms_get_what_the_page_says() -> None:
    small, large = RunConfig().filled(), RunConfig(width=12, height=12).filled()
    assert (small.hidden, small.batch, small.input_gain, small.games) == (32, 256, 1.0, 500_000)
    assert small.learning_rate == pytest.approx(0.017 * 2**0.5)
    assert large.hidden == 40
    assert large.learning_rate == pytest.approx(0.017)
    assert large.input_gain == pytest.approx(11 / 5)
    assert large.games == 5 * 800_000
    memory = {"env_id": "CatMouseMemory-v0"}
    assert RunConfig(**memory).filled().learning_rate == 0.017  # type: ignore[arg-type]
    longer = RunConfig(max_steps=160, **memory).filled()  # type: ignore[arg-type]
    assert longer.learning_rate == pytest.approx(0.017 / 2)
    assert (small.recurrent_gain, small.recurrent_rate) == (large.recurrent_gain, large.recurrent_rate)


def test_games_are_cut_short_only_where_their_starts_show_all_that_there_is_to_learn() -> None:
    assert RunConfig().filled().rollout_steps == 3
    assert RunConfig(max_steps=2).filled().rollout_steps == 2
    assert RunConfig(width=20, height=4, max_steps=22).filled().rollout_steps == 10
    assert RunConfig(env_id="CatMouseChase-v0").filled().rollout_steps == 3
    whole: list[dict[str, Any]] = [
        {"env_id": "CatMouseMemory-v0"},
        {"env_id": "CatMouseChase-v0", "teacher": "optimal"},
        {"observe_moves_left": True},
        {"measure": "error"},
        {"optimizer": "adam"},
        {"head": "compass"},
    ]
    for options in whole:
        assert RunConfig(**options).filled().rollout_steps is None
    assert RunConfig(rollout_steps=7).filled().rollout_steps == 7


@pytest.mark.parametrize("target", [1.2, 0.3])
def test_for_an_average_the_brain_is_small_and_soon_good(target: float) -> None:
    run = train(RunConfig(measure="error", target=target))
    assert run.met
    assert run.config.hidden == 16
    assert run.trainer.games_played < (12_000 if target > 1 else 30_000)


def test_a_batch_is_never_larger_than_all_games() -> None:
    for options in ({}, {"measure": "error"}, {"env_id": "CatMouseMemory-v0"}):
        assert RunConfig(games=10, **options).filled().batch == 10  # type: ignore[arg-type]


def test_a_room_is_as_good_lying_as_standing() -> None:
    lying, standing = RunConfig(width=20, height=4).filled(), RunConfig(width=4, height=20).filled()
    for name in ("hidden", "learning_rate", "input_gain", "games", "certify_after"):
        assert getattr(lying, name) == getattr(standing, name)


def test_each_fall_of_the_rate_begins_where_the_one_before_ended() -> None:
    config = RunConfig().filled()
    assert config.schedule == "restarts"
    rates = [SCHEDULES["restarts"](0.012, fall / 5) for fall in range(5)]
    assert rates == [0.012 / 2**fall for fall in range(5)]


def test_what_the_user_says_is_kept_and_the_rest_fits_it() -> None:
    assert RunConfig(games=20_000).filled().schedule == "linear"
    assert RunConfig(optimizer="adam").filled().learning_rate == 0.02
    assert RunConfig(optimizer="adam").filled().recurrent_gain == 0.5
    assert RunConfig(head="compass").filled().optimizer == "adam"
    assert RunConfig(recurrent_rate=0.5, input_gain=3.0).filled().recurrent_rate == 0.5
    elman = RunConfig(env_id="CatMouseMemory-v0", cell="elman").filled()
    assert (elman.optimizer, elman.recurrent_gain) == ("adam", 0.9)
    assert RunConfig(env_id="CatMouseMemory-v0", cell="lstm").filled().optimizer == "muon"


def test_games_without_a_mistake_bring_a_certificate_before_it_is_due() -> None:
    run = train(RunConfig(report_every=1 << 40))
    assert run.met
    assert run.trainer.games_played < run.config.games  # type: ignore[operator]
    assert run.config.certify_after is not None
    games = [point.games for point in run.curve]
    assert all(b - a >= run.config.certify_after for a, b in zip([0, *games], games, strict=False))


def test_a_certificate_is_of_whole_games_and_made_where_it_has_a_chance() -> None:
    run = train(RunConfig(report_every=5_000))
    assert run.certificate is not None
    assert run.certificate.moves == 1296 * 10
    tried = [point.certificate_mistakes is not None for point in run.curve]
    assert not tried[0]
    assert tried[-1]
    far = [point for point in run.curve if point.mistakes > 0.001]
    assert all(point.certificate_mistakes is None for point in far)
    early = train(RunConfig(games=1_000, target=5.0))  # in training it made more; the last one is made anyhow
    assert early.curve[-1].mistakes > 5
    assert early.certificate is not None
    assert early.met == (early.certificate.mistakes_per_game <= 5)


def test_what_went_wrong_last_is_kept_with_a_run() -> None:
    run = Run(RunConfig(hidden=5, batch=8))
    run.trainer.update()
    run.trainer.update()
    state = run.trainer.state_dict()
    assert state["last_mistake"] == 16
    with pytest.raises(ValueError, match="last mistake"):
        run.trainer.load_state_dict({**state, "last_mistake": state["games_played"] + 1})
