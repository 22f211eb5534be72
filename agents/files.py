"""Weights in files: safetensors, which hold numbers and text only. Nothing is ever unpickled."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import secrets
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save as to_bytes

FORMAT = "catmouse"
VERSION = "1"
MOST_BYTES = 1 << 31  # nothing larger is written, so nothing larger is read
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
    metadata = {
        "format": FORMAT,
        "version": VERSION,
        "kind": kind,
        "config": json.dumps(config, sort_keys=True),
    }
    write_bytes(Path(path), to_bytes(arrays, {**metadata, "sha256": digest(metadata, arrays)}))


def digest(metadata: dict[str, str], arrays: dict[str, NDArray[Any]]) -> str:
    """A checksum over all that a file says, so that no changed bit goes unnoticed."""
    total = hashlib.sha256(json.dumps(metadata, sort_keys=True).encode())
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


def read(path: str | os.PathLike[str], kind: str) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
    """Read what `write` wrote.

    Returns:
        The configuration and the arrays by name.

    Raises:
        BadFileError: The file is damaged, of another kind or version, or holds what is not a number.
        OSError: It can't be opened.
    """
    path = Path(path)
    if path.exists() and not (path.is_file() or path.is_dir()):
        raise BadFileError(f"{path} is no plain file")  # to open a pipe would be to wait
    with path.open("rb") as plain:  # a missing or unreadable file gives the operating system's own error
        if os.fstat(plain.fileno()).st_size > MOST_BYTES:
            raise BadFileError(f"{path} is larger than any file of this program")
    try:
        with safe_open(path, framework="numpy") as file:
            metadata = file.metadata() or {}
            if metadata.get("format") != FORMAT or metadata.get("kind") != kind:
                raise BadFileError(f"{path} is not a {kind} file of this program")
            if metadata.get("version") != VERSION:
                raise BadFileError(f"{path} has version {metadata.get('version')!r}, not {VERSION!r}")
            config = json.loads(metadata["config"])
            for name in file.keys():  # noqa: SIM118
                if file.get_slice(name).get_dtype() not in DTYPES:
                    raise BadFileError(f"{path}: {name} is of a type that is not used here")
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
        told = metadata.pop("sha256", "")
        if told != digest(metadata, tensors):
            raise BadFileError(f"{path} is damaged: its checksum is wrong")
    except (SafetensorError, KeyError, ValueError, RecursionError, OverflowError) as error:
        if isinstance(error, BadFileError):
            raise
        raise BadFileError(f"{path} is damaged or no safetensors file: {error}") from error
    if not isinstance(config, dict):
        raise BadFileError(f"{path}: its configuration is no table")
    return config, tensors
