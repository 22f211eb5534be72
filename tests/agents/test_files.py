"""Nothing is let in: a file that was tampered with is refused, or is all right."""

from __future__ import annotations

import ast
import json
import os
from pathlib import Path

import pytest

import catmouse_env  # noqa: F401  (registers the environments)
from agents import BadFileError, Brain
from agents.runs.config import RunConfig
from agents.runs.run import train

ROOT = Path(__file__).parents[2]
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


def test_a_brain_can_be_read_by_any_program_that_knows_safetensors(tmp_path: Path) -> None:
    from safetensors import safe_open

    brain = Brain(hidden=3)
    brain.save(tmp_path / "brain")
    with safe_open(tmp_path / "brain", framework="numpy") as file:
        about = json.loads(file.metadata()["catmouse"])
        assert about["config"]["hidden"] == 3
        for name, array in brain.parameters.items():
            assert (file.get_tensor(name) == array).all()


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("env_id", ["Ant-v2", "GymV21Environment-v0", "CartPole-v1"])
def test_another_environment_in_a_configuration_is_refused(env_id: str) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        train(RunConfig.from_file({"env_id": env_id, "games": 128}))


@pytest.mark.parametrize("env_id", ["a\nb", "\x1b[31mCatMouse-v0", "x:CatMouse-v0\r", "\u202eCatMouse-v0"])
def test_no_file_forges_what_the_terminal_shows(env_id: str, tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text(json.dumps({"env_id": env_id}))
    with pytest.raises(ValueError, match="printable") as caught:
        RunConfig.load(tmp_path / "config.json")
    assert str(caught.value).isprintable()


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no pipes here")
def test_text_is_read_up_to_a_limit(tmp_path: Path) -> None:
    path = tmp_path / "config.json"
    with path.open("wb") as file:
        file.truncate(3 << 30)  # takes no room on the disk
    with pytest.raises(ValueError, match="larger than any"):
        RunConfig.load(path)
    path.unlink()
    os.mkfifo(path)
    with pytest.raises(ValueError, match="no plain file"):
        RunConfig.load(path)
