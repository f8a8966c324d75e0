"""Fake media server."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import attrs

from aniworld_core.domain.configuration import Config, MediaServerConfig
from aniworld_core.errors import AniworldError
from aniworld_core.ports.media_server import ChangedFolder, MediaServer, MediaServerFacts


@attrs.define(eq=False)
class FakeMediaServer(MediaServer):
    """Record the requested refreshes.

    Attributes:
        folders: Folders of its libraries.
        failure: Error to raise instead of any answer.
        calls: The folders of every successful refresh, in order.
        attempts: Number of refreshes, failed ones included.
    """

    folders: tuple[str, ...] = ("/data/anime",)
    failure: AniworldError | None = None
    calls: list[Sequence[ChangedFolder]] = attrs.field(factory=list)
    attempts: int = 0

    async def check(self) -> MediaServerFacts:
        if self.failure is not None:
            raise self.failure
        return MediaServerFacts(product="Fake 1", folders=self.folders)

    async def refresh(self, folders: Sequence[ChangedFolder]) -> None:
        self.attempts += 1
        if self.failure is not None:
            raise self.failure
        if folders:
            self.calls.append(tuple(folders))

    @asynccontextmanager
    async def opened(
        self, _server: MediaServerConfig, _config: Config
    ) -> AsyncIterator[MediaServer]:
        """Return this fake for every server."""
        yield self
