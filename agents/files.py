"""Weights in files: safetensors, which hold numbers and text only. Nothing is ever unpickled."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import secrets
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save as to_bytes

FORMAT = "catmouse"
VERSION = "2"
MAX_BYTES = 1 << 31  # nothing larger is written, so nothing larger is read
MAX_TEXT = 1 << 26  # a learning curve of a million points, or the results of a hundred thousand runs
DTYPES = {"F32": "float32", "F64": "float64", "I64": "int64", "U64": "uint64", "U8": "uint8"}


class BadFileError(ValueError):
    """A file is missing what it should hold, is damaged, or was not written by this program."""


def write(path: str | os.PathLike[str], kind: str, config: dict[str, Any], tensors: dict[str, Any]) -> None:
    """Write numbers and their configuration: to a temporary name, synced, then renamed.

    Whoever reads `path` meets the old file or the new one, never a part of it.

    Args:
        path: Where to; folders must exist.
        kind: What the file is, such as "brain"; `read` wants the same.
        config: Plain values that JSON can say.
        tensors: Arrays by name.

    Raises:
        OSError: It can't be written; the old file is intact.
    """
    arrays = {name: np.asarray(array, order="C") for name, array in tensors.items()}
    about = {"version": VERSION, "kind": kind, "config": config}
    text = json.dumps({**about, "sha256": digest(about, arrays)}, sort_keys=True)
    # One entry, because several come in another order each time; the same run gives the same bytes.
    write_bytes(Path(path), to_bytes(arrays, {FORMAT: text}))


def game_entry(game: dict[str, Any] | None) -> dict[str, Any]:
    """What a policy's configuration says of its game."""
    return {} if game is None else {"game": game}


def take_game(path: str | os.PathLike[str], config: dict[str, Any]) -> dict[str, Any] | None:
    """Take the game out of a configuration that `read` gave; BadFileError if it is none."""
    game = config.pop("game", None)
    if game is not None and not (
        isinstance(game, dict)
        and all(isinstance(value, (str, int, float, type(None))) for value in game.values())
        and all(isinstance(game.get(name), str) for name in ("env_id", "player", "learned_from"))
    ):
        raise BadFileError(f"{path}: what it says of its game is no game")
    return game


def digest(about: dict[str, Any], arrays: dict[str, NDArray[Any]]) -> str:
    """A checksum over all that a file says, so that no changed bit goes unnoticed."""
    total = hashlib.sha256(json.dumps(about, sort_keys=True).encode())
    for name in sorted(arrays):
        array = arrays[name]
        total.update(f"{name}\n{array.dtype.str} {array.shape}\n".encode())
        total.update(array.tobytes())
    return total.hexdigest()


def write_bytes(path: Path, data: bytes) -> None:
    """Write a whole file, or leave the old one: temporary name, sync, rename, sync of the folder.

    Raises:
        OSError: It can't be written; the old file is intact.
    """
    temporary = path.with_name(f"{path.name}.{secrets.token_hex(4)}.tmp")
    try:
        with temporary.open("xb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    except BaseException:
        with contextlib.suppress(OSError):
            temporary.unlink()
        raise
    with contextlib.suppress(OSError):  # not every system can sync a folder
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def write_text(path: Path, text: str) -> None:
    """The same for text."""
    write_bytes(path, text.encode())


def open_plain(path: Path, most: int) -> BinaryIO:
    """Open a file to read.

    Raises:
        BadFileError: It is no plain file, or of more than `most` bytes.
        OSError: It can't be opened.
    """
    if path.exists() and not (path.is_file() or path.is_dir()):
        raise BadFileError(f"{path} is no plain file")  # to open a pipe would be to wait
    file = path.open("rb")  # a missing or unreadable file gives the operating system's own error
    if os.fstat(file.fileno()).st_size > most:
        file.close()
        raise BadFileError(f"{path} is larger than any such file of this program")
    return file


def read_text(path: Path, most: int = MAX_TEXT) -> str:
    """The text of a file.

    Raises:
        BadFileError: It is no plain file, no text, or of more than `most` bytes.
        OSError: It can't be opened.
    """
    with open_plain(path, most) as file:
        data = file.read(most)
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        raise BadFileError(f"{path} is no text: {error}") from error


def read(path: str | os.PathLike[str], kind: str) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
    """Read what `write` wrote.

    Returns:
        The configuration and the arrays by name.

    Raises:
        BadFileError: The file is damaged, of another kind or version, or holds what is not a number.
        OSError: It can't be opened.
    """
    path = Path(path)
    with open_plain(path, MAX_BYTES):
        pass
    try:
        with safe_open(path, framework="numpy") as file:
            about = json.loads((file.metadata() or {}).get(FORMAT, "null"))
            if not isinstance(about, dict) or about.get("kind") != kind:
                raise BadFileError(f"{path} is not a {kind} file of this program")
            if about.get("version") != VERSION:
                told = repr(about.get("version"))[:20].strip("'")
                raise BadFileError(
                    f"{path} was written by version {told} of this program; this one reads "
                    f"version {VERSION}: train again"
                )
            names = list(file.keys())
            for name in names:
                if file.get_slice(name).get_dtype() not in DTYPES:
                    raise BadFileError(f"{path}: {name} is of a type that is not used here")
            tensors = {name: file.get_tensor(name) for name in names}
        if about.pop("sha256", None) != digest(about, tensors):
            raise BadFileError(f"{path} is damaged: its checksum is wrong")
    except (SafetensorError, KeyError, ValueError, RecursionError, OverflowError) as error:
        if isinstance(error, BadFileError):
            raise
        raise BadFileError(f"{path} is damaged or no safetensors file: {error}") from error
    config = about.get("config")
    if not isinstance(config, dict):
        raise BadFileError(f"{path}: its configuration is no table")
    return config, tensors
