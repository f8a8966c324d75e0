"""Compare the audio of files by sampled windows.

Samples are signed 16-bit mono at `RATE`. The sums are computed by `map` over `array` items, which
is fast enough for some seconds of audio; ADR 0032 has the figures.
"""

import base64
import binascii
import math
from array import array
from collections.abc import Sequence
from functools import lru_cache
from itertools import pairwise
from operator import mul
from typing import Final

#: Samples per second.
RATE: Final = 8000
#: Places of the windows, as parts of the playing time: away from opening and ending songs.
_PLACES: Final = (0.25, 0.5, 0.75)
#: Seconds of one window; shorter in short files.
_WINDOW: Final = 4.0
#: Highest absolute sample of audio that nobody can hear (-72 dBFS).
_SILENT_PEAK: Final = 8

#: Frames of a window for level and spectrum, and distances in samples for the spectrum.
_FRAMES: Final = 16
_LAGS: Final = (1, 3, 8)
#: Frames of a window for the course of the level, four in a byte.
_STEPS: Final = 128
#: Change of the level between two of them that counts, in dB.
_FLAT: Final = 0.3
_COARSE: Final = _FRAMES * (1 + len(_LAGS))
_BYTES: Final = _COARSE + _STEPS // 4
#: Levels below the loudest frame of a window, in dB, are cut here.
_RANGE: Final = 60.0

#: Largest mean difference of level and spectrum between two encodings of the same audio: with the
#: same delay, and with another one.
_MOST_ALIGNED: Final = 4.0
_MOST_COARSE: Final = 16.0
#: Largest part of the level changes in both prints that go opposite ways.
_MOST_OPPOSITE: Final = 0.28
#: Least level changes in both prints; with fewer, such as in tones, only the spectrum decides.
_LEAST_CHANGES: Final = 24
#: Steps by which encoders delay the audio (31 ms each in long files).
_MOST_SHIFT: Final = 5


def windows_of(duration: float) -> Sequence[tuple[float, float]]:
    """Return start and length of the sampled windows, in seconds.

    The starts are rounded down to a power of two, so that files of nearly the same length are
    sampled at the same places.

    Args:
        duration: Playing time in seconds, above 0.
    """
    step = 2.0 ** math.floor(math.log2(duration / 16))
    length = min(_WINDOW, duration / 4)
    return [(math.floor(duration * place / step) * step, length) for place in _PLACES]


def is_silent(samples: "array[int]") -> bool:
    """Return whether no sample can be heard; also if there is none."""
    return not samples or (max(samples) <= _SILENT_PEAK and min(samples) >= -_SILENT_PEAK)


def sound_print(windows: Sequence["array[int]"]) -> str:
    """Return the print of the sampled windows of a track; empty if one is too short or silent."""
    if not windows or any(len(w) < _STEPS * 4 or is_silent(w) for w in windows):
        return ""
    return base64.b64encode(b"".join(map(_window_print, windows))).decode()


def is_same_sound(one: str, other: str) -> bool:
    """Return whether two prints are of the same audio; different encodings may differ a little.

    An empty print is never the same as another.
    """
    first, second = _bytes_of(one), _bytes_of(other)
    if not first or len(first) != len(second):
        return False
    if abs(_mean(one) - _mean(other)) > _MOST_COARSE:
        return False  # most different prints end here, after a comparison of two numbers
    starts = range(0, len(first), _BYTES)
    difference = max(_coarse_difference(first, second, start) for start in starts)
    if difference > _MOST_COARSE:
        return False
    steps = [(_steps(first, start), _steps(second, start)) for start in starts]
    if _compared(steps, 0)[1] < _LEAST_CHANGES:
        return difference <= _MOST_ALIGNED
    shifts = sorted(range(-_MOST_SHIFT, _MOST_SHIFT + 1), key=abs)
    compared = {shift: _compared(steps, shift) for shift in shifts}
    best = min(shifts, key=lambda shift: compared[shift][0] / max(compared[shift][1], 1))
    opposite, count = compared[best]
    if count < _LEAST_CHANGES or opposite > _MOST_OPPOSITE * count:
        return False
    return best != 0 or difference <= _MOST_ALIGNED


def _compared(steps: Sequence[tuple[Sequence[int], Sequence[int]]], shift: int) -> tuple[int, int]:
    """Return how many level changes go opposite ways, and how many are in both prints.

    Args:
        steps: Changes of both prints by window.
        shift: Steps by which the second print is late.
    """
    before, after = max(-shift, 0), max(shift, 0)
    pairs = [
        pair
        for one, other in steps
        for pair in zip(one[before:], other[after:], strict=False)
        if all(pair)
    ]
    return sum(a != b for a, b in pairs), len(pairs)


def _window_print(samples: "array[int]") -> bytes:
    size = len(samples) // _FRAMES
    powers: list[float] = []
    spectra: list[int] = []
    for n in range(_FRAMES):
        frame = samples[n * size : (n + 1) * size]
        power = sum(map(mul, frame, frame))
        powers.append(power)
        for lag in _LAGS:
            similarity = sum(map(mul, frame, frame[lag:])) / power if power else 0.0
            spectra.append(round((similarity + 1) * 100))
    levels = _levels(powers)
    coarse = [round((_RANGE + level) * 2) for level in levels]
    return bytes([*coarse, *(min(max(value, 0), 255) for value in spectra), *_packed(samples)])


def _packed(samples: "array[int]") -> bytes:
    """Return for each step whether the level stays (0), rises (1) or falls (2)."""
    size = len(samples) // _STEPS
    frames = (samples[n * size : (n + 1) * size] for n in range(_STEPS))
    levels = _levels([sum(map(mul, frame, frame)) for frame in frames])
    changes = [0, *(b - a for a, b in pairwise(levels))]
    steps = [0 if abs(change) < _FLAT else 1 if change > 0 else 2 for change in changes]
    return bytes(
        steps[n] | steps[n + 1] << 2 | steps[n + 2] << 4 | steps[n + 3] << 6
        for n in range(0, _STEPS, 4)
    )


def _levels(powers: Sequence[float]) -> list[float]:
    """Return levels in dB below the loudest."""
    loudest = max(powers)
    return [
        max(10 * math.log10(power / loudest), -_RANGE) if power and loudest else -_RANGE
        for power in powers
    ]


def _coarse_difference(first: bytes, second: bytes, start: int) -> float:
    end = start + _COARSE
    return sum(map(abs, map(int.__sub__, first[start:end], second[start:end]))) / _COARSE


def _steps(prints: bytes, start: int) -> list[int]:
    packed = prints[start + _COARSE : start + _BYTES]
    return [byte >> shift & 3 for byte in packed for shift in (0, 2, 4, 6)]


@lru_cache(maxsize=4096)
def _mean(text: str) -> float:
    """Return the mean of level and spectrum of the first window."""
    return sum(_bytes_of(text)[:_COARSE]) / _COARSE


@lru_cache(maxsize=4096)
def _bytes_of(text: str) -> bytes:
    try:
        found = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return b""
    return found if len(found) % _BYTES == 0 else b""
