"""What is said of the project in several places is the same in all of them."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

import catmouse_env

yaml = pytest.importorskip("yaml")

ROOT = Path(__file__).parents[1]
PROJECT, NOXFILE = ((ROOT / name).read_text() for name in ("pyproject.toml", "noxfile.py"))


def numbers(text: str) -> tuple[int, ...]:
    return tuple(map(int, text.split(".")))


def read_yaml(path: str) -> Any:
    return yaml.safe_load((ROOT / path).read_text())


def test_the_version_is_said_alike_everywhere() -> None:
    version = re.findall(r'^version = "(.*)"$', PROJECT, re.MULTILINE)[0]
    assert catmouse_env.__version__ in (version, "0+unknown")  # the latter where nothing is installed
    citation = read_yaml("CITATION.cff")
    assert citation["version"] == version
    released = f"## [{version}] - {citation['date-released']}"
    headings = re.findall(r"^## .*$", (ROOT / "CHANGELOG.md").read_text(), re.MULTILINE)
    assert headings[0] == released


def test_every_version_of_python_is_tried() -> None:
    versions = re.findall(r'"Programming Language :: Python :: (3\.\d+)"', PROJECT)
    assert versions == sorted(versions, key=numbers)
    assert f'requires-python = ">={versions[0]}"' in PROJECT
    matrix = read_yaml(".github/workflows/ci.yml")["jobs"]["tests"]["strategy"]["matrix"]
    assert matrix["python"] == versions
    assert {name.partition("-")[0] for name in matrix["system"]} == {"ubuntu", "macos", "windows"}


def test_ci_runs_every_session_and_names_the_pythons_that_it_has_not_seen() -> None:
    script = (ROOT / ".ci" / "run").read_text()
    sessions = re.findall(r"^@nox\.session.*\n(?:@.*\n)*def (\w+)", NOXFILE, re.MULTILINE)
    assert len(sessions) >= 5
    ran = " ".join(re.findall(r"\bsession (.*)$", script, re.MULTILINE))
    for name in {*sessions} - {"figures"}:  # hours
        assert re.search(rf"\b{name}\b", ran), name
    assert re.search(r'^say "done on Python .*not seen: ', script, re.MULTILINE)


@pytest.mark.parametrize("path", sorted((ROOT / ".github").rglob("*.yml")), ids=lambda path: path.name)
def test_forms_and_workflows_can_be_read(path: Path) -> None:
    content = read_yaml(str(path))
    for field in content.get("body", ()):
        assert {"id", "type", "attributes"} <= field.keys()
        assert field["attributes"]["label"]
