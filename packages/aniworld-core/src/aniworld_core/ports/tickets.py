"""Tickets: leave for a lane of a worker to claim the next item."""

from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Collection
from contextlib import AbstractAsyncContextManager

from aniworld_core.domain.identity import ItemId


class Ticket(ABC):
    """Leave to claim one item, whichever is next."""

    @abstractmethod
    async def hold(self, item: ItemId, on_cancel: Callable[[], Awaitable[object]]) -> None:
        """Name the item that was claimed with this ticket, so that other processes can cancel it.

        If they cannot be told, none of them can.

        Args:
            item: The item.
            on_cancel: Called once if another process cancels the item before the ticket ends.
        """

    @abstractmethod
    def give_back(self) -> None:
        """Leave the ticket to another lane or process, because this one may not claim now."""


class TicketDispatcher(ABC):
    """Give the lanes of a worker tickets when they may claim an item.

    A ticket names no item. Which item is started, in which order and by whom is decided by
    `QueueRepository.claim_next` alone, so a ticket that is late, doubled or lost is no error: a
    ticket without an item ends, and an item without a ticket gets one within about a minute.
    """

    @property
    @abstractmethod
    def wakes(self) -> bool:
        """Whether `take` waits for an item; otherwise lanes ask the queue at intervals."""

    @abstractmethod
    def serving(self) -> AbstractAsyncContextManager[None]:
        """Give tickets to lanes of this process inside the context; one context at a time.

        Raises:
            StorageUnavailableError: If the storage cannot be used at the start.
        """

    @abstractmethod
    def take(self) -> AbstractAsyncContextManager[Ticket | None]:
        """Wait for a ticket for a second at most; `None` without one.

        The ticket ends with the context, and the item that it holds has ended then. If the context
        ends with an error before it holds one, the ticket is given back.

        Raises:
            StorageUnavailableError: If the storage cannot be used.
        """

    @abstractmethod
    async def cancel(self, items: Collection[ItemId]) -> None:
        """Cancel items that are held with a ticket, in any process, and wait until they ended.

        Other items, and those whose holder does not answer within some seconds, stay as they are.

        Raises:
            StorageUnavailableError: If the storage cannot be used.
        """
