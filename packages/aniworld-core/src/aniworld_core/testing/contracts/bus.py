"""Contract suite of `ProgressBus`."""

from collections.abc import AsyncIterator
from typing import ClassVar

import anyio
import pytest

from aniworld_core.domain.downloads import Progress
from aniworld_core.domain.identity import FolderName, ItemId
from aniworld_core.errors import SubscriberLaggedError
from aniworld_core.events import DownloadProgressed, Event, QueueDrained, ScanCompleted, ScanStarted
from aniworld_core.ports.bus import ProgressBus
from aniworld_core.testing.factories import KEY, START
from aniworld_core.testing.waiting import PATIENCE


def started(number: int) -> ScanStarted:
    """Return one of many distinguishable events."""
    return ScanStarted(scan_id=str(number), at=START)


def progressed(item: str, done: int) -> DownloadProgressed:
    """Return a progress event of an item."""
    return DownloadProgressed(
        item_id=ItemId(item),
        key=KEY,
        folder=FolderName("Attack on Titan"),
        season=1,
        episode=1,
        progress=Progress(downloaded_bytes=done, total_bytes=100),
        at=START,
    )


async def take(stream: AsyncIterator[Event], count: int) -> list[Event]:
    """Read *count* events, or fail after a timeout."""
    with anyio.fail_after(PATIENCE):
        return [await anext(stream) for _ in range(count)]


class ProgressBusContract:
    """Subclass it, name the class `Test…` and override the `bus` fixture."""

    pytestmark: ClassVar[pytest.MarkDecorator] = pytest.mark.anyio

    @pytest.fixture
    async def bus(self) -> ProgressBus:
        """Return the bus under test; subclasses override it."""
        raise TypeError("override the `bus` fixture")

    async def test_a_subscriber_gets_events_in_order(self, bus: ProgressBus) -> None:
        """Events of one publisher arrive in the order of publishing."""
        async with bus.subscribe() as stream:
            for number in range(5):
                await bus.publish(started(number))
            assert await take(stream, 5) == [started(number) for number in range(5)]

    async def test_every_subscriber_gets_every_event(self, bus: ProgressBus) -> None:
        """Every subscriber receives every event."""
        async with bus.subscribe() as first, bus.subscribe() as second:
            await bus.publish(started(1))
            assert await take(first, 1) == await take(second, 1) == [started(1)]

    async def test_only_the_named_classes_are_received(self, bus: ProgressBus) -> None:
        """Events of other classes are not delivered."""
        async with bus.subscribe(QueueDrained, ScanCompleted) as stream:
            await bus.publish(started(1))
            await bus.publish(QueueDrained(at=START))
            assert await take(stream, 1) == [QueueDrained(at=START)]

    async def test_events_before_entering_are_not_seen(self, bus: ProgressBus) -> None:
        """Events from before the subscription are not delivered."""
        await bus.publish(started(1))
        async with bus.subscribe() as stream:
            await bus.publish(started(2))
            assert await take(stream, 1) == [started(2)]

    async def test_a_waiting_reader_is_woken(self, bus: ProgressBus) -> None:
        """A reader waits until the next event."""
        received: list[Event] = []

        async def read(stream: AsyncIterator[Event]) -> None:
            received.append(await anext(stream))

        with anyio.fail_after(PATIENCE):
            async with bus.subscribe() as stream, anyio.create_task_group() as tasks:
                tasks.start_soon(read, stream)
                await anyio.wait_all_tasks_blocked()
                assert received == []
                await bus.publish(started(1))
        assert received == [started(1)]

    async def test_leaving_ends_the_iterator(self, bus: ProgressBus) -> None:
        """Leaving the context ends the iterator, also for a waiting reader."""
        async with bus.subscribe() as stream:
            pass
        await bus.publish(started(1))
        with anyio.fail_after(PATIENCE):
            assert [event async for event in stream] == []

    async def test_leaving_keeps_what_was_received(self, bus: ProgressBus) -> None:
        """The iterator returns the events received before the context was left, then ends."""
        async with bus.subscribe() as stream:
            await bus.publish(started(1))
            await bus.publish(started(2))
        await bus.publish(started(3))
        with anyio.fail_after(PATIENCE):
            assert [event async for event in stream] == [started(1), started(2)]

    async def test_progress_of_one_item_is_conflated(self, bus: ProgressBus) -> None:
        """Only the newest unread progress of an item comes, in the place of the first."""
        async with bus.subscribe() as stream:
            await bus.publish(progressed("a", 1))
            await bus.publish(started(1))
            await bus.publish(progressed("b", 5))
            await bus.publish(progressed("a", 2))
            await bus.publish(progressed("a", 3))
            expected = [progressed("a", 3), started(1), progressed("b", 5)]
            assert await take(stream, 3) == expected
            await bus.publish(progressed("a", 4))
            assert await take(stream, 1) == [progressed("a", 4)]

    async def test_progress_alone_never_makes_a_reader_lag(self, bus: ProgressBus) -> None:
        """Many progress events of one item never raise `SubscriberLaggedError`."""
        async with bus.subscribe(buffer=2) as stream:
            for done in range(100):
                await bus.publish(progressed("a", done))
            assert await take(stream, 1) == [progressed("a", 99)]

    async def test_a_full_buffer_is_no_lag(self, bus: ProgressBus) -> None:
        """A full buffer is delivered completely."""
        async with bus.subscribe(buffer=3) as stream:
            for number in range(3):
                await bus.publish(started(number))
            assert await take(stream, 3) == [started(number) for number in range(3)]

    async def test_a_slow_reader_is_told_once_and_goes_on(self, bus: ProgressBus) -> None:
        """A slow reader gets one error with the number of missed events, then newer events."""
        async with bus.subscribe(buffer=3) as stream:
            for number in range(4):
                await bus.publish(started(number))
            await bus.publish(started(99))
            with anyio.fail_after(PATIENCE):
                with pytest.raises(SubscriberLaggedError) as lagged:
                    await anext(stream)
            assert lagged.value.missed == 4
            assert await take(stream, 1) == [started(99)]

    async def test_a_slow_reader_delays_nobody(self, bus: ProgressBus) -> None:
        """A slow reader delays neither the publisher nor another reader."""
        async with bus.subscribe(buffer=1), bus.subscribe(buffer=1000) as quick:
            with anyio.fail_after(PATIENCE):
                for number in range(500):
                    await bus.publish(started(number))
            assert len(await take(quick, 500)) == 500

    async def test_a_cancelled_read_loses_nothing(self, bus: ProgressBus) -> None:
        """A cancelled read loses no event."""
        async with bus.subscribe() as stream:
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(take, stream, 1)
                await anyio.wait_all_tasks_blocked()
                tasks.cancel_scope.cancel()
            await bus.publish(started(1))
            assert await take(stream, 1) == [started(1)]
