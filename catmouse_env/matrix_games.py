"""Zero-sum matrix games, many at once: saddle points by look, the others by one linear program.

A game is a matrix of what the row player wins. Its value and both players' best mixes are those of von
Neumann's minimax theorem (1928).
"""

from __future__ import annotations

from typing import Any

import numpy as np
from gymnasium.error import DependencyNotInstalled
from numpy.typing import NDArray

from catmouse_env.extras import install_command

SADDLE = 1e-11  # pure strategies closer than this are equally good: rounding, nothing else
GAMES_A_PROGRAM = 512  # larger programs gain no speed and cost memory


def solve(
    payoffs: NDArray[np.float64],
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """The values of zero-sum matrix games and an optimal mix of either player.

    Where a game has a saddle point, the mix is even over all pure strategies that are optimal.

    Args:
        payoffs: What the row player wins, (games, rows, columns).

    Returns:
        Values (games,), row player's mixes (games, rows), column player's mixes (games, columns).

    Raises:
        DependencyNotInstalled: A game has no saddle point and scipy is missing.
        RuntimeError: The solver of linear programs gives up.
    """
    worst = payoffs.min(axis=2)  # (games, rows)
    best = payoffs.max(axis=1)  # (games, columns)
    values = worst.max(axis=1)
    ceilings = best.min(axis=1)
    rows = _even(worst >= values[:, None] - SADDLE)
    columns = _even(best <= ceilings[:, None] + SADDLE)
    mixed = np.flatnonzero(ceilings - values > SADDLE)
    for first in range(0, len(mixed), GAMES_A_PROGRAM):
        some = mixed[first : first + GAMES_A_PROGRAM]
        rows[some], columns[some] = _linear_program(payoffs[some])
        values[some] = np.einsum("gr,gc,grc->g", rows[some], columns[some], payoffs[some])
    return values, rows, columns


def _even(chosen: NDArray[np.bool_]) -> NDArray[np.float64]:
    return np.asarray(chosen / chosen.sum(axis=1, keepdims=True))


def _linear_program(payoffs: NDArray[Any]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Optimal mixes of all games by one block-diagonal program: its duals are the columns' mixes.

    Maximise the sum of the games' values v, with each game's mix x of rows such that every column pays
    it v at least.
    """
    try:
        from scipy import sparse
        from scipy.optimize import linprog
    except ImportError as error:
        raise DependencyNotInstalled(
            f"scipy is needed for mixed strategies: {install_command('duel')}"
        ) from error
    games, rows, columns = payoffs.shape
    # Variables: all x (games * rows), then all v (games).
    blocks = -payoffs.transpose(0, 2, 1), np.arange(games), np.arange(games + 1)
    win = sparse.bsr_matrix(blocks).tocsr()
    win.eliminate_zeros()
    value = sparse.kron(sparse.eye(games), np.ones((columns, 1)))
    total = sparse.kron(sparse.eye(games), np.ones((1, rows)))
    result = linprog(
        np.repeat([0.0, -1.0], [games * rows, games]),
        A_ub=sparse.hstack([win, value]).tocsr(),
        b_ub=np.zeros(games * columns),
        A_eq=sparse.hstack([total, sparse.csr_matrix((games, games))]).tocsr(),
        b_eq=np.ones(games),
        bounds=[(0, None)] * (games * rows) + [(None, None)] * games,
        method="highs-ds",
    )
    if result.status != 0:
        raise RuntimeError(f"the linear program was not solved: {result.message}")
    return (
        _proper(result.x[: games * rows].reshape(games, rows)),
        _proper(-result.ineqlin.marginals.reshape(games, columns)),
    )


def _proper(mix: NDArray[Any]) -> NDArray[np.float64]:
    """Mixes without the solver's rounding: none negative, each summing to 1."""
    mix = np.maximum(mix, 0.0)
    return np.asarray(mix / mix.sum(axis=1, keepdims=True))
