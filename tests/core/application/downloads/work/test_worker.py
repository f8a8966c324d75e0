"""Worker: drain, run, retries, pauses, stops and lost claims."""

import zlib
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import anyio
import anyio.lowlevel
import pytest

from aniworld_core.application.catalogue import CircuitBreakers
from aniworld_core.application.catalogue.circuit_breakers import THRESHOLD
from aniworld_core.application.downloads import ItemSession, RestingCatalogues, WorkContext
from aniworld_core.domain.configuration import DownloadsConfig
from aniworld_core.domain.downloads import DownloadItem, DownloadStatus
from aniworld_core.domain.identity import EpisodeRef, FolderName, SeriesKey, WorkerId
from aniworld_core.domain.media import ENG_SUB, GER_DUB, MediaSource, StreamKind
from aniworld_core.domain.subtitles import SubtitleChoice
from aniworld_core.errors import (
    BadMediaError,
    CatalogueRestsError,
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
from aniworld_core.messages import Message
from aniworld_core.testing.factories import make_claim, make_episode, make_series
from aniworld_core.testing.waiting import PATIENCE
from support.application_stage import TICKETS, Stage, open_stage

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
    """Every episode becomes a file, is marked in library and queue, and publishes its events."""
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
async def test_subtitles_are_requested_as_configured(
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
    choice: SubtitleChoice,
    languages: frozenset[str] | None,
) -> None:
    """A problem with a subtitle is logged and fails no item."""
    downloads = DownloadsConfig(reserve_bytes=0, subtitles=choice)
    async with open_stage(tmp_path, downloads=downloads) as stage:
        await _queued(stage)
        stage.fetcher.notices = ("subtitle de: it is a web page",)

        report = await stage.app.worker.drain()

        assert len(report.completed) == 1
        assert [r.text_languages for r in stage.fetcher.requests] == [languages]
        assert "subtitle de: it is a web page" in caplog.text


async def test_drain_of_some_leaves_the_others(tmp_path: Path) -> None:
    """With `only`, the worker starts no other item."""
    async with open_stage(tmp_path) as stage:
        items = await _queued(stage, 3)

        report = await stage.app.worker.drain(only=[items[1].id])

        assert [items[1].id] == [i.id for i in report.completed]
        assert len((await stage.app.queue.snapshot()).pending) == 2
        assert stage.bus.of(QueueDrained) == []


async def test_drain_of_some_waits_for_an_item_of_another_worker(tmp_path: Path) -> None:
    """It ends when the other worker has completed the item."""
    async with open_stage(tmp_path) as stage:
        (item, _) = await _queued(stage, 2)
        claim = make_claim(WorkerId("other"), since=stage.clock.now(), lease=timedelta(days=9))
        held = await stage.storage.queue.claim_next(claim, only=[item.id])
        assert held is not None
        reports = []

        async def drain() -> None:
            reports.append(await stage.app.worker.drain(only=[item.id]))

        async with anyio.create_task_group() as tasks:
            tasks.start_soon(drain)
            for _ in range(50):
                await anyio.lowlevel.checkpoint()
            assert reports == []
            await stage.storage.queue.save(held.complete(stage.clock.now(), "1.mp4", None))

        (report,) = reports
        assert [each.id for each in report.completed] == [item.id]
        assert stage.fetcher.requests == []


async def test_without_a_library_nothing_starts(tmp_path: Path) -> None:
    """Until a library is set, items stay pending, and no client sees a running worker."""
    async with open_stage(tmp_path, has_library=False) as stage:
        await _queued(stage)

        with pytest.raises(LibraryNotSetError):
            await stage.app.worker.drain()

        assert stage.bus.of(QueueStateChanged) == []
        assert len((await stage.app.queue.snapshot()).pending) == 1


async def test_temporary_errors_are_retried_with_growing_delays(tmp_path: Path) -> None:
    """The item succeeds after its retries."""
    async with open_stage(tmp_path) as stage:
        await _queued(stage)
        stage.fetcher.errors = [FetchInterruptedError("cut"), FetchInterruptedError("cut")]

        report = await stage.app.worker.drain()

        (item,) = report.completed
        assert item.retry_count == 2
        assert len(stage.bus.of(DownloadFailed)) == 2
        assert len(stage.bus.of(ItemRequeued)) == 2


async def test_the_retries_are_limited(tmp_path: Path) -> None:
    """After the last retry the item is failed and keeps the reason."""
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


async def test_permanent_errors_are_not_retried(tmp_path: Path) -> None:
    """The item fails at once."""
    async with open_stage(tmp_path) as stage:
        await _queued(stage)
        stage.fetcher.errors = [SourceGoneError("the file")]

        report = await stage.app.worker.drain()

        assert len(report.failed) == 1
        assert report.failed[0].retry_count == 0
        assert len(stage.fetcher.requests) == 1


async def test_the_next_source_is_tried_after_an_error(tmp_path: Path) -> None:
    """Sources are tried in order until one works."""
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


async def test_the_most_hopeful_error_of_all_sources_is_stored(tmp_path: Path) -> None:
    """A bot check, which a person can solve, wins over a missing file."""
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


async def test_unwanted_languages_are_not_fetched(tmp_path: Path) -> None:
    """An episode without a wanted language fails and names its languages."""
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


async def test_a_failed_item_names_the_source_of_its_failure(tmp_path: Path) -> None:
    """Hoster, provider and language are those of the source whose error is shown."""
    downloads = DownloadsConfig(retries=0, reserve_bytes=0)
    async with open_stage(tmp_path, downloads=downloads) as stage:
        (item,) = await _queued(stage)
        stage.loader.sources[item.episode] = [_source("first"), _source("second")]
        stage.fetcher.errors = [FetchInterruptedError("cut off"), SourceGoneError("second", "gone")]

        (failed,) = (await stage.app.worker.drain()).failed

        assert (failed.hoster, failed.provider, failed.language) == ("first", "fake", GER_DUB)
        assert failed.failure is not None
        assert "cut off" in failed.failure.message


async def test_a_requested_wait_is_no_retry(tmp_path: Path) -> None:
    """A short requested wait is waited out inside the drain."""
    async with open_stage(tmp_path) as stage:
        await _queued(stage)
        stage.fetcher.errors = [FetchInterruptedError("busy", retry_after=timedelta(seconds=5))]

        report = await stage.app.worker.drain()

        assert [i.retry_count for i in report.completed] == [0]
        assert stage.bus.of(DownloadFailed) == []


async def test_a_long_wait_ends_the_drain_with_the_item_pending(tmp_path: Path) -> None:
    """After a wait longer than `patience`, the item is pending with the reason."""
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
async def test_a_full_or_read_only_disk_fails_no_item(
    tmp_path: Path, error: DiskFullError | LibraryUnavailableError
) -> None:
    """A full or read-only disk is not a failure of the item: it stays pending."""
    async with open_stage(tmp_path) as stage:
        await _queued(stage, 2)
        stage.fetcher.errors = [error, error]

        report = await stage.app.worker.drain()

        assert len(report.waiting) == 2
        assert stage.bus.of(DownloadFailed) == []
        waits = [e for e in stage.bus.events if isinstance(e, QueueStateChanged)]
        assert any(e.waiting_for == str(error) for e in waits)


async def test_no_item_starts_with_too_little_free_space(tmp_path: Path) -> None:
    """With less free space than the reserve, items stay pending and the report has the reason."""
    downloads = DownloadsConfig(reserve_bytes=1 << 60)
    async with open_stage(tmp_path, downloads=downloads) as stage:
        await _queued(stage)

        report = await stage.app.worker.drain()

        assert isinstance(report.obstacle, DiskFullError)
        assert report.completed == report.failed == ()
        assert stage.app.worker.waiting_for is not None
        assert stage.fetcher.requests == []


async def test_the_published_file_of_a_killed_run_is_kept(tmp_path: Path) -> None:
    """A finished file completes its open item without a download; what was begun beside it goes."""
    async with open_stage(tmp_path) as stage:
        await _queued(stage)
        path = stage.library / FIRST
        path.parent.mkdir(parents=True)
        path.write_bytes(stage.fetcher.content)
        begun = path.with_name(f"{path.name}.part")
        begun.touch()
        line = b'{"ledger":1,"shape":{}}'
        begun.with_name(f"{begun.name}.ledger").write_bytes(b"%08x %b\n" % (zlib.crc32(line), line))

        report = await stage.app.worker.drain()

        assert [i.file for i in report.completed] == [FIRST]
        assert stage.fetcher.requests == []
        assert stage.leftovers() == []


async def test_a_foreign_file_of_the_final_name_is_never_overwritten(tmp_path: Path) -> None:
    """A file that is no complete media file goes to the recycle bin, and the download goes on."""
    async with open_stage(tmp_path) as stage:
        await _queued(stage)
        path = stage.library / FIRST
        path.parent.mkdir(parents=True)
        path.write_bytes(b"mine")
        stage.inspector.errors[path.name] = BadMediaError("no container")

        report = await stage.app.worker.drain()

        assert [i.file for i in report.completed] == [FIRST]
        binned = [p for p in (stage.library / ".recycle").rglob("*") if p.is_file()]
        assert [p.read_bytes() for p in binned] == [b"mine"]


async def test_items_of_dead_workers_are_requeued_at_once(tmp_path: Path) -> None:
    """Items of a dead worker of this machine do not wait for the end of their claim."""
    async with open_stage(tmp_path) as stage:
        await _queued(stage)
        dead = WorkerId("dead")
        await stage.storage.queue.claim_next(make_claim("dead", since=stage.clock.now()))
        stage.roster.dead.add(dead)

        report = await stage.app.worker.drain()

        assert len(report.completed) == 1
        assert stage.roster.dead == set()


async def test_items_with_expired_claims_are_requeued(tmp_path: Path) -> None:
    """An item whose claim was not renewed in time is claimed again."""
    async with open_stage(tmp_path) as stage:
        await _queued(stage)
        await stage.storage.queue.claim_next(make_claim("far-away", since=stage.clock.now()))
        stage.clock.advance(timedelta(minutes=2))

        assert len((await stage.app.worker.drain()).completed) == 1


async def test_an_idle_worker_requeues_items_of_dead_workers(tmp_path: Path) -> None:
    """A worker that waits for new items requeues those of a dead worker."""
    async with open_stage(tmp_path) as stage:
        await _queued(stage)
        await stage.storage.queue.claim_next(make_claim("other", since=stage.clock.now()))
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(stage.app.worker.run)
            with anyio.fail_after(PATIENCE):
                while not (await stage.app.queue.snapshot()).completed:
                    await anyio.wait_all_tasks_blocked()
            await stage.app.worker.stop()
        assert len((await stage.app.queue.snapshot()).completed) == 1


async def test_a_cancelled_drain_requeues_its_items(tmp_path: Path) -> None:
    """The item is pending again and its received bytes are kept."""
    async with open_stage(tmp_path) as stage:
        await _queued(stage)
        stage.fetcher.gate = anyio.Event()

        async with anyio.create_task_group() as tasks:
            tasks.start_soon(stage.app.worker.drain)
            with anyio.fail_after(PATIENCE):
                await stage.fetcher.waiting.wait()
            tasks.cancel_scope.cancel()

        snapshot = await stage.app.queue.snapshot()
        assert len(snapshot.pending) == 1
        assert snapshot.active == ()
        assert len(stage.leftovers()) == 1
        assert not stage.app.worker.is_running


async def test_a_stop_requeues_active_items_and_ends_the_run(tmp_path: Path) -> None:
    """`run` works until `stop` is called, which may be repeated."""
    async with open_stage(tmp_path) as stage:
        await _queued(stage)
        stage.fetcher.gate = anyio.Event()

        with anyio.fail_after(PATIENCE):
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(stage.app.worker.run)
                await stage.fetcher.waiting.wait()
                assert stage.app.worker.is_running
                await stage.app.worker.stop()
            await stage.app.worker.stop()

        assert len((await stage.app.queue.snapshot()).pending) == 1
        assert not stage.app.worker.is_running


async def test_a_running_worker_starts_items_that_are_queued_later(tmp_path: Path) -> None:
    """New items need no signal to the worker."""
    async with open_stage(tmp_path) as stage, anyio.create_task_group() as tasks:
        async with stage.bus.subscribe(DownloadCompleted) as completed:
            tasks.start_soon(stage.app.worker.run)
            await anyio.wait_all_tasks_blocked()
            await _queued(stage)
            with anyio.fail_after(PATIENCE):
                event = await anext(completed)
        await stage.app.worker.stop()

        assert isinstance(event, DownloadCompleted)


async def test_a_paused_worker_starts_no_item(tmp_path: Path) -> None:
    """After `resume` it starts items again."""
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


async def test_pausing_and_resuming_is_published_with_the_progress_of_active_items(
    tmp_path: Path,
) -> None:
    """A pause repeats the progress of an active item without a speed; both publish the state."""
    async with open_stage(tmp_path) as stage:
        (item,) = await _queued(stage)
        stage.fetcher.gate, stage.fetcher.rate = anyio.Event(), 500.0
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(stage.app.worker.drain)
            with anyio.fail_after(PATIENCE):
                await stage.fetcher.waiting.wait()
            seen = len(stage.bus.events)
            await stage.app.worker.pause()
            progressed, paused = stage.bus.events[seen:]
            await stage.app.worker.resume()
            (resumed,) = stage.bus.events[seen + 2 :]
            stage.fetcher.gate.set()

        assert isinstance(progressed, DownloadProgressed)
        assert (progressed.item_id, progressed.progress.rate) == (item.id, 0.0)
        assert progressed.progress.downloaded_bytes == len(stage.fetcher.content) // 2
        assert isinstance(paused, QueueStateChanged)
        assert (paused.is_paused, paused.is_running) == (True, True)
        assert isinstance(resumed, QueueStateChanged)
        assert (resumed.is_paused, resumed.is_running) == (False, True)


async def test_a_run_publishes_its_start_and_end(tmp_path: Path) -> None:
    """The worker is running from the first state to the last; only full drains end the queue."""
    async with open_stage(tmp_path) as stage:
        (item,) = await _queued(stage)
        worker = stage.app.worker
        assert (worker.is_running, worker.state().is_running) == (False, False)
        assert worker.state(is_running=True).is_running
        await worker.drain(only=[item.id])
        states = [event.is_running for event in stage.bus.of(QueueStateChanged)]  # type: ignore[union-attr]
        assert states == [True, False]
        assert not stage.bus.of(QueueDrained)
        await worker.drain()
        assert len(stage.bus.of(QueueDrained)) == 1


async def test_as_many_items_are_active_as_configured(tmp_path: Path) -> None:
    """`downloads.concurrent` episodes are fetched at the same time."""
    downloads = DownloadsConfig(concurrent=2, reserve_bytes=0)
    async with open_stage(tmp_path, downloads=downloads) as stage:
        await _queued(stage, 3)
        stage.fetcher.gate = anyio.Event()
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(stage.app.worker.drain)
            with anyio.fail_after(PATIENCE):
                while len(stage.fetcher.requests) < 2:
                    await anyio.sleep(0.01)
            active = (await stage.app.queue.snapshot()).active
            stage.fetcher.gate.set()

        assert len(active) == 2
        assert len((await stage.app.queue.snapshot()).completed) == 3


async def test_an_item_of_another_worker_is_not_settled(tmp_path: Path) -> None:
    """An item that another worker has taken over stays as it is."""
    async with open_stage(tmp_path) as stage:
        await _queued(stage)
        stage.fetcher.gate = anyio.Event()
        thief = WorkerId("thief")
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(stage.app.worker.drain)
            with anyio.fail_after(PATIENCE):
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


async def test_a_lost_claim_ends_the_transfer(tmp_path: Path) -> None:
    """The transfer ends when the claim cannot be renewed."""
    async with open_stage(tmp_path) as stage:
        await _queued(stage)
        item = await stage.storage.queue.claim_next(make_claim(since=stage.clock.now()))
        assert item is not None
        session = ItemSession(
            item=item,
            folder=FolderName("Titan"),
            context=WorkContext(
                tickets=TICKETS, queue=stage.storage.queue, bus=stage.bus, clock=stage.clock
            ),
            lease=timedelta(milliseconds=3),
        )

        async def work() -> None:
            async with session.holding():
                await stage.storage.queue.release_held_by(make_claim().worker)
                await anyio.sleep_forever()

        with pytest.raises(ClaimLostError), anyio.fail_after(PATIENCE):
            await work()


async def test_a_programming_error_fails_one_item_only(tmp_path: Path) -> None:
    """An adapter that breaks its contract fails its item and not the queue."""
    async with open_stage(tmp_path) as stage:
        await _queued(stage, 2)
        stage.fetcher.errors = [ZeroDivisionError("oops")]  # type: ignore[list-item]

        report = await stage.app.worker.drain()

        assert len(report.completed) == 1
        failure = report.failed[0].failure
        assert failure is not None
        assert failure.kind == "unexpected"


async def test_no_item_fails_while_a_circuit_is_open(tmp_path: Path) -> None:
    """After three failures of a hoster in a row, the other items wait."""
    async with open_stage(tmp_path) as stage:
        await _queued(stage, 6)
        stage.loader.error = ProviderUnavailableError("fake.invalid", "no such name")

        report = await stage.app.worker.drain()

        assert report.failed == ()
        assert len(report.waiting) == 6
        assert sum("get_sources" in call for call in stage.loader.calls) == 3
        assert list(stage.app.circuits.open_circuits()) == ["fake"]


async def test_a_resting_catalogue_is_asked_a_bounded_number_of_times(tmp_path: Path) -> None:
    """Over hours, each rest costs one attempt and few claims, however many items wait."""
    async with open_stage(tmp_path) as stage:
        await _queued(stage, 100)
        stage.loader.error = ProviderUnavailableError("fake.invalid", "no such name")
        await stage.app.worker.drain()
        for _ in range(10):
            (resting,) = await stage.app.resting_catalogues.list()
            stage.clock.advance(resting.until - stage.clock.now())
            await stage.app.worker.drain()

        claims = len(stage.bus.of(DownloadStarted))
        asks = sum("get_sources" in call for call in stage.loader.calls)
        assert asks == THRESHOLD + 10
        assert claims <= THRESHOLD + 3 * 11
        (resting,) = await stage.app.resting_catalogues.list()
        assert resting.name == "fake"
        assert resting.items >= 95
        assert "no such name" in resting.failure.message


async def test_a_catalogue_that_asks_for_a_pause_is_asked_once(tmp_path: Path) -> None:
    """The other items of the catalogue wait as long as it says, without an attempt."""
    downloads = DownloadsConfig(concurrent=1, reserve_bytes=0)
    async with open_stage(tmp_path, downloads=downloads) as stage:
        await _queued(stage, 50)
        pause = timedelta(minutes=3)
        stage.loader.error = ProviderUnavailableError("fake.invalid", "busy", retry_after=pause)
        report = await stage.app.worker.drain()

        assert sum("get_sources" in call for call in stage.loader.calls) == 1
        assert {item.not_before for item in report.waiting} == {stage.clock.now() + pause}
        assert len(report.waiting) == 50


@pytest.mark.parametrize("is_here", [True, False], ids=["this process", "another process"])
async def test_a_catalogue_is_asked_again_at_once_on_request(tmp_path: Path, is_here: bool) -> None:
    """*Try now* closes the circuit of every process; a further failure opens it again."""
    async with open_stage(tmp_path) as stage:
        await _queued(stage, 20)
        stage.loader.error = ProviderUnavailableError("fake.invalid", "no such name")
        await stage.app.worker.drain()
        resting = RestingCatalogues(
            queue=stage.storage.queue,
            shared=stage.storage.shared,
            circuits=stage.app.circuits if is_here else CircuitBreakers(clock=stage.clock),
            bus=stage.bus,
            clock=stage.clock,
        )
        stage.clock.advance(timedelta(seconds=1))

        waited = sum(each.items for each in await resting.list())
        assert await resting.try_again("fake") == waited > 0
        stage.clock.advance(timedelta(milliseconds=1))
        await stage.app.worker.drain()

        assert sum("get_sources" in call for call in stage.loader.calls) == THRESHOLD + 1
        stage.clock.advance(timedelta(seconds=1))
        stage.loader.error = None
        await resting.try_again()
        report = await stage.app.worker.drain()
        assert len(report.completed) >= waited


async def test_one_catalogue_is_asked_again_without_the_others(tmp_path: Path) -> None:
    """The circuits of other catalogues stay open in every process, and a pause at once stays."""
    async with open_stage(tmp_path) as stage:
        circuits = stage.app.circuits
        for _ in range(THRESHOLD):
            for place in ("fake", "other"):
                circuits.note(place, ProviderUnavailableError(place, "no such name"))
        reason = Message("failed_in_a_row", failures=THRESHOLD)
        minute = timedelta(minutes=1)
        rests = CatalogueRestsError("other", reason, retry_after=minute, has_open_circuit=True)
        elsewhere = RestingCatalogues(
            queue=stage.storage.queue,
            shared=stage.storage.shared,
            circuits=CircuitBreakers(clock=stage.clock),
            bus=stage.bus,
            clock=stage.clock,
        )
        stage.clock.advance(timedelta(seconds=1))

        await elsewhere.try_again("fake")
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(stage.app.resting_catalogues.try_again, "fake")
            tasks.start_soon(stage.app.switch.pause)

        assert list(circuits.open_circuits()) == ["other"]
        assert (await stage.app.switch.control()).is_paused
        assert await stage.app.resting_catalogues.delay(rests)
        assert list(circuits.open_circuits()) == ["other"]
        await elsewhere.try_again()
        assert not await stage.app.resting_catalogues.delay(rests)


async def test_an_item_without_a_series_fails(tmp_path: Path) -> None:
    """The failure names the missing series."""
    async with open_stage(tmp_path) as stage:
        await _queued(stage)
        await stage.storage.series.remove(KEY)

        report = await stage.app.worker.drain()

        failure = report.failed[0].failure
        assert failure is not None
        assert failure.kind == "series_not_found"


async def test_a_running_worker_publishes_once_that_the_queue_is_empty(tmp_path: Path) -> None:
    """One event each time the last open item is done, none while idle."""
    async with open_stage(tmp_path) as stage:
        await _queued(stage, 2)
        with anyio.fail_after(PATIENCE):
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(stage.app.worker.run)
                async with stage.bus.subscribe(QueueDrained) as events:
                    await anext(events)
                for _ in range(100):
                    await anyio.lowlevel.checkpoint()
                await stage.app.worker.stop()
        assert len(stage.bus.of(QueueDrained)) == 1
        assert stage.bus.of(DownloadCompleted, QueueDrained)[-1:] == stage.bus.of(QueueDrained)
