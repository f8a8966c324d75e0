"""Check of the audio languages of a complete file."""

from pathlib import Path

import pytest

from aniworld_core.domain.media import ENG_DUB, ENG_SUB, GER_DUB, Language, Stream, StreamKind
from aniworld_core.errors import BadMediaError
from aniworld_core.ports.fetcher import FetchRequest
from aniworld_core.ports.inspector import MediaFacts
from aniworld_providers.transfer.disk.verify import _check_languages


def _check(tracks: tuple[str, ...], language: Language | None, *wanted: Language) -> None:
    stream = Stream(url="https://a.example/film.mp4", kind=StreamKind.DIRECT, language=language)
    facts = MediaFacts(suffix=".mp4", duration=None, height=None, audio_languages=tracks)
    request = FetchRequest(stream=stream, destination=Path("film.mp4"), languages=wanted)
    _check_languages(facts, request)


@pytest.mark.parametrize(
    ("tracks", "language", "wanted"),
    [
        (("deu",), GER_DUB, ()),
        (("jpn", "deu"), GER_DUB, ()),
        (("jpn",), ENG_SUB, ()),
        (("deu",), ENG_DUB, (ENG_DUB, GER_DUB)),
        (("jpn",), None, ()),
        ((), GER_DUB, ()),
        (("jpn", "und"), GER_DUB, ()),
    ],
)
def test_a_file_with_a_wanted_or_unknown_language_is_accepted(
    tracks: tuple[str, ...], language: Language | None, wanted: tuple[Language, ...]
) -> None:
    """One track of one wanted language is enough; a track without a tag may be it."""
    _check(tracks, language, *wanted)


@pytest.mark.parametrize(
    ("tracks", "language", "wanted"),
    [
        (("jpn",), GER_DUB, ()),
        (("eng",), ENG_SUB, ()),
        (("jpn", "eng"), ENG_DUB, (GER_DUB,)),
    ],
)
def test_a_file_in_other_languages_only_is_refused(
    tracks: tuple[str, ...], language: Language, wanted: tuple[Language, ...]
) -> None:
    """The wanted languages of the request count before the language of the link."""
    with pytest.raises(BadMediaError, match=f"its audio is {', '.join(tracks)} instead of"):
        _check(tracks, language, *wanted)
