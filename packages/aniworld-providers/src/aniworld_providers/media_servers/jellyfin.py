"""Jellyfin: report changed paths.

Source: api.jellyfin.org, operations `GetSystemInfo`, `GetVirtualFolders` and `PostUpdatedMedia`.
"""

import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Final
from urllib.parse import quote

import attrs

from aniworld_core.domain.configuration import MediaServerConfig
from aniworld_core.ports.context import AdapterContext
from aniworld_core.ports.media_server import ChangedFolder, MediaServer, MediaServerFacts
from aniworld_providers.media_servers.client import MediaServerClient, open_client

_PRODUCT: Final = "Jellyfin"


@attrs.frozen(eq=False)
class JellyfinRefresh(MediaServer):
    """Report changed paths to one server; it finds the series itself."""

    _client: MediaServerClient

    async def check(self) -> MediaServerFacts:
        info = self._client.expect(dict, await self._client.ask("GET", "/System/Info"))
        version = self._client.expect(str, info.get("Version"))
        answer = await self._client.ask("GET", "/Library/VirtualFolders")
        libraries = self._client.expect(list, answer)
        places = [
            place
            for library in libraries
            if isinstance(library, dict)
            for place in library.get("Locations") or ()
            if isinstance(place, str)
        ]
        return MediaServerFacts(product=f"{_PRODUCT} {version}", folders=tuple(places))

    async def refresh(self, folders: Sequence[ChangedFolder]) -> None:
        if not folders:
            return
        updates = [{"Path": each.path, "UpdateType": "Modified"} for each in folders]
        answer = await self._client.ask(
            "POST",
            "/Library/Media/Updated",
            body=json.dumps({"Updates": updates}).encode(),
            headers={"Content-Type": "application/json"},
        )
        if answer is not None:
            raise self._client.other()


@asynccontextmanager
async def open_media_server(
    server: MediaServerConfig, context: AdapterContext
) -> AsyncIterator[MediaServer]:
    """Open the adapter installed as `jellyfin`.

    Raises:
        MediaServerFailedError: If the address cannot be used.
    """
    # Servers percent-decode the value, so no character can end it.
    header = f'MediaBrowser Client="Aniworld", Token="{quote(server.token.strip(), safe="")}"'
    async with open_client(
        server, context, product=_PRODUCT, headers={"Authorization": header}
    ) as client:
        yield JellyfinRefresh(client)
