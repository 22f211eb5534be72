"""Supervised training: play a batch of games, read the teacher's labels, make one update. Again."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import gymnasium as gym
import numpy as np
from numpy.typing import NDArray

from agents import validation
from agents.brain import Brain
from agents.cells import Tape
from agents.environments import OneGame, action_space, episode_length, observation_size
from agents.heads import Labels
from agents.optimizers import OPTIMIZERS, SCHEDULES
from agents.state import random_state, restore_random_state
from agents.threads import OneThread

Array = NDArray[Any]

SMOOTHING = 0.999  # what a game leaves of the smoothed error before it, as in the article


class TrainingError(RuntimeError):
    """Training can't go on: the numbers are no longer finite."""


def anywhere(mask: Array) -> bool:
    """Whether any is True. Looking through the bytes takes a quarter of the time of count_nonzero."""
    return 1 in mask.tobytes()


class Stretch:
    """The arrays of some moves in a row: all of a game's, or a window of them.

    Attributes:
        tape: What the brain keeps of them.
        outputs: The head's finished outputs, (moves, outputs, games).
        directions: Those that the brain chose, (moves, games).
        labels: The teacher's.
        playing: Which moves belong to a game still on, (moves, games); None: all.
    """

    def __init__(self, brain: Brain, moves: int, games: int, mixed: bool) -> None:
        self.tape = Tape(brain.cell, moves, games, brain.dtype)
        self.outputs = np.empty((moves, brain.head.outputs, games), brain.dtype)
        self.directions = np.empty((moves, games), np.int64)
        self.labels = Labels(moves, games, brain.head.actions if mixed else 0)
        self.playing: Array | None = None

    def leave_out(self, ended: Array, move: int) -> None:
        """Leave the games of the mask `ended` out from `move` on."""
        if self.playing is None:
            self.playing = np.ones(self.directions.shape, np.bool_)
        self.playing[move:, ended] = False


class SupervisedTrainer:
    """Teaches a brain by the labels that an environment puts in `info`.

    With the learner's own hand on the mouse this is DAgger (Ross et al. 2011); with the teacher's it is
    behavioural cloning. A teacher whose strategy is mixed tells its probabilities as `ideal_policy` in
    `info`, (games, actions); the direction head learns them.

    Args:
        env: A vector environment, whose `num_envs` games are one batch; or a single one: a batch of one game.
        brain: Who learns; its `continuous` is set from the environment.
        optimizer: "adam", "muon" or "sgd".
        learning_rate: At the start. The loss is summed over a game's moves and averaged over games.
        schedule: "constant", "linear", "cosine" or "restarts": how the rate falls until `games` are played.
        games: For how many games the schedule is made, or None, which goes with "constant" only.
        hand: Which hand moves the mouse: "learner", "teacher", or "mixed": in each game either, the
            teacher's at first always, then ever less until half of the games are played.
        clip: Longest gradient (its norm over all weights) that is followed as it is; None: any.
        seed: Of the environment's chance and of the mixed hand.
        starts: Called with the number of games for each batch; its dict goes to the environment's
            reset as options. None: the environment draws.
        window: Moves after which a step is made, from the gradient of those moves alone, the memory going
            on: truncated backpropagation through time (Williams and Peng 1990). None: the whole game.

    Attributes:
        games: Games played.
        updates: Batches learned from; with a window each is several steps.
        smoothed_error: Compass error a game, smoothed over about a thousand games.
        smoothed_mistakes: Mistakes a game, smoothed likewise.

    Raises:
        ValueError: An argument is wrong, or environment and brain do not fit.
    """

    def __init__(
        self,
        env: gym.vector.VectorEnv[Any, Any, Any] | gym.Env[Any, Any],
        brain: Brain,
        optimizer: str = "adam",
        learning_rate: float = 0.01,
        schedule: str = "constant",
        games: int | None = None,
        hand: str = "learner",
        clip: float | None = None,
        seed: int = 0,
        starts: Callable[[int], dict[str, Any] | None] | None = None,
        window: int | None = None,
    ) -> None:
        validation.one_of("optimizer", optimizer, OPTIMIZERS)
        validation.one_of("schedule", schedule, SCHEDULES)
        validation.one_of("hand", hand, ("learner", "teacher", "mixed"))
        validation.positive_number("learning_rate", learning_rate)
        validation.whole_number("seed", seed, 0)
        if games is not None:
            validation.whole_number("games", games, 1)
        if clip is not None:
            validation.positive_number("clip", clip)
        if window is not None:
            validation.whole_number("window", window, 1)
        if games is None and (schedule != "constant" or hand == "mixed"):
            raise ValueError("games must say how many games the schedule or the mixed hand is made for")
        space = action_space(env)
        if not isinstance(env, gym.vector.VectorEnv):
            env = OneGame(env)
        brain.check_fits(
            observation_size(env), int(space.n) if isinstance(space, gym.spaces.Discrete) else None
        )
        brain.continuous = isinstance(space, gym.spaces.Box)
        self.env = env
        self.brain = brain
        self.optimizer = OPTIMIZERS[optimizer](
            brain.flat.size, brain.dtype, list(brain.config.shapes().values())
        )
        self.learning_rate = learning_rate
        self.hand = hand
        self.clip = clip
        self._schedule = SCHEDULES[schedule]
        self._schedule_games = games
        self._starts = starts
        self._rng = np.random.default_rng([seed, 2])
        self.batch = env.num_envs
        self.moves = episode_length(env)
        self.games = 0
        self.updates = 0
        self.smoothed_error = float("nan")
        self.smoothed_mistakes = float("nan")
        self.window = self.moves if window is None else min(window, self.moves)
        _, info = env.reset(seed=seed)
        for name in ("ideal_action", "ideal_direction"):
            if name not in info:
                raise ValueError(f"env must put {name} in info, as the teacher's label; {env} does not")
        mixed = "ideal_policy" in info
        # One after the other, so that windows of one length share their arrays: (first move, arrays).
        made = {self.window: Stretch(brain, self.window, self.batch, mixed)}
        self._stretches = []
        for first in range(0, self.moves, self.window):
            moves = min(self.window, self.moves - first)
            if moves not in made:
                made[moves] = Stretch(brain, moves, self.batch, mixed)
            self._stretches.append((first, made[moves]))
        self._gradient = np.empty_like(brain.flat)

    @property
    def done(self) -> float:
        """Which part of the schedule's games is played, from 0."""
        return self.games / self._schedule_games if self._schedule_games else 0.0

    def update(self) -> None:
        """Play one batch of games and learn from it.

        Raises:
            TrainingError: The gradient is not finite, and the weights are as before the step; or they are not
                any more after a step too long.
        """
        with OneThread(), np.errstate(over="ignore", invalid="ignore"):
            self._seen = self.env.reset(options=None if self._starts is None else self._starts(self.batch))
            self._teacher = self._teacher_moves()
            self._over: Array | None = None  # which games have ended, (games,); None: none
            error = mistakes = 0.0
            before: Tape | None = None
            for first, stretch in self._stretches:
                if before is None:
                    stretch.tape.forget()
                else:
                    stretch.tape.go_on(before.h[-1], before.memory[-1])
                self._play(first, stretch)
                more = self._measure(stretch)
                error, mistakes = error + more[0], mistakes + more[1]
                self._learn(stretch)
                before = stretch.tape
        self._smooth(error, mistakes)
        self.games += self.batch
        self.updates += 1

    def _play(self, first: int, stretch: Stretch) -> None:
        """Play the moves from `first` on, with the teacher's labels beside."""
        env, brain, tape, labels, teacher = self.env, self.brain, stretch.tape, stretch.labels, self._teacher
        observation, info = self._seen
        stretch.playing = None
        if self._over is not None:
            stretch.leave_out(self._over, 0)
        for t in range(tape.moves):
            labels.read(t, info)
            brain.look(observation, tape, t)
            outputs = stretch.outputs[t]
            brain.think(tape, t, outputs)
            if brain.continuous:
                # Not rounded to the action space's precision: that might move a reading to the next band.
                action = brain.head.reading(outputs)[:, None]
            else:
                action = stretch.directions[t] = brain.head.action(outputs)
            if teacher is not None:
                ideal = (
                    np.asarray(info["ideal_direction"], np.float32)[..., None]
                    if brain.continuous
                    else info["ideal_action"]
                )
                action = np.where(teacher[:, None] if brain.continuous else teacher, ideal, action)
            observation, _, terminated, truncated, info = env.step(action)
            if first + t + 1 < self.moves and (anywhere(terminated) or anywhere(truncated)):
                ended = terminated | truncated
                self._over = ended if self._over is None else self._over | ended
                stretch.leave_out(ended, t + 1)
        self._seen = observation, info

    def _teacher_moves(self) -> Array | None:
        """In which games the teacher moves the mouse, (games,); None for none."""
        if self.hand == "learner":
            return None
        if self.hand == "teacher":
            return np.ones(self.batch, np.bool_)
        return self._rng.random(self.batch) < 1 - 2 * self.done

    def _measure(self, stretch: Stretch) -> tuple[float, float]:
        """Compass error and mistakes in a stretch, a game."""
        labels, chosen, playing = stretch.labels, stretch.directions, stretch.playing
        if self.brain.continuous:  # the moves were readings; what directions they are is asked at once
            chosen[...] = self.brain.head.action(stretch.outputs)
        wrong = chosen != labels.action
        apart = np.abs(self.brain.head.reading_of(stretch.outputs, chosen) - labels.reading)
        if playing is not None:
            wrong &= playing
            apart *= playing
        error = 4 * float(np.add.reduce(apart, axis=None)) / self.batch
        return error, np.count_nonzero(wrong) / self.batch

    def _smooth(self, error: float, mistakes: float) -> None:
        """Bring the smoothed measures up to date with a batch's, a game."""
        if self.updates == 0:
            self.smoothed_error, self.smoothed_mistakes = error, mistakes
        else:
            keep = SMOOTHING**self.batch
            self.smoothed_error = keep * self.smoothed_error + (1 - keep) * error
            self.smoothed_mistakes = keep * self.smoothed_mistakes + (1 - keep) * mistakes

    def _learn(self, stretch: Stretch) -> None:
        """One step against the gradient of a stretch."""
        brain, gradient = self.brain, self._gradient
        d_outputs = brain.head.loss_gradient(stretch.outputs, stretch.labels)
        if stretch.playing is not None:
            d_outputs *= stretch.playing[:, None]
        if self.batch > 1:
            d_outputs /= self.batch
        brain.learn(stretch.tape, d_outputs, gradient)
        square = float(np.dot(gradient, gradient))
        if not math.isfinite(square):
            raise TrainingError(
                f"the gradient is not finite after {self.games:,} games; "
                "a smaller learning rate, or clip, keeps it in bounds"
            )
        # The lengths are compared, not their squares: that of a large clip may overflow.
        if self.clip is not None and (length := np.sqrt(square)) > self.clip:
            gradient *= self.clip / length
        self.optimizer.update(brain.flat, gradient, self._schedule(self.learning_rate, self.done))
        if not math.isfinite(np.add.reduce(brain.flat)):
            raise TrainingError(
                f"the weights are not finite after {self.games + self.batch:,} games; "
                "a smaller learning rate keeps them in bounds"
            )

    def state_dict(self) -> dict[str, Array]:
        """What must be kept to go on later, by name; the optimiser, brain and environment keep their own."""
        return {
            "games": np.array(self.games),
            "updates": np.array(self.updates),
            "smoothed_error": np.array(self.smoothed_error),
            "smoothed_mistakes": np.array(self.smoothed_mistakes),
            "random": random_state(self._rng),
        }

    def load_state_dict(self, state: dict[str, Array]) -> None:
        """Go on from what `state_dict` gave; ValueError if it can't be."""
        games, updates = int(state["games"]), int(state["updates"])
        if games != updates * self.batch:
            raise ValueError(f"{updates} updates of {self.batch} games are not {games} games")
        restore_random_state(self._rng, state["random"])
        self.games, self.updates = games, updates
        self.smoothed_error = float(state["smoothed_error"])
        self.smoothed_mistakes = float(state["smoothed_mistakes"])
