"""A small archive on loopback with the documented answers of the Internet Archive."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import attrs
from aiohttp import web

from support.sites.page_site import served

Json = dict[str, Any]


@attrs.define(eq=False)
class ArchiveSite:
    """Items by identifier, with a log of requests.

    Attributes:
        override: Answers every request if set.
    """

    url: str = ""
    items: dict[str, Json] = attrs.field(factory=dict)
    asked: list[str] = attrs.field(factory=list)
    queries: list[str] = attrs.field(factory=list)
    override: web.Response | None = None

    async def search(self, request: web.Request) -> web.Response:
        """Answer `advancedsearch.php`."""
        self.asked.append(request.path)
        self.queries.append(request.query["q"])
        assert request.query["output"] == "json"
        wanted = set(request.query.getall("fl[]"))
        docs = [
            {
                name: value
                for name, value in {"identifier": identifier, **item["metadata"]}.items()
                if name in wanted
            }
            for identifier, item in self.items.items()
            if _matches(request.query["q"], identifier, item)
        ]
        name, _, order = request.query.get("sort[]", "").partition(" ")
        docs.sort(key=lambda doc: str(doc.get(name, "")), reverse=order == "desc")
        header = {"status": 0, "QTime": 7, "params": dict(request.query)}
        response = {"numFound": len(docs), "start": 0, "docs": docs}
        return self._said({"responseHeader": header, "response": response})

    async def item(self, request: web.Request) -> web.Response:
        """Answer `/metadata/<identifier>`; case matters, and a missing item is `{}`."""
        self.asked.append(request.path)
        return self._said(self.items.get(request.match_info["identifier"], {}))

    def _said(self, value: Json) -> web.Response:
        if self.override is None:
            return web.json_response(value)
        return web.Response(
            status=self.override.status, body=self.override.body, headers=self.override.headers
        )


def _matches(query: str, identifier: str, item: Json) -> bool:
    title = str(item["metadata"].get("title", "")).lower()
    if query.startswith("mediatype:(movies)"):
        return bool(item["metadata"].get("mediatype") == "movies")
    words = re.search(r"title:\(([^)]*)\)", query)
    if words and all(w in title for w in re.split(r" AND | ", words[1]) if w):
        return True
    pattern = re.search(r"identifier:\(([^)]*)\)", query)
    if pattern is None:
        return False
    parts = map(re.escape, pattern[1].split("*"))
    return re.fullmatch(".*".join(parts), identifier.lower()) is not None


@asynccontextmanager
async def open_archive_site(*items: Json) -> AsyncIterator[ArchiveSite]:
    """Serve the items on loopback."""
    site = ArchiveSite(items={item["metadata"]["identifier"]: item for item in items})
    application = web.Application()
    application.router.add_get("/advancedsearch.php", site.search)
    application.router.add_get("/metadata/{identifier}", site.item)
    async with served(application) as site.url:
        yield site


def make_item(identifier: str, files: list[Json], **metadata: object) -> Json:
    """Return the metadata of an item."""
    return {
        "created": 1_790_000_000,
        "d1": "ia800000.us.archive.org",
        "dir": f"/1/items/{identifier}",
        "files_count": len(files),
        "item_size": 1,
        "server": "ia800000.us.archive.org",
        "metadata": {
            "identifier": identifier,
            "title": identifier,
            "mediatype": "movies",
            **metadata,
        },
        "files": [
            *files,
            {"name": f"{identifier}_files.xml", "source": "metadata", "format": "Metadata"},
            {"name": f"{identifier}_archive.torrent", "source": "metadata", "size": "9"},
        ],
    }


def make_file(name: str, **values: str) -> Json:
    """Return one entry of `files`; every value is a string, as on the site."""
    return {
        "name": name,
        "source": "original",
        "format": "Matroska",
        "size": "1000",
        "md5": "0" * 32,
        "sha1": "1" * 40,
        **values,
    }


def make_derivative(name: str, original: str, **values: str) -> Json:
    """Return an entry for a file that the site made from another one."""
    return make_file(name, source="derivative", original=original, format="h.264", **values)


def fanfare() -> Json:
    """Return an invented series with two seasons, a special and other files."""
    return make_item(
        "Fanfare_for-Foxes.2011",
        [
            make_file("Season 1/Fanfare S01E01 Brass.mkv", length="1420.35", height="480"),
            make_derivative(
                "Season 1/Fanfare S01E01 Brass.mp4", "Season 1/Fanfare S01E01 Brass.mkv"
            ),
            make_file("Season 1/Fanfare S01E02.avi", length="23:40"),
            make_file("Season 2/Fanfare S02E01-E02.mp4", length="1:02:03", title="Double Fox"),
            make_file("Fanfare S00E01 (Making Of).mp4"),
            make_file("cover.jpg", format="JPEG"),
            make_derivative("__ia_thumb.jpg", "cover.jpg"),
            make_file("Fanfare S01E01.srt", format="SubRip"),
        ],
        title="Fanfare for Foxes",
        description="<p>Foxes &amp; <b>brass</b>.</p><script>alert(1)</script><p>More.</p>",
        language=["ger"],
        date="2011-05-01T00:00:00Z",
        subject="music; foxes; music",
    )
