"""Behaviour of the local bus beyond the contract."""

import anyio
import pytest

from aniworld_core.adapters.local_bus import LocalProgressBus
from aniworld_core.errors import SubscriberLaggedError
from aniworld_core.testing.contracts.bus import progressed, started
from aniworld_core.testing.waiting import PATIENCE

pytestmark = pytest.mark.anyio


async def test_closing_ends_every_subscription() -> None:
    """Closing ends all subscriptions, drops unread events and ignores later ones."""
    bus = LocalProgressBus()
    async with bus.subscribe() as stream, bus.subscribe() as waiting:
        await bus.publish(started(1))
        assert await anext(waiting) == started(1)
        with anyio.fail_after(PATIENCE):
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(_drain, waiting)
                await anyio.wait_all_tasks_blocked()
                bus.close()
            assert [event async for event in stream] == []
        await bus.publish(started(2))


async def _drain(stream: object) -> None:
    async for _ in stream:  # type: ignore[attr-defined]
        pass


async def test_lagging_twice_before_reading_is_one_error() -> None:
    """Repeated lag before a read is one error with the total number."""
    bus = LocalProgressBus()
    async with bus.subscribe(buffer=2) as stream:
        for number in range(7):
            await bus.publish(started(number))
        with pytest.raises(SubscriberLaggedError) as lagged:
            await anext(stream)
        assert lagged.value.missed == 6
        assert await anext(stream) == started(6)


async def test_memory_stays_bounded() -> None:
    """An unread mailbox holds its buffer and one progress event per item."""
    bus = LocalProgressBus()
    async with bus.subscribe(buffer=8) as stream:
        for number in range(1000):
            await bus.publish(started(number))
            await bus.publish(progressed(str(number % 3), number))
        assert len(stream._unread) <= 8 + 3  # type: ignore[attr-defined]


async def test_reading_lets_others_run() -> None:
    """A reader that always finds an event still yields to other tasks."""
    bus = LocalProgressBus()
    async with bus.subscribe() as stream:
        for number in range(200):
            await bus.publish(started(number))
        with anyio.move_on_after(0) as scope:
            async for _ in stream:
                pass
        assert scope.cancelled_caught
