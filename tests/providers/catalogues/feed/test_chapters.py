"""Chapters and transcripts of podcasts."""

import json
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from aniworld_core.domain.configuration import ProviderConfig
from aniworld_core.domain.identity import EpisodeRef
from aniworld_core.domain.media import ENG_DUB, Chapter, Extra, MediaSource, stream_from_source
from aniworld_core.ports.loader import Loader
from aniworld_providers.catalogues.feed import open_loader
from aniworld_providers.catalogues.feed.chapters import read_chapters
from aniworld_providers.catalogues.feed.feed import Feed
from aniworld_providers.catalogues.feed.reading import read_feed
from aniworld_providers.media.probe.language_names import language_named
from support.adapter_context import make_context
from support.sites.feeds import FeedSite, item, open_feed_site, rss

pytestmark = pytest.mark.anyio

SIMPLE = (
    '<psc:chapters version="1.2">'
    '<psc:chapter start="1:02" title="Two"/><psc:chapter start="00:00:00" title="One &amp; more"/>'
    '<psc:chapter start="01:00:00.5"/><psc:chapter start="oops" title="x"/>'
    "</psc:chapters>"
)
CHAPTERS = {
    "version": "1.2.0",
    "chapters": [
        {"startTime": 0, "title": "Intro", "img": "https://e.org/a.jpg"},
        {"startTime": 60.5, "endTime": 70, "title": "Story"},
        {"startTime": 65, "title": "Hidden", "toc": False},
        {"startTime": -5, "title": "Bad"},
        {"startTime": "x"},
        None,
    ],
}
READ = (Chapter(start=0, end=0, title="Intro"), Chapter(start=60.5, end=70, title="Story"))


async def _read_here(text: str, base: str) -> Feed:
    return read_feed(text, base)


@pytest.fixture
async def site() -> AsyncIterator[FeedSite]:
    async with open_feed_site() as site:
        yield site


async def _source(site: FeedSite, folder: Path, feed: str, *, wanted: bool = True) -> MediaSource:
    """Return the source of the first episode of a feed."""
    link = site.put(feed)
    context = make_context(
        folder,
        allowed=frozenset({site.url.removeprefix("http://")}),
        own={"/providers/feed/chapters": wanted},
        feed=ProviderConfig(requests_per_minute=6000),
    )
    async with open_loader(context, read=_read_here) as loader:
        return await _first(loader, link)


async def _first(loader: Loader, link: str) -> MediaSource:
    series = await loader.get_series(loader.key_from_link(link), link)
    (source,) = await loader.get_sources(EpisodeRef(series.key, 1, 1), ENG_DUB)
    return source


async def test_chapters_in_the_feed(site: FeedSite, tmp_path: Path) -> None:
    """Those of Podlove come with the feed, and are added to the stream."""
    source = await _source(site, tmp_path, rss(item(1, SIMPLE)))

    assert source.kind is not None
    assert stream_from_source(source, source.kind).chapters == (
        Chapter(start=0, end=0, title="One & more"),
        Chapter(start=62, end=62, title="Two"),
        Chapter(start=3600.5, end=3600.5),
    )


async def test_chapters_in_a_file(site: FeedSite, tmp_path: Path) -> None:
    """The file is requested for a download only; without it the episode has no chapters."""
    site.put(json.dumps(CHAPTERS), "/c.json")
    link = '<podcast:chapters url="{}" type="application/json+chapters"/>'
    source = await _source(site, tmp_path / "a", rss(item(1, link.format("/c.json"))))
    assert source.chapters == READ

    for bad in ("/gone.json", "/feed.xml", "http://127.0.0.1:1/c.json", "ftp://x/c.json"):
        source = await _source(site, tmp_path / "b", rss(item(1, link.format(bad))))
        assert (source.chapters, source.extras) == ((), frozenset())


async def test_chapters_are_added_on_request_only(site: FeedSite, tmp_path: Path) -> None:
    """Without `providers.feed.chapters` nothing is requested and nothing added."""
    site.put(json.dumps(CHAPTERS), "/c.json")
    link = '<podcast:chapters url="/c.json" type="application/json+chapters"/>'
    feed = rss(item(2, link), item(1, SIMPLE))
    source = await _source(site, tmp_path, feed, wanted=False)

    assert Extra.CHAPTERS not in source.extras
    assert [path for path, _, _ in site.requests] == ["/feed.xml"]


@pytest.mark.parametrize(
    ("attributes", "languages"),
    [
        ('url="/a.vtt" type="text/vtt" language="de"', ["deu"]),
        ('url="/a.srt" type="application/x-subrip" language="en-GB"', ["eng"]),
        ('url="/a.srt?k=1" type="application/octet-stream"', [None]),
        ('url="/a.html" type="text/html" language="de"', []),
        ('url="/a.json" type="application/json"', []),
        ('url="javascript:x" type="text/vtt"', []),
    ],
)
async def test_transcripts_are_subtitles(
    site: FeedSite, tmp_path: Path, attributes: str, languages: list[str | None]
) -> None:
    """Those that are timed texts."""
    source = await _source(site, tmp_path, rss(item(1, f"<podcast:transcript {attributes}/>")))

    assert [each.language for each in source.subtitles] == languages
    assert all(each.url.startswith(site.url) for each in source.subtitles)


_TRANSCRIPTS = (
    '<podcast:transcript url="/de.srt" type="application/srt" language="de" />'
    '<podcast:transcript url="/de.vtt" type="text/vtt" language="DE" rel="captions"/>'
    '<podcast:transcript url="/de.json" type="application/json" language="de"/>'
    '<podcast:transcript url="/en.srt" type="application/srt" language="en"></podcast:transcript>'
    '<podcast:transcript url="/own.vtt"/>'
    '<podcast:transcript url="/fr.html" type="text/html" language="fr"/>'
)


@pytest.mark.parametrize(
    ("spoken", "found"),
    [
        ("", {"/de.vtt": "deu", "/en.srt": "eng", "/own.vtt": None}),
        ("<language>it-IT</language>", {"/de.vtt": "deu", "/en.srt": "eng", "/own.vtt": "ita"}),
        ("<language>en</language>", {"/de.vtt": "deu", "/own.vtt": "eng"}),
    ],
)
@pytest.mark.parametrize(
    "change",
    [
        lambda feed: feed,
        lambda feed: feed.replace("podcast:", "p:").replace("xmlns:podcast", "xmlns:p"),
        lambda feed: feed.replace("<title>Harbour News", "<title>Harbour & News"),
    ],
    ids=["usual", "other prefix", "broken XML"],
)
def test_each_language_has_its_best_transcript(
    spoken: str, found: dict[str, str | None], change: Callable[[str], str]
) -> None:
    """All usable ones are kept, WebVTT before SubRip; without a language it is the feed's."""
    text = change(rss(item(1, _TRANSCRIPTS), item(2), more=spoken))
    first, second = read_feed(text, "https://e.org/feed.xml").items

    assert {
        text.url.removeprefix("https://e.org"): language_named(text.language, "")
        for text in first.texts
    } == found
    assert second.texts == ()


def test_numbers_with_names_are_numbers() -> None:
    """The attributes of `podcast:season` and `podcast:episode` do not replace their text."""
    numbers = '<podcast:season name="Two">2</podcast:season><podcast:episode display="7b">7'
    (read,) = read_feed(rss(item(1, f"{numbers}</podcast:episode>")), "https://e.org/").items

    assert (read.season, read.number) == (2, 7)


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"chapters": {}}', '{"chapters": [1, [], ""]}'])
def test_other_files_have_no_chapters(text: str) -> None:
    """Whatever is in them."""
    assert read_chapters(text) == ()


def test_a_nested_file_is_no_chapters() -> None:
    """Deep nesting does not end the program."""
    assert read_chapters("[" * 100_000) == ()
    many = json.dumps({"chapters": [{"startTime": n} for n in range(9000)]})
    assert len(read_chapters(many)) == 500
