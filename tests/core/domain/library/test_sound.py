"""Prints of audio: the same audio agrees, other audio does not."""

import base64
import hashlib
import math
import random
from array import array

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aniworld_core.domain.library import RATE, is_same_sound, is_silent, sound_print, windows_of


def _speech(seed: int, *, late: int = 0, volume: float = 1.0) -> list["array[int]"]:
    """Return three windows of syllables of random length, level and pitch."""
    chance = random.Random(seed)
    windows = []
    for _ in range(3):
        samples: list[float] = []
        while len(samples) < 4 * RATE + 2000:
            size = int(RATE * chance.uniform(0.06, 0.25))
            level, pitch = chance.choice([0.0, 0.03, 0.1, 0.4]), chance.uniform(90, 280)
            samples += (
                32000 * level * math.sin(math.pi * n / size) * math.sin(6.2832 * pitch * n / RATE)
                for n in range(size)
            )
        cut = samples[2000 - late : 2000 - late + 4 * RATE]
        windows.append(array("h", (round(value * volume) for value in cut)))
    return windows


@pytest.mark.parametrize(("late", "volume"), [(0, 1.0), (0, 0.4), (400, 1.0), (800, 0.7)])
def test_an_encoding_may_be_late_and_of_another_volume(late: int, volume: float) -> None:
    """Encoders delay the audio by some milliseconds and change its level."""
    assert is_same_sound(sound_print(_speech(1)), sound_print(_speech(1, late=late, volume=volume)))


@pytest.mark.parametrize("seed", range(2, 8))
def test_other_speech_is_other_audio(seed: int) -> None:
    """Different speech is never the same."""
    assert not is_same_sound(sound_print(_speech(1)), sound_print(_speech(seed)))


def test_tones_are_the_same_by_their_pitch() -> None:
    """Audio without changes of the level is compared by its spectrum."""

    def tone(pitch: float) -> str:
        sine = (round(9000 * math.sin(6.2832 * pitch * n / RATE)) for n in range(4 * RATE))
        return sound_print([array("h", sine)] * 3)

    assert is_same_sound(tone(440), tone(440.5))
    assert not is_same_sound(tone(440), tone(520))


def test_silence_has_no_print() -> None:
    """Silent and missing windows are not the same as anything."""
    silent = array("h", bytes(8 * RATE))

    assert is_silent(silent)
    assert is_silent(array("h"))
    assert sound_print([*_speech(1)[:2], silent]) == ""
    assert sound_print([]) == ""
    assert not is_same_sound("", "")


@given(st.text(max_size=40), st.text(max_size=40))
def test_any_text_can_be_compared(one: str, other: str) -> None:
    """A stored text that is no print is the same as nothing."""
    assert is_same_sound(one, other) in (True, False)
    assert not is_same_sound("#", one)


@given(st.floats(min_value=0.01, max_value=1e6))
def test_windows_are_inside_the_file(duration: float) -> None:
    """Every window starts and ends within the playing time."""
    for start, length in windows_of(duration):
        assert start >= 0
        assert start + length <= duration + 1e-9


def test_files_of_nearly_the_same_length_are_sampled_alike() -> None:
    """A second more at the end does not move the windows."""
    assert windows_of(1420.0) == windows_of(1421.3)


def test_a_stored_print_stays_valid() -> None:
    """Prints are stored, so the same samples must have the same print in every version."""
    windows = [
        array(
            "h", ((n * n * (3 + w) // 7) % 4001 - 2000 if n // 500 % 3 else 0 for n in range(4096))
        )
        for w in range(3)
    ]
    digest = hashlib.sha256(sound_print(windows).encode()).hexdigest()
    assert digest == "8eeca662993f5c0d3a31297f79395679feb5a21126a938e5405ecaa1c359860e"


@pytest.mark.parametrize(
    ("peak", "is_quiet"), [(0, True), (8, True), (9, False), (-8, True), (-9, False)]
)
def test_the_highest_sample_decides_about_silence(peak: int, is_quiet: bool) -> None:
    """In either direction."""
    assert is_silent(array("h", [0, peak, 0])) == is_quiet


def test_a_window_needs_enough_samples() -> None:
    """Four samples for each step of the level."""
    long = array("h", range(512))
    assert sound_print([long, long])
    assert sound_print([long, long[:-1]]) == ""


@pytest.mark.parametrize(
    ("duration", "windows"),
    [
        (16.0, [(4.0, 4.0), (8.0, 4.0), (12.0, 4.0)]),
        (8.0, [(2.0, 2.0), (4.0, 2.0), (6.0, 2.0)]),
        (1420.0, [(320.0, 4.0), (704.0, 4.0), (1024.0, 4.0)]),
    ],
)
def test_windows_lie_at_quarters(duration: float, windows: list[tuple[float, float]]) -> None:
    """Rounded down to a power of two, and shorter in short files."""
    assert list(windows_of(duration)) == windows


def _stored(level: int, steps: list[list[int]], *, last_level: int | None = None) -> str:
    """Return a print of three windows: 64 bytes of level and spectrum, then 128 steps each."""
    raw = b""
    for number, window in enumerate(steps):
        raw += bytes([level if last_level is None or number < 2 else last_level] * 64)
        raw += bytes(sum(window[n + i] << 2 * i for i in range(4)) for n in range(0, 128, 4))
    return base64.b64encode(raw).decode()


def _changes(count: int, *, flipped: int = 0, late: int = 0) -> list[list[int]]:
    """Return steps with some rises and falls, the first of them flipped, all some steps late."""
    chance = random.Random(5)
    places = chance.sample([(w, n) for w in range(3) for n in range(10, 118)], count)
    steps = [[0] * 128 for _ in range(3)]
    for number, (window, n) in enumerate(places):
        value = chance.choice((1, 2))
        steps[window][n + late] = 3 - value if number < flipped else value
    return steps


@pytest.mark.parametrize(
    ("first", "second", "is_same"),
    [
        # Without enough changes, level and spectrum decide: 4 of 255 may differ.
        *((_stored(100, _changes(0)), _stored(100 + n, _changes(0)), n <= 4) for n in (0, 4, 5)),
        (_stored(100, _changes(0)), _stored(100, _changes(0), last_level=104), True),
        (_stored(100, _changes(0)), _stored(100, _changes(0), last_level=105), False),
        # With 24 changes, they decide as well.
        (_stored(100, _changes(23)), _stored(100, _changes(23, flipped=23)), True),
        (_stored(100, _changes(24)), _stored(100, _changes(24, flipped=24)), False),
        (_stored(100, _changes(24)), _stored(104, _changes(24)), True),
        (_stored(100, _changes(24)), _stored(105, _changes(24)), False),
        # 28 % of them may go the other way.
        (_stored(100, _changes(100)), _stored(100, _changes(100, flipped=28)), True),
        (_stored(100, _changes(100)), _stored(100, _changes(100, flipped=29)), False),
        # Audio that is up to 5 steps late or early may differ by 16.
        *(
            (_stored(100, _changes(100)), _stored(100 + n, _changes(100, late=late)), n <= 16)
            for n in (5, 16, 17)
            for late in (-5, -1, 1, 5)
        ),
        (_stored(100, _changes(100)), _stored(100, _changes(100), last_level=117), False),
        (_stored(100, _changes(100)), _stored(100, _changes(100, late=6)), False),
        (_stored(100, _changes(100)), _stored(100, _changes(100, late=-6)), False),
        # Prints of another number of windows are of something else.
        (_stored(100, _changes(0)), _stored(100, _changes(0)[:2]), False),
    ],
)
def test_the_limits_within_which_audio_is_the_same(first: str, second: str, is_same: bool) -> None:
    """In both orders."""
    assert is_same_sound(first, second) == is_same
    assert is_same_sound(second, first) == is_same
