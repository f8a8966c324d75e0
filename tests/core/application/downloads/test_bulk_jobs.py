"""Bulk jobs: what they change, how far they are, and how they are cancelled and undone."""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import anyio
import attrs
import pytest

from aniworld_core.application.actors import acting_as
from aniworld_core.application.downloads import SeriesChanges, SeriesSelection
from aniworld_core.application.downloads.bulk import jobs
from aniworld_core.domain.automation import Actor, ActorKind, HistoryKind, HistoryQuery
from aniworld_core.domain.catalogue import Series, SeriesFilter, SeriesQuery
from aniworld_core.domain.downloads import (
    BulkJob,
    DownloadStatus,
    JobAction,
    JobKind,
    JobStatus,
    JobStepState,
    SeasonChoice,
)
from aniworld_core.domain.identity import FolderName, JobId, SeriesKey
from aniworld_core.domain.library import FileState, LibraryFile
from aniworld_core.domain.media import ENG_SUB, GER_SUB, Quality
from aniworld_core.errors import (
    InvalidFieldsError,
    JobNotFoundError,
    JobNotUndoableError,
    StorageUnavailableError,
    UnsafePathError,
)
from aniworld_core.events import JobProgressed
from aniworld_core.testing.factories import make_claim, make_episode, make_series
from aniworld_core.testing.waiting import PATIENCE
from support.application_stage import Stage, open_stage

pytestmark = pytest.mark.anyio

KEYS = tuple(SeriesKey(f"series-{number:02}") for number in range(45))
ALL = SeriesSelection()
DOWNLOAD = JobAction(kind=JobKind.DOWNLOAD)
STOP = JobAction(kind=JobKind.EDIT, monitored=False)


def _series(key: SeriesKey) -> Series:
    """Return a series of a film, a season with a file, and a season without."""
    return make_series(
        key,
        name=key.upper(),
        folder=FolderName(f"Shows/{key}"),
        episodes=[
            make_episode(1, season=0),
            make_episode(1, downloaded=True, file=f"Shows/{key}/1.mkv"),
            make_episode(2),
            make_episode(1, season=2),
            make_episode(2, season=2, available=False),
        ],
    )


@asynccontextmanager
async def working(folder: Path, count: int = 3) -> AsyncIterator[Stage]:
    """Open an application with some series, whose jobs are worked on."""
    async with open_stage(folder) as stage, anyio.create_task_group() as tasks:
        for key in KEYS[:count]:
            await stage.storage.series.add(_series(key))
        tasks.start_soon(stage.app.jobs.run)
        yield stage
        tasks.cancel_scope.cancel()


async def ended(stage: Stage, job_id: JobId) -> BulkJob:
    """Return a job when it has ended."""
    with anyio.fail_after(PATIENCE):
        while not (job := await stage.app.jobs.get(job_id)).is_finished:
            await anyio.sleep(0.01)
    return job


async def done(stage: Stage, action: JobAction, selection: SeriesSelection = ALL) -> BulkJob:
    """Start a job, and return it when it has ended."""
    return await ended(stage, (await stage.app.jobs.start(action, selection)).id)


async def undone(stage: Stage, job: BulkJob) -> BulkJob:
    """Undo a job, and return it when that has ended."""
    return await ended(stage, (await stage.app.jobs.undo(job.id)).id)


async def stored(stage: Stage) -> Mapping[SeriesKey, Series]:
    """Return all series, without the time of their last change."""
    found = await stage.storage.series.find()
    return {series.key: attrs.evolve(series, updated_at=None) for series in found}


async def test_a_download_queues_what_was_counted(tmp_path: Path) -> None:
    """The estimate is what happens; open items and series without missing ones do not count."""
    async with working(tmp_path) as stage:
        await stage.app.queue.enqueue(KEYS[0])
        await stage.app.library_actions.change(KEYS[1], SeriesChanges(monitored=False))
        action = JobAction(kind=JobKind.DOWNLOAD, monitored_only=True)

        estimate = await stage.app.jobs.estimate(action, ALL)
        job = await done(stage, action)

        assert (estimate.series, estimate.episodes) == (1, 3)
        assert (job.total, job.changed, job.episodes) == (1, 1, 3)
        assert len(await stage.storage.queue.find(series_key=KEYS[2])) == 3
        assert not await stage.storage.queue.find(series_key=KEYS[1])


async def test_undoing_a_download_removes_what_waits(tmp_path: Path) -> None:
    """Items that a worker has begun stay; they and earlier items are no part of the undo."""
    async with working(tmp_path, 2) as stage:
        await stage.app.queue.enqueue(KEYS[0])
        job = await done(stage, DOWNLOAD)
        begun = await stage.storage.queue.claim_next(make_claim(), only=None)
        assert begun is not None

        job = await undone(stage, job)

        assert (job.status, job.failed) == (JobStatus.UNDONE, 0)
        assert len(await stage.storage.queue.find(series_key=KEYS[0])) >= 3
        assert not await stage.storage.queue.find(
            series_key=KEYS[1], statuses=[DownloadStatus.PENDING]
        )


@pytest.mark.parametrize(
    ("action", "expected"),
    [
        (STOP, lambda s: attrs.evolve(s, monitored=False)),
        (
            JobAction(kind=JobKind.EDIT, languages=(ENG_SUB, GER_SUB), quality=Quality.P480),
            lambda s: attrs.evolve(s, languages=(ENG_SUB, GER_SUB), quality=Quality.P480),
        ),
        (
            JobAction(kind=JobKind.EDIT, parent="Old/Anime"),
            lambda s: attrs.evolve(s, folder=FolderName(f"Old/Anime/{s.key}")),
        ),
        (
            JobAction(kind=JobKind.EDIT, parent=""),
            lambda s: attrs.evolve(s, folder=FolderName(s.key)),
        ),
    ],
)
async def test_an_edit_changes_and_restores(
    tmp_path: Path, action: JobAction, expected: Callable[[Series], Series]
) -> None:
    """Every setting is changed in all series of a filter, and restored by undo."""
    async with working(tmp_path) as stage:
        before = await stored(stage)
        chosen = SeriesSelection(query=SeriesQuery(search="series 0", filter=SeriesFilter.MISSING))

        job = await done(stage, action, chosen)

        assert (job.total, job.done, job.changed, job.failed) == (3, 3, 3, 0)
        assert await stored(stage) == {key: expected(series) for key, series in before.items()}
        job = await undone(stage, job)
        assert (job.status, job.changed) == (JobStatus.UNDONE, 0)
        assert await stored(stage) == before


@pytest.mark.parametrize(
    ("choice", "unwanted"),
    [
        (SeasonChoice.ALL, []),
        (SeasonChoice.LATEST, [(0, 1), (1, 1), (1, 2)]),
        (SeasonChoice.NONE, [(0, 1), (1, 1), (1, 2), (2, 1), (2, 2)]),
        (SeasonChoice.FILMS, []),
        (SeasonChoice.NO_FILMS, [(0, 1)]),
    ],
)
async def test_seasons_are_chosen(
    tmp_path: Path, choice: SeasonChoice, unwanted: list[tuple[int, int]]
) -> None:
    """Items of episodes that are not wanted leave the queue, and undo queues them again."""
    async with working(tmp_path, 1) as stage:
        before = await stored(stage)
        await stage.app.queue.enqueue(KEYS[0], missing=True)
        queued = {i.episode for i in await stage.storage.queue.find()}

        job = await done(stage, JobAction(kind=JobKind.EDIT, seasons=choice))

        series = await stage.storage.series.get(KEYS[0])
        assert [(e.season, e.number) for e in series.episodes if not e.wanted] == unwanted
        left = {i.episode for i in await stage.storage.queue.find()}
        assert left == {e for e in queued if (e.season, e.number) not in unwanted}
        assert job.changed == bool(unwanted)
        if job.changed:
            await undone(stage, job)
        assert await stored(stage) == before
        assert {i.episode for i in await stage.storage.queue.find()} == queued


async def test_undo_keeps_what_others_changed(tmp_path: Path) -> None:
    """A value that is not the job's any more stays; the other values of the series return."""
    async with working(tmp_path) as stage:
        action = JobAction(kind=JobKind.EDIT, monitored=False, quality=Quality.P480)
        job = await done(stage, action)
        actions = stage.app.library_actions
        await actions.change(KEYS[0], SeriesChanges(quality=Quality.P720))
        await actions.change(KEYS[1], SeriesChanges(quality=Quality.P720, monitored=True))
        await actions.remove(KEYS[2])

        job = await undone(stage, job)

        first, second = (await stored(stage)).values()
        assert (first.monitored, first.quality) == (True, Quality.P720)
        assert (second.monitored, second.quality) == (True, Quality.P720)
        assert (job.status, job.kept, job.failed) == (JobStatus.UNDONE, 2, 0)


@pytest.mark.parametrize("files", [False, True])
async def test_a_removal_says_what_it_takes_and_returns_it(tmp_path: Path, files: bool) -> None:
    """Files, queue items and sizes are counted before; undo returns series, files and items."""
    async with working(tmp_path, 2) as stage:
        for key in KEYS[:2]:
            path = stage.library / "Shows" / key / "1.mkv"
            path.parent.mkdir(parents=True)
            path.write_bytes(b"video")
            await stage.storage.files.save(
                [
                    LibraryFile(
                        path=f"Shows/{key}/1.mkv",
                        size=5,
                        modified_ns=1,
                        state=FileState.PRESENT,
                        series_key=key,
                    )
                ]
            )
            await stage.app.queue.enqueue(key, missing=True)
        before = await stored(stage)
        action = JobAction(kind=JobKind.REMOVE, files=files)

        estimate = await stage.app.jobs.estimate(action, ALL)
        job = await done(stage, action)

        assert attrs.astuple(estimate) == (2, 2, 6, 10)
        assert not await stored(stage)
        assert not await stage.storage.queue.find()
        assert (stage.library / "Shows" / KEYS[0] / "1.mkv").exists() is not files
        job = await undone(stage, job)
        assert (job.status, job.failed, job.reason) == (JobStatus.UNDONE, 0, "")
        assert await stored(stage) == before
        assert len(await stage.storage.queue.find()) == 6
        assert (stage.library / "Shows" / KEYS[0] / "1.mkv").read_bytes() == b"video"


async def test_a_cancelled_job_stops_and_can_be_undone(tmp_path: Path) -> None:
    """Series that were not reached stay as they are; the changed ones are changed back."""
    async with open_stage(tmp_path) as stage:
        for key in KEYS:
            await stage.storage.series.add(_series(key))
        before = await stored(stage)
        job = await stage.app.jobs.start(STOP, ALL)
        async with (
            stage.app.bus.subscribe(JobProgressed) as events,
            anyio.create_task_group() as tasks,
        ):
            tasks.start_soon(stage.app.jobs.run)
            with anyio.fail_after(PATIENCE):
                async for event in events:
                    if event.job.done:
                        await stage.app.jobs.cancel(job.id)
                        break
            job = await ended(stage, job.id)

            assert job.status is JobStatus.CANCELLED
            assert 0 < job.changed == job.done < len(KEYS)
            stopped = [s for s in (await stored(stage)).values() if not s.monitored]
            assert len(stopped) == job.changed
            begun = await stage.storage.jobs.steps(job.id, {JobStepState.BEGUN}, limit=99)
            assert not begun
            await undone(stage, job)
            assert await stored(stage) == before
            tasks.cancel_scope.cancel()


async def test_a_job_continues_after_a_restart(tmp_path: Path) -> None:
    """A job that was killed in the middle of a series is finished once, and undone as a whole."""
    async with working(tmp_path, 0) as stage:
        for key in KEYS[:3]:
            await stage.storage.series.add(_series(key))
        before = await stored(stage)
        job = attrs.evolve(
            BulkJob(action=STOP, actor=("person", ""), at=stage.clock.now(), total=3),
            status=JobStatus.RUNNING,
        )
        job = await stage.storage.jobs.add(job, KEYS[:3])
        # As a killed process leaves it: noted and changed, but not counted.
        (step, *_) = await stage.storage.jobs.steps(job.id, set(JobStepState), limit=1)
        note = {"before": {"monitored": True}, "after": {"monitored": False}, "open": []}
        begun = attrs.evolve(step, state=JobStepState.BEGUN, note=note)
        await stage.storage.jobs.save(job, [begun])
        await stage.app.library_actions.change(KEYS[0], SeriesChanges(monitored=False))
        first = await stage.app.jobs.start(STOP, SeriesSelection(keys=KEYS[:1]))

        job = await ended(stage, job.id)

        assert (job.status, job.changed) == (JobStatus.DONE, 3)
        assert (await ended(stage, first.id)).changed == 0
        await undone(stage, job)
        assert await stored(stage) == before


@pytest.mark.parametrize("undo", [False, True])
async def test_a_job_cancelled_before_a_kill_stays_cancelled(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, undo: bool
) -> None:
    """The next process finishes only the series that was being changed; undo works for all."""
    async with open_stage(tmp_path) as stage:
        for key in KEYS[:3]:
            await stage.storage.series.add(_series(key))
        before = await stored(stage)
        job = await stage.app.jobs.start(STOP, ALL)
        if undo:
            await stage.app.jobs.drain()
            job = await stage.app.jobs.undo(job.id)
        save: Any = stage.storage.jobs.save

        async def dying(_: Any, job: BulkJob, steps: Any = ()) -> None:
            if any(step.state in {JobStepState.DONE, JobStepState.UNDONE} for step in steps):
                # As another process does it.
                await stage.storage.jobs.cancel(job.id, stage.clock.now())
                raise Killed
            await save(job, steps)

        with monkeypatch.context() as patch:
            patch.setattr(type(stage.storage.jobs), "save", dying)
            with pytest.raises(Killed):
                await stage.app.jobs.run()

        await stage.app.jobs.drain()

        job = await stage.app.jobs.get(job.id)
        assert (job.status, job.done, job.is_cancelled) == (JobStatus.CANCELLED, 1, False)
        stopped = [s for s in (await stored(stage)).values() if not s.monitored]
        assert len(stopped) == job.changed == (2 if undo else 1)
        await stage.app.jobs.undo(job.id)
        await stage.app.jobs.drain()
        assert await stored(stage) == before


async def test_one_process_at_a_time_works_on_a_job(tmp_path: Path) -> None:
    """A second process waits, and finds the job finished; it works on what is cancelled too."""
    async with open_stage(tmp_path) as stage:
        for key in KEYS:
            await stage.storage.series.add(_series(key))
        other = attrs.evolve(stage.app.jobs)
        job = await stage.app.jobs.start(STOP, ALL)

        async with anyio.create_task_group() as tasks:
            tasks.start_soon(stage.app.jobs.drain)
            tasks.start_soon(other.drain)

        job = await other.get(job.id)
        assert (job.status, job.done, job.changed) == (JobStatus.DONE, len(KEYS), len(KEYS))


class Killed(BaseException):
    """Stands for the end of the process."""


async def killed(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, at_step: JobStepState, job: BulkJob
) -> None:
    """Work on a job until its process ends just before a step is stored in a state."""
    save: Any = stage.storage.jobs.save

    async def dying(_: Any, job: BulkJob, steps: Any = ()) -> None:
        if any(step.state is at_step for step in steps):
            raise Killed
        await save(job, steps)

    with monkeypatch.context() as patch:
        patch.setattr(type(stage.storage.jobs), "save", dying)
        with pytest.raises(Killed):
            await stage.app.jobs.run()
    assert not (await stage.app.jobs.get(job.id)).is_finished


@pytest.mark.parametrize(
    "action",
    [
        DOWNLOAD,
        JobAction(kind=JobKind.EDIT, seasons=SeasonChoice.LATEST, monitored=False, parent="New"),
        JobAction(kind=JobKind.REMOVE),
        JobAction(kind=JobKind.REMOVE, files=True),
    ],
)
async def test_a_kill_loses_no_undo(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, action: JobAction
) -> None:
    """A job that was killed after a change, and in its undo, is undone as a whole."""
    async with open_stage(tmp_path) as stage:
        for key in KEYS[:2]:
            path = stage.library / "Shows" / key / "1.mkv"
            path.parent.mkdir(parents=True)
            path.write_bytes(b"video")
            await stage.storage.series.add(_series(key))
            if action.kind is not JobKind.DOWNLOAD:
                await stage.app.queue.enqueue(key, missing=True)
        before = await stored(stage)
        queued = {item.episode for item in await stage.storage.queue.find()}
        job = await stage.app.jobs.start(action, ALL)
        await killed(stage, monkeypatch, JobStepState.DONE, job)

        async with anyio.create_task_group() as tasks:
            tasks.start_soon(stage.app.jobs.run)
            job = await ended(stage, job.id)
            tasks.cancel_scope.cancel()
        assert (job.status, job.changed, job.failed) == (JobStatus.DONE, 2, 0)
        if action.kind is JobKind.DOWNLOAD:
            assert job.episodes == len(await stage.storage.queue.find()) == 6
        await stage.app.jobs.undo(job.id)
        await killed(stage, monkeypatch, JobStepState.UNDONE, job)
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(stage.app.jobs.run)
            job = await ended(stage, job.id)
            tasks.cancel_scope.cancel()

        assert (job.status, job.changed, job.kept, job.reason) == (JobStatus.UNDONE, 0, 0, "")
        assert await stored(stage) == before
        assert {item.episode for item in await stage.storage.queue.find()} == queued
        assert all((stage.library / "Shows" / key / "1.mkv").exists() for key in KEYS[:2])


async def test_a_waiting_job_is_cancelled_at_once(tmp_path: Path) -> None:
    """A job that has not begun is not begun after a restart either."""
    async with open_stage(tmp_path) as stage:
        await stage.storage.series.add(_series(KEYS[0]))
        job = await stage.app.jobs.start(STOP, ALL)

        job = await stage.app.jobs.cancel(job.id)

        assert (job.status, job.changed) == (JobStatus.CANCELLED, 0)
        assert not await stage.storage.jobs.unfinished()


async def test_one_bad_series_does_not_stop_the_others(tmp_path: Path) -> None:
    """A folder that another series has is refused for one series, with its reason."""
    async with working(tmp_path) as stage:
        taken = attrs.evolve(_series(SeriesKey("other")), folder=FolderName(f"New/{KEYS[1]}"))
        await stage.storage.series.add(taken)

        job = await done(
            stage, JobAction(kind=JobKind.EDIT, parent="New"), SeriesSelection(keys=KEYS[:3])
        )

        assert (job.done, job.changed, job.failed) == (3, 2, 1)
        assert taken.folder in job.reason


async def test_a_series_whose_unwanted_episode_is_downloading_is_not_edited(
    tmp_path: Path,
) -> None:
    """Its folder stays as well; the other series are edited."""
    async with working(tmp_path, 2) as stage:
        before = await stored(stage)
        await stage.app.queue.enqueue(KEYS[0], missing=True)
        begun = await stage.storage.queue.claim_next(make_claim(), only=None)
        assert begun is not None

        action = JobAction(kind=JobKind.EDIT, seasons=SeasonChoice.NONE, parent="New")
        job = await done(stage, action)

        assert (job.done, job.changed, job.failed) == (2, 1, 1)
        after = await stored(stage)
        assert after[KEYS[0]] == before[KEYS[0]]
        assert after[KEYS[1]].folder == f"New/{KEYS[1]}"


@pytest.mark.parametrize(
    ("action", "selection", "error"),
    [
        (DOWNLOAD, SeriesSelection(query=SeriesQuery(search="nothing")), InvalidFieldsError),
        (STOP, SeriesSelection(keys=(SeriesKey("gone"),)), InvalidFieldsError),
        (JobAction(kind=JobKind.EDIT, parent="../up"), ALL, UnsafePathError),
        (JobAction(kind=JobKind.EDIT, parent="/etc"), ALL, UnsafePathError),
        (JobAction(kind=JobKind.EDIT, parent="a/b/c"), ALL, UnsafePathError),
    ],
)
async def test_what_cannot_be_done_is_not_started(
    tmp_path: Path, action: JobAction, selection: SeriesSelection, error: type[Exception]
) -> None:
    """An empty selection and a bad folder are refused before anything is stored."""
    async with working(tmp_path) as stage:
        with pytest.raises(error):
            await stage.app.jobs.start(action, selection)

        assert not await stage.app.jobs.find(limit=1)


async def test_only_ended_changes_are_undone(tmp_path: Path) -> None:
    """A job without changes, an undone one and an unknown one cannot be undone."""
    async with working(tmp_path) as stage:
        nothing = await done(stage, JobAction(kind=JobKind.EDIT, monitored=True))
        twice = await undone(stage, await done(stage, STOP))

        for job in (nothing, twice):
            with pytest.raises(JobNotUndoableError):
                await stage.app.jobs.undo(job.id)
        for call in (stage.app.jobs.undo, stage.app.jobs.cancel, stage.app.jobs.get):
            with pytest.raises(JobNotFoundError):
                await call(JobId(4711))
        assert (await stage.app.jobs.cancel(twice.id)).status is JobStatus.UNDONE


async def test_the_history_names_who_asked(tmp_path: Path) -> None:
    """The job and its items are recorded with the one who asked, with the state of the job."""
    async with working(tmp_path) as stage:
        with acting_as("api_key", "phone"):
            job = await done(stage, DOWNLOAD)

        page = await stage.app.history.find(HistoryQuery(kinds=frozenset({HistoryKind.BULK})))

        (entry,) = page.items
        assert (entry.by, entry.by_name) == ("api_key", "phone")
        assert entry.job is not None
        assert (entry.job.id, entry.job.is_undoable, entry.job.episodes) == (job.id, True, 9)
        queued = await stage.storage.history.find(
            HistoryQuery(kinds=frozenset({HistoryKind.QUEUED}))
        )
        assert {entry.by for entry in queued.items} == {Actor(ActorKind.API_KEY, "phone")}


async def test_a_locked_database_delays_a_job(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A job waits until the database can be used again, and is then finished."""
    async with working(tmp_path) as stage:
        save_many: Any = stage.storage.series.save_many
        refused: list[Any] = []

        async def busy(changes: Any) -> None:
            if len(refused) < 2:
                refused.append(changes)
                raise StorageUnavailableError("locked")
            await save_many(changes)

        monkeypatch.setattr(type(stage.storage.series), "save_many", lambda _, c: busy(c))

        job = await done(stage, STOP)

        assert len(refused) == 2
        assert (job.status, job.changed, job.done, job.failed) == (JobStatus.DONE, 3, 3, 0)


async def test_old_jobs_are_removed_after_the_last_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Draining ends when no job is left, and keeps the newest ones."""
    monkeypatch.setattr(jobs, "KEPT_JOBS", 1)
    async with open_stage(tmp_path) as stage:
        await stage.storage.series.add(_series(KEYS[0]))
        begun = [await stage.app.jobs.start(STOP, ALL) for _ in range(2)]

        with anyio.fail_after(PATIENCE):
            await stage.app.jobs.drain()

        assert [job.id for job in await stage.storage.jobs.find(limit=9)] == [begun[-1].id]
        assert list(await stage.storage.jobs.unfinished()) == []
