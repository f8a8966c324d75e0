"""Stores the bytes of a piece while more of them arrive."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING, Self

import anyio
import attrs

if TYPE_CHECKING:
    from aniworld_providers.network.bytes import Chunk


@attrs.define(eq=False)
class Spool:
    """Hands batches on in order, one at a time; leaving the context waits for the last.

    At most one batch is on its way to the disk while another one is collected, so memory stays
    bounded and a slow disk slows the network down.
    """

    _store: "Callable[[Sequence[Chunk]], Awaitable[None]]"
    _stored: Callable[[int], Awaitable[None]]
    _step: "asyncio.Task[None] | None" = None
    _size: int = 0

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *exc_info: object) -> None:
        # The disk cannot be called off, and whoever comes next may close the file.
        if self._step is not None:
            with anyio.CancelScope(shield=True):
                await asyncio.wait([self._step])
            self._step.exception()

    async def put(self, batch: "Sequence[Chunk]", size: int) -> None:
        """Begin to store a batch once the one before it is stored.

        Raises:
            What storing the one before it raised.
        """
        await self.drain()
        self._step = asyncio.ensure_future(self._store(batch))
        self._size = size

    async def drain(self) -> None:
        """Wait until everything is stored.

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
