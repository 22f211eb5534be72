"""Measures one section and prints its rows as JSON; `benchmark.py` starts it, with one thread, pinned."""

from __future__ import annotations

import json
import sys

from benchmarks.certificate_speed import certificate, certificates, first_move, largest
from benchmarks.environment_speed import single, vector
from benchmarks.jax_speed import jax_environments
from benchmarks.learning_speed import growth, ids, large, remembering, rooms, start, targets
from benchmarks.training_speed import training

SECTIONS = {
    "single": single,
    "vector": vector,
    "training": training,
    "jax": jax_environments,
    "targets": targets,
    "certificates": certificates,
    "rooms": rooms,
    "remembering": remembering,
    "large": large,
    "ids": ids,
    "growth": growth,
    "start": start,
    "largest": largest,
}

if __name__ == "__main__":
    name, number = sys.argv[1], int(sys.argv[2])
    alone = {"certificate": certificate, "first_move": first_move}  # each in a process of its own
    print(json.dumps(alone[name](number) if name in alone else SECTIONS[name](number)))
