"""A training run from its configuration to its certificate."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from agents.brain import Brain
from agents.configuration import RunConfig, make_env
from agents.environments import observation_size_of
from agents.evaluation import Evaluation, evaluate
from agents.trainer import SupervisedTrainer

BRAIN_FIELDS = (
    "cell",
    "hidden",
    "head",
    "seed",
    "activation",
    "bias",
    "centred",
    "recurrent_gain",
    "dtype",
)
TRAINER_FIELDS = ("optimizer", "learning_rate", "schedule", "games", "hand", "clip", "seed")
CURVE_COLUMNS = ("games", "compass_error", "mistakes", "certificate_mistakes")


@dataclass(frozen=True)
class CurvePoint:
    """A row of the learning curve.

    Attributes:
        games: Games played.
        compass_error: Smoothed compass error a game.
        mistakes: Smoothed mistakes a game.
        certificate_mistakes: Mistakes a game over every start; None where no certificate was made.
    """

    games: int
    compass_error: float
    mistakes: float
    certificate_mistakes: float | None


class Run:
    """One run: brain, trainer, learning curve and certificate.

    Args:
        config: What to do; what it leaves open is filled in from the recipe.

    Attributes:
        config: The configuration, filled.
        env: The vector environment; its games are a batch.
        brain: Who learns.
        trainer: Who teaches.
        curve: The learning curve so far.
        certificate: The last one made, or None.

    Raises:
        ValueError: The configuration can't be run.
    """

    def __init__(self, config: RunConfig) -> None:
        self.config = config = config.filled()
        self.env = make_env(config, config.only(("batch",))["batch"])
        self.brain = Brain(
            inputs=observation_size_of(self.env),
            actions=int(getattr(self.env.single_action_space, "n", 4)),
            **config.only(BRAIN_FIELDS),
        )
        self.trainer = SupervisedTrainer(self.env, self.brain, **config.only(TRAINER_FIELDS))
        self.curve: list[CurvePoint] = []
        self.certificate: Evaluation | None = None

    @property
    def met(self) -> bool:
        """Whether the target is met."""
        if self.config.measure == "error":
            return bool(self.trainer.smoothed_error < self.config.target)
        return self.certificate is not None and self.certificate.mistakes_per_game <= self.config.target

    @property
    def finished(self) -> bool:
        """Whether the target is met or the games are used up."""
        return self.met or self.trainer.games >= (self.config.games or 0)

    def advance(self) -> bool:
        """One update, and the report that is due after it.

        Returns:
            Whether a report was due: the curve has a new point.
        """
        before = self.trainer.games // self.config.report_every
        self.trainer.update()
        due = self.trainer.games // self.config.report_every > before
        if due or self.trainer.games >= (self.config.games or 0):
            self.report()
            return True
        return False

    def report(self) -> None:
        """Make a certificate where it is the measure, and a point of the learning curve."""
        mistakes = None
        if self.config.measure == "certificate":
            self.certificate = evaluate(self.brain, self.env)
            mistakes = self.certificate.mistakes_per_game
        trainer = self.trainer
        self.curve.append(
            CurvePoint(trainer.games, trainer.smoothed_error, trainer.smoothed_mistakes, mistakes)
        )

    def finish(self) -> Evaluation:
        """The certificate of the brain as it is now."""
        if self.certificate is None or self.config.measure != "certificate":
            self.certificate = evaluate(self.brain, self.env)
        return self.certificate

    def save(self, folder: Path) -> None:
        """Leave brain, learning curve, configuration and certificate in a folder, made if need be.

        Raises:
            OSError: The folder can't be written.
        """
        folder.mkdir(parents=True, exist_ok=True)
        self.config.save(folder / "config.json")
        self.brain.save(folder / "brain.safetensors")
        with (folder / "curve.csv").open("w", newline="") as file:
            rows = csv.writer(file)
            rows.writerow(CURVE_COLUMNS)
            rows.writerows([getattr(point, name) for name in CURVE_COLUMNS] for point in self.curve)
        if self.certificate is not None:
            text = json.dumps(self.certificate.as_dict(), indent=2)
            (folder / "certificate.json").write_text(text + "\n")


def train(config: RunConfig, watch: Callable[[Run, bool], Any] | None = None) -> Run:
    """Run a configuration to its end.

    Args:
        config: What to do.
        watch: Called after every update with the run and whether the curve has a new point; training
            ends early when it returns False.

    Returns:
        The finished run, with its certificate.

    Raises:
        ValueError: The configuration can't be run.
        TrainingError: The numbers are no longer finite.
    """
    run = Run(config)
    while not run.finished:
        reported = run.advance()
        if watch is not None and watch(run, reported) is False:
            break
    run.finish()
    return run
