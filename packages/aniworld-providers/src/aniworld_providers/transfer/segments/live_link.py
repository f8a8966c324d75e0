"""The present link of a stream: its client and what its manifest lists. It may be renewed."""

from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING, TypeAlias

import anyio
import attrs

from aniworld_core.domain.media import Stream
from aniworld_core.errors import AniworldError, LinkRefusedError, shown_link
from aniworld_core.ports.context import AdapterContext
from aniworld_core.ports.fetcher import FetchRequest
from aniworld_providers.transfer.manifests.job import Job, Selection, plan_job
from aniworld_providers.transfer.manifests.mirrors import Mirrors
from aniworld_providers.transfer.manifests.playlists import Piece
from aniworld_providers.transfer.retry_policy import MOST_RENEWALS

if TYPE_CHECKING:
    from aniworld_providers.network.bytes import ByteClient, Timeouts, TransferState

#: Reads a manifest.
ManifestLoader: TypeAlias = Callable[["ByteClient", Stream, FetchRequest], Awaitable[Selection]]


class ShapeChangedError(AniworldError):
    """A fresh link leads to something else; never leaves this distribution."""

    def __init__(self, stream: Stream) -> None:
        super().__init__("the stream has turned into another one")
        self.stream = stream


@attrs.define(eq=False)
class LiveLink:
    """What is fetched from at present.

    Attributes:
        stream: The link as it was given last.
        client: Fetches from it.
        selection: What its manifest offers.
        job: What there is to fetch.
        generation: Counts the renewals.
    """

    _context: AdapterContext
    _request: FetchRequest
    _loader: ManifestLoader
    _stack: AsyncExitStack
    _state: "TransferState"
    _timeouts: "Timeouts | None"
    stream: Stream
    client: "ByteClient"
    selection: Selection
    job: Job
    generation: int = 0
    _mirrors: Mirrors | None = None
    _fruitless: int = 0
    _lock: anyio.Lock = attrs.Factory(anyio.Lock)

    @classmethod
    async def open(
        cls,
        context: AdapterContext,
        request: FetchRequest,
        loader: ManifestLoader,
        stack: AsyncExitStack,
        state: "TransferState",
        *,
        timeouts: "Timeouts | None" = None,
    ) -> "LiveLink":
        """Load the manifest, with a fresh link if the first has expired already.

        Raises:
            LinkRefusedError: If no link is accepted.
            What the loader raises, and `Selection.require_fetchable`.
        """
        stream, tries = request.stream, 0
        while True:
            state.add_credential_server(stream.url)
            client = await _client(context, request, stream, stack, state, timeouts)
            try:
                selection = await loader(client, stream, request)
                break
            except LinkRefusedError:
                tries += 1
                if request.renew is None or tries > MOST_RENEWALS:
                    raise
                stream = await request.renew()
        selection.require_fetchable(stream.hoster or shown_link(stream.url))
        job = plan_job(selection)
        return cls(context, request, loader, stack, state, timeouts, stream, client, selection, job)

    async def elsewhere(self, index: int) -> list[Piece]:
        """Return where an item of the job is besides its own address."""
        if self._mirrors is None:
            tracks = self.selection.tracks
            playlists = [track.playlist for track in tracks]
            self._mirrors = Mirrors(playlists, [track.mirrors for track in tracks])
        item = self.job.items[index]
        other = await self._mirrors.pieces(item.track, item.place, is_init=item.is_init)
        return [*item.piece.elsewhere(), *other]

    def progressed(self) -> None:
        """Take note that the present link gives segments."""
        self._fruitless = 0

    async def renew(self, generation: int, error: LinkRefusedError) -> bool:
        """Get a fresh link in place of the one of *generation*, once for all who ask.

        Returns:
            Whether this call renewed it; False if another one already had.

        Raises:
            LinkRefusedError: The very *error*, if nobody can renew or it does not help.
            ShapeChangedError: If the fresh link leads to another encode.
            What `Renewal` and the loader raise.
        """
        async with self._lock:
            if self.generation != generation:
                return False
            if self._request.renew is None or self._fruitless >= MOST_RENEWALS:
                raise error
            self._fruitless += 1
            stream = await self._request.renew()
            self._state.add_credential_server(stream.url)
            client = self.client
            if stream.reach != self.stream.reach:
                client = await _client(
                    self._context,
                    self._request,
                    stream,
                    self._stack,
                    self._state,
                    self._timeouts,
                )
            selection = await self._loader(client, stream, self._request)
            selection.require_fetchable(stream.hoster or shown_link(stream.url))
            job = plan_job(selection)
            if dict(job.shape) != dict(self.job.shape):
                raise ShapeChangedError(stream)
            self.stream, self.client, self.selection, self.job = stream, client, selection, job
            self._mirrors = None
            self.generation += 1
            return True


async def _client(
    context: AdapterContext,
    request: FetchRequest,
    stream: Stream,
    stack: AsyncExitStack,
    state: "TransferState",
    timeouts: "Timeouts | None",
) -> "ByteClient":
    from aniworld_providers.network.bytes import open_byte_client  # slow to import

    client = open_byte_client(
        context,
        reach=stream.reach,
        connections=request.connections,
        timeouts=timeouts,
        state=state,
    )
    return await stack.enter_async_context(client)
