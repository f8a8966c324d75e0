"""Show the progress of workers to other machines, and react to their changes at once."""

import json
import logging
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import datetime
from typing import TYPE_CHECKING, Any

import attrs

from aniworld_core.domain.downloads import Phase, Progress
from aniworld_core.domain.identity import FolderName, ItemId, SeriesKey
from aniworld_core.events import DownloadProgressed
from aniworld_core.ports.bus import ProgressBus
from aniworld_core.ports.process_link import Notice, ProcessLink, Topic

if TYPE_CHECKING:
    from aniworld_core.events import Event

logger: logging.Logger = logging.getLogger(__name__)


@attrs.define(eq=False, kw_only=True)
class LinkedBus(ProgressBus):
    """An event bus that also sends the progress of this process to the others.

    Progress of other processes is published on the bus itself, so it is not sent again. All other
    events are derived from the stored changes.
    """

    _bus: ProgressBus
    _link: ProcessLink

    async def publish(self, event: "Event") -> None:
        """Deliver the event, and send it if it is progress."""
        self._post(event)
        await self._bus.publish(event)

    async def publish_all(self, events: "Sequence[Event]") -> None:
        """Deliver events in their order, and send those that are progress."""
        for event in events:
            self._post(event)
        await self._bus.publish_all(events)

    def subscribe(
        self, *event_types: type[Any], buffer: int = 256
    ) -> AbstractAsyncContextManager[Any]:
        """Subscribe to the bus behind."""
        return self._bus.subscribe(*event_types, buffer=buffer)

    def _post(self, event: "Event") -> None:
        if isinstance(event, DownloadProgressed):
            self._link.post(event.item_id, progress_text(event))


@attrs.define(eq=False, kw_only=True)
class LinkReader:
    """Receives the notices of other processes.

    Args:
        on_progress: Called with progress of another process.
        on_change: Called with the topic of a change; with `GAP` if anything may have changed.
    """

    _link: ProcessLink
    _on_progress: Callable[[DownloadProgressed], Awaitable[None]]
    _on_change: Callable[[Topic], None]

    async def run(self) -> None:
        """Receive until cancelled."""
        async with self._link.receive() as notices:
            async for notice in notices:
                if notice.topic is not Topic.PROGRESS:
                    self._on_change(notice.topic)
                elif (event := _progress_of(notice)) is not None:
                    await self._on_progress(event)


def progress_text(event: DownloadProgressed) -> str:
    """Return an event as text; `LinkReader` reads it."""
    return json.dumps(
        [
            event.item_id,
            event.key,
            event.folder,
            event.season,
            event.episode,
            event.at.isoformat(),
            attrs.asdict(event.progress),
        ],
        ensure_ascii=False,
    )


def _progress_of(notice: Notice) -> DownloadProgressed | None:
    """Return the event of a notice; `None` if another version of the program wrote it."""
    try:
        item_id, key, folder, season, episode, at, progress = json.loads(notice.text)
        return DownloadProgressed(
            item_id=ItemId(item_id),
            key=SeriesKey(key),
            folder=FolderName(folder),
            season=season,
            episode=episode,
            progress=Progress(**(progress | {"phase": Phase(progress["phase"])})),
            at=datetime.fromisoformat(at),
        )
    except (ValueError, TypeError, KeyError) as error:
        logger.debug("cannot read the progress of another process: %s", error)
        return None
