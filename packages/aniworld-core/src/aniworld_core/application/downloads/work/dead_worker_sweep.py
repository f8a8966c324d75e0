"""Requeue the items of workers that stopped without releasing them."""

import contextlib
import logging
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Final

import anyio
import attrs

from aniworld_core.application.downloads.work.context import WorkContext
from aniworld_core.domain.identity import WorkerId
from aniworld_core.errors import StorageUnavailableError
from aniworld_core.events import ItemRequeued
from aniworld_core.ports.workers import WorkerRoster

logger: logging.Logger = logging.getLogger(__name__)

#: Time between two sweeps. The items of a dead worker wait for at most this time on its own
#: machine, and for this time and the lease of a claim elsewhere.
SWEEP_EVERY: Final = timedelta(seconds=2)
#: Time for which a running worker keeps its items after its claims have expired: it is slow,
#: suspended, or waits for the database.
LIVE_WORKER_GRACE: Final = timedelta(seconds=48)
_COMPONENT: Final = "the sweep for items of dead workers"


@attrs.define(eq=False, kw_only=True)
class DeadWorkerSweep:
    """Requeues items of dead workers, found by the roster here and by expired claims elsewhere."""

    _context: WorkContext
    _roster: WorkerRoster
    _every: timedelta = SWEEP_EVERY

    @contextlib.asynccontextmanager
    async def enlisted(self, worker: WorkerId) -> AsyncIterator[None]:
        """List *worker* as alive inside the context; requeue all its items before and after.

        Raises:
            StorageUnavailableError: If the database cannot be used.
        """
        async with self._roster.enlist(worker):
            # After an outage or an error, an earlier run of this worker may still hold some.
            await self.take_back(worker)
            await self.sweep()
            try:
                yield
            finally:
                with anyio.CancelScope(shield=True):
                    await self.take_back(worker)

    async def run(self) -> None:
        """Sweep at regular intervals until cancelled."""
        while True:
            # Real seconds: a wall clock that jumps must not delay the sweep.
            await anyio.sleep(self._every.total_seconds())
            try:
                await self.sweep()
            except StorageUnavailableError as error:
                self._context.outage.failed(_COMPONENT, error)
            else:
                self._context.outage.recovered(_COMPONENT)

    async def sweep(self) -> None:
        """Requeue the items of dead workers.

        Raises:
            StorageUnavailableError: If the database cannot be used.
        """
        for worker in await self._roster.departed():
            await self.take_back(worker)
            await self._roster.forget(worker)
        now = self._context.clock.now()
        released = [
            *await self._context.queue.release_expired(now, spare=await self._roster.living()),
            *await self._context.queue.release_expired(now - LIVE_WORKER_GRACE),
        ]
        for item in released:
            logger.info("requeued %s: its worker is gone", item.episode)
            await self._context.bus.publish(ItemRequeued(item=item, at=self._context.clock.now()))

    async def take_back(self, worker: WorkerId) -> None:
        """Requeue every item that one worker holds.

        Raises:
            StorageUnavailableError: If the database cannot be used.
        """
        for item in await self._context.queue.release_held_by(worker):
            logger.info("requeued %s: its worker ended", item.episode)
            await self._context.bus.publish(ItemRequeued(item=item, at=self._context.clock.now()))
