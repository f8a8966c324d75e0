"""Inspect new files in the background, slowly."""

import logging
from datetime import timedelta
from typing import Final

import anyio
import attrs

from aniworld_core.application.library import FileContents, rest_after
from aniworld_core.application.storage_outage import StorageOutage
from aniworld_core.errors import (
    AniworldError,
    LibraryNotSetError,
    StorageUnavailableError,
    SubscriberLaggedError,
)
from aniworld_core.events import DownloadCompleted, ScanCompleted
from aniworld_core.ports.bus import ProgressBus
from aniworld_core.ports.clock import Clock

logger = logging.getLogger(__name__)

#: Time after which files are looked for without an event; another process may have scanned.
_AGAIN: Final = timedelta(minutes=5)
_COMPONENT: Final = "the inspection of files"


@attrs.define(eq=False, kw_only=True)
class FileInspection:
    """Inspects files that scans and downloads have stored.

    It works at most a quarter of the time, so that downloads and playback have the disk.
    """

    _contents: FileContents
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

    async def _pass(self) -> None:
        """Inspect all files that were not inspected yet."""
        after = ""
        while True:
            try:
                files = await self._contents.pending(after)
                if not files:
                    break
                after = files[-1].path
                started = anyio.current_time()
                await self._contents.inspect_batch(files)
            except LibraryNotSetError:
                return
            except StorageUnavailableError as error:
                self._outage.failed(_COMPONENT, error)
                return
            except AniworldError as error:
                logger.warning("cannot inspect new files: %s", error)
                return
            self._outage.recovered(_COMPONENT)
            await self._clock.sleep(rest_after(anyio.current_time() - started))
