"""Event bus of an application."""

from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar, overload

if TYPE_CHECKING:
    from aniworld_core.events import Event

A = TypeVar("A", bound="Event")
B = TypeVar("B", bound="Event")
C = TypeVar("C", bound="Event")
D = TypeVar("D", bound="Event")
E = TypeVar("E", bound="Event")
F = TypeVar("F", bound="Event")


class ProgressBus(ABC):
    """Deliver events from publishers to subscribers of the same application."""

    @abstractmethod
    async def publish(self, event: "Event") -> None:
        """Deliver the event to every subscriber of its class without waiting for any of them."""

    async def publish_all(self, events: "Sequence[Event]") -> None:
        """Deliver events in their order, as `publish` does with each."""
        for event in events:
            await self.publish(event)

    @overload
    def subscribe(
        self, a: type[A], /, *, buffer: int = 256
    ) -> AbstractAsyncContextManager[AsyncIterator[A]]: ...

    @overload
    def subscribe(
        self, a: type[A], b: type[B], /, *, buffer: int = 256
    ) -> AbstractAsyncContextManager[AsyncIterator[A | B]]: ...

    @overload
    def subscribe(
        self, a: type[A], b: type[B], c: type[C], /, *, buffer: int = 256
    ) -> AbstractAsyncContextManager[AsyncIterator[A | B | C]]: ...

    @overload
    def subscribe(
        self, a: type[A], b: type[B], c: type[C], d: type[D], /, *, buffer: int = 256
    ) -> AbstractAsyncContextManager[AsyncIterator[A | B | C | D]]: ...

    @overload
    def subscribe(
        self, a: type[A], b: type[B], c: type[C], d: type[D], e: type[E], /, *, buffer: int = 256
    ) -> AbstractAsyncContextManager[AsyncIterator[A | B | C | D | E]]: ...

    @overload
    def subscribe(
        self,
        a: type[A],
        b: type[B],
        c: type[C],
        d: type[D],
        e: type[E],
        f: type[F],
        /,
        *,
        buffer: int = 256,
    ) -> AbstractAsyncContextManager[AsyncIterator[A | B | C | D | E | F]]: ...

    @overload
    def subscribe(
        self, *event_types: "type[Event]", buffer: int = 256
    ) -> AbstractAsyncContextManager[AsyncIterator["Event"]]: ...

    @abstractmethod
    def subscribe(
        self, *event_types: type[Any], buffer: int = 256
    ) -> AbstractAsyncContextManager[AsyncIterator[Any]]:
        """Receive events of these classes (all when none is named) inside the context.

        Events published before entering are not delivered. Leaving unsubscribes: the iterator
        returns the events received before, then ends. Events of one publisher keep their order,
        except that `DownloadProgressed` of one item is conflated: only the newest unread one is
        delivered, at the position of the first.

        For type checkers the iterator yields exactly the named classes, up to six. Declare an
        implementation with `type[Any]` and `AsyncIterator[Any]`.

        Raises:
            SubscriberLaggedError: From the iterator, once, if more than *buffer* other events
                were missed; the subscription continues with newer events.
        """


#: Opens the bus of a URL.
BusFactory: TypeAlias = Callable[[str], AbstractAsyncContextManager[ProgressBus]]
