"""Contract suite of `QueueRepository`, part claims; included in `QueueRepositoryContract`."""

from datetime import timedelta
from typing import ClassVar, Final

import anyio
import attrs
import pytest

from aniworld_core.domain.downloads import DownloadItem, DownloadStatus, Phase, Priority, Progress
from aniworld_core.domain.identity import ItemId, WorkerId
from aniworld_core.errors import ClaimLostError, StaleItemError
from aniworld_core.ports.queue import QueueRepository
from aniworld_core.testing.factories import (
    LEASE,
    WORKER,
    at,
    make_claim,
    make_failure,
    make_item,
    make_item_id,
)

OTHER = WorkerId("worker-2")
CLAIM = make_claim(since=at(100))


async def _claimed(repository: QueueRepository, number: int = 1) -> DownloadItem:
    """Add an item and claim it."""
    await repository.add([make_item(number)])
    item = await repository.claim_next(CLAIM)
    assert item is not None
    return item


#: Items in the order in which they are claimed; their ids, places and times all disagree with it.
IN_CLAIM_ORDER: Final = (
    make_item(9, priority=Priority.HIGH, place=5),
    make_item(8, place=-1, added_at=at(50)),
    make_item(3, added_at=at(1)),
    make_item(4, added_at=at(1.000001)),
    make_item(1, added_at=at(2)),
    make_item(2, added_at=at(2)),
    make_item(5, place=1, added_at=at(-99)),
    make_item(6, priority=Priority.LOW, place=-99),
)


class ClaimContract:
    """Clauses on claiming, renewing and releasing items."""

    pytestmark: ClassVar[pytest.MarkDecorator] = pytest.mark.anyio

    async def test_claim_starts_the_item(self, repository: QueueRepository) -> None:
        """The stored item equals `start` of the pending item, with the next revision."""
        item = make_item(
            not_before=at(99),
            failure=make_failure(),
            retry_count=1,
            progress=Progress(downloaded_bytes=5, total_bytes=9),
            completed_at=at(1),
        )
        await repository.add([item])

        claimed = await repository.claim_next(CLAIM)

        assert claimed == attrs.evolve(item.start(CLAIM), revision=1)
        assert await repository.get(item.id) == claimed

    async def test_claim_follows_the_order(self, repository: QueueRepository) -> None:
        """Items are claimed by priority, then place, then time added, then id."""
        ordered = list(IN_CLAIM_ORDER)
        await repository.add(sorted(ordered, key=lambda item: item.id))

        claimed = [await repository.claim_next(CLAIM) for _ in ordered]

        assert [item and item.id for item in claimed] == [item.id for item in ordered]
        assert await repository.claim_next(CLAIM) is None

    async def test_claim_skips_items_that_are_not_pending(
        self, repository: QueueRepository
    ) -> None:
        """Active and settled items are never claimed."""
        others = sorted(set(DownloadStatus) - {DownloadStatus.PENDING})
        await repository.add([make_item(n, status=s) for n, s in enumerate(others)])

        assert await repository.claim_next(CLAIM) is None

    async def test_claim_waits_for_not_before(self, repository: QueueRepository) -> None:
        """An item is claimable from `not_before` on; until then it delays no other item."""
        late = make_item(1, priority=Priority.HIGH, not_before=at(50))
        await repository.add([late, make_item(2)])

        first = await repository.claim_next(make_claim(since=at(49.999999)))
        assert first is not None
        assert first.id == make_item_id(2)
        assert await repository.claim_next(make_claim(since=at(49.999999))) is None

        second = await repository.claim_next(make_claim(since=at(50)))
        assert second is not None
        assert second.id == late.id

    async def test_no_item_is_claimed_twice(self, repository: QueueRepository) -> None:
        """Concurrent workers never claim the same item."""
        await repository.add([make_item(number) for number in range(60)])
        taken: list[ItemId] = []

        async def drain(worker: str) -> None:
            while item := await repository.claim_next(make_claim(worker, since=at(100))):
                taken.append(item.id)

        async with anyio.create_task_group() as tasks:
            for number in range(4):
                tasks.start_soon(drain, f"worker-{number}")

        assert sorted(taken) == [make_item_id(number) for number in range(60)]

    async def test_renew_extends_the_claim(self, repository: QueueRepository) -> None:
        """A renewal sets a later expiry; the revision stays, so the worker can still save."""
        item = await _claimed(repository)
        later = make_claim(since=at(130))

        await repository.renew(item.id, later)

        assert await repository.get(item.id) == attrs.evolve(item, claim=later)
        assert list(await repository.release_expired(CLAIM.expires_at)) == []

    async def test_renew_refuses_another_worker(self, repository: QueueRepository) -> None:
        """Renewing does not transfer a claim to another worker."""
        item = await _claimed(repository)

        with pytest.raises(ClaimLostError):
            await repository.renew(item.id, make_claim(OTHER, since=at(130)))

        assert await repository.get(item.id) == item

    async def test_renew_refuses_items_that_are_not_downloading(
        self, repository: QueueRepository
    ) -> None:
        """Released, settled, removed and never claimed items have no claim to renew."""
        released = await _claimed(repository, 1)
        await repository.release_held_by(WORKER)
        gone = make_item_id(404)

        for item_id in (released.id, gone):
            with pytest.raises(ClaimLostError):
                await repository.renew(item_id, CLAIM)

    async def test_record_progress(self, repository: QueueRepository) -> None:
        """Only the progress changes; the revision stays, so the worker can still save."""
        item = await _claimed(repository)
        progress = Progress(
            downloaded_bytes=3, total_bytes=7, rate=1.5, fraction=0.25, phase=Phase.CHECKING
        )

        await repository.record_progress(item.id, progress)

        assert await repository.get(item.id) == attrs.evolve(item, progress=progress)

    async def test_record_progress_refuses_items_that_are_not_downloading(
        self, repository: QueueRepository
    ) -> None:
        """Progress of an item that is no longer downloading is refused."""
        await repository.add([make_item(1)])

        for item_id in (make_item_id(1), make_item_id(404)):
            with pytest.raises(ClaimLostError):
                await repository.record_progress(item_id, Progress(downloaded_bytes=1))

        assert await repository.get(make_item_id(1)) == make_item(1)

    async def test_release_expired_includes_the_instant(self, repository: QueueRepository) -> None:
        """A claim is valid until just before its expiry; then the item is requeued."""
        item = await _claimed(repository)
        await repository.record_progress(item.id, Progress(downloaded_bytes=3))
        fetched = await repository.get(item.id)

        just_before = CLAIM.expires_at - timedelta(microseconds=1)
        assert list(await repository.release_expired(just_before)) == []

        released = await repository.release_expired(CLAIM.expires_at)
        assert list(released) == [attrs.evolve(fetched.requeue(), revision=fetched.revision + 1)]
        assert await repository.get(item.id) == released[0]
        assert list(await repository.release_expired(CLAIM.expires_at)) == []

    async def test_release_expired_returns_claim_order(self, repository: QueueRepository) -> None:
        """Only expired items are released, in claim order."""
        claims = [make_claim(since=at(n), lease=LEASE) for n in (3, 2, 1, 90)]
        held = DownloadStatus.DOWNLOADING
        await repository.add([make_item(n, status=held, claim=c) for n, c in enumerate(claims)])

        released = await repository.release_expired(at(70))

        assert [item.id for item in released] == [make_item_id(n) for n in (0, 1, 2)]
        assert (await repository.get(make_item_id(3))).claim == claims[3]

    async def test_release_held_by(self, repository: QueueRepository) -> None:
        """All items of a worker are released, also unexpired ones; those of others stay."""
        mine = [
            make_item(n, status=DownloadStatus.DOWNLOADING, claim=CLAIM, failure=make_failure())
            for n in (1, 2)
        ]
        other = make_item(3, status=DownloadStatus.DOWNLOADING, claim=make_claim(OTHER))
        await repository.add([other, mine[1], mine[0]])

        released = await repository.release_held_by(WORKER)

        assert list(released) == [attrs.evolve(item.requeue(), revision=1) for item in mine]
        assert list(await repository.find()) == [*released, other]
        assert list(await repository.release_held_by(WORKER)) == []

    async def test_release_makes_the_former_worker_stale(self, repository: QueueRepository) -> None:
        """A worker that lost its claim cannot settle the item."""
        item = await _claimed(repository)
        await repository.release_held_by(WORKER)
        again = await repository.claim_next(make_claim(OTHER, since=at(200)))

        with pytest.raises(StaleItemError):
            await repository.save(item.complete(at(201), "a.mp4", None))

        assert await repository.get(item.id) == again

    async def test_a_claimed_item_can_be_settled(self, repository: QueueRepository) -> None:
        """`save` accepts the item that `claim_next` returned, also after renewals and progress."""
        item = await _claimed(repository)
        await repository.renew(item.id, make_claim(since=at(130)))
        await repository.record_progress(item.id, Progress(downloaded_bytes=3))

        done = await repository.save(item.complete(at(140), "a.mp4", None))

        assert (done.status, done.revision) == (DownloadStatus.COMPLETED, 2)
        with pytest.raises(ClaimLostError):
            await repository.renew(item.id, CLAIM)
