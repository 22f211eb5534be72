"""What a run must remember to go on bit for bit: who offers it, and how random streams do."""

from __future__ import annotations

from typing import Any, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]

WORD = (1 << 64) - 1
KEY_WORDS = 624  # of the Mersenne Twister


@runtime_checkable
class Stateful(Protocol):
    """What can be kept and brought back.

    The arrays keep their names, shapes and types for as long as the object lives: a saved state is checked
    against that of a new object before it is believed (`check_state`).
    """

    def state_dict(self) -> dict[str, Array]:
        """All that changes with use, by name: float32, float64, int64 or uint64."""

    def load_state_dict(self, state: dict[str, Array]) -> None:
        """Go on from what `state_dict` gave; ValueError if the numbers can't be."""


def check_state(state: dict[str, Array], like: dict[str, Array]) -> None:
    """ValueError unless a saved state is of the form of a new one.

    Args:
        state: What was read from a file.
        like: The state of a new object: the same names, shapes and types; numbers are finite unless they
            are not finite here either (a smoothed error before the first game), whole ones not negative.
    """
    if state.keys() != like.keys():
        odd = ", ".join(sorted(state.keys() ^ like.keys()))
        raise ValueError(f"there is more or less than there should be: {odd}")
    for name, array in state.items():
        new = like[name]
        if array.shape != new.shape or array.dtype != new.dtype:
            raise ValueError(f"{name} should be {new.dtype} {new.shape}, is {array.dtype} {array.shape}")
        if array.dtype.kind == "f" and not np.isfinite(array).all() and np.isfinite(new).all():
            raise ValueError(f"{name} holds numbers that are not finite")
        if array.dtype.kind == "i" and (array < 0).any():
            raise ValueError(f"{name} holds negative numbers")


def random_state(rng: Any) -> Array:
    """Where a random stream stands, uint64.

    Args:
        rng: A `numpy.random.Generator` (PCG64 or Mersenne Twister) or a legacy `RandomState`.

    Raises:
        ValueError: It is another kind of stream.
    """
    state = _state_of(rng)
    kind, inside = state["bit_generator"], state["state"]
    if kind.startswith("PCG64"):
        words = [inside["state"] >> 64, inside["state"] & WORD, inside["inc"] >> 64, inside["inc"] & WORD]
        return np.array([*words, state["has_uint32"], state["uinteger"]], np.uint64)
    if kind == "MT19937":
        spare = np.float64(state.get("gauss", 0.0)).view(np.uint64)
        rest = np.array([inside["pos"], state.get("has_gauss", 0), spare], np.uint64)
        return np.concatenate([inside["key"].astype(np.uint64), rest])
    raise ValueError(f"a random stream of kind {kind} can't be saved; PCG64 and MT19937 can")


def restore_random_state(rng: Any, saved: Array) -> None:
    """Put a random stream where `random_state` found it; ValueError if it can't be there."""
    state = _state_of(rng)
    numbers = [int(number) for number in saved]
    if state["bit_generator"].startswith("PCG64"):
        high, low, inc_high, inc_low, has_uint32, uinteger = numbers
        state["state"] = {"state": high << 64 | low, "inc": inc_high << 64 | inc_low}
        if has_uint32 > 1 or uinteger >= 1 << 32 or not inc_low & 1:
            raise ValueError("the random state is none of PCG64")
        state["has_uint32"], state["uinteger"] = has_uint32, uinteger
    else:
        *key, position, has_gauss, spare = numbers
        if position > KEY_WORDS or max(key) >= 1 << 32 or has_gauss > 1:  # numpy itself does not look
            raise ValueError("the random state is none of the Mersenne Twister")
        state["state"] = {"key": np.array(key, np.uint32), "pos": position}
        state["has_gauss"], state["gauss"] = has_gauss, float(np.uint64(spare).view(np.float64))
    if isinstance(rng, np.random.RandomState):
        rng.set_state(state)
    else:
        rng.bit_generator.state = state


def _state_of(rng: Any) -> dict[str, Any]:
    if isinstance(rng, np.random.RandomState):
        return dict(rng.get_state(legacy=False))
    return dict(rng.bit_generator.state)


class RandomStream:
    """A random stream that somebody else owns, as something to keep.

    Args:
        rng: The stream, such as an environment's `np_random`.
    """

    def __init__(self, rng: Any) -> None:
        self._rng = rng

    def state_dict(self) -> dict[str, Array]:
        """See `Stateful`."""
        return {"random": random_state(self._rng)}

    def load_state_dict(self, state: dict[str, Array]) -> None:
        """See `Stateful`."""
        restore_random_state(self._rng, state["random"])
