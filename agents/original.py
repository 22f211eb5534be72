"""The original program of 2016, put together from the same pieces as everything else.

What was particular about it is here: its settings, its single random stream, its double precision, and the
order in which its network sums when it learns from one game at a time, so that not a bit comes out different
(docs/original.md says why a bit matters). Rules, teacher and training are those of every other run.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any, ClassVar

import gymnasium as gym
import numpy as np
from numpy.typing import NDArray

from agents.brain import Brain, BrainConfig
from agents.cells import Blocks, Cell, Elman, sum_over_steps
from agents.environments import all_starts
from agents.heads import HEADS, CompassHead, Head
from agents.rollout import RolloutBuffer
from agents.state import random_state, restore_random_state

Array = NDArray[Any]

PRESET: dict[str, Any] = {
    "continuous": True,
    "cell": "elman",  # the article calls it an LSTM
    "hidden": 16,
    "head": "compass",
    "activation": "sigmoid",
    "bias": False,
    "centred": False,
    "dtype": "float64",
    "batch": 1,
    "optimizer": "sgd",
    "learning_rate": 0.1,
    "schedule": "constant",
    "measure": "error",
    "target": 1.2,
    "games": 1_000_000,
    "report_every": 1_000,
    "legacy_stream": True,
}
WEIGHTS = ("input_to_hidden", "hidden_to_output", "hidden_to_hidden")  # in the order in which they are drawn
BLOCK = 1_000  # games whose starts are drawn at a time: the same numbers as one by one, ten times as fast
MAX_CELLS = 64  # along a side of the largest room


def sum_from_the_last(da: Array, inputs: Array, out: Array) -> None:
    """As `sum_over_steps`; of one game each product is rounded and added, from the last step on.

    A matrix product would fuse products with sums.
    """
    if da.shape[2] > 1:
        sum_over_steps(da, inputs, out)
    else:
        np.einsum("ti,tj->ij", da[::-1, :, 0].copy(), inputs[::-1, :, 0].copy(), out=out)


class OriginalBuffer(RolloutBuffer):
    """A rollout buffer that holds of one game what `OriginalElman` works on.

    Attributes:
        vectors: For each step its inputs, the hidden units before it and those after it.
        transposed: The matrix from inputs and hidden units, (in, out), contiguous; renewed at step 0.
        inward, onward: Its rows for inputs and for hidden units.
        part: What the second product gives, (hidden,).
    """

    def __init__(self, steps: int, num_envs: int, dtype: Any, *, inputs: int, hidden: int, **sizes: Any):
        super().__init__(steps, num_envs, dtype, inputs=inputs, hidden=hidden, **sizes)
        if num_envs == 1:
            z, h = self.z[:-1, :, 0], self.h[:, :, 0]
            self.vectors = list(zip(z[:, :inputs], z[:, inputs:], h, strict=True))
            self.transposed = np.empty((inputs + hidden, hidden), dtype)
            self.inward, self.onward = self.transposed[:inputs], self.transposed[inputs:]
            self.part = np.empty(hidden, dtype)


class OriginalElman(Elman):
    """Of one game, inputs and hidden units go in two products."""

    sum_over_steps = staticmethod(sum_from_the_last)

    def forward(self, weights: Blocks, buffer: RolloutBuffer, t: int) -> None:
        if not isinstance(buffer, OriginalBuffer) or buffer.num_envs > 1:
            super().forward(weights, buffer, t)
            return
        x, before, h = buffer.vectors[t]
        if t == 0:
            buffer.transposed[...] = weights["inner"].T
        x.dot(buffer.inward, h)
        if t or not buffer.initial:
            before.dot(buffer.onward, buffer.part)
            np.add(h, buffer.part, h)
        self.activation(h, h)

    def back(self, weights: Blocks, buffer: RolloutBuffer) -> Array:
        if isinstance(buffer, OriginalBuffer) and buffer.num_envs == 1:
            return buffer.onward
        return super().back(weights, buffer)


class OriginalCompass(CompassHead):
    """Of one game, the sigmoid of a plain number: the same to the bit (math.exp is not), and sooner."""

    def activate(self, outputs: Array) -> None:
        if outputs.size == 1:
            outputs[0, 0] = 1 / (1 + float(np.exp(-outputs.item())))
        else:
            super().activate(outputs)


class OriginalBrain(Brain):
    """A brain that learns from one game to the bit as the original program's. Saved, it is a plain brain.

    Raises:
        ValueError: Its cell is another, or has biases.
    """

    cells: ClassVar[dict[str, type[Cell]]] = {"elman": OriginalElman}
    heads: ClassVar[dict[str, type[Head]]] = {**HEADS, "compass": OriginalCompass}
    buffer: ClassVar[type[RolloutBuffer]] = OriginalBuffer

    def _build(self, config: BrainConfig) -> None:
        if config.cell != "elman" or config.bias:
            raise ValueError("legacy_stream needs cell elman without bias, as the original program had it")
        super()._build(config)


class LegacyStream:
    """First weights and all starts from one `numpy.random.RandomState`, as the original program drew them.

    Weights are 2u - 1, u uniform in [0, 1); then every start is four whole numbers: cat x, cat y, mouse x,
    mouse y.

    Args:
        seed: Of the stream, below 2^32; the original's is 0.
        brain: Whose weights are drawn, an `OriginalBrain`.
        env: A vector environment of the game; it tells its `starts`.

    Raises:
        ValueError: Not every pair of cells of a square room is a start.
    """

    def __init__(self, seed: int, brain: Brain, env: gym.vector.VectorEnv[Any, Any, Any]) -> None:
        cats = all_starts(env)["cat"]
        self._side = int(cats.max()) + 1
        if len(cats) != self._side**4:
            raise ValueError("legacy_stream needs a square room in which every pair of cells is a start")
        if seed >= 1 << 32:
            raise ValueError(f"seed must be below 2^32 for legacy_stream, got {seed}")
        self._stream = np.random.RandomState(seed)
        for name in WEIGHTS:
            weights = brain.parameters[name]
            weights[...] = 2 * self._stream.random_sample(weights.shape) - 1
        self._draw()

    def _draw(self) -> None:
        """Draw a block of starts; remember where the stream stood before."""
        self._before = random_state(self._stream)
        self._block: list[list[int]] = self._stream.randint(0, self._side, size=(BLOCK, 4)).tolist()
        self._used = 0

    def start(self, games: int) -> dict[str, Any]:
        """The next game's start, as options of a single environment's reset."""
        if self._used == BLOCK:
            self._draw()
        cat_x, cat_y, mouse_x, mouse_y = self._block[self._used]
        self._used += 1
        return {"cat": (cat_x, cat_y), "mouse": (mouse_x, mouse_y)}

    def state_dict(self) -> dict[str, Array]:
        """See `agents.state.Stateful`."""
        return {"random": self._before, "used": np.array(self._used)}

    def load_state_dict(self, state: dict[str, Array]) -> None:
        """See `agents.state.Stateful`."""
        used = int(state["used"])
        if used > BLOCK:
            raise ValueError(f"used must be at most {BLOCK}, got {used}")
        restore_random_state(self._stream, state["random"])
        self._draw()
        self._used = used


class InDouble(gym.ObservationWrapper[Any, Any, Any]):
    """Observations in double precision: 0.2 and not the float32 next to it, 0.20000000298.

    Environments observe in single precision, the original program computed in double. A coordinate is a
    cell's number by its axis' last index, so it can be told exactly: it is the only fraction with so
    small a denominator near the float32.

    Args:
        env: A single environment that observes such coordinates.
    """

    def __init__(self, env: gym.Env[Any, Any]) -> None:
        super().__init__(env)
        space = env.observation_space
        self.observation_space = gym.spaces.Box(-1.0, 1.0, space.shape, np.float64)
        self._known: dict[bytes, Array] = {}  # there are no more observations than states of the game

    def observation(self, observation: Any) -> Array:
        """The same in float64, not to be written to."""
        key = observation.tobytes()
        exact = self._known.get(key)
        if exact is None:
            exact = np.array(
                [Fraction(x).limit_denominator(MAX_CELLS - 1) for x in observation.tolist()], float
            )
            exact.flags.writeable = False
            self._known[key] = exact
        return exact


def original_env(env_id: str, **arguments: Any) -> gym.Env[Any, Any]:
    """The single environment in which the original program's games are played, one at a time.

    Args:
        env_id: Which environment.
        arguments: What else it is made with.
    """
    # Its checker looks at the first step only, but its wrapper would cost time at every one.
    return InDouble(gym.make(env_id, disable_env_checker=True, **arguments))
