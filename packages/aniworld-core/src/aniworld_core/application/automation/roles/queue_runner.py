"""Worker of the queue in a server or a process of its own: start, stop, control by others."""

import asyncio
import contextlib
import logging
from datetime import timedelta
from typing import Final

import anyio
import attrs

from aniworld_core.application.actors import acting_as
from aniworld_core.application.automation.tasks.background import BackgroundTasks
from aniworld_core.application.downloads import DownloadWorker, QueueSwitch
from aniworld_core.application.storage_outage import StorageOutage
from aniworld_core.application.ticks import next_tick
from aniworld_core.domain.automation import TaskName
from aniworld_core.domain.downloads import WorkerState
from aniworld_core.errors import LibraryNotSetError, StorageUnavailableError
from aniworld_core.ports.clock import Clock
from aniworld_core.ports.library import MediaLibrary

logger: Final = logging.getLogger(__name__)

#: Time until the worker is restarted after the database was unavailable.
_RETRY_AFTER: Final = timedelta(seconds=5)
#: Seconds to wait for the worker to stop before the request is repeated.
_STOP_SECONDS: Final = 2.0
#: Seconds between two reads of the control that other processes store.
_POLL_SECONDS: Final = 1.0


@attrs.define(eq=False, kw_only=True)
class QueueRunner:
    """Runs the download worker in a task beside other work of the process.

    Args:
        worker: Downloads the items of the queue.
        library: Library folder, which must be set.
        clock: Sleeps.
        tasks: Lists the worker among the background tasks.
        switch: Stores whether the queue is stopped or paused.
        outage: Logs when the database becomes unavailable and available again.
        is_here: Whether this process downloads; otherwise only workers of other processes follow
            start and stop.
    """

    _worker: DownloadWorker
    _library: MediaLibrary
    _clock: Clock
    _switch: QueueSwitch
    _tasks: BackgroundTasks
    _outage: StorageOutage
    _is_here: bool
    _task: asyncio.Task[None] | None = attrs.field(default=None, init=False)
    _is_started: bool = attrs.field(default=False, init=False)

    @property
    def is_running(self) -> bool:
        """Whether the worker runs, or those of other processes may run."""
        if not self._is_here:
            return self._is_started
        return self._task is not None and not self._task.done()

    @property
    def state(self) -> WorkerState:
        """The state of the worker, which counts as running from its start to its stop."""
        return self._worker.state(is_running=self.is_running)

    async def start(self) -> None:
        """Start the worker; idempotent.

        Raises:
            LibraryNotSetError: If no library folder is set.
        """
        self._is_started = True
        if not self._is_here or self.is_running:
            return
        _ = self._library.root  # raises if there is none, before the task starts
        work = self._tasks.follow(TaskName.DOWNLOADS, self._run)
        self._task = asyncio.create_task(work, name="queue")

    async def restore(self) -> None:
        """Restore the state before the restart: running, paused or stopped.

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
        """Apply stop, start, pause and resume of other processes, until cancelled."""
        while True:
            await anyio.sleep_until(next_tick(_POLL_SECONDS))
            try:
                with contextlib.suppress(LibraryNotSetError):
                    await self._switch.follow(start=self.start, stop=self.stop)
            except StorageUnavailableError as error:
                self._outage.failed("the queue control", error)
            else:
                self._outage.recovered("the queue control")

    async def settings_changed(self) -> None:
        """Start the worker if it waited for a library folder; a stopped queue stays stopped."""
        if self._is_started:
            with contextlib.suppress(LibraryNotSetError):
                await self.start()

    async def stop(self) -> None:
        """Stop the worker; active items return to pending with their progress. Idempotent."""
        self._is_started = False
        task, self._task = self._task, None
        while task is not None and not task.done():
            if not self._worker.is_running:
                task.cancel()
            # Repeated, because a run that is just starting may miss the first request.
            with anyio.move_on_after(_STOP_SECONDS):
                await self._worker.stop()
            await asyncio.wait([task], timeout=_STOP_SECONDS)

    async def _run(self) -> None:
        while True:
            try:
                # Who started the worker did not ask for what it does.
                with acting_as("program"):
                    await self._worker.run()
            except StorageUnavailableError as error:
                self._outage.failed("the queue", error)
                await self._clock.sleep(_RETRY_AFTER)
            else:
                return
