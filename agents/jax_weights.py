"""A brain's weights in JAX and back. Needs JAX: `pip install "catmouse-env[jax]"`.

    parameters = to_jax(brain)                      # a dict of arrays: a pytree to train with optax
    outputs, state = forward(brain.config, parameters, observations, state)
    from_jax(parameters, brain)                     # the weights back into the brain

The names and shapes are those of `brain.parameters`; a cell without a part has no such name:

| name | shape | in |
| --- | --- | --- |
| input_to_hidden | (inputs, units) | all but mlp2 |
| input_to_lower, lower_bias | (inputs, hidden), (hidden,) | mlp2 |
| lower_to_hidden | (hidden, hidden) | mlp2 |
| hidden_to_hidden | (hidden, units) | elman, gru, lstm |
| hidden_bias | (units,) | all |
| recurrent_bias | (hidden,) | gru: of n, inside the reset gate |
| hidden_to_output, output_bias | (hidden, outputs), (outputs,) | all |

`units` are the hidden units, of the gru three blocks of them (r, z, n), of the lstm four (i, f, g, o). The
state is the one that `brain.predict` carries: the hidden units, and behind them the lstm's c.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from agents.brain import Brain, BrainConfig

try:
    import jax
    import jax.numpy as jnp
except ImportError as error:
    raise ImportError('agents.jax_weights needs JAX: pip install "catmouse-env[jax]"') from error

Array = Any  # a jax.Array
Parameters = dict[str, Array]


def to_jax(brain: Brain) -> Parameters:
    """A copy of the brain's weights; float64 ones stay so only where JAX is set to it (`jax_enable_x64`)."""
    return {name: jnp.array(view) for name, view in brain.parameters.items()}


def from_jax(parameters: Parameters, brain: Brain) -> None:
    """Copy weights into a brain of the same cell and sizes.

    Raises:
        ValueError: They do not fit, or are not finite; the brain is as before.
    """
    if parameters.keys() != brain.parameters.keys():
        raise ValueError(
            f"parameters must be {', '.join(brain.parameters)}; got {', '.join(map(str, parameters))}"
        )
    arrays = {name: np.asarray(parameters[name]) for name in brain.parameters}
    for name, view in brain.parameters.items():
        if arrays[name].shape != view.shape:
            raise ValueError(f"parameters have {name} of shape {arrays[name].shape}, the brain {view.shape}")
        if not np.isfinite(arrays[name]).all():
            raise ValueError(f"parameters have numbers in {name} that are not finite")
    for name, view in brain.parameters.items():
        view[...] = arrays[name]


def initial_state(config: BrainConfig, shape: tuple[int, ...] = ()) -> Array:
    """The state at the first move, zeros of shape (..., state units); of a cell without state no units."""
    units = {"elman": 1, "gru": 1, "lstm": 2}.get(config.cell, 0) * config.hidden
    return jnp.zeros((*shape, units), config.dtype)


def forward(
    config: BrainConfig, parameters: Parameters, observation: Array, state: Array
) -> tuple[Array, Array]:
    """One move.

    Args:
        config: What the brain is made of.
        parameters: Its weights.
        observation: (..., inputs).
        state: (..., state units): what the last call returned, or `initial_state`.

    Returns:
        The head's outputs, (..., outputs): logits, or a compass reading; and the new state.
    """
    x = jnp.asarray(observation, config.dtype)
    h, state = _cell(config, parameters, 2 * x - 1 if config.centred else x, state)
    outputs = _affine(h, parameters["hidden_to_output"], parameters.get("output_bias"))
    return (jax.nn.sigmoid(outputs) if config.head == "compass" else outputs), state


def _cell(config: BrainConfig, parameters: Parameters, x: Array, state: Array) -> tuple[Array, Array]:
    """The hidden units and the state after a move."""
    activation = {"tanh": jnp.tanh, "sigmoid": jax.nn.sigmoid}[config.activation]
    bias = parameters.get("hidden_bias")
    if config.cell == "mlp2":
        lower = activation(_affine(x, parameters["input_to_lower"], parameters.get("lower_bias")))
        return activation(_affine(lower, parameters["lower_to_hidden"], bias)), state
    inward = _affine(x, parameters["input_to_hidden"], bias)
    if config.cell == "mlp":
        return activation(inward), state
    before = state[..., : config.hidden]
    recurrent = before @ parameters["hidden_to_hidden"]
    if config.cell == "elman":
        h = activation(inward + recurrent)
        return h, h
    if config.cell == "gru":
        r_x, z_x, n_x = jnp.split(inward, 3, -1)
        r_h, z_h, n_h = jnp.split(recurrent, 3, -1)
        n = jnp.tanh(n_x + jax.nn.sigmoid(r_x + r_h) * (n_h + parameters.get("recurrent_bias", 0)))
        h = n + jax.nn.sigmoid(z_x + z_h) * (before - n)
        return h, h
    i, f, g, o = jnp.split(inward + recurrent, 4, -1)
    c = jax.nn.sigmoid(f) * state[..., config.hidden :] + jax.nn.sigmoid(i) * jnp.tanh(g)
    h = jax.nn.sigmoid(o) * jnp.tanh(c)
    return h, jnp.concatenate([h, c], axis=-1)


def _affine(x: Array, weights: Array, bias: Array | None) -> Array:
    product = x @ weights
    return product if bias is None else product + bias
