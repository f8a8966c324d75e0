"""Contract suite of `Storage` as a whole: values come back unchanged, and calls are whole."""

import contextlib
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta, timezone
from functools import partial
from typing import ClassVar, Final

import anyio
import attrs
import pytest
from hypothesis import given

from aniworld_core.domain.access import Session
from aniworld_core.domain.catalogue import Series
from aniworld_core.domain.downloads import DownloadItem, claim_order
from aniworld_core.domain.identity import EpisodeRef
from aniworld_core.errors import UsageError
from aniworld_core.ports.storage import Storage
from aniworld_core.testing import strategies
from aniworld_core.testing.factories import (
    KEY,
    WORKER,
    at,
    make_claim,
    make_item,
    make_item_id,
    make_series,
    make_session,
)

#: A zone whose offset has minutes.
_NEPAL: Final = timezone(timedelta(hours=5, minutes=45))
_END_OF_TIME: Final = datetime(9000, 1, 1, tzinfo=UTC)
#: Texts that drivers cut, refuse or store as something else.
_TEXTS: Final = {
    "nul": "a\0b",
    "only-nul": "\0",
    "surrogate": "a\udc80b",
    "emoji": "\N{JAPANESE OGRE}",
    "quotes": "'; DROP TABLE x; -- \"\\%_",
    "lines": "a\r\nb\tc\x1f",
}


class StorageContract:
    """Subclass it and provide an async fixture `storage` with an empty storage.

    A storage that cannot hold a text with NUL or a lone surrogate refuses it with `UsageError`.
    `RoundTripContract` is the part that draws random values.
    """

    pytestmark: ClassVar[pytest.MarkDecorator] = pytest.mark.anyio

    async def test_ping_answers(self, storage: Storage) -> None:
        """An open storage can be reached."""
        await storage.ping()

    @pytest.mark.parametrize("text", _TEXTS.values(), ids=_TEXTS)
    async def test_unusual_text_is_stored_whole_or_refused(
        self, storage: Storage, text: str
    ) -> None:
        """A text is stored to its last character, or refused with `UsageError`; never cut."""
        item, series, session = (
            make_item(file=text),
            make_series("other", name=text, description=text),
            make_session(user=text),
        )
        calls: list[tuple[object, Callable[[], Awaitable[None]], Callable[[], Awaitable[object]]]]
        calls = [
            (item, partial(storage.queue.add, [item]), partial(storage.queue.get, item.id)),
            (series, partial(storage.series.add, series), partial(storage.series.get, series.key)),
            (
                session,
                partial(storage.sessions.add, session),
                partial(storage.sessions.get, session.id),
            ),
        ]
        for stored, add, get in calls:
            try:
                await add()
            except UsageError:
                assert "\0" in text or "\udc80" in text
            else:
                assert await get() == stored

    @pytest.mark.parametrize("number", [2**53 + 1, 2**63 - 1, 2**63, -(2**70)])
    async def test_large_numbers_are_stored_exactly_or_refused(
        self, storage: Storage, number: int
    ) -> None:
        """An integer is stored exactly, or refused with `UsageError`; 64 bits are always stored."""
        item = make_item(place=number)
        try:
            await storage.queue.add([item])
        except UsageError:
            assert not -(2**63) <= number < 2**63
            assert list(await storage.queue.find()) == []
        else:
            assert await storage.queue.get(item.id) == item

    async def test_times_are_returned_in_utc_to_the_microsecond(self, storage: Storage) -> None:
        """Times have the zone UTC and keep their microseconds."""
        moment = at(0.000001)
        series = make_series("other", added_at=moment, updated_at=moment)
        item = make_item(
            added_at=moment,
            not_before=moment,
            started_at=moment,
            claim=make_claim(since=moment),
            completed_at=moment,
        )
        session = make_session(created_at=moment, expires_at=moment, revoked_at=moment)
        await storage.series.add(series)
        await storage.queue.add([item])
        await storage.sessions.add(session)

        stored = (
            await storage.series.get(series.key),
            await storage.queue.get(item.id),
            await storage.sessions.get(session.id),
        )

        assert stored == (series, item, session)
        found = [time for value in stored for time in _times(attrs.asdict(value))]
        assert len(found) >= 10
        assert {time.utcoffset() for time in found} == {timedelta(0)}

    async def test_a_time_of_another_zone_is_the_same_instant(self, storage: Storage) -> None:
        """Times passed as arguments are compared as instants, whatever their zone."""
        await storage.queue.add([make_item(1, not_before=at(50))])
        early, late = (at(t).astimezone(_NEPAL) for t in (49.999999, 50))
        await storage.sessions.add(make_session(expires_at=at(50)))

        assert await storage.queue.claim_next(make_claim(since=early)) is None
        assert await storage.sessions.remove_expired(early) == 0
        assert await storage.queue.claim_next(make_claim(since=late)) is not None
        assert await storage.sessions.remove_expired(late) == 1
        expiry = make_claim(since=late).expires_at
        assert not await storage.queue.release_expired(expiry - timedelta(microseconds=1))
        assert len(await storage.queue.release_expired(expiry)) == 1

    async def test_concurrent_marks_are_all_kept(self, storage: Storage) -> None:
        """`mark_downloaded` of several episodes at once loses none."""
        await storage.series.add(make_series(episodes=8))

        async with anyio.create_task_group() as tasks:
            for number in range(1, 9):
                ref = EpisodeRef(KEY, 1, number)
                tasks.start_soon(storage.series.mark_downloaded, ref, f"{number}.mp4", None)

        stored = await storage.series.get(KEY)
        assert [e.file for e in stored.episodes] == [f"{n}.mp4" for n in range(1, 9)]

    async def test_a_cancelled_add_is_whole(self, storage: Storage) -> None:
        """A batch that is cancelled while it is added is stored as a whole or not at all."""
        batch = [make_item(number) for number in range(40)]

        async for _ in _cancelled(lambda: storage.queue.add(batch)):
            found = await storage.queue.find()
            assert len(found) in {0, len(batch)}
            await storage.queue.remove([item.id for item in found])

    async def test_a_cancelled_removal_is_whole(self, storage: Storage) -> None:
        """A batch that is cancelled while it is removed is removed as a whole or not at all."""
        batch = [make_item(number) for number in range(40)]
        await storage.queue.add(batch)

        async for _ in _cancelled(lambda: storage.queue.remove([item.id for item in batch])):
            found = await storage.queue.find()
            assert len(found) in {0, len(batch)}
            await storage.queue.add([item for item in batch if not found])

    async def test_a_cancelled_release_is_whole(self, storage: Storage) -> None:
        """The items of a worker are released together or not at all."""
        await storage.queue.add([make_item(number) for number in range(12)])
        claim = make_claim(since=at(100))
        items = [await storage.queue.claim_next(claim) for _ in range(12)]
        assert None not in items

        async for _ in _cancelled(lambda: storage.queue.release_held_by(WORKER)):
            found = await storage.queue.find()
            held = [item for item in found if item.claim is not None]
            assert len(held) in {0, len(items)}
            for _ in range(len(items) - len(held)):
                await storage.queue.claim_next(claim)

    async def test_a_refused_value_leaves_the_storage_usable(self, storage: Storage) -> None:
        """After a refused call the next call works."""
        with contextlib.suppress(UsageError):
            await storage.queue.add([make_item(1, place=2**70, file="\0\udc80")])

        await storage.queue.add([make_item(2)])

        assert make_item_id(2) in {item.id for item in await storage.queue.find()}


class RoundTripContract:
    """Random domain values come back unchanged; the fixture `storage` is that of `StorageContract`.

    The examples of a test share the storage; each begins with an empty one.
    """

    pytestmark: ClassVar[pytest.MarkDecorator] = pytest.mark.anyio

    @given(first=strategies.series(), second=strategies.series())
    async def test_every_series_is_returned_unchanged(
        self, storage: Storage, first: Series, second: Series
    ) -> None:
        """A series is returned unchanged after adding and after replacing it."""
        for stale in await storage.series.heads():
            await storage.series.remove(stale.key)
        if not await _is_stored(storage.series.add(first), first):
            assert not await storage.series.get_many([first.key])
            return
        assert await storage.series.get(first.key) == first

        changed = attrs.evolve(second, key=first.key)
        kept = changed if await _is_stored(storage.series.save(changed), changed) else first
        assert await storage.series.get(first.key) == kept

    @given(batch=strategies.batches, changed=strategies.items())
    async def test_every_item_is_returned_unchanged(
        self, storage: Storage, batch: Sequence[DownloadItem], changed: DownloadItem
    ) -> None:
        """Items are returned unchanged and in claim order, after adding and after saving."""
        await empty_queue(storage)
        if not await _is_stored(storage.queue.add(batch), batch):
            assert list(await storage.queue.find()) == []
            return
        assert list(await storage.queue.find()) == sorted(batch, key=claim_order)

        for item in batch[:1]:
            rewritten = attrs.evolve(changed, id=item.id, episode=item.episode)
            if await _is_stored(storage.queue.save(rewritten), rewritten):
                item = attrs.evolve(rewritten, revision=1)
            assert await storage.queue.get(item.id) == item

    @given(session=strategies.sessions)
    async def test_every_session_is_returned_unchanged(
        self, storage: Storage, session: Session
    ) -> None:
        """A session is returned unchanged, with times to the microsecond."""
        await storage.sessions.remove_expired(_END_OF_TIME)
        if await _is_stored(storage.sessions.add(session), session):
            assert await storage.sessions.get(session.id) == session


async def empty_queue(storage: Storage) -> None:
    """Remove all items, also those that workers hold."""
    found = await storage.queue.find()
    for worker in {item.claim.worker for item in found if item.claim}:
        await storage.queue.release_held_by(worker)
    await storage.queue.remove([item.id for item in found])


async def _is_stored(call: Awaitable[object], *values: object) -> bool:
    """Return whether a call stored its values; only texts with NUL may be refused."""
    try:
        await call
    except UsageError:
        assert "\\x00" in repr(values), "a text without NUL was refused"
        return False
    return True


async def _cancelled(call: Callable[[], Awaitable[object]]) -> AsyncIterator[None]:
    """Run a call once to its end, then cancel it at several moments; yield after each."""
    began = time.perf_counter()
    await call()
    took = time.perf_counter() - began
    yield
    for part in range(8):
        with anyio.move_on_after(took * part / 8):
            await call()
        yield


def _times(value: object) -> Iterator[datetime]:
    if isinstance(value, datetime):
        yield value
    elif isinstance(value, dict):
        for each in value.values():
            yield from _times(each)
    elif isinstance(value, list | tuple):
        for each in value:
            yield from _times(each)
