"""Segments that arrive faster than they are stored: in order, with bounded memory."""

from collections.abc import Sequence

import anyio
import pytest

from aniworld_core.errors import BadMediaError
from aniworld_core.testing.waiting import PATIENCE
from aniworld_providers.transfer.segments.buffer import SegmentBuffer, WriteOrder

pytestmark = pytest.mark.anyio

#: A batch of one chunk.
_BATCH: Sequence[bytes] = [b"bytes"]


async def test_slots_are_given_in_the_order_of_requests() -> None:
    """Only one piece is received at a time; the piece that waited longest is next."""
    write_order, order = WriteOrder(), []

    async def take(number: int) -> None:
        async with write_order.slot() as slot:
            slot.received()
            order.append(f"{number} begins")
            await anyio.lowlevel.checkpoint()
            order.append(f"{number} ends")

    async with anyio.create_task_group() as group:
        for number in range(3):
            group.start_soon(take, number)

    assert order == [f"{number} {step}" for number in range(3) for step in ("begins", "ends")]


async def test_a_piece_that_waits_for_the_network_lets_others_pass() -> None:
    """A slow segment blocks no other one, and gets no second slot."""
    write_order, passed = WriteOrder(), anyio.Event()

    async def slow() -> None:
        async with write_order.slot() as slot:
            slot.wait_started()
            await passed.wait()
            slot.received()
            slot.wait_started()
            slot.received()

    with anyio.fail_after(PATIENCE):
        async with anyio.create_task_group() as group:
            group.start_soon(slow)
            await anyio.lowlevel.checkpoint()
            async with write_order.slot():
                passed.set()
        async with write_order.slot():
            pass
        assert write_order._slots.value == 1


async def test_batches_are_stored_in_order_and_counted_once_stored() -> None:
    """The next batch is collected meanwhile, but stored only after the one before it."""
    stored: list[str] = []

    async def store(batch: Sequence[object]) -> None:
        stored.append(f"begins {batch[0]!r}")
        await anyio.lowlevel.checkpoint()
        stored.append(f"ends {batch[0]!r}")

    async def note(size: int) -> None:
        stored.append(f"counts {size}")

    async with SegmentBuffer(store, note) as buffer:
        await buffer.put([b"a"], 1)
        await buffer.put([b"b"], 2)
        await buffer.drain()

    assert stored == [
        *("begins b'a'", "ends b'a'", "counts 1"),
        *("begins b'b'", "ends b'b'", "counts 2"),
    ]


async def test_a_cancelled_batch_is_stored_before_the_file_is_closed() -> None:
    """A write cannot be cancelled: leaving the context waits for it."""
    started, may_end = anyio.Event(), anyio.Event()
    done: list[str] = []

    async def store(batch: Sequence[object]) -> None:
        started.set()
        await may_end.wait()
        done.append("stored")

    async def note(size: int) -> None:
        done.append("counted")

    async def spooled() -> None:
        try:
            async with SegmentBuffer(store, note) as buffer:
                await buffer.put(_BATCH, 5)
                await anyio.sleep_forever()
        finally:
            done.append("left")

    with anyio.fail_after(PATIENCE):
        async with anyio.create_task_group() as group:
            group.start_soon(spooled)
            await started.wait()
            group.cancel_scope.cancel()
            may_end.set()

    assert done == ["stored", "left"]


async def test_what_storing_raises_ends_the_piece() -> None:
    """The error of a batch is raised at the next step."""

    async def store(batch: Sequence[object]) -> None:
        raise BadMediaError("it is no media")

    async def note(size: int) -> None:
        raise AssertionError("nothing was stored")

    async with SegmentBuffer(store, note) as buffer:
        await buffer.put(_BATCH, 5)
        with pytest.raises(BadMediaError):
            await buffer.put(_BATCH, 5)
