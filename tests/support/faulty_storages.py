"""Storages with one deliberate fault each: the contract suites must refuse every one of them.

Each is SQLite behind a wrapper. Their factories are functions of this module, because the suites
open them in other processes too.
"""

import functools
from collections.abc import AsyncIterator, Callable, Collection, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import UTC, datetime, timedelta, timezone
from typing import Any, Final

import anyio
import attrs

from aniworld_core.domain.downloads import Claim, DownloadItem, DownloadStatus
from aniworld_core.domain.identity import EpisodeRef, ItemId, WorkerId
from aniworld_core.domain.media import Language
from aniworld_core.errors import UsageError
from aniworld_core.ports.storage import Storage
from aniworld_sqlite import open_storage

#: Long enough for another task to run in between.
_GAP: Final = 0.005
_ELSEWHERE: Final = timezone(timedelta(hours=2))


@attrs.define(eq=False, slots=False)
class Wrapped:
    """Passes every call on; subclasses replace some."""

    inner: Any

    def __getattr__(self, name: str) -> Any:
        return getattr(self.inner, name)

    async def overwrite(self, item: DownloadItem) -> DownloadItem:
        """Save an item, whatever others have stored in the meantime."""
        stored = await self.inner.get(item.id)
        saved: DownloadItem = await self.inner.save(attrs.evolve(item, revision=stored.revision))
        return saved


class LockInTheProcess(Wrapped):
    """Guards claims with a lock that other processes do not see."""

    lock = functools.cached_property(lambda self: _LOCKS.setdefault("claim", anyio.Lock()))

    async def claim_next(
        self, claim: Claim, *, only: Collection[ItemId] | None = None
    ) -> DownloadItem | None:
        async with self.lock:
            found = await self.inner.find(statuses={DownloadStatus.PENDING})
            ready = [i for i in found if i.not_before is None or i.not_before <= claim.at]
            return await self.overwrite(ready[0].start(claim)) if ready else None


class EmptyWhileInUse(Wrapped):
    """Answers that nothing is claimable while another call changes an item."""

    async def claim_next(self, claim: Claim, **options: Any) -> DownloadItem | None:
        if _BUSY:
            return None
        _BUSY.append("claim")
        try:
            item: DownloadItem | None = await self.inner.claim_next(claim, **options)
        finally:
            _BUSY.pop()
        return item


class PassesOverItemsInUse(Wrapped):
    """Claims the second item while another call changes the first one."""

    async def save(self, item: DownloadItem) -> DownloadItem:
        _BUSY.append(item.id)
        try:
            await anyio.sleep(_GAP)
            saved: DownloadItem = await self.inner.save(item)
        finally:
            _BUSY.remove(item.id)
        return saved

    async def claim_next(self, claim: Claim, **options: Any) -> DownloadItem | None:
        await anyio.sleep(_GAP / 2)
        if _BUSY:
            found = await self.inner.find(statuses={DownloadStatus.PENDING})
            options["only"] = [item.id for item in found if item.id not in _BUSY]
        item: DownloadItem | None = await self.inner.claim_next(claim, **options)
        return item


class OutdatedReads(Wrapped):
    """Answers reads from a cache that only its own writes empty."""

    cache: dict[ItemId, DownloadItem]

    async def get(self, item_id: ItemId) -> DownloadItem:
        cache = self.__dict__.setdefault("cache", {})
        if item_id not in cache:
            cache[item_id] = await self.inner.get(item_id)
        stored: DownloadItem = cache[item_id]
        return stored

    async def claim_next(self, claim: Claim, **options: Any) -> DownloadItem | None:
        self.__dict__["cache"] = {}
        item: DownloadItem | None = await self.inner.claim_next(claim, **options)
        return item


class LocalTimes(Wrapped):
    """Returns times in the zone of the machine."""

    async def get(self, item_id: ItemId) -> DownloadItem:
        return _with_times(await self.inner.get(item_id), lambda t: t.astimezone(_ELSEWHERE))


class TimesCutToMilliseconds(Wrapped):
    """Keeps three digits of a second."""

    async def get(self, item_id: ItemId) -> DownloadItem:
        return _with_times(
            await self.inner.get(item_id),
            lambda t: t.replace(microsecond=t.microsecond // 1000 * 1000),
        )


class TimesWithoutTheirZone(Wrapped):
    """Compares the clock faces of two zones."""

    async def release_expired(self, now: datetime, **options: Any) -> Sequence[DownloadItem]:
        naive = now.replace(tzinfo=UTC)
        released: Sequence[DownloadItem] = await self.inner.release_expired(naive, **options)
        return released


class ReleasesWithoutALock(Wrapped):
    """Finds the items first and releases them afterwards, whatever happened in between."""

    async def _released(self, items: Sequence[DownloadItem]) -> Sequence[DownloadItem]:
        await anyio.sleep(_GAP)
        return tuple([await self.overwrite(item.requeue()) for item in items])

    async def release_expired(
        self, now: datetime, *, spare: Collection[WorkerId] = ()
    ) -> Sequence[DownloadItem]:
        held = await self.inner.find(statuses={DownloadStatus.DOWNLOADING})
        return await self._released(
            [
                i
                for i in held
                if i.claim and i.claim.expires_at <= now
                if i.claim.worker not in spare
            ]
        )

    async def release_held_by(self, worker: WorkerId) -> Sequence[DownloadItem]:
        held = await self.inner.find(statuses={DownloadStatus.DOWNLOADING})
        return await self._released([i for i in held if i.claim and i.claim.worker == worker])


class RevisionOfItsProcess(Wrapped):
    """Counts only the changes through its own handle."""

    changes = 0

    async def revision(self) -> str:
        return str(self.changes)

    def __getattr__(self, name: str) -> Any:
        if name in {"add", "save", "claim_next", "record_progress"}:
            self.changes += 1
        return getattr(self.inner, name)


class RevisionBeforeTheCommit(Wrapped):
    """Announces a change before it is stored."""

    async def revision(self) -> str:
        return str(len(_ANNOUNCED))

    async def add(self, items: Sequence[DownloadItem]) -> None:
        _ANNOUNCED.append("add")
        await self.inner.add(items)

    async def save(self, item: DownloadItem) -> DownloadItem:
        _ANNOUNCED.append("save")
        await anyio.sleep(_GAP)
        saved: DownloadItem = await self.inner.save(item)
        return saved


class ForeignErrors(Wrapped):
    """Lets the errors of its driver through."""

    async def add(self, items: Sequence[DownloadItem]) -> None:
        try:
            await self.inner.add(items)
        except UsageError as error:
            raise OverflowError("Python int too large to convert to SQLite INTEGER") from error


class RefusesNul(Wrapped):
    """Raises what PostgreSQL's driver says of a text with NUL."""

    async def add(self, items: Sequence[DownloadItem]) -> None:
        if any("\0" in (item.file or "") for item in items):
            raise ValueError("PostgreSQL text fields cannot contain NUL (0x00) bytes")
        await self.inner.add(items)


class CutsAtNul(Wrapped):
    """Stores texts as C does."""

    async def add(self, items: Sequence[DownloadItem]) -> None:
        cut = [attrs.evolve(i, file=i.file and i.file.partition("\0")[0]) for i in items]
        await self.inner.add(cut)


class LosesConcurrentMarks(Wrapped):
    """Reads, changes and replaces the whole series."""

    async def mark_downloaded(self, ref: EpisodeRef, file: str, language: Language | None) -> None:
        series = await self.inner.get(ref.series_key)
        await anyio.sleep(0)
        episodes = [
            attrs.evolve(e, downloaded=True, file=file) if e.number == ref.number else e
            for e in series.episodes
        ]
        await self.inner.save(attrs.evolve(series, episodes=tuple(episodes)))


class HalfABatch(Wrapped):
    """Stores the items of a batch one by one."""

    async def add(self, items: Sequence[DownloadItem]) -> None:
        for item in items:
            await self.inner.add([item])
            await anyio.sleep(0)


class AddsAreChecksFirst(Wrapped):
    """Looks for the name of an account, and adds it afterwards."""

    async def add(self, account: Any) -> None:
        if await self.inner.with_name(account.name) is None:
            await anyio.sleep(_GAP)
            await self.inner.add(attrs.evolve(account, name=f"{account.name}{account.id}"))
        else:
            await self.inner.add(account)


class MissesChanges(Wrapped):
    """Numbers a change when it begins; a reader passes over what is stored late."""

    async def changes_since(self, sequence: int | None) -> Any:
        answer = await self.inner.changes_since(sequence)
        return attrs.evolve(answer, sequence=answer.sequence + (1 if sequence is not None else 0))


_LOCKS: dict[str, anyio.Lock] = {}
_BUSY: list[str] = []
_ANNOUNCED: list[str] = []


def _with_times(item: DownloadItem, change: Callable[[datetime], datetime]) -> DownloadItem:
    return attrs.evolve(item, added_at=change(item.added_at))


@attrs.define(eq=False, slots=False)
class Faulty:
    """A storage of which one repository is replaced."""

    inner: Storage
    part: str
    fault: type[Wrapped]

    def __getattr__(self, name: str) -> Any:
        if name == self.part:
            replaced = self.fault(getattr(self.inner, name))
            setattr(self, name, replaced)
            return replaced
        return getattr(self.inner, name)


def _opener(part: str, fault: type[Wrapped]) -> Callable[[str], AbstractAsyncContextManager[Any]]:
    @asynccontextmanager
    async def opened(url: str) -> AsyncIterator[Any]:
        async with open_storage(url) as storage:
            yield Faulty(storage, part, fault)

    opened.__name__ = opened.__qualname__ = f"open_{fault.__name__}"
    opened.__module__ = __name__
    globals()[opened.__name__] = opened
    return opened


@asynccontextmanager
async def open_faultless(url: str) -> AsyncIterator[Any]:
    """Open SQLite behind a wrapper that changes nothing."""
    async with open_storage(url) as storage:
        yield Faulty(Faulty(storage, "queue", Wrapped), "accounts", Wrapped)  # type: ignore[arg-type]


@asynccontextmanager
async def open_that_leaks_errors(url: str) -> AsyncIterator[Storage]:
    """Open SQLite; what keeps it from opening is the error of the driver, with the address."""
    try:
        async with open_storage(url) as storage:
            yield storage
    except Exception as error:
        raise ConnectionError(f"connection to {url} failed") from error


#: The storages by the name of their fault, with the test of a suite that must fail.
FAULTS: Final[dict[type[Wrapped], tuple[str, str]]] = {
    LockInTheProcess: ("queue", "test_processes_share_the_items"),
    EmptyWhileInUse: ("queue", "test_concurrent_claims_get_the_first_items"),
    PassesOverItemsInUse: ("queue", "test_a_claim_does_not_pass_over_an_item_in_use"),
    OutdatedReads: ("queue", "test_changes_are_visible_at_once"),
    LocalTimes: ("queue", "test_times_are_returned_in_utc_to_the_microsecond"),
    TimesCutToMilliseconds: ("queue", "test_times_are_returned_in_utc_to_the_microsecond"),
    TimesWithoutTheirZone: ("queue", "test_a_time_of_another_zone_is_the_same_instant"),
    ReleasesWithoutALock: ("queue", "test_a_renewed_claim_is_not_released"),
    RevisionOfItsProcess: ("queue", "test_revisions_include_changes_of_others"),
    RevisionBeforeTheCommit: ("queue", "test_a_revision_never_runs_ahead_of_its_change"),
    ForeignErrors: ("queue", "test_large_numbers_are_stored_exactly_or_refused"),
    RefusesNul: ("queue", "test_unusual_text_is_stored_whole_or_refused"),
    CutsAtNul: ("queue", "test_unusual_text_is_stored_whole_or_refused"),
    LosesConcurrentMarks: ("series", "test_marks_of_two_handles_are_all_kept"),
    HalfABatch: ("queue", "test_a_cancelled_add_is_whole"),
    AddsAreChecksFirst: ("accounts", "test_only_one_of_two_adds_wins"),
    MissesChanges: ("queue", "test_changes_since_misses_nothing"),
}
OPENERS: Final = {fault: _opener(part, fault) for fault, (part, _) in FAULTS.items()}
