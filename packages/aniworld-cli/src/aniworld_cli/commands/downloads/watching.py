"""Show the events of downloads on a display."""

from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Sequence
from contextlib import suppress
from datetime import timedelta
from typing import ClassVar, Final

import anyio
import attrs

from aniworld_cli.rendering.progress import DownloadDisplay
from aniworld_core.bootstrap.use_cases import Application
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

#: Time between two reads of the queue; workers store their progress about once a second.
_POLL_INTERVAL: Final = timedelta(seconds=0.5)


@attrs.define(eq=False)
class DownloadWatcher:
    """Show download events, and finally the results whose events were missed.

    Args:
        display: Display for the downloads.
        learn: Called before an item is shown, to load the name of its episode.
    """

    EVENTS: ClassVar[Sequence[type[Event]]] = (
        DownloadStarted,
        DownloadProgressed,
        DownloadCompleted,
        DownloadFailed,
        ItemRequeued,
    )

    _display: DownloadDisplay
    _learn: Callable[[DownloadItem], Awaitable[None]]
    _shown: dict[ItemId, DownloadStatus] = attrs.field(factory=dict, init=False)

    async def follow(self, events: AsyncIterator[Event]) -> None:
        """Show events until the bus is closed."""
        while True:
            try:
                event = await anext(events)
            except StopAsyncIteration:
                return
            except SubscriberLaggedError:
                continue  # Newer events follow, and `catch_up` shows the missed results.
            await self._show(event)

    async def catch_up(self, items: Sequence[DownloadItem]) -> None:
        """Show the results of items whose last events were missed."""
        for item in items:
            # A postponed item without an attempt and a date of its own waits because the whole
            # queue does.
            is_idle = item.is_open and item.id not in self._shown and item.not_before is None
            if not is_idle and self._shown.get(item.id) is not item.status:
                await self._settle(item)

    async def watch_others(
        self, app: Application, only: Collection[ItemId] | None, every: timedelta = _POLL_INTERVAL
    ) -> None:
        """Show the work of other processes, such as a running server, until cancelled.

        Args:
            app: The application of this process.
            only: Show only these items; all if `None`.
            every: Time between two reads of the queue.
        """
        seen: set[ItemId] = set()
        while True:
            active = [entry.item for entry in await app.queue_reader.held()]
            others = [i for i in active if _is_elsewhere(i, app) and (only is None or i.id in only)]
            for item in others:
                await self._show_other(item)
            ended = seen - {item.id for item in active}
            for item_id in ended:
                with suppress(ItemNotFoundError):
                    await self._settle(await app.queue_reader.item(item_id))
            seen = (seen - ended) | {item.id for item in others}
            await anyio.sleep(every.total_seconds())

    async def _show_other(self, item: DownloadItem) -> None:
        if self._shown.get(item.id) is not DownloadStatus.DOWNLOADING:
            self._shown[item.id] = DownloadStatus.DOWNLOADING
            await self._learn(item)
            self._display.started(item)
        self._display.progressed(item.id, item.progress)

    async def _show(self, event: Event) -> None:
        match event:
            case DownloadProgressed():
                self._display.progressed(event.item_id, event.progress)
            case DownloadStarted():
                self._shown[event.item.id] = DownloadStatus.DOWNLOADING
                await self._learn(event.item)
                self._display.started(event.item)
            case DownloadCompleted() | DownloadFailed() | ItemRequeued():
                await self._settle(event.item)
            case _:
                pass

    async def _settle(self, item: DownloadItem) -> None:
        self._shown[item.id] = item.status
        await self._learn(item)
        match item.status:
            case DownloadStatus.COMPLETED:
                self._display.completed(item)
            case DownloadStatus.FAILED:
                self._display.failed(item)
            case _:
                self._display.requeued(item)


def _is_elsewhere(item: DownloadItem, app: Application) -> bool:
    return item.claim is not None and item.claim.worker != app.worker.id
