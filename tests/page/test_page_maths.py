"""The page's networks compute what numpy computes: outputs, gradients, steps, games, certificates."""

import json

import numpy as np
import pytest

from agents import Brain
from agents.optimizers import OPTIMIZERS
from agents.runs.config import RunConfig
from agents.runs.run import Run
from catmouse_env import EnvConfig

CELLS = ("mlp", "mlp2", "elman", "gru", "lstm")
NETWORK = ("cell", "hidden", "head", "activation", "bias", "centred", "inputs", "actions")
STEPS, GAMES = 10, 7

FORWARD_AND_BACKWARD = """
const [config, weights, seen, labels, updates] = arguments, { Network, Trainer, lossGradient } = catmouse;
const network = Network.from(config, weights), buffer = network.buffer(seen.length, labels[0].length);
const outputs = seen.map((rows, t) => {
  network.encode(rows.flat(), buffer, t);
  return Array.from(network.forward(buffer, t));
});
const readings = catmouse.games.view.readings;
buffer.outputs.forEach((out, t) => lossGradient(network, out, labels[t].length, labels[t], readings));
const gradient = new Float32Array(weights.length);
network.backward(buffer, buffer.outputs, gradient);
const after = {};
for (const optimizer of ["sgd", "adam", "muon"]) {
  const learner = Network.from(config, weights);
  const recipe = { batch: 1, optimizer, recurrent_rate: 0.3, games: 1 };
  const trainer = new Trainer(catmouse.games.view, learner, recipe, catmouse.data.constants, null, null);
  for (let i = 0; i < updates; i++) trainer.optimiser.update(learner.flat, gradient, 0.05);
  after[optimizer] = Array.from(learner.flat);
}
return JSON.stringify({ outputs, gradient: Array.from(gradient), after });
"""

EVERY_START = """
const [config, weights, name] = arguments, { Network, Player, games } = catmouse, game = games[name];
const network = Network.from(config, weights, config.head === "compass" ? Float64Array : Float32Array);
const n = game.starts.length, player = new Player(network, n), all = [];
const states = Int32Array.from(game.starts);
for (let t = 0; t < game.max_steps; t++) {
  const outputs = Array.from(player.step(game.observe(states, t, new Float64Array(n * 4))));
  all.push({ outputs, states: Array.from(states) });
  for (let i = 0; i < n; i++) {
    let best = 0;
    for (let a = 1; a < 4; a++) if (outputs[a * n + i] > outputs[best * n + i]) best = a;
    if (config.head === "compass") best = Math.min(Math.floor(4 * outputs[i]), 3);
    states[i] = game.after(states[i], best);
  }
}
return JSON.stringify(all);
"""


def told(brain):
    return {name: getattr(brain.config, name) for name in NETWORK}


@pytest.mark.parametrize("head", ["direction", "compass"])
@pytest.mark.parametrize("cell", CELLS)
def test_outputs_gradients_and_steps_are_numpys(calculator, cell, head):
    brain = Brain(cell=cell, hidden=12, head=head)
    rng = np.random.default_rng(0)
    brain.flat[...] = rng.standard_normal(brain.flat.size) / 2
    buffer = brain.make_buffer(STEPS, GAMES)
    seen, labels = rng.random((STEPS, GAMES, 4)), rng.integers(0, 4, (STEPS, GAMES))
    outputs = []
    for t in range(STEPS):
        brain.encode(seen[t], buffer, t)
        outputs.append(brain.forward(buffer, t).ravel().tolist())
    buffer.labels.action[...], buffer.labels.reading[...] = labels, (labels + 0.5) / 4
    gradient = np.empty_like(brain.flat)
    brain.backward(buffer, brain.head.loss_gradient(buffer.outputs, buffer.labels) / GAMES, gradient)

    result = json.loads(
        calculator.run(
            FORWARD_AND_BACKWARD, told(brain), brain.flat.tolist(), seen.tolist(), labels.tolist(), 3
        )
    )
    np.testing.assert_allclose(result["outputs"], outputs, rtol=0, atol=1e-5)
    np.testing.assert_allclose(result["gradient"], gradient, rtol=0, atol=1e-5)
    shapes = list(brain.config.shapes().values())
    for name, kind in OPTIMIZERS.items():
        weights = brain.flat.copy()
        optimizer = kind(weights.size, brain.dtype, shapes, brain.step_rates(0.3))
        for _ in range(3):
            optimizer.update(weights, gradient, 0.05)
        np.testing.assert_allclose(result["after"][name], weights, rtol=0, atol=1e-4, err_msg=name)


@pytest.mark.parametrize("game", ["view", "memory"])
@pytest.mark.parametrize("cell", ["mlp", "elman", "gru", "lstm"])
def test_every_position_of_every_start_is_decided_alike(calculator, cell, game):
    """By a brain that has learned enough to be sure and to err."""
    config = RunConfig(env_id="CatMouse-v0" if game == "view" else "CatMouseMemory-v0", cell=cell, games=8192)
    run = Run(config)
    while run.trainer.games_played < 8192:
        run.trainer.update()
    compare_games(calculator, run.brain, game)


def test_every_position_of_the_originals_brain_is_decided_alike(calculator):
    brain = Brain(
        cell="elman",
        hidden=16,
        head="compass",
        activation="sigmoid",
        bias=False,
        centred=False,
        dtype="float64",
    )
    brain.flat[...] = np.random.default_rng(0).uniform(-3, 3, brain.flat.size)
    compare_games(calculator, brain, "view")


def compare_games(calculator, brain, game):
    moves = json.loads(calculator.run(EVERY_START, told(brain), brain.flat.tolist(), game))
    config = EnvConfig(cat_visible_moves=None if game == "view" else 1)
    states, state = config.dynamics.start_states, None
    for t, move in enumerate(moves):
        assert move["states"] == states.tolist(), f"another decision was made before move {t}"
        outputs, state = brain.step(config.dynamics.observe(states, t, config.view), state)
        np.testing.assert_allclose(np.reshape(move["outputs"], outputs.shape), outputs, rtol=0, atol=1e-5)
        states, _, _ = config.dynamics.transition(states, brain.head.action(outputs))


def test_the_certificates_of_the_shipped_brains_are_their_runs(calculator):
    names = [
        brain["name"] for brain in calculator.run("return catmouse.data.brains.map(({ name }) => ({ name }))")
    ]
    assert names == ["view", "chase", "memory"]
    for number, name in enumerate(names):
        shipped, computed = calculator.run(
            """const { game, network, certificate } = catmouse.brains[arguments[0]];
            const { byStart, ...computed } = catmouse.certify(game, network);
            return [certificate, computed];""",
            number,
        )
        assert computed == {field: shipped[field] for field in computed}, name
        assert computed["mistakes"] == 0


def test_the_random_stream_is_numpys(calculator):
    stream = np.random.RandomState(7)
    expected = [stream.random_sample(3).tolist(), stream.randint(0, 6, 1000).tolist()]
    script = """const stream = new catmouse.RandomStream(7);
        const draw = (length, one) => Array.from({ length }, one);
        return [draw(3, () => stream.uniform()), draw(1000, () => stream.below(6))];"""
    assert calculator.run(script) == expected
