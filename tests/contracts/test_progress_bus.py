"""Contract of event buses."""

from collections.abc import AsyncIterator

import anyio
import pytest

from aniworld_core.adapters.local_bus import LocalProgressBus
from aniworld_core.errors import SubscriberLaggedError
from aniworld_core.events import Event
from aniworld_core.ports.bus import ProgressBus
from aniworld_core.testing.contracts.bus import ProgressBusContract, started
from aniworld_core.testing.fakes import RecordingBus


class TestLocalProgressBus(ProgressBusContract):
    @pytest.fixture
    async def bus(self) -> ProgressBus:
        """Return the bus of one process."""
        return LocalProgressBus()


@pytest.mark.parametrize("backend", ["asyncio", "trio"])
def test_the_local_bus_needs_no_certain_event_loop(backend: str) -> None:
    """The local bus works under trio as under asyncio: waiting, waking, lag and cancellation."""
    told: list[object] = []

    async def read(stream: AsyncIterator[Event]) -> None:
        told.append(await anext(stream))

    async def steps() -> None:
        bus = LocalProgressBus()
        async with bus.subscribe(buffer=1) as stream, anyio.create_task_group() as tasks:
            tasks.start_soon(read, stream)
            await anyio.wait_all_tasks_blocked()
            await bus.publish(started(1))
            await anyio.wait_all_tasks_blocked()
            await bus.publish(started(2))
            await bus.publish(started(3))
            try:
                await anext(stream)
            except SubscriberLaggedError as lagged:
                told.append(lagged.missed)
            tasks.start_soon(read, stream)
            await anyio.wait_all_tasks_blocked()
            tasks.cancel_scope.cancel()
            await bus.publish(started(4))
        told.extend([event async for event in stream])

    anyio.run(steps, backend=backend)
    assert told == [started(1), 2, started(4)]


class TestRecordingBus(ProgressBusContract):
    @pytest.fixture
    async def bus(self) -> ProgressBus:
        """Return the recording bus."""
        return RecordingBus()
