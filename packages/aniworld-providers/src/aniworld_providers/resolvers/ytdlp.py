"""Pages of hosters, read by yt-dlp as a library.

yt-dlp only looks: it finds out where the media lie, and fetching them is the fetchers' work. Its
connections go through the address guard, it reads no configuration, cookies or password files,
loads no plug-ins, starts no programs and keeps no cache.
"""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Final
from urllib.parse import urlsplit

import anyio
import attrs
from anyio import CapacityLimiter

from aniworld_core.domain.media import MediaSource, Stream
from aniworld_core.errors import InvalidLinkError, ProviderUnavailableError, UnsupportedSourceError
from aniworld_core.ports.clock import Clock
from aniworld_core.ports.context import AdapterContext
from aniworld_core.ports.resolver import StreamResolver
from aniworld_providers.network.guard import AddressGuard
from aniworld_providers.resolvers.ytdlp_sockets import ConnectionBook
from aniworld_providers.resolvers.ytdlp_threads import AbandonableThreads

NAME: Final = "ytdlp"
#: Longest time from the question to the streams, waiting for a free place included.
DEADLINE: Final = timedelta(seconds=60)
#: Longest silence of a server.
_ANSWER_WITHIN: Final = timedelta(seconds=20)
#: Extractions at a time, hanging ones included.
_PLACES: Final = 4


@attrs.define(eq=False, kw_only=True)
class YtDlpResolver(StreamResolver):
    """Asks yt-dlp about every page that no other resolver knows."""

    _guard: AddressGuard
    _clock: Clock
    _threads: AbandonableThreads
    _deadline: timedelta = DEADLINE

    @property
    def name(self) -> str:
        return NAME

    @property
    def is_fallback(self) -> bool:
        return True

    def accepts(self, source: MediaSource) -> bool:
        if source.kind is not None:
            return False
        try:
            parts = urlsplit(source.url)
        except ValueError:
            return False
        return parts.scheme.lower() in {"http", "https"} and bool(parts.netloc)

    async def resolve(self, source: MediaSource) -> Sequence[Stream]:
        guard = self._guard.with_reach(source.reach)
        try:
            guard.check_url(source.url)
        except InvalidLinkError as exc:
            raise UnsupportedSourceError(source.hoster, exc.reason) from exc
        book = ConnectionBook(guard)
        limit = self._deadline.total_seconds()
        try:
            with anyio.fail_after(limit):
                return await self._threads.run(
                    lambda: self._extract(source, book), abandon=book.cut
                )
        except TimeoutError as exc:
            raise ProviderUnavailableError(
                source.hoster, f"it could not be read within {limit:g} s"
            ) from exc

    def _extract(self, source: MediaSource, book: ConnectionBook) -> Sequence[Stream]:
        # Importing yt-dlp takes a quarter of a second, here at the cost of nobody else.
        from aniworld_providers.resolvers.ytdlp_extraction import find_streams

        limit = _ANSWER_WITHIN.total_seconds()
        return find_streams(source, book, clock=self._clock, answer_within=limit)


@asynccontextmanager
async def open_resolver(
    context: AdapterContext, *, deadline: timedelta = DEADLINE
) -> AsyncIterator[StreamResolver]:
    """Open the resolver; extractions that hang when it is closed are left behind.

    Args:
        context: The surroundings.
        deadline: Longest time for one source.
    """
    yield YtDlpResolver(
        guard=AddressGuard(context.allowed_addresses),
        clock=context.clock,
        threads=AbandonableThreads(CapacityLimiter(_PLACES)),
        deadline=deadline,
    )
