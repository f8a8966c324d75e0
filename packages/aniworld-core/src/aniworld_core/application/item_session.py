"""Holding one claimed item: renewing its claim and telling how far it is."""

import contextlib
import logging
from collections.abc import AsyncIterator
from datetime import datetime, timedelta

import anyio
import attrs

from aniworld_core.domain.download import Claim, DownloadItem
from aniworld_core.domain.events import DownloadProgressed
from aniworld_core.domain.identity import FolderName
from aniworld_core.domain.progress import Phase, Progress
from aniworld_core.errors import ClaimLostError
from aniworld_core.ports.bus import ProgressBus
from aniworld_core.ports.clock import Clock
from aniworld_core.ports.queue import QueueRepository

logger = logging.getLogger(__name__)

#: Progress goes to the database at most this often; the bus gets all of it.
_RECORD_EVERY = timedelta(seconds=1)


@attrs.define(eq=False, kw_only=True)
class ItemSession:
    """A worker's time with one item."""

    _item: DownloadItem
    _folder: FolderName
    _queue: QueueRepository
    _bus: ProgressBus
    _clock: Clock
    _lease: timedelta
    _newest: Progress = attrs.field(factory=Progress, init=False)
    _recorded_at: datetime | None = attrs.field(default=None, init=False)

    @contextlib.asynccontextmanager
    async def holding(self) -> AsyncIterator[None]:
        """Keep the claim alive inside the context; cancel its body when the claim is lost.

        Raises:
            ClaimLostError: If somebody else took the item.
        """
        lost: ClaimLostError | None = None

        async def renew(scope: anyio.CancelScope) -> None:
            nonlocal lost
            worker = self._item.claim.worker if self._item.claim else None
            while worker is not None:
                # Not the clock's sleep: a wall clock that jumps must not cost the claim.
                await anyio.sleep(self._lease.total_seconds() / 3)
                claim = Claim.lasting(worker, self._clock.now(), self._lease)
                try:
                    await self._queue.renew(self._item.id, claim)
                except ClaimLostError as error:
                    lost = error
                    scope.cancel()
                    return

        # Failures of the body leave as they are, not wrapped in a group: the renewing task
        # raises nothing itself, so the body's error is the only one.
        failure: Exception | None = None
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(renew, tasks.cancel_scope)
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
        """Publish progress, and record it once in a while."""
        self._newest = progress
        now = self._clock.now()
        await self._bus.publish(
            DownloadProgressed(
                item_id=self._item.id,
                key=self._item.episode.series_key,
                folder=self._folder,
                season=self._item.episode.season,
                episode=self._item.episode.number,
                progress=progress,
                at=now,
            )
        )
        if self._recorded_at is None or now - self._recorded_at >= _RECORD_EVERY:
            self._recorded_at = now
            with contextlib.suppress(ClaimLostError):  # noticed when the claim is renewed
                await self._queue.record_progress(self._item.id, progress)

    def final_progress(self) -> Progress:
        """What a finished item shows: everything there, nothing moving."""
        size = self._newest.total_bytes or self._newest.downloaded_bytes
        return attrs.evolve(
            self._newest,
            downloaded_bytes=max(self._newest.downloaded_bytes, size),
            total_bytes=max(self._newest.downloaded_bytes, size),
            fraction=1.0,
            rate=0.0,
            phase=Phase.PUBLISHING,
        )
