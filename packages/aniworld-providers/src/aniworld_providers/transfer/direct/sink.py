"""From a connection onto the disk, the one reading while the other writes."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from typing import Final

import anyio

from aniworld_core.errors import BadMediaError
from aniworld_core.messages import Message
from aniworld_providers.network.bytes import ByteResponse, Chunk
from aniworld_providers.transfer.disk.byte_ranges import Span
from aniworld_providers.transfer.disk.part_file import Block, PartFile
from aniworld_providers.transfer.disk.publish import require_space
from aniworld_providers.transfer.rate import ProgressMeter

#: Bytes that are written and noted together, and so what a kill costs beside what is being
#: written at that moment. A connection so fast that they come within milliseconds has larger
#: blocks: what counts then is the work per block.
BLOCK: Final = 512 * 1024
_LARGE_BLOCK: Final = 1024 * 1024
_QUICK: Final = 0.01
_MANY_CHUNKS: Final = 256
_BLOCK_SECONDS: Final = 1.0
_SPACE_EVERY: Final = 64 * 1024 * 1024


class Sink:
    """Writes what connections bring into one part, in worker threads, at most a block behind.

    Attributes:
        received: Bytes received over all connections.
        held_up: Seconds that connections have waited for the disk.
    """

    def __init__(
        self,
        part: PartFile,
        meter: ProgressMeter,
        *,
        max_bytes: int,
        reserve_bytes: int,
    ) -> None:
        self._part = part
        self._meter = meter
        self._max_bytes = max_bytes
        self._reserve_bytes = reserve_bytes
        self._space_checked = 0
        self.received = 0
        self.held_up = 0.0

    async def pour(
        self,
        chunks: AsyncIterator[Chunk],
        span: Span,
        *,
        source: ByteResponse | None = None,
        go_on: Callable[[], bool] = lambda: True,
    ) -> None:
        """Write *chunks* where *span* says, up to its stop, which may move while they come.

        However it ends, everything received is on disk and in the ledger, except after an
        error of the disk.

        Args:
            chunks: The bytes from `span.pos` on.
            span: Where they go; its `pos` and `written` are kept up to date.
            source: What they are from, if what follows a chunk is simply the rest of it.
            go_on: Asked after every block; False ends early.

        Raises:
            BadMediaError: If there are more than the most that is accepted.
            DiskFullError: If there is no room.
            LibraryUnavailableError: If the disk fails.
            What the chunks raise.
        """
        now = asyncio.get_running_loop().time
        writer = _Writer(self._part, self._meter, span)
        batch: list[Chunk] = []
        size, start, since = 0, span.pos, now()
        try:
            async for received in chunks:
                chunk = received if span.stop is None else received[: max(span.left, 0)]
                if not batch:
                    # Only known now: the chunks may have moved the span back.
                    start = span.pos
                batch.append(chunk)
                size, span.pos, span.moved = size + len(chunk), span.pos + len(chunk), now()
                self.received += len(chunk)
                if span.pos > self._max_bytes:
                    raise BadMediaError(Message("too_large", limit_bytes=self._max_bytes))
                if source is not None and span.left > 0 and source.read_socket_directly():
                    await writer.finish(start, batch)
                    batch = []
                    await self._pour_straight(source, span, go_on)
                    break
                source = None
                is_end = span.stop is not None and span.pos >= span.stop
                if is_end or _is_due(size, len(batch), now() - since):
                    before = now()
                    await writer.write(start, batch)
                    batch, size, since = [], 0, now()
                    self.held_up += since - before
                    await self._watch_space()
                    if is_end or not go_on():
                        break
        finally:
            with anyio.CancelScope(shield=True):
                await writer.finish(start, batch)

    async def _pour_straight(
        self, source: ByteResponse, span: Span, go_on: Callable[[], bool]
    ) -> None:
        receiver = _Receiver(self._part, span)
        try:
            while span.left > 0 and not source.is_over:
                came = await source.receive(receiver)
                self.received += came
                self.held_up += receiver.take_seconds()
                await self._meter.advance(came)
                await self._watch_space()
                if not go_on():
                    break
        finally:
            with anyio.CancelScope(shield=True):
                await asyncio.to_thread(receiver.end)

    async def ensure_space(self, needed: int) -> None:
        """Check that there is room for *needed* more bytes, the reserve left alone.

        Raises:
            DiskFullError: If there is not.
            LibraryUnavailableError: If the disk cannot be asked.
        """
        await asyncio.to_thread(require_space, self._part.folder, needed, self._reserve_bytes)

    async def _watch_space(self) -> None:
        if self.received - self._space_checked >= _SPACE_EVERY:
            self._space_checked = self.received
            await self.ensure_space(0)


def _is_due(size: int, chunks: int, passed: float) -> bool:
    """Whether a block is written now."""
    if size >= BLOCK and passed >= _QUICK:
        return True
    return size >= _LARGE_BLOCK or chunks >= _MANY_CHUNKS or passed >= _BLOCK_SECONDS


class _Receiver:
    """Writes what one connection brings, in the thread that reads it."""

    def __init__(self, part: PartFile, span: Span) -> None:
        self._block = Block(part, span.pos)
        self._span = span
        self._seconds = 0.0
        self._since = time.monotonic()

    def wanted(self) -> int:
        return self._span.left

    def take(self, data: memoryview) -> None:
        before = time.monotonic()
        self._block.add(data)
        self._span.pos += len(data)
        now = self._span.moved = time.monotonic()
        if _is_due(self._block.size, 0, now - self._since):
            self._span.written += self._block.note()
            now = self._since = time.monotonic()
        self._seconds += now - before

    def take_seconds(self) -> float:
        """Return how long writing took since the last call."""
        seconds, self._seconds = self._seconds, 0.0
        return seconds

    def end(self) -> None:
        """Note what was written last; blocks."""
        self._span.written += self._block.note()


class _Writer:
    """Writes one block at a time beside the event loop."""

    def __init__(self, part: PartFile, meter: ProgressMeter, span: Span) -> None:
        self._part = part
        self._meter = meter
        self._span = span
        self._pending: asyncio.Future[int] | None = None

    async def write(self, start: int, batch: list[Chunk]) -> None:
        await self._settle()
        loop = asyncio.get_running_loop()
        self._pending = loop.run_in_executor(None, self._part.write, start, batch)

    async def finish(self, start: int, batch: list[Chunk]) -> None:
        await self._settle()
        if any(batch):
            await self.write(start, batch)
            await self._settle()

    async def _settle(self) -> None:
        pending = self._pending
        if pending is None:
            return
        # Cancelled here, the write goes on; `finish` waits for it under its shield.
        count = await asyncio.shield(pending)
        self._pending = None
        self._span.written += count
        await self._meter.advance(count)
