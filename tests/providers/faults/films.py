"""Real films of any size, made quickly: a short one with a long `free` box behind it."""

import functools
import random
import tempfile
from pathlib import Path

from support.media.streams import Clip, write

MIB = 1024 * 1024


@functools.cache
def _short(suffix: str, muxer: str) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        return write(Path(folder) / f"clip{suffix}", Clip(seconds=3), muxer=muxer).read_bytes()


@functools.cache
def mp4(size: int = 2 * MIB, *, seed: int = 1) -> bytes:
    """Return an MP4 file of exactly *size* bytes; other seeds give other bytes."""
    film = _short(".mp4", "mp4")
    rest = size - len(film) - 8
    return film + (rest + 8).to_bytes(4, "big") + b"free" + random.Random(seed).randbytes(rest)


def transport_stream() -> bytes:
    """Return an MPEG transport stream."""
    return _short(".ts", "mpegts")


def matroska() -> bytes:
    """Return a Matroska file."""
    return _short(".mkv", "matroska")
