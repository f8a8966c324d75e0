"""Working the queue: claim, deliver, settle; pause, resume, stop."""

import contextlib
import logging
from collections.abc import AsyncIterator, Callable, Collection, Sequence
from datetime import timedelta

import anyio
import attrs

from aniworld_core.application.configuration import CurrentConfig
from aniworld_core.application.downloads.bandwidth import SharedThrottle
from aniworld_core.application.downloads.episode_download import EpisodeDownload
from aniworld_core.application.downloads.work.attempt import ItemAttempt
from aniworld_core.application.downloads.work.claim_session import LEASE
from aniworld_core.application.downloads.work.conditions import QueueConditions
from aniworld_core.application.downloads.work.dead_worker_sweep import DeadWorkerSweep
from aniworld_core.application.downloads.work.gate import WorkerGate
from aniworld_core.application.downloads.work.lanes import WorkerLanes
from aniworld_core.application.downloads.work.waiting_reasons import WaitingReasons
from aniworld_core.application.storage_outage import StorageOutage
from aniworld_core.domain.downloads import (
    HELD_STATUSES,
    OPEN_STATUSES,
    Claim,
    DownloadItem,
    DownloadStatus,
    WorkerState,
)
from aniworld_core.domain.identity import ItemId, WorkerId
from aniworld_core.errors import (
    ClaimLostError,
    ItemNotFoundError,
    StorageUnavailableError,
    UnavailableError,
)
from aniworld_core.events import QueueDrained, QueueStateChanged
from aniworld_core.messages import Message
from aniworld_core.ports.bus import ProgressBus
from aniworld_core.ports.clock import Clock
from aniworld_core.ports.queue import QueueRepository
from aniworld_core.ports.workers import WorkerRoster

logger = logging.getLogger(__name__)

#: How often an idle worker looks for work that another process queued.
IDLE = timedelta(seconds=1)
#: How long a worker waits before it tries a database again that could not be used.
OUTAGE_PAUSE = timedelta(seconds=2)
_COMPONENT = "the queue"


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
    _outage: StorageOutage
    _sweep: DeadWorkerSweep
    _gate: WorkerGate = attrs.field(factory=WorkerGate, init=False)
    _lanes: WorkerLanes = attrs.field(
        default=attrs.Factory(lambda self: WorkerLanes(self._config), takes_self=True), init=False
    )
    _waiting: WaitingReasons = attrs.field(
        default=attrs.Factory(lambda self: WaitingReasons(self._publish_state), takes_self=True),
        init=False,
    )
    #: Items that could not be settled because the database was away.
    _unsettled: set[ItemId] = attrs.field(factory=set, init=False)

    @property
    def id(self) -> WorkerId:
        """Names it in the claims of items it works on."""
        return self._id

    @property
    def is_running(self) -> bool:
        """Whether it is working the queue."""
        return self._gate.is_running

    @property
    def waiting_for(self) -> Message | None:
        """Why the whole queue waits; `None` if it does not. After a run, what ended it early."""
        return self._waiting.current.message if self._waiting.current else None

    @property
    def is_paused(self) -> bool:
        """Whether its transfers stand still."""
        return self._throttle.is_paused

    def state(self, *, is_running: bool | None = None) -> WorkerState:
        """Return the state of this worker; only a running worker waits for something.

        Args:
            is_running: Overrides the worker's own value, for a server that runs it again after
                an outage and counts the pause as running.
        """
        running = self.is_running if is_running is None else is_running
        return WorkerState(
            is_running=running,
            is_paused=self.is_paused,
            waiting_for=self.waiting_for if running else None,
        )

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
            StorageUnavailableError: If the database cannot be used for longer than *patience*.
        """
        settled: dict[ItemId, DownloadItem] = {}
        async with self._working():
            await self._run_lanes(settled, only, patience)
            obstacle = self._waiting.current
        if only is None:
            await self._bus.publish(QueueDrained(at=self._clock.now()))
        return await self._report(settled, only, obstacle)

    async def run(self) -> None:
        """Work until `stop` is called, waiting for new items; returns when all is given back."""
        async with self._working():
            await self._run_lanes({}, None, None)

    async def pause(self) -> None:
        """Let active transfers stand still and start no others; idempotent."""
        self._throttle.pause()
        await self._attempts.repeat_progress()
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
                await self._waiting.cleared()
                # After an outage or an error, an earlier run of this worker may still hold some.
                await self._sweep.take_back(self._id)
                await self._sweep.sweep()
                await self._publish_state()
                try:
                    yield
                finally:
                    with anyio.CancelScope(shield=True):
                        await self._sweep.take_back(self._id)
        await self._publish_state()

    async def _run_lanes(
        self,
        settled: dict[ItemId, DownloadItem],
        only: Collection[ItemId] | None,
        patience: timedelta | None,
    ) -> None:
        async def lane(is_surplus: Callable[[], bool]) -> None:
            await self._lane(settled, only, patience, is_surplus)

        await self._lanes.run(lane, watch=self._gate.watch, beside=self._sweep.run)

    async def _lane(
        self,
        settled: dict[ItemId, DownloadItem],
        only: Collection[ItemId] | None,
        patience: timedelta | None,
        is_surplus: Callable[[], bool],
    ) -> None:
        """Do one item after the other until there is nothing worth waiting for."""
        away = timedelta(0)
        while not is_surplus():
            try:
                wait = await self._step(settled, only, patience)
            except StorageUnavailableError as error:
                if self._is_given_up(away, patience):
                    raise
                self._outage.failed(_COMPONENT, error)
                await self._clock.sleep(OUTAGE_PAUSE)
                away += OUTAGE_PAUSE
                continue
            away = timedelta(0)
            self._outage.recovered(_COMPONENT)
            if wait is None:
                return
            if wait:
                await self._clock.sleep(min(wait, IDLE))

    def _is_given_up(self, away: timedelta, patience: timedelta | None) -> bool:
        """Whether an outage ends the run; one lane's failed call must not end other transfers."""
        if patience is not None:
            return away >= patience
        return not self._attempts.active and not self._unsettled

    async def _step(
        self,
        settled: dict[ItemId, DownloadItem],
        only: Collection[ItemId] | None,
        patience: timedelta | None,
    ) -> timedelta | None:
        """Do the next item, if there is one.

        Returns:
            How long to wait before the next step; `None` when the lane is to end.
        """
        obstacle = await self._conditions.obstacle()
        await self._waiting.of_queue(obstacle)
        if obstacle is not None:
            return IDLE if patience is None else None
        item = await self._taken_back() or await self._claim(only)
        if item is not None:
            await self._waiting.cleared()
            self._unsettled.add(item.id)
            settled[item.id] = await self._attempts.make(item, self._waiting.of_item)
            self._unsettled.discard(item.id)
            return timedelta(0)
        wait = await self._next_wait(only)
        if wait is None:
            await self._waiting.cleared()
        if patience is None:
            await self._note_drained(settled)
        elif wait is None or wait > patience:
            return None
        return wait or IDLE

    async def _taken_back(self) -> DownloadItem | None:
        """Return an item that this worker still holds but could not settle during an outage."""
        for item_id in self._unsettled.difference(self._attempts.active):
            self._unsettled.discard(item_id)
            claim = Claim.lasting(self._id, self._clock.now(), LEASE)
            with contextlib.suppress(ClaimLostError, ItemNotFoundError):
                try:
                    await self._queue.renew(item_id, claim)
                    return await self._queue.get(item_id)
                except StorageUnavailableError:
                    self._unsettled.add(item_id)
                    raise
        return None

    async def _note_drained(self, settled: dict[ItemId, DownloadItem]) -> None:
        """Publish once that no open item is left."""
        if not settled:
            return
        counts = await self._queue.counts()
        if settled and not any(counts[status] for status in OPEN_STATUSES):
            settled.clear()
            await self._bus.publish(QueueDrained(at=self._clock.now()))

    async def _claim(self, only: Collection[ItemId] | None) -> DownloadItem | None:
        if self._throttle.is_paused:
            return None
        claim = Claim.lasting(self._id, self._clock.now(), LEASE)
        if only is None:
            return await self._queue.claim_next(claim)
        return await self._queue.claim_next(claim, only=only)

    async def _next_wait(self, only: Collection[ItemId] | None) -> timedelta | None:
        """Return the time until an item may be claimable; `None` when none will be by itself."""
        if self._throttle.is_paused:
            return timedelta(0)
        if only is not None and await self._has_elsewhere(only):
            return timedelta(0)
        now = self._clock.now()
        at = await self._queue.next_claim_at(now, only=only)
        return None if at is None else at - now

    async def _has_elsewhere(self, only: Collection[ItemId]) -> bool:
        """Return whether another worker holds one of the items."""
        held = await self._queue.find(statuses=HELD_STATUSES)
        return any(item.id in only and self._is_elsewhere(item) for item in held)

    def _is_elsewhere(self, item: DownloadItem) -> bool:
        return item.claim is not None and item.claim.worker != self._id

    async def _report(
        self,
        settled: dict[ItemId, DownloadItem],
        only: Collection[ItemId] | None,
        obstacle: UnavailableError | None,
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
            obstacle=obstacle,
        )

    async def _publish_state(self) -> None:
        state = attrs.asdict(self.state(), recurse=False)
        await self._bus.publish(QueueStateChanged(**state, at=self._clock.now()))


def _of(items: Sequence[DownloadItem], status: DownloadStatus) -> tuple[DownloadItem, ...]:
    return tuple(item for item in items if item.status is status)
