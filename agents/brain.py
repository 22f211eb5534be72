"""A brain: a cell, a head and their weights in one flat vector."""

from __future__ import annotations

import os
import threading
from dataclasses import asdict, dataclass, fields, replace
from typing import Any, ClassVar

import gymnasium as gym
import numpy as np
from numpy.typing import NDArray

from agents import files, validation, zoo
from agents.activations import ACTIVATIONS
from agents.cells import Cell, Elman, Mlp
from agents.deep_cells import Mlp2
from agents.gated_cells import Gru, Lstm
from agents.heads import HEADS, DirectionHead, Head
from agents.rollout import RolloutBuffer
from agents.state import random_state, restore_random_state
from agents.threads import OneThread

Array = NDArray[Any]

MAX_UNITS = 1 << 14
MAX_WEIGHTS = 1 << 26  # 256 MB in float32; to train takes five times as much
MAX_INPUTS = 1 << 10
MAX_MAGNITUDE = 1e6  # number that a brain takes in; beyond it squares and sums would not stay finite
DTYPES = ("float32", "float64")

CELLS: dict[str, type[Cell]] = {cell.name: cell for cell in (Mlp, Mlp2, Elman, Gru, Lstm)}


def check_numbers(name: str, array: Array, shape: tuple[int, int]) -> None:
    """ValueError unless an array is of this shape and holds finite numbers of a bearable size."""
    if array.shape != shape or array.dtype.kind not in "fiub":
        raise ValueError(f"{name} must be numbers of shape {shape}, got {array.dtype} {array.shape}")
    if not (np.abs(array) <= MAX_MAGNITUDE).all():  # nor is it if it is not a number
        raise ValueError(f"{name} must be finite numbers, of a size up to {MAX_MAGNITUDE:g}")


def check_brain(value: Any) -> None:
    """ValueError unless it is a brain."""
    if not isinstance(value, Brain):
        raise ValueError(f"brain must be an agents.Brain, got {value!r}")


@dataclass(frozen=True)
class BrainConfig:
    """What a brain is made of. ValueError, naming the field, for a value that can't be.

    Attributes:
        cell: "mlp", "mlp2" (two layers), "elman", "gru" or "lstm".
        hidden: Hidden units.
        head: "direction" (a logit a direction) or "compass" (one sigmoid, as in the article).
        seed: Of the first weights.
        activation: "tanh" or "sigmoid", in the cells that leave the choice.
        bias: Whether there are biases.
        centred: Whether inputs are brought from [0, 1] to [-1, 1].
        recurrent_gain: Size of the first recurrent weights (an orthogonal matrix times this).
        input_gain: By what the first input weights are multiplied.
        dtype: "float32" or "float64".
        inputs: Numbers observed.
        actions: Directions told apart.
        continuous: Whether it answers with compass readings instead of directions; the trainer sets
            this from the environment.
    """

    cell: str = "elman"
    hidden: int = 32
    head: str = "direction"
    seed: int = 0
    activation: str = "tanh"
    bias: bool = True
    centred: bool = True
    recurrent_gain: float = 0.5
    input_gain: float = 1.0
    dtype: str = "float32"
    inputs: int = 4
    actions: int = 4
    continuous: bool = False

    def __post_init__(self) -> None:
        validation.one_of("cell", self.cell, CELLS)
        validation.one_of("head", self.head, HEADS)
        validation.one_of("activation", self.activation, ACTIVATIONS)
        validation.one_of("dtype", self.dtype, DTYPES)
        for name, least, most in (
            ("hidden", 1, MAX_UNITS),
            ("inputs", 1, MAX_INPUTS),
            ("actions", 2, MAX_INPUTS),
            ("seed", 0, 2**63 - 1),
        ):
            value = getattr(self, name)
            if type(value) is not int or not least <= value <= most:
                raise ValueError(f"{name} must be a whole number, {least} to {most}, got {value!r}")
        for name in ("bias", "centred", "continuous"):
            if type(getattr(self, name)) is not bool:
                raise ValueError(f"{name} must be True or False, got {getattr(self, name)!r}")
        for name in ("recurrent_gain", "input_gain"):
            gain = getattr(self, name)
            if type(gain) not in (int, float) or not 0 <= gain <= MAX_MAGNITUDE:
                raise ValueError(f"{name} must be a number from 0 to {MAX_MAGNITUDE:g}, got {gain!r}")
        if self.weights > MAX_WEIGHTS:
            raise ValueError(
                f"hidden must be smaller: {self.hidden} units of a {self.cell} are {self.weights:,} weights, "
                f"more than {MAX_WEIGHTS:,}"
            )

    def shapes(self) -> dict[str, tuple[int, int]]:
        """The weight matrices, (rows out, rows in) by name, in the order of a brain's flat vector."""
        cell = CELLS[self.cell](self.inputs, self.hidden, self.activation, self.bias)
        return {**cell.shapes(), "outer": (HEADS[self.head](self.actions).outputs, self.bias + self.hidden)}

    @property
    def weights(self) -> int:
        """How many weights there are."""
        return sum(rows * columns for rows, columns in self.shapes().values())


class Brain:
    """A small network that plays: inputs -> cell -> head.

    `Brain(cell="elman", hidden=32, head="direction", seed=0)` makes a new one; every field of
    `BrainConfig` is a keyword. It is a `Policy`, so it can be evaluated by `agents.evaluate` and by
    Stable-Baselines3's `evaluate_policy` alike.

    Attributes:
        config: What it is made of.
        flat: All weights, one vector (parameters,). The matrices below are views of it.
        parameters: Name -> view: "input_to_hidden" (inputs, units), "hidden_to_hidden" (hidden, units),
            "hidden_bias" (units,), "hidden_to_output" (hidden, outputs), "output_bias" (outputs,); a cell
            without a part has no such name, one with gates has them side by side in `units` (gru: r, z, n
            and a "recurrent_bias" (hidden,) of n; lstm: i, f, g, o; PyTorch's order). The mlp2 has
            "input_to_lower", "lower_bias" and "lower_to_hidden" on the way.
        game: What it learned (`agents.environments.game_of`), kept in its file; None where nobody has said.
        cells, heads, buffer: The classes that it is put together from; see `agents.original` for others.
    """

    cells: ClassVar[dict[str, type[Cell]]] = CELLS
    heads: ClassVar[dict[str, type[Head]]] = HEADS
    buffer: ClassVar[type[RolloutBuffer]] = RolloutBuffer
    game: dict[str, Any] | None = None

    def __init__(
        self, cell: str = "elman", hidden: int = 32, head: str = "direction", seed: int = 0, **config: Any
    ) -> None:
        known = {field.name for field in fields(BrainConfig)}
        for name in config:
            if name not in known:
                raise ValueError(f"a brain has no {name!r}; it has {', '.join(sorted(known))}")
        self._build(BrainConfig(cell=cell, hidden=hidden, head=head, seed=seed, **config))
        self._initialise()

    def _build(self, config: BrainConfig) -> None:
        """Everything but the weights' values."""
        self.config = config
        self.dtype = np.dtype(config.dtype)
        self.cell = self.cells[config.cell](config.inputs, config.hidden, config.activation, config.bias)
        self.head = self.heads[config.head](config.actions)
        self._shapes = config.shapes()
        self.flat = np.zeros(config.weights, self.dtype)
        self.blocks = self.split(self.flat)
        self.parameters = self.named(self.blocks)
        # As arrays, because to make them of numbers takes numpy longer than to use them.
        self._one, self._two = np.array(1, self.dtype), np.array(2, self.dtype)
        self._own = threading.local()  # a buffer for each thread that plays
        self._rng = np.random.default_rng([config.seed, 1])

    def split(self, flat: Array) -> dict[str, Array]:
        """The matrices, (rows out, rows in) by name, as views of a flat vector like `self.flat`."""
        blocks, first = {}, 0
        for name, (rows, columns) in self._shapes.items():
            blocks[name] = flat[first : first + rows * columns].reshape(rows, columns)
            first += rows * columns
        return blocks

    def named(self, blocks: dict[str, Array]) -> dict[str, Array]:
        """The same by the names that people use; see `parameters`."""
        outer = blocks["outer"]
        named = {**self.cell.parameters(blocks), "hidden_to_output": outer[:, self.config.bias :].T}
        if self.config.bias:
            named["output_bias"] = outer[:, 0]
        return named

    def _initialise(self) -> None:
        """First weights: normal, recurrent ones orthogonal, biases 0."""
        rng = np.random.default_rng(self.config.seed)
        with OneThread():  # the orthogonal ones' last bits would depend on the number of threads
            self.cell.initialise(rng, self.parameters, self.config.recurrent_gain)
        self.parameters[self.cell.first_layer][...] *= self.config.input_gain
        output = self.parameters["hidden_to_output"]
        output[...] = rng.standard_normal(output.shape) / np.sqrt(self.config.hidden)

    def step_rates(self, recurrent: float) -> Array | None:
        """What steps are multiplied by, (parameters,): `recurrent` for recurrent weights, 1 for all others.

        None where it is 1 throughout.
        """
        rates = np.ones_like(self.flat)
        named = self.named(self.split(rates))
        if recurrent == 1 or "hidden_to_hidden" not in named:
            return None
        named["hidden_to_hidden"][...] = recurrent
        return rates

    # Forward and backward

    def make_buffer(self, steps: int, num_envs: int, mixed: bool = False) -> RolloutBuffer:
        """A rollout buffer for so many steps of so many games; `mixed`: labels are probabilities."""
        cell = self.cell
        buffer = self.buffer(
            steps,
            num_envs,
            self.dtype,
            inputs=cell.inputs,
            bias=cell.bias,
            hidden=cell.hidden,
            outputs=self.head.outputs,
            cell_state=cell.cell_state_units,
            scratch=cell.scratch_rows(),
            policy_actions=self.config.actions if mixed else 0,
        )
        buffer.cell_views = cell.views(buffer)
        return buffer

    def encode(self, observation: Array, buffer: RolloutBuffer, t: int) -> None:
        """Put observations (num_envs, inputs) into the buffer as inputs of step `t`."""
        x = buffer.step_views[t][0]
        x[...] = observation.T
        if self.config.centred:
            np.multiply(x, self._two, x)
            np.subtract(x, self._one, x)

    def forward(self, buffer: RolloutBuffer, t: int) -> Array:
        """Step `t` in the buffer, from its inputs to the head's outputs (outputs, num_envs), a view of it."""
        _, _, _, head_input, outputs = buffer.step_views[t]
        self.cell.forward(self.blocks, buffer, t)
        self.blocks["outer"].dot(head_input, outputs)
        self.head.activate(outputs)
        return outputs

    def backward(self, buffer: RolloutBuffer, d_outputs: Array, gradient: Array) -> None:
        """Backpropagation through time.

        Args:
            buffer: As `forward` left it.
            d_outputs: Gradient of the loss by what the last matrix gave, (steps, outputs, num_envs).
            gradient: Overwritten with the gradient by all weights, (parameters,).
        """
        gradients = self.split(gradient)
        self.cell.sum_over_steps(d_outputs, buffer.head_input, gradients["outer"])
        back = np.ascontiguousarray(self.blocks["outer"][:, self.config.bias :].T)
        # A product with a single row is what broadcasting does in a third of the time.
        (np.multiply if self.head.outputs == 1 else np.matmul)(back, d_outputs, out=buffer.dh)
        self.cell.backward(self.blocks, gradients, buffer)

    # Playing

    def step(
        self, observation: Any, state: Any = None, episode_start: Any = None
    ) -> tuple[Array, Array | None]:
        """The head's outputs for a batch, and the new state.

        Args:
            observation: (games, inputs) numbers.
            state: What the last call returned, (games, state units), or None for none yet.
            episode_start: (games,) bool, whose state is reset first; None: nobody's.

        Returns:
            Outputs (outputs, games) and the state (None for a cell without any).

        Raises:
            ValueError: Wrong shapes, or numbers that are not finite.
        """
        observation = np.asarray(observation)
        games, units = observation.shape[0] if observation.ndim else 0, self.cell.state_units
        check_numbers("observation", observation, (games, self.config.inputs))
        if state is not None and units:
            state = np.asarray(state)
            check_numbers("state", state, (games, units))
            if episode_start is not None:
                starts = np.asarray(episode_start, np.bool_)
                if starts.shape != (games,):
                    raise ValueError(f"episode_start must have shape {(games,)}, got {starts.shape}")
                if starts.any():
                    state = np.where(starts[:, None], 0, state)
        buffer = getattr(self._own, "buffer", None)
        if buffer is None or buffer.num_envs != games:
            buffer = self._own.buffer = self.make_buffer(1, games)
        if state is None or not units:
            buffer.reset_state()
        else:
            buffer.set_state(state.T[: self.config.hidden], state.T[self.config.hidden :])
        with OneThread(), np.errstate(over="ignore", invalid="ignore"):
            self.encode(observation, buffer, 0)
            outputs = self.forward(buffer, 0).copy()
        if not units:
            return outputs, None
        # Transposed but not copied, so that it is back in the buffer's order when it is given again.
        return outputs, np.concatenate([buffer.h[0], buffer.cell_state[1]]).T

    def act(self, outputs: Array, deterministic: bool = True) -> Array:
        """Actions from outputs (outputs, games): directions (games,) or readings (games, 1)."""
        if not deterministic and self.config.head == "direction":
            # The largest of logits plus Gumbel noise is a draw from their softmax.
            outputs = outputs + self._rng.gumbel(size=outputs.shape)
        if self.config.continuous:
            return self.head.reading(outputs).astype(np.float32)[:, None]
        return self.head.action(outputs)

    def predict(
        self, observation: Any, state: Any = None, episode_start: Any = None, deterministic: bool = True
    ) -> tuple[Array, Array | None]:
        """Play: the protocol of Stable-Baselines3. Several threads may do so at once.

        Args:
            observation: (games, inputs), or (inputs,) for one game.
            state: See `step`.
            episode_start: See `step`.
            deterministic: False draws from the direction head's probabilities.

        Returns:
            Directions (games,) int64, or readings (games, 1) float32 where `config.continuous`; and the
            state. For one game without the first axis.

        Raises:
            ValueError: See `step`.
        """
        observation = np.asarray(observation)
        outputs, state = self.step(np.atleast_2d(observation), state, episode_start)
        action = self.act(outputs, deterministic)
        return (action[0] if observation.ndim == 1 else action), state

    def action_probabilities(self, observation: Any) -> Array:
        """The direction head's probabilities, (games, actions), where (games, inputs) is observed.

        What `predict` draws from with `deterministic=False`, at the first move of a game.

        Raises:
            ValueError: The head is another; see also `step`.
        """
        if not isinstance(self.head, DirectionHead):
            raise ValueError(f"head must be 'direction' to have probabilities, got {self.config.head!r}")
        outputs, _ = self.step(observation)
        return np.ascontiguousarray(self.head.probabilities(outputs.astype(np.float64)).T)

    def check_fits(self, inputs: int, actions: int | None) -> None:
        """ValueError if the brain can't play where so much is observed and (unless None) can be done."""
        config = self.config
        if inputs != config.inputs or actions not in (None, config.actions):
            raise ValueError(
                f"the brain takes {config.inputs} numbers and knows {config.actions} actions, "
                f"the environment has {inputs} and {actions}"
            )

    def set_action_space(self, space: gym.Space[Any]) -> None:
        """Answer in this action space from now on: with readings in a `Box`, else with directions."""
        self.config = replace(self.config, continuous=isinstance(space, gym.spaces.Box))

    # Keeping

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write weights, configuration and game to a safetensors file; OSError if that can't be done."""
        files.write(path, "brain", asdict(self.config) | files.game_entry(self.game), self.parameters)

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> Brain:
        """Read a brain that `save` wrote, or one of those that come with the package.

        Args:
            path: Its file, or "zoo:NAME"; see `agents.zoo.names`.

        Raises:
            BadFileError: The file is damaged or holds no brain.
            OSError: It can't be opened.
            ValueError: The zoo has no brain of this name.
        """
        path = zoo.locate(path)
        config, tensors = files.read(path, "brain")
        brain = cls.__new__(cls)
        brain.game = files.take_game(path, config)
        try:
            checked = BrainConfig(**config)
        except (TypeError, ValueError) as error:
            raise files.BadFileError(f"{path}: {error}") from error
        # Weights that the configuration only claims must not cost memory: the file has to hold them.
        if checked.weights != sum(array.size for array in tensors.values()):
            raise files.BadFileError(f"{path}: the weights do not fit the configuration")
        brain._build(checked)
        for name, view in brain.parameters.items():
            array = tensors.get(name)
            if array is None or array.shape != view.shape or array.dtype != view.dtype:
                raise files.BadFileError(f"{path}: {name} is missing or of the wrong shape or type")
            if not np.isfinite(array).all():
                raise files.BadFileError(f"{path}: {name} holds numbers that are not finite")
            view[...] = array
        return brain

    def state_dict(self) -> dict[str, Array]:
        """What must be kept to go on later, by name: the weights and the random stream of `predict`."""
        return {"weights": self.flat, "random": random_state(self._rng)}

    def load_state_dict(self, state: dict[str, Array]) -> None:
        """Go on from what `state_dict` gave."""
        restore_random_state(self._rng, state["random"])
        self.flat[...] = state["weights"]

    def __getstate__(self) -> dict[str, Any]:
        return {"config": self.config, "flat": self.flat.copy(), "rng": self._rng, "game": self.game}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self._build(state["config"])
        self.flat[...] = state["flat"]
        self._rng = state["rng"]
        self.game = state["game"]

    def __repr__(self) -> str:
        config = self.config
        return f"Brain({config.cell}, hidden={config.hidden}, head={config.head}, weights={self.flat.size})"
