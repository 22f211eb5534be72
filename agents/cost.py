"""What a configuration costs, in memory and in work, told before anything is made."""

from __future__ import annotations

import math

import numpy as np

from agents.brain import CELLS, BrainConfig

MAX_BYTES = 1 << 30  # for what is kept of the moves of a batch
MAX_WORK = 1 << 44  # units of about a multiplication, an update's or a certificate's: some hours
MAX_GAMES = 1 << 20  # side by side
MAX_TOGETHER = 1 << 15  # games of a population that are played at a time, but for a brain's own
WEIGHTS_A_UNIT = 8  # that a brain which only plays goes through in the time of a unit
VIEW_BYTES = 4_000  # of a step, for the views of its arrays, however few games there are
WORK_A_STEP = 100_000  # what a step costs, however few games there are
WORK_A_MOVE = 500  # what a move of a game costs beside the brain's multiplications


def check_training(
    brain: BrainConfig, num_envs: int, moves: int, bptt_steps: int | None = None, mixed: bool = False
) -> None:
    """See that a batch fits into memory and an update comes to an end.

    Args:
        brain: Who learns.
        num_envs: Games of a batch.
        moves: Moves of a game.
        bptt_steps: Moves whose arrays are kept; None: all.
        mixed: Whether labels are probabilities.

    Raises:
        ValueError: It takes more than `MAX_BYTES` or `MAX_WORK`.
    """
    steps = min(bptt_steps or moves, moves)
    cell = CELLS[brain.cell](brain.inputs, brain.hidden, brain.activation, brain.bias)
    units = sum(cell.scratch_rows().values()) + cell.cell_state_units
    rows = brain.inputs + brain.bias + 2 * brain.hidden + brain.actions + units
    a_move = rows * np.dtype(brain.dtype).itemsize + 8 * (3 + mixed * brain.actions)
    size = (steps + 1) * (num_envs * a_move + VIEW_BYTES) + 8 * moves // steps  # of views and of buffers
    if size > MAX_BYTES:
        raise ValueError(
            f"batch must be smaller: {num_envs:,} games of {moves:,} moves with {brain.hidden:,} hidden "
            f"units take {size / 2**30:.1f} GB at least, more than {MAX_BYTES / 2**30:.0f}"
        )
    if work(num_envs, moves, 3 * brain.weights) > MAX_WORK:
        raise ValueError(
            f"batch or max_steps must be smaller: an update from {num_envs:,} games of {moves:,} moves with "
            f"{brain.hidden:,} hidden units would take hours"
        )


def check_evaluation(starts: int, num_envs: int, moves: int, weights: int = 0) -> None:
    """See that a game from every start comes to an end; ValueError if it takes more than `MAX_WORK`.

    Args:
        starts: Games.
        num_envs: Games played at a time.
        moves: Moves of a game.
        weights: Of the brain that plays them.
    """
    if work(num_envs, moves, weights // WEIGHTS_A_UNIT) * math.ceil(starts / num_envs) > MAX_WORK:
        who = f", played with {weights:,} weights," if weights else ""
        raise ValueError(
            f"max_steps must be smaller: {starts:,} games of {moves:,} moves{who} would take hours"
        )


def check_evolution(brain: BrainConfig, population: int, games: int, moves: int) -> None:
    """See that a population fits into memory and a generation comes to an end.

    Args:
        brain: What is bred.
        population: Brains.
        games: That each plays a generation.
        moves: Moves of a game.

    Raises:
        ValueError: It takes more than `MAX_BYTES` or `MAX_WORK`, or one brain plays more than `MAX_GAMES`.
    """
    # Parents, children and noise in double precision; units of what plays at a time.
    size = population * brain.weights * (np.dtype(brain.dtype).itemsize + 5 * 8)
    size += max(games, MAX_TOGETHER) * (brain.inputs + 3 * brain.hidden) * np.dtype(brain.dtype).itemsize
    if size > MAX_BYTES or games > MAX_GAMES:
        raise ValueError(
            f"population, games_per_individual or hidden must be smaller: {population:,} brains of "
            f"{brain.weights:,} weights that play {games:,} games each take {size / 2**30:.1f} GB at least"
        )
    if work(population * games, moves, brain.weights) > MAX_WORK:
        raise ValueError(
            f"population, games_per_individual or max_steps must be smaller: {population * games:,} games of "
            f"{moves:,} moves a generation would take hours"
        )


def work(num_envs: int, moves: int, multiplications: int = 0) -> int:
    """What games played side by side take; `multiplications` of the brain a move."""
    return moves * (WORK_A_STEP + num_envs * (WORK_A_MOVE + multiplications))
