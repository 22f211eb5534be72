"""Measures one section and prints its rows as JSON; `benchmark.py` starts it with one thread pinned."""

from __future__ import annotations

import json
import sys

from certificate_speed import certificate, certificates, rooms, targets
from environment_speed import single, vector
from training_speed import training

SECTIONS = {
    "single": single,
    "vector": vector,
    "training": training,
    "targets": targets,
    "certificates": certificates,
    "rooms": rooms,
}

if __name__ == "__main__":
    name, number = sys.argv[1], int(sys.argv[2])
    print(json.dumps(certificate(number) if name == "certificate" else SECTIONS[name](number)))
