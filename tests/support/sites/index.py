"""Folders on loopback, listed as by common web servers."""

import base64
import hashlib
import html
import re
import secrets
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import quote

import attrs
from aiohttp import web

from support.sites.jellyfin import ranged
from support.sites.page_site import serving

Tree = dict[str, Any]

KINDS = ("dav", "nginx-json", "caddy", "nginx", "apache")
USER, PASSWORD = "mia", "canary-wörd"
_REALM = "attic"


@attrs.define(eq=False)
class IndexSite:
    """A tree of folders and files, with a log of requests.

    Attributes:
        kind: One of `KINDS`.
        tree: Folders by name, files as bytes.
        base: Path of the top folder.
        auth: `basic`, `digest`, both, or empty for no authentication.
        override: Answers everything if set.
        days: Day of September on which a folder changed, by name; the third by default.
    """

    kind: str = "nginx"
    tree: Tree = attrs.field(factory=dict)
    base: str = "/my files"
    auth: str = ""
    url: str = ""
    nonce: str = "n1"
    password: str = PASSWORD
    asked: list[str] = attrs.field(factory=list)
    sent: list[str] = attrs.field(factory=list)
    ranges: list[str] = attrs.field(factory=list)
    override: web.Response | None = None
    days: dict[str, int] = attrs.field(factory=dict)

    @property
    def address(self) -> str:
        """Its `host:port`."""
        return self.url.removeprefix("http://").partition("/")[0]

    async def answer(self, request: web.Request) -> web.StreamResponse:
        """Answer any request."""
        self.asked.append(f"{request.method} {request.path}")
        refusal = self._refusal(request)
        if refusal is not None:
            return refusal
        if self.override is not None:
            return web.Response(
                status=self.override.status, body=self.override.body, headers=self.override.headers
            )
        found = self._find(request.path)
        if request.method == "PROPFIND" and self.kind != "dav":
            return web.Response(status=405, text="<html>no such method</html>")
        if found is None:
            return web.Response(status=404)
        if isinstance(found, bytes):
            self.ranges.append(request.headers.get("Range", ""))
            return ranged(request, found)
        if request.method == "GET" and self.kind == "dav":
            return web.Response(status=403, text="no listing")
        return self._listing(request, found)

    def _find(self, path: str) -> Any:
        if not f"{path}/".startswith(f"{self.base}/"):
            return None
        here: Any = self.tree
        for name in filter(None, path.removeprefix(self.base).split("/")):
            here = here.get(name) if isinstance(here, dict) else None
        return here

    def _listing(self, request: web.Request, folder: Tree) -> web.Response:
        if self.kind == "dav":
            assert request.headers["Depth"] == "1"
            return web.Response(
                status=207,
                text=multistatus(request.path, folder, days=self.days),
                content_type="application/xml",
            )
        if self.kind == "nginx-json":
            return web.json_response([_nginx_item(*i, self._day(i[0])) for i in folder.items()])
        if self.kind == "caddy" and "application/json" in request.headers["Accept"]:
            return web.json_response(
                [_caddy_item(*i, self._day(i[0])) for i in folder.items()] or None
            )
        page = (nginx_page if self.kind == "nginx" else apache_page)(
            request.path, folder, self.days
        )
        return web.Response(text=page, content_type="text/html")

    def _day(self, name: str) -> int:
        return self.days.get(name, 3)

    # --- authentication ------------------------------------------------------------------------

    def _refusal(self, request: web.Request) -> web.Response | None:
        if not self.auth:
            return None
        header = request.headers.get("Authorization", "")
        if header:
            self.sent.append(header)
        basic = base64.b64encode(f"{USER}:{self.password}".encode()).decode()
        if "basic" in self.auth and header == f"Basic {basic}":
            return None
        if "digest" in self.auth and self._is_digest(request, header):
            return None
        refusal = web.Response(status=401, text="who are you?")
        if "basic" in self.auth:
            refusal.headers.add("WWW-Authenticate", f'Basic realm="{_REALM}"')
        if "digest" in self.auth:
            offered = (
                f'Digest realm="{_REALM}", qop="auth", nonce="{self.nonce}", algorithm=SHA-256'
            )
            refusal.headers.add("WWW-Authenticate", offered)
        return refusal

    def _is_digest(self, request: web.Request, header: str) -> bool:
        sent = dict(re.findall(r'(\w+)="?([^",]*)"?', header.removeprefix("Digest ")))
        if sent.get("nonce") != self.nonce or sent.get("uri") != request.raw_path:
            return False
        own = _sha256(f"{USER}:{_REALM}:{self.password}")
        asked = _sha256(f"{request.method}:{request.raw_path}")
        parts = (own, self.nonce, sent["nc"], sent["cnonce"], "auth", asked)
        return secrets.compare_digest(sent["response"], _sha256(":".join(parts)))


def multistatus(
    path: str, folder: Tree, prefix: str = "", days: Mapping[str, int] | None = None
) -> str:
    """Return a multi-status answer; the folder itself comes first."""
    entries: list[tuple[str, Any]] = [(quote(f"{prefix}{path.rstrip('/')}/"), folder)]
    entries += [
        (f"{entries[0][0]}{quote(name)}{'/' * isinstance(what, dict)}", what)
        for name, what in folder.items()
    ]
    on = {quote(name): day for name, day in (days or {}).items()}
    listed = "".join(
        f"<D:response><D:href>{href}</D:href><D:propstat><D:prop>"
        f"<D:getlastmodified>{on.get(href.rstrip('/').rpartition('/')[2], 3)} Sep 2026"
        "</D:getlastmodified>"
        + (
            "<D:resourcetype><D:collection/></D:resourcetype>"
            if isinstance(what, dict)
            else f"<D:resourcetype/><D:getcontentlength>{len(what)}</D:getcontentlength>"
        )
        + "</D:prop><D:status>HTTP/1.1 200 OK</D:status></D:propstat>"
        "<D:propstat><D:prop><D:getcontentlength/></D:prop>"
        "<D:status>HTTP/1.1 404 Not Found</D:status></D:propstat></D:response>"
        for href, what in entries
    )
    return (
        f'<?xml version="1.0" encoding="utf-8"?><D:multistatus xmlns:D="DAV:">{listed}'
        "</D:multistatus>"
    )


def nginx_page(path: str, folder: Mapping[str, Any], days: Mapping[str, int] | None = None) -> str:
    """Return a listing as nginx writes it: long names are cut in the text."""
    lines = "".join(
        f'<a href="{quote(name, safe="")}{"/" * isinstance(what, dict)}">'
        f"{html.escape(name[:47])}..&gt;</a>   {(days or {}).get(name, 3):02}-Sep-2026 10:00    "
        f"{'-' if isinstance(what, dict) else len(what)}\r\n"
        for name, what in folder.items()
    )
    title = html.escape(f"Index of {path}")
    return (
        f"<html><head><title>{title}</title></head><body><h1>{title}</h1><hr>"
        f'<pre><a href="../">../</a>\r\n{lines}</pre><hr></body></html>'
    )


def apache_page(path: str, folder: Mapping[str, Any], days: Mapping[str, int] | None = None) -> str:
    """Return a listing as Apache writes it, with icons and links for sorting."""
    rows = "".join(
        f'<tr><td><img src="/icons/movie.gif"></td><td><a href="{quote(name)}'
        f'{"/" * isinstance(what, dict)}">{html.escape(name)}</a></td>'
        f'<td align="right">2026-09-{(days or {}).get(name, 3):02} 10:00  </td><td>1.2M</td></tr>'
        for name, what in folder.items()
    )
    parent = quote(path.rstrip("/").rpartition("/")[0]) or "/"
    return (
        f"<html><head><title>Index of {html.escape(path)}</title></head><body><table>"
        '<tr><th><a href="?C=N;O=D">Name</a></th><th><a href="?C=S;O=A">Size</a></th></tr>'
        f'<tr><td><a href="{parent}/">Parent Directory</a></td></tr>{rows}</table>'
        '<address>Apache at <a href="http://example.invalid/">home</a></address></body></html>'
    )


def _nginx_item(name: str, what: object, day: int) -> Tree:
    mtime = f"Thu, {day:02} Sep 2026 10:00:00 GMT"
    if isinstance(what, bytes):
        return {"name": name, "type": "file", "mtime": mtime, "size": len(what)}
    return {"name": name, "type": "directory", "mtime": mtime}


def _caddy_item(name: str, what: object, day: int) -> Tree:
    is_dir = not isinstance(what, bytes)
    size = 4096 if not isinstance(what, bytes) else len(what)
    shown = f"{name}/" if is_dir else name
    item = {"name": shown, "size": size, "url": f"./{quote(shown)}", "is_dir": is_dir}
    return {**item, "mode": 420, "is_symlink": False, "mod_time": f"2026-09-{day:02}T10:00:00Z"}


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


@asynccontextmanager
async def open_index_site(site: IndexSite) -> AsyncIterator[IndexSite]:
    """Serve on loopback."""
    async with serving(site.answer) as url:
        site.url = url + quote(site.base)
        yield site


def harbour() -> Tree:
    """Return two invented series and other entries."""
    return {
        "Harbour Böats (2011)": {
            "Staffel 1": {
                "Harbour Boats - S01E01 - Ebbe (German Dub).mp4": b"e" * 1000,
                "Harbour Boats - S01E01 - Ebb (English Dub) 720p.mkv": b"x" * 1500,
                "Harbour Boats - S01E02-E03 - Sturm (German Sub).mkv": b"s" * 1200,
                "notes.txt": b"n",
            },
            "Season 02": {"01 - Return.mkv": b"r" * 900, "02.mkv": b"q" * 901},
            "Filme": {"Movie 001.mkv": b"m" * 2000},
            "cover.jpg": b"j",
        },
        "Gulls & 100% More?": {"Gulls.mkv": b"g" * 700},
        "進撃の巨人": {"S01E01.mkv": b"t"},
        ".hidden": {"S01E01.mkv": b"h"},
        "readme.txt": b"r",
        "A film in the wrong place.mkv": b"w",
    }
