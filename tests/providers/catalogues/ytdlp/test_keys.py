"""Keys of lists."""

import pytest

from aniworld_core.domain.identity import parse_series_key
from aniworld_providers.catalogues.ytdlp.stored import key_of_list


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (
            ("PeerTubePlaylist", "news", "https://peertube.one.example/c/news/videos"),
            ("PeerTubePlaylist", "news", "https://peertube.two.example/c/news/videos"),
        ),
        (
            ("PeerTubePlaylist", "news", "https://127.0.0.1:8000/c/news/videos"),
            ("PeerTubePlaylist", "news", "https://127.0.0.1:8001/c/news/videos"),
        ),
        (
            ("HTML5MediaEmbed", "one-1", "https://example.org/a/one"),
            ("HTML5MediaEmbed", "one-1", "https://example.org/b/one"),
        ),
        (
            ("Generic", "feed", "https://example.org/feed?show=1"),
            ("Generic", "feed", "https://example.org/feed?show=2"),
        ),
        (
            ("YoutubeTab", "PLabc", "https://www.youtube.com/playlist?list=PLabc"),
            ("YoutubeTab", "PLABC", "https://www.youtube.com/playlist?list=PLABC"),
        ),
        (
            ("Vimeo", "a_b", "https://vimeo.com/a_b"),
            ("Vimeo", "a-b", "https://vimeo.com/a-b"),
        ),
    ],
)
def test_different_lists_have_different_keys(
    one: tuple[str, str, str], other: tuple[str, str, str]
) -> None:
    """Neither an id that several sites use nor one that differs in case joins two lists."""
    assert key_of_list(*one) != key_of_list(*other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (
            ("PeerTubePlaylist", "news", "https://one.example/c/news/videos"),
            ("PeerTubePlaylist", "news", "https://ONE.example/c/news"),
        ),
        (
            ("YoutubeTab", "UC1", "https://www.youtube.com/channel/UC1/videos"),
            ("YoutubeTab", "UC1", "https://m.youtube.com/channel/UC1"),
        ),
    ],
)
def test_links_of_one_list_have_one_key(
    one: tuple[str, str, str], other: tuple[str, str, str]
) -> None:
    """The list is not added twice."""
    assert key_of_list(*one) == key_of_list(*other)


def test_a_key_names_extractor_and_list() -> None:
    """A person recognises it, and it is never too long."""
    key = key_of_list("ArdMediathek", "show-1", "https://www.ardmediathek.de/sendung/show-1")
    assert key.startswith("ardmediathek-show-1-")
    assert parse_series_key(
        key_of_list("Generic", "\N{HANGUL SYLLABLE GA}" * 400, "https://a.example/")
    )
