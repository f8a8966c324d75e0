"""Plex: scan single folders of the libraries that contain them.

Source: support.plex.tv/articles/201638786-plex-media-server-url-commands.
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any, Final

import attrs

from aniworld_core.domain.configuration import MediaServerConfig
from aniworld_core.messages import Message
from aniworld_core.ports.context import AdapterContext
from aniworld_core.ports.media_server import (
    ChangedFolder,
    MediaServer,
    MediaServerFacts,
    is_below,
)
from aniworld_providers.media_servers.client import MediaServerClient, open_client

_PRODUCT: Final = "Plex"


@attrs.frozen(eq=False)
class PlexRefresh(MediaServer):
    """Scan folders in the libraries of one server."""

    _client: MediaServerClient

    async def check(self) -> MediaServerFacts:
        identity = await self._container("/identity")
        version = self._client.expect(str, identity.get("version"))
        sections = await self._sections()
        places = dict.fromkeys(place for found in sections.values() for place in found)
        return MediaServerFacts(product=f"{_PRODUCT} {version}", folders=tuple(places))

    async def refresh(self, folders: Sequence[ChangedFolder]) -> None:
        if not folders:
            return
        sections = await self._sections()
        lacking: list[str] = []
        for folder in folders:
            keys = [
                key
                for key, places in sections.items()
                if any(is_below(folder.path, place) for place in places)
            ]
            if not keys:
                lacking.append(folder.path)
            for key in keys:
                path = f"/library/sections/{key}/refresh"
                await self._client.ask("GET", path, params={"path": folder.path})
        if lacking:
            known = [place for places in sections.values() for place in places]
            reason = Message("media_server_lacks_folder", path=lacking[0], folders=known[:10])
            raise self._client.failed(reason, is_final=True)

    async def _sections(self) -> Mapping[str, Sequence[str]]:
        """Return the number of each library and its folders."""
        container = await self._container("/library/sections")
        found: dict[str, Sequence[str]] = {}
        for section in self._client.expect(list, container.get("Directory", [])):
            key = self._client.expect(dict, section).get("key")
            if isinstance(key, str) and key.isdecimal():
                places = [each.get("path") for each in section.get("Location") or ()]
                found[key] = [place for place in places if isinstance(place, str)]
        return found

    async def _container(self, path: str) -> Mapping[str, Any]:
        answer = self._client.expect(dict, await self._client.ask("GET", path))
        return self._client.expect(dict, answer.get("MediaContainer"))


@asynccontextmanager
async def open_media_server(
    server: MediaServerConfig, context: AdapterContext
) -> AsyncIterator[MediaServer]:
    """Open the adapter installed as `plex`.

    Raises:
        MediaServerFailedError: If the address cannot be used.
    """
    headers = {"X-Plex-Token": server.token.strip()}
    async with open_client(server, context, product=_PRODUCT, headers=headers) as client:
        yield PlexRefresh(client)
