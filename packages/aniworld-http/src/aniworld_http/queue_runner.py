"""What runs beside the requests: the queue's worker, and tasks that go on until the end."""

import asyncio
import contextlib
import logging
from datetime import timedelta
from typing import Final

import anyio
import attrs
from aiohttp import web

from aniworld_core.application.downloads import DownloadWorker, QueueSwitch
from aniworld_core.application.storage_outage import StorageOutage
from aniworld_core.errors import LibraryNotSetError, StorageUnavailableError
from aniworld_core.ports.clock import Clock
from aniworld_core.ports.library import MediaLibrary

logger: Final = logging.getLogger(__name__)

#: How long the queue rests after the database could not be used.
_REST: Final = timedelta(seconds=5)
#: How long a worker that was told to stop is waited for before it is told again.
_PATIENCE_SECONDS: Final = 2.0
#: How often the control that other processes store is read.
_FOLLOW_SECONDS: Final = 1.0


@attrs.define(eq=False, kw_only=True)
class QueueRunner:
    """Lets the worker work the queue while others answer requests.

    Args:
        worker: Who works it.
        library: Where the episodes go.
        clock: The time.
        switch: Stores whether the queue is stopped or paused.
        outage: Told when the database cannot be used.
    """

    _worker: DownloadWorker
    _library: MediaLibrary
    _clock: Clock
    _switch: QueueSwitch
    _outage: StorageOutage
    _task: asyncio.Task[None] | None = attrs.field(default=None, init=False)
    _is_wanted: bool = attrs.field(default=False, init=False)

    @property
    def is_running(self) -> bool:
        """Whether the queue is worked."""
        return self._task is not None and not self._task.done()

    async def start(self) -> None:
        """Work the queue from now on; idempotent.

        Raises:
            LibraryNotSetError: If no library folder is set.
        """
        self._is_wanted = True
        if self.is_running:
            return
        _ = self._library.root  # raises where there is none, before anything has begun
        self._task = asyncio.create_task(self._run(), name="queue")

    async def restore(self) -> None:
        """Start as the last stop, start, pause or resume before the restart asked for.

        Raises:
            LibraryNotSetError: If no library folder is set.
        """
        try:
            stored = await self._switch.restore()
        except StorageUnavailableError as error:
            self._outage.failed("the queue control", error)
        else:
            self._outage.recovered("the queue control")
            if stored.is_stopped:
                logger.info("the queue stays stopped; start it on the queue page")
                return
        await self.start()

    async def follow_others(self) -> None:
        """Stop, start, pause and resume when another process asked for it, until cancelled."""
        while True:
            await anyio.sleep(_FOLLOW_SECONDS)
            try:
                with contextlib.suppress(LibraryNotSetError):
                    await self._switch.follow(start=self.start, stop=self.stop)
            except StorageUnavailableError as error:
                self._outage.failed("the queue control", error)
            else:
                self._outage.recovered("the queue control")

    async def settings_changed(self) -> None:
        """Begin what only waited for a library; a queue that was stopped stays stopped."""
        if self._is_wanted:
            with contextlib.suppress(LibraryNotSetError):
                await self.start()

    async def stop(self) -> None:
        """Give active items back with what was fetched kept, and rest; idempotent."""
        self._is_wanted = False
        task, self._task = self._task, None
        while task is not None and not task.done():
            if not self._worker.is_running:
                task.cancel()
            # Said again, should a run have been too young to hear it.
            with anyio.move_on_after(_PATIENCE_SECONDS):
                await self._worker.stop()
            await asyncio.wait([task], timeout=_PATIENCE_SECONDS)

    async def _run(self) -> None:
        while True:
            try:
                await self._worker.run()
            except StorageUnavailableError as error:
                self._outage.failed("the queue", error)
                await self._clock.sleep(_REST)
            else:
                return


#: Works the queue of this server.
QUEUE_RUNNER: Final = web.AppKey("QUEUE_RUNNER", QueueRunner)
