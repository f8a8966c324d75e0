"""Who wants to know what happens."""

from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from typing import TypeAlias

from aniworld_core.domain.events import Event


class ProgressBus(ABC):
    """Carries events from publishers to subscribers of the same application."""

    @abstractmethod
    async def publish(self, event: Event) -> None:
        """Hand the event to every subscriber of its class; never waits for one of them."""

    @abstractmethod
    def subscribe(
        self, *event_types: type[Event], buffer: int = 256
    ) -> AbstractAsyncContextManager[AsyncIterator[Event]]:
        """Receive events of these classes (all when none is named) inside the context.

        Events published before entering are not seen. Leaving unsubscribes: the iterator still
        returns the events it received before, then ends. The order of one publisher is kept,
        except that `DownloadProgressed` of one item is conflated: only the newest not yet read
        is delivered, in the place of the first.

        Raises:
            SubscriberLaggedError: From the iterator, once, when more than *buffer* other
                events were missed; the subscription then goes on with newer events.
        """


#: Opens the bus of a URL.
BusFactory: TypeAlias = Callable[[str], AbstractAsyncContextManager[ProgressBus]]
