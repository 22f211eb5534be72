"""How Sphinx builds the site: `nox -s docs`, or `sphinx-build -W -b html docs docs/_build/html`."""

from __future__ import annotations

import sys
from pathlib import Path

import catmouse_env

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE / "_scripts"))
import pages  # noqa: E402 - it is found by the line above

pages.write_all(HERE / "generated")

project = "CatMouse"
author = "The CatMouse developers"
copyright = "2026, the CatMouse developers"
release = version = catmouse_env.__version__

extensions = [
    "myst_nb",
    "sphinx.ext.apidoc",
    "sphinx.ext.autodoc",
    "sphinx.ext.napoleon",
    "sphinx_copybutton",
    "sphinx-mathjax-offline",
]
exclude_patterns = ["_build", "**/.ipynb_checkpoints", "generated/*/modules.rst"]
html_theme = "furo"
html_title = "CatMouse"
html_extra_path = ["playground.html"]
html_theme_options = {"source_edit_link": ""}
default_role = "code"  # docstrings write names as Markdown does

apidoc_separate_modules = apidoc_module_first = True
apidoc_automodule_options = {"members", "show-inheritance"}
apidoc_modules = [
    {"path": f"../{package}", "destination": f"generated/{package}"} for package in ("catmouse_env", "agents")
]
autodoc_member_order = "bysource"
autodoc_typehints = "signature"
# What a package takes from its modules is described there, once.
autodoc_default_options = {"members": True, "ignore-module-all": True, "show-inheritance": True}
suppress_warnings = ["ref.python"]  # an attribute's name that two classes have is no reference at all
autodoc_mock_imports = ["jax", "torch"]
napoleon_use_ivar = True

myst_enable_extensions = ["colon_fence", "dollarmath"]
myst_heading_anchors = 3
nb_execution_mode = "cache"
nb_execution_cache_path = str(HERE / "_build" / "notebooks")
nb_execution_timeout = 600
linkcheck_anchors = False


def as_rst(app: object, what: str, name: str, thing: object, options: object, lines: list[str]) -> None:
    """An environment's docstring has Markdown sections, which its own page shows: the API's says where."""
    for number, line in enumerate(lines):
        if line.startswith("## "):
            lines[number:] = ["All about it: :doc:`the environments </environments>`."]
            return


def setup(app: object) -> None:
    app.connect("autodoc-process-docstring", as_rst, priority=1)  # before napoleon's
