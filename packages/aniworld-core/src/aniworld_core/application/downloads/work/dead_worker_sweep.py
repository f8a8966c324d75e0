"""Requeue the items of workers that stopped without releasing them."""

import logging
from datetime import timedelta
from typing import Final

import anyio
import attrs

from aniworld_core.application.storage_outage import StorageOutage
from aniworld_core.domain.identity import WorkerId
from aniworld_core.errors import StorageUnavailableError
from aniworld_core.events import ItemRequeued
from aniworld_core.ports.bus import ProgressBus
from aniworld_core.ports.clock import Clock
from aniworld_core.ports.queue import QueueRepository
from aniworld_core.ports.workers import WorkerRoster

logger = logging.getLogger(__name__)

#: Time between two sweeps. With the lease of a claim it bounds how long a dead worker's items
#: wait: 2 s on its own machine, 14 s elsewhere.
SWEEP_EVERY: Final = timedelta(seconds=2)
#: How long after its claim expired a worker that is known to be alive keeps its items: it is
#: slow, suspended, or waits for the database.
PATIENCE_WITH_LIVING: Final = timedelta(seconds=48)
_COMPONENT: Final = "the sweep for items of dead workers"


@attrs.define(eq=False, kw_only=True)
class DeadWorkerSweep:
    """Finds dead workers by the roster of this machine, and by expired claims elsewhere."""

    _queue: QueueRepository
    _roster: WorkerRoster
    _bus: ProgressBus
    _clock: Clock
    _outage: StorageOutage
    _every: timedelta = SWEEP_EVERY

    async def run(self) -> None:
        """Sweep at regular intervals, however much there is to do, until cancelled."""
        while True:
            # Real seconds: a wall clock that jumps must not put this off.
            await anyio.sleep(self._every.total_seconds())
            try:
                await self.sweep()
            except StorageUnavailableError as error:
                self._outage.failed(_COMPONENT, error)
            else:
                self._outage.recovered(_COMPONENT)

    async def sweep(self) -> None:
        """Requeue what dead workers held.

        Raises:
            StorageUnavailableError: If the database cannot be used.
        """
        for worker in await self._roster.departed():
            await self.take_back(worker)
            await self._roster.forget(worker)
        now = self._clock.now()
        released = [
            *await self._queue.release_expired(now, spare=await self._roster.living()),
            *await self._queue.release_expired(now - PATIENCE_WITH_LIVING),
        ]
        for item in released:
            logger.info("requeued %s: its worker is gone", item.episode)
            await self._bus.publish(ItemRequeued(item=item, at=self._clock.now()))

    async def take_back(self, worker: WorkerId) -> None:
        """Requeue everything that one worker holds.

        Raises:
            StorageUnavailableError: If the database cannot be used.
        """
        for item in await self._queue.release_held_by(worker):
            logger.info("requeued %s: its worker ended", item.episode)
            await self._bus.publish(ItemRequeued(item=item, at=self._clock.now()))
