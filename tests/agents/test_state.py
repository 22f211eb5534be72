"""Random streams go on where they were; what no stream can be in is refused."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from agents.state import random_state, restore_random_state


@pytest.mark.parametrize("make", [np.random.default_rng, np.random.RandomState])
def test_a_random_stream_goes_on_where_it_was(make: Any) -> None:
    rng = make(3)
    rng.standard_normal(3)  # an odd number: the legacy stream keeps a spare one
    saved = random_state(rng)
    drawn = rng.standard_normal(5)
    restore_random_state(rng, saved)
    np.testing.assert_array_equal(rng.standard_normal(5), drawn)
    other = make(4)
    restore_random_state(other, saved)
    np.testing.assert_array_equal(other.standard_normal(5), drawn)


def test_a_random_state_that_cannot_be_is_refused() -> None:
    rng = np.random.RandomState(0)
    saved = random_state(rng)
    saved[624] = 625  # the position, which numpy itself takes unseen and reads beyond its table
    with pytest.raises(ValueError, match="Mersenne"):
        restore_random_state(rng, saved)
    with pytest.raises(ValueError, match="SFC64"):
        random_state(np.random.Generator(np.random.SFC64(0)))
