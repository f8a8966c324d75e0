"""Formats of yt-dlp, converted to streams or an error."""

from typing import Any

import attrs
import pytest

from aniworld_core.domain.media import (
    ENG_DUB,
    GER_DUB,
    Checksum,
    Extra,
    MediaSource,
    Stream,
    StreamKind,
)
from aniworld_core.errors import AddressRefusedError, ProtectedError, UnsupportedSourceError
from aniworld_providers.network.guard import AddressGuard
from aniworld_providers.ytdlp.streams import streams_from_info

SOURCE = MediaSource(provider="x", hoster="Hoster", url="https://hoster.invalid/e/1")
FILE = {"protocol": "https", "url": "https://cdn.invalid/film.mp4"}


def streams_of(*formats: dict[str, Any], source: MediaSource = SOURCE, **info: Any) -> list[Stream]:
    """Convert formats, the best of them last."""
    facts = {"formats": list(formats), **info}
    return list(streams_from_info(facts, source, AddressGuard(), lambda _: "a=1"))


HALF = {**FILE, "url": "https://cdn.invalid/v.mp4", "vcodec": "h264", "acodec": "none"}
SOUND = {**FILE, "url": "https://cdn.invalid/a.m4a", "vcodec": "none", "acodec": "aac"}


def halves_of(streams: list[Stream]) -> list[tuple[str, str | None]]:
    """Return the last part of the links of video and audio."""
    ends = [(s.url, s.sound.url if s.sound is not None else None) for s in streams]
    return [(v.rpartition("/")[2], a and a.rpartition("/")[2]) for v, a in ends]


def test_complete_videos_need_no_second_file() -> None:
    """Storyboards and audio alone are never a video."""
    whole = {**FILE, "vcodec": "h264", "acodec": "aac"}
    board = {**FILE, "url": "https://cdn.invalid/s", "protocol": "mhtml"}

    assert halves_of(streams_of(whole, SOUND, board)) == [("film.mp4", None)]


def test_separate_video_and_audio_are_paired() -> None:
    """Each video gets the best audio; complete videos stay, in the order of yt-dlp."""
    tall = {**HALF, "url": "https://cdn.invalid/tall.webm", "height": 1080, "vcodec": "av1"}
    good = {**SOUND, "url": "https://cdn.invalid/good.webm", "acodec": "opus"}
    whole = {**FILE, "vcodec": "h264", "acodec": "aac", "height": 720}

    found = streams_of(SOUND, good, whole, {**HALF, "height": 480}, tall)

    assert halves_of(found) == [
        ("tall.webm", "good.webm"),
        ("v.mp4", "good.webm"),
        ("film.mp4", None),
    ]


def test_every_language_of_separate_audio_is_offered() -> None:
    """The language policy chooses later; the audio file has its language, not the catalogue's."""
    german = {**SOUND, "url": "https://cdn.invalid/de.m4a", "language": "de", "format_id": "140-de"}
    english = {**SOUND, "url": "https://cdn.invalid/en.m4a", "language": "en"}
    half = {**HALF, "format_id": "137"}

    found = streams_of(german, english, half)
    dub = streams_of(german, english, half, source=attrs.evolve(SOURCE, language=GER_DUB))

    assert [s.language for s in found] == [ENG_DUB, GER_DUB]
    assert found[1].variant == "137+140-de"
    assert halves_of(dub) == [("v.mp4", "de.m4a")]
    assert dub[0].sound is not None
    assert dub[0].sound.language == GER_DUB


def test_a_file_of_unknown_codecs_gets_the_separate_audio() -> None:
    """Such files often have none; if one has, the fetcher leaves the other file."""
    assert halves_of(streams_of(SOUND, FILE)) == [("film.mp4", "a.m4a")]
    assert halves_of(streams_of(FILE)) == [("film.mp4", None)]


def test_a_silent_film_is_complete() -> None:
    """If nothing on the page has audio, the film has none either."""
    assert halves_of(streams_of(HALF)) == [("v.mp4", None)]


def test_protected_audio_is_not_replaced_by_silence() -> None:
    """A video whose audio is protected is protected."""
    with pytest.raises(ProtectedError):
        streams_of({**SOUND, "has_drm": True}, HALF)


def test_only_audio_has_its_own_reason() -> None:
    """The library holds videos."""
    with pytest.raises(UnsupportedSourceError, match="only audio"):
        streams_of(SOUND)


def test_audio_at_a_private_address_is_refused() -> None:
    """The guard checks both links."""
    with pytest.raises(AddressRefusedError):
        streams_of({**SOUND, "url": "http://10.0.0.1/a.m4a"}, HALF)


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


def test_automatic_captions_fill_the_gaps_if_wanted() -> None:
    """Manual subtitles win; a caption in another language than the spoken one is a translation."""
    vtt = {"ext": "vtt", "url": "https://cdn.invalid/t.vtt"}
    page = attrs.evolve(SOURCE, extras=frozenset({Extra.AUTOMATIC_SUBTITLES}))
    captions = {"de": [vtt], "en": [vtt], "en-orig": [vtt], "fr": [vtt]}

    (stream,) = streams_of(FILE, source=page, subtitles={"de": [vtt]}, automatic_captions=captions)

    assert [(s.language, s.translated) for s in stream.subtitles] == [
        ("deu", False),
        ("eng", False),
        ("fra", True),
    ]
    assert [s.language for s in stream.subtitles if s.is_wanted(None)] == ["deu", "eng"]


@pytest.mark.parametrize(
    ("chapters", "expected"),
    [
        (
            [{"start_time": 0, "end_time": 60.5, "title": "One \n two"}, {"start_time": 60.5}],
            [(0, 60.5, "One two"), (60.5, 60.5, "")],
        ),
        ([{"start_time": -1}, {"start_time": "x"}, {"start_time": float("nan")}, 5, None], []),
        ({"start_time": 0}, []),
        (None, []),
    ],
)
def test_chapters_are_read_if_wanted(chapters: object, expected: list[object]) -> None:
    """Times that are no numbers are left out."""
    wanted = attrs.evolve(SOURCE, extras=frozenset({Extra.CHAPTERS}))

    (stream,) = streams_of(FILE, source=wanted, chapters=chapters)
    (plain,) = streams_of(FILE, chapters=chapters)

    assert [(c.start, c.end, c.title) for c in stream.chapters] == expected
    assert plain.chapters == ()


def test_marks_of_sponsorblock_divide_chapters() -> None:
    """A mark inside of a chapter cuts it in three."""
    wanted = attrs.evolve(SOURCE, extras=frozenset({Extra.SPONSORBLOCK}))
    mark = {"start_time": 20, "end_time": 30, "title": "Sponsor", "_categories": []}
    facts = {"title": "Film", "duration": 100, "sponsorblock_chapters": [mark]}

    (whole,) = streams_of(FILE, source=wanted, **facts)
    halves = [{"start_time": 0, "end_time": 25, "title": "A"}, {"start_time": 25, "end_time": 100}]
    (cut,) = streams_of(FILE, source=wanted, **facts, chapters=halves)

    sponsor = (20, 30, "[SponsorBlock] Sponsor")
    assert [(c.start, c.end, c.title) for c in whole.chapters] == [
        (0, 20, "Film"),
        sponsor,
        (30, 100, "Film"),
    ]
    assert [(c.start, c.end, c.title) for c in cut.chapters] == [
        (0, 20, "A"),
        sponsor,
        (30, 100, ""),
    ]


def test_thumbnails_are_read_if_wanted() -> None:
    """The best one first, fitting kinds before others, none at a private address."""
    wanted = attrs.evolve(SOURCE, extras=frozenset({Extra.THUMBNAIL}))
    links = ["https://i.invalid/s.jpg", "http://10.0.0.1/x.jpg", "https://i.invalid/l.jpg", 5]
    thumbnails = [{"url": link} for link in links] + [{"url": "https://i.invalid/best.webp?a.jpg"}]

    (stream,) = streams_of(FILE, source=wanted, thumbnails=thumbnails)
    (plain,) = streams_of(FILE, thumbnails=thumbnails)

    assert [t.url for t in stream.thumbnails] == [
        "https://i.invalid/l.jpg",
        "https://i.invalid/s.jpg",
        "https://i.invalid/best.webp?a.jpg",
    ]
    assert plain.thumbnails == ()
