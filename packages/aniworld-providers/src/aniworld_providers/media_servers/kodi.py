"""Kodi: scan and clean single folders.

Source: kodi.wiki, JSON-RPC API v12 and v13, `Application.GetProperties`, `Files.GetSources`,
`VideoLibrary.Scan` and `VideoLibrary.Clean`.
"""

import json
from base64 import b64encode
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Final

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

_PRODUCT: Final = "Kodi"
#: JSON-RPC 2.0, section 5.1: a method does not know a parameter.
_INVALID_PARAMETERS: Final = -32602


@attrs.frozen(eq=False)
class KodiRefresh(MediaServer):
    """Scan folders of the video sources of one Kodi."""

    _client: MediaServerClient

    async def check(self) -> MediaServerFacts:
        wanted = {"properties": ["name", "version"]}
        facts = self._client.expect(dict, await self._call("Application.GetProperties", wanted))
        version = self._client.expect(dict, facts.get("version"))
        number = f"{version.get('major')}.{version.get('minor')}"
        return MediaServerFacts(product=f"{_PRODUCT} {number}", folders=await self._sources())

    async def refresh(self, folders: Sequence[ChangedFolder]) -> None:
        if not folders:
            return
        sources = await self._sources()
        known = [each for each in folders if any(is_below(each.path, s) for s in sources)]
        for folder in known:
            directory = _with_separator(folder.path)
            where = {"directory": directory, "showdialogs": False}
            await self._call("VideoLibrary.Scan", where)
            if folder.has_removals:
                # A scan only adds. Kodi before 19 cleans nothing less than the whole library.
                await self._call("VideoLibrary.Clean", where, may_be_unknown=True)
        lacking = [each.path for each in folders if each not in known]
        if lacking:
            reason = Message(
                "media_server_lacks_folder", path=lacking[0], folders=list(sources[:10])
            )
            raise self._client.failed(reason, is_final=True)

    async def _sources(self) -> tuple[str, ...]:
        answer = await self._call("Files.GetSources", {"media": "video"})
        sources = self._client.expect(dict, answer).get("sources") or ()
        places = [each.get("file") for each in sources if isinstance(each, dict)]
        return tuple(place for place in places if isinstance(place, str))

    async def _call(
        self, method: str, params: Mapping[str, object], *, may_be_unknown: bool = False
    ) -> object:
        """Call a method.

        Args:
            method: Its name.
            params: Its parameters by name.
            may_be_unknown: Whether to ignore that this version does not know the parameters.

        Raises:
            MediaServerFailedError: If there is no usable answer, or an error.
        """
        asked = {"jsonrpc": "2.0", "id": 1, "method": method, "params": params}
        answer = await self._client.ask(
            "POST",
            "/jsonrpc",
            body=json.dumps(asked).encode(),
            headers={"Content-Type": "application/json"},
        )
        found = self._client.expect(dict, answer)
        error = found.get("error")
        if error is None and "result" in found:
            return found["result"]
        problem = self._client.expect(dict, error)
        if may_be_unknown and problem.get("code") == _INVALID_PARAMETERS:
            return None
        said = str(problem.get("message", ""))[:200]
        raise self._client.failed(Message("site_reports", said=said), is_final=True)


def _with_separator(path: str) -> str:
    separator = "\\" if "\\" in path and "/" not in path else "/"
    return path.rstrip("/\\") + separator


@asynccontextmanager
async def open_media_server(
    server: MediaServerConfig, context: AdapterContext
) -> AsyncIterator[MediaServer]:
    """Open the adapter installed as `kodi`.

    Raises:
        MediaServerFailedError: If the address cannot be used.
    """
    headers = {}
    if server.username:
        login = f"{server.username}:{server.password}".encode()
        headers["Authorization"] = "Basic " + b64encode(login).decode("ascii")
    async with open_client(server, context, product=_PRODUCT, headers=headers) as client:
        yield KodiRefresh(client)
