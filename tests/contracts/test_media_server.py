"""Contract of media servers: every shipped adapter against its server, and the fake."""

from collections.abc import AsyncIterator, Callable, Sequence
from pathlib import Path

import attrs
import pytest

from aniworld_core.domain.configuration import MediaServerConfig
from aniworld_core.errors import MediaServerFailedError
from aniworld_core.ports.media_server import MediaServer
from aniworld_core.testing.contracts.media_server import MediaServerContract
from aniworld_core.testing.fakes import FakeMediaServer
from aniworld_providers.media_servers import jellyfin, kodi, plex
from support.adapter_context import make_context
from support.sites.media_servers import TOKEN, MediaServerSite, serve_media_server

_ADAPTERS = {
    "jellyfin": jellyfin.open_media_server,
    "plex": plex.open_media_server,
    "kodi": kodi.open_media_server,
}


@pytest.mark.parametrize("kind", sorted(_ADAPTERS))
class TestShippedAdapters(MediaServerContract):
    @pytest.fixture
    async def site(self, kind: str) -> AsyncIterator[MediaServerSite]:
        """Serve the server."""
        async with serve_media_server(kind) as site:
            yield site

    @pytest.fixture
    def settings(self, site: MediaServerSite) -> MediaServerConfig:
        """Return the settings that fit the server."""
        return MediaServerConfig(
            kind=site.kind, base_url=site.url, token=TOKEN, username="kodi", password=TOKEN
        )

    @pytest.fixture
    async def server(
        self, settings: MediaServerConfig, tmp_path: Path
    ) -> AsyncIterator[MediaServer]:
        """Open the adapter."""
        async with _ADAPTERS[settings.kind](settings, make_context(tmp_path)) as server:
            yield server

    @pytest.fixture
    async def denied(
        self, settings: MediaServerConfig, tmp_path: Path
    ) -> AsyncIterator[MediaServer]:
        """Open the adapter with a wrong token and password."""
        wrong = attrs.evolve(settings, token="wrong", password="wrong")
        async with _ADAPTERS[settings.kind](wrong, make_context(tmp_path)) as server:
            yield server

    @pytest.fixture
    def refreshed(self, site: MediaServerSite) -> Callable[[], Sequence[str]]:
        """Return the paths that the server got."""
        return lambda: [path.rstrip("/") for path in site.scanned]


class TestFakeMediaServer(MediaServerContract):
    @pytest.fixture
    async def server(self) -> FakeMediaServer:
        """Return the fake."""
        return FakeMediaServer()

    @pytest.fixture
    async def denied(self) -> FakeMediaServer:
        """Return a fake that refuses."""
        return FakeMediaServer(failure=MediaServerFailedError("fake", "denied", is_final=True))

    @pytest.fixture
    def refreshed(self, server: FakeMediaServer) -> Callable[[], Sequence[str]]:
        """Return the recorded paths."""
        return lambda: [folder.path for call in server.calls for folder in call]
