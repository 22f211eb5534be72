"""Gymnasium's own tool for playing by keyboard, `gymnasium.utils.play`."""

from __future__ import annotations

from typing import Any

import gymnasium as gym
import numpy as np
import pytest

import catmouse_env  # noqa: F401  (registers the environments)

pygame = pytest.importorskip("pygame")


@pytest.mark.parametrize(
    ("env_id", "actions"),
    [("CatMouse-v0", [1, 0, 3, 2]), ("CatMouseContinuous-v0", [[0.375], [0.125], [0.875], [0.625]])],
)
def test_keys_move_the_mouse_and_it_waits_for_them(env_id: str, actions: list[Any]) -> None:
    from gymnasium.utils.play import play

    keys = [pygame.K_RIGHT, pygame.K_UP, pygame.K_a, pygame.K_s]
    played: list[Any] = []

    def press(kind: int, key: int) -> None:
        pygame.event.post(pygame.event.Event(kind, key=key))

    def callback(before: Any, after: Any, action: Any, *more: Any) -> None:
        press(pygame.KEYUP, keys[len(played)])
        played.append(action)
        press(*((pygame.KEYDOWN, keys[len(played)]) if len(played) < len(keys) else (pygame.QUIT, 0)))

    env = gym.make(env_id, render_mode="rgb_array")
    pygame.init()
    press(pygame.KEYDOWN, keys[0])
    play(env, fps=50, callback=callback, wait_on_player=True, seed=0)
    assert np.array(played).tolist() == actions
    env.close()


def test_the_key_codes_are_pygames() -> None:
    keys = gym.make("CatMouse-v0").unwrapped.get_keys_to_action()  # type: ignore[attr-defined]
    arrows = (pygame.K_UP, pygame.K_RIGHT, pygame.K_DOWN, pygame.K_LEFT)
    assert keys == {(key,): at % 4 for at, key in enumerate([*arrows, *map(ord, "wdsa")])}
