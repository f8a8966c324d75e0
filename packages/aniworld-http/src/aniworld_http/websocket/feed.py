"""Turn the events of the bus into messages, at limited rates."""

import logging
from typing import Final, TypeAlias

import anyio
import attrs

from aniworld_core.errors import AniworldError, SubscriberLaggedError
from aniworld_core.events import (
    DownloadCompleted,
    DownloadFailed,
    DownloadProgressed,
    DownloadStarted,
    Event,
    ItemQueued,
    ItemRemoved,
    ItemRequeued,
    JobProgressed,
    JobStarted,
    QueueDrained,
    QueueReloaded,
    QueueStateChanged,
    ScanCompleted,
    ScanFailed,
    ScanProgressed,
    ScanStarted,
    SeriesAdded,
    SeriesRemoved,
    TaskChanged,
)
from aniworld_core.ports.bus import ProgressBus
from aniworld_http.websocket.hub import Hub
from aniworld_http.websocket.limits import Limits
from aniworld_http.websocket.messages import (
    ANNOUNCED,
    PROGRESS_ROOMS,
    QUEUE_ROOMS,
    SCAN_ROOMS,
    Message,
    progress_message,
    scan_message,
)
from aniworld_http.websocket.pacing import Pacing
from aniworld_http.websocket.state import LiveState

logger: Final = logging.getLogger(__name__)

Moving: TypeAlias = DownloadProgressed | ScanStarted | ScanProgressed

_QUEUE_EVENTS: Final[tuple[type[Event], ...]] = (
    ItemQueued,
    ItemRequeued,
    ItemRemoved,
    DownloadStarted,
    DownloadCompleted,
    DownloadFailed,
    QueueStateChanged,
    QueueDrained,
    QueueReloaded,
    # The queue message contains the number of library changes.
    SeriesAdded,
    SeriesRemoved,
)
_EVENTS: Final[tuple[type[Event], ...]] = (
    *_QUEUE_EVENTS,
    DownloadProgressed,
    ScanStarted,
    ScanProgressed,
    ScanCompleted,
    ScanFailed,
    TaskChanged,
    JobStarted,
    JobProgressed,
)
#: Unread events after which the feed sends the current state instead.
_BUFFER: Final = 1024
#: The key of the scan in the pacing; only one scan runs at a time.
_SCAN: Final = "scan"


@attrs.define(eq=False, kw_only=True)
class Feed:
    """Post messages about events to the hub.

    Args:
        bus: The source of events.
        hub: Sends the messages.
        state: Follows the events.
        limits: The rates of messages.
    """

    _bus: ProgressBus
    _hub: Hub
    _state: LiveState
    _limits: Limits
    _pacing: Pacing[Moving] = attrs.field(init=False)
    _moved: anyio.Event = attrs.field(factory=anyio.Event, init=False)
    _queue_changed: anyio.Event = attrs.field(factory=anyio.Event, init=False)

    @_pacing.default
    def _make_pacing(self) -> Pacing[Moving]:
        return Pacing(self._limits.progress)

    async def run(self) -> None:
        """Post messages until cancelled."""
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(self._listen)
            tasks.start_soon(self._tell_progress)
            tasks.start_soon(self._tell_queue)

    async def _listen(self) -> None:
        async with self._bus.subscribe(*_EVENTS, buffer=_BUFFER) as events:
            while True:
                try:
                    async for event in events:
                        self._take(event)
                except SubscriberLaggedError as error:
                    logger.info("sending the whole state to all clients again: %s", error)
                    self._state.lagged()
                    self._hub.renew_all()
                else:
                    return  # The bus is closed.

    def _take(self, event: Event) -> None:
        self._state.follow(event)
        match event:
            case DownloadProgressed():
                self._move(event.item_id, event)
            case ScanStarted() | ScanProgressed():
                self._move(_SCAN, event)
            case DownloadCompleted() | DownloadFailed() | ItemRequeued():
                self._pacing.drop(event.item.id)
            case ItemRemoved():
                self._pacing.drop(event.item_id)
            case ScanCompleted() | ScanFailed():
                self._pacing.drop(_SCAN)
            case _:
                pass
        announce = ANNOUNCED.get(type(event))
        if announce is not None:
            self._hub.post(announce(event))
        if isinstance(event, _QUEUE_EVENTS):
            self._queue_changed.set()

    def _move(self, thing: str, event: Moving) -> None:
        rooms = PROGRESS_ROOMS if isinstance(event, DownloadProgressed) else SCAN_ROOMS
        if self._hub.has_listeners(rooms):
            self._pacing.put(thing, event)
            self._moved.set()

    async def _tell_progress(self) -> None:
        while True:
            await self._moved.wait()
            self._moved = anyio.Event()
            while self._pacing.is_holding:
                due = self._pacing.due(anyio.current_time())
                self._hub.post(*(_moving_message(event) for event in due))
                await anyio.sleep(self._limits.tick)

    async def _tell_queue(self) -> None:
        while True:
            await self._queue_changed.wait()
            await anyio.sleep(self._limits.queue_interval)
            self._queue_changed = anyio.Event()
            if not self._hub.has_listeners(QUEUE_ROOMS):
                continue
            try:
                message = await self._state.queue()
            except AniworldError as error:
                # The hub logs the outage and sends the state when the database works again.
                logger.debug("the state of the queue cannot be read: %s", error)
                self._hub.renew_all()
            else:
                self._hub.post(message)


def _moving_message(event: Moving) -> Message:
    if isinstance(event, DownloadProgressed):
        return progress_message(event)
    return scan_message("running", event, event.at)
