"""From the events of the bus to what is shown."""

from collections.abc import AsyncIterator, Collection, Sequence
from contextlib import suppress
from datetime import timedelta
from typing import ClassVar, Final

import anyio
import attrs

from aniworld_cli.rendering.progress import DownloadDisplay
from aniworld_core.bootstrap.application import Application
from aniworld_core.domain.downloads import DownloadItem, DownloadStatus
from aniworld_core.domain.identity import ItemId
from aniworld_core.errors import ItemNotFoundError, SubscriberLaggedError
from aniworld_core.events import (
    DownloadCompleted,
    DownloadFailed,
    DownloadProgressed,
    DownloadStarted,
    Event,
    ItemRequeued,
)

#: Another worker tells the database about its progress every second or so.
_EVERY: Final = timedelta(seconds=0.5)


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

    async def watch_others(
        self, app: Application, only: Collection[ItemId] | None, every: timedelta = _EVERY
    ) -> None:
        """Show what other processes, such as a running server, do with items; until cancelled.

        Args:
            app: Whose queue.
            only: Look at these items and no others; at all when `None`.
            every: Time between two looks.
        """
        seen: set[ItemId] = set()
        while True:
            active = await app.storage.queue.find(statuses={DownloadStatus.DOWNLOADING})
            others = [i for i in active if _is_elsewhere(i, app) and (only is None or i.id in only)]
            for item in others:
                self._show_other(item)
            ended = seen - {item.id for item in active}
            for item_id in ended:
                with suppress(ItemNotFoundError):
                    self._settle(await app.storage.queue.get(item_id))
            seen = (seen - ended) | {item.id for item in others}
            await anyio.sleep(every.total_seconds())

    def _show_other(self, item: DownloadItem) -> None:
        if self._shown.get(item.id) is not DownloadStatus.DOWNLOADING:
            self._shown[item.id] = DownloadStatus.DOWNLOADING
            self._display.started(item)
        self._display.progressed(item.id, item.progress)

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


def _is_elsewhere(item: DownloadItem, app: Application) -> bool:
    return item.claim is not None and item.claim.worker != app.worker.id
