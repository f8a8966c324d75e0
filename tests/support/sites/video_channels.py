"""Loopback pages that extractors of yt-dlp list: a feed, and the API of a PeerTube channel."""

import json
import re
from collections.abc import Iterable
from urllib.parse import urlsplit

import attrs
import pytest

from support.sites.page_server import Answer, PageServer

PAGE_SIZE = 30


@attrs.frozen
class Item:
    """One item of a feed."""

    title: str = ""
    season: int | None = None
    number: int | None = None
    date: str | None = None
    path: str = ""


def feed(server: PageServer, title: str, items: Iterable[Item]) -> Answer:
    """Return an RSS feed whose items link to video pages of the server."""
    parts = []
    for place, item in enumerate(items):
        link = server.url(item.path or f"/watch/{place}.mp4")
        parts.append(f"<item><title>{item.title}</title><link>{link}</link>")
        parts.append(f"<guid>{link}</guid>")
        if item.date:
            parts.append(f"<pubDate>{item.date}</pubDate>")
        if item.season is not None:
            parts.append(f"<itunes:season>{item.season}</itunes:season>")
        if item.number is not None:
            parts.append(f"<itunes:episode>{item.number}</itunes:episode>")
        parts.append("</item>")
    head = (
        '<?xml version="1.0" encoding="utf-8"?><rss version="2.0" '
        'xmlns:itunes="http://www.itunes.com/dtds/podcast-1.0.dtd"><channel>'
        f"<title>{title}</title><link>{server.url('/feed.xml')}</link>"
    )
    return Answer.media("application/rss+xml", f"{head}{''.join(parts)}</channel></rss>".encode())


def use_plain_peertube(monkeypatch: pytest.MonkeyPatch, server: PageServer) -> str:
    """Let the PeerTube extractor accept the loopback server; return the link of its channel."""
    from yt_dlp.extractor.extractors import PeerTubePlaylistIE as Matching
    from yt_dlp.extractor.peertube import PeerTubePlaylistIE

    host = server.address.replace(".", r"\.")
    pattern = rf"http://(?P<host>{host})/(?P<type>(?:a|c|w/p))/(?P<id>[^/]+)"
    for cls in {Matching, PeerTubePlaylistIE}:
        monkeypatch.setattr(cls, "_VALID_URL", pattern)
        monkeypatch.setattr(cls, "_VALID_URL_RE", (re.compile(pattern),), raising=False)
    monkeypatch.setattr(PeerTubePlaylistIE, "_API_BASE", "http://%s/api/v1/%s/%s%s")
    return server.url("/c/news/videos")


def fill_channel(server: PageServer, names: list[str], title: str = "News") -> None:
    """Serve a channel whose newest videos come first."""
    base = "/api/v1/video-channels/news"
    about = {"displayName": title, "description": "Daily", "ownerAccount": {"name": "n", "id": 1}}
    server.answers[base] = _json(about)
    for start in range(0, len(names) + PAGE_SIZE, PAGE_SIZE):
        page = [{"shortUUID": f"v{n}", "name": n} for n in names[start : start + PAGE_SIZE]]
        path = f"{base}/videos?sort=-createdAt&start={start}&count={PAGE_SIZE}&nsfw=both"
        server.answers[path] = _json({"total": len(names), "data": page})


def _json(value: object) -> Answer:
    return Answer.media("application/json", json.dumps(value).encode())


def paths(server: PageServer) -> list[str]:
    """Return the requested paths in order."""
    return [urlsplit(path).path for path, _ in server.hits]
