"""Working the queue."""

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import anyio
import anyio.lowlevel
import pytest

from aniworld_core.application.downloads import ItemSession, WorkContext
from aniworld_core.domain.configuration import DownloadsConfig
from aniworld_core.domain.downloads import DownloadItem, DownloadStatus
from aniworld_core.domain.identity import EpisodeRef, FolderName, SeriesKey, WorkerId
from aniworld_core.domain.media import ENG_SUB, GER_DUB, MediaSource, StreamKind
from aniworld_core.domain.subtitles import SubtitleChoice
from aniworld_core.errors import (
    BadMediaError,
    ClaimLostError,
    DiskFullError,
    FetchInterruptedError,
    LibraryNotSetError,
    LibraryUnavailableError,
    NeedsPersonError,
    ProviderUnavailableError,
    SourceGoneError,
)
from aniworld_core.events import (
    DownloadCompleted,
    DownloadFailed,
    DownloadProgressed,
    DownloadStarted,
    ItemRequeued,
    QueueDrained,
    QueueStateChanged,
)
from aniworld_core.testing.factories import make_claim, make_episode, make_series
from support.application_stage import Stage, open_stage

pytestmark = pytest.mark.anyio

KEY = SeriesKey("attack-on-titan")
FIRST = "Titan/Season 01/Titan - S01E01 - Episode 1 (German Dub).mp4"


async def _queued(stage: Stage, count: int = 1) -> Sequence[DownloadItem]:
    series = make_series(
        KEY,
        name="Titan",
        folder=FolderName("Titan"),
        provider="fake",
        episodes=[make_episode(n, languages=frozenset({GER_DUB})) for n in range(1, count + 1)],
    )
    await stage.storage.series.add(series)
    stage.loader.series.append(series)
    return await stage.app.queue.enqueue(KEY, missing=True)


def _source(name: str) -> MediaSource:
    return MediaSource(
        provider="fake",
        hoster=name,
        url=f"https://{name}.invalid/1.mp4",
        language=GER_DUB,
        kind=StreamKind.DIRECT,
    )


async def test_drain_delivers_everything(tmp_path: Path) -> None:
    """Every episode ends as a finished file, marked in library and queue, and announced."""
    async with open_stage(tmp_path) as stage:
        await _queued(stage, 3)

        report = await stage.app.worker.drain()

        assert len(report.completed) == 3
        assert stage.files()[0] == FIRST
        assert stage.leftovers() == []
        series = await stage.storage.series.get(KEY)
        assert all(e.downloaded and e.file_language == GER_DUB for e in series.episodes)
        assert series.episode(1, 1).file == FIRST
        item = report.completed[0]
        assert (item.language, item.provider, item.hoster) == (GER_DUB, "fake", "fake")
        assert item.file == FIRST
        assert item.progress.percent == 100
        assert len(stage.bus.of(DownloadStarted)) == 3
        assert len(stage.bus.of(DownloadCompleted)) == 3
        assert stage.bus.of(DownloadProgressed)
        assert len(stage.bus.of(QueueDrained)) == 1
        assert not stage.app.worker.is_running


@pytest.mark.parametrize(
    ("choice", "languages"),
    [
        (SubtitleChoice.WANTED, frozenset({"deu"})),
        (SubtitleChoice.ALL, None),
        (SubtitleChoice.NONE, frozenset()),
    ],
)
async def test_subtitles_are_asked_for_as_configured(
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
    choice: SubtitleChoice,
    languages: frozenset[str] | None,
) -> None:
    """What is wrong with one is logged and fails nothing."""
    downloads = DownloadsConfig(reserve_bytes=0, subtitles=choice)
    async with open_stage(tmp_path, downloads=downloads) as stage:
        await _queued(stage)
        stage.fetcher.notices = ("subtitle de: it is a web page",)

        report = await stage.app.worker.drain()

        assert len(report.completed) == 1
        assert [r.text_languages for r in stage.fetcher.requests] == [languages]
        assert "subtitle de: it is a web page" in caplog.text


async def test_drain_of_some_leaves_the_others(tmp_path: Path) -> None:
    """Asked for certain items, the worker touches no others."""
    async with open_stage(tmp_path) as stage:
        items = await _queued(stage, 3)

        report = await stage.app.worker.drain(only=[items[1].id])

        assert [items[1].id] == [i.id for i in report.completed]
        assert len((await stage.app.queue.snapshot()).pending) == 2
        assert stage.bus.of(QueueDrained) == []


async def test_without_a_library_nothing_starts(tmp_path: Path) -> None:
    """Until a library is set, nothing is claimed and nothing is lost."""
    async with open_stage(tmp_path, has_library=False) as stage:
        await _queued(stage)

        with pytest.raises(LibraryNotSetError):
            await stage.app.worker.drain()

        assert len((await stage.app.queue.snapshot()).pending) == 1


async def test_passing_failure_is_retried_with_growing_delays(tmp_path: Path) -> None:
    """An error that may pass is tried again after growing delays, and then succeeds."""
    async with open_stage(tmp_path) as stage:
        await _queued(stage)
        stage.fetcher.errors = [FetchInterruptedError("cut"), FetchInterruptedError("cut")]

        report = await stage.app.worker.drain()

        (item,) = report.completed
        assert item.retry_count == 2
        assert len(stage.bus.of(DownloadFailed)) == 2
        assert len(stage.bus.of(ItemRequeued)) == 2


async def test_retries_end(tmp_path: Path) -> None:
    """After the last retry the item has failed, with the reason kept."""
    downloads = DownloadsConfig(retries=1, reserve_bytes=0)
    async with open_stage(tmp_path, downloads=downloads) as stage:
        await _queued(stage)
        stage.fetcher.errors = [FetchInterruptedError("cut")] * 5

        report = await stage.app.worker.drain()

        (item,) = report.failed
        assert item.retry_count == 1
        assert item.failure is not None
        assert item.failure.kind == "fetch_interrupted"
        assert item.failure.category == "UnavailableError"


async def test_hopeless_failure_is_not_retried(tmp_path: Path) -> None:
    """An error that waiting does not mend fails at once."""
    async with open_stage(tmp_path) as stage:
        await _queued(stage)
        stage.fetcher.errors = [SourceGoneError("the file")]

        report = await stage.app.worker.drain()

        assert len(report.failed) == 1
        assert report.failed[0].retry_count == 0
        assert len(stage.fetcher.requests) == 1


async def test_dead_source_hands_over_to_the_next(tmp_path: Path) -> None:
    """Sources are tried in order until one delivers."""
    async with open_stage(tmp_path) as stage:
        await _queued(stage)
        stage.loader.sources[EpisodeRef(KEY, 1, 1)] = [_source("dead"), _source("alive")]
        stage.resolver.errors["https://dead.invalid/1.mp4"] = [SourceGoneError("dead")]

        report = await stage.app.worker.drain()

        assert [i.hoster for i in report.completed] == ["alive"]
        assert stage.resolver.resolved == [
            "https://dead.invalid/1.mp4",
            "https://alive.invalid/1.mp4",
        ]


async def test_most_hopeful_error_of_all_sources_counts(tmp_path: Path) -> None:
    """With one source gone and one asking for a person, the person is what is needed."""
    async with open_stage(tmp_path) as stage:
        await _queued(stage)
        stage.loader.sources[EpisodeRef(KEY, 1, 1)] = [_source("dead"), _source("asks")]
        stage.resolver.errors["https://dead.invalid/1.mp4"] = [SourceGoneError("dead")]
        stage.resolver.errors["https://asks.invalid/1.mp4"] = [
            NeedsPersonError("asks.invalid", "https://asks.invalid/1.mp4")
        ]

        report = await stage.app.worker.drain()

        failure = report.failed[0].failure
        assert failure is not None
        assert failure.kind == "needs_person"
        assert failure.link == "https://asks.invalid/1.mp4"


async def test_unwanted_language_is_not_taken(tmp_path: Path) -> None:
    """An episode that exists only in other languages fails and says which it has."""
    async with open_stage(tmp_path) as stage:
        series = make_series(
            KEY,
            folder=FolderName("Titan"),
            provider="fake",
            episodes=[make_episode(1, languages=frozenset({ENG_SUB}))],
        )
        await stage.storage.series.add(series)
        stage.loader.series.append(series)
        await stage.app.queue.enqueue(KEY)

        report = await stage.app.worker.drain()

        failure = report.failed[0].failure
        assert failure is not None
        assert "offered: eng-sub" in failure.message
        assert failure.kind == "not_yet_available"


async def test_site_that_asks_for_time_is_not_blamed(tmp_path: Path) -> None:
    """A wish to wait is honoured: a short one inside the drain, without counting a retry."""
    async with open_stage(tmp_path) as stage:
        await _queued(stage)
        stage.fetcher.errors = [FetchInterruptedError("busy", retry_after=timedelta(seconds=5))]

        report = await stage.app.worker.drain()

        assert [i.retry_count for i in report.completed] == [0]
        assert stage.bus.of(DownloadFailed) == []


async def test_long_wait_ends_the_drain_with_the_item_pending(tmp_path: Path) -> None:
    """A wait longer than the caller's patience leaves the item pending with the reason."""
    async with open_stage(tmp_path) as stage:
        await _queued(stage)
        stage.fetcher.errors = [FetchInterruptedError("busy", retry_after=timedelta(hours=1))]

        report = await stage.app.worker.drain()

        (item,) = report.waiting
        assert item.status is DownloadStatus.PENDING
        assert item.failure is not None
        assert item.not_before is not None
        assert item.not_before > stage.clock.now()


@pytest.mark.parametrize(
    "error", [DiskFullError("/library"), LibraryUnavailableError("/library", "read-only")]
)
async def test_full_or_read_only_disk_fails_nothing(
    tmp_path: Path, error: DiskFullError | LibraryUnavailableError
) -> None:
    """What is wrong with the disk is no fault of the item: it waits, nothing is lost."""
    async with open_stage(tmp_path) as stage:
        await _queued(stage, 2)
        stage.fetcher.errors = [error, error]

        report = await stage.app.worker.drain()

        assert len(report.waiting) == 2
        assert stage.bus.of(DownloadFailed) == []
        waits = [e for e in stage.bus.events if isinstance(e, QueueStateChanged)]
        assert any(e.waiting_for == str(error) for e in waits)


async def test_too_little_free_space_stops_the_queue_before_it_starts(tmp_path: Path) -> None:
    """With less free than the reserve nothing is claimed, and the report says why."""
    downloads = DownloadsConfig(reserve_bytes=1 << 60)
    async with open_stage(tmp_path, downloads=downloads) as stage:
        await _queued(stage)

        report = await stage.app.worker.drain()

        assert isinstance(report.obstacle, DiskFullError)
        assert report.completed == report.failed == ()
        assert stage.app.worker.waiting_for is not None
        assert stage.fetcher.requests == []


async def test_published_file_of_a_killed_run_is_taken_as_it_is(tmp_path: Path) -> None:
    """A finished file whose item was still open completes the item without a download."""
    async with open_stage(tmp_path) as stage:
        await _queued(stage)
        path = stage.library / FIRST
        path.parent.mkdir(parents=True)
        path.write_bytes(stage.fetcher.content)

        report = await stage.app.worker.drain()

        assert [i.file for i in report.completed] == [FIRST]
        assert stage.fetcher.requests == []


async def test_foreign_file_of_the_final_name_is_never_overwritten(tmp_path: Path) -> None:
    """A file of the final name that is no whole media stays, and the item says so."""
    async with open_stage(tmp_path) as stage:
        await _queued(stage)
        path = stage.library / FIRST
        path.parent.mkdir(parents=True)
        path.write_bytes(b"mine")
        stage.inspector.errors[path.name] = BadMediaError("no container")

        report = await stage.app.worker.drain()

        failure = report.failed[0].failure
        assert failure is not None
        assert failure.kind == "file_exists_conflict"
        assert path.read_bytes() == b"mine"


async def test_items_of_dead_workers_are_rescued_at_once(tmp_path: Path) -> None:
    """What a worker known to be dead held is done now, not when its claim expires."""
    async with open_stage(tmp_path) as stage:
        await _queued(stage)
        dead = WorkerId("dead")
        await stage.storage.queue.claim_next(make_claim("dead", since=stage.clock.now()))
        stage.roster.dead.add(dead)

        report = await stage.app.worker.drain()

        assert len(report.completed) == 1
        assert stage.roster.dead == set()


async def test_expired_claims_are_rescued(tmp_path: Path) -> None:
    """What nobody renewed in time is done by the next worker."""
    async with open_stage(tmp_path) as stage:
        await _queued(stage)
        await stage.storage.queue.claim_next(make_claim("far-away", since=stage.clock.now()))
        stage.clock.advance(timedelta(minutes=2))

        assert len((await stage.app.worker.drain()).completed) == 1


async def test_who_dies_meanwhile_is_noticed(tmp_path: Path) -> None:
    """A worker that only waits for new items takes over what another one does not finish."""
    async with open_stage(tmp_path) as stage:
        await _queued(stage)
        await stage.storage.queue.claim_next(make_claim("other", since=stage.clock.now()))
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(stage.app.worker.run)
            with anyio.fail_after(5):
                while not (await stage.app.queue.snapshot()).completed:
                    await anyio.wait_all_tasks_blocked()
            await stage.app.worker.stop()
        assert len((await stage.app.queue.snapshot()).completed) == 1


async def test_cancelled_drain_gives_everything_back(tmp_path: Path) -> None:
    """Cancelled in the middle, the item is pending again and what was fetched stays."""
    async with open_stage(tmp_path) as stage:
        await _queued(stage)
        stage.fetcher.gate = anyio.Event()

        async with anyio.create_task_group() as tasks:
            tasks.start_soon(stage.app.worker.drain)
            with anyio.fail_after(5):
                await stage.fetcher.waiting.wait()
            tasks.cancel_scope.cancel()

        snapshot = await stage.app.queue.snapshot()
        assert len(snapshot.pending) == 1
        assert snapshot.active == ()
        assert len(stage.leftovers()) == 1
        assert not stage.app.worker.is_running


async def test_stop_gives_everything_back_and_ends_the_run(tmp_path: Path) -> None:
    """`run` works until stopped; stopping puts active items back and may be repeated."""
    async with open_stage(tmp_path) as stage:
        await _queued(stage)
        stage.fetcher.gate = anyio.Event()

        with anyio.fail_after(5):
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(stage.app.worker.run)
                await stage.fetcher.waiting.wait()
                assert stage.app.worker.is_running
                await stage.app.worker.stop()
            await stage.app.worker.stop()

        assert len((await stage.app.queue.snapshot()).pending) == 1
        assert not stage.app.worker.is_running


async def test_run_picks_up_what_is_queued_later(tmp_path: Path) -> None:
    """A running worker needs no push to notice new items."""
    async with open_stage(tmp_path) as stage, anyio.create_task_group() as tasks:
        async with stage.bus.subscribe(DownloadCompleted) as completed:
            tasks.start_soon(stage.app.worker.run)
            await anyio.wait_all_tasks_blocked()
            await _queued(stage)
            with anyio.fail_after(5):
                event = await anext(completed)
        await stage.app.worker.stop()

        assert isinstance(event, DownloadCompleted)


async def test_pause_starts_nothing_until_resumed(tmp_path: Path) -> None:
    """Paused, the worker claims nothing; resumed, it goes on."""
    async with open_stage(tmp_path) as stage:
        await _queued(stage)
        await stage.app.worker.pause()
        assert stage.app.worker.is_paused
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(stage.app.worker.drain)
            for _ in range(50):
                await anyio.lowlevel.checkpoint()
            assert stage.fetcher.requests == []
            await stage.app.worker.resume()

        assert len((await stage.app.queue.snapshot()).completed) == 1


async def test_several_at_a_time_when_configured(tmp_path: Path) -> None:
    """`downloads.concurrent` episodes are fetched at once."""
    downloads = DownloadsConfig(concurrent=2, reserve_bytes=0)
    async with open_stage(tmp_path, downloads=downloads) as stage:
        await _queued(stage, 3)
        stage.fetcher.gate = anyio.Event()
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(stage.app.worker.drain)
            with anyio.fail_after(30):
                while len(stage.fetcher.requests) < 2:
                    await anyio.lowlevel.checkpoint()
            active = (await stage.app.queue.snapshot()).active
            stage.fetcher.gate.set()

        assert len(active) == 2
        assert len((await stage.app.queue.snapshot()).completed) == 3


async def test_item_taken_over_is_not_settled(tmp_path: Path) -> None:
    """When another worker took the item over, this one lets go of it as it is."""
    async with open_stage(tmp_path) as stage:
        await _queued(stage)
        stage.fetcher.gate = anyio.Event()
        thief = WorkerId("thief")
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(stage.app.worker.drain)
            with anyio.fail_after(5):
                await stage.fetcher.waiting.wait()
            stage.clock.advance(timedelta(hours=1))
            await stage.storage.queue.release_expired(stage.clock.now())
            taken = await stage.storage.queue.claim_next(
                make_claim(thief, since=stage.clock.now(), lease=timedelta(days=1))
            )
            stage.fetcher.gate.set()

        assert taken is not None
        stored = await stage.storage.queue.get(taken.id)
        assert stored.claim is not None
        assert stored.claim.worker == thief


async def test_lost_claim_is_noticed_while_working(tmp_path: Path) -> None:
    """A claim that cannot be renewed ends the work at once."""
    async with open_stage(tmp_path) as stage:
        await _queued(stage)
        item = await stage.storage.queue.claim_next(make_claim(since=stage.clock.now()))
        assert item is not None
        session = ItemSession(
            item=item,
            folder=FolderName("Titan"),
            context=WorkContext(queue=stage.storage.queue, bus=stage.bus, clock=stage.clock),
            lease=timedelta(milliseconds=3),
        )

        async def work() -> None:
            async with session.holding():
                await stage.storage.queue.release_held_by(make_claim().worker)
                await anyio.sleep_forever()

        with pytest.raises(ClaimLostError), anyio.fail_after(5):
            await work()


async def test_programming_error_fails_the_item_and_spares_the_others(tmp_path: Path) -> None:
    """An adapter that breaks its contract costs one item, not the queue."""
    async with open_stage(tmp_path) as stage:
        await _queued(stage, 2)
        stage.fetcher.errors = [ZeroDivisionError("oops")]  # type: ignore[list-item]

        report = await stage.app.worker.drain()

        assert len(report.completed) == 1
        failure = report.failed[0].failure
        assert failure is not None
        assert failure.kind == "unexpected"


async def test_place_that_keeps_failing_is_left_alone(tmp_path: Path) -> None:
    """After three failures in a row the rest of the queue waits and no item is burnt."""
    async with open_stage(tmp_path) as stage:
        await _queued(stage, 6)
        stage.loader.error = ProviderUnavailableError("fake.invalid", "no such name")

        report = await stage.app.worker.drain()

        assert report.failed == ()
        assert len(report.waiting) == 6
        assert sum("get_sources" in call for call in stage.loader.calls) == 3
        assert list(stage.app.circuits.open_circuits()) == ["fake"]


async def test_item_whose_series_is_gone_fails(tmp_path: Path) -> None:
    """An item of a removed series says so."""
    async with open_stage(tmp_path) as stage:
        await _queued(stage)
        await stage.storage.series.remove(KEY)

        report = await stage.app.worker.drain()

        failure = report.failed[0].failure
        assert failure is not None
        assert failure.kind == "series_not_found"


async def test_a_running_worker_says_once_when_all_is_done(tmp_path: Path) -> None:
    """Each time the queue was worked off; not while it is idle."""
    async with open_stage(tmp_path) as stage:
        await _queued(stage, 2)
        with anyio.fail_after(10):
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(stage.app.worker.run)
                async with stage.bus.subscribe(QueueDrained) as events:
                    await anext(events)
                for _ in range(100):
                    await anyio.lowlevel.checkpoint()
                await stage.app.worker.stop()
        assert len(stage.bus.of(QueueDrained)) == 1
        assert stage.bus.of(DownloadCompleted, QueueDrained)[-1:] == stage.bus.of(QueueDrained)
