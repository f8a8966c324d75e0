"""Fetch files that a server offers as a whole."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path, PurePosixPath
from urllib.parse import urlsplit

import attrs

from aniworld_core.domain.downloads import Phase
from aniworld_core.domain.media import Stream, StreamKind
from aniworld_core.domain.retry_policy import RetryPolicy
from aniworld_core.errors import (
    AniworldError,
    BadMediaError,
    FetchInterruptedError,
    LinkRefusedError,
    LoginNeededError,
    ProtectedError,
)
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
from aniworld_providers.media.probe.inspect import prepare
from aniworld_providers.network import Backoff
from aniworld_providers.network.bytes import ByteClient, Timeouts, WrongRangeError
from aniworld_providers.transfer.direct.attempts import Attempts
from aniworld_providers.transfer.direct.probe import probe_size, size_after
from aniworld_providers.transfer.direct.ranged import FRUITFUL, RangedTransfer, VersionChangedError
from aniworld_providers.transfer.direct.sink import Sink
from aniworld_providers.transfer.disk.existing import matching_file, published_file
from aniworld_providers.transfer.disk.lock import exclusive_use
from aniworld_providers.transfer.disk.part_file import PartFile
from aniworld_providers.transfer.disk.paths import (
    MEDIA_SUFFIXES,
    PartPaths,
    existing_targets,
    final_path,
    part_paths,
    remove_leftovers,
    rename_notices,
)
from aniworld_providers.transfer.disk.publish import publish
from aniworld_providers.transfer.disk.verify import CheckResult, check_file
from aniworld_providers.transfer.disk.writing import prepare_folder
from aniworld_providers.transfer.fetch_session import FetchSession
from aniworld_providers.transfer.links import OtherKindError
from aniworld_providers.transfer.progress import ProgressMeter
from aniworld_providers.transfer.retry_policy import TRANSFER_RETRIES
from aniworld_providers.transfer.subtitles.film_clock import FilmClock
from aniworld_providers.transfer.subtitles.job import SubtitleJob, open_subtitles


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
        wants_digest = request.digest or _has_sha256(request.stream)
        part = await asyncio.to_thread(PartFile.open, paths, digest=wants_digest)
        try:
            async with open_subtitles(session) as subtitles:
                subtitles.start(request.stream)
                attempts = Attempts(Backoff(self.context.clock, self.retries))
                job = _Job(session, part, ProgressMeter(on_progress), attempts, subtitles)
                return subtitles.add_to(await job.run(paths))
        except (BadMediaError, ProtectedError):
            part.discard()
            raise
        finally:
            if part.done_bytes == 0:
                with contextlib.suppress(AniworldError):
                    part.discard()
            part.close()


async def _existing(session: FetchSession, paths: PartPaths) -> FetchedFile | None:
    """Return the file that an earlier fetch of the same media published."""
    request = session.request
    if not existing_targets(request.destination, exact_name=request.exact_name):
        return None
    there = await asyncio.to_thread(published_file, request, paths)
    if there is not None:
        return there
    size = request.stream.size
    if size is None and request.stream.checksum is None:
        async with session.client(request.stream, 1) as client:
            size = await probe_size(client, request.stream)
    return await asyncio.to_thread(matching_file, request, size)


@attrs.define(eq=False)
class _Job:
    """The fetch of one file.

    Attributes:
        stream: The stream with its current link.
        use_ranges: Whether range requests are made; not after the server answered one wrongly.
        is_first: Whether the current link has sent no bytes yet.
        is_proven: Whether a second source confirmed the size.
    """

    session: FetchSession
    part: PartFile
    meter: ProgressMeter
    attempts: Attempts
    subtitles: SubtitleJob
    sink: Sink = attrs.field(init=False)
    stream: Stream = attrs.field(init=False)
    found: int = attrs.field(init=False)
    use_ranges: bool = attrs.field(default=True, init=False)
    is_first: bool = attrs.field(default=True, init=False)
    is_proven: bool = attrs.field(default=False, init=False)

    def __attrs_post_init__(self) -> None:
        self.sink = Sink(
            self.part,
            self.meter,
            max_bytes=self.request.max_bytes,
            reserve_bytes=self.request.reserve_bytes,
        )
        self.stream = self.request.stream
        self.found = self.part.done_bytes

    @property
    def request(self) -> FetchRequest:
        return self.session.request

    async def run(self, paths: PartPaths) -> FetchedFile:
        # libav is imported during the transfer, before the check needs it.
        asyncio.get_running_loop().run_in_executor(None, prepare)
        while True:
            size = await self._transfer()
            await self.meter.enter(Phase.CHECKING)
            sha256 = await asyncio.to_thread(self.part.finish, size)
            try:
                result = await asyncio.to_thread(self._check, paths, sha256)
                break
            except FetchInterruptedError as exc:
                await self.attempts.wait_after(exc)
        await self.subtitles.finish(FilmClock(duration=result.facts.duration))
        await self.meter.enter(Phase.PUBLISHING)
        request, facts = self.request, result.facts
        final = final_path(request.destination, facts.suffix, exact_name=request.exact_name)
        await asyncio.to_thread(self._publish, paths, final)
        return FetchedFile(
            path=final,
            bytes=size,
            sha256=sha256,
            duration=facts.duration,
            audio_languages=tuple(code for code in facts.audio_languages if code != "und"),
            verified=result.is_verified,
            resumed_bytes=min(self.found, max(size - self.sink.received, 0)),
            attempts=self.attempts.count,
            notices=(
                *result.notices,
                *rename_notices(
                    self.request.destination, final, exact_name=self.request.exact_name
                ),
            ),
        )

    def _check(self, paths: PartPaths, sha256: str | None) -> CheckResult:
        version = self.part.version
        # Neither changes the file; the sync waits for the disk while the check uses the processor.
        with ThreadPoolExecutor(1) as pool:
            synced = pool.submit(self.part.sync)
            result = check_file(
                paths.part,
                self.request,
                sha256=sha256,
                size_known=version is not None and version.size is not None,
                size_proven=self.is_proven,
            )
            synced.result()
        return result

    def _publish(self, paths: PartPaths, final: Path) -> None:
        self.part.record_final_name(final)
        # The film comes last: once it is published, no later fetch adds its subtitles.
        self.subtitles.publish(final)
        publish(paths.part, final)
        self.part.close()
        remove_leftovers(paths)

    # --- transfer ------------------------------------------------------------------------

    async def _transfer(self) -> int:
        """Fetch all missing bytes, with fresh links where needed; return the size."""
        while True:
            async with self.session.client(self.stream) as client:
                size = await self._transfer_from(client)
            if size is not None:
                return size

    async def _transfer_from(self, client: ByteClient) -> int | None:
        """Fetch from the current link; return `None` if another link has to be used."""
        while True:
            before = self.sink.received
            try:
                return await self._once(client)
            except LinkRefusedError as exc:
                self._settle(before)
                await self._renew(exc)
                return None
            except VersionChangedError as exc:
                self.attempts.restart(exc)
                await asyncio.to_thread(self.part.reset)
            except WrongRangeError as exc:
                if not self.use_ranges:
                    await self.attempts.wait_after(exc)
                self.use_ranges = False
                self.attempts.retry_now()
            except FetchInterruptedError as exc:
                has_gained = self._settle(before)
                if has_gained and exc.retry_after is None:
                    self.attempts.retry_now()
                else:
                    await self.attempts.wait_after(exc)

    def _settle(self, before: int) -> bool:
        has_gained = self.sink.received - before >= FRUITFUL
        if has_gained:
            self.attempts.progressed()
            self.is_first = False
        return has_gained

    async def _once(self, client: ByteClient) -> int:
        transfer = RangedTransfer(
            client,
            self.stream,
            self.sink,
            connections=self.request.connections,
            use_ranges=self.use_ranges,
            is_first=self.is_first,
        )
        size = await transfer.run()
        self.is_proven = transfer.is_proven or self.stream.size == size
        if self.part.version is not None and self.part.version.size is None:
            await self._confirm_end(client, size)
        return size

    async def _confirm_end(self, client: ByteClient, size: int) -> None:
        """Check with the server whether an unannounced end is the real end."""
        whole = await size_after(client, self.stream, size)
        if whole is None:
            return
        if whole < size:
            raise VersionChangedError(Message("size_changed"))
        await asyncio.to_thread(self.part.set_size, whole)
        if whole > size:
            raise FetchInterruptedError(Message("broke_off"))
        self.is_proven = True

    async def _renew(self, exc: LinkRefusedError) -> None:
        if self.request.renew is None or isinstance(exc, LoginNeededError):
            raise exc
        self.attempts.renew_link(exc)
        stream = await self.request.renew()
        if stream.kind is not StreamKind.DIRECT:
            raise exc
        self.stream, self.is_first = stream, True
        self.session.state.add_credential_server(stream.url)


def _has_sha256(stream: Stream) -> bool:
    return stream.checksum is not None and stream.checksum.algorithm == "sha256"


@contextlib.asynccontextmanager
async def open_direct_fetcher(context: AdapterContext) -> AsyncIterator[MediaFetcher]:
    """Open the fetcher installed as `direct`."""
    yield DirectFetcher(context=context)
