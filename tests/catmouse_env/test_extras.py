"""Messages say what to type for a library that is missing."""

from __future__ import annotations

from pathlib import Path

import pytest

from catmouse_env import extras


def test_a_checkout_stays_an_editable_installation(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").touch()
    monkeypatch.setattr(extras, "CHECKOUT", tmp_path)
    assert extras.install_command("plots") == f'pip install -e "{tmp_path}[plots]"'
    monkeypatch.chdir(tmp_path)
    assert extras.install_command("duel,play") == 'pip install -e ".[duel,play]"'


def test_an_installed_package_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(extras, "CHECKOUT", tmp_path)
    assert extras.install_command("plots") == 'pip install "catmouse-env[plots]"'
