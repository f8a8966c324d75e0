"""Fetch the missing bytes of a file from one link, over one or several connections."""

import asyncio
from collections.abc import AsyncIterator
from typing import Final

import anyio
from anyio.abc import TaskGroup

from aniworld_core.domain.media import Stream
from aniworld_core.errors import (
    AniworldError,
    BadMediaError,
    FetchInterruptedError,
    UnavailableError,
)
from aniworld_core.messages import Message
from aniworld_providers.network.bytes import ByteClient, ByteResponse, Chunk, WrongRangeError
from aniworld_providers.transfer.direct.connection_count import ConnectionCount
from aniworld_providers.transfer.direct.resume_check import (
    checked_overlap,
    checked_start,
    skip_known_prefix,
)
from aniworld_providers.transfer.direct.sink import Sink
from aniworld_providers.transfer.disk.byte_ranges import FetchRange, RangePlan
from aniworld_providers.transfer.disk.file_version import FileVersion

#: Smallest range in bytes that gets a connection of its own during the trial.
LEAST_PART: Final = 2 * 1024 * 1024
#: Smallest range in bytes that an idle connection takes over.
_LEAST_REST: Final = 256 * 1024
#: Bytes from which on a connection counts as successful.
FRUITFUL: Final = 16 * 1024
#: Bytes compared before a transfer continues behind existing bytes: with a validator, without
#: one, and for a new process or link.
_OVERLAP: Final = 1024
_BLIND_OVERLAP: Final = 4 * 1024
_FIRST_OVERLAP: Final = 64 * 1024
#: Seconds between two decisions about the number of connections.
_TICK: Final = 0.02
#: Shortest pause in seconds after which a connection counts as stalled.
_PAUSE: Final = 0.02


class VersionChangedError(FetchInterruptedError):
    """The file on the server has changed."""


class RangedTransfer:
    """Fetch the missing bytes of a part from one link; used once.

    Args:
        client: Sends the requests.
        stream: The stream with its current link.
        sink: Writes the bytes to the part.
        connections: Most connections.
        use_ranges: Whether to send range requests.
        is_first: Whether this process has fetched no bytes from this link yet.
    """

    def __init__(
        self,
        client: ByteClient,
        stream: Stream,
        sink: Sink,
        *,
        connections: int,
        use_ranges: bool,
        is_first: bool,
    ) -> None:
        self._client = client
        self._stream = stream
        self._part = sink.part
        self._sink = sink
        self._connection_count = ConnectionCount(connections)
        self._use_ranges = use_ranges
        self._is_first = is_first
        self._plan = RangePlan(None, ())
        self._failure: AniworldError | None = None
        self._began = (0.0, 0)
        self._latency = 0.0
        #: Whether a range response confirmed the size.
        self.is_proven = False

    async def run(self) -> int:
        """Fetch all missing bytes and return the size of the file.

        Raises:
            VersionChangedError: If the file on the server has changed.
            WrongRangeError: If the server answers range requests wrongly.
            What `ByteClient.open` and `Sink.receive` raise.
        """
        version = self._part.version
        self._plan = RangePlan(version.size if version else None, self._part.done)
        missing = self._plan.take()
        if missing is None:
            size = self._part.prefix
            if not self._is_first:
                return size
            # All bytes are here; the last ones are compared with those behind this link.
            missing = FetchRange(size, size)
        overlap = self._overlap(missing) if self._use_ranges else 0
        asked = (missing.pos - overlap, None) if self._use_ranges else None
        validator = version.validator if version and asked and asked[0] else None
        async with self._client.open(
            self._stream.url, headers=self._stream.headers, span=asked, if_range=validator
        ) as response:
            if response.status == 416:
                return await self._after_refused_range(response, missing)
            if response.status == 206:
                self.is_proven = response.total is not None
                chunks = await self._accept_part(response, missing, overlap)
            else:
                missing, chunks = await self._accept_whole(response)
            await self._fetch_all(response, chunks, missing)
        return self._part.prefix

    @property
    def _size(self) -> int | None:
        return self._part.version.size if self._part.version else None

    # --- the first response --------------------------------------------------------------

    def _overlap(self, missing: FetchRange) -> int:
        before = next((s for s in self._part.done if s[1] == missing.pos), (0, 0))
        version = self._part.version
        if self._is_first:
            length = _FIRST_OVERLAP
        else:
            length = _OVERLAP if version is not None and version.validator else _BLIND_OVERLAP
        return min(before[1] - before[0], length)

    async def _after_refused_range(self, response: ByteResponse, missing: FetchRange) -> int:
        total, size = response.total, self._size
        if total == 0 and missing.pos == 0:
            raise BadMediaError(Message("nothing_there"))
        if total is not None and size is not None and total != size:
            raise VersionChangedError(Message("size_changed"))
        if total is not None and size is None and total == missing.pos:
            await asyncio.to_thread(self._part.set_size, total)
            return total
        raise WrongRangeError(Message("range_refused"))

    async def _accept_part(
        self, response: ByteResponse, missing: FetchRange, overlap: int
    ) -> AsyncIterator[Chunk]:
        offered, known = FileVersion.of(response), self._part.version
        self._check_size(offered)
        chunks = response.chunks()
        if known is None or (missing.pos == 0 and known.contradicts(offered)):
            chunks = await checked_start(self._part, chunks, response, self._stream)
            await asyncio.to_thread(self._part.begin, offered)
            missing.stop = offered.size
            self._plan = RangePlan.of(missing)
            return chunks
        if known.contradicts(offered):
            raise VersionChangedError(Message("file_changed"))
        if known.size is None and offered.size is not None:
            await asyncio.to_thread(self._part.set_size, offered.size)
            missing.stop = offered.size
        return await checked_overlap(self._part, chunks, missing.pos - overlap, overlap)

    async def _accept_whole(
        self, response: ByteResponse
    ) -> tuple[FetchRange, AsyncIterator[Chunk]]:
        """Use a whole body: the server ignores ranges, or the file has changed."""
        offered, known = FileVersion.of(response), self._part.version
        self._check_size(offered)
        chunks = await checked_start(self._part, response.chunks(), response, self._stream)
        keep = self._part.prefix
        if known is not None and keep == offered.size and known.confirms(offered):
            return FetchRange(keep, keep), _nothing()
        if known is None or known.contradicts(offered):
            await asyncio.to_thread(self._part.begin, offered)
            keep = 0
        elif self._part.done_bytes > keep:
            await asyncio.to_thread(self._part.begin, offered, keep=keep)
        missing = FetchRange(keep, offered.size)
        self._plan = RangePlan.of(missing)
        return missing, skip_known_prefix(self._part, chunks, missing, offered)

    def _check_size(self, offered: FileVersion) -> None:
        promised = self._stream.size
        if offered.size is None:
            return
        if offered.size > self._sink.max_bytes:
            raise BadMediaError(Message("too_large", limit_bytes=self._sink.max_bytes))
        if promised is not None and offered.size != promised:
            raise BadMediaError(Message("wrong_size", actual=offered.size, expected=promised))

    # --- all connections -----------------------------------------------------------------

    async def _fetch_all(
        self, response: ByteResponse, chunks: AsyncIterator[Chunk], missing: FetchRange
    ) -> None:
        version = self._part.version
        size, done = self._size or 0, self._part.done_bytes
        self._sink.meter.start(done, self._size)
        self._began = (asyncio.get_running_loop().time(), self._sink.received)
        await self._sink.ensure_space(max(size - done, 0))
        async with anyio.create_task_group() as group:
            if response.status == 206 and size and version is not None and version.validator:
                group.start_soon(self._add_connections, group)
            await self._first(response, chunks, missing, group)
        if self._failure is not None and not self._plan.is_complete:
            raise self._failure

    async def _first(
        self,
        response: ByteResponse,
        chunks: AsyncIterator[Chunk],
        missing: FetchRange,
        group: TaskGroup,
    ) -> None:
        try:
            await self._drain(response, chunks, missing)
        except AniworldError as exc:
            self._fail(exc, missing, group)
            return
        finally:
            # Other connections may continue for long, and the server counts open ones.
            response.let_go()
        self._plan.give_back(missing)
        await self._work(self._next(), group)

    async def _work(self, missing: FetchRange | None, group: TaskGroup) -> None:
        while missing is not None:
            try:
                await self._fetch_range(missing)
            except AniworldError as exc:
                self._fail(exc, missing, group)
                return
            self._plan.give_back(missing)
            missing = self._next()
        if self._plan.is_complete:
            group.cancel_scope.cancel()

    def _next(self) -> FetchRange | None:
        if self._plan.active and len(self._plan.active) >= self._connection_count.wanted:
            return None
        missing = self._plan.take() or self._plan.steal(self._least_rest())
        if missing is None:
            # Too little to split. A server that limits the rate by pauses may delay its next bytes
            # for longer than a new request takes.
            pause = max(_PAUSE, 4 * self._latency)
            missing = self._plan.take_over(asyncio.get_running_loop().time() - pause)
        return missing

    def _least_rest(self) -> int:
        """Return the bytes that one connection receives in the time of two requests."""
        since, before = self._began
        passed = max(asyncio.get_running_loop().time() - since, _TICK)
        rate = (self._sink.received - before) / passed / self._connection_count.wanted
        return max(int(rate * 2 * self._latency), _LEAST_REST)

    def _fail(self, exc: AniworldError, missing: FetchRange, group: TaskGroup) -> None:
        """End one connection, or all of them if the error is final."""
        fruit = missing.written - missing.first
        self._plan.give_back(missing)
        is_final = isinstance(exc, VersionChangedError) or not isinstance(exc, UnavailableError)
        if is_final or not self._plan.active:
            self._failure = exc
            group.cancel_scope.cancel()
        elif fruit < FRUITFUL:
            # The other connections continue; the server seems to refuse this many.
            self._connection_count.lower(len(self._plan.active))

    async def _drain(
        self, response: ByteResponse, chunks: AsyncIterator[Chunk], missing: FetchRange
    ) -> None:
        await self._sink.receive(chunks, missing, source=response, go_on=self._is_wanted)
        if missing.stop is None:
            missing.stop = missing.pos

    def _is_wanted(self) -> bool:
        return len(self._plan.active) <= self._connection_count.wanted

    async def _fetch_range(self, missing: FetchRange) -> None:
        version = self._part.version
        last = None if missing.stop is None else missing.stop - 1
        now = asyncio.get_running_loop().time
        asked = now()
        async with self._client.open(
            self._stream.url,
            headers=self._stream.headers,
            span=(missing.pos, last),
            if_range=version.validator if version else None,
        ) as response:
            self._latency = now() - asked
            if version is not None and version.contradicts(FileVersion.of(response)):
                raise VersionChangedError(Message("file_changed"))
            if response.status != 206:
                raise WrongRangeError(Message("range_ignored_later"))
            await self._drain(response, response.chunks(), missing)

    async def _add_connections(self, group: TaskGroup) -> None:
        now = asyncio.get_running_loop().time
        is_proven = False
        while not self._plan.is_complete:
            wanted = self._connection_count.observe(
                now(), self._sink.received, self._plan.left, self._sink.disk_wait
            )
            has_proof = self._part.prefix > 0
            if wanted > len(self._plan.active) and has_proof and not is_proven:
                is_proven = await self._ranges_are_reliable()
                if not is_proven:
                    return
            fresh = []
            while is_proven and len(self._plan.active) < wanted:
                missing = self._plan.take() or self._plan.steal(LEAST_PART)
                if missing is None:
                    break
                fresh.append(missing)
            # All ranges are assigned before the first request, so that each request fits its range.
            for missing in fresh:
                group.start_soon(self._work, missing, group)
            await asyncio.sleep(_TICK)

    async def _ranges_are_reliable(self) -> bool:
        """Check with one request for known bytes that the server answers ranges correctly."""
        stop = self._part.prefix
        first = max(stop - _OVERLAP, 0)
        try:
            body = await self._client.read_all(
                self._stream.url,
                headers=self._stream.headers,
                span=(first, stop - 1),
                max_bytes=_OVERLAP,
            )
        except AniworldError:
            return False
        known = await asyncio.to_thread(self._part.read, first, stop - first)
        return bytes(body.data) == known


async def _nothing() -> AsyncIterator[Chunk]:
    none: tuple[bytes, ...] = ()
    for chunk in none:
        yield chunk
