"""Contract suite of storages that several processes open at the same time."""

import importlib
import json
import subprocess
import sys
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack
from datetime import datetime, timedelta
from functools import partial
from typing import Any, ClassVar, Final

import anyio
import anyio.lowlevel
import anyio.to_thread
import attrs
import pytest

from aniworld_core.adapters.system_clock import SystemClock
from aniworld_core.domain.catalogue import Place
from aniworld_core.domain.downloads import (
    Claim,
    DownloadItem,
    DownloadStatus,
    Progress,
    QueueChanges,
)
from aniworld_core.domain.identity import EpisodeRef, ItemId
from aniworld_core.errors import (
    AniworldError,
    ClaimLostError,
    ConflictError,
    StaleItemError,
    StorageUnavailableError,
)
from aniworld_core.ports.clock import Clock
from aniworld_core.ports.storage import Storage, StorageFactory
from aniworld_core.testing.factories import (
    KEY,
    WORKER,
    at,
    make_account,
    make_claim,
    make_item,
    make_item_id,
    make_series,
    make_session,
)
from aniworld_core.testing.waiting import PATIENCE

#: A storage opened twice, as by two processes.
Handles = tuple[Storage, Storage]

#: A storage, and the clock that it gives to its machine.
Machine = tuple[Storage, Clock]

#: Deviation of the clocks of machines.
_SHIFT: Final = timedelta(minutes=5)
#: Lease of a claim; far longer than a call, and far shorter than the deviation.
_LEASE: Final = timedelta(seconds=30)

#: Repetitions of a race between two handles; each starts the calls in another order.
_ROUNDS: Final = 8


@attrs.frozen
class ShiftedClock(SystemClock):
    """Clock of a machine that is set wrong."""

    shift: timedelta

    def now(self) -> datetime:
        return SystemClock.now(self) + self.shift


async def _at_once(*calls: Callable[[], Awaitable[object]]) -> list[object]:
    """Start all calls together; return the result or the conflict of each."""
    results: list[object] = [None] * len(calls)

    async def run(number: int) -> None:
        try:
            results[number] = await calls[number]()
        except ConflictError as error:
            results[number] = error

    async with anyio.create_task_group() as tasks:
        for number in range(len(calls)):
            tasks.start_soon(run, number)
    return results


class SharedStorageContract:
    """Subclass it and provide the fixtures `open_storage`, `url` and `unreachable_url`.

    `open_storage` is the `StorageFactory`, `url` names an empty storage, and `unreachable_url` one
    that cannot be opened; it should contain the password `secret` if the URLs have passwords.
    """

    pytestmark: ClassVar[pytest.MarkDecorator] = pytest.mark.anyio

    @pytest.fixture
    async def handles(self, open_storage: StorageFactory, url: str) -> AsyncIterator[Handles]:
        """Return the storage opened twice."""
        async with AsyncExitStack() as stack:
            first = await stack.enter_async_context(open_storage(url))
            yield first, await stack.enter_async_context(open_storage(url))

    async def test_changes_are_visible_at_once(self, handles: Handles) -> None:
        """What one handle has stored is what the other reads next, also if it read it before."""
        ours, theirs = handles
        await ours.series.add(make_series(episodes=1))
        await ours.queue.add([make_item(1)])
        await ours.sessions.add(make_session())
        before = (
            await theirs.series.get(KEY),
            await theirs.queue.get(make_item_id(1)),
            await theirs.queue.counts(),
            await theirs.sessions.get(make_session().id),
            await theirs.shared.queue_control(),
        )

        await ours.series.mark_downloaded(EpisodeRef(KEY, 1, 1), "1.mp4", None)
        await ours.queue.claim_next(make_claim(since=at(5)))
        await ours.sessions.revoke(make_session().id, at(1))
        await ours.shared.change_queue_control(is_stopped=True)

        after = (
            await theirs.series.get(KEY),
            await theirs.queue.get(make_item_id(1)),
            await theirs.queue.counts(),
            await theirs.sessions.get(make_session().id),
            await theirs.shared.queue_control(),
        )
        assert after == (
            await ours.series.get(KEY),
            await ours.queue.get(make_item_id(1)),
            await ours.queue.counts(),
            await ours.sessions.get(make_session().id),
            await ours.shared.queue_control(),
        )
        assert not any(a == b for a, b in zip(after, before, strict=True))

    async def test_revisions_include_changes_of_others(self, handles: Handles) -> None:
        """The revision of one handle differs after each change by the other."""
        ours, theirs = handles
        series, items = [await theirs.series.revision()], [await theirs.queue.revision()]
        await ours.series.add(make_series(episodes=1))
        series.append(await theirs.series.revision())
        await ours.series.mark_downloaded(EpisodeRef(KEY, 1, 1), "1.mp4", None)
        series.append(await theirs.series.revision())
        await ours.queue.add([make_item(1)])
        items.append(await theirs.queue.revision())
        await ours.queue.claim_next(make_claim(since=at(5)))
        items.append(await theirs.queue.revision())
        await ours.queue.record_progress(make_item_id(1), Progress(downloaded_bytes=1))
        items.append(await theirs.queue.revision())

        assert len(set(series)) == len(series)
        assert len(set(items)) == len(items)

    async def test_a_revision_never_runs_ahead_of_its_change(self, handles: Handles) -> None:
        """A reader that reads the revision first and the items then keeps no outdated items."""
        ours, theirs = handles
        item = make_item(1)
        await ours.queue.add([item])
        seen: list[tuple[str, DownloadItem]] = []
        is_done = anyio.Event()

        async def watch() -> None:
            while not is_done.is_set():
                revision = await theirs.queue.revision()
                seen.append((revision, await theirs.queue.get(item.id)))
                # Changes are not a sign for others before they are stored.
                await anyio.lowlevel.checkpoint()

        async with anyio.create_task_group() as tasks:
            tasks.start_soon(watch)
            for place in range(_ROUNDS):
                item = await ours.queue.save(attrs.evolve(item, place=place))
            is_done.set()

        last = await theirs.queue.revision()
        assert {read for revision, read in seen if revision == last} <= {item}

    async def test_concurrent_claims_get_the_first_items(self, handles: Handles) -> None:
        """Of claims at the same time each gets an item, and together they get the first ones."""
        per_round = 6
        await handles[0].queue.add([make_item(n) for n in range(_ROUNDS * per_round)])

        for number in range(_ROUNDS):
            calls = [_claimer(handles[n % 2], f"worker-{n}") for n in range(per_round)]
            claimed = await _at_once(*calls)
            first = number * per_round
            assert sorted(i.id for i in claimed if isinstance(i, DownloadItem)) == [
                make_item_id(n) for n in range(first, first + per_round)
            ]

    async def test_a_claim_does_not_pass_over_an_item_in_use(self, handles: Handles) -> None:
        """A claim waits for another change of the first item, instead of taking the second one."""
        ours, theirs = handles
        for number in range(_ROUNDS):
            items = [make_item(2 * number + n, place=-number) for n in range(2)]
            await ours.queue.add(items)
            first = items[0]

            calls = [
                partial(theirs.queue.save, attrs.evolve(first, retry_count=1)),
                _claimer(ours, "worker-1"),
            ]
            results = await _at_once(*(calls if number % 2 else reversed(calls)))

            claimed = results[1 if number % 2 else 0]
            assert isinstance(claimed, DownloadItem)
            assert claimed.id == first.id

    async def test_the_only_item_is_claimed_while_it_is_in_use(self, handles: Handles) -> None:
        """A claim is not empty because another call changes the only pending item."""
        ours, theirs = handles
        for number in range(_ROUNDS):
            item = make_item(number)
            await ours.queue.add([item])

            results = await _at_once(
                partial(theirs.queue.save, attrs.evolve(item, place=-1)),
                _claimer(ours, "worker-1"),
            )

            assert isinstance(results[1], DownloadItem)

    async def test_a_renewed_claim_is_not_released(self, handles: Handles) -> None:
        """Either the claim is renewed in time, or the item is released; never both."""
        ours, theirs = handles
        for number in range(_ROUNDS):
            item = await _held(ours, number)
            assert item.claim is not None
            expiry = item.claim.expires_at
            renewed = make_claim(item.claim.worker, since=expiry)

            renewal, released = await _at_once(
                partial(theirs.queue.renew, item.id, renewed),
                partial(ours.queue.release_expired, expiry),
            )

            stored = await ours.queue.get(item.id)
            if isinstance(renewal, ClaimLostError):
                assert released == (stored,) or released == [stored]
                assert stored.status is DownloadStatus.PENDING
            else:
                assert not released
                assert stored == attrs.evolve(item, claim=renewed)
            await _settled(ours, stored)

    async def test_a_settled_item_is_not_released(self, handles: Handles) -> None:
        """Either the worker settles its item, or it is released; never both."""
        ours, theirs = handles
        for number in range(_ROUNDS):
            item = await _held(ours, number)
            assert item.claim is not None
            done = item.complete(item.claim.expires_at, "a.mp4", None)

            saved, released = await _at_once(
                partial(theirs.queue.save, done),
                partial(ours.queue.release_held_by, item.claim.worker),
            )

            stored = await ours.queue.get(item.id)
            if isinstance(saved, StaleItemError):
                assert released == (stored,) or released == [stored]
            else:
                assert not released
                assert stored == saved
            await _settled(ours, stored)

    async def test_only_one_of_two_saves_wins(self, handles: Handles) -> None:
        """Of two saves of the same revision one succeeds and the other is stale."""
        item = make_item(1)
        await handles[0].queue.add([item])
        for number in range(_ROUNDS):
            results = await _at_once(
                *(
                    partial(storage.queue.save, attrs.evolve(item, place=place))
                    for place, storage in enumerate(handles, start=number)
                )
            )
            winners = [each for each in results if isinstance(each, DownloadItem)]
            assert len(winners) == 1
            item = winners[0]

    async def test_only_one_of_two_adds_wins(self, handles: Handles) -> None:
        """Of two items of one episode, or two accounts of one name, only one is stored."""
        for number in range(_ROUNDS):
            ref = EpisodeRef(KEY, 2, number)
            results = await _at_once(
                *(
                    partial(storage.queue.add, [make_item(n, episode=ref)])
                    for n, storage in enumerate(handles, start=10 * number)
                )
            )
            assert len([each for each in results if each is not None]) == 1
            results = await _at_once(
                *(
                    partial(storage.accounts.add, make_account(n, name=f"U {number}"))
                    for n, storage in enumerate(handles, start=10 * number)
                )
            )
            assert len([each for each in results if each is not None]) == 1

    async def test_only_one_of_two_begins(self, handles: Handles) -> None:
        """The schedule and a task are begun by one of two processes."""
        for number in range(_ROUNDS):
            now = at(number)
            begun = await _at_once(
                *(
                    partial(storage.schedule.begin, f"p{n}", now=now, until=at(999))
                    for n, storage in enumerate(handles)
                )
            )
            assert sorted(map(bool, begun)) == [False, True]
            for n in range(2):
                await handles[0].schedule.end(f"p{n}", "done")
            runs = await _at_once(
                *(
                    partial(storage.tasks.begin, f"task-{number}", f"p{n}", now=now)
                    for n, storage in enumerate(handles)
                )
            )
            assert sorted(run is not None for run in runs) == [False, True]

    async def test_marks_of_two_handles_are_all_kept(self, handles: Handles) -> None:
        """Two processes that finish episodes of one series at once lose no file."""
        count = 2 * _ROUNDS
        await handles[0].series.add(make_series(episodes=count))

        await _at_once(
            *(
                partial(
                    handles[n % 2].series.mark_downloaded, EpisodeRef(KEY, 1, n), f"{n}.mp4", None
                )
                for n in range(1, count + 1)
            )
        )

        stored = await handles[1].series.get(KEY)
        assert [e.file for e in stored.episodes] == [f"{n}.mp4" for n in range(1, count + 1)]

    async def test_results_of_two_handles_are_all_counted(self, handles: Handles) -> None:
        """Two processes that finish with one hoster at once lose no result."""
        place = Place("p", "h")
        await _at_once(
            *(
                partial(handles[n % 2].scores.add_success, place, rate=0.0, at=at(n))
                for n in range(2 * _ROUNDS)
            )
        )

        (score,) = await handles[1].scores.find()
        assert score.tries == 2 * _ROUNDS

    async def test_changes_since_misses_nothing(self, handles: Handles) -> None:
        """A reader that follows the changes of two writers sees each item in its last state."""
        ours, theirs = handles
        count = 2 * _ROUNDS
        followed: dict[ItemId, DownloadItem | None] = {}
        sequence = (await theirs.queue.changes_since(None)).sequence
        gaps: list[QueueChanges] = []
        is_done = anyio.Event()

        async def write(storage: Storage, first: int) -> None:
            for number in range(first, count, 2):
                await storage.queue.add([make_item(number)])
                await storage.queue.move_first([make_item_id(number)])

        async def follow() -> None:
            nonlocal sequence
            is_last = False
            while not is_last:
                is_last = is_done.is_set()
                answer = await theirs.queue.changes_since(sequence)
                gaps.extend([answer] * (not answer.is_complete))
                sequence = answer.sequence
                followed.update({change.item_id: change.item for change in answer.changes})
                await anyio.lowlevel.checkpoint()

        async with anyio.create_task_group() as readers:
            readers.start_soon(follow)
            async with anyio.create_task_group() as writers:
                writers.start_soon(write, ours, 0)
                writers.start_soon(write, theirs, 1)
            is_done.set()

        assert gaps == []
        assert followed == {item.id: item for item in await ours.queue.find()}

    async def test_a_closed_storage_says_so(self, open_storage: StorageFactory, url: str) -> None:
        """Calls after the end of the context raise `StorageUnavailableError`."""
        async with open_storage(url) as storage:
            queue, sessions = storage.queue, storage.sessions

        for call in (storage.ping, queue.find, lambda: sessions.add(make_session())):
            with pytest.raises(StorageUnavailableError):
                await call()

    async def test_an_unreachable_storage_says_so(
        self, open_storage: StorageFactory, unreachable_url: str
    ) -> None:
        """Opening it raises an error of the core, without the password of the URL."""
        with pytest.raises(AniworldError) as refused:
            async with open_storage(unreachable_url):
                pass

        assert "secret" not in str(refused.value)


class MachinesContract:
    """For storages of several machines; subclass it as `SharedStorageContract`.

    The clocks of two machines are 10 minutes apart.
    """

    pytestmark: ClassVar[pytest.MarkDecorator] = pytest.mark.anyio

    @pytest.fixture
    async def machines(
        self, open_storage: StorageFactory, url: str
    ) -> AsyncIterator[tuple[Machine, Machine]]:
        """Return the storage as opened by a machine that is 5 minutes behind, and one ahead."""
        async with AsyncExitStack() as stack:
            behind = await stack.enter_async_context(open_storage(url))
            ahead = await stack.enter_async_context(open_storage(url))
            yield (
                (behind, behind.clock(ShiftedClock(-_SHIFT))),
                (ahead, ahead.clock(ShiftedClock(_SHIFT))),
            )

    async def test_they_have_one_time(self, machines: tuple[Machine, Machine]) -> None:
        """The clock of the storage shows the same time on both, and is aware."""
        (_, ours), (_, theirs) = machines

        assert abs(ours.now() - theirs.now()) < _LEASE
        assert ours.now().utcoffset() == timedelta(0)

    @pytest.mark.parametrize("order", [1, -1])
    async def test_a_live_item_is_not_stolen(
        self, machines: tuple[Machine, Machine], order: int
    ) -> None:
        """Neither machine requeues an item that the other has just claimed or renewed."""
        (ours, our_clock), (theirs, their_clock) = machines[::order]
        await ours.queue.add([make_item(1)])

        item = await ours.queue.claim_next(Claim.lasting(WORKER, our_clock.now(), _LEASE))
        assert item is not None
        assert not await theirs.queue.release_expired(their_clock.now())
        await ours.queue.renew(item.id, Claim.lasting(WORKER, our_clock.now(), _LEASE))
        assert not await theirs.queue.release_expired(their_clock.now())

    @pytest.mark.parametrize("order", [1, -1])
    async def test_an_expired_item_is_requeued(
        self, machines: tuple[Machine, Machine], order: int
    ) -> None:
        """The item of a dead worker is requeued by the other machine when its lease has ended."""
        (ours, our_clock), (theirs, their_clock) = machines[::order]
        await ours.queue.add([make_item(1)])
        await ours.queue.claim_next(Claim.lasting(WORKER, our_clock.now(), timedelta()))

        with anyio.fail_after(PATIENCE):
            while not await theirs.queue.release_expired(their_clock.now()):
                await anyio.lowlevel.checkpoint()

        assert (await ours.queue.get(make_item_id(1))).status is DownloadStatus.PENDING

    async def test_a_delay_is_as_long_on_both(self, machines: tuple[Machine, Machine]) -> None:
        """An item that waits is claimed by neither machine before its time."""
        for number, (storage, clock) in enumerate(machines):
            later = attrs.evolve(make_item(number), not_before=clock.now() + _LEASE)
            await storage.queue.add([later])

        for storage, clock in machines:
            claim = Claim.lasting(WORKER, clock.now(), _LEASE)
            assert await storage.queue.claim_next(claim) is None
            assert await storage.queue.next_claim_at(clock.now()) is not None

    async def test_one_machine_is_first(self, machines: tuple[Machine, Machine]) -> None:
        """Of two machines one does what must happen once, and again when it is forgotten."""
        for number in range(_ROUNDS):
            answers = await _at_once(
                *(
                    partial(
                        storage.is_first, f"notice {number}", at=at(0), within=timedelta(seconds=9)
                    )
                    for storage, _ in machines
                )
            )
            assert sorted(map(bool, answers)) == [False, True]
        storage, _ = machines[0]
        assert not await storage.is_first("notice 0", at=at(8.999999), within=timedelta(1))
        assert await storage.is_first("notice 0", at=at(9), within=timedelta(1))
        assert await storage.is_first("another", at=at(9), within=timedelta(1))


class StorageProcessesContract:
    """Subclass it and provide the fixtures `open_storage` and `url` of `SharedStorageContract`.

    `open_storage` is a function of an importable module, because other processes call it.
    """

    pytestmark: ClassVar[pytest.MarkDecorator] = pytest.mark.anyio

    async def test_processes_share_the_items(self, open_storage: StorageFactory, url: str) -> None:
        """Each item is claimed by exactly one process, and none is left."""
        count, workers = 150, 3
        async with open_storage(url) as storage:
            await storage.queue.add([make_item(number) for number in range(count)])

            processes = [
                _start(_DRAIN, open_storage, url, f"worker-{n}", str(count)) for n in range(workers)
            ]
            taken = await anyio.to_thread.run_sync(_race, processes)

            times_taken = Counter(item_id for ids in taken for item_id in ids)
            assert sorted(times_taken) == [make_item_id(number) for number in range(count)]
            assert set(times_taken.values()) == {1}
            held = await storage.queue.find(statuses={DownloadStatus.DOWNLOADING})
            owners = {item.id: item.claim.worker for item in held if item.claim}
            assert owners == {i: f"worker-{n}" for n, ids in enumerate(taken) for i in ids}

    async def test_a_killed_process_leaves_no_part_of_a_batch(
        self, open_storage: StorageFactory, url: str
    ) -> None:
        """Batches of a process that is killed while it adds them are stored whole or not at all."""
        size = 100
        process = _start(_FILL, open_storage, url, str(size))
        assert process.stdout is not None
        assert process.stdin is not None
        try:
            await anyio.to_thread.run_sync(process.stdout.readline)
            process.stdin.write("go\n")
            process.stdin.flush()
            async with open_storage(url) as storage:
                with anyio.fail_after(PATIENCE):
                    while not await storage.queue.find(limit=1):  # noqa: ASYNC110 - another process
                        await anyio.sleep(0.001)
                process.kill()
                await anyio.to_thread.run_sync(process.wait)
                assert len(await storage.queue.find()) % size == 0
                # Nothing that the process held keeps others from writing.
                await storage.queue.add([make_item(10**6)])
        finally:
            process.kill()
            process.communicate()


def _claimer(storage: Storage, worker: str) -> Callable[[], Awaitable[DownloadItem | None]]:
    return partial(storage.queue.claim_next, make_claim(worker, since=at(10_000)))


async def _held(storage: Storage, number: int) -> DownloadItem:
    await storage.queue.add([make_item(number)])
    item = await _claimer(storage, "worker-1")()
    assert item is not None
    return item


async def _settled(storage: Storage, item: DownloadItem) -> None:
    """Take an item out of the way of the next round."""
    if item.status is DownloadStatus.DOWNLOADING:
        await storage.queue.save(item.complete(at(20_000), "a.mp4", None))
    elif item.status is DownloadStatus.PENDING:
        await storage.queue.remove([item.id])


#: Opens the storage, prints that it is ready and waits for the start.
_OPEN: Final = """
import importlib, json, sys
sys.path[:] = json.loads(sys.argv[1])
import anyio
from aniworld_core.testing import at, make_claim, make_item

async def main(_, module, name, url, *arguments):
    async with getattr(importlib.import_module(module), name)(url) as storage:
        print("ready", flush=True)
        sys.stdin.readline()
        await work(storage, *arguments)
"""
#: Drains the queue and prints its items.
_DRAIN: Final = f"""{_OPEN}
async def work(storage, worker, count):
    while item := await storage.queue.claim_next(make_claim(worker, since=at(int(count)))):
        print(item.id)

anyio.run(main, *sys.argv[1:])
"""
#: Adds batches until it is killed.
_FILL: Final = f"""{_OPEN}
async def work(storage, size):
    for start in range(0, 10**6, int(size)):
        await storage.queue.add([make_item(start + n) for n in range(int(size))])

anyio.run(main, *sys.argv[1:])
"""


def _start(
    script: str, open_storage: StorageFactory, url: str, *arguments: str
) -> "subprocess.Popen[str]":
    function: Any = open_storage
    assert getattr(importlib.import_module(function.__module__), function.__name__) is function
    paths = json.dumps(sys.path)
    command = [sys.executable, "-c", script, paths, function.__module__, function.__name__]
    return subprocess.Popen(  # noqa: S603 - this interpreter
        [*command, url, *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def _race(processes: "Sequence[subprocess.Popen[str]]") -> list[list[str]]:
    """Start all processes at once; return what each printed."""
    for process in processes:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    # All are waited for before the first assertion, so that none is left behind.
    printed = [process.communicate(timeout=PATIENCE) for process in processes]
    for process, (_, error) in zip(processes, printed, strict=True):
        assert (process.returncode, error) == (0, "")
    return [out.split() for out, _ in printed]
