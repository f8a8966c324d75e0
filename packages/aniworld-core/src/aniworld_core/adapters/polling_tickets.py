"""Tickets of one machine: every lane has leave, and asks the queue at intervals."""

from collections.abc import AsyncIterator, Awaitable, Callable, Collection
from contextlib import asynccontextmanager

from aniworld_core.domain.identity import ItemId
from aniworld_core.ports.tickets import Ticket, TicketDispatcher


class _Leave(Ticket):
    async def hold(self, item: ItemId, on_cancel: Callable[[], Awaitable[object]]) -> None:
        """Other processes cannot cancel it."""

    def give_back(self) -> None:
        """The others have leave as well."""


class PollingTickets(TicketDispatcher):
    """Gives a ticket at once, whether or not an item waits; nothing is stored."""

    @property
    def wakes(self) -> bool:
        return False

    @asynccontextmanager
    async def serving(self) -> AsyncIterator[None]:
        yield

    @asynccontextmanager
    async def take(self) -> AsyncIterator[Ticket | None]:
        yield _Leave()

    async def cancel(self, items: Collection[ItemId]) -> None:
        """No ticket holds an item."""
