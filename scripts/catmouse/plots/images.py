"""Pictures and films in files. PNG needs pygame alone, GIF needs Pillow, MP4 needs ffmpeg on the PATH."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pygame

from catmouse.command_line import Failed, install

EXACT_COLOURS = 64  # in a GIF, of those that fill most of it
SHADES = 190  # in a GIF, for the rest; with one to spare for "as before"


class CannotSave(Failed):
    """A picture can't be written: what is missing, in a line."""


def need_pillow() -> Any:
    """Pillow's Image module; CannotSave says what to install."""
    try:
        from PIL import Image
    except ImportError as error:
        raise CannotSave(f"a GIF needs Pillow: {install('plots')}") from error
    return Image


def make_folder(path: Path) -> None:
    """The folder that a file is to lie in; CannotSave if it can't be made."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise CannotSave(f"{path} can't be written: {error}") from error


def save_png(surface: pygame.Surface, path: Path) -> None:
    """Write a picture; CannotSave if that can't be done."""
    make_folder(path)
    try:
        pygame.image.save(surface, os.fspath(path), "PNG")
    except (pygame.error, OSError) as error:
        raise CannotSave(f"{path} can't be written: {error}") from error


def save_gif(draw: Callable[[int], pygame.Surface], seconds: Sequence[float], path: Path) -> None:
    """Write a film that repeats for ever.

    Args:
        draw: Makes the picture of a number, counted from 0; all of one size.
        seconds: How long each is shown.
        path: Where to.

    Raises:
        CannotSave: Pillow is missing, or the file can't be written.
    """
    image = need_pillow()
    make_folder(path)
    last = len(seconds) - 1

    def picture(number: int) -> Any:
        frame = draw(number)
        return image.frombytes("RGB", frame.get_size(), pygame.image.tobytes(frame, "RGB"))

    palette = make_palette([picture(number) for number in sorted({0, last // 3, 2 * last // 3, last})], image)
    # Without dithering colours stay still and the file small.
    first, *others = [
        picture(number).quantize(palette=palette, dither=image.Dither.NONE) for number in range(last + 1)
    ]
    try:
        first.save(
            path,
            format="GIF",
            save_all=True,
            append_images=others,
            duration=[max(20, round(1000 * time)) for time in seconds],
            loop=0,
            optimize=True,  # what stays the same from frame to frame is not written again
        )
    except OSError as error:
        raise CannotSave(f"{path} can't be written: {error}") from error


def make_palette(pictures: Sequence[Any], image: Any) -> Any:
    """One palette for a whole film: its commonest colours as they are, and some for all the shades."""
    pixels = np.concatenate([np.asarray(one) for one in pictures])  # (rows, columns, red green blue)
    packed = pixels.astype(np.int32) @ np.array([1 << 16, 1 << 8, 1], np.int32)  # sorts faster than triples
    colours, counts = np.unique(packed, return_counts=True)
    commonest = colours[np.argsort(-counts, kind="stable")[:EXACT_COLOURS]]
    exact = np.stack([commonest >> 16, commonest >> 8 & 255, commonest & 255], axis=1)
    sample = image.fromarray(pixels)
    # Coverage, not area: a small mark keeps its colour too.
    coarse = sample.quantize(SHADES, method=image.Quantize.MAXCOVERAGE, dither=image.Dither.NONE)
    others = coarse.getpalette()[: 3 * SHADES]
    palette = image.new("P", (1, 1))
    palette.putpalette([*exact.ravel().tolist(), *others])
    return palette


def has_ffmpeg() -> bool:
    """Whether MP4s can be written."""
    return shutil.which("ffmpeg") is not None


def save_mp4(frames: Iterable[pygame.Surface], size: tuple[int, int], fps: float, path: Path) -> None:
    """Write a film with ffmpeg.

    Args:
        frames: Pictures of one size; made as they are needed.
        size: Their width and height, both even.
        fps: Pictures a second.
        path: Where to.

    Raises:
        CannotSave: ffmpeg is missing, or fails.
    """
    program = shutil.which("ffmpeg")
    if program is None:
        raise CannotSave("MP4s need ffmpeg on the PATH")
    make_folder(path)
    command = [program, "-y", "-loglevel", "error", "-f", "rawvideo", "-pix_fmt", "rgb24"]
    command += ["-s", f"{size[0]}x{size[1]}", "-r", str(fps), "-i", "-"]
    command += ["-pix_fmt", "yuv420p", "-movflags", "+faststart", os.fspath(path)]
    their_end, our_end = os.pipe()
    with (
        tempfile.TemporaryFile() as complaints,
        subprocess.Popen(command, stdin=their_end, stderr=complaints) as it,
    ):
        os.close(their_end)
        with contextlib.suppress(BrokenPipeError), open(our_end, "wb") as pipe:  # it gave up, and says why
            for frame in frames:
                pipe.write(pygame.image.tobytes(frame, "RGB"))
        failed = it.wait()
        complaints.seek(0)
        said = complaints.read().decode(errors="replace").strip().splitlines()
    if failed:
        raise CannotSave(f"{path} can't be written: ffmpeg says {(said or ['nothing'])[-1]}")
