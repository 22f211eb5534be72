"""Tests draw and play without a screen or a loudspeaker."""

import os
import sys
from collections.abc import Iterator

import pytest

os.environ["SDL_VIDEODRIVER"] = "dummy"
os.environ["SDL_AUDIODRIVER"] = "dummy"
os.environ.setdefault("PYGAME_HIDE_SUPPORT_PROMPT", "1")


@pytest.fixture(autouse=True, scope="module")
def no_window_left_behind() -> Iterator[None]:
    """Whoever leaves a window open, or an event unread, does not disturb the next file's tests."""
    yield
    pygame = sys.modules.get("pygame")
    if pygame is not None:
        pygame.display.quit()
