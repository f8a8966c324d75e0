"""Fetching from the fault server, the way the application does."""

import hashlib
from pathlib import Path
from typing import Any

import attrs

from aniworld_core.domain.media import Stream, StreamKind
from aniworld_core.ports.fetcher import FetchedFile, FetchRequest, OtherKind, Renewal
from aniworld_providers.network.bytes import Timeouts
from aniworld_providers.transfer.direct.fetcher import DirectFetcher
from aniworld_providers.transfer.links import OtherKindError
from providers.faults.server import FaultServer
from support.adapter_context import JumpingClock, make_context

#: Short enough for tests; nothing that works takes nearly as long.
HASTY = Timeouts(connect=0.5, headers=0.3, read=0.4, floor_rate=1024.0, floor_seconds=0.8)


@attrs.define
class Fetching:
    """A fetcher, a folder and a server."""

    server: FaultServer
    folder: Path
    clock: JumpingClock = attrs.field(factory=JumpingClock)
    timeouts: Timeouts = HASTY

    @property
    def destination(self) -> Path:
        """Where films go."""
        return self.folder / "Film - S01E01.mp4"

    def fetcher(self) -> DirectFetcher:
        """Make a fetcher that may not reach anything but the public internet."""
        context = make_context(self.folder / "data", clock=self.clock)
        return DirectFetcher(context=context, timeouts=self.timeouts)

    def stream(self, path: str = "/film", **fields: Any) -> Stream:
        """Make the stream of a path, which may reach the server."""
        return Stream(
            url=self.server.url(path),
            kind=StreamKind.DIRECT,
            reach=frozenset({self.server.address}),
            **fields,
        )

    async def fetch(
        self,
        path: str = "/film",
        *,
        renew: Renewal | None = None,
        connections: int = 4,
        stream: Stream | None = None,
        **fields: Any,
    ) -> FetchedFile:
        """Fetch a path of the server."""
        request = FetchRequest(
            stream=stream or self.stream(path),
            destination=self.destination,
            renew=renew,
            connections=connections,
            **fields,
        )
        result = await self.fetcher().fetch(request)
        if isinstance(result, OtherKind):
            raise OtherKindError(result)
        return result

    def films(self) -> list[Path]:
        """Return everything that has a final name."""
        return [p for p in self.folder.iterdir() if p.is_file() and ".part" not in p.name]

    def leftovers(self) -> list[str]:
        """Return the names of everything that has none."""
        return sorted(p.name for p in self.folder.iterdir() if ".part" in p.name)


def digest(data: bytes) -> str:
    """Return the SHA-256 of bytes."""
    return hashlib.sha256(data).hexdigest()
