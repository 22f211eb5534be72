"""A brain's weights in PyTorch and back. Needs PyTorch: `pip install torch==2.13.0`.

    module = to_torch(brain)             # a torch.nn.Module that answers as the brain does
    outputs, state = module(observations)    # (games, moves, inputs) -> (games, moves, outputs)
    from_torch(module, brain)            # after training it there: the weights back into the brain

The module has two parts, `inner` (`nn.Linear`, `nn.RNN`, `nn.GRU` or `nn.LSTM`, by the brain's cell) and
`outer` (`nn.Linear`); that of an mlp2 has a third between them, `upper` (`nn.Linear`). Where each of the
brain's parameters goes, "T" for transposed:

| brain | PyTorch |
| --- | --- |
| input_to_hidden | T of inner.weight_ih_l0 (mlp: inner.weight) |
| input_to_lower, lower_bias (mlp2) | T of inner.weight, inner.bias |
| lower_to_hidden (mlp2) | T of upper.weight; its hidden_bias upper.bias |
| hidden_to_hidden | T of inner.weight_hh_l0 |
| hidden_bias | inner.bias_ih_l0 + inner.bias_hh_l0 (mlp: inner.bias); for n of the GRU, bias_ih_l0 alone |
| recurrent_bias (gru) | the last third, that of n, of inner.bias_hh_l0 |
| hidden_to_output, output_bias | T of outer.weight, outer.bias |

The gates stand in the same order on both sides: r, z, n in the GRU, i, f, g, o in the LSTM. PyTorch has two
biases where one would do; on the way there the second is 0, on the way back they are added.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from agents.brain import Brain

try:
    import torch
except ImportError as error:
    raise ImportError("agents.torch_weights needs PyTorch: pip install torch==2.13.0") from error

RECURRENT = {"elman": torch.nn.RNN, "gru": torch.nn.GRU, "lstm": torch.nn.LSTM}


class TorchBrain(torch.nn.Module):  # type: ignore[misc, unused-ignore]
    """A brain as a PyTorch module, with weights of its own; `to_torch` gives it the brain's.

    Args:
        brain: Whose cell, sizes and precision it takes.

    Raises:
        ValueError: An Elman brain with sigmoid: PyTorch's RNN knows tanh and relu only.
    """

    def __init__(self, brain: Brain) -> None:
        super().__init__()
        config = brain.config
        if config.cell == "elman" and config.activation != "tanh":
            raise ValueError(f"activation must be tanh for PyTorch's RNN, got {config.activation!r}")
        self.config = config
        kind = {"bias": config.bias, "dtype": getattr(torch, config.dtype)}
        self.inner: Any
        if config.cell in ("mlp", "mlp2"):
            self.inner = torch.nn.Linear(config.inputs, config.hidden, **kind)
            if config.cell == "mlp2":
                self.upper = torch.nn.Linear(config.hidden, config.hidden, **kind)
        else:
            self.inner = RECURRENT[config.cell](config.inputs, config.hidden, batch_first=True, **kind)
        self.outer = torch.nn.Linear(config.hidden, brain.head.outputs, **kind)

    def forward(self, observations: Any, state: Any = None) -> tuple[Any, Any]:
        """Play moves in a row.

        Args:
            observations: (games, moves, inputs).
            state: What the last call returned, or None at the start of the games.

        Returns:
            The head's outputs, (games, moves, outputs): logits, or a compass reading. And PyTorch's own
            hidden state; None for a cell without state.
        """
        x = observations * 2 - 1 if self.config.centred else observations
        activation = getattr(torch, self.config.activation)
        if self.config.cell == "mlp":
            h = activation(self.inner(x))
        elif self.config.cell == "mlp2":
            h = activation(self.upper(activation(self.inner(x))))
        else:
            h, state = self.inner(x, state)
        outputs = self.outer(h)
        return (torch.sigmoid(outputs) if self.config.head == "compass" else outputs), state


def to_torch(brain: Brain) -> TorchBrain:
    """The brain as a PyTorch module with a copy of its weights.

    Raises:
        ValueError: See `TorchBrain`.
    """
    module = TorchBrain(brain)
    with torch.no_grad():
        if brain.config.bias and hasattr(module.inner, "bias_hh_l0"):
            module.inner.bias_hh_l0.zero_()
        for name, tensor in _views(module, brain).items():
            if tensor is not None:  # there are biases
                tensor.copy_(torch.from_numpy(np.ascontiguousarray(brain.parameters[name])))
    return module


def from_torch(module: Any, brain: Brain) -> None:
    """Copy a module's weights into a brain of the same cell and sizes; the module may be any with the layout
    above, such as one from `to_torch` that was trained.

    Raises:
        ValueError: They do not fit, or are not finite; the brain is as before.
    """
    try:
        found = _views(module, brain)
        if brain.config.bias and hasattr(module.inner, "bias_hh_l0"):
            with torch.no_grad():
                second = module.inner.bias_hh_l0.clone()
                if "recurrent_bias" in found:
                    second[-brain.config.hidden :] = 0  # that of n is a parameter of its own
                found["hidden_bias"] = found["hidden_bias"] + second
        arrays = {name: found[name].detach().cpu().numpy() for name in brain.parameters}
    except AttributeError as error:
        raise ValueError(f"module is no {brain.config.cell} with the layout of to_torch: {error}") from error
    if not brain.config.bias and found["output_bias"] is not None:
        raise ValueError("module has biases, the brain none")
    for name, view in brain.parameters.items():
        if arrays[name].shape != view.shape:
            raise ValueError(f"module has {name} of shape {arrays[name].shape}, the brain {view.shape}")
        if not np.isfinite(arrays[name]).all():
            raise ValueError(f"module has numbers in {name} that are not finite")
    for name, view in brain.parameters.items():
        view[...] = arrays[name]


def _views(module: Any, brain: Brain) -> dict[str, Any]:
    """Views of the module's weights by the brain's names; its second biases only where they count alone."""
    inner, outer, cell = module.inner, module.outer, brain.config.cell
    views = {"hidden_to_output": outer.weight.T, "output_bias": outer.bias}
    if cell == "mlp2":
        views |= {"input_to_lower": inner.weight.T, "lower_bias": inner.bias}
        return {**views, "lower_to_hidden": module.upper.weight.T, "hidden_bias": module.upper.bias}
    if cell == "mlp":
        return {**views, "input_to_hidden": inner.weight.T, "hidden_bias": inner.bias}
    views |= {"input_to_hidden": inner.weight_ih_l0.T, "hidden_to_hidden": inner.weight_hh_l0.T}
    if brain.config.bias:
        views["hidden_bias"] = inner.bias_ih_l0
        if cell == "gru":
            views["recurrent_bias"] = inner.bias_hh_l0[-brain.config.hidden :]
    return views
