"""Pictures of a game, drawn from a `Snapshot`: in characters (`text`) or in colour (`pygame_renderer`).

Importing this package does not import pygame; importing `pygame_renderer` does.
"""

from catmouse_env.rendering.snapshot import Snapshot
from catmouse_env.rendering.text import draw_text

__all__ = ["Snapshot", "draw_text"]
