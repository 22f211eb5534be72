"""Load brains, tables and checkpoints that were tampered with: each must be refused or be all right.

Half of the files are damaged as bytes (bits, lengths, headers, shapes, types, offsets): those must be
refused with `BadFileError`, or hold what was written. The other half are well-formed and signed, but
say something else (sizes, types, not-a-numbers, other settings, modules to import): those must be refused,
or give a brain that plays and a run that goes on. Memory is limited, and every load is timed. The loading is
done by a second process, so that a crash or a hang would be seen and named.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import math
import multiprocessing
import os
import random
import struct
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from functools import partial
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import numpy as np
from catmouse.commands.evolve import KIND as EVOLVE
from catmouse.commands.q_learning import KIND as Q_LEARNING
from catmouse.learners import Kind, load
from catmouse.learners import save_checkpoint as save_learner
from tqdm import tqdm

import catmouse_env  # noqa: F401  (registers the environments)
from agents import BadFileError, Brain, TrainingError, cost, files
from agents.environments import episode_length
from agents.q_learning import QTable
from agents.runs.checkpoint import load_checkpoint, save_checkpoint
from agents.runs.config import RunConfig
from agents.runs.run import Run

MEMORY = 1 << 30  # bytes of address space beyond what the process has when it starts
SECONDS = 10.0  # the longest that a load may take
SIZES = ("hidden", "batch", "max_steps", "bptt_steps", "width", "height", "games", "report_every")
SIZES += ("population", "games_per_individual", "generations", "inputs", "actions", "cat_visible_moves")
MAX_WORK = 1e10  # of what is tried out
EVIL = "module_that_must_not_be_imported"
ODD = [
    *(None, True, False, 0, 1, -1, 2, 3, 5, 1 << 14, 1 << 20, 1 << 31, 1 << 63, 10**30, 0.5, -0.0, 1e308),
    *(
        math.nan,
        math.inf,
        "",
        "x",
        "tanh",
        "lstm",
        "float64",
        "CartPole-v1",
        f"{EVIL}:CatMouse-v0",
        [],
        {},
        [1],
    ),
]
DTYPES = ["F32", "F64", "I64", "U64", "U8", "I8", "BF16", "BOOL", "F8_E5M2", "", 7]
NUMBERS = [np.nan, np.inf, -np.inf, 1e38, -1e38, 1e-45, -1.0, 0.0]

LEARNERS = ((EVOLVE, {"population": 8, "games_per_individual": 4, "hidden": 4}), (Q_LEARNING, {"batch": 4}))
Learner = tuple[Kind, Any, Any]
"""What it is, itself, and its configuration."""


class Failure(Exception):
    """A promise is broken."""


# Damage to bytes


def flip_bits(data: bytearray, chance: random.Random, end: int) -> None:
    for _ in range(chance.choice((1, 1, 2, 8))):
        data[chance.randrange(end)] ^= 1 << chance.randrange(8)


def damaged(data: bytes, chance: random.Random) -> bytes:
    """A file with something wrong in its bytes."""
    changed = bytearray(data)
    header = 8 + int.from_bytes(data[:8], "little")
    kind = chance.randrange(9)
    if kind == 0:
        flip_bits(changed, chance, len(data))
    elif kind == 1:
        flip_bits(changed, chance, header)
    elif kind == 2:
        del changed[chance.randrange(len(data)) :]
    elif kind == 3:
        changed += chance.randbytes(chance.choice((1, 8, 1000)))
    elif kind == 4:
        length = chance.choice(
            (0, 1, header, len(data), 1 << 31, 1 << 63, (1 << 64) - 1, chance.getrandbits(16))
        )
        changed[:8] = struct.pack("<Q", length)
    elif kind == 5:
        first, size = chance.randrange(len(data)), chance.randrange(64)
        changed[first : first + size] = chance.randbytes(chance.randrange(64))
    elif kind == 6:
        table = chance.choice(
            (b"[" * 100_000, b'{"a":' * 50_000, b"null", b"\xff\xfe", b"{}", b'{"__metadata__":3}')
        )
        changed[:header] = struct.pack("<Q", len(table)) + table
    else:
        table = json.loads(data[8:header])
        name = chance.choice(list(table))
        if name == "__metadata__":
            table[name] = {chance.choice((files.FORMAT, "x")): chance.choice(("null", "{}", "[[", "1e999"))}
        else:
            entry = table[name]
            field = chance.choice(list(entry))
            if field == "dtype":
                entry[field] = chance.choice(DTYPES)
            else:
                pool = [0, 1, -1, 3, 1 << 31, 1 << 62, 1 << 63, 1.5, "4", None, []]
                entry[field] = [chance.choice(pool) for _ in range(chance.randrange(4))]
        text = json.dumps(table).encode()
        changed[:header] = struct.pack("<Q", len(text)) + text
    return bytes(changed)


# Well-formed files that say something else


def other_config(config: dict[str, Any], chance: random.Random) -> None:
    """Change, remove or add a field."""
    inside = config["run"] if isinstance(config.get("run"), dict) else config
    if not inside:  # an earlier change left nothing
        return
    name = chance.choice(list(inside))
    kind = chance.randrange(14)
    if kind >= 10:  # sizes, as somebody would who wants to take the machine down
        sizes = [name for name in SIZES if name in inside]
        for name in chance.sample(sizes, min(len(sizes), chance.choice((1, 1, 2, 3)))):
            inside[name] = (1 << chance.randrange(45)) + chance.choice((-1, 0, 1))
    elif kind == 0:
        del inside[name]
    elif kind == 1:
        inside[chance.choice(("x", "__class__", "num_envs", "self"))] = chance.choice(ODD)
    elif kind == 2 and inside is not config:
        config["run"] = chance.choice(ODD)
    elif kind == 3 and isinstance(inside[name], (int, float)):
        inside[name] = inside[name] * 2 + 1
    else:
        inside[name] = chance.choice(ODD)


def other_array(tensors: dict[str, Any], chance: random.Random) -> None:
    """Change, remove or add an array."""
    name = chance.choice(list(tensors))
    array = tensors[name]
    kind = chance.randrange(8)
    if kind == 0:
        del tensors[name]
    elif kind == 1:
        tensors[chance.choice(("x", "brain.x", "env.y", "", "curve"))] = array
    elif kind == 2:
        shapes = ((-1,), (1, -1), array.shape[::-1], (*array.shape, 1))
        tensors[name] = array.reshape(chance.choice(shapes))
    elif kind == 3:
        tensors[name] = np.zeros(chance.choice((0, 1, array.size + 1, 1 << 16)), array.dtype)
    elif kind == 4:
        with np.errstate(all="ignore"):
            tensors[name] = array.astype(
                chance.choice((np.float32, np.float64, np.int64, np.uint64, np.uint8))
            )
    elif array.size:
        array = tensors[name] = array.copy()
        place = chance.randrange(array.size)
        if array.dtype.kind == "f":
            array.flat[place] = chance.choice(NUMBERS)
        else:
            limit = np.iinfo(array.dtype)
            number = chance.choice((0, 1, 624, 625, int(limit.min), int(limit.max)))
            array.flat[place] = min(number, int(limit.max))


# Checking


class Checker:
    """Loads tampered files and says what came of it.

    Args:
        folder: Where to put them.
        seed: Of all chance.
    """

    def __init__(self, folder: Path, seed: int) -> None:
        self.path = folder / "file.safetensors"
        self.seed = seed
        run = Run(RunConfig(batch=4, hidden=6, games=400, report_every=40, seed=seed))
        for _ in range(30):
            run.advance()
        self.originals: list[tuple[str, Callable[[Path], Any], bytes]] = []
        table = QTable(4, 4)
        seen, _ = run.env.reset(seed=seed)
        table.values[table.find_or_add(seen)] = np.eye(4)
        for kind, owner, loader in (
            ("brain", run.brain, Brain.load),
            ("checkpoint", run, load_checkpoint),
            ("q_table", table, QTable.load),
            *((kind.kind, learner(kind, config), partial(load_learner, kind)) for kind, config in LEARNERS),
        ):
            save(owner, self.path)
            self.originals.append((kind, loader, self.path.read_bytes()))

    def check(self, number: int) -> str:
        """What came of one file; Failure if that must not be."""
        chance = random.Random(f"{self.seed} {number}")
        kinds = len(self.originals)
        kind, loader, original = self.originals[number % kinds]
        signed = number // kinds % 2 == 1
        if signed:
            self.path.write_bytes(original)
            config, tensors = files.read(self.path, kind)
            for _ in range(chance.choice((1, 1, 2))):
                if tensors and chance.randrange(2):
                    other_array(tensors, chance)
                elif config:
                    other_config(config, chance)
            about = {"version": files.VERSION, "kind": kind, "config": config}
            if chance.randrange(20) == 0:
                about[chance.choice(list(about))] = chance.choice(ODD)
            text = json.dumps({**about, "sha256": files.digest(about, tensors)}, sort_keys=True)
            self.path.write_bytes(files.to_bytes(tensors, {files.FORMAT: text}))
        else:
            self.path.write_bytes(damaged(original, chance))
        what = f"{kind}, {'signed' if signed else 'damaged'}"
        began = time.monotonic()
        try:
            loaded = loader(self.path)
        except BadFileError as error:
            if "\n" in str(error).strip():
                raise Failure(f"an error of several lines: {error}") from None
            outcome = "refused"
        else:
            outcome = "loaded"
            if signed:
                try_out(loaded)
            elif not same(loaded, original):
                raise Failure("it was loaded as something else than what was saved")
        seconds = time.monotonic() - began
        if seconds > SECONDS:
            raise Failure(f"it took {seconds:.1f} s")
        if EVIL in sys.modules:
            raise Failure("a module was imported because a file said so")
        return f"{what}: {outcome}"


def learner(kind: Kind, config: dict[str, Any]) -> Learner:
    """One that has learned something."""
    made = kind.config(env_id="CatMouseChase-v0", width=3, height=3, **config)
    learner = kind.make(made)
    learner.advance()
    return kind, learner, made


def load_learner(kind: Kind, path: Path) -> Learner:
    """From a checkpoint."""
    return (kind, *load(kind, path))


def save(owner: Any, path: Path) -> None:
    """Write what a brain, a table, a run or a learner is to one file."""
    if isinstance(owner, Run):
        save_checkpoint(owner, path)
    elif isinstance(owner, tuple):
        save_learner(*owner, path)
    else:
        owner.save(path)


def same(loaded: Any, original: bytes) -> bool:
    """Whether saving once more gives the file that was saved."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "again"
        save(loaded, path)
        return path.read_bytes() == original


def try_out(loaded: Any) -> None:
    """Use what was loaded: a policy plays, a run goes on, or stops with the documented error."""
    if isinstance(loaded, (Brain, QTable)):
        inputs = loaded.config.inputs if isinstance(loaded, Brain) else loaded.inputs
        action, _ = loaded.predict(np.zeros((2, inputs), np.float32))
        if not (np.isfinite(action).all() and (action >= 0).all()):
            raise Failure(f"a policy answers {action}")
        return
    if isinstance(loaded, tuple):
        _, learner, config = loaded
        games = getattr(config, "batch", 0) or config.population * config.games_per_individual
        if cost.work(games, episode_length(learner.env)) < MAX_WORK / 10 and not learner.finished:
            learner.step() if hasattr(learner, "step") else learner.advance()
        return
    trainer = loaded.trainer
    if cost.work(trainer.batch, trainer.moves, 3 * loaded.brain.flat.size) > MAX_WORK:
        return
    with contextlib.suppress(TrainingError):
        trainer.update()
        loaded.brain.predict(np.zeros((1, loaded.brain.config.inputs), np.float32))


def work(answers: Connection, folder: str, seed: int, first: int, last: int) -> None:
    """Check some files, telling what came of each (in the second process)."""
    import resource
    import warnings

    warnings.simplefilter("error")
    Path(folder, f"{EVIL}.py").write_text("")
    sys.path.insert(0, folder)
    checker = Checker(Path(folder), seed)
    for number in range(20):  # what is made once at the first use is not to be counted
        checker.check(number)
    limit = address_space() + MEMORY
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    for number in range(first, last):
        answers.send(("begins", number))
        try:
            answers.send(("done", checker.check(number)))
        except BaseException as error:
            answers.send(("failed", f"{type(error).__name__}: {error}"))
            return
    answers.send(("end", resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024))


def address_space() -> int:
    """Bytes of address space of this process."""
    return int(Path("/proc/self/statm").read_text().split()[0]) * os.sysconf("SC_PAGE_SIZE")


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, epilog="Needs Linux. Exit status: 0 all is well, 1 it is not."
    )
    parser.add_argument("--files", type=int, default=20_000, help="how many (default: %(default)s)")
    parser.add_argument("--first", type=int, default=0, help="number of the first (default: %(default)s)")
    parser.add_argument("--seed", type=int, default=0, help="of all chance (default: %(default)s)")
    parser.add_argument("--quiet", action="store_true", help="no progress bar")
    parsed = parser.parse_args(arguments)
    if parsed.files < 1 or parsed.first < 0:
        parser.error("--files must be at least 1, --first at least 0")
    last = parsed.first + parsed.files
    outcomes: Counter[str] = Counter()
    context = multiprocessing.get_context("spawn")
    began = time.monotonic()
    with (
        tempfile.TemporaryDirectory() as folder,
        tqdm(total=parsed.files, unit=" files", disable=parsed.quiet) as bar,
    ):
        mine, theirs = context.Pipe(duplex=False)
        process = context.Process(target=work, args=(theirs, folder, parsed.seed, parsed.first, last))
        process.start()
        theirs.close()
        number, failure, peak = parsed.first, "", 0
        while True:
            try:
                if not mine.poll(60 + SECONDS):
                    failure = "it hangs"
                    process.kill()
                    break
                word, value = mine.recv()
            except EOFError:
                process.join()
                failure = f"the process died (status {process.exitcode})"
                break
            if word == "begins":
                number = value
            elif word == "done":
                outcomes[value] += 1
                bar.update()
            elif word == "failed":
                failure = value
                break
            else:
                peak = value
                break
        process.join()
    if failure:
        print(f"mutate.py: --seed {parsed.seed} --first {number} --files 1: {failure}", file=sys.stderr)
        return 1
    print(f"{sum(outcomes.values()):,} tampered files in {time.monotonic() - began:.0f} s:")
    for what, count in sorted(outcomes.items()):
        print(f"  {what:<30}{count:>8,}")
    print("No crash, no hang, no other error than the documented one, nothing imported. Damaged files that")
    print("were loaded held what was saved; signed ones that were loaded played and trained on.")
    print(f"Memory of the loading process at its peak: {peak / 2**20:.0f} MB.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
