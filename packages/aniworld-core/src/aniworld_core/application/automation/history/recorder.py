"""The history: record what happens, and keep it small."""

import logging
from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

import anyio
import attrs

from aniworld_core.errors import AniworldError
from aniworld_core.messages import Message
from aniworld_core.ports.bus import ProgressBus

if TYPE_CHECKING:
    from aniworld_core.application.automation.history.entries import EventEntries
    from aniworld_core.events import Event
    from aniworld_core.ports.history import HistoryRepository
    from aniworld_core.ports.series import SeriesRepository
    from aniworld_core.ports.statistics import StatisticsRepository

logger: Final = logging.getLogger(__name__)

#: Entries that are kept; older ones are deleted.
MOST_ENTRIES: Final = 500_000


@attrs.define(eq=False, kw_only=True)
class HistoryRecorder(ProgressBus):
    """An event bus that records and counts events of this process before it delivers them.

    Events of other processes are published on the bus itself, because those processes record
    them. What cannot be recorded is logged and delivered.
    """

    _bus: ProgressBus
    _history: "HistoryRepository"
    _series: "SeriesRepository"
    _statistics: "StatisticsRepository"

    async def publish(self, event: "Event") -> None:
        """Record the event if the history has entries of its kind, and deliver it."""
        await self.publish_all([event])

    async def publish_all(self, events: "Sequence[Event]") -> None:
        """Record events in one transaction, and deliver them."""
        # Imported here, because most commands publish nothing.
        from aniworld_core.application.automation.statistics.counting import results_of

        try:
            # What happened is delivered also when its publisher is cancelled meanwhile.
            with anyio.CancelScope(shield=True):
                if entries := await self._entries.about(events):
                    await self._history.add(entries)
                await self._statistics.count(list(results_of(events)))
        except AniworldError as error:
            logger.warning("the history misses %d entries: %s", len(events), error)
        await self._bus.publish_all(events)

    def subscribe(
        self, *event_types: type[Any], buffer: int = 256
    ) -> AbstractAsyncContextManager[Any]:
        """Subscribe to the bus behind the recorder."""
        return self._bus.subscribe(*event_types, buffer=buffer)

    @cached_property
    def _entries(self) -> "EventEntries":
        from aniworld_core.application.automation.history.entries import EventEntries

        return EventEntries(self._series)


@attrs.define(eq=False, kw_only=True)
class HistoryLimit:
    """Deletes the oldest entries of the history."""

    _history: "HistoryRepository"
    _most: int = MOST_ENTRIES

    async def apply(self) -> Message:
        """Delete entries beyond the limit; return the result in one line.

        Raises:
            StorageUnavailableError: If the history cannot be changed.
        """
        return Message("task_deleted", count=await self._history.prune(self._most))
