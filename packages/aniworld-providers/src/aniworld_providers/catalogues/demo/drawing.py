"""Draw pictures and synthesise melodies."""

import math
import random
import struct
import zlib
from array import array
from collections.abc import Iterator
from functools import lru_cache

WIDTH, HEIGHT = 320, 180
SAMPLE_RATE = 44_100

#: Notes of a melody: their intervals to the lowest one, volumes, and lengths in samples.
_INTERVALS = (1.0, 9 / 8, 5 / 4, 3 / 2, 5 / 3, 2.0)
_VOLUMES = (3000, 6000, 9000)
_LENGTHS = tuple(SAMPLE_RATE * part // 12 for part in (1, 2, 3, 5))

#: Glyphs of the characters in an episode code: five rows of three dots, as octal digits.
_GLYPHS = {
    "0": 0o75557,
    "1": 0o26227,
    "2": 0o71747,
    "3": 0o71717,
    "4": 0o55711,
    "5": 0o74717,
    "6": 0o74757,
    "7": 0o71222,
    "8": 0o75757,
    "9": 0o75717,
    "E": 0o74647,
    "S": 0o34216,
}
_DOT = 8
_MARGIN = 16
_BLACK, _WHITE = 16, 235
_DOT_ROW = bytes([_WHITE]) * _DOT


class Picture:
    """A scrolling, grainy pattern with an episode code and a progress bar.

    Only the luma plane moves; the caller adds the tint.
    """

    def __init__(self, label: str, *, seed: str) -> None:
        grain = random.Random(seed).randbytes(WIDTH * HEIGHT)  # noqa: S311 - must be reproducible
        pattern = bytearray(
            48
            + (x + 2 * y + 24 * ((x // 40 + y // 30) % 2)) % 112
            + (grain[y * WIDTH + x] * 40 >> 8)
            for y in range(HEIGHT)
            for x in range(WIDTH)
        )
        self._pattern = bytes(pattern) * 2
        self._dots = list(_dots(label))

    def luma(self, moment: float) -> bytes:
        """Draw the picture at *moment*, from 0 at the start to 1 at the end."""
        shift = int(moment * WIDTH * HEIGHT) % (WIDTH * HEIGHT)
        plane = bytearray(self._pattern[shift : shift + WIDTH * HEIGHT])
        for x, y in self._dots:
            for row in range(y, y + _DOT):
                plane[row * WIDTH + x : row * WIDTH + x + _DOT] = _DOT_ROW
        done = int(moment * WIDTH)
        bar = bytes([_WHITE]) * done + bytes([_BLACK]) * (WIDTH - done)
        plane[-6 * WIDTH :] = bar * 6
        return bytes(plane)


def _dots(label: str) -> Iterator[tuple[int, int]]:
    for place, character in enumerate(label):
        glyph = _GLYPHS[character]
        for bit in range(15):
            if glyph >> (14 - bit) & 1:
                yield _MARGIN + (place * 4 + bit % 3) * _DOT, _MARGIN + bit // 3 * _DOT


def make_melody(frequency: int, seconds: int, *, seed: str) -> bytes:
    """Return a melody above a frequency as 16-bit mono samples; each seed has its own.

    Episodes with the same audio would be taken for copies of each other.
    """
    chance = random.Random(seed)  # noqa: S311 - must be reproducible
    melody = bytearray()
    while len(melody) < 2 * seconds * SAMPLE_RATE:
        pitch = round(frequency * chance.choice(_INTERVALS))
        melody += _note(pitch, chance.choice(_VOLUMES), chance.choice(_LENGTHS))
    return bytes(melody[: 2 * seconds * SAMPLE_RATE])


@lru_cache(maxsize=256)
def _note(frequency: int, volume: int, length: int) -> bytes:
    samples = array("h")
    for index in range(length):
        # It swells and fades, so that no note begins or ends with a click.
        swell = math.sin(math.pi * index / length)
        samples.append(
            int(volume * swell * math.sin(2 * math.pi * frequency * index / SAMPLE_RATE))
        )
    return samples.tobytes()


def make_cover(colour: tuple[int, int], *, width: int = 220, height: int = 330) -> bytes:
    """Return a PNG with a moon above hills in the tint of a series."""
    seed = colour[0] * 7 + colour[1] * 3
    moon = (width * (2 + seed % 5) // 8, height // 4, width // 8)
    hills = [_ridge(width, height * (5 + n) // 10, seed + 40 * n) for n in range(4)]
    shades = {light: bytes(_rgb(light, *colour)) for light in range(256)}
    rows = bytearray()
    for y in range(height):
        rows.append(0)  # filter type: none
        sky = 215 - 90 * y // height
        for x in range(width):
            nearest = sum(y >= ridge[x] for ridge in hills)
            if nearest:
                rows += shades[125 - 27 * nearest]
            elif (x - moon[0]) ** 2 + (y - moon[1]) ** 2 < moon[2] ** 2:
                rows += shades[245]
            else:
                rows += shades[sky]
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(bytes(rows), 6)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, data) for kind, data in chunks)


def _ridge(width: int, middle: int, phase: int) -> list[int]:
    """Return the upper edge of a chain of hills, one value per column."""
    return [
        middle + int(14 * math.sin((x + phase) / 29) + 9 * math.sin((x + 2 * phase) / 11))
        for x in range(width)
    ]


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def _rgb(luma: int, cb: int, cr: int) -> tuple[int, int, int]:
    """Convert one pixel according to ITU-R BT.601, full range."""
    red = luma + 1.402 * (cr - 128)
    green = luma - 0.344 * (cb - 128) - 0.714 * (cr - 128)
    blue = luma + 1.772 * (cb - 128)
    return _byte(red), _byte(green), _byte(blue)


def _byte(value: float) -> int:
    return max(0, min(255, int(value)))
