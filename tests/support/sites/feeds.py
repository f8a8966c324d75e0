"""Feeds on loopback, with validators and conditional requests."""

import hashlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from xml.sax.saxutils import escape

import attrs
from aiohttp import web

from support.sites.page_site import serving

NAMESPACES = (
    'xmlns:itunes="http://www.itunes.com/dtds/podcast-1.0.dtd"'
    ' xmlns:media="http://search.yahoo.com/mrss/"'
    ' xmlns:psc="http://podlove.org/simple-chapters"'
    ' xmlns:podcast="https://podcastindex.org/namespace/1.0"'
    ' xmlns:content="http://purl.org/rss/1.0/modules/content/"'
)


def rss(*items: str, title: str = "Harbour News", more: str = "") -> str:
    """Return an RSS feed with these items."""
    return (
        f'<?xml version="1.0" encoding="utf-8"?><rss version="2.0" {NAMESPACES}><channel>'
        f"<title>{escape(title)}</title><link>/</link>{more}{''.join(items)}</channel></rss>"
    )


def item(number: int, more: str = "", *, date: str | None = "", file: str = "") -> str:
    """Return an item with an enclosure, a guid and a date; newer for a higher number."""
    day = date if date else f"{number:02d} Nov 2026 08:00:00 GMT"
    dated = "" if date is None else f"<pubDate>{day}</pubDate>"
    return (
        f"<item><title>News {number}</title><guid>id-{number}</guid>{dated}"
        f'<enclosure url="{file or f"/files/{number}.mp4"}" length="1" type="video/mp4"/>'
        f"{more}</item>"
    )


@attrs.define
class FeedSite:
    """Serve `feeds` by path, with an ETag.

    Attributes:
        requests: Path, `If-None-Match` and status of each request.
        following: Answers to send before any other, in order.
    """

    url: str = ""
    feeds: dict[str, str | bytes] = attrs.field(factory=dict)
    content_type: str = "application/rss+xml"
    requests: list[tuple[str, str, int]] = attrs.field(factory=list)
    following: list[web.Response] = attrs.field(factory=list)

    def put(self, feed: str | bytes, path: str = "/feed.xml") -> str:
        """Serve a feed and return its link."""
        self.feeds[path] = feed
        return f"{self.url}{path}"

    async def answer(self, request: web.Request) -> web.Response:
        """Answer one request."""
        answer = self.following.pop(0) if self.following else self._feed(request)
        asked = request.headers.get("If-None-Match", "")
        self.requests.append((request.path, asked, answer.status))
        return answer

    def _feed(self, request: web.Request) -> web.Response:
        feed = self.feeds.get(request.path)
        if feed is None:
            return web.Response(status=404)
        body = feed.encode() if isinstance(feed, str) else feed
        tag = f'"{hashlib.sha256(body).hexdigest()[:16]}"'
        headers = {"ETag": tag, "Cache-Control": "no-cache", "Content-Type": self.content_type}
        if request.headers.get("If-None-Match") == tag:
            return web.Response(status=304, headers=headers)
        return web.Response(body=body, headers=headers)


@asynccontextmanager
async def open_feed_site() -> AsyncIterator[FeedSite]:
    """Serve one site."""
    site = FeedSite()
    async with serving(site.answer) as site.url:
        yield site
