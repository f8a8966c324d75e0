"""The films of the origin: each has bytes of its own, and all of them can be played."""

import random

#: Episodes of one series.
PER_SERIES = 100


def film(clip: bytes, size: int, number: int) -> bytes:
    """Return film *number* with *size* bytes: a short clip, and random bytes that players skip."""
    rest = size - len(clip) - 8
    return (
        clip + (rest + 8).to_bytes(4, "big") + b"free" + random.Random(f"{number}").randbytes(rest)
    )


def series_name(series: int) -> str:
    return f"Series {series:04}"


def episode_code(episode: int) -> str:
    return f"S01E{episode:03}"
