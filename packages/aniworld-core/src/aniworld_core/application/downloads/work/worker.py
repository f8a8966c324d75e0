"""Work on the queue as one named worker: start, pause, resume, stop."""

import contextlib
from collections.abc import AsyncIterator, Callable, Collection, Sequence
from datetime import timedelta

import attrs

from aniworld_core.application.downloads.bandwidth import SharedThrottle
from aniworld_core.application.downloads.work.attempt import ItemAttempt
from aniworld_core.application.downloads.work.conditions import QueueConditions
from aniworld_core.application.downloads.work.context import WorkContext
from aniworld_core.application.downloads.work.dead_worker_sweep import DeadWorkerSweep
from aniworld_core.application.downloads.work.gate import WorkerGate
from aniworld_core.application.downloads.work.item_loop import ItemLoop, WorkRun
from aniworld_core.application.downloads.work.lanes import WorkerLanes
from aniworld_core.application.downloads.work.waiting_reasons import WaitingReasons
from aniworld_core.domain.downloads import (
    RESTS,
    DownloadItem,
    DownloadStatus,
    ItemQuery,
    WorkerState,
)
from aniworld_core.domain.identity import ItemId, WorkerId
from aniworld_core.errors import ItemNotFoundError, UnavailableError
from aniworld_core.events import QueueDrained, QueueStateChanged
from aniworld_core.messages import Message


@attrs.frozen(kw_only=True)
class DrainReport:
    """Result of a drain.

    Attributes:
        completed: Items whose episode is in the library.
        failed: Items that are not retried by themselves.
        waiting: Items left pending, each with the reason in its failure, if there is one.
        obstacle: Why the whole queue waits, if it does.
    """

    completed: tuple[DownloadItem, ...]
    failed: tuple[DownloadItem, ...]
    waiting: tuple[DownloadItem, ...]
    obstacle: UnavailableError | None = None


@attrs.define(eq=False, kw_only=True)
class DownloadWorker:
    """Works on the queue as one named worker, in as many lanes as configured."""

    _id: WorkerId
    _context: WorkContext
    _attempts: ItemAttempt
    _conditions: QueueConditions
    _sweep: DeadWorkerSweep
    _lanes: WorkerLanes
    _throttle: SharedThrottle
    _gate: WorkerGate = attrs.field(factory=WorkerGate, init=False)
    _waiting: WaitingReasons = attrs.field(
        default=attrs.Factory(lambda self: WaitingReasons(self._publish_state), takes_self=True),
        init=False,
    )
    _loop: ItemLoop = attrs.field(init=False)

    @_loop.default
    def _make_loop(self) -> ItemLoop:
        return ItemLoop(
            worker=self._id,
            context=self._context,
            attempts=self._attempts,
            conditions=self._conditions,
            waiting=self._waiting,
        )

    @property
    def id(self) -> WorkerId:
        """Return the name of this worker in claims."""
        return self._id

    @property
    def is_running(self) -> bool:
        """Return whether this worker works on the queue."""
        return self._gate.is_running

    @property
    def waiting_for(self) -> Message | None:
        """Why the whole queue waits; `None` if it does not. After a run, what ended it early."""
        return self._waiting.current.message if self._waiting.current else None

    @property
    def is_paused(self) -> bool:
        """Return whether the transfers are paused."""
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
        """Work until no item is left that can be done now.

        Failed items are retried as configured. An item that has to wait longer than *patience*
        stays pending and is reported as waiting. When the call is cancelled, every item is
        requeued and its received bytes are kept.

        Args:
            only: Work on these items and no others; wait for those that another worker holds.
            patience: Longest single wait.

        Raises:
            LibraryNotSetError: If no library folder is set.
            StorageUnavailableError: If the database cannot be used for longer than *patience*.
        """
        run = WorkRun(tickets=self._context.tickets.drain, only=only, patience=patience)
        async with self._working():
            await self._run_lanes(run)
            obstacle = self._waiting.current
        if only is None:
            await self._context.bus.publish(QueueDrained(at=self._context.clock.now()))
        return await self._report(run, obstacle)

    async def run(self) -> None:
        """Work until `stop` is called; wait for new items when none is left."""
        async with self._working(), self._context.tickets.run.serving():
            await self._run_lanes(WorkRun(tickets=self._context.tickets.run))

    async def pause(self) -> None:
        """Pause active transfers and start no others; idempotent."""
        self._throttle.pause()
        await self._attempts.repeat_progress()
        await self._publish_state()

    async def resume(self) -> None:
        """Continue the transfers; idempotent."""
        self._throttle.resume()
        await self._publish_state()

    async def stop(self) -> None:
        """Requeue active items, keep their received bytes, and end the run; idempotent."""
        self._gate.stop()
        await self._gate.wait_idle()

    async def cancel(self, item_id: ItemId) -> bool:
        """End the transfer of one item; the item is failed as cancelled when this returns.

        No event is published, because the caller removes the item from the queue next.

        Returns:
            Whether this worker had an attempt at the item.
        """
        return await self._attempts.cancel(item_id)

    async def cancel_all(self, item_ids: Collection[ItemId]) -> None:
        """Do the same as `cancel` for items that workers of this and other processes hold.

        What another process does not end in time stays held by it.
        """
        for item_id in item_ids:
            await self.cancel(item_id)
        await self._context.tickets.run.cancel(item_ids)

    @contextlib.asynccontextmanager
    async def _working(self) -> AsyncIterator[None]:
        self._conditions.require_library()
        with self._gate.running():
            await self._waiting.cleared()
            async with self._sweep.enlisted(self._id):
                await self._publish_state()
                yield
        await self._publish_state()

    async def _run_lanes(self, run: WorkRun) -> None:
        async def lane(is_surplus: Callable[[], bool]) -> None:
            await self._loop.run(run, is_surplus)

        await self._lanes.run(lane, watch=self._gate.watch, beside=self._sweep.run)

    async def _report(self, run: WorkRun, obstacle: UnavailableError | None) -> DrainReport:
        """Return the items of a run, sorted by their present status."""
        current: list[DownloadItem] = []
        for item_id in dict.fromkeys([*run.settled, *(run.only or ())]):
            with contextlib.suppress(ItemNotFoundError):
                current.append(await self._context.queue.get(item_id))
        if run.only is None:
            # The items of a resting catalogue wait together; the run has not claimed all of them.
            query = ItemQuery(
                statuses=frozenset({DownloadStatus.PENDING}), failure_kinds=frozenset({RESTS})
            )
            known = {item.id for item in current}
            waiting = (entry.item for entry in (await self._context.queue.page(query)).items)
            current += (item for item in waiting if item.id not in known)
        return DrainReport(
            completed=_of(current, DownloadStatus.COMPLETED),
            failed=_of(current, DownloadStatus.FAILED),
            waiting=_of(current, DownloadStatus.PENDING),
            obstacle=obstacle,
        )

    async def _publish_state(self) -> None:
        state = attrs.asdict(self.state(), recurse=False)
        await self._context.bus.publish(QueueStateChanged(**state, at=self._context.clock.now()))


def _of(items: Sequence[DownloadItem], status: DownloadStatus) -> tuple[DownloadItem, ...]:
    return tuple(item for item in items if item.status is status)
