"""Files whose content contradicts what they are taken for."""

import base64
from typing import Any

import attrs
import pytest

from aniworld_core.domain.catalogue import Series
from aniworld_core.domain.library import FileFacts, FileState, LibraryFile, judged
from aniworld_core.domain.media import ENG_DUB, GER_DUB, GER_SUB, Language, parse_language
from aniworld_core.messages import kind_of, values_of
from aniworld_core.testing.factories import KEY, make_episode, make_series

_FACTS = FileFacts(
    duration_seconds=1400.0,
    height=720,
    video_codec="h264",
    audio_codecs=("aac",),
    audio_languages=("deu",),
)


def _file(number: int, *, season: int = 1, **changes: Any) -> LibraryFile:
    facts = {name: changes.pop(name) for name in list(changes) if hasattr(_FACTS, name)}
    plain = LibraryFile(
        path=f"A/{season}x{number}.mkv",
        size=1,
        modified_ns=1,
        state=FileState.PRESENT,
        series_key=KEY,
        season=season,
        numbers=(number,),
        facts=attrs.evolve(_FACTS, **facts),
    )
    return attrs.evolve(plain, **changes)


def _series(language: Language | None = GER_DUB) -> Series:
    episodes = [
        attrs.evolve(make_episode(n), downloaded=True, file=f"A/1x{n}.mkv", file_language=language)
        for n in range(1, 9)
    ]
    return make_series(KEY, episodes=episodes)


def _suspects(
    *files: LibraryFile, language: Language | None = GER_DUB, wanted: tuple[Language, ...] = ()
) -> dict[str, str | None]:
    found = judged(_series(language), files, wanted)
    assert [file.path for file in found] == [file.path for file in files]
    return {f.path: kind_of(f.reason) for f in found if f.state is FileState.SUSPECT}


def test_sound_files_are_not_suspect() -> None:
    """Equal lengths, right languages and different audio raise no doubt."""
    files = [_file(n, fingerprint=f"f{n}") for n in range(1, 6)]

    assert _suspects(*files) == {}
    assert judged(_series(), files, [GER_DUB]) == files


def test_files_with_the_audio_of_another_episode_are_suspect() -> None:
    """Audio that agrees names both files; other audio, and files of other lengths, do not."""
    one, other = (base64.b64encode(bytes([level]) * 96).decode() for level in (40, 200))
    files = [
        _file(1, sound=one),
        _file(2, sound=one),
        _file(3, sound=other),
        _file(4, sound=one, duration_seconds=1300.0),
        _file(5),
    ]

    assert _suspects(*files) == {"A/1x1.mkv": "file_same_sound", "A/1x2.mkv": "file_same_sound"}


@pytest.mark.parametrize(
    ("language", "audio", "is_suspect"),
    [
        ("ger-dub", ("jpn",), True),
        ("ger-dub", ("jpn", "deu"), False),
        ("ger-dub", ("und",), False),
        ("ger-dub", ("und", "jpn"), False),
        ("ger-sub", ("jpn",), False),
        ("ger-sub", ("kor",), False),
        ("ger-sub", ("deu",), True),
        ("eng-dub", ("deu",), True),
        ("fr", ("fra",), False),
        ("fr", ("deu",), True),
    ],
)
def test_the_audio_has_to_fit_the_language_of_the_file(
    language: str, audio: tuple[str, ...], is_suspect: bool
) -> None:
    """Tracks without a language prove nothing; one right track is enough."""
    file = _file(1, audio_languages=audio, audio_codecs=("aac",) * len(audio))

    found = _suspects(file, language=parse_language(language))

    assert found == ({file.path: "file_wrong_language"} if is_suspect else {})


def test_without_a_claim_the_policy_counts() -> None:
    """A file whose name states no language has to fit one wanted language."""
    file = _file(1, audio_languages=("kor",))

    assert _suspects(file, language=None, wanted=(GER_DUB, ENG_DUB))
    assert not _suspects(file, language=None, wanted=(GER_DUB, GER_SUB))
    assert not _suspects(file, language=None)


@pytest.mark.parametrize(
    ("seconds", "is_suspect"),
    [(700.0, True), (1000.0, True), (1300.0, False), (1600.0, False), (2800.0, True)],
)
def test_the_length_is_compared_with_the_season(seconds: float, is_suspect: bool) -> None:
    """Far from the median is suspect; the other files are not."""
    files = [_file(n, duration_seconds=1400.0 + n) for n in range(1, 5)]
    odd = _file(5, duration_seconds=seconds)

    found = _suspects(*files, odd)

    assert found == ({odd.path: "file_length_differs"} if is_suspect else {})


def test_lengths_that_prove_nothing() -> None:
    """Two files, specials, unknown lengths and files of two episodes are no reason."""
    assert not _suspects(_file(1), _file(2, duration_seconds=100.0))
    specials = [_file(n, season=0, duration_seconds=100.0 * n) for n in range(1, 6)]
    assert not _suspects(*specials)
    double = _file(4, numbers=(4, 5), duration_seconds=2800.0)
    unknown = _file(6, duration_seconds=None)
    assert not _suspects(_file(1), _file(2), _file(3), double, unknown)


def test_silent_and_missing_audio() -> None:
    """A silent track is suspect, and so is a film without audio."""
    silent = _file(1, silent_tracks=(0,))
    none = _file(2, audio_codecs=(), audio_languages=())

    assert _suspects(silent, none) == {silent.path: "file_silent", none.path: "file_no_audio"}


def test_the_same_content_in_two_episodes() -> None:
    """Both are suspect; a copy under another name is a version of the episode."""
    one, two = _file(1, fingerprint="f"), _file(2, fingerprint="f")
    assert _suspects(one, two) == {
        one.path: "file_same_content",
        two.path: "file_same_content",
    }
    copy = _file(9, path="A/copy.mkv", state=FileState.EXTRA, numbers=(), fingerprint="f")

    _, found = judged(_series(), [one, copy], ())

    assert (found.state, found.season, found.numbers) == (FileState.VERSION, 1, (1,))
    assert (found.linked, kind_of(found.reason)) == (True, "file_same_content")


def test_a_pin_is_a_decision() -> None:
    """A pinned file is never suspect, and a doubt that is gone is taken back."""
    pinned = _file(1, silent_tracks=(0,), pinned=True)
    before = _file(2, state=FileState.SUSPECT)

    first, second = judged(_series(), [pinned, before], ())

    assert first == pinned
    assert (second.state, second.reason) == (FileState.PRESENT, None)


def test_reasons_name_the_other_file_and_the_lengths_of_the_whole_file() -> None:
    """Equal content names its twin; a file of two episodes is compared with twice the median."""
    one, two = _file(1, fingerprint="f"), _file(2, fingerprint="f")
    twins = [file.reason for file in judged(_series(), [one, two], ())]
    assert [values_of(reason)["other"] for reason in twins] == [two.path, one.path]

    double = _file(4, numbers=(4, 5), duration_seconds=1400.0)
    *_, found = judged(_series(), [*map(_file, (1, 2, 3, 6)), double], ())
    assert values_of(found.reason) == {"actual_seconds": 1400.0, "expected_seconds": 2800.0}
