"""The history: what is recorded, by whom, and how it is shown."""

from collections.abc import Sequence
from pathlib import Path
from typing import get_args

import anyio
import anyio.lowlevel
import pytest

from aniworld_core.application.actors import ActorName, acting_as
from aniworld_core.application.automation import (
    HistoryEntryView,
    HistoryLimit,
    HistoryRecorder,
)
from aniworld_core.application.downloads import EpisodeRequest
from aniworld_core.domain.automation import (
    Actor,
    ActorKind,
    HistoryEntry,
    HistoryKind,
    HistoryQuery,
)
from aniworld_core.domain.identity import EpisodeSelection, SeriesKey
from aniworld_core.domain.library import ChangeOrigin
from aniworld_core.errors import BadMediaError, StorageUnavailableError
from aniworld_core.events import ItemQueued
from aniworld_core.testing.factories import START, make_item, make_series
from aniworld_core.testing.fakes import RecordingBus
from aniworld_core.testing.memory import MemoryHistoryRepository, MemoryStorage
from support.application_stage import Stage, open_stage

pytestmark = pytest.mark.anyio

KEY = SeriesKey("attack-on-titan")
FIRST = EpisodeRequest(selections=(EpisodeSelection(1, 1, 1),))


async def _listed(stage: Stage, query: HistoryQuery | None = None) -> Sequence[HistoryEntryView]:
    return (await stage.app.history.find(query or HistoryQuery())).items


async def test_a_series_and_its_download_are_recorded(tmp_path: Path) -> None:
    """Addition, queueing, download, replacement, failure and removal each have one entry."""
    async with open_stage(tmp_path) as stage:
        link = f"https://fake.invalid/{KEY}"
        series = make_series(
            KEY, name="Attack on Titan", provider="fake", site="fake.invalid", link=link
        )
        stage.loader.series.append(series)
        with acting_as("api_key", "phone"):
            added = await stage.app.series_addition.add(link)
            await stage.app.queue.submit(KEY, FIRST)
        with acting_as("person"):
            await stage.app.worker.drain()
        again = EpisodeRequest(selections=(EpisodeSelection(1, 1, 1),), again=True)
        await stage.app.queue.submit(KEY, again)
        await stage.app.worker.drain()
        stage.fetcher.errors = [BadMediaError("it is cut")] * 9
        await stage.app.queue.submit(KEY, EpisodeRequest())
        await stage.app.worker.drain()
        with acting_as("person"):
            await stage.app.library_actions.remove(KEY)
        entries = await _listed(stage)

    told = [(entry.kind, entry.by, entry.by_name, entry.season, entry.episode) for entry in entries]
    assert added.created
    assert told[::-1][:3] == [
        ("added", "api_key", "phone", None, None),
        ("queued", "api_key", "phone", 1, 1),
        ("completed", "program", None, 1, 1),
    ]
    assert told[0] == ("removed", "person", None, None, None)
    kinds = [entry.kind for entry in entries]
    assert kinds.count("upgraded") == 1
    failed = next(entry for entry in entries if entry.kind == "failed")
    assert (failed.episode, failed.detail_kind) == (2, "bad_media")
    completed = next(entry for entry in entries if entry.kind == "completed")
    assert completed.file is not None
    assert completed.detail_kind == "history_source"
    assert {entry.title for entry in entries} == {"Attack on Titan"}


async def test_changes_of_files_show_their_present_state(tmp_path: Path) -> None:
    """A change has the number for its undo, and is shown as undone afterwards."""
    async with open_stage(tmp_path) as stage:
        (stage.library / "Alpha").mkdir(parents=True)
        change = await stage.app.changes.recycle(
            "Alpha", origin=ChangeOrigin.REMOVAL, title="Alpha"
        )
        assert change is not None
        (entry,) = await _listed(stage)
        assert (entry.kind, entry.id, entry.origin) == ("changed", change.id, "removal")
        assert (entry.status, entry.is_undone, entry.title) == ("done", False, "Alpha")
        with acting_as("command"):
            await stage.app.changes.undo(change.id)
        undo, former = await _listed(stage)
        assert (undo.by, undo.undoes, undo.origin) == ("command", change.id, "undo")
        assert former.is_undone
        await stage.storage.changes.prune(before=None, most=0)
        forgotten = await _listed(stage)

    assert [(entry.id, entry.status) for entry in forgotten] == [(None, None), (None, None)]


async def test_a_batch_is_one_write(monkeypatch: pytest.MonkeyPatch) -> None:
    """Episodes that are queued together are recorded together, and each event is delivered."""
    storage = MemoryStorage()
    await storage.series.add(make_series(KEY, name="Titan"))
    written: list[int] = []
    add = storage.history.add

    async def counted(entries: Sequence[HistoryEntry]) -> None:
        written.append(len(entries))
        await add(entries)

    monkeypatch.setattr(storage.history, "add", counted)
    bus = RecordingBus()
    recorder = HistoryRecorder(
        bus=bus, history=storage.history, series=storage.series, statistics=storage.statistics
    )
    events = [ItemQueued(item=make_item(n), at=START) for n in range(1, 101)]

    await recorder.publish_all(events)

    assert written == [100]
    assert bus.of(ItemQueued) == events
    page = await storage.history.find(HistoryQuery(limit=1))
    assert (page.total, page.items[0].title, page.items[0].code) == (100, "Titan", "S01E100")


async def test_a_failing_history_keeps_nothing_from_happening(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Events are delivered although their entries cannot be stored, which is logged."""
    storage = MemoryStorage()

    async def failing(entries: Sequence[HistoryEntry]) -> None:
        raise StorageUnavailableError("the disk is full")

    monkeypatch.setattr(storage.history, "add", failing)
    bus = RecordingBus()
    recorder = HistoryRecorder(
        bus=bus, history=storage.history, series=storage.series, statistics=storage.statistics
    )
    event = ItemQueued(item=make_item(1), at=START)

    await recorder.publish(event)

    assert bus.of(ItemQueued) == [event]
    assert "the history misses 1 entries" in caplog.text


async def test_the_oldest_entries_are_deleted() -> None:
    """The newest entries up to the limit stay; the result says how many were deleted."""
    storage = MemoryStorage()
    entry = HistoryEntry(kind=HistoryKind.ADDED, at=START, by=Actor(ActorKind.PROGRAM), title="A")
    await storage.history.add([entry] * 5)
    limit = HistoryLimit(history=storage.history, most=3)

    results = [await limit.apply(), await limit.apply()]

    assert results == ["2 entries deleted", "0 entries deleted"]
    assert [each.id for each in (await storage.history.find(HistoryQuery())).items] == [5, 4, 3]


def test_the_kinds_of_actors_agree() -> None:
    """Every name of an actor is a kind of the history."""
    assert set(get_args(ActorName)) == {kind.value for kind in ActorKind}


async def test_a_cancelled_publisher_still_delivers() -> None:
    """An event is recorded and delivered although its publisher is cancelled while it is stored."""
    storage, bus = MemoryStorage(), RecordingBus()
    with anyio.CancelScope() as scope:

        class Cancelling(MemoryHistoryRepository):
            """Cancels the publisher while it stores."""

            async def add(self, entries: Sequence[HistoryEntry]) -> None:
                scope.cancel()
                await anyio.lowlevel.checkpoint()
                await super().add(entries)

        history = Cancelling()
        recorder = HistoryRecorder(
            bus=bus, history=history, series=storage.series, statistics=storage.statistics
        )
        await recorder.publish(ItemQueued(item=make_item(1), at=START))

    assert len(bus.of(ItemQueued)) == 1
    assert (await history.find(HistoryQuery())).total == 1
