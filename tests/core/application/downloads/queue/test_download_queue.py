"""The download queue."""

from pathlib import Path

import pytest

from aniworld_core.application.downloads import EpisodeRequest
from aniworld_core.domain.downloads import DownloadStatus, Priority
from aniworld_core.domain.identity import EpisodeRef, EpisodeSelection, ItemId, SeriesKey
from aniworld_core.domain.media import ENG_SUB, Quality
from aniworld_core.errors import (
    EpisodeNotFoundError,
    IllegalTransitionError,
    ItemActiveError,
    ItemNotFoundError,
    SeriesNotFoundError,
)
from aniworld_core.events import ItemQueued, ItemRemoved, ItemRequeued
from aniworld_core.testing.factories import make_claim, make_episode, make_failure, make_series
from support.application_stage import Stage, open_stage

pytestmark = pytest.mark.anyio

KEY = SeriesKey("attack-on-titan")


async def _with_series(stage: Stage) -> None:
    episodes = [
        make_episode(1, downloaded=True, file="x/S01E01.mp4"),
        make_episode(2),
        make_episode(3),
        make_episode(4, available=False),
        make_episode(1, season=2, last_number=2),
    ]
    await stage.storage.series.add(make_series(KEY, episodes=episodes))


async def test_enqueue_missing_takes_what_is_not_there(tmp_path: Path) -> None:
    """Missing episodes are listed, available and not in the library; each is published."""
    async with open_stage(tmp_path) as stage:
        await _with_series(stage)

        items = await stage.app.queue.enqueue(KEY, missing=True)

        assert [i.episode.code for i in items] == ["S01E02", "S01E03", "S02E01"]
        assert len(stage.bus.of(ItemQueued)) == 3


async def test_a_request_is_stored_with_the_items(tmp_path: Path) -> None:
    """Languages, quality and priority of the request are stored with the items."""
    async with open_stage(tmp_path) as stage:
        await _with_series(stage)

        (item,) = await stage.app.queue.enqueue(
            KEY,
            episodes=[EpisodeRef(KEY, 1, 2)],
            languages=[ENG_SUB],
            quality=Quality.P720,
            priority=Priority.HIGH,
        )

        assert item.languages == (ENG_SUB,)
        assert item.quality is Quality.P720
        assert item.priority is Priority.HIGH


async def test_what_is_passed_over_is_told_with_its_reason(tmp_path: Path) -> None:
    """Downloaded, announced and queued episodes are skipped with a reason."""
    async with open_stage(tmp_path) as stage:
        await _with_series(stage)
        (queued,) = await stage.app.queue.enqueue(KEY, episodes=[EpisodeSelection(1, 2, 2)])

        submission = await stage.app.queue.submit(
            KEY, EpisodeRequest(selections=(EpisodeSelection(1),))
        )

        assert [i.episode.code for i in submission.items] == ["S01E03"]
        assert {s.episode.code: s.reason for s in submission.skipped} == {
            "S01E01": "already downloaded",
            "S01E02": "already in the queue",
            "S01E04": "not yet available",
        }
        assert [queued.id] == [s.item_id for s in submission.skipped if s.item_id]


async def test_missing_only_is_silent_about_what_is_there(tmp_path: Path) -> None:
    """With `missing_only`, existing episodes are not listed as skipped."""
    async with open_stage(tmp_path) as stage:
        await _with_series(stage)

        submission = await stage.app.queue.submit(KEY, EpisodeRequest(missing_only=True))

        assert [s.episode.code for s in submission.skipped] == ["S01E04"]


async def test_again_queues_what_is_there(tmp_path: Path) -> None:
    """With `again`, existing episodes are queued."""
    async with open_stage(tmp_path) as stage:
        await _with_series(stage)

        request = EpisodeRequest(selections=(EpisodeSelection(1, 1, 1),), again=True)
        submission = await stage.app.queue.submit(KEY, request)

        assert len(submission.items) == 1


async def test_double_episode_answers_to_each_number(tmp_path: Path) -> None:
    """Selecting the second number of a double episode queues it once."""
    async with open_stage(tmp_path) as stage:
        await _with_series(stage)

        items = await stage.app.queue.enqueue(
            KEY, episodes=[EpisodeSelection(2, 2, 2), EpisodeSelection(2, 1, 1)]
        )

        assert [i.episode.code for i in items] == ["S02E01"]


async def test_unknown_things_are_refused(tmp_path: Path) -> None:
    """An unknown series or episode queues nothing."""
    async with open_stage(tmp_path) as stage:
        await _with_series(stage)

        with pytest.raises(SeriesNotFoundError):
            await stage.app.queue.enqueue(SeriesKey("nothing"))
        with pytest.raises(EpisodeNotFoundError):
            await stage.app.queue.enqueue(
                KEY, episodes=[EpisodeSelection(1, 2, 2), EpisodeSelection(9)]
            )
        assert (await stage.app.queue.snapshot()).pending == ()


async def test_preview_changes_nothing(tmp_path: Path) -> None:
    """A preview returns the result without changing the queue."""
    async with open_stage(tmp_path) as stage:
        await _with_series(stage)

        plan = await stage.app.queue.preview(KEY, EpisodeRequest(missing_only=True))

        assert len(plan.items) == 3
        assert (await stage.app.queue.snapshot()).pending == ()


async def test_episodes_queued_meanwhile_are_settled_one_by_one(tmp_path: Path) -> None:
    """If another process queues one episode, the others are still added."""
    async with open_stage(tmp_path) as stage:
        await _with_series(stage)
        plan = await stage.app.queue.preview(KEY, EpisodeRequest(missing_only=True))
        original = stage.storage.queue.add
        raced = False

        async def racing(items: object) -> None:
            nonlocal raced
            if not raced:
                raced = True
                await original([plan.items[0]])
            await original(items)  # type: ignore[arg-type]

        object.__setattr__(stage.app.queue, "_queue", _Racing(stage, racing))
        submission = await stage.app.queue.submit(KEY, EpisodeRequest(missing_only=True))

        assert len(submission.items) == 2
        assert "S01E02" in [s.episode.code for s in submission.skipped]


class _Racing:
    """Repository whose `add` is preceded by another process."""

    def __init__(self, stage: Stage, add: object) -> None:
        self._stage = stage
        self.add = add

    def __getattr__(self, name: str) -> object:
        return getattr(self._stage.storage.queue, name)


async def test_snapshot_sorts_by_status(tmp_path: Path) -> None:
    """A snapshot has all items by status."""
    async with open_stage(tmp_path) as stage:
        await _with_series(stage)
        await stage.app.queue.enqueue(KEY, missing=True)
        repository = stage.storage.queue
        first = await repository.claim_next(make_claim(since=stage.clock.now()))
        assert first is not None
        await repository.save(first.fail(make_failure(), stage.clock.now()))
        second = await repository.claim_next(make_claim(since=stage.clock.now()))
        assert second is not None

        snapshot = await stage.app.queue.snapshot()

        assert [i.id for i in snapshot.failed] == [first.id]
        assert [i.id for i in snapshot.active] == [second.id]
        assert len(snapshot.pending) == 1
        assert snapshot.completed == ()


async def test_retry_counts_anew(tmp_path: Path) -> None:
    """A retry resets the attempts; items that have not failed are refused."""
    async with open_stage(tmp_path) as stage:
        await _with_series(stage)
        items = await stage.app.queue.enqueue(KEY, missing=True)
        repository = stage.storage.queue
        claimed = await repository.claim_next(make_claim(since=stage.clock.now()))
        assert claimed is not None
        await repository.save(claimed.fail(make_failure(), stage.clock.now()))

        (retried,) = await stage.app.queue.retry()

        assert retried.id == claimed.id
        assert retried.status is DownloadStatus.PENDING
        assert retried.retry_count == 0
        assert retried.failure is None
        assert len(stage.bus.of(ItemRequeued)) == 1
        with pytest.raises(IllegalTransitionError):
            await stage.app.queue.retry([items[1].id])
        with pytest.raises(ItemNotFoundError):
            await stage.app.queue.retry([ItemId("nothing")])


async def test_retry_of_an_episode_queued_again_is_passed_over(tmp_path: Path) -> None:
    """A failed item whose episode is queued again is not retried."""
    async with open_stage(tmp_path) as stage:
        await _with_series(stage)
        await stage.app.queue.enqueue(KEY, episodes=[EpisodeSelection(1, 2, 2)])
        claimed = await stage.storage.queue.claim_next(make_claim(since=stage.clock.now()))
        assert claimed is not None
        await stage.storage.queue.save(claimed.fail(make_failure(), stage.clock.now()))
        await stage.app.queue.enqueue(KEY, episodes=[EpisodeSelection(1, 2, 2)])

        assert list(await stage.app.queue.retry()) == []


async def test_reorder_puts_items_first_within_their_priority(tmp_path: Path) -> None:
    """Moved items come first in the given order, within their priority."""
    async with open_stage(tmp_path) as stage:
        await _with_series(stage)
        a, b, c = await stage.app.queue.enqueue(KEY, missing=True)

        await stage.app.queue.reorder([c.id, b.id, c.id])

        pending = (await stage.app.queue.snapshot()).pending
        assert [c.id, b.id, a.id] == [i.id for i in pending]


async def test_reorder_of_what_is_not_pending_is_refused(tmp_path: Path) -> None:
    """Only pending items can be moved."""
    async with open_stage(tmp_path) as stage:
        await _with_series(stage)
        await stage.app.queue.enqueue(KEY, episodes=[EpisodeSelection(1, 2, 2)])
        claimed = await stage.storage.queue.claim_next(make_claim(since=stage.clock.now()))
        assert claimed is not None

        with pytest.raises(IllegalTransitionError):
            await stage.app.queue.reorder([claimed.id])


async def test_remove_and_clear(tmp_path: Path) -> None:
    """Items are removed with an event; an active item is not."""
    async with open_stage(tmp_path) as stage:
        await _with_series(stage)
        a, *_ = await stage.app.queue.enqueue(KEY, missing=True)

        assert await stage.app.queue.remove([a.id]) == 1
        claimed = await stage.storage.queue.claim_next(make_claim(since=stage.clock.now()))
        assert claimed is not None
        with pytest.raises(ItemActiveError):
            await stage.app.queue.remove([claimed.id])
        assert await stage.app.queue.clear(DownloadStatus.PENDING) == 1
        assert len(stage.bus.of(ItemRemoved)) == 2
