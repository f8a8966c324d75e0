"""Settle an item after an attempt: completed, failed, delayed or retried."""

import logging
import random
from datetime import datetime, timedelta
from typing import Final

import anyio
import attrs

from aniworld_core.application.configuration import CurrentConfig
from aniworld_core.application.downloads.episode_download import Delivered
from aniworld_core.application.downloads.resting import RestingCatalogues
from aniworld_core.application.library import FileContents
from aniworld_core.domain.downloads import DownloadItem, DownloadStatus, Failure, Progress
from aniworld_core.domain.identity import FolderName
from aniworld_core.errors import (
    AniworldError,
    CatalogueRestsError,
    DiskFullError,
    LibraryUnavailableError,
    UnavailableError,
)
from aniworld_core.events import DownloadCompleted, DownloadFailed, ItemRequeued
from aniworld_core.messages import Message
from aniworld_core.ports.bus import ProgressBus
from aniworld_core.ports.clock import Clock
from aniworld_core.ports.queue import QueueRepository
from aniworld_core.ports.series import SeriesRepository

logger: logging.Logger = logging.getLogger(__name__)

#: Time an item waits before the disk is checked again.
RECHECK: Final = timedelta(seconds=60)


@attrs.define(eq=False, kw_only=True)
class ItemSettlement:
    """Stores the result of attempts and publishes the events."""

    _queue: QueueRepository
    _series: SeriesRepository
    _contents: FileContents
    _bus: ProgressBus
    _clock: Clock
    _config: CurrentConfig
    _resting: RestingCatalogues

    async def completed(
        self, item: DownloadItem, folder: FolderName, delivered: Delivered, progress: Progress
    ) -> DownloadItem:
        """Settle an item whose file is in the library: first the episode, then the item.

        After a kill in between, the next worker finds the file and settles the item again.
        """
        source = delivered.source
        done = attrs.evolve(
            item,
            progress=progress,
            provider=source.provider if source else item.provider,
            hoster=source.hoster if source else item.hoster,
        ).complete(self._clock.now(), delivered.file, delivered.language, delivered.notices)
        # Once the file has its final name, a cancelled worker must not leave the item open.
        with anyio.CancelScope(shield=True):
            await self._series.mark_downloaded(item.episode, delivered.file, delivered.language)
            stored = await self._queue.save(done)
            await self._remember(item, delivered.file)
            await self._bus.publish(
                DownloadCompleted(item=stored, folder=folder, at=self._clock.now())
            )
            await self._queue.prune(
                status=DownloadStatus.COMPLETED, keep=self._config.value.downloads.keep_completed
            )
        logger.info("completed %s: %s", item.episode, delivered.file)
        return stored

    async def _remember(self, item: DownloadItem, file: str) -> None:
        """Store the fingerprint of the file; without it, only a renamed file is not recognised."""
        try:
            await self._contents.remember(item.episode, file)
        except AniworldError as error:
            logger.warning("cannot store the fingerprint of %s: %s", file, error)

    async def failed(
        self, item: DownloadItem, folder: FolderName, error: AniworldError
    ) -> DownloadItem:
        """Settle a failed attempt: wait, retry later, or give up, as the error says."""
        failure = Failure.of(error)
        now = self._clock.now()
        if isinstance(error, DiskFullError | LibraryUnavailableError):
            return await self._delayed(item, failure, now + RECHECK)
        if isinstance(error, CatalogueRestsError):
            if not await self._resting.delay(error):
                stored = await self._queue.save(item.requeue())
                await self._requeued(stored)
                return stored
            return await self._delayed(item, failure, now + error.retry_after)
        if isinstance(error, UnavailableError) and error.retry_after is not None:
            return await self._delayed(item, failure, now + error.retry_after)
        policy = self._config.value.downloads.retry_policy
        # A cancelled worker must not leave an item failed that is to be retried.
        with anyio.CancelScope(shield=True):
            settled = await self.given_up(item, folder, failure)
            if settled.may_be_retried(policy):
                draw = random.random()  # noqa: S311 - no secret
                delay = policy.delay(settled.retry_count, draw=draw)
                settled = await self._queue.save(settled.retry(not_before=now + delay))
                await self._requeued(settled)
        return settled

    async def cancelled(self, item: DownloadItem) -> DownloadItem:
        """Settle an item that a person cancelled, unless it is settled already."""
        with anyio.CancelScope(shield=True):
            current = await self._queue.get(item.id)
            if current.status is DownloadStatus.DOWNLOADING and current.claim is not None:
                failure = Failure.from_message(Message("cancelled"))
                current = await self._queue.save(current.fail(failure, self._clock.now()))
        return current

    async def given_up(
        self, item: DownloadItem, folder: FolderName, failure: Failure
    ) -> DownloadItem:
        """Settle an item as failed."""
        logger.warning("%s failed: %s", item.episode, failure.message)
        now = self._clock.now()
        stored = await self._queue.save(item.fail(failure, now))
        await self._bus.publish(DownloadFailed(item=stored, folder=folder, at=now))
        await self._queue.prune(
            status=DownloadStatus.FAILED, keep=self._config.value.downloads.keep_failed
        )
        return stored

    async def _delayed(self, item: DownloadItem, failure: Failure, until: datetime) -> DownloadItem:
        """Requeue the item until a time; the cause is not the item itself."""
        logger.warning("%s waits: %s", item.episode, failure.message)
        stored = await self._queue.save(item.requeue(reason=failure, not_before=until))
        await self._requeued(stored)
        return stored

    async def _requeued(self, item: DownloadItem) -> None:
        await self._bus.publish(ItemRequeued(item=item, at=self._clock.now()))
