"""Let mice learn without any teacher: a population of brains, of which the best have children."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from typing import Any

from tqdm import tqdm

import catmouse_env  # noqa: F401  (registers the environments)
from agents.evolution import Evolution
from agents.runs.config import given
from catmouse.command_line import DONE, STOPPED, Parser, wrong_usage
from catmouse.learners import EvolutionConfig, add_out, default_folder, save_and_judge, work_through
from catmouse.policies import BRAIN_FILE


def parse(arguments: list[str] | None = None) -> argparse.Namespace:
    parser = Parser("evolve", __doc__)
    add_out(parser, "evolved")
    parser.add_quiet()
    parser.add_config("what to learn, and how", EvolutionConfig)
    return parser.read(arguments)


def main(arguments: list[str] | None = None) -> int:
    parsed = parse(arguments)
    with wrong_usage():
        config = EvolutionConfig(**given(parsed, EvolutionConfig))
        evolution = config.evolution()
    with tqdm(total=config.generations, unit=" generations", disable=parsed.quiet) as bar:
        seconds, stopped = work_through(generations(evolution, config.generations, bar))
    done = (
        f"{evolution.generation} generations, {evolution.games_played:,} games in {seconds:.1f} s "
        f"({evolution.games_played / seconds:,.0f} games/s)"
    )
    path = (parsed.out or default_folder(config, "evolved", config.seed)) / BRAIN_FILE
    save_and_judge(evolution.brain, evolution.env, path, done, config.seed)
    return STOPPED if stopped else DONE


def generations(evolution: Evolution, count: int, bar: Any) -> Iterator[None]:
    """Breed one generation after the other."""
    while evolution.generation < count:
        evolution.advance()
        bar.set_postfix(best=f"{evolution.best:.2f}", mean=f"{evolution.mean:.2f}", refresh=False)
        bar.update()
        yield
