"""Supervised training: play a batch of games, read the teacher's labels, make one update. Again."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import gymnasium as gym
import numpy as np
from numpy.typing import NDArray

from agents import validation
from agents.brain import Brain, check_brain
from agents.cost import check_training
from agents.environments import OneGame, action_space, episode_length, game_of, observation_size
from agents.optimizers import OPTIMIZERS, SCHEDULES
from agents.rollout import RolloutBuffer, contains_true
from agents.state import random_state, restore_random_state
from agents.threads import OneThread

Array = NDArray[Any]

SMOOTHING = 0.999  # what a game leaves of the smoothed error before it, as in the article

# DAgger's beta (Ross et al. 2011): which part of the games the teacher plays, by progress from 0 to 1.
BETA_SCHEDULES: dict[str, Callable[[float], float]] = {
    "learner": lambda progress: 0.0,
    "teacher": lambda progress: 1.0,
    "mixed": lambda progress: max(0.0, 1.0 - 2.0 * progress),  # none from half of the games on
}
COUNTS = (
    "games_played",
    "updates",
    "last_mistake",
    "smoothed_error",
    "smoothed_mistakes",
)  # kept in checkpoints


class TrainingError(RuntimeError):
    """Training can't go on: the numbers are no longer finite."""


class SupervisedTrainer:
    """Teaches a brain by the labels that an environment puts in `info`.

    Where the learner plays this is DAgger (Ross et al. 2011), where the teacher plays it is behavioural
    cloning. A teacher whose strategy is mixed tells its probabilities as `ideal_policy` in `info`,
    (games, actions); the direction head learns them. A trainer can be copied and pickled if its environment
    and `starts` can.

    Args:
        env: A vector environment, whose `num_envs` games are one batch; or a single one: a batch of one game.
        brain: Who learns; it is set to answer in the environment's action space.
        optimizer: "adam", "muon" or "sgd".
        learning_rate: At the start. The loss is summed over a game's moves and averaged over games.
        schedule: "constant", "linear", "cosine" or "restarts": how the rate falls until `total_games` are
            played.
        total_games: For how many games the schedules are made, or None, which goes with "constant" only.
        rollout_policy: Who moves the mouse: "learner", "teacher", or "mixed": in each game either, see
            `BETA_SCHEDULES`.
        clip: Longest gradient (its norm over all weights) that is followed as it is; None: any.
        seed: Of the environment's chance and of the mixed rollout policy.
        starts: Called with the number of games for each batch; its dict goes to the environment's
            reset as options. None: the environment draws.
        recurrent_rate: By what the steps of the recurrent weights are multiplied.
        bptt_steps: Moves after which a step is made, from the gradient of those moves alone, the state going
            on: truncated backpropagation through time (Williams and Peng 1990). None: the whole game.
        rollout_steps: Moves of each game that are played, from its start, before the next begins. None: all.

    Attributes:
        games_played: Games played, or begun where `rollout_steps` says that they go no further.
        updates: Batches learned from; with `bptt_steps` each is several steps.
        last_mistake: Games that had been played after the last batch with a mistake in it.
        smoothed_error: Compass error a game, smoothed over about a thousand games. With `rollout_steps` what
            a whole game would have if all of its moves were like those played.
        smoothed_mistakes: Mistakes a game, likewise.

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
        total_games: int | None = None,
        rollout_policy: str = "learner",
        clip: float | None = None,
        seed: int = 0,
        starts: Callable[[int], dict[str, Any] | None] | None = None,
        bptt_steps: int | None = None,
        recurrent_rate: float = 1.0,
        rollout_steps: int | None = None,
    ) -> None:
        validation.one_of("optimizer", optimizer, OPTIMIZERS)
        validation.one_of("schedule", schedule, SCHEDULES)
        validation.one_of("rollout_policy", rollout_policy, BETA_SCHEDULES)
        validation.positive_number("learning_rate", learning_rate)
        validation.positive_number("recurrent_rate", recurrent_rate)
        validation.whole_number("seed", seed, 0)
        if total_games is not None:
            validation.whole_number("total_games", total_games, 1)
        if clip is not None:
            validation.positive_number("clip", clip)
        if bptt_steps is not None:
            validation.whole_number("bptt_steps", bptt_steps, 1)
        if rollout_steps is not None:
            validation.whole_number("rollout_steps", rollout_steps, 1)
        if total_games is None and (schedule != "constant" or rollout_policy == "mixed"):
            raise ValueError("total_games must say for how many games the schedule or the mixture is made")
        space = action_space(env)
        check_brain(brain)
        whole = episode_length(env)
        moves = min(rollout_steps or whole, whole)
        check_training(brain.config, getattr(env, "num_envs", 1), moves, bptt_steps)
        if not isinstance(env, gym.vector.VectorEnv):
            env = OneGame(env)
        brain.check_fits(
            observation_size(env), int(space.n) if isinstance(space, gym.spaces.Discrete) else None
        )
        brain.set_action_space(space)
        brain.game = game_of(env)
        self.env = env
        self.brain = brain
        self.optimizer = OPTIMIZERS[optimizer](
            brain.flat.size,
            brain.dtype,
            list(brain.config.shapes().values()),
            brain.step_rates(recurrent_rate),
        )
        self.learning_rate = learning_rate
        self.schedule = schedule
        self.total_games = total_games
        self.rollout_policy = rollout_policy
        self.clip = clip
        self._starts = starts
        self._rng = np.random.default_rng([seed, 2])
        self.batch = env.num_envs
        self.moves = moves
        self._measured = self.batch * moves / whole  # whole games' worth of moves in a batch
        self.bptt_steps = self.moves if bptt_steps is None else min(bptt_steps, self.moves)
        self.games_played = 0
        self.updates = 0
        self.last_mistake = 0
        self.smoothed_error = float("nan")
        self.smoothed_mistakes = float("nan")
        _, info = env.reset(seed=seed)
        for name in ("ideal_action", "ideal_direction"):
            if name not in info:
                raise ValueError(f"env must put {name} in info, as the teacher's label; {env} does not")
        self._mixed = "ideal_policy" in info
        self._gradient = np.empty_like(brain.flat)
        self._buffers = self._make_buffers()

    def _make_buffers(self) -> list[RolloutBuffer]:
        """A game's buffers, one after the other; those of one length are one object."""
        whole, rest = divmod(self.moves, self.bptt_steps)
        buffers = [self.brain.make_buffer(self.bptt_steps, self.batch, self._mixed)] * whole
        return buffers + ([self.brain.make_buffer(rest, self.batch, self._mixed)] if rest else [])

    @property
    def progress(self) -> float:
        """Which part of `total_games` is played, from 0."""
        return self.games_played / self.total_games if self.total_games else 0.0

    @property
    def beta(self) -> float:
        """How likely the teacher is to play a game."""
        return BETA_SCHEDULES[self.rollout_policy](self.progress)

    def update(self) -> None:
        """Play one batch of games and learn from it.

        Raises:
            TrainingError: The gradient is not finite, and the weights are as before the step; or they are not
                any more after a step too long.
        """
        env, brain, gradient = self.env, self.brain, self._gradient
        error = mistakes = 0.0
        with OneThread(), np.errstate(over="ignore", invalid="ignore"):
            observation, info = env.reset(options=None if self._starts is None else self._starts(self.batch))
            beta = self.beta
            teacher_plays = self._rng.random(self.batch) < beta if beta else None
            done = np.zeros(self.batch, np.bool_)
            before: RolloutBuffer | None = None
            for buffer in self._buffers:
                buffer.begin(before, done)
                for t in range(buffer.steps):
                    buffer.labels.read(t, info)
                    brain.encode(observation, buffer, t)
                    outputs = brain.forward(buffer, t)
                    action = self._act(buffer, t, outputs, teacher_plays)
                    observation, _, terminated, truncated, info = env.step(action)
                    if contains_true(terminated) or contains_true(truncated):
                        done |= terminated | truncated
                        buffer.mask_out(done, t + 1)
                errors = self._measure(buffer)
                error, mistakes = error + errors[0], mistakes + errors[1]
                brain.backward(buffer, self._loss_gradient(buffer), gradient)
                self._descend(gradient)
                before = buffer
        self._smooth(error, mistakes)
        self.games_played += self.batch
        self.updates += 1
        if mistakes:
            self.last_mistake = self.games_played

    def _act(self, buffer: RolloutBuffer, t: int, outputs: Array, teacher_plays: Array | None) -> Array:
        """What is played at step `t`: the learner's actions, the teacher's in the games of the mask."""
        brain = self.brain
        continuous = brain.config.continuous
        if continuous:
            # Not rounded to the action space's precision: that might move a reading to the next band.
            action = brain.head.reading(outputs)[:, None]
        else:
            action = buffer.directions[t] = brain.head.action(outputs)
        if teacher_plays is None:
            return action
        if continuous:
            return np.where(teacher_plays[:, None], buffer.labels.reading[t, :, None], action)
        return np.where(teacher_plays, buffer.labels.action[t], action)

    def _measure(self, buffer: RolloutBuffer) -> tuple[float, float]:
        """Compass error and mistakes in a buffer, a game."""
        head, labels, directions = self.brain.head, buffer.labels, buffer.directions
        if self.brain.config.continuous:  # readings were played; what directions they are is asked at once
            directions[...] = head.action(buffer.outputs)
        wrong = directions != labels.action
        distance = np.abs(head.reading(buffer.outputs, directions) - labels.reading)
        if buffer.mask is not None:
            wrong &= buffer.mask
            distance *= buffer.mask
        error = 4 * float(np.add.reduce(distance, axis=None)) / self._measured
        return error, np.count_nonzero(wrong) / self._measured

    def _loss_gradient(self, buffer: RolloutBuffer) -> Array:
        """Of the loss, the mean over games, by what the last matrix gave; overwrites the outputs."""
        d_outputs = self.brain.head.loss_gradient(buffer.outputs, buffer.labels)
        if buffer.mask is not None:
            d_outputs *= buffer.mask[:, None]
        if self.batch > 1:
            d_outputs /= self.batch
        return d_outputs

    def _descend(self, gradient: Array) -> None:
        """One step of the optimiser."""
        square = float(np.dot(gradient, gradient))
        if not math.isfinite(square):
            raise TrainingError(
                f"the gradient is not finite after {self.games_played:,} games; "
                "a smaller learning rate, or clip, keeps it in bounds"
            )
        # The lengths are compared, not their squares: that of a large clip may overflow.
        if self.clip is not None and (length := np.sqrt(square)) > self.clip:
            gradient *= self.clip / length
        rate = SCHEDULES[self.schedule](self.learning_rate, self.progress)
        self.optimizer.update(self.brain.flat, gradient, rate)
        if not math.isfinite(np.add.reduce(self.brain.flat)):
            raise TrainingError(
                f"the weights are not finite after {self.games_played + self.batch:,} games; "
                "a smaller learning rate keeps them in bounds"
            )

    def _smooth(self, error: float, mistakes: float) -> None:
        """Bring the smoothed measures up to date with a batch's, a game."""
        if self.updates == 0:
            self.smoothed_error, self.smoothed_mistakes = error, mistakes
        else:
            keep = SMOOTHING**self.batch
            self.smoothed_error = keep * self.smoothed_error + (1 - keep) * error
            self.smoothed_mistakes = keep * self.smoothed_mistakes + (1 - keep) * mistakes

    def state_dict(self) -> dict[str, Array]:
        """What must be kept to go on later, by name; the optimiser, brain and environment keep their own."""
        counts = {name: np.array(getattr(self, name)) for name in COUNTS}
        return {**counts, "random": random_state(self._rng)}

    def load_state_dict(self, state: dict[str, Array]) -> None:
        """Go on from what `state_dict` gave; ValueError if it can't be."""
        games, updates = int(state["games_played"]), int(state["updates"])
        if games != updates * self.batch:
            raise ValueError(f"{updates} updates of {self.batch} games are not {games} games")
        last_mistake = int(state["last_mistake"])
        if last_mistake > games:
            raise ValueError(f"the last mistake can't be after {last_mistake} games of {games}")
        restore_random_state(self._rng, state["random"])
        for name in COUNTS:
            setattr(self, name, state[name].item())

    def __getstate__(self) -> dict[str, Any]:
        # Buffers hold nothing between updates.
        return {name: value for name, value in self.__dict__.items() if name != "_buffers"}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        self._buffers = self._make_buffers()
