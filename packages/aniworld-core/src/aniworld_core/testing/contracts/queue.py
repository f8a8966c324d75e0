"""Contract suite of `QueueRepository`: adding, changing and removing items."""

from datetime import timedelta

import anyio
import attrs
import pytest

from aniworld_core.domain.downloads import (
    Claim,
    DownloadItem,
    DownloadStatus,
    Failure,
    Phase,
    Priority,
    Progress,
)
from aniworld_core.domain.identity import EpisodeRef, ItemId, SeriesKey
from aniworld_core.domain.media import GER_DUB, GER_SUB, JPN, Quality
from aniworld_core.errors import (
    AlreadyQueuedError,
    FetchInterruptedError,
    ItemActiveError,
    ItemNotFoundError,
    StaleItemError,
)
from aniworld_core.messages import Message, values_to_wire
from aniworld_core.ports.queue import QueueRepository
from aniworld_core.testing.contracts.claims import IN_CLAIM_ORDER, ClaimContract
from aniworld_core.testing.factories import (
    KEY,
    at,
    make_claim,
    make_failure,
    make_item,
    make_item_id,
)

E1 = EpisodeRef(KEY, 1, 1)
UNKNOWN = make_item_id(404)

#: An item with a value in every field; real items never have all of them.
FULL = make_item(
    7,
    episode=EpisodeRef(SeriesKey("full"), 0, 1234),
    added_at=at(0.000001),
    status=DownloadStatus.DOWNLOADING,
    priority=Priority.HIGH,
    place=-3,
    not_before=at(0.000002),
    languages=(GER_SUB, JPN),
    quality=Quality.P720,
    claim=Claim.lasting(make_claim().worker, at(1.5), timedelta(seconds=1.25)),
    progress=Progress(
        downloaded_bytes=2**40, total_bytes=2**41, rate=0.1, fraction=0.3, phase=Phase.CHECKING
    ),
    failure=attrs.evolve(make_failure(retryable=True), link="https://example.org/"),
    retry_count=2,
    language=GER_DUB,
    provider="provider",
    hoster="hoster",
    file="Süß/1.mp4",
    notices=("period 2 (1.0 s) of the manifest: no audio", "Ü"),
    reason=Message("better_language", file_languages=["ger-sub"], better_languages=["ger-dub"]),
    started_at=at(1),
    completed_at=at(2),
)


class QueueRepositoryContract(ClaimContract):
    """Subclass it and provide an async fixture `repository` with an empty repository."""

    async def test_add_keeps_every_field(self, repository: QueueRepository) -> None:
        """A stored item is returned unchanged."""
        await repository.add([FULL])

        assert await repository.get(FULL.id) == FULL

    async def test_a_failure_keeps_kind_and_values(self, repository: QueueRepository) -> None:
        """Kind and values of a failure are stored, also those of a nested message."""
        error = FetchInterruptedError(Message("host_http_status", host="example.org", status=503))
        failure = Failure.of(error)
        await repository.add([attrs.evolve(FULL, failure=failure)])

        stored = (await repository.get(FULL.id)).failure
        assert stored is not None
        assert stored.kind == "fetch_interrupted"
        assert values_to_wire(stored.values) == {
            "reason": {
                "kind": "host_http_status",
                "values": {"host": "example.org", "status": 503},
                "text": "example.org answers HTTP 503",
            }
        }

    async def test_add_keeps_unknown_apart_from_nothing(self, repository: QueueRepository) -> None:
        """`None` and an empty tuple of languages stay different."""
        none, empty = make_item(1, languages=None), make_item(2, languages=())
        await repository.add([none, empty])

        assert list(await repository.find()) == [none, empty]

    async def test_add_starts_at_revision_0(self, repository: QueueRepository) -> None:
        """The repository counts revisions, not the caller."""
        await repository.add([make_item(revision=9)])

        assert (await repository.get(make_item_id(1))).revision == 0

    async def test_every_change_changes_the_revision(self, repository: QueueRepository) -> None:
        """Every change changes the revision; reading does not."""
        seen = [await repository.revision()]
        await repository.add([make_item(1), make_item(2, episode=EpisodeRef(KEY, 1, 2))])
        seen.append(await repository.revision())
        claimed = await repository.claim_next(make_claim())
        assert claimed is not None
        seen.append(await repository.revision())
        await repository.record_progress(claimed.id, Progress(downloaded_bytes=1))
        seen.append(await repository.revision())
        await repository.renew(claimed.id, make_claim(since=at(1)))
        seen.append(await repository.revision())
        await repository.save(attrs.evolve(claimed, priority=Priority.HIGH))
        seen.append(await repository.revision())
        await repository.find()
        await repository.counts()
        assert seen[-1] == await repository.revision()
        await repository.release_held_by(make_claim().worker)
        seen.append(await repository.revision())
        await repository.remove([make_item_id(2)])
        seen.append(await repository.revision())
        assert len(set(seen)) == len(seen)

    async def test_add_of_nothing(self, repository: QueueRepository) -> None:
        """Adding an empty batch is allowed."""
        await repository.add([])

        assert list(await repository.find()) == []

    @pytest.mark.parametrize("status", [DownloadStatus.PENDING, DownloadStatus.DOWNLOADING])
    async def test_add_refuses_a_second_open_item(
        self, repository: QueueRepository, status: DownloadStatus
    ) -> None:
        """While an item of an episode is open, another one is refused."""
        first = make_item(1, episode=E1, status=status)
        await repository.add([first])

        with pytest.raises(AlreadyQueuedError) as refused:
            await repository.add([make_item(2, episode=E1)])

        assert (refused.value.key, refused.value.code) == (KEY, "S01E01")
        assert list(await repository.find()) == [first]

    async def test_add_is_all_or_nothing(self, repository: QueueRepository) -> None:
        """If one item of a batch is refused, none is stored."""
        batch = [make_item(n, episode=EpisodeRef(KEY, 1, e)) for n, e in enumerate((1, 2, 3, 2))]

        with pytest.raises(AlreadyQueuedError) as refused:
            await repository.add(batch)

        assert refused.value.code == "S01E02"
        assert list(await repository.find()) == []

    async def test_add_refuses_a_known_id(self, repository: QueueRepository) -> None:
        """An id that exists is refused; the stored item stays."""
        settled = make_item(1, status=DownloadStatus.FAILED)
        await repository.add([settled])

        with pytest.raises(AlreadyQueuedError):
            await repository.add([make_item(1, episode=EpisodeRef(KEY, 9, 9))])

        assert list(await repository.find()) == [settled]

    @pytest.mark.parametrize("status", [DownloadStatus.COMPLETED, DownloadStatus.FAILED])
    async def test_add_after_a_settled_item(
        self, repository: QueueRepository, status: DownloadStatus
    ) -> None:
        """A settled item does not block a new item of the same episode."""
        await repository.add([make_item(1, episode=E1, status=status)])

        await repository.add([make_item(2, episode=E1)])

        assert len(await repository.find()) == 2

    async def test_get_refuses_an_unknown_id(self, repository: QueueRepository) -> None:
        """An unknown id raises `ItemNotFoundError`."""
        await repository.add([make_item(1)])

        with pytest.raises(ItemNotFoundError):
            await repository.get(UNKNOWN)

    async def test_find_returns_claim_order(self, repository: QueueRepository) -> None:
        """Items are sorted by priority, then place, then time added, then id."""
        ordered = list(IN_CLAIM_ORDER)
        await repository.add(sorted(ordered, key=lambda item: item.id))

        assert list(await repository.find()) == ordered
        assert list(await repository.find(limit=3)) == ordered[:3]
        assert list(await repository.find(limit=0)) == []

    async def test_find_by_status(self, repository: QueueRepository) -> None:
        """Only items of the given statuses are returned, in claim order."""
        items = [make_item(n, status=s) for n, s in enumerate(DownloadStatus, start=1)]
        await repository.add(items)

        chosen = {DownloadStatus.FAILED, DownloadStatus.PENDING}
        assert list(await repository.find(statuses=chosen)) == [items[0], items[3]]
        assert list(await repository.find(statuses=chosen, limit=1)) == [items[0]]
        assert list(await repository.find(statuses=set())) == []

    async def test_counts_name_every_status(self, repository: QueueRepository) -> None:
        """A status without items has the count 0."""
        assert await repository.counts() == dict.fromkeys(DownloadStatus, 0)

        await repository.add([make_item(n, status=DownloadStatus.FAILED) for n in (1, 2)])
        await repository.add([make_item(3)])

        expected = dict.fromkeys(DownloadStatus, 0) | {
            DownloadStatus.FAILED: 2,
            DownloadStatus.PENDING: 1,
        }
        assert await repository.counts() == expected

    async def test_save_replaces_and_counts(self, repository: QueueRepository) -> None:
        """`save` returns the stored item: the given one with the next revision."""
        item = make_item()
        await repository.add([item])

        saved = await repository.save(attrs.evolve(item, place=3, failure=make_failure()))

        assert saved == attrs.evolve(item, place=3, failure=make_failure(), revision=1)
        assert await repository.get(item.id) == saved

    async def test_save_keeps_every_field(self, repository: QueueRepository) -> None:
        """Every field can be set and cleared."""
        plain = make_item(7)
        await repository.add([plain])

        full = await repository.save(attrs.evolve(FULL, revision=0))
        assert await repository.get(plain.id) == attrs.evolve(FULL, revision=1) == full

        emptied = await repository.save(attrs.evolve(plain, revision=1))
        assert await repository.get(plain.id) == attrs.evolve(plain, revision=2) == emptied

    @pytest.mark.parametrize("revision", [0, 2])
    async def test_save_refuses_another_revision(
        self, repository: QueueRepository, revision: int
    ) -> None:
        """`save` with an old or unknown revision raises `StaleItemError`."""
        item = make_item()
        await repository.add([item])
        stored = await repository.save(attrs.evolve(item, place=1))

        with pytest.raises(StaleItemError):
            await repository.save(attrs.evolve(item, place=2, revision=revision))

        assert await repository.get(item.id) == stored

    async def test_save_refuses_an_unknown_id(self, repository: QueueRepository) -> None:
        """`save` never adds an item."""
        with pytest.raises(ItemNotFoundError):
            await repository.save(make_item())

        assert list(await repository.find()) == []

    async def test_save_refuses_to_open_a_second_item(self, repository: QueueRepository) -> None:
        """An item cannot be reopened while another open item has its episode."""
        failed = make_item(1, episode=E1, status=DownloadStatus.FAILED)
        await repository.add([failed, make_item(2, episode=E1)])

        with pytest.raises(AlreadyQueuedError):
            await repository.save(failed.retry())

        assert await repository.get(failed.id) == failed

    async def test_only_one_of_two_saves_wins(self, repository: QueueRepository) -> None:
        """Of two saves of the same revision only one succeeds."""
        item = make_item()
        await repository.add([item])
        outcomes: list[DownloadItem | StaleItemError] = []

        async def save(place: int) -> None:
            try:
                outcomes.append(await repository.save(attrs.evolve(item, place=place)))
            except StaleItemError as lost:
                outcomes.append(lost)

        async with anyio.create_task_group() as tasks:
            tasks.start_soon(save, 1)
            tasks.start_soon(save, 2)

        winners = [outcome for outcome in outcomes if isinstance(outcome, DownloadItem)]
        assert len(outcomes) == 2
        assert winners == [await repository.get(item.id)]

    async def test_remove_deletes_existing_items(self, repository: QueueRepository) -> None:
        """Pending and settled items are deleted; unknown and repeated ids are not counted."""
        stored = [
            make_item(1),
            make_item(2, status=DownloadStatus.COMPLETED),
            make_item(3, status=DownloadStatus.FAILED),
            make_item(4),
        ]
        await repository.add(stored)

        removed = await repository.remove([i.id for i in stored[:3]] + [UNKNOWN, stored[0].id])

        assert removed == 3
        assert list(await repository.find()) == stored[3:]
        assert await repository.remove([stored[0].id]) == 0
        assert await repository.remove([]) == 0

    async def test_remove_of_many(self, repository: QueueRepository) -> None:
        """A batch may have any size."""
        ids = [ItemId(f"unknown-{number}") for number in range(40_000)]
        await repository.add([make_item(1)])

        assert await repository.remove([*ids, make_item_id(1)]) == 1

    async def test_remove_refuses_an_active_item(self, repository: QueueRepository) -> None:
        """If one item is being downloaded, none is deleted."""
        stored = [make_item(1), make_item(2, status=DownloadStatus.DOWNLOADING)]
        await repository.add(stored)

        with pytest.raises(ItemActiveError) as refused:
            await repository.remove([item.id for item in stored])

        assert refused.value.item_id == stored[1].id
        assert list(await repository.find()) == stored

    async def test_prune_keeps_the_newest(self, repository: QueueRepository) -> None:
        """The items completed last are kept, whenever they were added."""
        old, newer, newest = (
            make_item(n, status=DownloadStatus.COMPLETED, completed_at=at(when))
            for n, when in ((3, 10), (2, 20), (1, 30))
        )
        others = [make_item(4), make_item(5, status=DownloadStatus.FAILED, completed_at=at(1))]
        await repository.add([old, newer, newest, *others])

        assert await repository.prune(status=DownloadStatus.COMPLETED, keep=2) == 1

        assert list(await repository.find()) == [newest, newer, *others]
        assert await repository.prune(status=DownloadStatus.COMPLETED, keep=2) == 0
        assert await repository.prune(status=DownloadStatus.FAILED, keep=0) == 1

    @pytest.mark.parametrize("status", [DownloadStatus.PENDING, DownloadStatus.DOWNLOADING])
    async def test_prune_keeps_open_items(
        self, repository: QueueRepository, status: DownloadStatus
    ) -> None:
        """Open items are never pruned."""
        items = [make_item(n, status=status, completed_at=at(n)) for n in (1, 2)]
        await repository.add(items)

        assert await repository.prune(status=status, keep=0) == 0

        assert list(await repository.find()) == items
