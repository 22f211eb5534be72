"""A brain and its PyTorch twin: same outputs, same gradients, weights that go over and back."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import numpy as np
import pytest
from test_gated_cells import KINDS, Game

from agents import Brain

TOLERANCE = {"float32": 1e-5, "float64": 1e-10}


def twin_of(brain: Brain) -> Any:
    pytest.importorskip("torch")
    from agents.torch_weights import to_torch

    return to_torch(brain)


@pytest.mark.parametrize("dtype", TOLERANCE)
@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize(("cell", "head"), KINDS)
def test_outputs_and_gradients_agree_with_pytorch(cell: str, head: str, bias: bool, dtype: str) -> None:
    torch = pytest.importorskip("torch")
    from agents.torch_weights import from_torch

    game = Game(cell=cell, head=head, bias=bias, dtype=dtype, hidden=7, moves=9, games=4)
    twin, labels = twin_of(game.brain), game.labels
    outputs, _ = twin(torch.from_numpy(game.observations.transpose(1, 0, 2)))  # (games, moves, outputs)
    if head == "compass":
        ideal = torch.from_numpy(labels.reading.T).to(outputs.dtype)
        loss = ((outputs[..., 0] - ideal) ** 2).sum() / 2
    else:
        ideal = torch.from_numpy(labels.action.T.astype(np.int64)).flatten()
        loss = torch.nn.functional.cross_entropy(outputs.flatten(0, 1), ideal, reduction="sum")
    loss.backward()

    tolerance = TOLERANCE[dtype]
    gradient = game.gradient()
    np.testing.assert_allclose(
        game.outputs.transpose(2, 0, 1), outputs.detach().numpy(), rtol=tolerance, atol=tolerance
    )
    # PyTorch's two biases have the same gradient, and the way back adds them: only one may count.
    with torch.no_grad():
        for name, parameter in twin.named_parameters():
            parameter.copy_(parameter.grad)
            if name == "inner.bias_hh_l0":
                parameter[: -7 if cell == "gru" else None] = 0  # but n's is a parameter of its own
    theirs = Brain(cell=cell, head=head, bias=bias, dtype=dtype, hidden=7)
    from_torch(twin, theirs)
    scale = np.abs(theirs.flat).max()
    np.testing.assert_allclose(gradient, theirs.flat, rtol=tolerance, atol=tolerance * scale)


@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize(("cell", "head"), KINDS)
def test_weights_that_went_over_come_back_unchanged(cell: str, head: str, bias: bool) -> None:
    pytest.importorskip("torch")
    from agents.torch_weights import from_torch

    brain = Game(cell=cell, head=head, bias=bias, seed=4).brain
    back = Brain(cell=cell, head=head, bias=bias, hidden=5)
    from_torch(twin_of(brain), back)
    np.testing.assert_array_equal(back.flat, brain.flat)


@pytest.mark.parametrize("cell", ["elman", "gru", "lstm"])
def test_a_module_with_two_biases_of_its_own_comes_back_playing_the_same(cell: str) -> None:
    torch = pytest.importorskip("torch")
    from agents.torch_weights import from_torch

    brain = Brain(cell=cell, hidden=6, dtype="float64")
    module = twin_of(brain)
    torch.manual_seed(3)
    with torch.no_grad():
        for parameter in module.parameters():
            parameter.normal_()
    from_torch(module, brain)
    seen = np.random.default_rng(0).random((3, 7, 4))
    theirs, _ = module(torch.from_numpy(seen))
    state = None
    for t in range(7):
        ours, state = brain.step(seen[:, t], state)
        np.testing.assert_allclose(ours.T, theirs[:, t].detach().numpy(), rtol=1e-10, atol=1e-10)


def test_what_does_not_fit_is_refused_and_the_brain_left_alone() -> None:
    torch = pytest.importorskip("torch")
    from agents.torch_weights import from_torch

    brain = Brain(cell="gru", hidden=6)
    before = brain.flat.copy()
    broken = twin_of(brain)
    with torch.no_grad():
        broken.outer.bias[0] = float("nan")
    for module in (
        twin_of(Brain(cell="gru", hidden=5)),
        twin_of(Brain(cell="lstm", hidden=6)),
        twin_of(Brain(cell="mlp", hidden=6)),
        torch.nn.Linear(4, 4),
        broken,
    ):
        with pytest.raises(ValueError, match="module"):
            from_torch(module, brain)
    with pytest.raises(ValueError, match="module has biases"):
        from_torch(twin_of(brain), Brain(cell="gru", hidden=6, bias=False))
    np.testing.assert_array_equal(brain.flat, before)
    with pytest.raises(ValueError, match="activation"):
        twin_of(Brain(activation="sigmoid"))


def test_without_pytorch_one_line_says_what_to_install() -> None:
    code = "import sys; sys.modules['torch'] = None; import agents.torch_weights"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert "ImportError: agents.torch_weights needs PyTorch: pip install torch==" in done.stderr
