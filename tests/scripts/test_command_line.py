"""What all commands have in common: they are listed, helped with, refused and stopped alike."""

from __future__ import annotations

import re
import subprocess
import sys
from importlib import import_module
from importlib.metadata import version
from pathlib import Path

import pytest
from catmouse.__main__ import main
from catmouse.command_line import run
from catmouse.commands import COMMANDS

from agents import Brain

SCRIPTS = Path(__file__).parents[2] / "scripts"
PROGRAM = [sys.executable, "-m", "catmouse"]
MANY = [  # commands that print more than a pipe holds, or for long
    ["train", "--csv", "--report-every", "128", "--games", "100000000", "--measure", "error", "--quiet"],
    ["evaluate", "random"],
    ["q-learning", "--games", "512"],
    ["evolve", "--generations", "1"],
    ["original", "--hidden", "4", "--target", "8.5", "--seeds", "3", "3", "3", "--quiet"],
    ["compare-cells", "--games", "128", "--hidden", "2", "--cells", "mlp", "--seeds", "1"],
    ["evaluate", "random", "--json"],
    ["watch", "random", "--png", "game.png", "--quiet"],
    ["plot", "--errors", "random", "--quiet"],
    ["sweep", "--help"],
    ["--help"],
]


def finish(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*PROGRAM, *arguments], cwd=cwd, capture_output=True, text=True, timeout=100, check=False
    )


def test_help_lists_every_command_and_imports_none(tmp_path: Path) -> None:
    code = (
        "import sys; from catmouse.__main__ import main\n"
        "assert main(['--help']) == 0\n"
        "heavy = {'numpy', 'gymnasium', 'agents', 'pygame', 'matplotlib'} & {*sys.modules}\n"
        "assert not heavy, heavy"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    for name, command in COMMANDS.items():
        assert re.search(rf"^  {name} +{re.escape(command.summary)}$", done.stdout, re.MULTILINE)
    assert max(map(len, done.stdout.splitlines())) <= 80
    assert list(COMMANDS)[:3] == ["train", "evaluate", "watch"]


def test_the_version_is_the_distributions(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--version"]) == 0
    assert capsys.readouterr().out == f"catmouse-env {version('catmouse-env')}\n"


@pytest.mark.parametrize(("typed", "meant"), [("trian", "train"), ("comparecells", "compare-cells")])
def test_a_misspelt_command_is_answered_with_the_right_one(
    typed: str, meant: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([typed]) == 2
    assert capsys.readouterr().err == f"catmouse: there is no command {typed!r}; did you mean {meant}?\n"


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_a_script_a_module_and_help_in_80_columns(
    name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    text = (SCRIPTS / COMMANDS[name].script).read_text()
    assert f'run("{name}")' in text
    assert callable(import_module(f"catmouse.commands.{name.replace('-', '_')}").main)
    with pytest.raises(SystemExit) as ended:
        run(name, ["--help"])
    assert ended.value.code == 0
    told = capsys.readouterr().out
    assert told.startswith(f"usage: catmouse {name} ")
    assert "Exit status: 0 done" in told
    assert max(map(len, told.splitlines())) <= 80


def test_every_script_is_a_command() -> None:
    scripts = {path.name for path in SCRIPTS.glob("*.py")}
    assert scripts == {command.script for command in COMMANDS.values()} | {"benchmark.py"}


@pytest.mark.parametrize(
    ("arguments", "meant"),
    [
        (["train", "--hiden", "3"], "--hidden"),
        (["evaluate", "random", "--widht=3"], "--width"),
        (["duel", "--update", "0"], "--updates must be at least 1, got 0"),
        (["plot"], "nothing to draw"),
        (["sweep", "--wrkers", "2"], "--workers"),
        (["original", "--sedes", "1"], "--seeds"),
    ],
)
def test_wrong_usage_is_one_line_with_what_was_meant(
    arguments: list[str], meant: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments) == 2
    said = capsys.readouterr().err
    assert said.startswith(f"catmouse {arguments[0]}: ")
    assert meant in said
    assert said.count("\n") == 1


@pytest.mark.parametrize("arguments", MANY, ids=lambda arguments: arguments[0])
def test_a_reader_who_goes_away_gets_no_traceback(arguments: list[str], tmp_path: Path) -> None:
    process = subprocess.Popen(
        [*PROGRAM, *arguments], cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.close()
    said = process.stderr.read()
    process.stderr.close()
    assert process.wait(100) in (0, 130)
    assert "Traceback" not in said
    assert "BrokenPipe" not in said
    if arguments[0] in ("train", "q-learning", "evolve"):  # what was learned is saved
        assert list((tmp_path / "runs").rglob("*.safetensors"))


@pytest.mark.parametrize(
    "arguments",
    [MANY[0][:-1], ["q-learning", "--games", "100000000"], ["evolve", "--generations", "100000"]],
    ids=lambda arguments: arguments[0],
)
def test_what_is_learned_is_saved_though_nobody_reads_what_is_said(
    arguments: list[str], tmp_path: Path
) -> None:
    process = subprocess.Popen(
        [*PROGRAM, *arguments], cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    assert process.stdout is not None
    process.stdout.read(40)  # of the progress bar
    process.stdout.close()
    assert process.wait(100) == 130
    assert list((tmp_path / "runs").rglob("*.safetensors"))


def test_hints_are_typed_as_the_program_was(tmp_path: Path) -> None:
    few = ["--games", "256", "--hidden", "3", "--quiet", "--out", "run"]
    assert "\n  catmouse watch run\n" in finish("train", *few, cwd=tmp_path).stdout
    script = SCRIPTS / "train_supervised.py"
    done = subprocess.run(
        [sys.executable, str(script), *few], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert f"\n  python {SCRIPTS / 'watch.py'} run\n" in done.stdout


def test_the_hint_of_a_learner_names_the_game_that_it_learned(tmp_path: Path) -> None:
    small = ["--games", "512", "--width", "3", "--height", "4", "--lethal"]
    learned = finish("q-learning", *small, "--quiet", "--out", "q.safetensors", cwd=tmp_path)
    hint = learned.stdout.splitlines()[-1].split()
    assert hint[:2] == ["catmouse", "evaluate"]
    assert finish(*hint[1:], cwd=tmp_path).returncode == 0
    assert "132 starts" in finish(*hint[1:], cwd=tmp_path).stdout


@pytest.mark.parametrize(
    ("arguments", "flag", "meant"),
    [
        (["evaluate", "--widht", "3"], "--widht", "--width"),  # before it is said that the policy is missing
        (["watch", "--mistaks"], "--mistaks", "--mistakes"),
        (["duel", "--hiden=3"], "--hiden", "--hidden"),
    ],
)
def test_a_misspelt_option_is_told_before_what_follows_from_it(
    arguments: list[str], flag: str, meant: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments) == 2
    assert f"there is no option {flag}; did you mean {meant}?" in capsys.readouterr().err


@pytest.mark.parametrize(
    "arguments",
    [
        ["evaluate", "nothing"],
        ["watch", "nothing"],
        ["watch", "teacher", "--png", "file/a.png"],
        ["plot", "nothing"],
        ["film", "nothing"],
        ["train", "--games", "64", "--quiet", "--out", "file/run"],
        ["evolve", "--generations", "1", "--quiet", "--out", "file/x"],
        ["q-learning", "--games", "64", "--quiet", "--out", "file/x"],
        ["sweep", "hidden=3", "--quiet", "--out", "file/x"],
        ["play", "--against", "nothing"],
    ],
    ids=lambda arguments: arguments[0],
)
def test_no_message_shows_an_error_number(
    arguments: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "file").write_text("")
    assert main(arguments) == 2
    said = capsys.readouterr().err
    assert said.startswith(f"catmouse {arguments[0]}: ")
    assert "Errno" not in said


def test_csv_prints_rows_and_nothing_else(tmp_path: Path) -> None:
    few = ["--games", "640", "--report-every", "128", "--target", "20", "--hidden", "3", "--out", "run"]
    done = finish("train", "--csv", *few, cwd=tmp_path)
    assert done.returncode == 0
    assert done.stdout
    for row in done.stdout.splitlines():
        assert re.fullmatch(r"\d+,\d+\.\d+", row)
    assert "Certificate" in done.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ["train", "--games", "100000", "--target", "20", "--hidden", "3"],  # its target is met at once
        ["compare-cells", "--games", "128", "--hidden", "2", "--cells", "mlp", "--seeds", "1"],
        ["film", "--games", "600", "--target", "20", "--hidden", "3"],
        ["evolve", "--generations", "2"],
        ["q-learning", "--games", "600"],
    ],
    ids=lambda arguments: arguments[0],
)
def test_a_bar_is_full_when_all_is_done(arguments: list[str], tmp_path: Path) -> None:
    done = finish(*arguments, cwd=tmp_path)
    assert done.returncode == 0
    last = [text for text in re.split(r"[\r\n]", done.stderr) if text.strip()][-1]
    assert "100%|" in last


def options_of(name: str, capsys: pytest.CaptureFixture[str]) -> dict[str, str]:
    """The options that a command's help lists, each with what it takes ("" for a flag)."""
    with pytest.raises(SystemExit):
        run(name, ["--help"])
    listed = re.findall(r"^  (--[\w-]+)(?: (\S+))?", capsys.readouterr().out, re.MULTILINE)
    return dict(listed)


@pytest.mark.parametrize("name", COMMANDS)
def test_one_thing_has_one_name_in_all_commands(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    options = options_of(name, capsys)
    expected = {
        "--out": ["FOLDER", "FILE"],
        "--figure": ["FILE"],
        "--max-steps": ["N", "INT"],
        "--workers": ["N"],
    }
    for option, takes in {**expected, "--seeds": ["N"], "--batch": ["INT"]}.items():
        assert options.get(option, takes[0]) in takes
    others = {"--moves", "--limit", "--output", "--folder", "--jobs", "--batch-size", "--num-envs", "--steps"}
    assert not others & {*options}


@pytest.mark.parametrize("name", ["train", "evaluate", "watch", "evolve"])
def test_help_lists_teachers_and_cats(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    from catmouse_env.cats import CATS
    from catmouse_env.teachers import MOUSE_RULES, PLANNERS

    with pytest.raises(SystemExit):
        run(name, ["--help"])
    told = " ".join(capsys.readouterr().out.split())
    teachers = told.partition("--teacher ")[2].partition(" --")[0]
    cats = told.partition("--cat ")[2].partition(" --")[0]
    assert all(teacher in teachers for teacher in (*MOUSE_RULES, *PLANNERS))
    assert all(cat in cats for cat in CATS)


def test_runs_of_several_seeds_have_folders_of_their_own(tmp_path: Path) -> None:
    few = ["--games", "256", "--hidden", "3", "--target", "20", "--quiet"]
    assert finish("train", *few, "--seeds", "0", "1", cwd=tmp_path).returncode == 0
    assert finish("train", *few, "--seeds", "0", "2", "--out", "own", cwd=tmp_path).returncode == 0
    for seed in (0, 1):
        assert (tmp_path / "runs" / f"CatMouse-v0-seed-{seed}" / "brain.safetensors").is_file()
    assert (tmp_path / "own" / "seed-2" / "brain.safetensors").is_file()
    alone = finish("train", *few, "--seed", "2", "--out", "alone", cwd=tmp_path)
    assert alone.returncode == 0
    brain = (tmp_path / "alone" / "brain.safetensors").read_bytes()
    assert (tmp_path / "own" / "seed-2" / "brain.safetensors").read_bytes() == brain


def test_several_seeds_miss_the_target_if_one_does(tmp_path: Path) -> None:
    few = ["--games", "64", "--hidden", "3", "--quiet", "--seeds", "0", "1"]
    done = finish("train", *few, cwd=tmp_path)
    assert done.returncode == 1
    assert done.stdout.count("Certificate") == 2


@pytest.mark.parametrize(
    ("name", "file"), [("evolve", "brain.safetensors"), ("q-learning", "q_table.safetensors")]
)
def test_what_a_learner_saves_is_a_folder_that_can_be_judged(name: str, file: str, tmp_path: Path) -> None:
    few = {"evolve": ["--generations", "1"], "q-learning": ["--games", "512"]}[name]
    assert finish(name, *few, "--quiet", "--out", "learned", cwd=tmp_path).returncode == 0
    assert (tmp_path / "learned" / file).is_file()
    assert finish("evaluate", "learned", cwd=tmp_path).returncode == 0


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("env_id", ["Ant-v2", "CatMouseStateSampler-v0", "\x1b[31m:Id-v0"])
@pytest.mark.parametrize("command", [["evaluate", "--quiet"], ["watch", "--png", "x.png"], ["plot"]])
def test_a_folder_of_another_environment_is_refused_in_one_line(
    command: list[str], env_id: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    brain = Brain(hidden=2)
    brain.game = {"env_id": env_id, "player": "mouse", "learned_from": "labels"}
    brain.save(tmp_path / "brain.safetensors")
    assert run(command[0], [str(tmp_path), *command[1:]]) == 2
    error = capsys.readouterr().err
    assert error.endswith("\n")
    assert error[:-1].isprintable()


def test_tables_fit_80_columns() -> None:
    pytest.importorskip("matplotlib")
    from catmouse.commands import compare_agents, original, sweep

    from agents import Evaluation

    result = Evaluation(mean_return=-14.671, mistakes=22_568, starts=1_000, survival_rate=1.0, lethal=True)
    rows = [
        compare_agents.Row(name, 3 * [result], 3 * [819_200], 3 * [123.4]) for name in compare_agents.AGENTS
    ]
    seeds = [
        {
            "job": {"seed": seed, "hidden": hidden, "cell": cell, "learning_rate": 0.0125},
            "games": 1_000_000,
            "seconds": 1234.56,
            "mistakes_per_game": 12.3456,
        }
        for seed in (0, 1)
        for hidden, cell in ((8, "elman"), (128, "gru"))
    ]
    long = [{**one, "job": {**one["job"], "cell": 40 * one["job"]["cell"]}} for one in seeds]
    row = original.Row(16, 0, 716_342, 139.3, 5_144, 0.05)
    texts = [
        compare_agents.table("CatMouse-v0", rows),
        sweep.table(seeds),
        sweep.table(long),
        original.line(row, original.ARTICLE_TARGET),
    ]
    for text in texts:
        assert max(map(len, text.splitlines())) <= 80, text
