"""Buffer and order the bytes of segments between the network and the disk."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING, Self

import anyio
import attrs

if TYPE_CHECKING:
    from aniworld_providers.network.bytes import Chunk

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final


@attrs.define(eq=False)
class SegmentBuffer:
    """Stores batches in order, one at a time; leaving the context waits for the last one.

    While one batch is written, the next one is collected. So memory stays bounded, and a slow disk
    slows the network down.
    """

    _store: "Callable[[Sequence[Chunk]], Awaitable[None]]"
    _stored: Callable[[int], Awaitable[None]]
    _step: "asyncio.Task[None] | None" = None
    _size: int = 0

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *exc_info: object) -> None:
        # A write cannot be cancelled, and the file may be closed after this context.
        if self._step is not None:
            with anyio.CancelScope(shield=True):
                await asyncio.wait([self._step])
            self._step.exception()

    async def put(self, batch: "Sequence[Chunk]", size: int) -> None:
        """Start to store a batch after the one before it is stored.

        Raises:
            What storing the previous batch raised.
        """
        await self.drain()
        self._step = asyncio.ensure_future(self._store(batch))
        self._size = size

    async def drain(self) -> None:
        """Wait until all batches are stored.

        Raises:
            What storing raised.
        """
        step, size = self._step, self._size
        if step is None:
            return
        with anyio.CancelScope(shield=True):
            await asyncio.wait([step])
        self._step = None
        step.result()
        await self._stored(size)


#: Segments that are received at once while they arrive faster than they are stored.
_AT_ONCE: Final = 1
#: Seconds without new bytes after which a segment gives its slot to the next one.
_STALL_SECONDS: Final = 0.002


@attrs.define(eq=False)
class WriteSlot:
    """The right of one segment to be received; released when its bytes take too long."""

    _slots: anyio.Semaphore
    _is_held: bool = True
    _timer: asyncio.TimerHandle | None = None

    def wait_started(self) -> None:
        """Start the timer: the segment waits for bytes."""
        if self._is_held:
            self._timer = asyncio.get_running_loop().call_later(_STALL_SECONDS, self.release)

    def received(self) -> None:
        """Stop the timer: bytes have arrived."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def release(self) -> None:
        """Give the slot to the next segment."""
        self.received()
        if self._is_held:
            self._is_held = False
            self._slots.release()


@attrs.define(eq=False)
class WriteOrder:
    """Assign slots in the order of the requests.

    If segments arrive faster than they are stored, all of them would be complete at the same
    moment. Then all next requests would be sent at once, and there would be nothing to store
    meanwhile.
    """

    _slots: anyio.Semaphore = attrs.Factory(lambda: anyio.Semaphore(_AT_ONCE))

    @asynccontextmanager
    async def slot(self) -> AsyncIterator[WriteSlot]:
        """Wait for a slot; leaving the context releases it."""
        await self._slots.acquire()
        slot = WriteSlot(self._slots)
        try:
            yield slot
        finally:
            slot.release()
