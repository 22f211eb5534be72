"""The benchmark's bound counts what an update can't do without, and nobody is faster."""

from __future__ import annotations

import numpy as np
import pytest
from benchmarks.bound import ADAM, SINGLE, Operations, Rates
from benchmarks.training_speed import CELLS, one_size, teacher_labels, with_bound

from agents import Brain


@pytest.mark.parametrize("cell", CELLS)
def test_products_are_those_of_the_textbook(cell: str) -> None:
    """Of one move each weight is used once forward, once for its gradient, and once on the way back if it
    multiplies what came from other weights."""
    hidden, games, inputs, outputs = 6, 3, 4, 4
    brain = Brain(cell=cell, hidden=hidden)
    named = {name: weights.size for name, weights in brain.parameters.items() if name != "recurrent_bias"}
    size = sum(named.values())
    single = games * hidden * SINGLE[cell] + ADAM * size
    recurrent = named.get("hidden_to_hidden", 0)
    one = Operations.of(cell, hidden, games, 1, inputs, outputs)
    two = Operations.of(cell, hidden, games, 2, inputs, outputs)
    used = 2 * (size - recurrent) + named["hidden_to_output"]
    assert one.products - single == 2 * games * used
    assert two.products - one.products == 2 * games * (used + 3 * recurrent) + games * hidden * SINGLE[cell]


def test_the_least_time_is_that_of_sums_and_functions_or_of_memory() -> None:
    operations = Operations(products=4_000_000_000, functions=1_000_000_000, bytes=8_000_000_000)
    assert operations.seconds(Rates(products=2, functions=1, bytes=8)) == pytest.approx(3)
    assert operations.seconds(Rates(products=2, functions=1, bytes=1)) == pytest.approx(8)


def test_nobody_is_faster_than_the_bound() -> None:
    rates = Rates()
    rates.measure()
    rows = with_bound(one_size("mlp", 64, 64, teacher_labels(), 1), "mlp", 64, 64, rates)
    assert rows[-1]["who"] == "the bound"
    shares = [one["share"] for one in rows[:-1] if "median" in one]
    assert shares
    assert np.all(np.less(shares, 1))
    assert rows[0]["share"] == pytest.approx(rows[0]["median"] / rows[-1]["median"])
