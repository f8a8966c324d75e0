"""Files that lie on a server as they are."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path, PurePosixPath
from typing import Self
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
from aniworld_providers.network.bytes import (
    ByteClient,
    Timeouts,
    TransferState,
    WrongRangeError,
    open_byte_client,
)
from aniworld_providers.transfer.direct.attempts import Attempts
from aniworld_providers.transfer.direct.probe import find_out, size_behind
from aniworld_providers.transfer.direct.ranged import FRUITFUL, RangedTransfer, VersionChangedError
from aniworld_providers.transfer.direct.sink import Sink
from aniworld_providers.transfer.disk.existing import announced_file, same_media
from aniworld_providers.transfer.disk.part_file import PartFile
from aniworld_providers.transfer.disk.part_lock import sole_use
from aniworld_providers.transfer.disk.publish import (
    MEDIA_SUFFIXES,
    PartPaths,
    final_path,
    part_paths,
    prepare_folder,
    publish,
    remove_leftovers,
    renamed,
    siblings,
)
from aniworld_providers.transfer.disk.verify import Verdict, check_file
from aniworld_providers.transfer.links import OtherKindError
from aniworld_providers.transfer.rate import ProgressMeter
from aniworld_providers.transfer.request_state import state_of
from aniworld_providers.transfer.retry_policy import TRANSFER_RETRIES
from aniworld_providers.transfer.subtitles.film_clock import FilmClock
from aniworld_providers.transfer.subtitles.job import SubtitleErrand, open_errand


@attrs.define(eq=False, kw_only=True)
class DirectFetcher(MediaFetcher):
    """Fetches single files over one connection or several.

    Args:
        context: The surroundings.
        timeouts: How long servers may take.
        retries: Retry policy of each transfer.
    """

    context: AdapterContext
    timeouts: Timeouts = Timeouts()
    retries: RetryPolicy = TRANSFER_RETRIES

    @property
    def name(self) -> str:
        return "direct"

    def accepts(self, stream: Stream) -> bool:
        return stream.kind is StreamKind.DIRECT

    async def plan(self, request: FetchRequest) -> FetchPlan | OtherKind:
        named = PurePosixPath(urlsplit(request.stream.url).path).suffix.lower()
        async with self.client_for(request.stream, 1, state_of(self.context, request)) as client:
            try:
                size = await find_out(client, request.stream, is_certain=named in MEDIA_SUFFIXES)
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
        with sole_use(paths):
            try:
                return await self._fetch_alone(request, paths, on_progress)
            except OtherKindError as error:
                return error.found

    async def _fetch_alone(
        self, request: FetchRequest, paths: PartPaths, on_progress: ProgressCallback | None
    ) -> FetchedFile:
        state = state_of(self.context, request)
        there = await self._already(request, paths, state)
        if there is not None:
            await asyncio.to_thread(remove_leftovers, paths)
            return there
        wants_digest = request.digest or _has_sha256(request.stream)
        part = await asyncio.to_thread(PartFile.open, paths, digest=wants_digest)
        try:
            async with open_errand(self.context, request, state, timeouts=self.timeouts) as errand:
                errand.begin(request.stream)
                job = _Job.of(self, request, part, ProgressMeter(on_progress), errand, state)
                return errand.told(await job.run(paths))
        except (BadMediaError, ProtectedError):
            part.discard()
            raise
        finally:
            if part.done_bytes == 0:
                with contextlib.suppress(AniworldError):
                    part.discard()
            part.close()

    async def _already(
        self, request: FetchRequest, paths: PartPaths, state: TransferState
    ) -> FetchedFile | None:
        if not siblings(request.destination, exact_name=request.exact_name):
            return None
        there = await asyncio.to_thread(announced_file, request, paths)
        if there is not None:
            return there
        size = request.stream.size
        if size is None and request.stream.checksum is None:
            async with self.client_for(request.stream, 1, state) as client:
                size = await find_out(client, request.stream)
        return await asyncio.to_thread(same_media, request, size)

    def client_for(self, stream: Stream, connections: int, state: TransferState) -> ByteClient:
        """Make a client that may reach what the stream may."""
        return open_byte_client(
            self.context,
            reach=stream.reach,
            connections=connections,
            timeouts=self.timeouts,
            state=state,
        )


@attrs.define(eq=False, kw_only=True)
class _Job:
    """One file on its way."""

    fetcher: DirectFetcher
    request: FetchRequest
    stream: Stream
    part: PartFile
    meter: ProgressMeter
    sink: Sink
    attempts: Attempts
    errand: SubtitleErrand
    state: TransferState
    found: int
    use_ranges: bool = True
    is_first: bool = True
    is_proven: bool = False

    @classmethod
    def of(
        cls,
        fetcher: DirectFetcher,
        request: FetchRequest,
        part: PartFile,
        meter: ProgressMeter,
        errand: SubtitleErrand,
        state: TransferState,
    ) -> Self:
        sink = Sink(part, meter, max_bytes=request.max_bytes, reserve_bytes=request.reserve_bytes)
        return cls(
            fetcher=fetcher,
            request=request,
            stream=request.stream,
            part=part,
            meter=meter,
            sink=sink,
            attempts=Attempts(Backoff(fetcher.context.clock, fetcher.retries)),
            errand=errand,
            state=state,
            found=part.done_bytes,
        )

    async def run(self, paths: PartPaths) -> FetchedFile:
        # Done long before it is needed, and nobody has to wait for it then.
        asyncio.get_running_loop().run_in_executor(None, prepare)
        while True:
            size = await self._arrive()
            await self.meter.enter(Phase.CHECKING)
            sha256 = await asyncio.to_thread(self.part.finish, size)
            try:
                verdict = await asyncio.to_thread(self._check, paths, sha256)
                break
            except FetchInterruptedError as exc:
                await self.attempts.wait_after(exc)
        await self.errand.settle(FilmClock(duration=verdict.facts.duration))
        await self.meter.enter(Phase.PUBLISHING)
        final = final_path(
            self.request.destination, verdict.facts.suffix, exact_name=self.request.exact_name
        )
        await asyncio.to_thread(self._publish, paths, final)
        facts = verdict.facts
        return FetchedFile(
            path=final,
            bytes=size,
            sha256=sha256,
            duration=facts.duration,
            audio_languages=tuple(code for code in facts.audio_languages if code != "und"),
            verified=verdict.is_verified,
            resumed_bytes=min(self.found, max(size - self.sink.received, 0)),
            attempts=self.attempts.count,
            notices=(
                *verdict.notices,
                *renamed(self.request.destination, final, exact_name=self.request.exact_name),
            ),
        )

    def _check(self, paths: PartPaths, sha256: str | None) -> Verdict:
        shape = self.part.shape
        # Neither changes the file, and the one waits for the disk while the other computes.
        with ThreadPoolExecutor(1) as pool:
            synced = pool.submit(self.part.sync)
            verdict = check_file(
                paths.part,
                self.request,
                sha256=sha256,
                size_known=shape is not None and shape.size is not None,
                size_proven=self.is_proven,
            )
            synced.result()
        return verdict

    def _publish(self, paths: PartPaths, final: Path) -> None:
        self.part.announce(final)
        # The film last: once it is there, nobody comes back for its subtitles.
        self.errand.publish(final)
        publish(paths.part, final)
        self.part.close()
        remove_leftovers(paths)

    # --- until every byte is here --------------------------------------------------------

    async def _arrive(self) -> int:
        """Fetch until nothing is missing, whatever it takes within reason."""
        while True:
            connections = self.request.connections
            async with self.fetcher.client_for(self.stream, connections, self.state) as client:
                size = await self._stay(client)
            if size is not None:
                return size

    async def _stay(self, client: ByteClient) -> int | None:
        """Fetch from the present link; `None` when another has to be used from here on."""
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
                await asyncio.to_thread(self.part.forget)
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
            self.part,
            self.sink,
            self.meter,
            connections=self.request.connections,
            max_bytes=self.request.max_bytes,
            use_ranges=self.use_ranges,
            is_first=self.is_first,
        )
        size = await transfer.run()
        self.is_proven = transfer.is_proven or self.stream.size == size
        if self.part.shape is not None and self.part.shape.size is None:
            await self._ask_for_more(client, size)
        return size

    async def _ask_for_more(self, client: ByteClient, size: int) -> None:
        """Ask whether an end that nobody announced is the end."""
        whole = await size_behind(client, self.stream, size)
        if whole is None:
            return
        if whole < size:
            raise VersionChangedError(Message("size_changed"))
        await asyncio.to_thread(self.part.learn_size, whole)
        if whole > size:
            raise FetchInterruptedError(Message("broke_off"))
        self.is_proven = True

    async def _renew(self, exc: LinkRefusedError) -> None:
        self.attempts.renew_link(exc)
        if self.request.renew is None:
            raise exc
        stream = await self.request.renew()
        if stream.kind is not StreamKind.DIRECT:
            raise exc
        self.stream, self.is_first = stream, True
        self.state.add_credential_server(stream.url)


def _has_sha256(stream: Stream) -> bool:
    return stream.checksum is not None and stream.checksum.algorithm == "sha256"


@contextlib.asynccontextmanager
async def open_direct_fetcher(context: AdapterContext) -> AsyncIterator[MediaFetcher]:
    """Open the fetcher installed as `direct`."""
    yield DirectFetcher(context=context)
