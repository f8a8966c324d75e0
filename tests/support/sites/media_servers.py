"""Media servers on loopback that answer as their documentation says.

Sources: api.jellyfin.org (`GetSystemInfo`, `GetVirtualFolders`, `PostUpdatedMedia`),
support.plex.tv/articles/201638786-plex-media-server-url-commands, kodi.wiki (JSON-RPC API v12).
"""

import re
from base64 import b64encode
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

import attrs
from aiohttp import web

from support.sites.page_site import served

TOKEN = "T0KEN-of-the-server"
LIBRARY = "/data/anime"
#: A header as clients send it: `MediaBrowser Key="value", Key="value"`.
_FIELD = re.compile(r'(\w+)="([^"]*)"')


@attrs.define
class MediaServerSite:
    """One server and the refreshes that it got.

    Attributes:
        kind: `jellyfin`, `plex` or `kodi`.
        url: Its address.
        folders: Folders of its libraries.
        scanned: Paths that were to be scanned.
        cleaned: Directories that Kodi was to clean.
        is_old: Whether Kodi knows no directory for a clean, as before version 19.
    """

    kind: str
    url: str = ""
    folders: Sequence[str] = (LIBRARY,)
    scanned: list[str] = attrs.field(factory=list)
    cleaned: list[str] = attrs.field(factory=list)
    is_old: bool = False

    async def jellyfin(self, request: web.Request) -> web.Response:
        """Answer as Jellyfin 10.11."""
        fields = dict(_FIELD.findall(request.headers.get("Authorization", "")))
        if not request.path.startswith(("/System/", "/Library/")):
            return web.Response(status=404)
        if fields.get("Token") != TOKEN:
            return web.Response(status=401)
        match (request.method, request.path):
            case ("GET", "/System/Info"):
                return web.json_response({"ServerName": "tv", "Version": "10.11.0", "Id": "1"})
            case ("GET", "/Library/VirtualFolders"):
                library = {"Name": "Anime", "Locations": list(self.folders), "ItemId": "2"}
                return web.json_response([library])
            case ("POST", "/Library/Media/Updated"):
                body = await request.json()
                self.scanned += [update["Path"] for update in body["Updates"]]
                return web.Response(status=204)
        return web.Response(status=404)

    async def plex(self, request: web.Request) -> web.Response:
        """Answer as Plex Media Server 1.41."""
        if request.path == "/identity":
            return _container({"version": "1.41.0", "machineIdentifier": "x"})
        if request.headers.get("X-Plex-Token") != TOKEN:
            return web.Response(status=401, text="<html>Unauthorized</html>")
        if request.path == "/library/sections":
            places = [{"id": i, "path": path} for i, path in enumerate(self.folders)]
            shows = {"key": "7", "type": "show", "Location": places}
            films = {"key": "3", "type": "movie", "Location": [{"id": 9, "path": "/data/films"}]}
            return _container({"size": 2, "Directory": [films, shows] if self.folders else [films]})
        if request.path == "/library/sections/7/refresh":
            self.scanned.append(request.query["path"])
            return web.Response(text="")
        return web.Response(status=404)

    async def kodi(self, request: web.Request) -> web.Response:
        """Answer as Kodi 21 with a user and a password."""
        login = b64encode(f"kodi:{TOKEN}".encode()).decode()
        if request.headers.get("Authorization") != f"Basic {login}":
            return web.Response(status=401, headers={"WWW-Authenticate": "Basic"})
        if (request.method, request.path) != ("POST", "/jsonrpc"):
            return web.Response(status=404)
        asked = await request.json()
        found = self._kodi(asked["method"], asked["params"])
        return web.json_response({"jsonrpc": "2.0", "id": asked["id"], **found})

    def _kodi(self, method: str, params: dict[str, Any]) -> dict[str, Any]:
        match method:
            case "Application.GetProperties":
                return {"result": {"name": "Kodi", "version": {"major": 21, "minor": 1}}}
            case "Files.GetSources":
                sources = [{"file": f"{each}/", "label": "Anime"} for each in self.folders]
                return {"result": {"sources": sources, "limits": {"total": len(sources)}}}
            case "VideoLibrary.Scan":
                self.scanned.append(params["directory"])
                return {"result": "OK"}
            case "VideoLibrary.Clean" if self.is_old:
                return {"error": {"code": -32602, "message": "Invalid params."}}
            case "VideoLibrary.Clean":
                self.cleaned.append(params["directory"])
                return {"result": "OK"}
        return {"error": {"code": -32601, "message": "Method not found."}}


def _container(content: dict[str, Any]) -> web.Response:
    return web.json_response({"MediaContainer": content})


@asynccontextmanager
async def serve_media_server(kind: str) -> AsyncIterator[MediaServerSite]:
    """Serve one media server."""
    site = MediaServerSite(kind)
    application = web.Application()
    application.router.add_route("*", "/{path:.*}", getattr(site, kind))
    async with served(application) as site.url:
        yield site
