"""SIGINT, SIGTERM and SIGHUP: the first one shuts down, the second one exits at once."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Final

import anyio

from aniworld_http.lifespan import deadline

_ENDING: Final = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
#: Exit code of a process that was interrupted.
_INTERRUPTED: Final = 130


@asynccontextmanager
async def stop_signals(stop: anyio.Event) -> AsyncIterator[None]:
    """Set *stop* at the first signal; exit the process at the second one.

    The second signal also ends a running shutdown, and so does the time limit `SHUTDOWN_SECONDS`.
    No data is lost, because the next start repairs unfinished work.
    """

    async def listen(signals: AsyncIterator[signal.Signals]) -> None:
        async for _ in signals:
            if stop.is_set():
                os._exit(_INTERRUPTED)
            deadline.end_process_after(deadline.SHUTDOWN_SECONDS)
            stop.set()

    # A terminal that is closed sends SIGHUP; `nohup` ignores it.
    heard = [each for each in _ENDING if signal.getsignal(each) is not signal.SIG_IGN]
    with anyio.open_signal_receiver(*heard) as signals:
        # No task group, which would wrap an error of the server in an exception group.
        task = asyncio.create_task(listen(signals), name="stop signals")
        try:
            yield
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
