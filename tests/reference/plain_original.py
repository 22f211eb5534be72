"""Games per second of the original program's preset beside the same program written plainly.

The plain program stands below: one game at a time, lists of arrays, a Python loop over the moves, as the
article of 2016 has it. It shares no line with the packages, so tests compare the two as well.
"""

from __future__ import annotations

import argparse
import copy
import sys
import time
from collections.abc import Callable
from typing import Any

import numpy as np
from tqdm import tqdm

import catmouse_env  # noqa: F401  (registers the environments)
from agents.brain import Brain
from agents.original import PRESET
from agents.runs.config import RunConfig
from agents.runs.run import Run
from agents.threads import OneThread
from agents.trainer import SupervisedTrainer

SIDE = 6
MOVES = 10
RATE = 0.1
SEED = 0
UP, RIGHT, DOWN, LEFT = 0.125, 0.375, 0.625, 0.875
GAMES_AT_A_TIME = 50


def sigmoid(x: Any) -> Any:
    return 1 / (1 + np.exp(-x))


def slope(output: Any) -> Any:
    return output * (1 - output)


class PlainBrain:
    """The network: lists of what each move saw and gave, walked back at the end of the game."""

    def __init__(self, hidden: int) -> None:
        self.hidden = hidden
        self.from_input = 2 * np.random.random((4, hidden)) - 1  # noqa: NPY002
        self.to_output = 2 * np.random.random((hidden, 1)) - 1  # noqa: NPY002
        self.recurrent = 2 * np.random.random((hidden, hidden)) - 1  # noqa: NPY002
        self.from_input_update = np.zeros_like(self.from_input)
        self.to_output_update = np.zeros_like(self.to_output)
        self.recurrent_update = np.zeros_like(self.recurrent)
        self.smoothed: float | None = None

    def begin(self) -> None:
        self.inputs: list[Any] = []
        self.output_deltas: list[Any] = []
        self.hiddens = [np.zeros(self.hidden)]
        self.error = 0.0

    def answer(self, seen: Any) -> Any:
        self.inputs.append(seen)
        hidden = sigmoid(np.dot(seen, self.from_input) + np.dot(self.hiddens[-1], self.recurrent))
        self.hiddens.append(copy.deepcopy(hidden))
        return sigmoid(np.dot(hidden, self.to_output))

    def teach(self, output: Any, ideal: float) -> None:
        error = ideal - output
        self.output_deltas.append(error * slope(output))
        self.error += np.abs(error[0])

    def learn(self) -> None:
        later = np.zeros(self.hidden)
        for t in range(len(self.inputs)):
            seen, hidden, before = self.inputs[-t - 1], self.hiddens[-t - 1], self.hiddens[-t - 2]
            output_delta = self.output_deltas[-t - 1]
            delta = (later.dot(self.recurrent.T) + output_delta.dot(self.to_output.T)) * slope(hidden)
            self.to_output_update += np.atleast_2d(hidden).T.dot(np.atleast_2d(output_delta))
            self.recurrent_update += np.atleast_2d(before).T.dot(np.atleast_2d(delta))
            self.from_input_update += np.atleast_2d(seen).T.dot(np.atleast_2d(delta))
            later = delta
        self.from_input += self.from_input_update * RATE
        self.to_output += self.to_output_update * RATE
        self.recurrent += self.recurrent_update * RATE
        self.from_input_update *= 0
        self.to_output_update *= 0
        self.recurrent_update *= 0
        self.smoothed = self.error if self.smoothed is None else self.smoothed * 0.999 + self.error * 0.001


def ideal(cat_x: int, cat_y: int, mouse_x: int, mouse_y: int) -> float:
    """The article's teacher."""
    dx, dy = mouse_x - cat_x, mouse_y - cat_y
    if dy > abs(dx) and mouse_y < SIDE - 1:
        return UP
    if -dy > abs(dx) and mouse_y > 0:
        return DOWN
    if dx >= 0:
        if mouse_x == SIDE - 1 and dy > 0:
            return UP
        if mouse_x == SIDE - 1 and dy < 0:
            return DOWN
        return RIGHT
    if mouse_x == 0 and dy >= 0:
        return UP
    if mouse_x == 0:
        return DOWN
    return LEFT


def moved(reading: float, x: int, y: int) -> tuple[int, int]:
    if reading < 0.25:
        return x, min(y + 1, SIDE - 1)
    if reading < 0.5:
        return min(x + 1, SIDE - 1), y
    if reading < 0.75:
        return x, max(y - 1, 0)
    return max(x - 1, 0), y


class PlainProgram:
    """The whole program: a brain and its games, from numpy's global random stream."""

    def __init__(self, hidden: int, seed: int = SEED) -> None:
        np.random.seed(seed)  # noqa: NPY002
        self.brain = PlainBrain(hidden)

    def play(self) -> None:
        """One game, and what is learned from it."""
        cat_x, cat_y, mouse_x, mouse_y = (np.random.randint(SIDE) for _ in range(4))  # noqa: NPY002
        self.brain.begin()
        for _ in range(MOVES):
            output = self.brain.answer(np.array([cat_x, cat_y, mouse_x, mouse_y]) / (SIDE - 1))
            self.brain.teach(output, ideal(cat_x, cat_y, mouse_x, mouse_y))
            mouse_x, mouse_y = moved(output[0], mouse_x, mouse_y)
        self.brain.learn()


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.ArgumentDefaultsHelpFormatter
    )
    parser.add_argument("--hidden", type=int, nargs="+", default=[16, 32, 64, 128], help="hidden units")
    parser.add_argument("--rounds", type=int, default=40, help="times that each is measured, in turns")
    parser.add_argument(
        "--apart",
        type=int,
        nargs="*",
        metavar="GAMES",
        help="show instead whether the two are equal to the bit, and after so many games what comes of a "
        "bit that is not",
    )
    parsed = parser.parse_args(arguments)
    if min(*parsed.hidden, *(parsed.apart or [1]), parsed.rounds) < 1:
        parser.error("--hidden, --rounds and --apart take numbers from 1")
    try:
        if parsed.apart:
            apart(parsed.hidden, sorted(parsed.apart))
        else:
            speed(parsed.hidden, parsed.rounds)
    except KeyboardInterrupt:
        return 130
    return 0


def original(hidden: int) -> SupervisedTrainer:
    """The preset's trainer."""
    return Run(RunConfig(**{**PRESET, "hidden": hidden})).trainer


def speed(sizes: list[int], rounds: int) -> None:
    """Measure both in turns."""
    print("Games per second of CPU time: the median of all rounds (the best)")
    print(f"{'hidden':>6}  {'plain':>16}  {'preset original':>16}  {'ratio':>5}")
    for hidden in sizes:
        plain, ours = PlainProgram(hidden).play, original(hidden).update
        for _ in range(20 * GAMES_AT_A_TIME):
            ours()  # all observations have been seen once
        slow, fast = [], []
        for _ in tqdm(range(rounds), desc=f"hidden {hidden}", leave=False):
            slow.append(games_per_second(plain))
            fast.append(games_per_second(ours))
        columns = [f"{np.median(column):,.0f} ({max(column):,.0f})" for column in (slow, fast)]
        ratio = np.median(fast) / np.median(slow)
        print(f"{hidden:>6}  {columns[0]:>16}  {columns[1]:>16}  {ratio:>5.2f}", flush=True)


def games_per_second(play: Callable[[], None]) -> float:
    """Of CPU time, so that other work on the machine counts less."""
    began = time.process_time()
    for _ in range(GAMES_AT_A_TIME):
        play()
    return GAMES_AT_A_TIME / (time.process_time() - began)


def apart(sizes: list[int], games: list[int]) -> None:
    """Show that the two are equal to the bit, and what becomes of a single bit that is not."""
    print("Whether the preset's weights are the plain program's to the bit after all games, and how far its")
    print("smoothed error is from that of a run with the last bit of one first weight changed, after so many")
    print(f"{'hidden':>6}  {'equal':>5}" + "".join(f"{number:>10,}" for number in games))
    for hidden in sizes:
        plain, ours, other = PlainProgram(hidden), original(hidden), original(hidden)
        weights = other.brain.flat
        weights[0] = np.nextafter(weights[0], 1)
        told = []
        for number in tqdm(range(1, games[-1] + 1), desc=f"hidden {hidden}", leave=False):
            with OneThread():
                plain.play()
            ours.update()
            other.update()
            if number in games:
                told.append(abs(other.smoothed_error / ours.smoothed_error - 1))
        equal = "yes" if same_weights(plain.brain, ours.brain) else "no"
        print(f"{hidden:>6}  {equal:>5}" + "".join(f"{difference:>10.0e}" for difference in told), flush=True)


def same_weights(plain: PlainBrain, brain: Brain) -> bool:
    """Whether all are equal to the bit."""
    return (
        np.array_equal(plain.from_input, brain.parameters["input_to_hidden"])
        and np.array_equal(plain.to_output, brain.parameters["hidden_to_output"])
        and np.array_equal(plain.recurrent, brain.parameters["hidden_to_hidden"])
    )


if __name__ == "__main__":
    sys.exit(main())
