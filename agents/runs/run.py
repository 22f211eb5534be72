"""A training run from its configuration to its certificate."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

from agents.brain import Brain, BrainConfig
from agents.cost import check_training
from agents.environments import episode_length, observation_size
from agents.evaluation import Evaluation, evaluate
from agents.original import LegacyStream, OriginalBrain, original_env
from agents.runs.config import RunConfig, make_env
from agents.state import RandomStream, Stateful
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
    "input_gain",
    "dtype",
)
FAR = 0.001  # mistakes a game in training above the target with which no certificate is made
TRAINER_FIELDS = ("optimizer", "learning_rate", "schedule", "recurrent_rate", "clip", "seed")


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
        weights: How many weights the brain must have, or None for any.

    Attributes:
        config: The configuration, filled.
        env: The vector environment; its games are a batch.
        brain: Who learns.
        trainer: Who teaches.
        stream: Where weights and starts come from with `legacy_stream`, else None.
        curve: The learning curve so far.
        certificate: The last one made, or None.
        certified: Games that had been played when it was made.

    Raises:
        ValueError: The configuration can't be run.
    """

    def __init__(self, config: RunConfig, weights: int | None = None) -> None:
        self.config = config = config.filled()
        probe, batch = make_env(config, 1), config.batch or 1
        brain = BrainConfig(
            inputs=observation_size(probe),
            actions=int(getattr(probe.single_action_space, "n", 4)),
            **{name: getattr(config, name) for name in BRAIN_FIELDS},
        )
        # What would not fit is refused before it costs memory.
        if weights not in (None, brain.weights):
            raise ValueError(f"the brain has {brain.weights:,} weights, not {weights:,}")
        mixed = config.teacher == "equilibrium"
        kept = [steps for steps in (config.bptt_steps, config.rollout_steps) if steps]
        # Of the whole game, since the certificate plays it.
        check_training(brain, batch, episode_length(probe), min(kept, default=None), mixed)
        probe.close()
        self.env = make_env(config, batch)
        self.brain = (OriginalBrain if config.legacy_stream else Brain)(**asdict(brain))
        self.stream: LegacyStream | None = None
        options = {name: getattr(config, name) for name in TRAINER_FIELDS}
        options |= {
            "total_games": config.games,
            "rollout_policy": config.rollout_policy,
            "bptt_steps": config.bptt_steps,
            "rollout_steps": config.rollout_steps,
        }
        if config.legacy_stream:
            if batch != 1:
                raise ValueError(f"legacy_stream plays one game at a time: batch must be 1, got {batch}")
            self.stream = LegacyStream(config.seed, self.brain, self.env)
            env = original_env(config.env_id, **config.env_arguments())
            self.trainer = SupervisedTrainer(env, self.brain, starts=self.stream.start, **options)
        else:
            self.trainer = SupervisedTrainer(self.env, self.brain, **options)
        self.curve: list[CurvePoint] = []
        self.certificate: Evaluation | None = None
        self.certified = 0

    @property
    def met(self) -> bool:
        """Whether the target is met."""
        if self.config.measure == "error":
            return bool(self.trainer.smoothed_error < self.config.target)
        mistakes = self.curve[-1].certificate_mistakes if self.curve else None
        if mistakes is None and self.certificate is not None and self.certified == self.trainer.games_played:
            mistakes = self.certificate.mistakes_per_game
        return mistakes is not None and mistakes <= self.config.target

    @property
    def finished(self) -> bool:
        """Whether the target is met or the games are used up."""
        return self.met or self.trainer.games_played >= (self.config.games or 0)

    def advance(self) -> bool:
        """One update, and the report that is due after it.

        Returns:
            Whether a report was due: the curve has a new point.
        """
        every = self.config.report_every or 1
        before = self.trainer.games_played // every
        self.trainer.update()
        played = self.trainer.games_played
        due = played // every > before or played >= (self.config.games or 0) or self.promising
        if due:
            self.report()
        return due

    @property
    def promising(self) -> bool:
        """Whether so many games in a row went without a mistake that a certificate is worth its time."""
        if self.config.measure != "certificate":
            return False
        tried = self.curve[-1].games if self.curve else 0
        faultless = self.trainer.games_played - max(self.trainer.last_mistake, tried)
        return faultless >= (self.config.certify_after or math.inf)

    @property
    def hopeless(self) -> bool:
        """Whether training makes mistakes so often that a certificate would be a waste of time."""
        return self.trainer.smoothed_mistakes > self.config.target + FAR

    def report(self) -> None:
        """Make a certificate where it is the measure and has a chance, and a point of the learning curve."""
        trainer = self.trainer
        tried = self.config.measure == "certificate" and not self.hopeless
        mistakes = self.finish().mistakes_per_game if tried else None
        self.curve.append(
            CurvePoint(trainer.games_played, trainer.smoothed_error, trainer.smoothed_mistakes, mistakes)
        )

    def finish(self) -> Evaluation:
        """The certificate of the brain as it is now."""
        if self.certificate is None or self.certified != self.trainer.games_played:
            self.certificate = evaluate(self.brain, self.env)
            self.certified = self.trainer.games_played
        return self.certificate

    def parts(self) -> dict[str, Stateful]:
        """Everything that has a state, by name.

        What a run must remember to go on bit for bit stands here and nowhere else. A new piece of it (a mean
        of the weights, another random stream, starts to be played again) joins the `state_dict` of one of
        these or gets a line of its own. See `agents.state.Stateful` for what it must promise;
        tests/agents/runs/test_checkpoint.py shows whether it does.
        """
        parts: dict[str, Stateful] = {
            "brain": self.brain,
            "optimizer": self.trainer.optimizer,
            "trainer": self.trainer,
            "env": RandomStream(self.trainer.env.unwrapped.np_random),
        }
        if self.stream is not None:
            parts["starts"] = self.stream
        return parts


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
