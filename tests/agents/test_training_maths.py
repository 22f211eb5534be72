"""Fast training is plain training: gradients against finite differences, a plain loop and PyTorch."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from agents import Brain
from agents.cells import multiply, sum_over_steps
from agents.muon import Orthogonal
from agents.optimizers import OPTIMIZERS, Adam
from agents.rollout import Labels, RolloutBuffer
from agents.threads import OneThread, libraries

MOVES, GAMES, HIDDEN, INPUTS = 4, 3, 5, 4
KINDS = [
    (head, activation, bias)
    for head in ("compass", "direction")
    for activation in ("tanh", "sigmoid")
    for bias in (True, False)
]


def brain_of(head: str, activation: str, bias: bool, **options: Any) -> Brain:
    config = {"hidden": HIDDEN, "dtype": "float64", "seed": 3, **options}
    brain = Brain(head=head, activation=activation, bias=bias, **config)
    brain.flat[...] = np.random.default_rng(5).normal(size=brain.flat.size) * 0.7
    return brain


def inputs_and_labels() -> tuple[Any, Labels]:
    rng = np.random.default_rng(7)
    labels = Labels(MOVES, GAMES)
    labels.action[...] = rng.integers(0, 4, (MOVES, GAMES))
    labels.reading[...] = (labels.action + 0.5) / 4
    return rng.random((MOVES, GAMES, INPUTS)), labels


def play(brain: Brain, observations: Any) -> tuple[RolloutBuffer, Any]:
    """The rollout of the trainer, with observations that are given."""
    buffer = brain.make_buffer(MOVES, GAMES)
    for t in range(MOVES):
        brain.encode(observations[t], buffer, t)
        brain.forward(buffer, t)
    return buffer, buffer.outputs


def fast_gradient(brain: Brain, observations: Any, labels: Labels) -> Any:
    buffer, outputs = play(brain, observations)
    gradient = np.empty_like(brain.flat)
    brain.backward(buffer, brain.head.loss_gradient(outputs, labels), gradient)
    return gradient


def plain_loss(brain: Brain, observations: Any, labels: Labels) -> tuple[float, dict[str, Any]]:
    """Loss and gradient by the textbook: one game at a time, one move at a time, vectors and loops."""
    config, weights = brain.config, brain.parameters
    activation = np.tanh if config.activation == "tanh" else lambda a: 1 / (1 + np.exp(-a))
    loss, gradient = 0.0, {name: np.zeros_like(value) for name, value in weights.items()}
    for game in range(GAMES):
        hiddens, inputs, errors = [np.zeros(config.hidden)], [], []
        for t in range(MOVES):
            x = observations[t, game] * 2 - 1 if config.centred else observations[t, game]
            a = x @ weights["input_to_hidden"] + hiddens[-1] @ weights["hidden_to_hidden"]
            a = a + weights.get("hidden_bias", 0)
            h = activation(a)
            y = h @ weights["hidden_to_output"] + weights.get("output_bias", 0)
            if config.head == "direction":
                odds = np.exp(y)
                error = odds / odds.sum()
                loss -= np.log(error[labels.action[t, game]])
                error[labels.action[t, game]] -= 1
            else:
                y = 1 / (1 + np.exp(-y))
                loss += float((y[0] - labels.reading[t, game]) ** 2 / 2)
                error = (y - labels.reading[t, game]) * y * (1 - y)
            inputs.append(x)
            hiddens.append(h)
            errors.append(error)
        later = np.zeros(config.hidden)
        for t in reversed(range(MOVES)):
            h, before = hiddens[t + 1], hiddens[t]
            slope = 1 - h**2 if config.activation == "tanh" else h * (1 - h)
            da = (weights["hidden_to_output"] @ errors[t] + later) * slope
            later = weights["hidden_to_hidden"] @ da
            parts = {
                "input_to_hidden": np.outer(inputs[t], da),
                "hidden_to_hidden": np.outer(before, da),
                "hidden_to_output": np.outer(h, errors[t]),
                "hidden_bias": da,
                "output_bias": errors[t],
            }
            for name in gradient:
                gradient[name] += parts[name]
    return loss, gradient


@pytest.mark.parametrize(("head", "activation", "bias"), KINDS)
@pytest.mark.parametrize("centred", [True, False])
def test_gradient_is_that_of_plain_loops(head: str, activation: str, bias: bool, centred: bool) -> None:
    brain = brain_of(head, activation, bias, centred=centred)
    observations, labels = inputs_and_labels()
    loss, plain = plain_loss(brain, observations, labels)
    fast = brain.named(brain.split(fast_gradient(brain, observations, labels)))
    assert set(plain) == set(fast)
    for name, value in plain.items():
        np.testing.assert_allclose(fast[name], value, rtol=1e-10, atol=1e-12, err_msg=name)
    _, outputs = play(brain, observations)
    assert brain.head.loss(outputs, labels).sum() == pytest.approx(loss, rel=1e-12)


@pytest.mark.parametrize(("head", "activation", "bias"), KINDS)
@pytest.mark.parametrize("cell", ["elman", "mlp"])
def test_gradient_is_that_of_finite_differences(head: str, activation: str, bias: bool, cell: str) -> None:
    brain = brain_of(head, activation, bias, cell=cell)
    observations, labels = inputs_and_labels()
    gradient = fast_gradient(brain, observations, labels)
    step = 1e-6
    for weight in range(brain.flat.size):
        losses = []
        for change in (step, -2 * step):
            brain.flat[weight] += change
            _, outputs = play(brain, observations)
            losses.append(brain.head.loss(outputs, labels).sum())
        brain.flat[weight] += step
        assert gradient[weight] == pytest.approx((losses[0] - losses[1]) / (2 * step), rel=1e-5, abs=1e-8)


@pytest.mark.parametrize("head", ["direction", "compass"])
def test_gradient_is_that_of_pytorch(head: str) -> None:
    torch = pytest.importorskip("torch")
    brain = brain_of(head, "tanh", True)
    observations, labels = inputs_and_labels()
    fast = brain.named(brain.split(fast_gradient(brain, observations, labels)))
    weights = {
        name: torch.tensor(value.copy(), requires_grad=True) for name, value in brain.parameters.items()
    }
    h, loss = torch.zeros(GAMES, HIDDEN, dtype=torch.float64), torch.zeros((), dtype=torch.float64)
    for t in range(MOVES):
        x = torch.tensor(observations[t] * 2 - 1)
        a = x @ weights["input_to_hidden"] + h @ weights["hidden_to_hidden"]
        h = torch.tanh(a + weights["hidden_bias"])
        y = h @ weights["hidden_to_output"] + weights["output_bias"]
        if head == "direction":
            loss = loss + torch.nn.functional.cross_entropy(
                y, torch.tensor(labels.action[t]), reduction="sum"
            )
        else:
            loss = loss + ((torch.sigmoid(y[:, 0]) - torch.tensor(labels.reading[t])) ** 2).sum() / 2
    loss.backward()
    for name, value in fast.items():
        np.testing.assert_allclose(value, weights[name].grad.numpy(), rtol=1e-10, atol=1e-12, err_msg=name)


def test_a_game_that_goes_on_remembers_in_its_gradient() -> None:
    """The short cut for the first move of new games must not be taken for games that go on."""
    brain = brain_of("direction", "tanh", True)
    observations, labels = inputs_and_labels()
    memory = np.random.default_rng(1).normal(size=(HIDDEN, GAMES))

    def loss_and_buffer() -> tuple[float, RolloutBuffer]:
        buffer = brain.make_buffer(MOVES, GAMES)
        buffer.set_state(memory, buffer.cell_state[0])
        for t in range(MOVES):
            brain.encode(observations[t], buffer, t)
            brain.forward(buffer, t)
        return float(brain.head.loss(buffer.outputs, labels).sum()), buffer

    _, buffer = loss_and_buffer()
    gradient = np.empty_like(brain.flat)
    brain.backward(buffer, brain.head.loss_gradient(buffer.outputs, labels), gradient)
    for weight in range(0, brain.flat.size, 7):
        brain.flat[weight] += 1e-6
        high = loss_and_buffer()[0]
        brain.flat[weight] -= 2e-6
        low = loss_and_buffer()[0]
        brain.flat[weight] += 1e-6
        assert gradient[weight] == pytest.approx((high - low) / 2e-6, rel=1e-5, abs=1e-8)


@pytest.mark.parametrize(("units", "features"), [(5, 7), (48, 7), (130, 7), (48, 53), (256, 69), (130, 69)])
@pytest.mark.parametrize("games", [1, 2, 64, 129])
def test_sums_over_moves_are_what_they_say_at_every_size(units: int, features: int, games: int) -> None:
    rng = np.random.default_rng(0)
    da, inputs = rng.normal(size=(MOVES, units, games)), rng.normal(size=(MOVES, features, games))
    both = np.empty((units, features + 2))
    part = both[:, 1 : features + 1]  # of a larger matrix, as in cells
    sum_over_steps(da, inputs, part)
    np.testing.assert_allclose(part, np.einsum("tug,tfg->uf", da, inputs), rtol=1e-10, atol=1e-10)


@pytest.mark.parametrize("shape", [(5, 7, 3), (192, 69, 64), (256, 69, 64), (257, 69, 64)])
def test_products_in_halves_are_products(shape: tuple[int, int, int]) -> None:
    rows, columns, games = shape
    rng = np.random.default_rng(0)
    matrix, array = rng.normal(size=(rows, columns)), rng.normal(size=(columns, games))
    out = np.full((rows, games), np.nan)
    assert multiply(matrix, array, out) is out
    np.testing.assert_allclose(out, matrix @ array, rtol=1e-10, atol=1e-10)


def test_adam_is_the_papers() -> None:
    rng = np.random.default_rng(0)
    weights = rng.normal(size=20)
    plain, mean, square = weights.copy(), np.zeros(20), np.zeros(20)
    adam = Adam(20, np.float64)
    for step in range(1, 30):
        gradient = rng.normal(size=20)
        adam.update(weights, gradient, 0.01)
        mean = 0.9 * mean + 0.1 * gradient
        square = 0.99 * square + 0.01 * gradient**2
        plain -= 0.01 * mean / (1 - 0.9**step) / (np.sqrt(square / (1 - 0.99**step)) + 1e-8)
        np.testing.assert_allclose(weights, plain, rtol=1e-9)


@pytest.mark.parametrize("shape", [(6, 11), (11, 6), (1, 9), (5, 1)])
def test_muon_steps_along_the_nearest_orthogonal_matrix(shape: tuple[int, int]) -> None:
    matrix = np.random.default_rng(2).normal(size=shape)
    step = Orthogonal(*shape, np.float64).step(matrix.ravel(), 1.0).reshape(shape)
    left, _, right = np.linalg.svd(matrix, full_matrices=False)
    ours = np.linalg.svd(step, compute_uv=False) / np.sqrt(max(shape))
    assert ours.min() > 0.3
    assert ours.max() < 1.3
    inside = left.T @ step @ right.T / np.sqrt(max(shape))  # diagonal, for the directions stay what they were
    np.testing.assert_allclose(inside, np.diag(np.diag(inside)), atol=1e-9)


def test_muon_makes_no_step_along_nothing() -> None:
    assert not Orthogonal(3, 4, np.float32).step(np.zeros(12, np.float32), 1.0).any()


def test_one_thread_while_it_lasts_and_as_before_afterwards() -> None:
    before = [library.get_num_threads() for library in libraries()]
    with OneThread():
        assert all(library.get_num_threads() == 1 for library in libraries())
    assert [library.get_num_threads() for library in libraries()] == before


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
@pytest.mark.parametrize("cell", ["elman", "gru", "lstm"])
def test_steps_of_recurrent_weights_are_the_part_that_was_asked_for(optimizer: str, cell: str) -> None:
    brain = Brain(cell=cell, hidden=6, dtype="float64")
    shapes = list(brain.config.shapes().values())
    gradient = np.random.default_rng(3).normal(size=brain.flat.size)
    steps = []
    for recurrent in (1.0, 0.1):
        rates = brain.step_rates(recurrent)
        assert (rates is None) == (recurrent == 1.0)
        optimiser = OPTIMIZERS[optimizer](brain.flat.size, brain.dtype, shapes, rates)
        weights = np.zeros_like(brain.flat)
        for _ in range(3):
            optimiser.update(weights, gradient, 0.01)
        steps.append(brain.named(brain.split(weights)))
    for name, whole in steps[0].items():
        assert whole.any()
        part = 0.1 if name == "hidden_to_hidden" else 1.0
        np.testing.assert_allclose(steps[1][name], part * whole, rtol=1e-12)


@pytest.mark.parametrize("cell", ["mlp", "mlp2"])
def test_a_cell_without_recurrent_weights_steps_as_ever(cell: str) -> None:
    assert Brain(cell=cell, hidden=6).step_rates(0.1) is None


@pytest.mark.parametrize("cell", ["mlp", "mlp2", "elman", "gru", "lstm"])
def test_input_gain_scales_the_first_input_weights_alone(cell: str) -> None:
    plain, scaled = (Brain(cell=cell, hidden=6, dtype="float64", input_gain=gain) for gain in (1.0, 2.5))
    for name, weights in plain.parameters.items():
        part = 2.5 if name.startswith("input_to_") else 1.0
        np.testing.assert_array_equal(scaled.parameters[name], part * weights)
