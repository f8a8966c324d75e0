"""Open the adapter of a media server."""

from contextlib import AbstractAsyncContextManager
from typing import cast

from aniworld_core.application.automation import OpenMediaServer
from aniworld_core.bootstrap.adapters import ContextSource
from aniworld_core.bootstrap.plugins import load_adapter
from aniworld_core.domain.configuration import MEDIA_SERVERS, Config, MediaServerConfig
from aniworld_core.ports.media_server import MediaServer, MediaServerFactory


def media_server_opener(source: ContextSource) -> OpenMediaServer:
    """Return a function that opens the adapter of a server, by the name in its settings."""

    def open_server(
        server: MediaServerConfig, config: Config
    ) -> AbstractAsyncContextManager[MediaServer]:
        factory = cast("MediaServerFactory", load_adapter(MEDIA_SERVERS, server.kind))
        return factory(server, source.of(config))

    return open_server
