"""Contract suite of `TicketDispatcher`."""

from typing import ClassVar

import anyio
import pytest

from aniworld_core.domain.identity import WorkerId
from aniworld_core.ports.storage import Storage
from aniworld_core.ports.tickets import Ticket, TicketDispatcher
from aniworld_core.testing.factories import at, make_claim, make_item, make_item_id, make_series
from aniworld_core.testing.waiting import PATIENCE

CLAIM = make_claim(since=at(10))


async def take_and_claim(dispatcher: TicketDispatcher, storage: Storage) -> bool:
    """Take a ticket and claim with it; return whether there was an item."""
    async with dispatcher.take() as ticket:
        return ticket is not None and await storage.queue.claim_next(CLAIM) is not None


async def _fail_with_a_ticket(dispatcher: TicketDispatcher) -> None:
    while True:
        async with dispatcher.take() as ticket:
            if ticket is not None:
                raise KeyError


class TicketDispatcherContract:
    """Subclass it; provide the fixture `storage`, and `dispatcher` and `observer` for it.

    The latter two are those of two processes, and may be the same object.
    """

    pytestmark: ClassVar[pytest.MarkDecorator] = pytest.mark.anyio

    async def test_each_item_is_claimed_with_a_ticket(
        self, storage: Storage, dispatcher: TicketDispatcher
    ) -> None:
        """Items that were there before and items that are added get their tickets."""
        await storage.series.add(make_series())
        await storage.queue.add([make_item(1)])
        async with dispatcher.serving():
            await storage.queue.add([make_item(2), make_item(3)])
            with anyio.fail_after(PATIENCE):
                claimed = 0
                while claimed < 3:
                    claimed += await take_and_claim(dispatcher, storage)
            assert not await take_and_claim(dispatcher, storage)

    async def test_an_item_that_is_requeued_is_claimed_again(
        self, storage: Storage, dispatcher: TicketDispatcher
    ) -> None:
        """The items of a worker that ended are claimed by another."""
        await storage.series.add(make_series())
        await storage.queue.add([make_item(1)])
        async with dispatcher.serving():
            with anyio.fail_after(PATIENCE):
                while not await take_and_claim(dispatcher, storage):
                    pass
                await storage.queue.release_held_by(CLAIM.worker)
                while not await take_and_claim(dispatcher, storage):
                    pass

    async def test_a_ticket_of_a_lane_that_fails_is_not_lost(
        self, storage: Storage, dispatcher: TicketDispatcher
    ) -> None:
        """A lane that ends with an error, or may not claim, leaves its ticket to others."""
        await storage.series.add(make_series())
        async with dispatcher.serving():
            await storage.queue.add([make_item(1)])
            with anyio.fail_after(PATIENCE):
                with pytest.raises(KeyError):
                    await _fail_with_a_ticket(dispatcher)
                while True:
                    async with dispatcher.take() as ticket:
                        if ticket is not None:
                            ticket.give_back()
                            break
                while not await take_and_claim(dispatcher, storage):
                    pass

    async def test_a_wait_without_an_item_ends(
        self, storage: Storage, dispatcher: TicketDispatcher
    ) -> None:
        """A lane is not held back for longer than its other duties allow."""
        async with dispatcher.serving():
            with anyio.fail_after(PATIENCE):
                assert not await take_and_claim(dispatcher, storage)

    async def test_an_error_of_the_lanes_passes(
        self, storage: Storage, dispatcher: TicketDispatcher
    ) -> None:
        """The error is raised as it is, and tickets can be given again afterwards."""
        with pytest.raises(KeyError):
            async with dispatcher.serving():
                raise KeyError
        async with dispatcher.serving():
            assert not await take_and_claim(dispatcher, storage)

    async def test_what_nobody_holds_is_not_cancelled(
        self, storage: Storage, observer: TicketDispatcher
    ) -> None:
        """Nothing happens to unknown and waiting items; the call returns at once."""
        await storage.series.add(make_series())
        await storage.queue.add([make_item(1)])
        with anyio.fail_after(PATIENCE):
            await observer.cancel([])
            await observer.cancel([make_item_id(1), make_item_id(7)])
        assert (await storage.queue.get(make_item_id(1))).claim is None


class WakingTicketsContract(TicketDispatcherContract):
    """Further rules of a dispatcher that wakes lanes of several processes."""

    async def test_a_lane_of_another_process_is_woken(
        self, storage: Storage, dispatcher: TicketDispatcher, observer: TicketDispatcher
    ) -> None:
        """A lane that waits gets the ticket of an item that another process adds."""
        await storage.series.add(make_series())
        claimed = anyio.Event()

        async def lane() -> None:
            while not await take_and_claim(dispatcher, storage):
                pass
            claimed.set()

        async with dispatcher.serving(), anyio.create_task_group() as tasks:
            assert dispatcher.wakes
            assert not await take_and_claim(dispatcher, storage)
            tasks.start_soon(lane)
            await storage.queue.add([make_item(1)])
            with anyio.fail_after(PATIENCE):
                await claimed.wait()

    async def test_another_process_cancels_an_item(
        self, storage: Storage, dispatcher: TicketDispatcher, observer: TicketDispatcher
    ) -> None:
        """Who holds the item is called once, and the other call returns when the item has ended."""
        await storage.series.add(make_series())
        await storage.queue.add([make_item(1)])
        calls: list[str] = []
        cancelled = anyio.Event()
        held = anyio.Event()

        async def on_cancel() -> None:
            calls.append("cancelled")
            cancelled.set()

        async def hold(ticket: Ticket) -> None:
            item = await storage.queue.claim_next(CLAIM)
            assert item is not None
            await ticket.hold(item.id, on_cancel)
            held.set()
            await cancelled.wait()
            await storage.queue.release_held_by(WorkerId(CLAIM.worker))
            calls.append("ended")

        async def lane() -> None:
            while not held.is_set():
                async with dispatcher.take() as ticket:
                    if ticket is not None:
                        await hold(ticket)

        async with dispatcher.serving(), anyio.create_task_group() as tasks:
            with anyio.fail_after(PATIENCE):
                tasks.start_soon(lane)
                await held.wait()
                await observer.cancel([make_item_id(1), make_item_id(2)])
                assert calls == ["cancelled", "ended"]
