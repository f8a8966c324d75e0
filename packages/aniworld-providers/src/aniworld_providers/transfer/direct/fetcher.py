"""Fetch files that a server offers as a whole."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import PurePosixPath
from urllib.parse import urlsplit

import attrs

from aniworld_core.domain.media import Stream, StreamKind
from aniworld_core.domain.retry_policy import RetryPolicy
from aniworld_core.errors import BadMediaError
from aniworld_core.messages import Message
from aniworld_core.ports.context import AdapterContext
from aniworld_core.ports.fetcher import (
    FetchedFile,
    FetchPlan,
    FetchRequest,
    MediaFetcher,
    OtherKind,
    ProgressCallback,
)
from aniworld_providers.network import Backoff
from aniworld_providers.network.bytes import Timeouts
from aniworld_providers.transfer.direct.attempts import Attempts
from aniworld_providers.transfer.direct.film_fetch import FilmFetch, assembled_file, is_assembled
from aniworld_providers.transfer.direct.probe import probe_size
from aniworld_providers.transfer.disk.existing import matching_file, published_file
from aniworld_providers.transfer.disk.lock import exclusive_use
from aniworld_providers.transfer.disk.paths import (
    MEDIA_SUFFIXES,
    PartPaths,
    existing_targets,
    part_paths,
    remove_leftovers,
)
from aniworld_providers.transfer.disk.writing import prepare_folder
from aniworld_providers.transfer.fetch_session import FetchSession
from aniworld_providers.transfer.links import OtherKindError
from aniworld_providers.transfer.retry_policy import TRANSFER_RETRIES
from aniworld_providers.transfer.subtitles.job import open_subtitles


@attrs.define(eq=False, kw_only=True)
class DirectFetcher(MediaFetcher):
    """Fetches single files over one or several connections.

    Args:
        context: The adapter context.
        timeouts: Timeouts of requests.
        retries: Retry policy of each transfer.
    """

    context: AdapterContext
    timeouts: Timeouts = Timeouts()
    retries: RetryPolicy = TRANSFER_RETRIES

    def _start(self, request: FetchRequest) -> FetchSession:
        return FetchSession.start(self.context, request, self.timeouts)

    @property
    def name(self) -> str:
        return "direct"

    def accepts(self, stream: Stream) -> bool:
        return stream.kind is StreamKind.DIRECT

    async def plan(self, request: FetchRequest) -> FetchPlan | OtherKind:
        async with self._start(request).client(request.stream, 1) as client:
            named = PurePosixPath(urlsplit(request.stream.url).path).suffix.lower()
            try:
                size = await probe_size(client, request.stream, is_certain=named in MEDIA_SUFFIXES)
            except OtherKindError as error:
                return error.found
            sound = request.stream.sound
            if sound is not None and size is not None:
                beside = await probe_size(client, sound, is_certain=True)
                size = None if beside is None else size + beside
        if size is not None and size > request.max_bytes:
            raise BadMediaError(Message("too_large", limit_bytes=request.max_bytes))
        return FetchPlan(
            kind=StreamKind.DIRECT,
            bytes=request.stream.size if size is None else size,
            duration_seconds=request.stream.duration,
        )

    async def fetch(
        self, request: FetchRequest, *, on_progress: ProgressCallback | None = None
    ) -> FetchedFile | OtherKind:
        paths = part_paths(request.destination)
        await asyncio.to_thread(prepare_folder, request.destination.parent)
        with exclusive_use(paths):
            try:
                return await self._fetch_alone(request, paths, on_progress)
            except OtherKindError as error:
                return error.found

    async def _fetch_alone(
        self, request: FetchRequest, paths: PartPaths, on_progress: ProgressCallback | None
    ) -> FetchedFile:
        session = self._start(request)
        there = await _existing(session, paths)
        if there is not None:
            await asyncio.to_thread(remove_leftovers, paths)
            return there
        async with open_subtitles(session) as subtitles:
            subtitles.start(request.stream)
            fetch = FilmFetch(
                session=session,
                paths=paths,
                subtitles=subtitles,
                new_attempts=lambda: Attempts(Backoff(self.context.clock, self.retries)),
                on_progress=on_progress,
            )
            return subtitles.add_to(await fetch.run())


async def _existing(session: FetchSession, paths: PartPaths) -> FetchedFile | None:
    """Return the file that an earlier fetch of the same media published."""
    request = session.request
    if not existing_targets(request.destination, exact_name=request.exact_name):
        return None
    there = await asyncio.to_thread(published_file, request, paths)
    if there is not None:
        return there
    if is_assembled(request.stream):
        return await asyncio.to_thread(assembled_file, request)
    size = request.stream.size
    if size is None and request.stream.checksum is None:
        async with session.client(request.stream, 1) as client:
            size = await probe_size(client, request.stream)
    return await asyncio.to_thread(matching_file, request, size)


@contextlib.asynccontextmanager
async def open_direct_fetcher(context: AdapterContext) -> AsyncIterator[MediaFetcher]:
    """Open the fetcher installed as `direct`."""
    yield DirectFetcher(context=context)
