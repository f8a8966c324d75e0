"""Formats of yt-dlp, converted to streams or an error."""

from typing import Any

import attrs
import pytest

from aniworld_core.domain.media import ENG_DUB, GER_DUB, Checksum, MediaSource, Stream, StreamKind
from aniworld_core.errors import AddressRefusedError, ProtectedError, UnsupportedSourceError
from aniworld_providers.network.guard import AddressGuard
from aniworld_providers.ytdlp.streams import streams_from_info

SOURCE = MediaSource(provider="x", hoster="Hoster", url="https://hoster.invalid/e/1")
FILE = {"protocol": "https", "url": "https://cdn.invalid/film.mp4"}


def streams_of(*formats: dict[str, Any], source: MediaSource = SOURCE, **info: Any) -> list[Stream]:
    """Convert formats, the best of them last."""
    facts = {"formats": list(formats), **info}
    return list(streams_from_info(facts, source, AddressGuard(), lambda _: "a=1"))


def test_only_complete_videos_are_used() -> None:
    """Video without audio, audio without video and storyboards are left out."""
    whole = {**FILE, "vcodec": "h264", "acodec": "aac"}
    halves = [
        {**FILE, "url": "https://cdn.invalid/v.mp4", "vcodec": "h264", "acodec": "none"},
        {**FILE, "url": "https://cdn.invalid/a.m4a", "vcodec": "none", "acodec": "aac"},
        {**FILE, "url": "https://cdn.invalid/s", "protocol": "mhtml"},
    ]

    assert [s.url for s in streams_of(whole, *halves)] == ["https://cdn.invalid/film.mp4"]


@pytest.mark.parametrize(
    ("protocol", "kind"),
    [("m3u8_native", StreamKind.HLS), ("http_dash_segments", StreamKind.DASH)],
)
def test_variants_become_their_manifest(protocol: str, kind: StreamKind) -> None:
    """The manifest is returned instead of its variants, even with separate audio."""
    manifest = "https://cdn.invalid/manifest"
    variants = [
        {"protocol": protocol, "url": f"https://cdn.invalid/{h}", "manifest_url": manifest,
         "height": h, "vcodec": "h264", "acodec": "none"}
        for h in (360, 1080)
    ]  # fmt: skip

    (stream,) = streams_of(*variants)

    assert (stream.url, stream.kind, stream.height) == (manifest, kind, 1080)


def test_fragments_without_a_manifest_are_left_out() -> None:
    """Fragments that only yt-dlp can join are left out."""
    with pytest.raises(UnsupportedSourceError):
        streams_of({"protocol": "http_dash_segments", "url": "https://cdn.invalid/1"})


def test_known_data_is_carried_over() -> None:
    """Size, height, duration and language come from the page if the source has none."""
    (stream,) = streams_of(
        {**FILE, "filesize": 1000, "height": 480, "language": "en"}, duration=1420.5
    )

    assert (stream.size, stream.height, stream.duration) == (1000, 480, 1420.5)
    assert stream.language == ENG_DUB


def test_the_source_takes_precedence() -> None:
    """Its language and duration win; its checksum applies to the same link only."""
    source = MediaSource(
        provider="x",
        hoster="h",
        url=FILE["url"],
        language=GER_DUB,
        duration=10.0,
        checksum=Checksum("md5", "00"),
    )

    same, other = streams_of(
        {**FILE, "url": "https://cdn.invalid/other.mp4", "language": "en"},
        FILE,
        source=source,
        duration=11,
    )

    assert (same.language, same.duration, same.checksum) == (GER_DUB, 10.0, source.checksum)
    assert (other.language, other.checksum) == (GER_DUB, None)


def test_an_estimated_size_is_ignored() -> None:
    """An estimate must not make a good file look broken."""
    (stream,) = streams_of({**FILE, "filesize_approx": 1234})

    assert stream.size is None


def test_connection_headers_are_dropped() -> None:
    """Headers for the media server are kept; the fetcher sets the others."""
    given = {
        "Referer": "https://hoster.invalid/",
        "User-Agent": "x",
        "Range": "bytes=0-1",
        "Host": "evil.invalid",
        "Authorization": "Basic eDp5",
        "X-Bad": "a\r\nSet-Cookie: b",
    }

    (stream,) = streams_of({**FILE, "http_headers": given})

    assert dict(stream.headers) == {"Referer": "https://hoster.invalid/", "User-Agent": "x"}


@pytest.mark.parametrize("state", [{"is_live": True}, {"live_status": "is_upcoming"}])
def test_live_is_refused(state: dict[str, Any]) -> None:
    """A broadcast has no end that could be checked."""
    with pytest.raises(UnsupportedSourceError, match="live"):
        streams_of(FILE, **state)


def test_protected_media_are_named_as_such() -> None:
    """If all formats are protected, the error says so."""
    with pytest.raises(ProtectedError):
        streams_of({**FILE, "has_drm": True})
    with pytest.raises(ProtectedError):
        streams_of({**FILE, "vcodec": "none"}, _has_drm=True)


@pytest.mark.parametrize(
    "link", ["http://127.0.0.1/a.mp4", "http://[::1]/a.mp4", "http://2130706433/a.mp4"]
)
def test_private_links_are_never_results(link: str) -> None:
    """They are left out, and refused if there is nothing else."""
    inside = {**FILE, "url": link}

    assert [s.url for s in streams_of(FILE, inside)] == [FILE["url"]]
    with pytest.raises(AddressRefusedError):
        streams_of(inside)


@pytest.mark.parametrize("link", ["file:///etc/passwd", "ftp://x.invalid/a", "rtmp://x/y", ""])
def test_other_protocols_are_never_results(link: str) -> None:
    """Streams of other protocols are left out."""
    with pytest.raises(UnsupportedSourceError):
        streams_of({**FILE, "url": link})


@pytest.mark.parametrize(
    "info",
    [
        {"_type": "playlist", "entries": []},
        {"_type": "playlist", "entries": [None]},
        {"_type": "playlist", "entries": [{"formats": [FILE]}, {"formats": [FILE]}]},
        {"_type": "multi_video", "entries": [{"formats": [FILE]}]},
        {"_type": "url", "url": "https://x.invalid"},
        {},
    ],
)
def test_no_or_several_videos_are_unsupported(info: dict[str, Any]) -> None:
    """Only a single video can be the episode."""
    with pytest.raises(UnsupportedSourceError):
        streams_from_info(info, SOURCE, AddressGuard(), lambda _: None)


def test_a_list_of_one_is_that_one() -> None:
    """Some sites wrap their only video in a list."""
    info = {"_type": "playlist", "entries": [{"formats": [FILE]}]}

    (stream,) = streams_from_info(info, SOURCE, AddressGuard(), lambda _: None)

    assert stream.url == FILE["url"]


@pytest.mark.parametrize("junk", [None, 5, [], "tall", -1, float("nan")])
def test_invalid_values_are_ignored(junk: object) -> None:
    """Every value comes from a page and may be anything."""
    (stream,) = streams_of(
        {**FILE, "height": junk, "filesize": junk, "language": junk, "manifest_url": junk},
        duration=junk,
    )

    assert (stream.size, stream.duration, stream.language) in [(None, None, None), (5, 5.0, None)]


def test_subtitle_files_are_added() -> None:
    """One plain file per language in the best format, with the headers of its server."""
    offers = {
        "de": [
            {"ext": "srt", "url": "https://cdn.invalid/de.srt"},
            {"ext": "vtt", "url": "https://cdn.invalid/de.vtt"},
        ],
        "en-US": [{"ext": "srt", "url": "https://cdn.invalid/en.srt", "name": "English (SDH)"}],
        "fr": [{"ext": "vtt", "url": "https://cdn.invalid/fr.m3u8", "protocol": "m3u8_native"}],
        "es": [{"ext": "vtt", "url": "http://10.0.0.1/es.vtt"}],
        "it": [{"ext": "vtt", "url": "file:///etc/passwd"}],
        "live_chat": [{"ext": "json", "url": "https://cdn.invalid/chat"}],
        "xx": "junk",
    }
    captions = {"de": [{"ext": "vtt", "url": "https://cdn.invalid/heard.vtt"}]}
    page = attrs.evolve(SOURCE, url=FILE["url"])

    (stream,) = streams_of(
        {**FILE, "http_headers": {"Referer": "https://hoster.invalid"}},
        source=page,
        subtitles=offers,
        automatic_captions=captions,
    )

    assert [(s.url, s.language, s.hearing_impaired) for s in stream.subtitles] == [
        ("https://cdn.invalid/de.vtt", "deu", False),
        ("https://cdn.invalid/en.srt", "eng", True),
    ]
    assert dict(stream.headers)["Cookie"] == "a=1"
    assert all(dict(s.headers) == {"Referer": "https://hoster.invalid"} for s in stream.subtitles)


@pytest.mark.parametrize("junk", [None, 5, "x", [], {"de": None}, {"de": [None, {}]}, {5: [{}]}])
def test_invalid_subtitles_are_ignored(junk: object) -> None:
    """The video is used anyway."""
    (stream,) = streams_of(FILE, subtitles=junk)

    assert stream.subtitles == ()
