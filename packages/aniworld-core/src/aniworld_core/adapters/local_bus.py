"""Event bus inside one process."""

import itertools
from collections import OrderedDict
from collections.abc import AsyncIterator, Hashable
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, TypeGuard

import anyio
import anyio.lowlevel
import attrs

from aniworld_core.errors import SubscriberLaggedError
from aniworld_core.ports.bus import ProgressBus

if TYPE_CHECKING:
    from aniworld_core.events import DownloadProgressed, Event


@attrs.define(eq=False)
class LocalProgressBus(ProgressBus):
    """Bus with one bounded mailbox for each subscriber; needs no task of its own."""

    _mailboxes: set["_Mailbox"] = attrs.field(factory=set, init=False)

    async def publish(self, event: "Event") -> None:
        for mailbox in tuple(self._mailboxes):
            mailbox.put(event)

    @asynccontextmanager
    async def subscribe(
        self, *event_types: type[Any], buffer: int = 256
    ) -> AsyncIterator[AsyncIterator[Any]]:
        mailbox = _Mailbox(event_types, max(buffer, 1))
        self._mailboxes.add(mailbox)
        try:
            yield mailbox
        finally:
            self._mailboxes.discard(mailbox)
            mailbox.finish()

    def close(self) -> None:
        """End every subscription; unread events are dropped."""
        for mailbox in tuple(self._mailboxes):
            mailbox.close()
        self._mailboxes.clear()


def _is_progress(event: "Event") -> "TypeGuard[DownloadProgressed]":
    # Imported here, because most commands publish nothing.
    from aniworld_core.events import DownloadProgressed

    return isinstance(event, DownloadProgressed)


@attrs.define(eq=False)
class _Mailbox(AsyncIterator["Event"]):
    _event_types: "tuple[type[Event], ...]"
    _buffer: int
    _unread: "OrderedDict[Hashable, Event]" = attrs.field(factory=OrderedDict, init=False)
    _count: int = attrs.field(default=0, init=False)  # unread events that are not progress
    _missed: int = attrs.field(default=0, init=False)
    _is_finished: bool = attrs.field(default=False, init=False)
    _numbers: "itertools.count[int]" = attrs.field(factory=itertools.count, init=False)
    _news: anyio.Event = attrs.field(factory=anyio.Event, init=False)

    def put(self, event: "Event") -> None:
        if self._event_types and not isinstance(event, self._event_types):
            return
        if _is_progress(event):
            self._unread[event.item_id] = event  # an existing key keeps its position
        elif self._count >= self._buffer:
            self._missed += self._count + 1
            self._unread.clear()
            self._count = 0
        else:
            self._unread[next(self._numbers)] = event
            self._count += 1
        self._news.set()

    def finish(self) -> None:
        """End the iteration after the unread events."""
        self._is_finished = True
        self._news.set()

    def close(self) -> None:
        """End the iteration now."""
        self._unread.clear()
        self.finish()

    async def __anext__(self) -> "Event":
        # A reader that always finds an event must still yield and be cancellable.
        await anyio.lowlevel.checkpoint()
        while True:
            if self._missed:
                missed, self._missed = self._missed, 0
                raise SubscriberLaggedError(missed)
            if self._unread:
                _, event = self._unread.popitem(last=False)
                self._count -= not _is_progress(event)
                return event
            if self._is_finished:
                raise StopAsyncIteration
            self._news = anyio.Event()
            await self._news.wait()
