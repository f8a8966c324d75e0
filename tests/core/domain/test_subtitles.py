"""File names of subtitles and their selection."""

import pytest

from aniworld_core.domain.downloads import text_languages
from aniworld_core.domain.media import ENG_SUB, GER_DUB, GER_SUB, parse_language
from aniworld_core.domain.subtitles import Subtitle, SubtitleChoice, TextTrack


@pytest.mark.parametrize(
    ("track", "tags"),
    [
        (TextTrack(), ""),
        (TextTrack(language="deu"), ".de"),
        (TextTrack(language="jpn", forced=True), ".ja.forced"),
        (TextTrack(language="fil", hearing_impaired=True), ".fil.sdh"),
        (TextTrack(language="deu", forced=True, hearing_impaired=True), ".de.forced.sdh"),
        (TextTrack(forced=True), ".forced"),
    ],
)
def test_files_are_called_as_media_servers_expect(track: TextTrack, tags: str) -> None:
    """File names have a two-letter language code and flags, as media servers expect."""
    assert track.tags == tags


@pytest.mark.parametrize(
    ("name", "forced", "hearing_impaired"),
    [
        ("German", False, False),
        ("German (Forced)", True, False),
        ("show.s01e01.en.sdh.srt", False, True),
        ("English [CC]", False, True),
        ("Hitchhiker", False, False),
        ("Accent", False, False),
    ],
)
def test_names_tell_what_is_special(name: str, forced: bool, hearing_impaired: bool) -> None:
    """Whole words of a name set flags."""
    subtitle = Subtitle.called(name, url="https://h.invalid/a.vtt", language="deu")

    assert (subtitle.forced, subtitle.hearing_impaired) == (forced, hearing_impaired)


def test_headers_of_a_subtitle_are_not_shown() -> None:
    """The repr contains no headers, which may have a key."""
    subtitle = Subtitle(url="https://h.invalid", headers=(("Authorization", "topsecret"),))

    assert "topsecret" not in repr(subtitle)


def test_wanted_subtitles_are_those_of_the_wanted_languages() -> None:
    """A dub also gets subtitles in its own language; unknown languages are always wanted."""
    wanted = text_languages(SubtitleChoice.WANTED, (GER_DUB, GER_SUB, ENG_SUB))

    assert wanted == frozenset({"deu", "eng"})
    french = text_languages(SubtitleChoice.WANTED, (parse_language("fr"),))
    assert french == frozenset({"fra"})
    assert TextTrack(language="deu").is_wanted(wanted)
    assert TextTrack().is_wanted(wanted)
    assert not TextTrack(language="spa").is_wanted(wanted)


def test_all_and_none_are_all_and_none() -> None:
    """All and none also apply to subtitles of unknown language."""
    for track in (TextTrack(), TextTrack(language="deu")):
        assert track.is_wanted(text_languages(SubtitleChoice.ALL, (GER_SUB,)))
        assert not track.is_wanted(text_languages(SubtitleChoice.NONE, (GER_SUB,)))
