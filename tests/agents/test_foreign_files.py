"""Nothing is let in: a file that was tampered with is refused, or is all right."""

from __future__ import annotations

import ast
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

import catmouse_env  # noqa: F401  (registers the environments)
from agents import BadFileError, Brain
from agents.configuration import RunConfig
from agents.training import Run

ROOT = Path(__file__).parents[2]
SCRIPTS = ROOT / "scripts"
BANNED = {
    "pickle",
    "cPickle",
    "marshal",
    "shelve",
    "dill",
    "eval",
    "exec",
    "np.load",
    "numpy.load",
    "torch.load",
}


def test_no_file_is_ever_unpickled() -> None:
    """Nothing that could run what a file says is called in either package."""
    for package in ("agents", "catmouse_env"):
        for path in (ROOT / package).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text())):
                names: list[str] = []
                if isinstance(node, ast.Import):
                    names = [alias.name for alias in node.names]
                elif isinstance(node, ast.ImportFrom):
                    names = [node.module or ""]
                elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                    names = [node.func.id]
                elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                    names = [f"{ast.unparse(node.func.value)}.{node.func.attr}"]
                bad = {name for name in names if name.split(".")[0] in BANNED or name in BANNED}
                assert not bad, f"{path}: {bad}"


def test_a_file_never_makes_a_module_run(tmp_path: Path) -> None:
    (tmp_path / "evil.py").write_text("open('it_ran', 'w')")
    brain = Brain(hidden=3)
    brain.save(tmp_path / "brain.safetensors")
    config = RunConfig(env_id="evil:CatMouse-v0")
    config.save(tmp_path / "config.json")
    command = [sys.executable, str(SCRIPTS / "evaluate.py"), str(tmp_path), "--quiet"]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(tmp_path), *sys.path])}
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "evil" in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
    assert not (tmp_path / "it_ran").exists()
    said = subprocess.run(
        [*command, "--env-id", "CatMouse-v0"], env=environment, capture_output=True, text=True, check=False
    )
    assert said.returncode == 0, said.stderr


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no pipes here")
def test_what_is_no_plain_file_is_refused_at_once(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")  # to open it would be to wait for ever
    for path in (tmp_path / "pipe", Path("/dev/zero")):
        with pytest.raises(BadFileError, match="no plain file"):
            Brain.load(path)
    with pytest.raises(OSError, match="directory"):
        Brain.load(tmp_path)
    with pytest.raises(OSError, match="No such file"):
        Brain.load(tmp_path / "nothing")


def test_a_file_larger_than_any_of_ours_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "large"
    with path.open("wb") as file:
        file.truncate(1 << 40)  # takes no place on the disk
    with pytest.raises(BadFileError, match="larger"):
        Run.from_checkpoint(path)


@pytest.mark.parametrize(
    "text", ["", "[]", "null", "{", '{"hidden": "x"}', '{"what": 1}', "[" * 100_000, "\0"]
)
def test_a_foreign_configuration_is_refused(text: str, tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text(text)
    with pytest.raises(ValueError, match="no configuration of a run"):
        RunConfig.load(tmp_path / "config.json")


def test_a_brain_can_be_read_by_any_program_that_knows_safetensors(tmp_path: Path) -> None:
    from safetensors import safe_open

    brain = Brain(hidden=3)
    brain.save(tmp_path / "brain")
    with safe_open(tmp_path / "brain", framework="numpy") as file:
        about = json.loads(file.metadata()["catmouse"])
        assert about["config"]["hidden"] == 3
        for name, array in brain.parameters.items():
            assert (file.get_tensor(name) == array).all()
