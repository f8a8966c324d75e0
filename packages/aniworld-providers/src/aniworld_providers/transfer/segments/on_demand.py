"""Fetchers of HLS and DASH streams that are imported when they are first used.

A fetch of a plain file opens them only to ask whether they accept it; importing them took a quarter
of its start.
"""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from importlib import import_module
from typing import TYPE_CHECKING, Final

import anyio
import anyio.to_thread
import attrs

from aniworld_core.domain.media import Stream, StreamKind
from aniworld_core.ports.context import AdapterContext
from aniworld_core.ports.fetcher import (
    FetchedFile,
    FetchPlan,
    FetchRequest,
    MediaFetcher,
    OtherKind,
    ProgressCallback,
)

if TYPE_CHECKING:
    from aniworld_providers.network.bytes import Timeouts

_ENGINE: Final = "aniworld_providers.transfer.segments.fetcher"


@attrs.define(eq=False)
class FetcherOnDemand(MediaFetcher):
    """Accepts one kind of streams and passes them to a fetcher that is built for the first.

    Args:
        name: The name it is installed as.
        kind: The kind of streams it accepts.
        build: Builds the fetcher; called after its module was imported in a worker thread.
    """

    _name: str
    _kind: StreamKind
    _build: Callable[[], MediaFetcher]
    _lock: anyio.Lock = attrs.field(factory=anyio.Lock, init=False)
    _built: MediaFetcher | None = attrs.field(default=None, init=False)

    @property
    def name(self) -> str:
        return self._name

    def accepts(self, stream: Stream) -> bool:
        return stream.kind is self._kind

    async def plan(self, request: FetchRequest) -> FetchPlan | OtherKind:
        return await (await self._fetcher()).plan(request)

    async def fetch(
        self, request: FetchRequest, *, on_progress: ProgressCallback | None = None
    ) -> FetchedFile | OtherKind:
        return await (await self._fetcher()).fetch(request, on_progress=on_progress)

    async def _fetcher(self) -> MediaFetcher:
        async with self._lock:
            if self._built is None:
                await anyio.to_thread.run_sync(import_module, _ENGINE)
                self._built = self._build()
            return self._built


@asynccontextmanager
async def open_hls_fetcher(
    context: AdapterContext, *, timeouts: "Timeouts | None" = None
) -> AsyncIterator[MediaFetcher]:
    """Open the fetcher installed as `hls`."""

    def build() -> MediaFetcher:
        from aniworld_providers.transfer.segments.fetcher import hls_fetcher

        return hls_fetcher(context, timeouts=timeouts)

    yield FetcherOnDemand("hls", StreamKind.HLS, build)


@asynccontextmanager
async def open_dash_fetcher(
    context: AdapterContext, *, timeouts: "Timeouts | None" = None
) -> AsyncIterator[MediaFetcher]:
    """Open the fetcher installed as `dash`."""

    def build() -> MediaFetcher:
        from aniworld_providers.transfer.segments.fetcher import dash_fetcher

        return dash_fetcher(context, timeouts=timeouts)

    yield FetcherOnDemand("dash", StreamKind.DASH, build)
