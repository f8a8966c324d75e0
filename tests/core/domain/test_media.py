"""Parsing of languages and qualities."""

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from aniworld_core.domain.media import (
    ENG_DUB,
    ENG_SUB,
    GER_DUB,
    GER_SUB,
    JPN,
    Language,
    MediaSource,
    Quality,
    StreamKind,
    normalise_tag,
    parse_language,
    stream_from_source,
)
from aniworld_core.errors import InvalidLanguageError


@pytest.mark.parametrize(
    ("raw", "language"),
    [
        ("ger-dub", GER_DUB),
        (" GER-SUB ", GER_SUB),
        ("de", GER_DUB),
        ("deu", GER_DUB),
        ("ger", GER_DUB),
        ("de-DE", GER_DUB),
        ("ja+de", GER_SUB),
        ("jpn+en", ENG_SUB),
        ("en", ENG_DUB),
        ("ja", JPN),
        ("fr", Language("fr")),
        ("fra", Language("fr")),
        ("ja+fr", Language("ja+fr")),
    ],
)
def test_every_spelling_is_one_language(raw: str, language: Language) -> None:
    """Names of catalogues and equivalent tags give one language."""
    assert parse_language(raw) == language
    assert parse_language(str(language)) == language


@pytest.mark.parametrize(
    "raw", ["", "+", "de+", "+de", "de+en+fr", "klingonisch", "xx", "d", "de_DE", "ger-dup"]
)
def test_what_is_no_language(raw: str) -> None:
    """Text that names no language is refused."""
    with pytest.raises(InvalidLanguageError):
        parse_language(raw)


@given(st.text(max_size=20))
def test_any_text_is_a_language_or_refused(raw: str) -> None:
    """Any text is parsed or refused, and a parsed code can be parsed again."""
    try:
        language = parse_language(raw)
    except InvalidLanguageError:
        return
    assert parse_language(language.code) == language


@pytest.mark.parametrize(
    ("language", "audio", "subtitles", "label"),
    [
        (GER_DUB, "deu", None, "German Dub"),
        (GER_SUB, "jpn", "deu", "German Sub"),
        (ENG_DUB, "eng", None, "English Dub"),
        (ENG_SUB, "jpn", "eng", "English Sub"),
        (JPN, "jpn", None, "Japanese"),
        (Language("fr"), "fra", None, "French"),
        (Language("ja+fr"), "jpn", "fra", "Japanese + French"),
    ],
)
def test_what_a_language_means(
    language: Language, audio: str, subtitles: str | None, label: str
) -> None:
    """A language has spoken and subtitle language, and a label for file names."""
    assert (language.audio, language.subtitles, language.label) == (audio, subtitles, label)


def test_languages_of_tracks() -> None:
    """Track tags give the language."""
    assert Language.of_tracks("ger") == GER_DUB
    assert Language.of_tracks("jpn", "ger") == GER_SUB
    with pytest.raises(InvalidLanguageError):
        Language.of_tracks("und3")


def test_tags_are_normalised() -> None:
    """Tags with two or three letters and regions are normalised."""
    assert normalise_tag("de") == normalise_tag("ger") == normalise_tag("de-AT") == "deu"
    assert normalise_tag("zz") is None
    assert normalise_tag("not a tag!") is None


def test_ceilings() -> None:
    """A height is a maximum; best and worst have no height."""
    assert Quality.P720.max_height == 720
    assert Quality.BEST.max_height is None
    assert Quality.WORST.max_height is None


def test_a_source_that_is_media_keeps_everything() -> None:
    """A stream has all fields of its source."""
    source = MediaSource(
        provider="p",
        hoster="h",
        url="u",
        language=GER_DUB,
        headers=(("a", "b"),),
        height=720,
        size=5,
        duration=1.5,
        reach=frozenset({"a:1"}),
    )
    stream = stream_from_source(source, StreamKind.HLS)
    assert stream.kind is StreamKind.HLS
    kept = attrs.asdict(stream, recurse=False)
    given = attrs.asdict(source, recurse=False)
    # What is added to streams is up to the resolver.
    del given["extras"]
    assert {name: kept[name] for name in given} == {**given, "kind": StreamKind.HLS}


def test_headers_are_not_shown() -> None:
    """The repr contains no headers, which may have a password."""
    source = MediaSource(
        provider="p", hoster="h", url="http://x/", headers=(("Authorization", "canary"),)
    )

    assert "canary" not in repr(source)
    assert "canary" not in repr(stream_from_source(source, StreamKind.DIRECT))
