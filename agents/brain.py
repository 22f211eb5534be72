"""A brain: a cell, a head and their weights in one flat vector."""

from __future__ import annotations

import os
from dataclasses import asdict, dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from agents import files
from agents.activations import ACTIVATIONS
from agents.cells import Cell, Elman, Mlp, Tape, sum_over_moves
from agents.deep_cells import Mlp2
from agents.gated_cells import Gru, Lstm
from agents.heads import HEADS, DirectionHead
from agents.state import random_state, restore_random_state
from agents.threads import OneThread

Array = NDArray[Any]

MOST_UNITS = 1 << 14
MOST_WEIGHTS = 1 << 26  # 256 MB in float32; to train takes five times as much
MOST_INPUTS = 1 << 10
LARGEST = 1e6  # number that a brain takes in; beyond it squares and sums would not stay finite
DTYPES = ("float32", "float64")

CELLS: dict[str, type[Cell]] = {cell.name: cell for cell in (Mlp, Mlp2, Elman, Gru, Lstm)}


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
    dtype: str = "float32"
    inputs: int = 4
    actions: int = 4
    continuous: bool = False

    def __post_init__(self) -> None:
        for name, choices in (
            ("cell", tuple(CELLS)),
            ("head", tuple(HEADS)),
            ("activation", tuple(ACTIVATIONS)),
            ("dtype", DTYPES),
        ):
            if getattr(self, name) not in choices:
                raise ValueError(f"{name} must be one of {', '.join(choices)}, got {getattr(self, name)!r}")
        for name, least, most in (
            ("hidden", 1, MOST_UNITS),
            ("inputs", 1, MOST_INPUTS),
            ("actions", 2, MOST_INPUTS),
            ("seed", 0, 2**63 - 1),
        ):
            value = getattr(self, name)
            if type(value) is not int or not least <= value <= most:
                raise ValueError(f"{name} must be a whole number, {least} to {most}, got {value!r}")
        for name in ("bias", "centred", "continuous"):
            if type(getattr(self, name)) is not bool:
                raise ValueError(f"{name} must be True or False, got {getattr(self, name)!r}")
        gain = self.recurrent_gain
        if type(gain) not in (int, float) or not 0 <= gain <= 1e6:
            raise ValueError(f"recurrent_gain must be a number from 0 to 1e6, got {gain!r}")
        if self.weights > MOST_WEIGHTS:
            raise ValueError(
                f"hidden must be smaller: {self.hidden} units of a {self.cell} are {self.weights:,} weights, "
                f"more than {MOST_WEIGHTS:,}"
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
    """

    def __init__(
        self, cell: str = "elman", hidden: int = 32, head: str = "direction", seed: int = 0, **config: Any
    ) -> None:
        known = {field.name for field in fields(BrainConfig)}
        for name in config:
            if name not in known:
                raise ValueError(f"a brain has no {name!r}; it has {', '.join(sorted(known))}")
        self._build(BrainConfig(cell=cell, hidden=hidden, head=head, seed=seed, **config))
        self._draw_weights()

    def _build(self, config: BrainConfig) -> None:
        """Everything but the weights' values."""
        self.config = config
        self.dtype = np.dtype(config.dtype)
        self.cell = CELLS[config.cell](config.inputs, config.hidden, config.activation, config.bias)
        self.head = HEADS[config.head](config.actions)
        self._shapes = config.shapes()
        self.flat = np.zeros(config.weights, self.dtype)
        self.blocks = self.blocks_of(self.flat)
        self.parameters = self.named(self.blocks)
        self.continuous = config.continuous
        # As arrays, because to make them of numbers takes numpy longer than to use them.
        self._one, self._two = np.array(1, self.dtype), np.array(2, self.dtype)
        self._tape: Tape | None = None
        self._rng = np.random.default_rng([config.seed, 1])

    def blocks_of(self, flat: Array) -> dict[str, Array]:
        """The matrices, (rows out, rows in) by name, as views of a flat vector like `self.flat`."""
        blocks, first = {}, 0
        for name, (rows, columns) in self._shapes.items():
            blocks[name] = flat[first : first + rows * columns].reshape(rows, columns)
            first += rows * columns
        return blocks

    def named(self, blocks: dict[str, Array]) -> dict[str, Array]:
        """The same by the names that people use; see `parameters`."""
        outer = blocks["outer"]
        named = dict(self.cell.parameters(blocks))
        named["hidden_to_output"] = outer[:, self.config.bias :].T
        if self.config.bias:
            named["output_bias"] = outer[:, 0]
        return named

    def _draw_weights(self) -> None:
        """First weights: normal, recurrent ones orthogonal, biases 0."""
        rng = np.random.default_rng(self.config.seed)
        self.cell.draw(rng, self.parameters, self.config.recurrent_gain)
        output = self.parameters["hidden_to_output"]
        output[...] = rng.standard_normal(output.shape) / np.sqrt(self.config.hidden)

    # Playing

    def look(self, observation: Array, tape: Tape, t: int) -> None:
        """Put observations (games, inputs) on the tape as inputs of move `t`."""
        x = tape.at[t][0]
        x[...] = observation.T
        if self.config.centred:
            np.multiply(x, self._two, out=x)
            np.subtract(x, self._one, out=x)

    def think(self, tape: Tape, t: int, outputs: Array) -> None:
        """Move `t` forward on the tape; the head's finished answer goes to `outputs` (outputs, games)."""
        self.cell.forward(self.blocks, tape, t)
        self.blocks["outer"].dot(tape.at[t][3], outputs)
        self.head.finish(outputs)

    def learn(self, tape: Tape, d_outputs: Array, gradient: Array) -> None:
        """Backpropagation through time.

        Args:
            tape: As playing left it.
            d_outputs: Gradient of the loss by what the last matrix gave, (moves, outputs, games).
            gradient: Overwritten with the gradient by all weights, (parameters,).
        """
        gradients = self.blocks_of(gradient)
        sum_over_moves(d_outputs, tape.fed, gradients["outer"])
        back = np.ascontiguousarray(self.blocks["outer"][:, self.config.bias :].T)
        # A product with a single row is what broadcasting does in a third of the time.
        dh = back * d_outputs if self.head.outputs == 1 else np.matmul(back, d_outputs)
        self.cell.backward(self.blocks, gradients, tape, dh)

    def answer(
        self, observation: Any, state: Any = None, episode_start: Any = None
    ) -> tuple[Array, Array | None]:
        """The head's finished outputs for a batch, and the new state.

        Args:
            observation: (games, inputs) numbers.
            state: What the last call returned, (games, state units), or None for none yet.
            episode_start: (games,) bool, whose memory is wiped first; None: nobody's.

        Returns:
            Outputs (outputs, games) and the state (None for a cell without memory).

        Raises:
            ValueError: Wrong shapes, or observations that are not finite.
        """
        observation = np.asarray(observation)
        if (
            observation.ndim != 2
            or observation.shape[1] != self.config.inputs
            or observation.dtype.kind not in "fiub"
        ):
            raise ValueError(
                f"observation must be numbers of shape (games, {self.config.inputs}), "
                f"got {observation.dtype} {observation.shape}"
            )
        if not (np.abs(observation) <= LARGEST).all():  # nor is it if it is not a number
            raise ValueError(f"observation must be finite numbers, of a size up to {LARGEST:g}")
        games = len(observation)
        if self._tape is None or self._tape.games != games:
            self._tape = Tape(self.cell, 1, games, self.dtype)
        tape = self._tape
        units = self.cell.state_units
        if state is None or not units:
            tape.forget()
        else:
            state = np.asarray(state)
            if state.shape != (games, units) or state.dtype.kind not in "fiub":
                raise ValueError(
                    f"state must be numbers of shape {(games, units)}, got {state.dtype} {state.shape}"
                )
            if not (np.abs(state) <= LARGEST).all():
                raise ValueError(f"state must be finite numbers, of a size up to {LARGEST:g}")
            if episode_start is not None:
                starts = np.asarray(episode_start, np.bool_)
                if starts.shape != (games,):
                    raise ValueError(f"episode_start must have shape {(games,)}, got {starts.shape}")
                if starts.any():
                    state = np.where(starts[:, None], 0, state)
            tape.go_on(state.T[: self.config.hidden], state.T[self.config.hidden :])
        outputs = np.empty((self.head.outputs, games), self.dtype)
        with OneThread(), np.errstate(over="ignore", invalid="ignore"):
            self.look(observation, tape, 0)
            self.think(tape, 0, outputs)
        if not units:
            return outputs, None
        # Transposed but not copied, so that it is back in the tape's order when it is given again.
        return outputs, np.concatenate([tape.h[0], tape.memory[1]]).T

    def predict(
        self,
        observation: Any,
        state: Any = None,
        episode_start: Any = None,
        deterministic: bool = True,
    ) -> tuple[Array, Array | None]:
        """Play: the protocol of Stable-Baselines3.

        Args:
            observation: (games, inputs), or (inputs,) for one game.
            state: See `answer`.
            episode_start: See `answer`.
            deterministic: False draws from the direction head's probabilities.

        Returns:
            Directions (games,) int64, or readings (games, 1) float32 when `continuous`; and the state.
            For one game without the first axis.

        Raises:
            ValueError: See `answer`.
        """
        observation = np.asarray(observation)
        outputs, state = self.answer(np.atleast_2d(observation), state, episode_start)
        action = self._action(outputs, deterministic)
        return (action[0] if observation.ndim == 1 else action), state

    def _action(self, outputs: Array, deterministic: bool) -> Array:
        if not deterministic and self.config.head == "direction":
            # The largest of logits plus Gumbel noise is a draw from their softmax.
            outputs = outputs + self._rng.gumbel(size=outputs.shape)
        if self.continuous:
            return self.head.reading(outputs).astype(np.float32)[:, None]
        return self.head.action(outputs)

    def check_fits(self, inputs: int, actions: int | None) -> None:
        """ValueError if the brain can't play where so much is observed and (unless None) can be done."""
        config = self.config
        if inputs != config.inputs or actions not in (None, config.actions):
            raise ValueError(
                f"the brain takes {config.inputs} numbers and knows {config.actions} actions, "
                f"the environment has {inputs} and {actions}"
            )

    def probabilities(self, observation: Any) -> Array:
        """The direction head's probabilities, (games, actions), where (games, inputs) is observed.

        What `predict` draws from with `deterministic=False`, at the first move of a game.

        Raises:
            ValueError: The head is another; see also `answer`.
        """
        if not isinstance(self.head, DirectionHead):
            raise ValueError(f"head must be 'direction' to have probabilities, got {self.config.head!r}")
        outputs, _ = self.answer(observation)
        return np.ascontiguousarray(self.head.probabilities(outputs.astype(np.float64)).T)

    # Keeping

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write weights and configuration to a safetensors file; OSError if that can't be done."""
        files.write(path, "brain", self.describe(), self.parameters)

    def describe(self) -> dict[str, Any]:
        """The configuration as plain values."""
        return {**asdict(self.config), "continuous": self.continuous}

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> Brain:
        """Read a brain that `save` wrote.

        Raises:
            BadFileError: The file is damaged or holds no brain.
            OSError: It can't be opened.
        """
        config, tensors = files.read(path, "brain")
        brain = cls.__new__(cls)
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
        return {"config": self.describe(), "flat": self.flat.copy(), "rng": self._rng}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self._build(BrainConfig(**state["config"]))
        self.flat[...] = state["flat"]
        self._rng = state["rng"]

    def __repr__(self) -> str:
        config = self.config
        return f"Brain({config.cell}, hidden={config.hidden}, head={config.head}, weights={self.flat.size})"
