"""From the events of the bus to what is shown."""

from collections.abc import AsyncIterator, Sequence
from typing import ClassVar

import attrs

from aniworld_cli.rendering.progress import DownloadDisplay
from aniworld_core.domain.download import DownloadItem, DownloadStatus
from aniworld_core.domain.events import (
    DownloadCompleted,
    DownloadFailed,
    DownloadProgressed,
    DownloadStarted,
    Event,
    ItemRequeued,
)
from aniworld_core.domain.identity import ItemId
from aniworld_core.errors import SubscriberLaggedError


@attrs.define(eq=False)
class Follower:
    """Shows downloads as they happen, and at the end what it may have missed."""

    EVENTS: ClassVar[Sequence[type[Event]]] = (
        DownloadStarted,
        DownloadProgressed,
        DownloadCompleted,
        DownloadFailed,
        ItemRequeued,
    )

    _display: DownloadDisplay
    _shown: dict[ItemId, DownloadStatus] = attrs.field(factory=dict, init=False)

    async def follow(self, events: AsyncIterator[Event]) -> None:
        """Show events until they end."""
        while True:
            try:
                event = await anext(events)
            except StopAsyncIteration:
                return
            except SubscriberLaggedError:
                continue  # newer events follow, and the end is told from the report
            self._show(event)

    def catch_up(self, items: Sequence[DownloadItem]) -> None:
        """Show how items stand whose last events were not seen."""
        for item in items:
            # What was never begun and has no date of its own waits for what all wait for.
            is_idle = item.is_open and item.id not in self._shown and item.not_before is None
            if not is_idle and self._shown.get(item.id) is not item.status:
                self._settle(item)

    def _show(self, event: Event) -> None:
        match event:
            case DownloadProgressed():
                self._display.progressed(event.item_id, event.progress)
            case DownloadStarted():
                self._shown[event.item.id] = DownloadStatus.DOWNLOADING
                self._display.started(event.item)
            case DownloadCompleted() | DownloadFailed() | ItemRequeued():
                self._settle(event.item)
            case _:
                pass

    def _settle(self, item: DownloadItem) -> None:
        self._shown[item.id] = item.status
        match item.status:
            case DownloadStatus.COMPLETED:
                self._display.completed(item)
            case DownloadStatus.FAILED:
                self._display.failed(item)
            case _:
                self._display.requeued(item)
