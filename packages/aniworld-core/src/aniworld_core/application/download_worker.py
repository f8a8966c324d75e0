"""Working the queue: claim, deliver, settle; pause, resume, stop."""

import contextlib
import logging
from collections.abc import AsyncIterator, Callable, Collection, Sequence
from datetime import UTC, datetime, timedelta

import anyio
import attrs

from aniworld_core.application.bandwidth import SharedThrottle
from aniworld_core.application.current_config import CurrentConfig
from aniworld_core.application.episode_download import EpisodeDownload
from aniworld_core.application.item_attempt import LEASE, ItemAttempt
from aniworld_core.application.queue_conditions import QueueConditions
from aniworld_core.application.worker_gate import WorkerGate
from aniworld_core.application.worker_lanes import WorkerLanes
from aniworld_core.domain.download import (
    OPEN_STATUSES,
    Claim,
    DownloadItem,
    DownloadStatus,
)
from aniworld_core.domain.events import (
    ItemRequeued,
    QueueDrained,
    QueueStateChanged,
)
from aniworld_core.domain.identity import ItemId, WorkerId
from aniworld_core.errors import (
    ItemNotFoundError,
    StaleItemError,
    UnavailableError,
)
from aniworld_core.ports.bus import ProgressBus
from aniworld_core.ports.clock import Clock
from aniworld_core.ports.queue import QueueRepository
from aniworld_core.ports.workers import WorkerRoster

logger = logging.getLogger(__name__)

#: How often an idle worker looks for work that another process queued.
IDLE = timedelta(seconds=1)
#: How often an idle worker looks for items of workers that are gone.
RESCUE_EVERY = timedelta(seconds=10)


@attrs.frozen(kw_only=True)
class DrainReport:
    """What working the queue came to.

    Attributes:
        waiting: Items left pending, each with the reason in its failure, if there is one.
        obstacle: Why the whole queue waits, if it does.
    """

    completed: tuple[DownloadItem, ...]
    failed: tuple[DownloadItem, ...]
    waiting: tuple[DownloadItem, ...]
    obstacle: UnavailableError | None = None


@attrs.define(eq=False, kw_only=True)
class DownloadWorker:
    """Works the queue as one named worker, several episodes at a time if so configured."""

    _id: WorkerId
    _queue: QueueRepository
    _episodes: EpisodeDownload
    _attempts: ItemAttempt
    _bus: ProgressBus
    _clock: Clock
    _config: CurrentConfig
    _throttle: SharedThrottle
    _roster: WorkerRoster
    _conditions: QueueConditions
    _gate: WorkerGate = attrs.field(factory=WorkerGate, init=False)
    _lanes: WorkerLanes = attrs.field(
        default=attrs.Factory(lambda self: WorkerLanes(self._config), takes_self=True), init=False
    )
    _obstacle: UnavailableError | None = attrs.field(default=None, init=False)
    _rescued_at: datetime = attrs.field(default=datetime.min.replace(tzinfo=UTC), init=False)

    @property
    def id(self) -> WorkerId:
        """Names it in the claims of items it works on."""
        return self._id

    @property
    def is_running(self) -> bool:
        """Whether it is working the queue."""
        return self._gate.is_running

    @property
    def waiting_for(self) -> str | None:
        """Why the whole queue waits, if it does."""
        return str(self._obstacle) if self._obstacle else None

    @property
    def is_paused(self) -> bool:
        """Whether its transfers stand still."""
        return self._throttle.is_paused

    async def drain(
        self,
        *,
        only: Collection[ItemId] | None = None,
        patience: timedelta = timedelta(seconds=10),
    ) -> DrainReport:
        """Work until nothing is left that can be done now.

        Failed items are retried as the configuration says. A wait longer than *patience* is
        not sat out: the item stays pending and is reported as waiting. Cancelled, it gives
        every item back with what was fetched kept.

        Args:
            only: Work these items and no others; those another worker took are awaited.
            patience: Longest single wait.

        Raises:
            LibraryNotSetError: If no library folder is set.
            StorageUnavailableError: If the database cannot be used.
        """
        settled: dict[ItemId, DownloadItem] = {}
        async with self._working():
            await self._run_lanes(settled, only, patience)
        if only is None:
            await self._bus.publish(QueueDrained(at=self._clock.now()))
        return await self._report(settled, only)

    async def run(self) -> None:
        """Work until `stop` is called, waiting for new items; returns when all is given back."""
        async with self._working():
            await self._run_lanes({}, None, None)

    async def pause(self) -> None:
        """Let active transfers stand still and start no others; idempotent."""
        self._throttle.pause()
        await self._publish_state()

    async def resume(self) -> None:
        """Let transfers go on; idempotent."""
        self._throttle.resume()
        await self._publish_state()

    async def stop(self) -> None:
        """Give active items back with what was fetched kept, and end; idempotent."""
        self._gate.stop()
        await self._gate.wait_idle()

    async def cancel(self, item_id: ItemId) -> bool:
        """End the transfer of one item; it is failed as cancelled when this returns.

        Nobody is told: who cancels an item is about to take it out of the queue.

        Returns:
            Whether this worker was busy with it.
        """
        return await self._attempts.cancel(item_id)

    @contextlib.asynccontextmanager
    async def _working(self) -> AsyncIterator[None]:
        self._episodes.require_library()
        with self._gate.running():
            async with self._roster.enlist(self._id):
                await self._rescue()
                await self._publish_state()
                try:
                    yield
                finally:
                    with anyio.CancelScope(shield=True):
                        for item in await self._queue.release_held_by(self._id):
                            await self._announce_requeued(item)
        await self._publish_state()

    async def _rescue(self) -> None:
        """Give back what dead workers held."""
        self._rescued_at = self._clock.now()
        released = list(await self._queue.release_expired(self._clock.now()))
        for worker in await self._roster.departed():
            released += await self._queue.release_held_by(worker)
            await self._roster.forget(worker)
        for item in released:
            logger.info("rescued %s from a worker that is gone", item.episode)
            await self._announce_requeued(item)

    async def _rescue_in_passing(self) -> None:
        """Look now and then whether a worker died since: its items must not wait for ever."""
        if self._clock.now() - self._rescued_at >= RESCUE_EVERY:
            await self._rescue()

    async def _run_lanes(
        self,
        settled: dict[ItemId, DownloadItem],
        only: Collection[ItemId] | None,
        patience: timedelta | None,
    ) -> None:
        async def lane(is_surplus: Callable[[], bool]) -> None:
            await self._lane(settled, only, patience, is_surplus)

        await self._lanes.run(lane, watch=self._gate.watch)

    async def _lane(
        self,
        settled: dict[ItemId, DownloadItem],
        only: Collection[ItemId] | None,
        patience: timedelta | None,
        is_surplus: Callable[[], bool],
    ) -> None:
        """Do one item after the other until there is nothing worth waiting for."""
        while not is_surplus():
            obstacle = await self._conditions.obstacle()
            if obstacle is not None:
                await self._note_obstacle(obstacle)
                if patience is not None:
                    return
                await self._clock.sleep(IDLE)
                continue
            self._obstacle = None
            item = await self._claim(only)
            if item is not None:
                settled[item.id] = await self._attempts.make(item, self._publish_state)
                continue
            await self._rescue_in_passing()
            wait = await self._next_wait(only)
            if patience is None:
                await self._note_drained(settled)
            elif wait is None or wait > patience:
                return
            await self._clock.sleep(min(wait or IDLE, IDLE))

    async def _note_drained(self, settled: dict[ItemId, DownloadItem]) -> None:
        """Say once that nothing is left of what there was to do."""
        if settled and not await self._queue.find(statuses=OPEN_STATUSES) and settled:
            settled.clear()
            await self._bus.publish(QueueDrained(at=self._clock.now()))

    async def _note_obstacle(self, obstacle: UnavailableError) -> None:
        """Say once why the queue waits."""
        if self._obstacle is None or str(self._obstacle) != str(obstacle):
            logger.warning("the queue waits: %s", obstacle)
            await self._publish_state(obstacle)
        self._obstacle = obstacle

    async def _claim(self, only: Collection[ItemId] | None) -> DownloadItem | None:
        if self._throttle.is_paused:
            return None
        claim = Claim.lasting(self._id, self._clock.now(), LEASE)
        if only is None:
            return await self._queue.claim_next(claim)
        for item in await self._queue.find(statuses={DownloadStatus.PENDING}):
            if item.id in only and item.claimable(claim.at):
                with contextlib.suppress(StaleItemError, ItemNotFoundError):
                    return await self._queue.save(item.start(claim))
        return None

    async def _next_wait(self, only: Collection[ItemId] | None) -> timedelta | None:
        """How long until something may be claimable; `None` when nothing will be by itself."""
        if self._throttle.is_paused:
            return timedelta(0)
        now = self._clock.now()
        open_items = await self._queue.find(statuses=OPEN_STATUSES)
        mine = [i for i in open_items if only is None or i.id in only]
        waits = [i.not_before - now for i in mine if i.not_before is not None]
        if any(i.not_before is None and i.status is DownloadStatus.PENDING for i in mine):
            return timedelta(0)
        if only is not None and any(self._is_elsewhere(i) for i in mine):
            await self._queue.release_expired(now)
            waits.append(timedelta(0))
        return max(min(waits), timedelta(0)) if waits else None

    def _is_elsewhere(self, item: DownloadItem) -> bool:
        return item.claim is not None and item.claim.worker != self._id

    async def _report(
        self, settled: dict[ItemId, DownloadItem], only: Collection[ItemId] | None
    ) -> DrainReport:
        """Sort what this drain dealt with by how it stands now."""
        current: list[DownloadItem] = []
        for item_id in dict.fromkeys([*settled, *(only or ())]):
            with contextlib.suppress(ItemNotFoundError):
                current.append(await self._queue.get(item_id))
        return DrainReport(
            completed=_of(current, DownloadStatus.COMPLETED),
            failed=_of(current, DownloadStatus.FAILED),
            waiting=_of(current, DownloadStatus.PENDING),
            obstacle=self._obstacle,
        )

    async def _announce_requeued(self, item: DownloadItem) -> None:
        await self._bus.publish(ItemRequeued(item=item, at=self._clock.now()))

    async def _publish_state(self, obstacle: UnavailableError | None = None) -> None:
        await self._bus.publish(
            QueueStateChanged(
                is_running=self.is_running,
                is_paused=self.is_paused,
                at=self._clock.now(),
                waiting_for=str(obstacle) if obstacle else None,
                waiting_kind=obstacle.kind if obstacle else None,
            )
        )


def _of(items: Sequence[DownloadItem], status: DownloadStatus) -> tuple[DownloadItem, ...]:
    return tuple(item for item in items if item.status is status)
