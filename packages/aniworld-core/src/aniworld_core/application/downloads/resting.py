"""Catalogues that are not asked for a while, and the items that wait for them."""

import logging
from collections.abc import Sequence

import attrs

from aniworld_core.application.catalogue import CircuitBreakers
from aniworld_core.domain.downloads import CataloguePlace, Failure, RestingCatalogue
from aniworld_core.errors import CatalogueRestsError
from aniworld_core.events import QueueReloaded
from aniworld_core.ports.bus import ProgressBus
from aniworld_core.ports.clock import Clock
from aniworld_core.ports.queue import QueueRepository
from aniworld_core.ports.shared_state import SharedStateRepository

logger: logging.Logger = logging.getLogger(__name__)


@attrs.define(eq=False, kw_only=True)
class RestingCatalogues:
    """Delay all items of a catalogue at once, list such catalogues, and have them asked again.

    A worker that meets such a catalogue delays its other items without claiming them. The queue
    stores the delay, so that all processes see it, and a restart keeps it.
    """

    _queue: QueueRepository
    _shared: SharedStateRepository
    _circuits: CircuitBreakers
    _bus: ProgressBus
    _clock: Clock

    async def list(self) -> Sequence[RestingCatalogue]:
        """Return the catalogues that pending items wait for, by name."""
        return await self._queue.resting(self._clock.now())

    async def try_again(self, name: str | None = None) -> int:
        """Have a catalogue asked again before its time.

        Args:
            name: Its name, as in the list; every catalogue of the list when `None`.

        Returns:
            The number of items that waited for it.
        """
        now = self._clock.now()
        self._circuits.close(name, opened_before=now)
        # Other processes have circuit breakers of their own.
        await self._shared.note_tried_again(name or "", now)
        woken = await self._queue.wake_catalogue(name)
        await self._bus.publish(QueueReloaded(at=now))
        return woken

    async def delay(self, error: CatalogueRestsError) -> bool:
        """Delay the pending items of a catalogue, unless a person had it asked again meanwhile.

        Returns:
            Whether they are delayed; if not, the catalogue can be asked now.
        """
        now = self._clock.now()
        tried_again = await self._shared.tried_again()
        for name in {"", error.catalogue} & tried_again.keys():
            self._circuits.close(error.catalogue, opened_before=tried_again[name])
        if error.has_open_circuit and error.catalogue not in self._circuits.open_circuits():
            return False
        delayed = await self._queue.delay_catalogue(
            CataloguePlace.named(error.catalogue), Failure.of(error), now + error.retry_after
        )
        logger.warning("%s; %d more items wait", error, delayed)
        await self._bus.publish(QueueReloaded(at=now))
        return True
