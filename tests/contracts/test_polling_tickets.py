"""The tickets of one machine."""

import pytest

from aniworld_core.adapters.polling_tickets import PollingTickets
from aniworld_core.ports.storage import Storage
from aniworld_core.ports.tickets import TicketDispatcher
from aniworld_core.testing.contracts.tickets import TicketDispatcherContract
from aniworld_core.testing.memory import MemoryStorage


class TestPollingTickets(TicketDispatcherContract):
    @pytest.fixture
    def storage(self) -> Storage:
        """Return an empty storage."""
        return MemoryStorage()

    @pytest.fixture
    def dispatcher(self) -> TicketDispatcher:
        """Return the tickets."""
        return PollingTickets()

    @pytest.fixture
    def observer(self) -> TicketDispatcher:
        """Return the tickets of another process."""
        return PollingTickets()
