"""The least time that an update can take here: its operations, at the best rates that this machine shows.

Rates are the best of all libraries installed, in the shape that suits each: single-precision matrix products,
tanh and exp of numbers in the cache, copies in the cache. Products and functions keep the same vector units
busy, so their times add up; memory works beside them, so the longer of the two counts. Counted is what nobody
can do without: no look-ups of the environment, no loss, no Python, no passing array that is written and read.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from benchmarks.timing import cpu_seconds, installed

SIDES = (256, 512, 1024)  # of square matrices
SIZES = (8_192, 65_536)  # numbers of an array
REPEATS, LONG = 5, 0.003  # measurements of each, and seconds of one at the least
ROUNDS = 50  # in one call of compiled code, which takes long to call

GATES = {"mlp": 1, "elman": 1, "gru": 3, "lstm": 4}
FUNCTIONS = {"mlp": 1, "elman": 1, "gru": 3, "lstm": 5}  # a unit and move; the LSTM's cell state has one, too
SINGLE = {"mlp": 3, "elman": 4, "gru": 20, "lstm": 24}  # sums and products a unit and move, there and back
ADAM = 12  # the same a weight
BYTES = 4

Work = tuple[Callable[[], Any], float]  # what to call, and how much of something a call does


@dataclass
class Rates:
    """What this machine has reached at best, in billions a second.

    Attributes:
        products: Sums and products in matrix products.
        functions: Values of tanh or exp.
        bytes: Bytes read or written.
    """

    products: float = 0.0
    functions: float = 0.0
    bytes: float = 0.0

    def measure(self) -> None:
        """Measure once more; the best so far counts."""
        self.products = max(self.products, *map(best, products()))
        self.functions = max(self.functions, *map(best, functions()))
        self.bytes = max(self.bytes, *map(best, copies()))


def best(work: Work) -> float:
    """The best rate of some measurements, in billions a second."""
    call, amount = work
    call()
    times = max(1, round(LONG / max(cpu_seconds(call, 1), 1e-7)))
    return amount / min(cpu_seconds(call, times) for _ in range(REPEATS)) / 1e9


def products() -> Iterator[Work]:
    """Square matrix products in every library."""
    for side in SIDES:
        amount = 2 * side**3
        a, b = np.ones((2, side, side), np.float32)
        yield partial(np.matmul, a, b, np.empty_like(a)), amount
        if installed("torch"):
            import torch

            yield partial(torch.mm, torch.ones(side, side), torch.ones(side, side)), amount
        if installed("jax"):
            import jax

            yield compiled(jax.numpy.matmul, a, b), amount


def functions() -> Iterator[Work]:
    """tanh and exp in every library."""
    for size in SIZES:
        x = np.linspace(-1, 1, size, dtype=np.float32)
        for name in ("tanh", "exp"):
            yield partial(getattr(np, name), x, np.empty_like(x)), size
            if installed("torch"):
                import torch

                yield partial(getattr(torch, name), torch.tensor(x), out=torch.empty(size)), size
            if installed("jax"):
                yield compiled(partial(many_times, name), x), ROUNDS * size


def many_times(name: str, x: Any) -> Any:
    """A function of jax.numpy, of what it gave, and so on, in one compiled loop."""
    import jax

    function = getattr(jax.numpy, name)
    return jax.lax.fori_loop(0, ROUNDS, lambda _, y: function(-y), x)


def compiled(function: Callable[..., Any], *arguments: Any) -> Callable[[], Any]:
    """A call of a function that JAX has compiled, and waits for."""
    import jax

    ready, there = jax.jit(function), [jax.numpy.asarray(one) for one in arguments]
    return lambda: ready(*there).block_until_ready()


def copies() -> Iterator[Work]:
    """Copies of arrays: what is read and what is written."""
    for size in SIZES:
        x = np.ones(size, np.float32)
        yield partial(np.copyto, np.empty_like(x), x), 2 * BYTES * size


@dataclass(frozen=True)
class Operations:
    """What an update can't do without.

    Attributes:
        products: Sums and products, those of matrix products and single ones.
        functions: Values of tanh and exp.
        bytes: Read or written.
    """

    products: int
    functions: int
    bytes: int

    @classmethod
    def of(cls, cell: str, hidden: int, games: int, moves: int, inputs: int, outputs: int) -> Operations:
        """Count those of one update: all moves of all games, their gradients, a step of Adam.

        A move multiplies [inputs; 1; hidden units] by the gates' matrix and [1; hidden units] by the head's.
        The first move has no hidden units yet, and none before it to send a gradient to.
        """
        units, recurrent = GATES[cell] * hidden, cell != "mlp"
        inward = units * (inputs + 1) * moves
        onward = units * hidden * (moves - 1) * recurrent
        head = outputs * (hidden + 1) * moves
        back = onward + outputs * hidden * moves
        multiplied = games * (2 * (inward + onward + head) + back)  # forward and for the weights' gradient
        weights = units * (inputs + 1 + hidden * recurrent) + outputs * (hidden + 1)
        single = games * moves * hidden * SINGLE[cell] + ADAM * weights
        kept = games * moves * hidden  # written on the way forward, read on the way back
        return cls(
            products=2 * multiplied + single,
            functions=games * moves * (hidden * FUNCTIONS[cell] + outputs),
            bytes=BYTES * 2 * (kept + 4 * weights),  # weights, their gradient and Adam's two means
        )

    def seconds(self, rates: Rates) -> float:
        """The least time that all this takes."""
        busy = self.products / rates.products + self.functions / rates.functions
        return max(busy, self.bytes / rates.bytes) / 1e9
