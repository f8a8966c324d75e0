"""Write received bytes to the part: one thread writes while the connection receives."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from typing import Final

import anyio

from aniworld_core.errors import BadMediaError
from aniworld_core.messages import Message
from aniworld_providers.network.bytes import ByteResponse, Chunk
from aniworld_providers.transfer.disk.byte_ranges import FetchRange
from aniworld_providers.transfer.disk.part_file import Block, PartFile
from aniworld_providers.transfer.disk.writing import require_space
from aniworld_providers.transfer.progress import ProgressMeter

#: Bytes that are written and recorded together; a kill loses at most this and the block being
#: written. Fast connections use larger blocks, because there the work per block matters.
BLOCK: Final = 512 * 1024
_LARGE_BLOCK: Final = 1024 * 1024
_QUICK: Final = 0.01
_MANY_CHUNKS: Final = 256
_BLOCK_SECONDS: Final = 1.0
_SPACE_EVERY: Final = 64 * 1024 * 1024


class Sink:
    """Writes the bytes of all connections to one part, in worker threads, one block behind.

    Attributes:
        received: Bytes received by all connections.
        disk_wait: Seconds that connections have waited for the disk.
    """

    def __init__(
        self,
        part: PartFile,
        meter: ProgressMeter,
        *,
        max_bytes: int,
        reserve_bytes: int,
    ) -> None:
        self.part = part
        self.meter = meter
        self.max_bytes = max_bytes
        self._reserve_bytes = reserve_bytes
        self._space_checked = 0
        self.received = 0
        self.disk_wait = 0.0

    async def receive(
        self,
        chunks: AsyncIterator[Chunk],
        missing: FetchRange,
        *,
        source: ByteResponse | None = None,
        go_on: Callable[[], bool] = lambda: True,
    ) -> None:
        """Write *chunks* to the range *missing*, whose end may move meanwhile.

        Afterwards all received bytes are on disk and in the ledger, except after a disk error.

        Args:
            chunks: The bytes from `missing.pos` on.
            missing: The range; its `pos` and `written` are updated.
            source: The response, if the bytes behind a chunk are the rest of its body.
            go_on: Called after every block; False ends the call early.

        Raises:
            BadMediaError: If the file is larger than the limit.
            DiskFullError or LibraryUnavailableError: If writing fails.
            What the chunks raise.
        """
        now = asyncio.get_running_loop().time
        writer = _Writer(self.part, self.meter, missing)
        batch: list[Chunk] = []
        size, start, since = 0, missing.pos, now()
        try:
            async for received in chunks:
                chunk = received if missing.stop is None else received[: max(missing.left, 0)]
                if not batch:
                    # Read late: the chunks may have moved the range back.
                    start = missing.pos
                batch.append(chunk)
                size, missing.pos, missing.moved = (
                    size + len(chunk),
                    missing.pos + len(chunk),
                    now(),
                )
                self.received += len(chunk)
                if missing.pos > self.max_bytes:
                    raise BadMediaError(Message("too_large", limit_bytes=self.max_bytes))
                if source is not None and missing.left > 0 and await source.read_socket_directly():
                    await writer.finish(start, batch)
                    batch = []
                    await self._receive_to_disk(source, missing, go_on)
                    break
                source = None
                is_end = missing.stop is not None and missing.pos >= missing.stop
                if is_end or _is_due(size, len(batch), now() - since):
                    before = now()
                    await writer.write(start, batch)
                    batch, size, since = [], 0, now()
                    self.disk_wait += since - before
                    await self._watch_space()
                    if is_end or not go_on():
                        break
        finally:
            with anyio.CancelScope(shield=True):
                await writer.finish(start, batch)

    async def _receive_to_disk(
        self, source: ByteResponse, missing: FetchRange, go_on: Callable[[], bool]
    ) -> None:
        receiver = _Receiver(self.part, missing)
        try:
            while missing.left > 0 and not source.is_over:
                came = await source.receive(receiver)
                self.received += came
                self.disk_wait += receiver.take_seconds()
                await self.meter.advance(came)
                await self._watch_space()
                if not go_on():
                    break
        finally:
            with anyio.CancelScope(shield=True):
                await asyncio.to_thread(receiver.end)

    async def ensure_space(self, needed: int) -> None:
        """Raise DiskFullError if *needed* bytes and the reserve do not fit on the disk.

        Raises:
            DiskFullError: If the disk has less free space.
            LibraryUnavailableError: If the free space cannot be read.
        """
        await asyncio.to_thread(require_space, self.part.folder, needed, self._reserve_bytes)

    async def _watch_space(self) -> None:
        if self.received - self._space_checked >= _SPACE_EVERY:
            self._space_checked = self.received
            await self.ensure_space(0)


def _is_due(size: int, chunks: int, passed: float) -> bool:
    """Whether to write a block now."""
    if size >= BLOCK and passed >= _QUICK:
        return True
    return size >= _LARGE_BLOCK or chunks >= _MANY_CHUNKS or passed >= _BLOCK_SECONDS


class _Receiver:
    """Writes the bytes of one connection in the thread that receives them."""

    def __init__(self, part: PartFile, missing: FetchRange) -> None:
        self._block = Block(part, missing.pos)
        self._missing = missing
        self._seconds = 0.0
        self._since = time.monotonic()

    def wanted(self) -> int:
        return self._missing.left

    def take(self, data: memoryview) -> None:
        before = time.monotonic()
        self._block.add(data)
        self._missing.pos += len(data)
        now = self._missing.moved = time.monotonic()
        if _is_due(self._block.size, 0, now - self._since):
            self._missing.written += self._block.record()
            now = self._since = time.monotonic()
        self._seconds += now - before

    def take_seconds(self) -> float:
        """Return the seconds spent writing since the last call."""
        seconds, self._seconds = self._seconds, 0.0
        return seconds

    def end(self) -> None:
        """Record the last block; blocks."""
        self._missing.written += self._block.record()


class _Writer:
    """Writes one block at a time in a worker thread."""

    def __init__(self, part: PartFile, meter: ProgressMeter, missing: FetchRange) -> None:
        self._part = part
        self._meter = meter
        self._missing = missing
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
        # A cancellation here does not stop the write; `finish` waits for it in its shield.
        count = await asyncio.shield(pending)
        self._pending = None
        self._missing.written += count
        await self._meter.advance(count)
