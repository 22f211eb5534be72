"""The commands, one module each, in the order that a newcomer wants them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Command:
    """A command as it is listed.

    Attributes:
        script: The file in `scripts/` that does the same.
        summary: What it does, in a few words.
    """

    script: str
    summary: str


COMMANDS = {
    "train": Command("train_supervised.py", "train a brain until it makes no mistake from any start"),
    "evaluate": Command("evaluate.py", "print a policy's certificate: a game from every start"),
    "watch": Command("watch.py", "watch a policy play, in a window or as a GIF or PNG"),
    "play": Command("play.py", "play cat or mouse yourself"),
    "zoo": Command("zoo.py", "list the brains that come with the package"),
    "machine": Command("machine.py", "turn a policy into the smallest machine that plays the same"),
    "noise": Command("noise.py", "bound the noise that changes no decision of a brain"),
    "duel": Command("duel.py", "teach a cat and a mouse and let them fight"),
    "sweep": Command("sweep.py", "train a grid of configurations on many cores or machines"),
    "plot": Command("plot_learning.py", "draw learning curves, and where a policy errs"),
    "page": Command("page.py", "build the playground: one HTML file to train and play in"),
    "compare-cells": Command("compare_cells.py", "compare what each cell makes of a memory task"),
    "compare-agents": Command("compare_agents.py", "compare all agents on the same games"),
    "compare-imitation": Command("compare_imitation.py", "compare ways of asking a teacher for labels"),
    "film": Command("film_synapses.py", "film a brain's weights while it learns"),
    "original": Command("reproduce_original.py", "reproduce the article's table of 2016"),
    "evolve": Command("train_evolution.py", "breed mice by evolution, without a teacher"),
    "q-learning": Command("train_q_learning.py", "train a mouse by Q-learning, without a teacher"),
}
