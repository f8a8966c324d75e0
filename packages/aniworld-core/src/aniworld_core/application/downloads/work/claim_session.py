"""Hold one claimed item: renew its claim, publish and store its progress."""

import contextlib
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from datetime import datetime, timedelta
from typing import Final

import anyio
import attrs

from aniworld_core.application.downloads.work.context import WorkContext
from aniworld_core.domain.downloads import Claim, DownloadItem, Phase, Progress
from aniworld_core.domain.identity import FolderName, WorkerId
from aniworld_core.domain.media import MediaSource
from aniworld_core.errors import ClaimLostError, StorageUnavailableError
from aniworld_core.events import DownloadProgressed

logger: logging.Logger = logging.getLogger(__name__)

#: Time for which a claim is valid without being renewed.
LEASE: Final = timedelta(seconds=12)
#: Renewals within one lease, so that a claim survives two that fail.
_RENEWALS_PER_LEASE: Final = 3
#: Seconds between two writes of an item's progress; the bus gets every step.
_RECORD_SECONDS: Final = 1.0
#: Time before the end of a claim from which it does not count as valid: a clock may be late.
_MARGIN: Final = timedelta(seconds=1)
_COMPONENT: Final = "an active download"


@attrs.define(eq=False, kw_only=True)
class ItemSession:
    """One claimed item while a worker has it.

    A database outage ends neither the transfer nor the claim: progress that could not be stored
    is stored later. But a file is not published before the claim is surely valid: another worker
    may have taken the item over meanwhile.

    Args:
        item: The claimed item.
        folder: Folder of its series, for events.
        context: Ports of the worker.
        lease: Time for which a claim is valid without being renewed.
        sleep: Waits some seconds of real time. The clock is not used, because a wall clock that
            jumps must not cost the claim.
    """

    _item: DownloadItem
    _folder: FolderName
    _context: WorkContext
    _lease: timedelta = LEASE
    _sleep: Callable[[float], Awaitable[None]] = anyio.sleep
    _newest: Progress = attrs.field(init=False)
    _source: MediaSource | None = attrs.field(default=None, init=False)
    _moved: anyio.Event = attrs.field(factory=anyio.Event, init=False)
    #: Until when the claim is valid; `None` for an item without one.
    _held_until: datetime | None = attrs.field(init=False)

    @_held_until.default
    def _end_of_claim(self) -> datetime | None:
        return self._item.claim.expires_at if self._item.claim else None

    @_newest.default
    def _stored_progress(self) -> Progress:
        return self._item.progress

    def on_source(self, source: MediaSource) -> None:
        """Record which source is tried."""
        self._source = source

    def recorded(self, item: DownloadItem) -> DownloadItem:
        """Return an item with the newest progress and the source that was tried last."""
        item = attrs.evolve(item, progress=self._newest)
        if self._source is None:
            return item
        return attrs.evolve(
            item,
            provider=self._source.provider,
            hoster=self._source.hoster,
            language=self._source.language,
        )

    @contextlib.asynccontextmanager
    async def holding(self) -> AsyncIterator[None]:
        """Renew the claim inside the context; cancel the body when the claim is lost.

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

        # The error of the body is raised as it is, not in a group: the other tasks raise nothing.
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
        """Publish progress and store it in the background; a paused transfer has no speed.

        Progress of the phase `PUBLISHING` returns when the claim is valid. If it is lost, this
        does not return, and `holding` cancels it.
        """
        if progress.phase is Phase.PUBLISHING:
            await self._wait_for_claim()
        await self._announce(progress)

    async def _announce(self, progress: Progress) -> None:
        self._newest = progress.at_rest if self._context.is_paused() else progress
        self._moved.set()
        await self._context.bus.publish(
            DownloadProgressed(
                item_id=self._item.id,
                key=self._item.episode.series_key,
                folder=self._folder,
                season=self._item.episode.season,
                episode=self._item.episode.number,
                progress=self._newest,
                at=self._context.clock.now(),
            )
        )

    async def repeat_progress(self) -> None:
        """Publish the newest progress again after the transfers were paused or resumed."""
        await self._announce(self._newest)

    def final_progress(self) -> Progress:
        """Return the progress of a finished item: all bytes received, no speed."""
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
            await self._sleep(self._lease.total_seconds() / _RENEWALS_PER_LEASE)
            await self._renew_once(worker)

    async def _renew_once(self, worker: WorkerId) -> None:
        claim = Claim.lasting(worker, self._context.clock.now(), self._lease)
        with self._tolerating_outages():
            await self._context.queue.renew(self._item.id, claim)
            self._held_until = claim.expires_at

    async def _wait_for_claim(self) -> None:
        """Wait until the claim is valid, and renew it if it may have ended."""
        while (claim := self._item.claim) is not None and self._may_have_ended:
            try:
                await self._renew_once(claim.worker)
            except ClaimLostError:
                await anyio.sleep_forever()  # the next renewal fails as well and cancels this
            if self._may_have_ended:
                await self._sleep(_RECORD_SECONDS)

    @property
    def _may_have_ended(self) -> bool:
        ends = self._held_until
        return ends is not None and self._context.clock.now() + _MARGIN >= ends

    async def _record(self) -> None:
        worker = self._item.claim.worker if self._item.claim else None
        while True:
            await self._moved.wait()
            self._moved = anyio.Event()
            try:
                with self._tolerating_outages():
                    await self._context.queue.record_progress(
                        self._item.id, self._newest, worker=worker
                    )
            except ClaimLostError:
                return  # the renewal fails as well and ends the transfer
            await self._sleep(_RECORD_SECONDS)

    @contextlib.contextmanager
    def _tolerating_outages(self) -> Iterator[None]:
        try:
            yield
        except StorageUnavailableError as error:
            self._context.outage.failed(_COMPONENT, error)
        else:
            self._context.outage.recovered(_COMPONENT)
