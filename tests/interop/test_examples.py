"""Every example runs from the command line, learns, and says what it needs.

Skipped where its library is not installed; `nox -s interop` installs all of them.
"""

from __future__ import annotations

import ast
import importlib.util
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).parents[2] / "scripts" / "examples"
LIBRARIES = {
    "cleanrl_style_ppo.py": "torch",
    "jax_dagger.py": "optax",
    "minari_cloning.py": "minari",
    "openspiel_fight.py": "pyspiel",
    "pettingzoo_two_learners.py": "pettingzoo",
    "purejaxrl_style_ppo.py": "optax",
    "rllib_ppo.py": "ormsgpack",  # which the extra ray[rllib] brings, and Ray alone does not
    "sb3_contrib_recurrent_ppo.py": "sb3_contrib",
    "stable_baselines3_dqn_ppo.py": "stable_baselines3",
    "torchrl_gym_env.py": "torchrl",
    "value_iteration.py": "gymnasium",
}
SECONDS = 300  # on a busy machine; each takes a minute at the most on a quiet one


def test_no_example_is_left_out() -> None:
    assert sorted(path.name for path in EXAMPLES.glob("*.py")) == sorted(LIBRARIES)


@pytest.mark.parametrize("name", LIBRARIES)
def test_each_example_says_what_to_install(name: str) -> None:
    text = ast.get_docstring(ast.parse((EXAMPLES / name).read_text())) or ""
    assert 'pip install -e ".[' in text
    if "torch" in text:
        assert "pip install torch==2.13.0" in text


@pytest.mark.parametrize(("name", "library"), LIBRARIES.items())
def test_it_runs_and_learns(name: str, library: str, tmp_path: Path) -> None:
    # Found, not imported: some of these libraries leave threads behind in whoever imports them.
    if importlib.util.find_spec(library) is None:
        pytest.skip(f"{library} is not installed")
    environment = {
        **os.environ,
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
        "MINARI_DATASETS_PATH": str(tmp_path),
        "RAY_USAGE_STATS_ENABLED": "0",
    }
    done = subprocess.run(
        [sys.executable, str(EXAMPLES / name)],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]


@pytest.mark.parametrize(("name", "library"), [*LIBRARIES.items()])
def test_a_missing_library_is_a_line(name: str, library: str, tmp_path: Path) -> None:
    gone = "ray" if library == "ormsgpack" else library
    code = f"import runpy, sys; sys.modules[{gone!r}] = None\nrunpy.run_path({str(EXAMPLES / name)!r})"
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    assert done.returncode == 1
    assert len(done.stderr.splitlines()) == 1
    assert re.search(r'pip install (-e|"catmouse-env)', done.stderr)  # in a checkout, or with the wheel
