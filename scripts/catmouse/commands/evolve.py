"""Let mice learn without any teacher: a population of brains, of which the best have children."""

from __future__ import annotations

import catmouse_env  # noqa: F401  (registers the environments)
from agents.evolution import Evolution
from catmouse.learners import EvolutionConfig, Kind, carry_out, parse
from catmouse.policies import BRAIN_FILE


def told(evolution: Evolution) -> dict[str, object]:
    """What is told beside the progress bar."""
    return {"best": f"{evolution.best:.2f}", "mean": f"{evolution.mean:.2f}"}


KIND = Kind(
    name="evolve",
    kind="evolution",
    suffix="evolved",
    config=EvolutionConfig,
    make=EvolutionConfig.evolution,
    file=BRAIN_FILE,
    policy=lambda evolution: evolution.brain,
    unit="generations",
    progress=lambda evolution: int(evolution.generation),
    total=lambda config: int(config.generations),
    told=told,
    done=lambda evolution: f"{evolution.generation} generations, {evolution.games_played:,} games",
)


def main(arguments: list[str] | None = None) -> int:
    return carry_out(KIND, parse(KIND, __doc__, "finishes the generation", arguments))
