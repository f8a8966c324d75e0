"""Feeds on loopback as series."""

import gzip
import json
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from datetime import timedelta
from pathlib import Path

import pytest
from aiohttp import web

from aniworld_core.domain.catalogue import ListOrder, ListRules, Series, merge_catalogue
from aniworld_core.domain.configuration import ProviderConfig
from aniworld_core.domain.identity import EpisodeRef
from aniworld_core.domain.media import ENG_DUB, GER_DUB, StreamKind
from aniworld_core.errors import (
    InvalidLinkError,
    NeedsPersonError,
    ProviderChangedError,
    ProviderUnavailableError,
    SeriesNotFoundError,
)
from aniworld_core.ports.loader import ListLoader, Loader
from aniworld_core.testing.contracts.loader import LoaderContract
from aniworld_providers.catalogues.feed import open_loader
from aniworld_providers.catalogues.feed.feed import Feed
from aniworld_providers.catalogues.feed.links import key_of_link
from aniworld_providers.catalogues.feed.reading import read_feed
from support.adapter_context import make_context
from support.sites.feeds import FeedSite, item, open_feed_site, rss

pytestmark = pytest.mark.anyio


async def read_here(text: str, base: str) -> Feed:
    """Read a feed without another process."""
    return read_feed(text, base)


@pytest.fixture
async def site() -> AsyncIterator[FeedSite]:
    async with open_feed_site() as site:
        yield site


@pytest.fixture
async def loader(site: FeedSite, tmp_path: Path) -> AsyncIterator[Loader]:
    async with open_feed_loader(site, tmp_path) as loader:
        yield loader


def open_feed_loader(site: FeedSite, data_dir: Path) -> AbstractAsyncContextManager[Loader]:
    """Open the catalogue; it may reach the site."""
    allowed = frozenset({site.url.removeprefix("http://")})
    config = ProviderConfig(requests_per_minute=6000)
    return open_loader(make_context(data_dir, allowed=allowed, feed=config), read=read_here)


async def series_of(loader: Loader, link: str) -> Series:
    """Return the series of a link, as adding it does."""
    return await loader.get_series(loader.key_from_link(link), link)


def places(series: Series) -> dict[str, tuple[int, int]]:
    """Return the places of the episodes by title."""
    return {e.titles.en or e.titles.de or "": (e.season, e.number) for e in series.episodes}


class TestFeedLoader(LoaderContract):
    query = "harbour"
    language = ENG_DUB
    missing_language = GER_DUB

    @pytest.fixture
    async def loader(self, site: FeedSite, tmp_path: Path) -> AsyncIterator[Loader]:
        """Return the catalogue with one feed that was read before."""
        lang = '<media:content url="/files/2.mp4" type="video/mp4" lang="en"/>'
        link = site.put(rss(item(3), item(2, lang), item(1)))
        async with open_feed_loader(site, tmp_path) as loader:
            await series_of(loader, link)
            type(self).link, type(self).key = link, key_of_link(link)
            yield loader

    @pytest.fixture
    async def series(self, loader: Loader) -> Series:
        """Return the feed."""
        return await loader.get_series(self.key)


async def test_links_are_recognised_without_a_request(loader: Loader, site: FeedSite) -> None:
    """By prefix, name of the file or folder, parameter or host; other links are not owned."""
    for link in (
        "feed:https://example.org/show",
        "feed://example.org/show",
        "podcast:example.org/show",
        "https://example.org/blog/feed/",
        "https://example.org/feed",
        "https://example.org/a/RSS.XML?token=1",
        "https://example.org/show.rss",
        "https://example.org/show.atom",
        "https://example.org/feed.json",
        "https://example.org/feeds/videos.xml?channel_id=UC1",
        "https://example.org/?feed=rss2",
        "https://feeds.example.org/show",
    ):
        assert loader.owns(link), link
        assert loader.key_from_link(link)
    for link in (
        "https://example.org/",
        "https://example.org/watch?v=feed",
        "https://example.org/feed.html",
        "https://example.org/rss/film.mp4",
        "https://example.org/sitemap.xml",
        "feed:javascript:alert(1)",
        "feed:",
    ):
        assert not loader.owns(link), link
    one, other = ("https://example.org/feed?show=1", "https://example.org/feed?show=2")
    assert loader.key_from_link(one) != loader.key_from_link(other)
    assert loader.key_from_link(f"feed:{one}") == loader.key_from_link(one)
    assert site.requests == []


async def test_other_links_are_recognised_by_their_content_type(
    loader: Loader, site: FeedSite
) -> None:
    """One request without a body decides; an unreachable server is no feed."""
    link = site.put(rss(item(1)), "/show")

    assert not loader.owns(link)
    assert await loader.recognises(link)
    assert loader.owns(link)
    assert (await series_of(loader, link)).name == "Harbour News"
    site.content_type = "text/html"
    assert not await loader.recognises(site.put("<html>", "/page"))
    assert not await loader.recognises(f"{site.url}/none")
    assert not await loader.recognises("http://127.0.0.1:1/none")


async def test_numbers_stay_when_items_leave_the_feed(loader: Loader, site: FeedSite) -> None:
    """A feed of three newest items: numbers grow, and old items keep number and source."""
    link = site.put(rss(item(3), item(2), item(1)))
    first = await series_of(loader, link)
    site.put(rss(item(6), item(5), item(4)))
    second = await loader.refresh(first)

    assert places(first) == {f"News {n}": (1, n) for n in (1, 2, 3)}
    assert places(second) == {f"News {n}": (1, n) for n in range(1, 7)}
    assert all(e.available for e in second.episodes)
    (source,) = await loader.get_sources(EpisodeRef(first.key, 1, 1), GER_DUB, link)
    assert (source.url, source.kind) == (f"{site.url}/files/1.mp4", StreamKind.DIRECT)
    assert source.size is None


async def test_an_item_removed_from_the_middle_is_not_available(
    loader: Loader, site: FeedSite
) -> None:
    """It keeps its number, so no other item gets its file name, but it is not missing."""
    first = await series_of(loader, site.put(rss(item(3), item(2), item(1))))
    site.put(rss(item(4), item(3), item(1)))

    second = await loader.refresh(first)

    assert places(second)["News 4"] == (1, 4)
    assert [e.number for e in second.episodes if not e.available] == [2]
    assert await loader.get_episodes(first.key) == {1: [1, 3, 4]}


async def test_a_lost_store_is_rebuilt_from_the_stored_series(
    site: FeedSite, tmp_path: Path
) -> None:
    """Numbers come from the titles of the stored episodes; without them nothing is guessed."""
    async with open_feed_loader(site, tmp_path / "one") as loader:
        known = await series_of(loader, link := site.put(rss(item(3), item(2), item(1))))
    site.put(rss(item(5), item(4), item(3)))
    async with open_feed_loader(site, tmp_path / "two") as loader:
        with pytest.raises(ProviderUnavailableError, match="scan"):
            await loader.get_sources(EpisodeRef(known.key, 1, 3), GER_DUB, link)
        fresh = await loader.refresh(known)
        (source,) = await loader.get_sources(EpisodeRef(known.key, 1, 3), GER_DUB, link)

    merged = merge_catalogue(known, fresh)
    assert places(merged) == {f"News {n}": (1, n) for n in range(1, 6)}
    assert source.url.endswith("/3.mp4")


async def test_a_refresh_without_news_is_one_conditional_request(
    loader: Loader, site: FeedSite
) -> None:
    """The server answers 304, and the feed is not read again."""
    first = await series_of(loader, site.put(rss(item(1))))
    assert await loader.refresh(first) == first

    (_, _, one), (_, tag, other) = site.requests
    assert (one, other) == (200, 304)
    assert tag


async def test_a_requested_pause_is_kept(loader: Loader, site: FeedSite) -> None:
    """`Retry-After` reaches the caller, and no request is sent before it is over."""
    first = await series_of(loader, site.put(rss(item(1))))
    site.following = [web.Response(status=503, headers={"Retry-After": "600"})] * 3
    for _ in range(2):
        with pytest.raises(ProviderUnavailableError) as paused:
            await loader.refresh(first)
        assert paused.value.retry_after == timedelta(minutes=10)
    assert len(site.requests) == 2


async def test_redirects_keep_the_series(loader: Loader, site: FeedSite) -> None:
    """Relative links start at the address after the redirect."""
    site.put(rss(item(1, file="one.mp4")), "/new/place.xml")
    site.following = [web.Response(status=301, headers={"Location": "/new/place.xml"})]
    link = f"{site.url}/feed"

    series = await series_of(loader, link)

    assert series.link == link
    (source,) = await loader.get_sources(EpisodeRef(series.key, 1, 1), GER_DUB)
    assert source.url == f"{site.url}/new/one.mp4"


_PAGE = "<!DOCTYPE html><html><head><title>x</title></head><body>login</body></html>"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (_PAGE, "HTML page"),
        (f"\n<?xml version='1.0'?>\n<!-- x --> {_PAGE}", "HTML page"),
        ("", "empty"),
        ("just text", "neither XML nor JSON"),
        ("<opml version='2.0'><body/></opml>", "neither RSS nor Atom"),
        ('{"version": 1, "items": []}', "no JSON Feed"),
        ('{"version": "https://jsonfeed.org/version/1.1", "items": [', "cannot be read"),
        (rss(), "no item with a video"),
        (rss("<item><title>Text only</title><link>/a</link></item>"), "no item with a video"),
        (
            rss('<item><enclosure url="/a.mp3" type="audio/mpeg"/></item>'),
            "only audio, and the library holds videos",
        ),
        ('<!DOCTYPE x [<!ENTITY a "aaaa">]>' + rss(item(1)), "document type"),
        ('<!DOCTYPE x [<!ENTITY a "aaaa">]><rss><channel>&b; & <item>', "refused"),
        ("junk & <!DOCTYPE x [<!ENTITY a 'a'>]>" + rss(item(1)), "refused"),
        (rss("<a>" * 300, item(1)), "nested"),
    ],
)
async def test_what_is_no_feed_is_named(
    loader: Loader, site: FeedSite, text: str, reason: str
) -> None:
    """The error says what the answer is instead; bombs are refused before they are read."""
    link = site.put(text)

    with pytest.raises(InvalidLinkError, match=reason):
        await series_of(loader, link)


async def test_a_page_of_a_known_feed_changes_nothing(loader: Loader, site: FeedSite) -> None:
    """A maintenance page is an error, and the stored items stay."""
    series = await series_of(loader, site.put(rss(item(1))))
    site.put(_PAGE)

    with pytest.raises(InvalidLinkError):
        await loader.refresh(series)

    assert await loader.get_episodes(series.key) == {1: [1]}


async def test_a_feed_that_is_too_long_is_refused(loader: Loader, site: FeedSite) -> None:
    """Reading stops at the limit, also of a short answer that expands to a long one."""
    body = gzip.compress(rss(item(1)).encode() + b" " * 50 * 1024**2, compresslevel=1)
    site.following = [web.Response(body=body, headers={"Content-Encoding": "gzip"})]

    with pytest.raises(
        ProviderChangedError, match=r"the answer of http\S+/feed cannot be used: it is longer than"
    ):
        await series_of(loader, f"{site.url}/feed")


async def test_a_removed_feed_is_not_found(loader: Loader, site: FeedSite) -> None:
    """404 and 410 mean that the feed is gone; a login is for a person."""
    for status, error in (
        (404, SeriesNotFoundError),
        (410, SeriesNotFoundError),
        (401, NeedsPersonError),
    ):
        site.following = [web.Response(status=status)]
        with pytest.raises(error):
            await series_of(loader, f"{site.url}/feed")


async def test_words_of_a_bot_check_in_an_item_are_no_bot_check(
    loader: Loader, site: FeedSite
) -> None:
    """A feed may write about captchas."""
    series = await series_of(loader, site.put(rss(item(1), title="The captcha show")))

    assert series.name == "The captcha show"


async def test_a_damaged_store_is_replaced(loader: Loader, site: FeedSite, tmp_path: Path) -> None:
    """A damaged file counts as lost."""
    series = await series_of(loader, site.put(rss(item(2), item(1))))
    stored = tmp_path / "feed" / f"{series.key}.json"
    assert json.loads(stored.read_text())["name"] == "Harbour News"
    for text in ("", "[]", "null", '{"entries": [3]}', "{}"):
        stored.write_text(text)
        assert await loader.refresh(series) == series


async def test_looking_at_a_feed_gives_no_numbers(site: FeedSite, tmp_path: Path) -> None:
    """A feed that was only shown is numbered by the rules with which it is added later."""
    link = site.put(rss(item(2), item(1)))
    async with open_feed_loader(site, tmp_path) as loader:
        assert isinstance(loader, ListLoader)
        shown = await loader.peek(loader.key_from_link(link), link, ListRules())
        rules = ListRules(order=ListOrder.LIST)
        added = await loader.get_list(loader.key_from_link(link), link, rules)

    assert places(shown) == {"News 1": (1, 1), "News 2": (1, 2)}
    assert places(added) == {"News 2": (1, 1), "News 1": (1, 2)}
