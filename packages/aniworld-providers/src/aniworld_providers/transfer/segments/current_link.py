"""The current link of a stream, its client and the contents of its manifest."""

from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING, TypeAlias

import anyio
import attrs

from aniworld_core.domain.media import Stream
from aniworld_core.errors import (
    AniworldError,
    BadMediaError,
    FetchInterruptedError,
    LinkRefusedError,
    LoginNeededError,
    shown_link,
)
from aniworld_core.messages import Message
from aniworld_core.ports.fetcher import FetchRequest
from aniworld_providers.network import Backoff
from aniworld_providers.transfer.fetch_session import FetchSession
from aniworld_providers.transfer.keys import MAX_KEY_ANSWER, read_key
from aniworld_providers.transfer.manifests.job import Job, Selection, plan_job
from aniworld_providers.transfer.manifests.mirrors import Mirrors
from aniworld_providers.transfer.manifests.part_errors import link_file, naming_part
from aniworld_providers.transfer.manifests.playlists import Piece
from aniworld_providers.transfer.retry_policy import MOST_RENEWALS, TRANSFER_RETRIES

if TYPE_CHECKING:
    from aniworld_providers.network.bytes import ByteClient

#: Loads the manifest of a stream.
ManifestLoader: TypeAlias = Callable[["ByteClient", Stream, FetchRequest], Awaitable[Selection]]


class StreamChangedError(AniworldError):
    """A fresh link leads to another encode; caught inside of this distribution."""

    def __init__(self, stream: Stream) -> None:
        super().__init__("the fresh link leads to another version of the stream")
        self.stream = stream


@attrs.frozen(kw_only=True)
class _Source:
    """A link that was accepted, with the client for it and the contents of its manifest."""

    stream: Stream
    client: "ByteClient"
    selection: Selection
    job: Job


@attrs.define(eq=False)
class CurrentLink:
    """The link that pieces are fetched from; it is replaced when it expires.

    Attributes:
        generation: Number of renewals so far.
    """

    _session: FetchSession
    _loader: ManifestLoader
    _stack: AsyncExitStack
    _source: _Source
    generation: int = attrs.field(default=0, init=False)
    _mirrors: Mirrors | None = attrs.field(default=None, init=False)
    _fruitless: int = attrs.field(default=0, init=False)
    _lock: anyio.Lock = attrs.field(factory=anyio.Lock, init=False)

    @classmethod
    async def open(
        cls, session: FetchSession, loader: ManifestLoader, stack: AsyncExitStack
    ) -> "CurrentLink":
        """Load the manifest; request a fresh link if the first one has already expired.

        Args:
            session: The fetch that needs the link.
            loader: Loads the manifest.
            stack: Closes the clients that are opened here.

        Raises:
            LinkRefusedError: If the server accepts no link.
            What the loader raises, and `Selection.require_fetchable`.
        """
        stream, renewals = session.request.stream, 0
        while True:
            session.state.add_credential_server(stream.url)
            client = await stack.enter_async_context(session.client(stream))
            try:
                selection = await loader(client, stream, session.request)
                break
            except LoginNeededError:
                raise
            except LinkRefusedError:
                renewals += 1
                if session.request.renew is None or renewals > MOST_RENEWALS:
                    raise
                stream = await session.request.renew()
        return cls(session, loader, stack, _checked_source(stream, client, selection))

    @property
    def stream(self) -> Stream:
        """The stream with its current link."""
        return self._source.stream

    @property
    def client(self) -> "ByteClient":
        """The client for requests to the current link."""
        return self._source.client

    @property
    def selection(self) -> Selection:
        """What the manifest offers and what of it is wanted."""
        return self._source.selection

    @property
    def job(self) -> Job:
        """The pieces to fetch."""
        return self._source.job

    async def mirror_pieces(self, index: int) -> list[Piece]:
        """Return the further addresses of an item of the job."""
        if self._mirrors is None:
            tracks = self.selection.tracks
            playlists = [track.playlist for track in tracks]
            self._mirrors = Mirrors(playlists, [track.mirrors for track in tracks])
        item = self.job.items[index]
        other = await self._mirrors.pieces(item.track, item.place, is_init=item.is_init)
        return [*item.piece.mirror_pieces(), *other]

    async def fetch_key(self, url: str) -> bytes:
        """Fetch a key, with retries.

        Raises:
            BadMediaError: If the response is not a key.
            What `ByteClient.open` raises.
        """
        backoff = Backoff(self._session.context.clock, TRANSFER_RETRIES)
        with naming_part(lambda: Message("key_file", file=link_file(url))):
            while True:
                try:
                    body = await self.client.read_all(
                        url, headers=self.stream.headers, max_bytes=MAX_KEY_ANSWER
                    )
                    return read_key(bytes(body.data))
                except (FetchInterruptedError, BadMediaError) as error:
                    await backoff.wait_after(error)

    def progressed(self) -> None:
        """Reset the number of fruitless renewals: a piece was fetched from the current link."""
        self._fruitless = 0

    async def renew(self, generation: int, error: LinkRefusedError) -> bool:
        """Replace the link of *generation* by a fresh one, once for all concurrent callers.

        Returns:
            Whether this call renewed it; False if another call already had.

        Raises:
            LinkRefusedError: The same *error*, if no link can be requested or none helps.
            StreamChangedError: If the fresh link leads to another encode.
            What `Renewal` and the loader raise.
        """
        request = self._session.request
        async with self._lock:
            if self.generation != generation:
                return False
            is_final = isinstance(error, LoginNeededError)
            if is_final or request.renew is None or self._fruitless >= MOST_RENEWALS:
                raise error
            self._fruitless += 1
            stream = await request.renew()
            self._session.state.add_credential_server(stream.url)
            client = self.client
            if stream.reach != self.stream.reach:
                client = await self._stack.enter_async_context(self._session.client(stream))
            source = _checked_source(stream, client, await self._loader(client, stream, request))
            if dict(source.job.identity) != dict(self.job.identity):
                raise StreamChangedError(stream)
            self._source, self._mirrors = source, None
            self.generation += 1
            return True


def _checked_source(stream: Stream, client: "ByteClient", selection: Selection) -> _Source:
    selection.require_fetchable(stream.hoster or shown_link(stream.url))
    job = plan_job(selection)
    return _Source(stream=stream, client=client, selection=selection, job=job)
