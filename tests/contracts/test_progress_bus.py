"""Every bus keeps to the contract of buses."""

import anyio
import pytest

from aniworld_core.adapters.local_bus import LocalProgressBus
from aniworld_core.ports.bus import ProgressBus
from aniworld_core.testing.contracts.bus import ProgressBusContract
from aniworld_core.testing.fakes import RecordingBus


class TestLocalProgressBus(ProgressBusContract):
    @pytest.fixture
    async def bus(self) -> ProgressBus:
        """Make the bus of one process."""
        return LocalProgressBus()


def test_the_local_bus_runs_under_trio() -> None:
    """Core needs no asyncio: waiting, waking and lagging work under another loop as well."""

    async def story() -> None:
        contract = TestLocalProgressBus()
        await contract.test_a_waiting_reader_is_woken(LocalProgressBus())
        await contract.test_a_slow_reader_is_told_once_and_goes_on(LocalProgressBus())
        await contract.test_a_cancelled_read_loses_nothing(LocalProgressBus())

    anyio.run(story, backend="trio")


class TestRecordingBus(ProgressBusContract):
    @pytest.fixture
    async def bus(self) -> ProgressBus:
        """Make the bus that remembers."""
        return RecordingBus()
