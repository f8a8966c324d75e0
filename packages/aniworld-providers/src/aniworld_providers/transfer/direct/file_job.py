"""Fetch one file into its part, over one or several connections, and check it."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import attrs

from aniworld_core.domain.downloads import Phase
from aniworld_core.domain.media import Stream, StreamKind
from aniworld_core.errors import FetchInterruptedError, LinkRefusedError, LoginNeededError
from aniworld_core.messages import Message
from aniworld_core.ports.fetcher import FetchRequest
from aniworld_providers.media.probe.inspect import prepare
from aniworld_providers.network.bytes import ByteClient, WrongRangeError
from aniworld_providers.transfer.direct.attempts import Attempts
from aniworld_providers.transfer.direct.probe import size_after
from aniworld_providers.transfer.direct.ranged import FRUITFUL, RangedTransfer, VersionChangedError
from aniworld_providers.transfer.direct.sink import Sink
from aniworld_providers.transfer.disk.part_file import PartFile
from aniworld_providers.transfer.disk.paths import PartPaths
from aniworld_providers.transfer.disk.verify import CheckResult, check_file
from aniworld_providers.transfer.fetch_session import FetchSession
from aniworld_providers.transfer.progress import ProgressMeter


@attrs.frozen(kw_only=True)
class CompleteFile:
    """A complete, checked part.

    Attributes:
        path: Path of the part.
        size: Its size in bytes.
        sha256: Its digest, if wanted.
        result: The result of the check.
        resumed_bytes: Bytes of earlier attempts that were not fetched again.
    """

    path: Path
    size: int
    sha256: str | None
    result: CheckResult
    resumed_bytes: int


@attrs.define(eq=False)
class FileJob:
    """The fetch of one file.

    Attributes:
        is_sound: Whether the file holds the audio of a film only.
        stream: The stream with its current link.
        use_ranges: Whether range requests are made; not after the server answered one wrongly.
        is_first: Whether the current link has sent no bytes yet.
        is_proven: Whether a second source confirmed the size.
    """

    session: FetchSession
    part: PartFile
    meter: ProgressMeter
    attempts: Attempts
    is_sound: bool = False
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

    async def run(self, paths: PartPaths) -> CompleteFile:
        """Fetch and check the file.

        Raises:
            What `MediaFetcher.fetch` raises.
        """
        # libav is imported during the transfer, before the check needs it.
        asyncio.get_running_loop().run_in_executor(None, prepare)
        while True:
            size = await self._transfer()
            await self.meter.enter(Phase.CHECKING)
            sha256 = await asyncio.to_thread(self.part.finish, size)
            try:
                result = await asyncio.to_thread(self._check, paths, sha256)
                return CompleteFile(
                    path=paths.part,
                    size=size,
                    sha256=sha256,
                    result=result,
                    resumed_bytes=min(self.found, max(size - self.sink.received, 0)),
                )
            except FetchInterruptedError as exc:
                await self.attempts.wait_after(exc)

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
                is_sound=self.is_sound,
            )
            synced.result()
        return result

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
        is_alike = (stream.sound is None) is (self.stream.sound is None)
        if stream.kind is not StreamKind.DIRECT or not is_alike:
            raise exc
        self.stream, self.is_first = stream, True
        self.session.state.add_credential_server(stream.url)
