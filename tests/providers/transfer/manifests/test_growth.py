"""The time to parse a manifest or a subtitle is linear in its length, whatever it repeats."""

import contextlib
import threading
import time
from collections.abc import Callable

import anyio
import pytest

from aniworld_core.domain.media import GER_DUB, Quality
from aniworld_core.domain.subtitles import flags_in
from aniworld_core.errors import AniworldError, BadPlaylistError
from aniworld_providers.media.probe.language_names import language_named
from aniworld_providers.media.text.cues import cleaned, joined
from aniworld_providers.media.text.reading import clean_ass, format_of, text_of
from aniworld_providers.media.text.subrip import read_subrip
from aniworld_providers.media.text.webvtt import read_webvtt
from aniworld_providers.transfer.links import inline_content
from aniworld_providers.transfer.manifests import reading as manifest_reading
from aniworld_providers.transfer.manifests.dash.segments import range_of
from aniworld_providers.transfer.manifests.dash.tree import parse_manifest, seconds_of
from aniworld_providers.transfer.manifests.hls.choice import chosen_audio, ranked_variants
from aniworld_providers.transfer.manifests.hls.playlist import parse_playlist
from aniworld_providers.transfer.manifests.hls.tags import attributes_of, number_of
from aniworld_providers.transfer.manifests.playlists import MasterPlaylist
from aniworld_providers.transfer.manifests.subtitle_offers import listed_texts
from aniworld_providers.transfer.manifests.track_names import role_named
from support.growth import assert_linear
from support.thorough import IS_THOROUGH

URL = "https://cdn.example/a/list"
SET = '<AdaptationSet mimeType="video/mp4">'
#: Processor seconds that the worst small manifest may take; without limits it takes minutes.
MOST_SECONDS = 4.0


def hls(text: str) -> None:
    """Read a playlist, and what is chosen from it."""
    found = parse_playlist(text, URL)
    if isinstance(found, MasterPlaylist):
        for variant in ranked_variants(found, Quality.BEST)[:6]:
            chosen_audio(found, variant, [GER_DUB])
            listed_texts(found, variant)


def dash(text: str) -> None:
    """Read a manifest, and unfold one encode of it."""
    for representation in parse_manifest(text, URL).representations[:1]:
        representation.addressing.init()
        representation.addressing.index()
        representation.addressing.segments()


def subtitle(text: str) -> None:
    """Read a subtitle of any format."""
    data = text.encode()
    format_of(data, text_of(data))


def whole_text(text: str) -> None:
    """Read a text as every kind of subtitle."""
    joined([read_webvtt("WEBVTT\n\n" + text).cues, read_subrip(text)])


TOKENS = [
    *("a", "\n", " ", "=", ",", '"', "'", "a,", 'a="', "a=b,", "#EXTINF:1,\na\n", "#EXTINF:", "0"),
    *("#EXT-X-KEY:", "#EXT-X-KEY:a=b\n", "#EXT-X-KEY:METHOD=AES-128,URI=k\n#EXTINF:1,\na\n"),
    *('#EXT-X-MAP:URI="i"\n#EXTINF:1,\na\n', "#EXT-X-BYTERANGE:1@0\n#EXTINF:1,\na\n", "{$a}"),
    *("#EXT-X-MEDIA:TYPE=AUDIO,NAME=a,GROUP-ID=a\n", "#EXT-X-STREAM-INF:AUDIO=a\nv\n"),
    *('#EXT-X-DEFINE:NAME="a",VALUE="{$a}{$a}"\n', '#EXT-X-DEFINE:QUERYPARAM="a"\n', "../", "./"),
    *("#EXT-X-DISCONTINUITY\n", "#EXT-X-GAP\n", "#EXTM3U\n", "#", "\u201c", "a=\u201c,", "\u2028"),
    *("<a>", "<a/>", "<a b='c'/>", "</a>", "<!--", "<![CDATA[", "&amp;", "&#1;", "<S d='1'/>"),
    *("<Period/>", "<Period>", "<AdaptationSet>", "<BaseURL>a/</BaseURL>", "<Representation/>"),
    *("<SegmentTemplate media='$Number$'/>", "<SegmentURL media='a'/>", "<ContentProtection/>"),
    *("$", "$Number$", "$Number%099d$", "$Time", "P1D", "PT", "1.", "-", "9", "%", "data:,", "%41"),
    *("<b>", "</b>", "<i", "<", "< ", "{\\", "{\\an8}", "}", "-->", "00:00:01.000 --> 00:00:02"),
    *("00:00:01.000 --> 00:00:02.000\na\n\n", "1\n00:00:01,000 --> 00:00:02,000\na\n", "NOTE\n"),
    *("[Fonts]\n", "[Fonts]\na\n", "Dialogue:", "WEBVTT\n", "\r", "\r\n", "STYLE\n\n", "&lt", "&#"),
    *("de-", "x-", "ad ", "AD", "audio ", "\u0301", "\u00df", "\u97f3\u58f0", "\t", "\x00"),
]

#: What each reader is given in front of and behind the repeated token.
READERS: dict[str, tuple[Callable[[str], object], str, str]] = {
    "hls": (hls, "#EXTM3U\n", ""),
    "hls-list": (hls, "#EXTM3U\n#EXTINF:1,\na.ts\n", "\n#EXTINF:1,\nb.ts\n#EXT-X-ENDLIST"),
    "hls-master": (hls, "#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\na\n", ""),
    "hls-variables": (hls, '#EXTM3U\n#EXT-X-DEFINE:NAME="a",VALUE="bbbb"\n#EXTINF:1,\n', ""),
    "hls-key": (hls, "#EXTM3U\n#EXT-X-KEY:", "\n#EXTINF:1,\na.ts\n"),
    "hls-link": (hls, "#EXTM3U\n#EXTINF:1,\n", ""),
    "attributes": (attributes_of, "#EXT-X-MEDIA:", ""),
    "dash": (dash, "", ""),
    "dash-root": (dash, '<MPD mediaPresentationDuration="PT60S">', "</MPD>"),
    "dash-set": (
        dash,
        '<MPD><Period><AdaptationSet mimeType="video/mp4">',
        "</AdaptationSet></Period></MPD>",
    ),
    "dash-encode": (
        dash,
        f'<MPD mediaPresentationDuration="PT9S"><Period>{SET}<Representation>',
        "</Representation></AdaptationSet></Period></MPD>",
    ),
    "dash-template": (
        dash,
        f'<MPD mediaPresentationDuration="PT19999S"><Period>{SET}<Representation/>'
        '<SegmentTemplate duration="1" media="',
        '"/></AdaptationSet></Period></MPD>',
    ),
    "duration": (seconds_of, "", ""),
    "number": (number_of, "", ""),
    "range": (range_of, "", ""),
    "inline": (inline_content, "data:", ""),
    "inline-base64": (inline_content, "data:a;base64,", ""),
    "subtitle": (subtitle, "", ""),
    "cues": (whole_text, "", ""),
    "cue": (cleaned, "", ""),
    "ass": (clean_ass, "[Script Info]\n[Fonts]\n", "\nDialogue: x"),
    "language": (lambda text: language_named(text, text), "", ""),
    "role": (role_named, "", ""),
    "flags": (flags_in, "", ""),
}


@pytest.mark.thorough
@pytest.mark.parametrize("name", READERS)
def test_reading_grows_with_the_text(name: str) -> None:
    """The text repeated to eight times the length takes about eight times as long, never long."""
    read, before, after = READERS[name]

    def work(text: str) -> None:
        with contextlib.suppress(AniworldError, ValueError):
            read(text)

    share = slice(None) if IS_THOROUGH else slice(list(READERS).index(name) % 2, None, 2)
    for token in list(TOKENS)[share]:
        assert_linear(work, token, start=before, end=after, is_whole=True)


def _set(inside: str, *, whole: str = "PT40000S") -> str:
    return (
        f'<MPD mediaPresentationDuration="{whole}"><Period>{SET}{inside}'
        "</AdaptationSet></Period></MPD>"
    )


_ENCODE = '<Representation id="a" bandwidth="1"/>'
_COUNTED = '<SegmentTemplate media="$Number$" duration="2"/>'

#: Small manifests that name a lot of work: what must be refused, and what is read as it is.
MUCH_WORK = {
    "many encodes of many segments": (dash, _set(_COUNTED + _ENCODE * 4_000), None),
    "many numbers with many digits": (
        dash,
        _set(f'<SegmentTemplate media="{"$Number%032d$" * 300}" duration="2"/>{_ENCODE}'),
        "URLs",
    ),
    "a number of a million digits": (
        dash,
        _set(f'<SegmentTemplate media="$Number%09999999d$" duration="2"/>{_ENCODE}'),
        "digits",
    ),
    "a long base of many links": (
        dash,
        f"<MPD><BaseURL>{'a' * 150_000}/</BaseURL>{_set(_COUNTED)[5:]}",
        "characters",
    ),
    "many bases on every level": (
        dash,
        _set("<BaseURL>a/</BaseURL>" * 9_000 + _COUNTED + _ENCODE).replace(
            "<Period>", "<Period>" + "<BaseURL>b/</BaseURL>" * 9_000
        ),
        None,
    ),
    "many repeats": (
        dash,
        _set(
            '<SegmentTemplate media="$Time$"><SegmentTimeline><S d="1" r="99999999"/>'
            f"</SegmentTimeline></SegmentTemplate>{_ENCODE}"
        ),
        "segments",
    ),
    "deep nesting": (dash, "<a>" * 100_000 + "</a>" * 100_000, "deep"),
    "many elements": (dash, f"<MPD>{'<a/>' * 200_000}</MPD>", "elements"),
    "entities": (
        dash,
        '<!DOCTYPE a [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]><MPD>&b;</MPD>',
        "document type",
    ),
    "many keys": (
        hls,
        "#EXTM3U\n" + "#EXT-X-KEY:METHOD=AES-128,URI=k\n" * 15_000 + "#EXTINF:1,\na",
        "keys",
    ),
    "one long key": (hls, f"#EXTM3U\n#EXT-X-KEY:{'a' * 400_000}\n#EXTINF:1,\na.ts", None),
    "many renditions": (
        hls,
        "#EXTM3U\n" + "#EXT-X-MEDIA:TYPE=AUDIO,NAME=a\n" * 50_000,
        "renditions",
    ),
    "many lines": (hls, "#EXTM3U\n" + "\n" * 1_000_000 + "#EXTINF:1,\na.ts", "lines"),
    "many attributes": (hls, "#EXTM3U\n#EXT-X-KEY:" + "A=1," * 100_000, "attributes"),
}


@pytest.mark.parametrize("name", MUCH_WORK)
def test_small_manifests_are_little_work(name: str) -> None:
    """The size of the result is checked before it is built."""
    read, text, reason = MUCH_WORK[name]
    started = time.thread_time()
    if reason is None:
        read(text)
    else:
        with pytest.raises(BadPlaylistError, match=reason):
            read(text)

    assert time.thread_time() - started < MOST_SECONDS


@pytest.mark.anyio
async def test_reading_ends_at_its_deadline(monkeypatch: pytest.MonkeyPatch) -> None:
    """The event loop keeps running, and the error names the deadline."""
    monkeypatch.setattr(manifest_reading, "DEADLINE", 0.05)
    release = threading.Event()
    ticks = 0

    async def tick() -> None:
        nonlocal ticks
        while not release.is_set():
            await anyio.sleep(0.001)
            ticks += 1

    async with anyio.create_task_group() as group:
        group.start_soon(tick)
        with pytest.raises(BadPlaylistError, match="longer than"):
            await manifest_reading.read_off_loop(release.wait, 30)
        release.set()
    assert ticks > 1
