"""Fetches the pieces of a job in parallel until every one of them is there."""

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeVar

import anyio
import anyio.to_thread
import attrs

from aniworld_core.errors import (
    AniworldError,
    BadMediaError,
    FetchInterruptedError,
    LinkRefusedError,
    SourceGoneError,
    UnsupportedSourceError,
)
from aniworld_core.messages import Message
from aniworld_core.ports.clock import Clock
from aniworld_core.ports.fetcher import FetchRequest
from aniworld_providers.network import Backoff
from aniworld_providers.transfer.disk.publish import disk_errors, require_space
from aniworld_providers.transfer.keys import WrongKeyError
from aniworld_providers.transfer.links import is_inline
from aniworld_providers.transfer.manifests.job import Item
from aniworld_providers.transfer.manifests.part_errors import named, segment_name
from aniworld_providers.transfer.manifests.playlists import MAX_SEGMENT_BYTES, inline_part
from aniworld_providers.transfer.rate import ProgressMeter
from aniworld_providers.transfer.retry_policy import TRANSFER_RETRIES
from aniworld_providers.transfer.segments.continuity import Seams
from aniworld_providers.transfer.segments.key_cache import KeyRing
from aniworld_providers.transfer.segments.live_link import LiveLink, ShapeChangedError
from aniworld_providers.transfer.segments.sample import Sample
from aniworld_providers.transfer.segments.segment import SegmentSink
from aniworld_providers.transfer.segments.segment_buffer import Spool
from aniworld_providers.transfer.segments.store import SegmentStore, SegmentWriter
from aniworld_providers.transfer.segments.write_order import Turns

if TYPE_CHECKING:
    from aniworld_providers.network.bytes import ByteResponse, Chunk

_Result = TypeVar("_Result")
#: What another try, another address or a fresh link may settle.
_PASSING: Final = (LinkRefusedError, FetchInterruptedError, SourceGoneError, BadMediaError)
#: What only another address may settle.
_FINAL: Final = (UnsupportedSourceError,)

#: So long, pieces on their way are waited for after another failed for good.
_LAST_SECONDS: Final = 2.0
#: So much is stored at once, while more arrives.
_BATCH: Final = 512 * 1024
#: Threads that decrypt and write at once; more would only wait for the file's lock.
_AT_ONCE: Final = 2
_SPACE_EVERY: Final = 64 * 1024 * 1024
#: Segments that were short twice before their playlist counts as careless.
_FALSE_ALARMS: Final = 2
#: So many bytes more than last time count as getting further.
_REAL_PROGRESS: Final = 16 * 1024


@attrs.define(eq=False)
class _Try:
    """What survives from one try at a piece to the next.

    Of the bytes that arrived, *taken* count against the limits and *stored* as progress. *address*
    counts the addresses of the piece, its own being 0; *untried* are those that were not tried
    since the last wait, and *failure* is what went wrong at the first of them.
    """

    writer: SegmentWriter
    backoff: Backoff
    sink: SegmentSink | None = None
    validator: str | None = None
    reached: int = 0
    taken: int = 0
    stored: int = 0
    had_fresh_key: bool = False
    was_short: bool = False
    address: int = 0
    untried: list[int] | None = None
    failure: AniworldError | None = None


@attrs.define(eq=False, kw_only=True)
class SegmentTransfer:
    """The running transfer of one job.

    Attributes:
        attempts: How often a piece had to be asked for anew, plus one.
        sample: Compares what is done with what the link gives.
    """

    _link: LiveLink
    _store: SegmentStore
    _request: FetchRequest
    _clock: Clock
    _meter: ProgressMeter
    _part: Path
    attempts: int = 1
    sample: Sample = attrs.field(init=False)
    _keys: KeyRing = attrs.field(init=False)
    _seams: Seams = attrs.field(init=False)
    _usual: dict[int, int] = attrs.Factory(dict)
    _shares: dict[int, float] = attrs.Factory(dict)
    _disk_limit: anyio.CapacityLimiter = attrs.Factory(lambda: anyio.CapacityLimiter(_AT_ONCE))
    _turns: Turns = attrs.Factory(Turns)
    _whole: float = 0.0
    _played: float = 0.0
    _failure: AniworldError | None = None
    _taken: int = 0
    _space_checked: int = 0
    _false_alarms: int = 0

    def __attrs_post_init__(self) -> None:
        self._keys = KeyRing(self._link, self._clock)
        self.sample = Sample(self._link, self._store, self._keys, self._clock)
        self._seams = Seams.of(self._link.job, self._store)

    @property
    def resumed_bytes(self) -> int:
        """How much an earlier attempt had left."""
        return self._store.resumed_bytes

    async def run(self) -> None:
        """Fetch whatever is missing.

        Raises:
            ShapeChangedError: If a fresh link leads to another encode.
            What `MediaFetcher.fetch` raises.
        """
        items = self._link.job.items
        job = self._link.job
        _require_length(job.duration + job.slack, self._request.stream.duration)
        self._taken = self._store.resumed_bytes
        self._meter.start(self._taken, None)
        self._whole = sum(item.duration for item in items)
        for index in self._store.done:
            self._share(index, 1.0)
        pending = iter([i for i in range(len(items)) if i not in self._store.done])
        async with anyio.create_task_group() as group:
            for _ in range(max(1, self._request.connections)):
                group.start_soon(self._work, pending, group.cancel_scope)
        if self._failure is not None:
            raise self._failure
        await self._disk(partial(self._seams.check, self._link.job))

    async def _work(self, pending: Iterator[int], scope: anyio.CancelScope) -> None:
        try:
            for index in pending:
                await self._fetch(index)
                if self._failure is not None:
                    return
        except AniworldError as error:
            self._failure = self._failure or error
            # What is nearly here is worth keeping for the next attempt.
            scope.deadline = min(scope.deadline, anyio.current_time() + _LAST_SECONDS)

    async def _fetch(self, index: int) -> None:
        with named(lambda: segment_name(self._link.job, index)):
            await self._fetch_patiently(index)

    async def _fetch_patiently(self, index: int) -> None:
        state = _Try(self._store.writer(index), Backoff(self._clock, TRANSFER_RETRIES))
        # Where the last piece was to be had, the next one probably is, too.
        state.address = self._usual.get(self._link.job.items[index].track, 0)
        while True:
            generation = self._link.generation
            try:
                if await self._attempt(index, state):
                    self._link.progressed()
                    return
            except (*_PASSING, *_FINAL) as error:
                if isinstance(error, BadMediaError):
                    self._restart(index, state)
                state.failure = state.failure or error
                if not await self._turned_elsewhere(index, state, error):
                    failure, state.failure, state.untried = state.failure, None, None
                    if await self._recovered(index, state, failure, generation):
                        return
            self.attempts += 1

    async def _turned_elsewhere(self, index: int, state: _Try, error: AniworldError) -> bool:
        """Go on with the next address of a piece, if there is one that was not tried yet."""
        is_under_way = isinstance(error, FetchInterruptedError) and state.sink is not None
        if is_under_way and state.reached and state.backoff.retries < 1:
            return False  # what is here already is worth another try at the same address
        if state.untried is None:
            count = 1 + len(await self._link.elsewhere(index))
            state.untried = [place for place in range(count) if place != state.address]
        if not state.untried:
            return False
        self._restart(index, state)
        state.address = state.untried.pop(0)
        return True

    async def _recovered(
        self, index: int, state: _Try, error: AniworldError, generation: int
    ) -> bool:
        """Get ready for another round; tells whether none is needed.

        Raises:
            The very *error*, if another round is of no use.
        """
        item = self._link.job.items[index]
        if isinstance(error, _FINAL):
            raise error
        if isinstance(error, LinkRefusedError):
            if await self._link.renew(generation, error) and not await self.sample.matches():
                raise ShapeChangedError(self._link.stream) from error
            state.address = 0
            return False
        if isinstance(error, SourceGoneError) and item.may_be_absent and state.backoff.retries:
            # Its number was only calculated; whether anything is missing tells the playing time.
            self._restart(index, state)
            await self._disk(state.writer.commit)
            self._share(index, 1.0)
            return True
        if isinstance(error, WrongKeyError):
            if state.had_fresh_key:
                raise error
            state.had_fresh_key = True
            self._keys.forget(item.piece)
        await state.backoff.wait_after(error)
        return False

    async def _attempt(self, index: int, state: _Try) -> bool:
        """Try once; False if what came is so short that it is worth a second look."""
        item = self._link.job.items[index]
        if state.address:
            others = await self._link.elsewhere(index)
            piece = others[state.address - 1] if state.address <= len(others) else item.piece
            item = attrs.evolve(item, piece=piece)
        sink = state.sink
        if sink is None:
            key = await self._keys.key_of(item.piece)
            sink = SegmentSink(self._store, state.writer, item, self._link.stream.url, key)
            state.sink = sink
        rest = await self._receive(index, item, state, sink)
        is_lenient = self._false_alarms >= _FALSE_ALARMS
        settle = partial(self._settled, index, state, sink, rest, is_lenient=is_lenient)
        try:
            is_short = await self._disk(settle)
        except FetchInterruptedError:
            self._restart(index, state)
            raise
        if is_short and not state.was_short:
            state.was_short = True
            self._restart(index, state)
            return False
        self._usual[item.track] = state.address
        # Short again, it is the playlist that is careless; what is missing would leave a hole.
        self._false_alarms += is_short
        self._share(index, 1.0)
        late, state.stored = state.taken - state.stored, state.taken
        await self._meter.advance(late)
        await self._watch_space()
        return True

    def _settled(
        self,
        index: int,
        state: _Try,
        sink: SegmentSink,
        rest: "Sequence[Chunk]",
        *,
        is_lenient: bool,
    ) -> bool:
        """Finish a piece unless it looks odd for the first time; tells whether it does."""
        sink.take(rest)
        sink.flush()
        is_odd = sink.is_too_short(is_lenient=is_lenient)
        job, stored = self._link.job, state.writer.stored
        is_odd |= self._seams.look_odd(
            job, index, stored, is_first=not state.was_short, is_lenient=is_lenient
        )
        if state.was_short or not is_odd:
            sink.commit()
        return is_odd

    async def _receive(
        self, index: int, item: Item, state: _Try, sink: SegmentSink
    ) -> "Sequence[Chunk]":
        """Store a piece but for its last bytes, which are given back."""
        part, link = item.piece.part, self._link
        if is_inline(item.piece.url):
            body = inline_part(item.piece)
            self._admit(state, len(body))
            return [body]
        first = (part.offset if part else 0) + sink.received
        last = part.offset + part.length - 1 if part else None
        is_resumed = sink.received > 0
        async with link.client.open(
            item.piece.url,
            headers=link.stream.headers,
            span=(first, last) if part or is_resumed else None,
            if_range=state.validator if is_resumed else None,
        ) as response:
            if response.status == 416:
                self._restart(index, state)
                raise FetchInterruptedError("the server has no such range (HTTP 416)")
            if is_resumed and response.status != 206:
                self._restart(index, state)
                raise FetchInterruptedError("the server sends it from its beginning only")
            # The ranges of compressed bytes are of no use to go on from plain ones.
            marks = response.etag or response.last_modified
            state.validator = None if response.is_coded else marks
            skip = first if part and response.status == 200 else 0
            wanted = _left(item, sink)
            return await self._take(index, state, sink, response, skip=skip, wanted=wanted)

    async def _take(
        self,
        index: int,
        state: _Try,
        sink: SegmentSink,
        response: "ByteResponse",
        *,
        skip: int,
        wanted: int | None,
    ) -> "Sequence[Chunk]":
        length = wanted if wanted is not None else response.length
        if length is not None:
            if length > MAX_SEGMENT_BYTES:
                raise BadMediaError(Message("too_large", limit_bytes=512 * 2**20))
            state.writer.reserve(sink.received + length)
        expected = sink.received + length if length else None
        batch: list[Chunk] = []
        size = 0
        spool = Spool(
            partial(self._store_batch, sink), partial(self._note, index, state, sink, expected)
        )
        async with self._turns.turn() as turn, spool:
            try:
                turn.waits()
                async for chunk in response.chunks(decode=True):
                    turn.came()
                    piece = chunk
                    if skip:
                        piece, skip = piece[skip:], max(0, skip - len(piece))
                    if wanted is not None:
                        piece = piece[:wanted]
                        wanted -= len(piece)
                    self._admit(state, len(piece))
                    batch.append(piece)
                    size += len(piece)
                    if size >= _BATCH:
                        await spool.put(batch, size)
                        batch, size = [], 0
                    if wanted == 0:
                        break
                    turn.waits()
            except FetchInterruptedError:
                await spool.put(batch, size)
                await spool.drain()
                self._broke_off(index, state, sink)
                raise
            await spool.drain()
            if wanted:
                self._restart(index, state)
                raise FetchInterruptedError(Message("bytes_missing", missing=wanted))
        return batch

    def _admit(self, state: _Try, size: int) -> None:
        state.taken += size
        self._taken += size
        if state.taken > MAX_SEGMENT_BYTES:
            raise BadMediaError(Message("too_large", limit_bytes=512 * 2**20))
        if self._taken > self._request.max_bytes:
            raise BadMediaError(Message("too_large", limit_bytes=self._request.max_bytes))

    async def _store_batch(self, sink: SegmentSink, batch: "Sequence[Chunk]") -> None:
        await self._disk(partial(sink.take, batch))

    async def _note(
        self, index: int, state: _Try, sink: SegmentSink, expected: int | None, size: int
    ) -> None:
        state.stored += size
        if expected:
            self._share(index, min(sink.received / expected, 1.0))
        await self._meter.advance(size)
        await self._watch_space()

    def _broke_off(self, index: int, state: _Try, sink: SegmentSink) -> None:
        if state.validator is None:
            self._restart(index, state)
            return
        if sink.received >= state.reached + _REAL_PROGRESS:
            state.backoff.progressed()
        state.reached = max(state.reached, sink.received)

    async def _disk(self, step: Callable[[], _Result]) -> _Result:
        def run() -> _Result:
            with disk_errors(self._part):
                return step()

        return await anyio.to_thread.run_sync(run, limiter=self._disk_limit)

    async def _watch_space(self) -> None:
        """See to it that the rest and the finished file will fit."""
        done, total = self._meter.downloaded, self._meter.total
        if done - self._space_checked < _SPACE_EVERY or total is None:
            return
        self._space_checked = done
        needed = 2 * max(total - done, 0)
        reserve = self._request.reserve_bytes
        await anyio.to_thread.run_sync(require_space, self._part.parent, needed, reserve)

    def _restart(self, index: int, state: _Try) -> None:
        self._meter.downloaded -= state.stored
        self._taken -= state.taken
        state.stored = state.taken = 0
        self._share(index, 0.0)
        state.writer.restart()
        state.sink = state.validator = None

    def _share(self, index: int, part: float) -> None:
        """Note how much of a piece is here, and say how far it all is by playing time.

        The whole size is a guess from that.
        """
        duration = self._link.job.items[index].duration if self._whole > 0 else 1.0
        self._played += duration * (part - self._shares.pop(index, 0.0))
        if part:
            self._shares[index] = part
        share = self._played / (self._whole or len(self._link.job.items))
        self._meter.fraction = min(max(share, 0.0), 1.0)
        if share > 0.01:
            self._meter.total = int(self._meter.downloaded / share)


def _require_length(listed: float, promised: float | None) -> None:
    """Refuse a playlist that lists much less than the film is known to play, in seconds."""
    if promised is not None and 0 < listed < promised - max(0.02 * promised, 2.0):
        raise BadMediaError(
            Message("playlist_short", listed_seconds=listed, promised_seconds=promised)
        )


def _left(item: Item, sink: SegmentSink) -> int | None:
    part = item.piece.part
    return None if part is None else part.length - sink.received
