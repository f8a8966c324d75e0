"""Tickets of one machine: every lane gets one at once, and polls the queue."""

from collections.abc import AsyncIterator, Awaitable, Callable, Collection
from contextlib import asynccontextmanager

from aniworld_core.domain.identity import ItemId
from aniworld_core.ports.tickets import Ticket, TicketDispatcher


class _Leave(Ticket):
    async def hold(self, item: ItemId, on_cancel: Callable[[], Awaitable[object]]) -> None:
        """Do nothing: other processes cannot cancel the item."""

    def give_back(self) -> None:
        """Do nothing: every lane gets a ticket at once."""


class PollingTickets(TicketDispatcher):
    """Give a ticket at once, whether or not an item waits; nothing is stored."""

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
        """Do nothing: no ticket holds an item."""
