"""Neither pygame nor pygame-ce is needed but to draw, and what draws says in one line what is missing."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
NEEDED = f'drawing needs pygame or pygame-ce: pip install -e "{ROOT}[play]"'


def without_pygame(code: str, folder: Path) -> subprocess.CompletedProcess[str]:
    code = f"import sys; sys.modules['pygame'] = None\nfrom catmouse.__main__ import main\n{code}"
    return subprocess.run(
        [sys.executable, "-c", code], cwd=folder, capture_output=True, text=True, timeout=200, check=False
    )


def test_all_that_draws_nothing_works(tmp_path: Path) -> None:
    code = """
import gymnasium as gym
import catmouse_env
for env in (gym.make("CatMouse-v0", render_mode="ansi"), gym.make_vec("CatMouseChase-v0", num_envs=3)):
    _, info = env.reset(seed=0)
    env.step(info["ideal_action"])
    env.render()
assert main(["train", "--games", "512", "--target", "20", "--quiet", "--out", "run"]) == 0
assert main(["evaluate", "run"]) == 0
assert main(["q-learning", "--games", "512", "--quiet"]) == 0
"""
    done = without_pygame(code, tmp_path)
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("many", [False, True])
def test_an_environment_that_is_to_draw_says_what_is_missing(many: bool, tmp_path: Path) -> None:
    made = "gym.make_vec('CatMouse-v0', num_envs=2, " if many else "gym.make('CatMouse-v0', "
    code = f"""
import gymnasium as gym
import catmouse_env
env = {made}render_mode="rgb_array")
env.reset(seed=0)
try:
    env.render()
except gym.error.DependencyNotInstalled as error:
    print(error)
"""
    assert without_pygame(code, tmp_path).stdout == NEEDED + "\n"


@pytest.mark.parametrize(
    "arguments",
    [
        ["watch", "teacher"],
        ["watch", "teacher", "--png", "a.png"],
        ["play", "--against", "random"],
        ["film", "--games", "64"],
        ["train", "--games", "64", "--render", "human", "--quiet"],
    ],
    ids=lambda arguments: " ".join(arguments[:3]),
)
def test_a_command_that_draws_says_what_is_missing(arguments: list[str], tmp_path: Path) -> None:
    done = without_pygame(f"sys.exit(main({arguments!r}))", tmp_path)
    assert (done.returncode, done.stderr) == (2, f"catmouse {arguments[0]}: {NEEDED}\n")


def test_installing_the_package_brings_no_pygame_and_the_extras_one() -> None:
    text = (ROOT / "pyproject.toml").read_text()
    dependencies = re.findall(r"^dependencies = \[(.*?)^\]", text, re.DOTALL | re.MULTILINE)[0]
    assert "pygame" not in dependencies
    play = re.findall(r"^play = (.*)$", text, re.MULTILINE)[0]
    assert "pygame>=2.6; python_version < '3.14'" in play
    assert "pygame-ce>=2.5.6; python_version >= '3.14'" in play
    assert re.search(r"^test = .*catmouse-env\[[^\]]*play", text, re.MULTILINE)
