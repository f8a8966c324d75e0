"""Hold one claimed item: renew its claim, publish and store its progress."""

import contextlib
import logging
from collections.abc import AsyncIterator, Callable, Iterator
from datetime import timedelta
from typing import Final

import anyio
import attrs

from aniworld_core.application.storage_outage import StorageOutage
from aniworld_core.domain.downloads import Claim, DownloadItem, Phase, Progress
from aniworld_core.domain.identity import FolderName
from aniworld_core.errors import ClaimLostError, StorageUnavailableError
from aniworld_core.events import DownloadProgressed
from aniworld_core.ports.bus import ProgressBus
from aniworld_core.ports.clock import Clock
from aniworld_core.ports.queue import QueueRepository

logger = logging.getLogger(__name__)

#: Seconds between two writes of an item's progress; the bus gets every step.
_RECORD_SECONDS: Final = 1.0
_COMPONENT: Final = "an active download"


@attrs.define(eq=False, kw_only=True)
class ItemSession:
    """A worker's time with one item.

    Neither progress nor the claim depends on the database being there all the time: the transfer
    goes on during an outage, and what was not written is written afterwards.
    """

    _item: DownloadItem
    _folder: FolderName
    _queue: QueueRepository
    _bus: ProgressBus
    _clock: Clock
    _lease: timedelta
    _outage: StorageOutage = attrs.field(factory=StorageOutage)
    _is_paused: Callable[[], bool] = lambda: False
    _newest: Progress = attrs.field(init=False)
    _moved: anyio.Event = attrs.field(factory=anyio.Event, init=False)

    @_newest.default
    def _kept(self) -> Progress:
        return self._item.progress

    @property
    def progress(self) -> Progress:
        """The newest progress."""
        return self._newest

    @contextlib.asynccontextmanager
    async def holding(self) -> AsyncIterator[None]:
        """Keep the claim alive inside the context; cancel its body when the claim is lost.

        Raises:
            ClaimLostError: If another worker has the item.
        """
        lost: ClaimLostError | None = None

        async def renew(scope: anyio.CancelScope) -> None:
            nonlocal lost
            try:
                await self._renew()
            except ClaimLostError as error:
                lost = error
                scope.cancel()

        # Errors of the body are raised as they are, not wrapped in a group: the other tasks
        # raise nothing themselves, so the body's error is the only one.
        failure: Exception | None = None
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(renew, tasks.cancel_scope)
            tasks.start_soon(self._record)
            try:
                yield
            except Exception as error:
                failure = error
            tasks.cancel_scope.cancel()
        if failure is not None:
            raise failure
        if lost is not None:
            raise lost

    async def on_progress(self, progress: Progress) -> None:
        """Publish progress; it is stored in the background. Paused transfers have no speed."""
        self._newest = progress.at_rest if self._is_paused() else progress
        self._moved.set()
        await self._bus.publish(
            DownloadProgressed(
                item_id=self._item.id,
                key=self._item.episode.series_key,
                folder=self._folder,
                season=self._item.episode.season,
                episode=self._item.episode.number,
                progress=self._newest,
                at=self._clock.now(),
            )
        )

    async def repeat_progress(self) -> None:
        """Publish the newest progress again, because the transfers were paused or resumed."""
        await self.on_progress(self._newest)

    def final_progress(self) -> Progress:
        """Return what a finished item shows: everything there, nothing moving."""
        size = self._newest.total_bytes or self._newest.downloaded_bytes
        return attrs.evolve(
            self._newest,
            downloaded_bytes=max(self._newest.downloaded_bytes, size),
            total_bytes=max(self._newest.downloaded_bytes, size),
            fraction=1.0,
            rate=0.0,
            phase=Phase.PUBLISHING,
        )

    async def _renew(self) -> None:
        worker = self._item.claim.worker if self._item.claim else None
        while worker is not None:
            # Not the clock's sleep: a wall clock that jumps must not cost the claim.
            await anyio.sleep(self._lease.total_seconds() / 3)
            claim = Claim.lasting(worker, self._clock.now(), self._lease)
            with self._tolerating_outages():
                await self._queue.renew(self._item.id, claim)

    async def _record(self) -> None:
        worker = self._item.claim.worker if self._item.claim else None
        while True:
            await self._moved.wait()
            self._moved = anyio.Event()
            try:
                with self._tolerating_outages():
                    await self._queue.record_progress(self._item.id, self._newest, worker=worker)
            except ClaimLostError:
                return  # renewing the claim finds out as well, and ends the transfer
            await anyio.sleep(_RECORD_SECONDS)

    @contextlib.contextmanager
    def _tolerating_outages(self) -> Iterator[None]:
        try:
            yield
        except StorageUnavailableError as error:
            self._outage.failed(_COMPONENT, error)
        else:
            self._outage.recovered(_COMPONENT)
