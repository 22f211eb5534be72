"""No file imports another in a circle, not even for type checkers only."""

from __future__ import annotations

import ast
from graphlib import TopologicalSorter
from pathlib import Path

ROOT = Path(__file__).parents[1]


def modules() -> dict[str, Path]:
    found = {}
    for folder in (ROOT / "agents", ROOT / "catmouse_env", ROOT / "scripts" / "catmouse"):
        for path in folder.rglob("*.py"):
            name = ".".join(path.relative_to(folder.parent).with_suffix("").parts)
            found[name.removesuffix(".__init__")] = path
    return found


def test_no_file_imports_another_in_a_circle() -> None:
    known = modules()
    imports: dict[str, set[str]] = {name: set() for name in known}
    for name, path in known.items():
        for node in ast.walk(ast.parse(path.read_text())):
            named: list[str] = []
            if isinstance(node, ast.Import):
                named = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom):
                inside = [f"{node.module}.{alias.name}" for alias in node.names]
                named = [one if one in known else str(node.module) for one in inside]
            imports[name] |= {one for one in named if one in known and one != name}
    assert len(imports["agents.runs.folder"]) >= 3
    tuple(TopologicalSorter(imports).static_order())  # raises CycleError, which names the circle
