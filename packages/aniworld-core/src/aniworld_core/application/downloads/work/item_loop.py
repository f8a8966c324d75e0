"""Do one queue item after the other: claim it, run the attempt, wait for the next one."""

import contextlib
from collections.abc import Callable, Collection
from datetime import timedelta
from functools import partial
from typing import Final

import attrs

from aniworld_core.application.downloads.work.attempt import ItemAttempt
from aniworld_core.application.downloads.work.claim_session import LEASE
from aniworld_core.application.downloads.work.conditions import QueueConditions
from aniworld_core.application.downloads.work.context import WorkContext
from aniworld_core.application.downloads.work.waiting_reasons import WaitingReasons
from aniworld_core.domain.downloads import HELD_STATUSES, OPEN_STATUSES, Claim, DownloadItem
from aniworld_core.domain.identity import ItemId, WorkerId
from aniworld_core.errors import ClaimLostError, ItemNotFoundError, StorageUnavailableError
from aniworld_core.events import QueueDrained
from aniworld_core.ports.tickets import Ticket, TicketDispatcher

#: Longest wait of an idle worker before it checks again for items of other processes.
IDLE: Final = timedelta(seconds=1)
#: Wait before the next call after the database could not be used.
OUTAGE_PAUSE: Final = timedelta(seconds=2)
#: Shortest wait for an item whose time has come, but which another worker may have claimed.
_SHORT: Final = timedelta(seconds=0.05)
_COMPONENT: Final = "the queue"


@attrs.define(eq=False, kw_only=True)
class WorkRun:
    """One run of a worker.

    Attributes:
        tickets: Tells the lanes when to claim.
        only: Items to work on, and no others; any item if `None`.
        patience: Longest single wait, after which the run ends; `None` for a run without end.
        settled: Items that this run has settled.
    """

    tickets: TicketDispatcher
    only: Collection[ItemId] | None = None
    patience: timedelta | None = None
    settled: dict[ItemId, DownloadItem] = attrs.field(factory=dict)


@attrs.define(eq=False, kw_only=True)
class ItemLoop:
    """Claims items for one worker, runs their attempts and waits in between."""

    _worker: WorkerId
    _context: WorkContext
    _attempts: ItemAttempt
    _conditions: QueueConditions
    _waiting: WaitingReasons
    #: Items that could not be settled because of a database outage.
    _unsettled: set[ItemId] = attrs.field(factory=set, init=False)

    async def run(self, run: WorkRun, is_surplus: Callable[[], bool]) -> None:
        """Do items until nothing is left that is worth waiting for, or *is_surplus* is true.

        Raises:
            StorageUnavailableError: If the database cannot be used for longer than the patience.
        """
        outage, away = self._context.outage, timedelta(0)
        while not is_surplus():
            try:
                wait = await self._step(run)
            except StorageUnavailableError as error:
                if self._has_to_give_up(away, run):
                    raise
                outage.failed(_COMPONENT, error)
                await self._context.clock.sleep(OUTAGE_PAUSE)
                away += OUTAGE_PAUSE
                continue
            away = timedelta(0)
            outage.recovered(_COMPONENT)
            if wait is None:
                return
            if wait:
                await self._context.clock.sleep(min(wait, IDLE))

    def _has_to_give_up(self, away: timedelta, run: WorkRun) -> bool:
        """Return whether an outage ends the run; it must not end the transfers of other lanes."""
        if run.patience is not None:
            return away >= run.patience
        return not self._attempts.active and not self._unsettled

    async def _step(self, run: WorkRun) -> timedelta | None:
        """Do the next item, if there is one.

        Returns:
            The wait before the next step; `None` if the lane has to end.
        """
        obstacle = await self._conditions.obstacle()
        await self._waiting.of_queue(obstacle)
        if obstacle is not None:
            return IDLE if run.patience is None else None
        item = await self._reclaimed()
        if item is not None:
            await self._attempt(item, run)
            return timedelta(0)
        if not self._context.is_paused():
            async with run.tickets.take() as ticket:
                if ticket is not None and await self._has_worked(ticket, run):
                    return timedelta(0)
            if ticket is None and self._waiting.current is None:
                await self._publish_drained(run)
                return timedelta(0)
        return await self._after_nothing(run)

    async def _has_worked(self, ticket: Ticket, run: WorkRun) -> bool:
        """Do the next item with a ticket; return whether there was one."""
        item = await self._claimed(run)
        if item is not None:
            await ticket.hold(item.id, partial(self._attempts.cancel, item.id))
            await self._attempt(item, run)
        elif self._context.is_paused():
            ticket.give_back()
        return item is not None

    async def _after_nothing(self, run: WorkRun) -> timedelta | None:
        """Return the wait before the next step when no item was claimable; `None` to end."""
        wait = await self._next_wait(run.only)
        if wait is None:
            await self._waiting.cleared()
        if run.patience is None:
            await self._publish_drained(run)
        elif wait is None or wait > run.patience:
            return None
        if run.tickets.wakes and not self._context.is_paused():
            return timedelta(0)
        return wait or IDLE

    async def _attempt(self, item: DownloadItem, run: WorkRun) -> None:
        await self._waiting.cleared()
        self._unsettled.add(item.id)
        run.settled[item.id] = await self._attempts.make(item, self._waiting.of_item)
        self._unsettled.discard(item.id)

    def _claim(self) -> Claim:
        return Claim.lasting(self._worker, self._context.clock.now(), LEASE)

    async def _reclaimed(self) -> DownloadItem | None:
        """Return an item that this worker holds but could not settle during an outage."""
        queue = self._context.queue
        for item_id in self._unsettled.difference(self._attempts.active):
            self._unsettled.discard(item_id)
            with contextlib.suppress(ClaimLostError, ItemNotFoundError):
                try:
                    await queue.renew(item_id, self._claim())
                    return await queue.get(item_id)
                except StorageUnavailableError:
                    self._unsettled.add(item_id)
                    raise
        return None

    async def _claimed(self, run: WorkRun) -> DownloadItem | None:
        """Claim the next item, if there is one and transfers are not paused.

        A ticket for a time may arrive just before that time by the clock of this lane, which then
        waits for the item.
        """
        while not self._context.is_paused():
            item = await self._context.queue.claim_next(self._claim(), only=run.only)
            if item is not None or not run.tickets.wakes:
                return item
            wait = await self._next_wait(run.only)
            if wait is None or wait > IDLE:
                return None
            await self._context.clock.sleep(max(wait, _SHORT))
        return None

    async def _next_wait(self, only: Collection[ItemId] | None) -> timedelta | None:
        """Return the time until an item may be claimable; `None` if none will become claimable."""
        if self._context.is_paused():
            return timedelta(0)
        if only is not None and await self._has_elsewhere(only):
            return timedelta(0)
        now = self._context.clock.now()
        at = await self._context.queue.next_claim_at(now, only=only)
        return None if at is None else at - now

    async def _has_elsewhere(self, only: Collection[ItemId]) -> bool:
        """Return whether another worker holds one of the items."""
        held = await self._context.queue.find(statuses=HELD_STATUSES)
        claims = (item.claim for item in held if item.id in only)
        return any(claim is not None and claim.worker != self._worker for claim in claims)

    async def _publish_drained(self, run: WorkRun) -> None:
        """Publish once that no open item is left."""
        if not run.settled:
            return
        counts = await self._context.queue.counts()
        # Another lane may have published it during the query.
        if run.settled and not any(counts[status] for status in OPEN_STATUSES):
            run.settled.clear()
            await self._context.bus.publish(QueueDrained(at=self._context.clock.now()))
