"""The pages' figures are printed by the commands that stand beside them."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "docs" / "_scripts"))
import figures

PAGE = """<!-- printed by: tell 1 -->
```text
old
```
<!-- end -->
words
<!-- printed by: tell 2 -->
| old |
<!-- end -->
<!-- drawn by: draw -->
"""


def test_commands_are_found_in_order_and_once() -> None:
    assert figures.commands(PAGE + PAGE) == ["tell 1", "tell 2", "draw"]


def test_a_block_is_replaced_and_stays_in_its_fence() -> None:
    new = figures.replaced(PAGE, {"tell 1": "new\n\n", "tell 2": "| new |\n"})
    assert new == PAGE.replace("old", "new")
    assert figures.replaced(PAGE, {}) == PAGE


def test_a_command_that_fails_prints_nothing(capfd: pytest.CaptureFixture[str]) -> None:
    assert figures.carry_out("python -c 'print(5)'") == "5\n"
    assert figures.carry_out("python -c 'print(5); raise SystemExit(2)'") is None


def test_every_block_of_the_pages_is_closed() -> None:
    for page in figures.PAGES:
        text = page.read_text()
        assert (
            text.count("<!-- printed by: ")
            == len(figures.PRINTED.findall(text))
            == text.count("<!-- end -->")
        )
