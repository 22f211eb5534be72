"""Configurations of the learners without a teacher, and what is done with what they have learned."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from agents import Brain, evaluate, files
from agents.cost import MAX_GAMES, check_evaluation
from agents.environments import episode_length, observation_size
from agents.evolution import FITNESSES, Evolution
from agents.q_learning import QLearner
from agents.runs.config import TaskConfig, given, make_env, option
from agents.runs.folder import CHECKPOINT, CheckpointFolder
from catmouse.command_line import (
    DONE,
    STOPPED,
    Failed,
    Parser,
    discard_output,
    typed,
    wrong_usage,
)
from catmouse.console import certificate_text, example_game, progress_bar
from catmouse.run_folders import (
    add_folder,
    add_save_every,
    begin,
    check_folder,
    check_same,
    closed_on_error,
    resume,
)
from catmouse.stopping import Stopping
from catmouse.unfinished import Due


@dataclass(frozen=True)
class EvolutionConfig(TaskConfig):
    """Everything that decides how evolution goes."""

    cell: str = option("mlp", "what each brain remembers with", ("mlp", "elman"))
    hidden: int = option(32, "hidden units")
    fitness: str = option("return", "what is bred for: sum of rewards, or moves before capture", FITNESSES)
    population: int = option(128, "brains", least=2, most=MAX_GAMES)
    games_per_individual: int = option(
        64, "games that each brain plays a generation, the same for all", least=1, most=MAX_GAMES
    )
    generations: int = option(100, "generations")
    parents: float = option(0.2, "part of the population that has children")
    elite: int = option(4, "brains that live on unchanged")
    mutation: float = option(1.0, "noise on a child's weights, in sizes of the first weights; falls linearly")
    seed: int = option(0, "of all chance")

    def evolution(self) -> Evolution:
        """The population before its first generation; ValueError if it can't be made."""
        env = make_env(self, 1)
        inputs, actions = observation_size(env), int(getattr(env.single_action_space, "n", 4))
        brain = Brain(cell=self.cell, hidden=self.hidden, seed=self.seed, inputs=inputs, actions=actions)
        return Evolution(
            env,
            brain,
            population=self.population,
            games_per_individual=self.games_per_individual,
            generations=self.generations,
            parents=self.parents,
            elite=self.elite,
            mutation=self.mutation,
            fitness=self.fitness,
            seed=self.seed,
        )


@dataclass(frozen=True)
class QLearningConfig(TaskConfig):
    """Everything that decides how Q-learning goes."""

    games: int = option(100_000, "games to play")
    batch: int = option(256, "games played at a time", least=1, most=MAX_GAMES)
    learning_rate: float = option(0.5, "how far a value moves towards its target, above 0 and at most 1")
    discount: float = option(0.98, "what a reward is worth one move later")
    explore: float = option(1.0, "how often the first moves are drawn; falls to 0 over --games")
    seed: int = option(0, "of all chance")

    def learner(self) -> QLearner:
        """The learner before its first game; ValueError if it can't be made."""
        probe = make_env(self, 1)
        check_evaluation(self.batch, self.batch, episode_length(probe))
        probe.close()
        return QLearner(
            make_env(self, self.batch),
            self.games,
            self.learning_rate,
            self.discount,
            self.explore,
            self.seed,
        )


@dataclass(frozen=True)
class Kind:
    """A learner without a teacher, as its command knows it.

    Attributes:
        name: The command.
        kind: Of its checkpoints.
        suffix: Of its default folder's name.
        config: Its configuration.
        make: Makes the learner from one.
        file: What its policy is saved in.
        policy: What it has learned.
        unit: Of its progress.
        progress: How many of those are done.
        total: How many there are.
        told: What is told beside the progress bar.
        done: What it has done, in words.
    """

    name: str
    kind: str
    suffix: str
    config: type[Any]
    make: Callable[[Any], Any]
    file: str
    policy: Callable[[Any], Any]
    unit: str
    progress: Callable[[Any], int]
    total: Callable[[Any], int]
    told: Callable[[Any], dict[str, object]]
    done: Callable[[Any], str]

    def folder(self, path: Path) -> CheckpointFolder:
        """The folder of such a learner."""
        return CheckpointFolder(path, self.kind, (CHECKPOINT, self.file))


def parse(kind: Kind, doc: str | None, on_stop: str, arguments: list[str] | None) -> argparse.Namespace:
    """The options of a learner's command, whose docstring is `doc`; `on_stop`: what it does on Ctrl-C."""
    parser = Parser(kind.name, doc, notes=f"Ctrl-C {on_stop}, saves and says how to go on.")
    add_folder(parser, f"ENV-ID-{kind.suffix}-seed-SEED")
    add_save_every(parser)
    parser.add_quiet()
    parser.add_config("what to learn, and how", kind.config)
    parsed = parser.read(arguments)
    check_folder(parser, parsed)
    return parsed


def carry_out(kind: Kind, parsed: argparse.Namespace) -> int:
    """Let it learn to the end or until told to stop, saving as it goes; print what came of it."""
    with Stopping() as stopping:
        with wrong_usage():
            learner, config, folder = (resumed if parsed.resume else begun)(kind, parsed)
        with folder:
            try:
                return learn(kind, learner, config, folder, parsed, stopping)
            except BrokenPipeError:  # who read the progress bar has gone; what was learned is kept
                discard_output()
                save(kind, learner, config, folder)
                return stopped(kind, folder)
            except KeyboardInterrupt:
                return stopped(kind, folder)


def begun(kind: Kind, parsed: argparse.Namespace) -> tuple[Any, Any, CheckpointFolder]:
    """A new learner, its configuration and its folder; or the same, if that is finished there."""
    config = kind.config(**given(parsed, kind.config))
    learner = kind.make(config)
    name = f"{config.env_id.split(':')[-1]}-{kind.suffix}-seed-{config.seed}"
    folder, finished = begin(kind.folder, config, name, parsed)
    with closed_on_error(folder):
        if finished:
            learner, config = load(kind, folder.checkpoint, config.env_id)
    return learner, config, folder


def resumed(kind: Kind, parsed: argparse.Namespace) -> tuple[Any, Any, CheckpointFolder]:
    """A learner that was stopped, its configuration and its folder."""
    options = given(parsed, kind.config)
    folder = resume(kind.folder, parsed.resume)
    with closed_on_error(folder):
        learner, config = load(kind, folder.checkpoint, options.get("env_id"))
        check_same(parsed.resume, config, options)
    return learner, config, folder


def load(kind: Kind, path: Path, env_id: str | None = None) -> tuple[Any, Any]:
    """The learner in a checkpoint, and its configuration.

    Args:
        kind: What it is.
        path: What `save_checkpoint` wrote.
        env_id: An environment whose module may be imported; see `TaskConfig.from_file`.

    Raises:
        BadFileError: The file is damaged, or does not fit the learner that it tells of.
        OSError: It can't be opened.
    """
    saved, tensors = files.read(path, kind.kind)
    try:
        config = kind.config.from_file(saved["run"], env_id)
        learner = kind.make(config)
        learner.load_state_dict(tensors)
    except (KeyError, TypeError, ValueError, OverflowError, MemoryError) as error:
        raise files.BadFileError(f"{path} can't be resumed: {error}") from error
    return learner, config


def save_checkpoint(kind: Kind, learner: Any, config: Any, path: Path) -> None:
    """Write all that a learner is; OSError if that can't be done."""
    told = {"run": asdict(config), "finished": learner.finished}
    files.write(path, kind.kind, told, learner.state_dict())


def learn(
    kind: Kind,
    learner: Any,
    config: Any,
    folder: CheckpointFolder,
    parsed: argparse.Namespace,
    stopping: Stopping,
) -> int:
    """The work of `carry_out`."""
    began, due, before = time.perf_counter(), Due(parsed.save_every), learner.games_played
    if not learner.finished:
        save(kind, learner, config, folder)  # a folder that can't be written is found out now
    with progress_bar(kind.total(config), kind.unit, parsed.quiet, initial=kind.progress(learner)) as bar:
        while not (learner.finished or stopping.wanted):
            learner.advance()
            bar.set_postfix(kind.told(learner), refresh=False)
            bar.update(min(kind.progress(learner), bar.total) - bar.n)
            if due():
                save(kind, learner, config, folder)
    seconds, played = time.perf_counter() - began, learner.games_played - before
    if played:
        save(kind, learner, config, folder)
    if not learner.finished:
        return stopped(kind, folder)
    speed = f" in {seconds:.1f} s ({played / seconds:,.0f} games/s)" if played else ", finished already"
    policy, env, path = kind.policy(learner), learner.env, folder.path / kind.file
    print(f"{kind.done(learner)}{speed}, seed {config.seed}\n")
    print(certificate_text(evaluate(policy, env, config.seed), follows_teacher=False))
    print(f"\nAn example game, as it plays now:\n\n{example_game(policy, env, config.seed)}")
    print(f"\nSaved. Next:\n  {typed('evaluate')} {path}", flush=True)
    return DONE


def save(kind: Kind, learner: Any, config: Any, folder: CheckpointFolder) -> None:
    """Save the learner, and the policy for other commands; Failed if that can't be done."""
    try:
        folder.check()
        save_checkpoint(kind, learner, config, folder.checkpoint)
        kind.policy(learner).save(folder.path / kind.file)
    except OSError as error:
        raise Failed(f"it can't be saved, its last checkpoint stays as it was: {error}") from error


def stopped(kind: Kind, folder: CheckpointFolder) -> int:
    """Say how to go on."""
    print(f"\nStopped; saved. To go on:\n  {typed(kind.name)} --resume {folder.path}", file=sys.stderr)
    return STOPPED
