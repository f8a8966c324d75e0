"""SIGINT and SIGTERM: the first asks for an orderly end, the second ends at once."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Final

import anyio

#: What a shell reports for a process that ended by an interrupt.
_INTERRUPTED: Final = 130


@asynccontextmanager
async def stop_signals(stop: anyio.Event) -> AsyncIterator[None]:
    """Set *stop* at the first signal; at the second, end the process as it stands.

    Nothing is lost by that: whatever the next start finds unfinished, it puts right. For the
    same reason it also holds while the shutdown itself is under way.
    """

    async def listen() -> None:
        with anyio.open_signal_receiver(signal.SIGINT, signal.SIGTERM) as signals:
            async for _ in signals:
                if stop.is_set():
                    os._exit(_INTERRUPTED)
                stop.set()

    # No task group: it would turn an error of the server into a group of errors.
    task = asyncio.create_task(listen(), name="stop signals")
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
