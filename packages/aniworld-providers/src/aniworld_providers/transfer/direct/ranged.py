"""One link of a direct file, over one connection or several."""

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
from aniworld_providers.transfer.direct.connection_governor import ConnectionGovernor
from aniworld_providers.transfer.direct.resume_check import continued, past_prefix, sniffed
from aniworld_providers.transfer.direct.sink import Sink
from aniworld_providers.transfer.disk.byte_ranges import Span, SpanPlan
from aniworld_providers.transfer.disk.file_version import FileShape
from aniworld_providers.transfer.disk.part_file import PartFile
from aniworld_providers.transfer.rate import ProgressMeter

#: No stretch smaller than this is worth a connection of its own...
LEAST_PART: Final = 2 * 1024 * 1024
#: ...unless others have nothing left to do, and asking for it takes less time than it takes.
_LEAST_REST: Final = 256 * 1024
#: A connection that brought this much was worth opening.
FRUITFUL: Final = 16 * 1024
#: Bytes compared before going on where another connection stopped: where a validator vouches
#: for the version, where nothing does, and when this process or link is new.
_SEAM: Final = 1024
_BLIND_SEAM: Final = 4 * 1024
_FIRST_SEAM: Final = 64 * 1024
_TICK: Final = 0.02
#: Seconds without bytes that do not come from chance.
_PAUSE: Final = 0.02


class VersionChangedError(FetchInterruptedError):
    """The server has another version of the file by now."""


class RangedTransfer:
    """Fetches what a part lacks from one link; used once.

    Args:
        client: Where bytes come from.
        stream: The link.
        part: Where they go to.
        sink: Writes them.
        meter: Is told how far it is.
        connections: Most connections.
        max_bytes: Largest file that is accepted.
        use_ranges: Whether to ask for ranges at all.
        is_first: Whether this process did not fetch anything from this link yet.
    """

    def __init__(
        self,
        client: ByteClient,
        stream: Stream,
        part: PartFile,
        sink: Sink,
        meter: ProgressMeter,
        *,
        connections: int,
        max_bytes: int,
        use_ranges: bool,
        is_first: bool,
    ) -> None:
        self._client = client
        self._stream = stream
        self._part = part
        self._sink = sink
        self._meter = meter
        self._governor = ConnectionGovernor(connections)
        self._max_bytes = max_bytes
        self._use_ranges = use_ranges
        self._is_first = is_first
        self._plan = SpanPlan(None, ())
        self._failure: AniworldError | None = None
        self._began = (0.0, 0)
        self._latency = 0.0
        #: Whether the size was told by a range and not only by the length of one body.
        self.is_proven = False

    async def run(self) -> int:
        """Fetch until nothing is missing; returns the size.

        Raises:
            VersionChangedError: If the server has another version of the file.
            WrongRangeError: If the server's ranges cannot be relied on.
            What `ByteClient.open` and `Sink.pour` raise.
        """
        shape = self._part.shape
        self._plan = SpanPlan(shape.size if shape else None, self._part.done)
        span = self._plan.take()
        if span is None:
            size = self._part.prefix
            if not self._is_first:
                return size
            # All is here, but of what this link leads to? Its last bytes tell.
            span = Span(size, size)
        overlap = self._overlap(span) if self._use_ranges else 0
        asked = (span.pos - overlap, None) if self._use_ranges else None
        validator = shape.validator if shape and asked and asked[0] else None
        async with self._client.open(
            self._stream.url, headers=self._stream.headers, span=asked, if_range=validator
        ) as response:
            if response.status == 416:
                return await self._nothing_there(response, span)
            if response.status == 206:
                self.is_proven = response.total is not None
                chunks = await self._agreed_part(response, span, overlap)
            else:
                span, chunks = await self._agreed_whole(response)
            await self._fetch_all(response, chunks, span)
        return self._part.prefix

    @property
    def _size(self) -> int | None:
        return self._part.shape.size if self._part.shape else None

    # --- the first answer ----------------------------------------------------------------

    def _overlap(self, span: Span) -> int:
        before = next((s for s in self._part.done if s[1] == span.pos), (0, 0))
        shape = self._part.shape
        if self._is_first:
            seam = _FIRST_SEAM
        else:
            seam = _SEAM if shape is not None and shape.validator else _BLIND_SEAM
        return min(before[1] - before[0], seam)

    async def _nothing_there(self, response: ByteResponse, span: Span) -> int:
        total, size = response.total, self._size
        if total == 0 and span.pos == 0:
            raise BadMediaError(Message("nothing_there"))
        if total is not None and size is not None and total != size:
            raise VersionChangedError(Message("size_changed"))
        if total is not None and size is None and total == span.pos:
            await asyncio.to_thread(self._part.learn_size, total)
            return total
        raise WrongRangeError("the server refuses the range")

    async def _agreed_part(
        self, response: ByteResponse, span: Span, overlap: int
    ) -> AsyncIterator[Chunk]:
        offered, known = FileShape.of(response), self._part.shape
        self._check_size(offered)
        chunks = response.chunks()
        if known is None or (span.pos == 0 and known.contradicts(offered)):
            chunks = await sniffed(self._part, chunks, response, self._stream)
            await asyncio.to_thread(self._part.begin, offered)
            span.stop = offered.size
            self._plan = SpanPlan.of(span)
            return chunks
        if known.contradicts(offered):
            raise VersionChangedError(Message("file_changed"))
        if known.size is None and offered.size is not None:
            await asyncio.to_thread(self._part.learn_size, offered.size)
            span.stop = offered.size
        return await continued(self._part, chunks, span.pos - overlap, overlap)

    async def _agreed_whole(self, response: ByteResponse) -> tuple[Span, AsyncIterator[Chunk]]:
        """Take a whole body, which is what comes where ranges are refused or things changed."""
        offered, known = FileShape.of(response), self._part.shape
        self._check_size(offered)
        chunks = await sniffed(self._part, response.chunks(), response, self._stream)
        keep = self._part.prefix
        if known is not None and keep == offered.size and known.confirms(offered):
            return Span(keep, keep), _nothing()
        if known is None or known.contradicts(offered):
            await asyncio.to_thread(self._part.begin, offered)
            keep = 0
        elif self._part.done_bytes > keep:
            await asyncio.to_thread(self._part.begin, offered, keep=keep)
        span = Span(keep, offered.size)
        self._plan = SpanPlan.of(span)
        return span, past_prefix(self._part, chunks, span, offered)

    def _check_size(self, offered: FileShape) -> None:
        promised = self._stream.size
        if offered.size is None:
            return
        if offered.size > self._max_bytes:
            raise BadMediaError(Message("too_large", limit_bytes=self._max_bytes))
        if promised is not None and offered.size != promised:
            raise BadMediaError(Message("wrong_size", actual=offered.size, expected=promised))

    # --- all connections -----------------------------------------------------------------

    async def _fetch_all(
        self, response: ByteResponse, chunks: AsyncIterator[Chunk], span: Span
    ) -> None:
        shape = self._part.shape
        size, done = self._size or 0, self._part.done_bytes
        self._meter.start(done, self._size)
        self._began = (asyncio.get_running_loop().time(), self._sink.received)
        await self._sink.ensure_space(max(size - done, 0))
        async with anyio.create_task_group() as group:
            if response.status == 206 and size and shape is not None and shape.validator:
                group.start_soon(self._govern, group)
            await self._first(response, chunks, span, group)
        if self._failure is not None and not self._plan.is_complete:
            raise self._failure

    async def _first(
        self, response: ByteResponse, chunks: AsyncIterator[Chunk], span: Span, group: TaskGroup
    ) -> None:
        try:
            await self._drain(response, chunks, span)
        except AniworldError as exc:
            self._fail(exc, span, group)
            return
        finally:
            # Others may go on for long, and the server counts connections.
            response.let_go()
        self._plan.give_back(span)
        await self._work(self._next(), group)

    async def _work(self, span: Span | None, group: TaskGroup) -> None:
        while span is not None:
            try:
                await self._fetch_span(span)
            except AniworldError as exc:
                self._fail(exc, span, group)
                return
            self._plan.give_back(span)
            span = self._next()
        if self._plan.is_complete:
            group.cancel_scope.cancel()

    def _next(self) -> Span | None:
        if self._plan.active and len(self._plan.active) >= self._governor.wanted:
            return None
        span = self._plan.take() or self._plan.steal(self._least_rest())
        if span is None:
            # Too little to share. A server that limits by pausing may well keep its next bytes
            # back for longer than it takes to ask for them anew.
            pause = max(_PAUSE, 4 * self._latency)
            span = self._plan.take_over(asyncio.get_running_loop().time() - pause)
        return span

    def _least_rest(self) -> int:
        """What one connection brings in the time that asking for it twice takes."""
        since, before = self._began
        passed = max(asyncio.get_running_loop().time() - since, _TICK)
        rate = (self._sink.received - before) / passed / self._governor.wanted
        return max(int(rate * 2 * self._latency), _LEAST_REST)

    def _fail(self, exc: AniworldError, span: Span, group: TaskGroup) -> None:
        """End one connection, and all of them when there is no point in going on."""
        fruit = span.written - span.first
        self._plan.give_back(span)
        is_final = isinstance(exc, VersionChangedError) or not isinstance(exc, UnavailableError)
        if is_final or not self._plan.active:
            self._failure = exc
            group.cancel_scope.cancel()
        elif fruit < FRUITFUL:
            # The others go on; the server does not seem to like as many.
            self._governor.lower(len(self._plan.active))

    async def _drain(
        self, response: ByteResponse, chunks: AsyncIterator[Chunk], span: Span
    ) -> None:
        await self._sink.pour(chunks, span, source=response, go_on=self._is_wanted)
        if span.stop is None:
            span.stop = span.pos

    def _is_wanted(self) -> bool:
        return len(self._plan.active) <= self._governor.wanted

    async def _fetch_span(self, span: Span) -> None:
        shape = self._part.shape
        last = None if span.stop is None else span.stop - 1
        now = asyncio.get_running_loop().time
        asked = now()
        async with self._client.open(
            self._stream.url,
            headers=self._stream.headers,
            span=(span.pos, last),
            if_range=shape.validator if shape else None,
        ) as response:
            self._latency = now() - asked
            if shape is not None and shape.contradicts(FileShape.of(response)):
                raise VersionChangedError(Message("file_changed"))
            if response.status != 206:
                raise WrongRangeError("the server refuses a second range")
            await self._drain(response, response.chunks(), span)

    async def _govern(self, group: TaskGroup) -> None:
        now = asyncio.get_running_loop().time
        is_proven = False
        while not self._plan.is_complete:
            wanted = self._governor.observe(
                now(), self._sink.received, self._plan.left, self._sink.held_up
            )
            has_proof = self._part.prefix > 0
            if wanted > len(self._plan.active) and has_proof and not is_proven:
                is_proven = await self._ranges_hold()
                if not is_proven:
                    return
            fresh = []
            while is_proven and len(self._plan.active) < wanted:
                span = self._plan.take() or self._plan.steal(LEAST_PART)
                if span is None:
                    break
                fresh.append(span)
            # All are dealt out before the first asks, so that each asks for what it will fetch.
            for span in fresh:
                group.start_soon(self._work, span, group)
            await asyncio.sleep(_TICK)

    async def _ranges_hold(self) -> bool:
        """Ask once for bytes that are here already: a server that lies is left in peace."""
        stop = self._part.prefix
        first = max(stop - _SEAM, 0)
        try:
            body = await self._client.read_all(
                self._stream.url,
                headers=self._stream.headers,
                span=(first, stop - 1),
                max_bytes=_SEAM,
            )
        except AniworldError:
            return False
        known = await asyncio.to_thread(self._part.read, first, stop - first)
        return bytes(body.data) == known


async def _nothing() -> AsyncIterator[Chunk]:
    none: tuple[bytes, ...] = ()
    for chunk in none:
        yield chunk
