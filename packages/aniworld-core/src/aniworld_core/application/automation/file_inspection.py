"""Inspect new files in the background, slowly."""

import logging
from collections.abc import Sequence
from datetime import timedelta
from functools import partial
from typing import Final

import anyio
import attrs

from aniworld_core.application.automation.tasks.runs import TaskRuns
from aniworld_core.application.library import FileContents, rest_after
from aniworld_core.application.storage_outage import StorageOutage
from aniworld_core.domain.automation import TaskName
from aniworld_core.domain.library import LibraryFile
from aniworld_core.errors import (
    AniworldError,
    LibraryNotSetError,
    StorageUnavailableError,
    SubscriberLaggedError,
    TaskRunningError,
)
from aniworld_core.events import DownloadCompleted, ScanCompleted
from aniworld_core.messages import Message
from aniworld_core.ports.bus import ProgressBus
from aniworld_core.ports.clock import Clock

logger: logging.Logger = logging.getLogger(__name__)

#: Time after which files are looked for without an event; another process may have scanned.
_AGAIN: Final = timedelta(minutes=5)
_COMPONENT: Final = "the inspection of files"


@attrs.define(eq=False, kw_only=True)
class FileInspection:
    """Inspects files that scans and downloads have stored.

    It works at most a quarter of the time, so that downloads and playback have the disk.
    """

    _contents: FileContents
    _runs: TaskRuns
    _bus: ProgressBus
    _clock: Clock
    _outage: StorageOutage
    _wake: anyio.Event = attrs.field(factory=anyio.Event, init=False)

    async def run(self) -> None:
        """Inspect files until cancelled."""
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(self._follow)
            tasks.start_soon(self._tick)
            while True:
                self._wake = anyio.Event()
                await self._pass()
                await self._wake.wait()

    def wake(self) -> None:
        """Look for files to inspect now."""
        self._wake.set()

    async def _follow(self) -> None:
        async with self._bus.subscribe(ScanCompleted, DownloadCompleted) as events:
            while True:
                try:
                    event = await anext(events, None)
                except SubscriberLaggedError:
                    self.wake()
                    continue
                if event is None:
                    return
                self.wake()

    async def _tick(self) -> None:
        while True:
            await self._clock.sleep(_AGAIN)
            self.wake()

    async def inspect(self) -> Message:
        """Inspect all files that were not inspected yet; return the result in one line.

        Raises:
            LibraryNotSetError: If no library folder is set.
            StorageUnavailableError: If the files cannot be listed, or the facts not be stored.
            AniworldError: If a file cannot be inspected.
        """
        return await self._inspected(await self._contents.pending(""))

    async def _inspected(self, files: Sequence[LibraryFile]) -> Message:
        """Inspect a first batch and all that follow it."""
        count = 0
        while files:
            started = anyio.current_time()
            await self._contents.inspect_batch(files)
            count += len(files)
            await self._clock.sleep(rest_after(anyio.current_time() - started))
            files = await self._contents.pending(files[-1].path)
        return Message("task_inspected", count=count)

    async def _pass(self) -> None:
        """Inspect files if there are any that were not inspected yet."""
        try:
            files = await self._contents.pending("")
            if not files:
                self._outage.recovered(_COMPONENT)
                return
            run = await self._runs.begin(TaskName.FILE_INSPECTION)
        except (LibraryNotSetError, TaskRunningError):
            return
        except StorageUnavailableError as error:
            self._outage.failed(_COMPONENT, error)
            return
        except AniworldError as error:
            logger.warning("cannot inspect new files: %s", error)
            return
        failure = await self._runs.finish(run, partial(self._inspected, files))
        if isinstance(failure, StorageUnavailableError):
            self._outage.failed(_COMPONENT, failure)
        else:
            self._outage.recovered(_COMPONENT)
