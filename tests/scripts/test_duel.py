"""Brains learn to fight, taught and by self-play; a duel is kept, resumed, compared and shown."""

import json
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("pettingzoo")
pytest.importorskip("scipy")

from catmouse.command_line import run as command
from catmouse.commands import play
from catmouse.duel.fight import play_fight
from catmouse.duel.game import ROLES, DuelConfig
from catmouse.duel.learner import Learner, LearnerConfig
from catmouse.duel.lessons import DuelOptions
from catmouse.duel.loading import load_fighters
from catmouse.duel.pairs import Taught
from catmouse.duel.run import DuelRun
from catmouse.duel.self_play import SelfPlay

SCRIPTS = Path(__file__).parents[2] / "scripts"
SMALL = DuelConfig(3, 3, 8, 3)
ROOM = ("--width", "3", "--height", "3", "--max-steps", "4")
TINY = (*ROOM, "--hidden", "8", "--updates", "40", "--rounds", "12", "--games", "2", "--quiet")


def run(*arguments):
    return subprocess.run(
        [sys.executable, SCRIPTS / "duel.py", *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture(scope="module")
def duel(tmp_path_factory):
    """A finished duel of a cell with a memory and one without, and what was printed."""
    pytest.importorskip("PIL")
    out = tmp_path_factory.mktemp("duels") / "duel"
    done = run(*TINY, "--cell", "lstm", "mlp2", "--self-play", "--out", out)
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    return out, done.stdout


def test_duel_prints_the_league_and_saves_all(duel):
    out, told = duel
    league_lines = told.partition("\nSaved in")[0].splitlines()
    assert max(map(len, league_lines)) <= 82
    assert len([line for line in league_lines if re.match(r"\[\d\] .{50,}$", line)]) == 8
    assert "mlp2, can't see the clock, taught" in told
    league = json.loads((out / "league.json").read_text())
    names = league["mice"]
    assert names[0] == "random"
    assert names[-1] == "equilibrium"
    assert names == league["cats"]
    survival = np.array(league["survival"])
    assert survival.shape == (8, 8)
    assert survival[-1, -1] == pytest.approx(league["value"], abs=1e-9)
    around = 4 * np.array(league["survival_standard_error"]) + 1e-9
    # A perfect mouse gets the value at least, and a perfect cat grants it at most.
    assert (survival[-1] >= league["value"] - around[-1]).all()
    assert (survival[:, -1] <= league["value"] + around[:, -1]).all()
    for name in ("mouse_exploitability", "cat_exploitability"):
        assert league[name][-1] == pytest.approx(0, abs=1e-9)
        exact = dict(zip(names, league[f"{name}_exact"], strict=True))
        assert [one for one in names if not exact[one]] == ["lstm, taught", "lstm, self-taught"]
    for name in ("league.png", "fight.gif", "rounds.gif", "curve.png", "cat-lstm-self-taught.safetensors"):
        assert (out / name).stat().st_size > 500
    assert (out / "curve-lstm.csv").read_text().startswith("round,mouse,cat\n0,")


def test_a_finished_duel_is_printed_again_and_not_begun_anew(duel, capsys):
    out, told = duel
    capsys.readouterr()
    assert command("duel", ["--resume", str(out), "--games", "2", "--quiet"]) == 0
    again = capsys.readouterr().out
    league = re.compile(r"League.*(?=\nSaved in)", re.DOTALL)
    assert league.search(again)[0] == league.search(told)[0]
    assert command("duel", [*TINY, "--seed", "1", "--out", str(out)]) == 2
    assert "holds another duel" in capsys.readouterr().err


def test_another_brain_in_a_duels_folder_is_noticed(duel, tmp_path, capsys):
    out, _ = duel
    copy = tmp_path / "copy"
    shutil.copytree(out, copy)
    shutil.copy(out / "mouse-lstm-taught.safetensors", copy / "cat-lstm-taught.safetensors")
    assert command("duel", ["--resume", str(copy), "--quiet"]) == 2
    assert "learned to be the mouse, it can't play the cat" in capsys.readouterr().err
    (copy / "duel.safetensors").write_bytes((out / "duel.safetensors").read_bytes()[:-9])
    capsys.readouterr()
    assert command("duel", ["--resume", str(copy), "--quiet"]) == 2
    assert capsys.readouterr().err.count("\n") == 1


def test_duels_are_compared_with_the_worst(duel, tmp_path, capsys):
    out, _ = duel
    other = tmp_path / "other"
    other.mkdir()
    league = json.loads((out / "league.json").read_text())
    league["cat_exploitability"][2] = 0.75
    (other / "league.json").write_text(json.dumps({**league, "seed": 1}))
    capsys.readouterr()
    assert command("duel", ["--compare", str(out), str(other)]) == 0
    told = capsys.readouterr().out
    line = next(one for one in told.splitlines() if one.startswith("lstm, taught") and " cat " in one)
    assert line.endswith(">=75.00")
    assert command("duel", ["--compare", str(tmp_path)]) == 2
    assert "holds no finished duel" in capsys.readouterr().err


def test_two_brains_of_a_duel_are_watched(duel, tmp_path, capsys):
    out, _ = duel
    mouse, cat = (str(out / f"{role}-lstm-self-taught.safetensors") for role in ROLES)
    shown = [tmp_path / "fight.gif", tmp_path / "fight.png"]
    files = ["--gif", str(shown[0]), "--png", str(shown[1])]
    assert command("watch", ["--fight", mouse, cat, *files]) == 0
    assert all(one.stat().st_size > 500 for one in shown)
    for wrong, said in (
        (["--fight", cat, mouse], "learned to be the cat, it can't play the mouse"),
        (["--fight", mouse, mouse], "learned to be the mouse, it can't play the cat"),
        ([mouse, "--fight", mouse, cat], "either POLICY or --fight"),
        ([], "either POLICY or --fight"),
        (["--fight", mouse, cat, "--mistakes"], "--fight takes no --mistakes"),
        ([mouse], "thinks more than once"),
        (["--fight", mouse, "nobody"], "is not a brain's file"),
    ):
        capsys.readouterr()
        assert command("watch", [*wrong, *files]) == 2
        told = capsys.readouterr().err
        assert said in told
        assert told.count("\n") == 1


def test_a_window_shows_one_fight_after_the_other(duel):
    pygame = pytest.importorskip("pygame")
    from catmouse.viewer.fight_window import FightWindow

    out, _ = duel
    brains = load_fighters({role: str(out / f"{role}-lstm-taught.safetensors") for role in ROLES})
    window = FightWindow(lambda number: play_fight(brains["mouse"], brains["cat"], number), 4, games=2)
    first = window.game
    for now in np.arange(0.0, 30.0, 0.1):
        if window.open:
            window.turn(now)
    assert not window.open
    assert window.game is not first
    pygame.display.quit()


def test_a_person_plays_a_brain_that_remembers_its_game(duel):
    pytest.importorskip("pygame")
    out, _ = duel
    fighters = load_fighters({role: str(out / f"{role}-lstm-taught.safetensors") for role in ROLES})
    brain, config = fighters["cat"].brain, fighters["cat"].config
    act = play.opponent(brain, config.actions("cat"))
    seen = config.dynamics.observe(config.game.starts[:1])[0]
    states = []
    step = brain.predict

    def recorded(observation, state, episode_start, deterministic):
        states.append(state)
        return step(observation, state, episode_start, deterministic)

    brain.predict = recorded
    for begins in (True, False, False, True):
        act(seen, begins)
    assert len(states) == 4 * fighters["cat"].thoughts
    assert [number for number, state in enumerate(states) if state is None] == [
        0,
        3 * fighters["cat"].thoughts,
    ]


def test_a_fight_shows_what_both_play_and_hold_in_mind(duel):
    out, _ = duel
    fighters = load_fighters({role: str(out / f"{role}-lstm-taught.safetensors") for role in ROLES})
    fight = play_fight(fighters["mouse"], fighters["cat"], seed=3, start={"cat": (0, 0), "mouse": (2, 2)})
    assert fight.moves <= 4
    first, second = fight.moments[:2]
    for role in ROLES:
        assert first.mixes[role].sum() == pytest.approx(1, abs=1e-5)
        assert first.best[role].sum() == pytest.approx(1)
        assert first.hidden[role].shape == (8,)
        if second.mixes:
            assert (first.hidden[role] != second.hidden[role]).any()
    state = SMALL.dynamics.join(0, 8)
    assert np.allclose(first.mixes["mouse"], fighters["mouse"].mix(np.array([state]), 4)[0][0], atol=1e-6)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--width", 1), "--width must be 2 to 64, got 1"),
        (("--updates", 0), "--updates must be at least 1"),
        (("--thoughts", 17), "--thoughts must be at most 16"),
        (("--cell", "gru", "nothing"), "invalid choice: 'nothing'"),
        (("--resume", "nowhere"), "holds no duel to go on with"),
        (("--resume", "x", "--compare", "y"), "not allowed with"),
    ],
)
def test_duel_names_wrong_usage(arguments, message, tmp_path):
    out = () if "--resume" in arguments else ("--out", tmp_path)
    done = run(*arguments, *out)
    assert done.returncode == 2
    assert message in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_a_folder_of_other_things_is_left_alone(tmp_path):
    (tmp_path / "letter.txt").write_text("dear")
    done = run(*TINY, "--out", tmp_path)
    assert done.returncode == 2
    assert "holds 'letter.txt' and no duel" in done.stderr


def test_ctrl_c_saves_and_resume_ends_as_if_nothing_had_been(tmp_path):
    options = (*ROOM, "--hidden", "8", "--updates", "4000", "--rounds", "400", "--self-play", "--quiet")
    parsed = DuelOptions(DuelConfig(3, 3, 8, 4), ("gru",), True, 8, 4000, 400, 0)
    out = tmp_path / "stopped"
    with subprocess.Popen(
        [sys.executable, SCRIPTS / "duel.py", *options, "--cell", "gru", "--out", out],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        for line in process.stdout:
            if "mouse survives" in line:
                break
        time.sleep(0.5)
        process.send_signal(signal.SIGINT)
        told = process.stderr.read()
        assert process.wait(60) == 130
    assert f"--resume {out} goes on" in told
    with DuelRun(out, None) as stopped, DuelRun(tmp_path / "whole", parsed) as whole:
        assert stopped.options == parsed
        pairs = [one.pair for one in (stopped, whole)]
        assert 0 < pairs[0].played < pairs[0].rounds
        while pairs[1].played < pairs[0].played + 3:
            pairs[1].round()
        for _ in range(3):
            pairs[0].round()
        states = [pair.state_dict() for pair in pairs]
        assert states[0].keys() == states[1].keys()
        for name, array in states[0].items():
            assert np.array_equal(array, states[1][name]), name


def test_self_play_goes_on_bit_for_bit(tmp_path):
    options = DuelOptions(SMALL, ("lstm",), True, 8, 60, 30, 0)
    with DuelRun(tmp_path / "whole", options) as whole:
        assert whole.learn(lambda: True, lambda *_: None)
    rounds = 0

    def wanted():
        nonlocal rounds
        rounds += 1
        return rounds % 7 != 0

    finished = False
    given = options
    while not finished:
        with DuelRun(tmp_path / "parts", given) as part:
            finished = part.learn(wanted, lambda *_: None)
        given = None
    assert rounds > 21
    for file in (tmp_path / "whole").rglob("*.safetensors"):
        assert file.read_bytes() == (tmp_path / "parts" / file.relative_to(tmp_path / "whole")).read_bytes()


@pytest.mark.parametrize("role", ROLES)
def test_a_brain_taught_by_the_equilibrium_can_hardly_be_exploited(role):
    pair = Taught(SMALL, LearnerConfig("mlp2", True, 64, 1500, 0))

    def given_away():
        return SMALL.game.exploitability(pair.learners[role].fighter.table(), SMALL.max_steps, role)

    before = given_away()
    while pair.played < pair.rounds:
        pair.round()
    assert given_away() < min(0.05, before / 5)


def test_brains_teach_themselves_without_the_equilibrium(monkeypatch):
    monkeypatch.setattr("catmouse_env.envs.state_sampler.duel_labels", None)  # no teacher can be asked
    pair = SelfPlay(SMALL, LearnerConfig("mlp2", True, 64, 2000, 0), 100)
    while pair.played < pair.rounds:
        pair.round()
    answers = [SMALL.game.exploitability(pair.answers[role], SMALL.max_steps, role) for role in ROLES]
    assert max(answers) < 0.02
    assert (pair.given_away < 0.06).all()
    assert (pair.given_away < pair.curve[0] / 5).all()


def test_a_brain_with_a_memory_learns_to_count_instead_of_seeing_the_clock():
    config = LearnerConfig("lstm", False, 32, 2000, 0)
    learner = Learner(SMALL, "cat", config)
    for _ in range(config.updates):
        learner.trainer.update()
    blind = (SMALL.equilibrium.cat[1:].mean(axis=0))[None]  # the best that can be done without counting
    lost = SMALL.game.exploitability(learner.fighter.table(), SMALL.max_steps, "cat")
    assert lost < SMALL.game.exploitability(blind, SMALL.max_steps, "cat") / 2
    assert learner.fighter.thoughts > 1
