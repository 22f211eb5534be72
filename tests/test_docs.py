"""What README and docs show, works: every Python snippet is executed, every file that they name is there."""

from __future__ import annotations

import importlib.util
import json
import re
import shlex
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from catmouse.commands import COMMANDS

ROOT = Path(__file__).parents[1]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")])
NOTEBOOKS = {name: ROOT / "docs" / f"{name}.ipynb" for name in ("tutorial", "exercises")}
SNIPPET = re.compile(r"^```python(?: needs=(\w+))?\n(.*?)^```$", re.MULTILINE | re.DOTALL)
# A command, with what is typed behind it up to a comment, another command or the end of a quotation.
SCRIPT = re.compile(r"python +scripts/(\w+\.py)((?: [^\s;#&|`)]+)*)")
COMMAND = re.compile(r"`catmouse ([a-z][\w-]*)((?: [^\s;#&|`)]+)*)`")
USUAL = {name: ["random"] for name in ("evaluate", "machine", "noise", "watch")} | {"plot": ["runs/seed-0"]}
ids = [page.name for page in PAGES]


def snippets(page: Path) -> list[tuple[str, str, int]]:
    """The library that each snippet needs ("" for none), its text and the line that it starts on."""
    text = page.read_text()
    return [(m[1] or "", m[2], text[: m.start(2)].count("\n")) for m in SNIPPET.finditer(text)]


def execute(text: str, name: str, line: int, namespace: dict[str, Any]) -> None:
    exec(compile("\n" * line + text, name, "exec"), namespace)


@pytest.mark.parametrize("page", [page for page in PAGES if snippets(page)], ids=lambda page: page.name)
def test_every_snippet_runs(page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In order, in one namespace a page; one that needs a library that is not installed is left out."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MPLBACKEND", "Agg")
    namespace: dict[str, Any] = {"__name__": "snippet"}
    for needs, text, line in snippets(page):
        if not needs or importlib.util.find_spec(needs):
            execute(text, str(page), line, namespace)


@pytest.mark.parametrize("page", PAGES, ids=ids)
def test_no_snippet_hides_behind_another_name(page: Path) -> None:
    opened = re.findall(r"^```(\S*)", page.read_text(), re.MULTILINE)
    assert {*opened} <= {"", "sh", "python", "text", "bibtex", "toml", "csv", "json", "mermaid"}
    assert opened.count("python") == len(snippets(page))


@pytest.mark.parametrize("page", PAGES, ids=ids)
def test_every_script_and_file_that_is_named_is_there(page: Path) -> None:
    text = page.read_text()
    for script in re.findall(r"python ((?:scripts|tests)/[\w/]+\.py)", text):
        assert (ROOT / script).is_file(), script
    for link in re.findall(r"\]\(([^)#]+)[^)]*\)", text):
        if "://" not in link:
            assert (page.parent / link).exists(), link


@pytest.mark.parametrize("page", PAGES, ids=ids)
def test_every_command_on_a_page_is_one_that_its_program_takes(page: Path) -> None:
    scripts = {command.script: name for name, command in COMMANDS.items()}
    text = page.read_text().replace("\\\n", " ").replace(" -->", "")  # commands stand in comments, too
    text = re.sub(r"(?<!`)`[^`]+`(?!`)", lambda quoted: quoted[0].replace("\n", " "), text)
    text = re.sub(r"\$\w+", "0", text)  # a variable of the shell
    typed = [(scripts[m[1]], m[2]) for m in SCRIPT.finditer(text) if m[1] in scripts]
    typed += [(m[1], m[2]) for m in COMMAND.finditer(text)]
    for name, words in typed:
        if words != " --help":
            command = import_module(f"catmouse.commands.{name.replace('-', '_')}")
            command.parse(shlex.split(words) or USUAL.get(name, []))


def test_what_is_installed_from_a_checkout_stays_one() -> None:
    """`pip install .` would put a copy in place of an editable installation, silently."""
    sources = [*(ROOT / "scripts").rglob("*.py"), *NOTEBOOKS.values(), ROOT / "noxfile.py"]
    for path in [*PAGES, *sources]:
        for command in re.findall(r"pip install[^\n`]*", path.read_text()):
            before = re.findall(r"""(\S+) \\?["']?\.(?=[\["' ]|$)""", command)
            assert set(before) <= {"-e"}, (path.name, command)


def test_every_public_name_is_documented() -> None:
    """The site's list of public names is made of docstrings."""
    import agents
    import catmouse_env

    for package in (agents, catmouse_env):
        for name in package.__all__:
            thing = getattr(package, name)
            assert not callable(thing) or thing.__doc__, name


def run_notebook(name: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[int, dict[str, Any]]:
    """Execute a notebook's cells in order; how many it has, and the names it leaves behind."""
    pyplot = pytest.importorskip("matplotlib.pyplot")
    monkeypatch.chdir(folder)
    pyplot.switch_backend("Agg")
    cells = json.loads(NOTEBOOKS[name].read_text())["cells"]
    namespace: dict[str, Any] = {"__name__": name}
    for number, cell in enumerate(cells, start=1):
        if cell["cell_type"] == "code":
            execute("".join(cell["source"]), f"cell {number}", 0, namespace)
    pyplot.close("all")
    return len(cells), namespace


def test_the_tutorial_ends_with_a_certified_mouse(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """From an empty file, in twenty cells."""
    cells, namespace = run_notebook("tutorial", tmp_path, monkeypatch)
    assert cells == 20
    assert namespace["certificate"].perfect
    assert namespace["agent"].__class__.__name__ == "MyMouse"


def test_the_exercises_have_solutions_that_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cells = json.loads(NOTEBOOKS["exercises"].read_text())["cells"]
    questions = sum("".join(cell["source"]).count("**Question") for cell in cells)
    assert questions == sum("hide-cell" in cell["metadata"].get("tags", ()) for cell in cells)
    run_notebook("exercises", tmp_path, monkeypatch)


def numbers(text: str) -> tuple[int, ...]:
    return tuple(map(int, text.split(".")))


def test_the_gymnasium_that_the_docs_name_is_one_that_the_package_takes() -> None:
    named = re.findall(r"gymnasium==(\d+\.\d+)", (ROOT / "docs" / "agents.md").read_text())
    project = (ROOT / "pyproject.toml").read_text()
    least, below = re.findall(r'"gymnasium>=(\d+\.\d+),<(\d+\.\d+)"', project)[0]
    assert named
    assert all(numbers(least) <= numbers(version) < numbers(below) for version in named)
