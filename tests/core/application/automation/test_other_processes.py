"""Changes of other processes are published once, and own changes are not repeated."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import anyio
import attrs
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from aniworld_core.application.configuration import ConfigEditor, CurrentConfig
from aniworld_core.application.downloads import QueueSwitch
from aniworld_core.domain.downloads import DownloadStatus, Failure, Progress, QueueChanges
from aniworld_core.domain.identity import EpisodeRef, SeriesKey
from aniworld_core.domain.shared_state import SCAN_NOTE_LIFETIME, QueueControl, ScanNote
from aniworld_core.errors import StorageUnavailableError, SubscriberLaggedError
from aniworld_core.events import (
    DownloadCompleted,
    DownloadFailed,
    DownloadProgressed,
    DownloadStarted,
    Event,
    ItemQueued,
    ItemRemoved,
    ItemRequeued,
    QueueReloaded,
    ScanCompleted,
    ScanFailed,
    ScanProgressed,
    ScanStarted,
    SeriesAdded,
    SeriesRemoved,
)
from aniworld_core.testing import at, make_claim, make_failure, make_item, make_series
from support.application_stage import Stage, open_stage

pytestmark = pytest.mark.anyio

KEY = SeriesKey("attack-on-titan")
REF = EpisodeRef(KEY, 1, 1)


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    """Return an application that has checked an empty database."""
    async with open_stage(tmp_path) as opened:
        await opened.app.others._begin()
        yield opened


async def _looked(stage: Stage) -> list[Event]:
    """Check often enough to distinguish other processes' changes from own ones."""
    before = len(stage.bus.events)
    for _ in range(3):
        await stage.app.others.look()
    return stage.bus.events[before:]


def _names(events: list[Event]) -> list[str]:
    return [type(event).__name__ for event in events]


async def test_the_life_of_a_strangers_item_is_told(stage: Stage) -> None:
    """All steps of an item of another process are published as the same events."""
    queue = stage.storage.queue
    await queue.add([make_item(1, episode=REF)])
    assert _names(await _looked(stage)) == ["ItemQueued"]
    item = await queue.claim_next(make_claim(since=stage.clock.now()))
    assert item is not None
    assert _names(await _looked(stage)) == ["DownloadStarted", "DownloadProgressed"]
    await queue.record_progress(item.id, Progress(downloaded_bytes=5, total_bytes=10))
    (moved,) = await _looked(stage)
    assert isinstance(moved, DownloadProgressed)
    assert moved.progress.percent == 50
    done = await queue.save((await queue.get(item.id)).complete(at(9), "a.mp4", None))
    assert await _looked(stage) == [DownloadCompleted(item=done, folder=moved.folder, at=at(9))]
    await queue.remove([item.id])
    assert _names(await _looked(stage)) == ["ItemRemoved"]
    assert await _looked(stage) == []


async def test_failures_and_retries_of_strangers_are_told(stage: Stage) -> None:
    """A failed attempt with a retry is published as failure and requeueing."""
    queue = stage.storage.queue
    await queue.add([make_item(1, episode=REF)])
    item = await queue.claim_next(make_claim(since=stage.clock.now()))
    assert item is not None
    await _looked(stage)
    failed = await queue.save(item.fail(make_failure(), at(5)))
    await queue.save(failed.retry(not_before=at(99)))

    failure, requeued = await _looked(stage)

    assert isinstance(failure, DownloadFailed)
    assert failure.item.failure == make_failure()
    assert isinstance(requeued, ItemRequeued)


async def test_own_work_is_not_told_twice(stage: Stage) -> None:
    """Each change of this process is published once."""
    link = f"https://fake.invalid/{KEY}"
    series = make_series(KEY, provider="fake", site="fake.invalid", link=link)
    stage.loader.series.append(series)
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(stage.app.others.run)
        await anyio.wait_all_tasks_blocked()
        await stage.app.catalogue.add(series.link)
        await stage.app.queue.enqueue(KEY)
        await anyio.sleep(0)
        await _looked(stage)
        await stage.app.worker.drain()
        await _looked(stage)
        await stage.app.queue.clear(DownloadStatus.COMPLETED)
        await _looked(stage)
        tasks.cancel_scope.cancel()

    count = len(series.episodes)
    assert len(stage.bus.of(SeriesAdded)) == 1
    for kind in (ItemQueued, DownloadStarted, DownloadCompleted, ItemRemoved):
        assert len(stage.bus.of(kind)) == count
    assert not stage.bus.of(ItemRequeued)


async def test_series_of_strangers_are_told(stage: Stage) -> None:
    """Added and removed series are published."""
    series = make_series(KEY)
    await stage.storage.series.add(series)
    assert _names(await _looked(stage)) == ["SeriesAdded"]
    await stage.storage.series.remove(KEY)
    (removed,) = await _looked(stage)
    assert isinstance(removed, SeriesRemoved)
    assert removed.folder == series.folder


def _note(stage: Stage, **changes: object) -> ScanNote:
    note = ScanNote(
        process="other",
        scan_id="s",
        status="running",
        started_at=stage.clock.now(),
        noted_at=stage.clock.now(),
    )
    return attrs.evolve(note, **changes)  # type: ignore[arg-type]


async def _noted(stage: Stage, note: ScanNote) -> list[str]:
    before = len(stage.bus.events)
    await stage.storage.shared.note_scan(note)
    await stage.app.others._scans.look(is_changed=True)
    return _names(stage.bus.events[before:])


async def test_scans_of_strangers_are_told(stage: Stage) -> None:
    """Start, progress and end of a scan are published, and REST shows the scan."""
    assert await _noted(stage, _note(stage)) == ["ScanStarted"]
    assert await _noted(stage, _note(stage, done=1, total=4, key=KEY)) == ["ScanProgressed"]
    assert (stage.app.scans.state.scan_id, stage.app.scans.state.done) == ("s", 1)
    ended = _note(stage, status="completed", series=4, files=7)
    assert await _noted(stage, ended) == ["ScanCompleted"]
    assert stage.bus.of(ScanStarted, ScanProgressed, ScanCompleted)
    assert await _noted(stage, ended) == []


@pytest.mark.parametrize("failure", [make_failure(message="no library"), None])
async def test_a_failed_scan_of_another_process_is_published_once(
    stage: Stage, failure: Failure | None
) -> None:
    """A failed scan is published once, with its reason or as interrupted."""
    await _noted(stage, _note(stage))
    ended = _note(stage, status="failed", failure=failure)
    assert await _noted(stage, ended) == ["ScanFailed"]
    assert await _noted(stage, ended) == []
    (event,) = stage.bus.of(ScanFailed)
    assert isinstance(event, ScanFailed)
    assert event.scan_id == "s"
    assert event.failure.kind == (failure.kind if failure else "interrupted")
    assert stage.app.scans.state.status == "failed"


async def test_a_scan_whose_process_ended_has_failed(stage: Stage) -> None:
    """A scan whose process has ended counts as failed."""
    await _noted(stage, _note(stage))
    stage.clock.advance(SCAN_NOTE_LIFETIME + timedelta(seconds=1))

    await stage.app.others._scans.look(is_changed=False)
    await stage.app.others._scans.look(is_changed=False)

    assert len(stage.bus.of(ScanFailed)) == 1
    assert stage.app.scans.state.status == "failed"


async def test_own_scans_leave_a_note(stage: Stage) -> None:
    """The own scan is stored for other processes and not published twice."""
    report = await stage.app.scanner.scan()

    note = await stage.storage.shared.scan_note()
    assert note is not None
    assert (note.status, note.scan_id) == ("completed", report.scan_id)
    await stage.app.others._scans.look(is_changed=True)
    assert len(stage.bus.of(ScanCompleted)) == 1


_STEPS = st.lists(st.sampled_from(["pause", "resume", "stop", "start", "restart", "other"]))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=30)
@given(steps=_STEPS)
async def test_stop_and_pause_are_what_was_asked_last(stage: Stage, steps: list[str]) -> None:
    """After any sequence of decisions and restarts the last decision applies."""
    await stage.storage.shared.change_queue_control(is_stopped=False, is_paused=False)
    await stage.app.worker.resume()
    expected = QueueControl()
    switch = stage.app.switch
    for step in steps:
        match step:
            case "pause" | "resume":
                await (switch.pause() if step == "pause" else switch.resume())
                expected = attrs.evolve(expected, is_paused=step == "pause")
            case "stop" | "start":
                await switch.set_stopped(is_stopped=step == "stop")
                expected = attrs.evolve(expected, is_stopped=step == "stop")
            case "other":
                expected = QueueControl(is_paused=not expected.is_paused)
                await stage.storage.shared.change_queue_control(
                    is_stopped=False, is_paused=expected.is_paused
                )
            case _:
                switch = QueueSwitch(
                    shared=stage.storage.shared,
                    queue=stage.storage.queue,
                    worker=stage.app.worker,
                )
        if step in ("other", "restart"):
            assert await switch.restore() == expected
        assert await switch.control() == expected
        assert stage.app.worker.is_paused == expected.is_paused


async def test_progress_of_others_is_published_only_when_it_changes(stage: Stage) -> None:
    """The same progress is not repeated, and progress of the own worker is never published."""
    queue = stage.storage.queue
    await queue.add([make_item(1, episode=REF), make_item(2, episode=EpisodeRef(KEY, 2, 7))])
    await _looked(stage)
    other = await queue.claim_next(make_claim(since=stage.clock.now()))
    own = await queue.claim_next(make_claim(stage.app.worker.id, since=stage.clock.now()))
    assert other is not None
    assert own is not None
    await _looked(stage)
    moved = Progress(downloaded_bytes=7, total_bytes=9)
    for item in (other, own):
        await queue.record_progress(item.id, moved)
    stage.app.others._revision = ""
    (event,) = await _looked(stage)
    assert isinstance(event, DownloadProgressed)
    assert (event.item_id, event.progress, event.folder) == (other.id, moved, "")
    assert (event.key, event.season, event.episode) == (KEY, REF.season, REF.number)
    stage.app.others._revision = ""
    assert await _looked(stage) == []


async def test_events_name_the_folder_of_the_series(stage: Stage) -> None:
    """Also of a series that this process added itself."""
    series = make_series(KEY)
    stage.app.others._take(SeriesAdded(key=KEY, folder=series.folder, at=at(1)))
    await stage.storage.series.add(series)
    await stage.storage.queue.add([make_item(1, episode=REF)])
    await stage.storage.queue.claim_next(make_claim(since=stage.clock.now()))
    events = await _looked(stage)
    assert _names(events) == ["ItemQueued", "DownloadStarted", "DownloadProgressed"]
    folders = {event.folder for event in events if not isinstance(event, ItemQueued)}  # type: ignore[union-attr]
    assert folders == {series.folder}
    stage.app.others._take(SeriesRemoved(key=KEY, folder=series.folder, at=at(2)))
    await stage.storage.series.remove(KEY)
    assert not any(isinstance(event, SeriesRemoved) for event in await _looked(stage))


async def test_a_series_is_announced_once_after_two_checks(stage: Stage) -> None:
    """The first check leaves time for an own event that has not arrived yet."""
    others, series = stage.app.others, make_series(KEY)
    await stage.storage.series.add(series)
    await others.look()
    assert not stage.bus.of(SeriesAdded)
    await others.look()
    await others.look()
    assert stage.bus.of(SeriesAdded) == [
        SeriesAdded(key=KEY, folder=series.folder, at=stage.clock.now())
    ]
    await stage.storage.series.remove(KEY)
    await others.look()
    assert not stage.bus.of(SeriesRemoved)
    await stage.storage.series.add(series)  # again before it was announced
    await others.look()
    await others.look()
    assert len(stage.bus.of(SeriesAdded)) == 1
    assert not stage.bus.of(SeriesRemoved)


@pytest.mark.parametrize(
    ("announced", "current", "is_announced"),
    [
        (1, 2, False),
        (2, 2, True),
        (3, 2, True),
        (None, 2, False),
        (2, None, False),
        (None, None, True),
        ("nothing", 2, False),
        ("nothing", None, False),
    ],
)
async def test_an_event_covers_the_revisions_up_to_its_own(
    stage: Stage, announced: int | str | None, current: int | None, is_announced: bool
) -> None:
    """A removal covers only the removal, and other events only items that still exist."""
    item = make_item(1, episode=REF)
    if announced is None:
        stage.app.others._take(ItemRemoved(item_id=item.id, at=at(1)))
    elif isinstance(announced, int):
        known = attrs.evolve(item, revision=announced)
        stage.app.others._take(ItemQueued(item=known, at=at(1)))
    found = None if current is None else attrs.evolve(item, revision=current)
    assert stage.app.others._is_announced(item.id, found) == is_announced


async def test_own_events_are_forgotten_after_one_check(stage: Stage) -> None:
    """Only those that were there when the check began, and not while a change is uncertain."""
    others, queue = stage.app.others, stage.storage.queue
    item = make_item(1, episode=REF)
    await queue.add([item])
    others._take(ItemQueued(item=item, at=at(1)))
    await others.look()
    assert others._announced == {}
    assert others._suspects == {}
    assert await _looked(stage) == []
    await queue.remove([item.id])
    await others.look()
    assert list(others._suspects) == [item.id]
    others._take(ItemRemoved(item_id=item.id, at=at(2)))
    await others.look()
    assert not stage.bus.of(ItemRemoved)


async def test_a_lost_change_log_is_published_as_a_reload(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Subscribers then read the whole queue again; no single item is published."""
    queue = stage.storage.queue
    await queue.add([make_item(1, episode=REF)])
    read = type(queue).changes_since

    async def incomplete(self: object, sequence: int | None) -> QueueChanges:
        return attrs.evolve(await read(self, sequence), is_complete=False)  # type: ignore[arg-type]

    monkeypatch.setattr(type(queue), "changes_since", incomplete)
    await stage.app.others.look()
    assert stage.bus.events == [QueueReloaded(at=stage.clock.now())]
    assert stage.app.others._suspects == {}


async def test_nothing_is_compared_while_nothing_changes(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A check without changes reads two revisions only."""
    calls: list[int | None] = []
    queue = stage.storage.queue
    read = type(queue).changes_since

    async def counted(self: object, sequence: int | None) -> QueueChanges:
        calls.append(sequence)
        return await read(self, sequence)  # type: ignore[arg-type]

    monkeypatch.setattr(type(queue), "changes_since", counted)
    await stage.app.others.look()
    await stage.app.others.look()
    assert len(calls) == 1
    await queue.add([make_item(1, episode=REF)])
    for count in (2, 3, 3):
        await stage.app.others.look()
        assert len(calls) == count


async def test_an_outage_is_reported_and_survived(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The changes during the outage are published after it."""
    others, queue = stage.app.others, stage.storage.queue
    revision = type(queue).revision

    async def broken(_: object) -> str:
        raise StorageUnavailableError("locked")

    monkeypatch.setattr(type(queue), "revision", broken)
    await others._look_safely()
    seen = [others._outage.is_over]
    await queue.add([make_item(1, episode=REF)])
    monkeypatch.setattr(type(queue), "revision", revision)
    await others._look_safely()
    seen.append(others._outage.is_over)
    assert seen == [False, True]
    await others._look_safely()
    assert _names(stage.bus.events) == ["ItemQueued"]


async def test_a_start_during_an_outage_is_reported(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first read is the only one that may fail before the checks begin."""

    async def broken(_: object, __: object) -> QueueChanges:
        raise StorageUnavailableError("locked")

    monkeypatch.setattr(type(stage.storage.queue), "changes_since", broken)
    await stage.app.others._begin()
    assert not stage.app.others._outage.is_over


async def test_missed_own_events_do_not_end_the_subscription(stage: Stage) -> None:
    """At worst an own event is published twice; later ones are still noted."""
    item = make_item(1, episode=REF)
    steps: list[Event | Exception] = [SubscriberLaggedError(3), ItemQueued(item=item, at=at(1))]

    class Events:
        def __aiter__(self) -> "Events":
            return self

        async def __anext__(self) -> Event:
            if not steps:
                raise StopAsyncIteration
            step = steps.pop(0)
            if isinstance(step, Exception):
                raise step
            return step

    await stage.app.others._note_own(Events())
    assert stage.app.others._announced == {item.id: item.revision}


async def test_settings_of_other_processes_are_put_in_force(stage: Stage) -> None:
    """A setting that another process stores applies after the next check."""
    config = stage.app.current_config
    other = ConfigEditor(
        store=stage.app._parts.store, clock=stage.clock, current=CurrentConfig(config.value)
    )
    await other.set({"downloads.limit_rate": "1000"})
    assert config.value.downloads.limit_rate != 1000
    await stage.app.others.look()
    assert config.value.downloads.limit_rate == 1000
