"""Change certificates and brains, one at a time: the checker must refuse each.

The certificates are of small brains of every cell, made here, and those of the zoo. Changed are bytes of a
certificate (bits, pieces, lengths), its values (numbers, moves, names, hashes, arguments, keys), and bytes
of a brain, for which the certificate is told the new hash half of the time: what it then says of moves,
margins or bounds is wrong. Should it be right all the same (a weight of next to nothing that changed its
sign), the prover has to say the same of the changed brain.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import json
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import gymnasium as gym
import numpy as np
from catmouse.certificates import certificate_of
from tqdm import tqdm

import catmouse_env  # noqa: F401  (registers the environments)
from agents import Brain, zoo
from agents.certificate import certificate, prove
from agents.runs.config import RunConfig
from agents.runs.run import train

sys.path.insert(0, str(Path(__file__).parents[1] / "reference"))
import check_certificate
import check_chances

SMALL: list[dict[str, Any]] = [
    {"cell": "mlp"},
    {"cell": "mlp2"},
    {"cell": "elman", "head": "compass"},
    {"cell": "elman", "env_id": "CatMouseContinuous-v0"},
    {"cell": "gru", "env_id": "CatMouseMemory-v0"},
    {"cell": "lstm", "env_id": "CatMouseChase-v0", "teacher": "optimal", "observe_moves_left": True},
    {"cell": "mlp", "cat": "wandering", "lethal": True},
]
ZOO_SHARE = (
    1000  # in so many, one change of each kind is of the zoo, which takes seconds where little is wrong
)
ODD: list[Any] = [None, True, False, 0, 1, 2, -1, 3.5, 1e9, "", "x", "chasing", "flee", [], {}, [0], "games"]


KINDS = 4  # of changes, in turn


class Failure(Exception):
    """A promise is broken."""


def checker(told: dict[str, Any]) -> Callable[[str, bytes], Any]:
    """Who checks a certificate."""
    return check_certificate.check if told.get("claim") == "games" else check_chances.check


def text_of(told: Any) -> str:
    """A certificate in its one form."""
    return json.dumps(told, indent=1, sort_keys=True) + "\n"


def changed_bytes(data: bytes, chance: random.Random) -> bytes:
    """The same with bits flipped, a piece taken out or put in, or its end cut off."""
    changed = bytearray(data)
    place = chance.randrange(len(data))
    kind = chance.randrange(4)
    if kind == 0:
        changed[place] ^= 1 << chance.randrange(8)
    elif kind == 1:
        del changed[place : place + chance.choice((1, 1, 4, 50))]
    elif kind == 2:
        changed[place:place] = chance.randbytes(chance.choice((1, 4)))
    else:
        del changed[place:]
    return bytes(changed)


def other_value(told: dict[str, Any], chance: random.Random) -> None:
    """Change one thing that a certificate says."""
    parts: list[dict[str, Any]] = [told, *(part for part in told.values() if isinstance(part, dict) and part)]
    part = chance.choice(parts)
    name = chance.choice(sorted(part))
    value, kind = part[name], chance.randrange(6)
    if name == "moves" and isinstance(value, str) and kind < 5:
        moves = bytearray(base64.b64decode(value))
        moves[chance.randrange(len(moves))] ^= 1 << chance.randrange(8)
        part[name] = base64.b64encode(moves).decode()
    elif kind == 0:
        del part[name]
    elif kind == 1:
        part[chance.choice(("x", "claim", "width", "mistakes", "why"))] = chance.choice(ODD)
    elif kind == 2 and isinstance(value, str) and value:
        place = chance.randrange(len(value))
        part[name] = value[:place] + chance.choice("0123456789abcdef") + value[place + 1 :]
    elif kind == 3 and isinstance(value, (int, float)):
        # The last of eight digits, up or down.
        part[name] = float(f"{value * chance.choice((1 + 2e-7, 1 - 2e-7, 2, -1)):.8g}")
    elif kind == 4 and isinstance(value, list):
        part[name] = [*value, chance.randrange(50)]
    else:
        part[name] = chance.choice(ODD)


class Mutations:
    """Makes changes and sees them refused.

    Args:
        folder: Where to put brains.
        seed: Of all chance.
    """

    def __init__(self, folder: Path, seed: int) -> None:
        self._seed = seed
        self.small: list[tuple[dict[str, Any], bytes]] = []
        for number, options in enumerate(SMALL):
            room = {"width": 3, "height": 3, "max_steps": 3, "hidden": 3, "batch": 8, "games": 400, **options}
            run = train(RunConfig(**room, seed=seed))
            path = folder / f"{number}.safetensors"
            run.brain.save(path)
            result = run.finish()
            made = (
                certificate_of(str(path), run.brain, run.env, result)
                if "cat" in options
                else certificate(run.brain, run.env, result, path)
            )
            self.small.append((json.loads(json.dumps(made)), path.read_bytes()))
        self.zoo = [
            (
                json.loads(zoo.locate(f"zoo:{name}", zoo.CERTIFICATE).read_text()),
                zoo.locate(f"zoo:{name}").read_bytes(),
            )
            for name in zoo.names()
        ]
        for told, data in self.small:
            checker(told)(text_of(told), data)  # which must be accepted as they are

    def refuse(self, number: int) -> str:
        """Make one change and see it refused; what it was. Failure if it is accepted."""
        chance = random.Random(f"{self._seed} {number}")
        of_zoo = bool(self.zoo) and number % ZOO_SHARE < KINDS
        told, data = chance.choice(self.zoo if of_zoo else self.small)
        original, text = json.dumps(told, sort_keys=True), text_of(told)
        kind = number % KINDS
        if kind == 0:
            what = "bytes of a certificate"
            text = changed_bytes(text.encode(), chance).decode("utf-8", "replace")
        elif kind == 1:
            what = "a value of a certificate"
            told = json.loads(original)
            while json.dumps(told, sort_keys=True) == original:
                other_value(told, chance)
            text = text_of(told)
        else:
            what = "bytes of a brain" if kind == 2 else "a brain's weights, signed anew"
            header = 8 + int.from_bytes(data[:8], "little")
            if kind == 2:
                data = changed_bytes(data, chance)
            else:
                told, place = json.loads(original), chance.randrange(header, len(data))
                place += 3 - (place - header) % 4  # of a float32 the byte with its sign and exponent
                data = data[:place] + bytes([data[place] ^ 1 << chance.randrange(8)]) + data[place + 1 :]
                told["brain_sha256"] = hashlib.sha256(data).hexdigest()
                text = text_of(told)
        try:
            accepted = checker(json.loads(text) if kind else told)(text, data)
        except Exception:
            return f"{what}{', zoo' if of_zoo else ''}"
        if kind == 3 and told["claim"] == "games" and proved_again(told, data):
            return f"{what}, and true of it"
        raise Failure(f"{what}: accepted as {accepted}")


def proved_again(told: dict[str, Any], data: bytes) -> bool:
    """Whether the prover says of these weights what the certificate says."""
    header = 8 + int.from_bytes(data[:8], "little")
    table = json.loads(data[8:header])
    config = json.loads(table.pop("__metadata__")["catmouse"])["config"]
    config.pop("game", None)
    brain = Brain(**config)
    for name, entry in table.items():
        first, last = (header + place for place in entry["data_offsets"])
        brain.parameters[name][...] = np.frombuffer(data[first:last], brain.dtype).reshape(entry["shape"])
    found = prove(brain, gym.make(told["env_id"], **told["arguments"]))
    return all(told[name] == value for name, value in json.loads(json.dumps(found)).items())


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, epilog="Exit status: 0 all is well, 1 it is not.")
    parser.add_argument("--changes", type=int, default=10_000, help="how many (default: %(default)s)")
    parser.add_argument("--first", type=int, default=0, help="number of the first (default: %(default)s)")
    parser.add_argument("--seed", type=int, default=0, help="of all chance (default: %(default)s)")
    parser.add_argument("--quiet", action="store_true", help="no progress bar")
    parsed = parser.parse_args(arguments)
    if parsed.changes < 1 or parsed.first < 0:
        parser.error("--changes must be at least 1, --first at least 0")
    began, refused = time.process_time(), Counter[str]()
    with tempfile.TemporaryDirectory() as folder:
        mutations = Mutations(Path(folder), parsed.seed)
        numbers = range(parsed.first, parsed.first + parsed.changes)
        for number in tqdm(numbers, unit=" changes", disable=parsed.quiet):
            try:
                refused[mutations.refuse(number)] += 1
            except Failure as error:
                print(
                    f"mutate_certificates.py --seed {parsed.seed} --first {number} --changes 1: {error}",
                    file=sys.stderr,
                )
                return 1
    seconds = time.process_time() - began
    print(f"{refused.total():,} changes, each refused or true, in {seconds:.0f} processor seconds:")
    for what, count in sorted(refused.items()):
        print(f"  {what:<38}{count:>7,}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
