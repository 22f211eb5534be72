"""A run ends well or says why not, whatever it is asked for."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import catmouse_env  # noqa: F401  (registers the environments)
from agents import Brain, TrainingError
from agents.runs.config import RunConfig
from agents.runs.run import Run


def small(**options: Any) -> RunConfig:
    return RunConfig(**{"hidden": 5, "batch": 8, "games": 480, "report_every": 50, **options})


@pytest.mark.parametrize("rate", [1e4, 1e20, 1e38, 1e300])
@pytest.mark.parametrize("optimizer", ["sgd", "adam", "muon"])
@pytest.mark.parametrize("cell", ["mlp", "elman", "gru", "lstm"])
def test_an_extreme_rate_trains_on_or_stops_naming_the_cause(rate: float, optimizer: str, cell: str) -> None:
    run = Run(small(learning_rate=rate, optimizer=optimizer, cell=cell, measure="error"))
    said = ""
    try:
        while not run.finished:
            run.advance()
    except TrainingError as error:
        said = str(error)
    if said:
        assert "not finite" in said
        assert "learning rate" in said
    else:
        assert np.isfinite(run.brain.flat).all()


def test_what_would_not_fit_into_memory_is_refused_before_it_is_taken() -> None:
    assert Brain(cell="mlp", hidden=1 << 14).flat.size == 5 * (1 << 14) + 4 * ((1 << 14) + 1)
    for options in ({"hidden": 1 << 14}, {"cell": "lstm", "hidden": 5000}):
        with pytest.raises(ValueError, match="hidden must be smaller"):
            Brain(**options)
    with pytest.raises(ValueError, match="batch must be at most"):
        RunConfig(batch=10**9)
    for options in ({"batch": 1 << 20, "hidden": 512}, {"max_steps": 10**9}):
        with pytest.raises(ValueError, match="batch must be smaller"):
            Run(RunConfig(**options))
