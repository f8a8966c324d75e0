"""Fetch the pieces of a job in parallel until all are stored."""

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
    SourceBlockedError,
    SourceGoneError,
    UnsupportedSourceError,
)
from aniworld_core.messages import Message
from aniworld_core.ports.clock import Clock
from aniworld_core.ports.fetcher import FetchRequest
from aniworld_providers.network import Backoff
from aniworld_providers.transfer.disk.writing import disk_errors, require_space
from aniworld_providers.transfer.keys import KeyCache, WrongKeyError
from aniworld_providers.transfer.links import is_inline
from aniworld_providers.transfer.manifests.job import Item
from aniworld_providers.transfer.manifests.part_errors import naming_part, segment_name
from aniworld_providers.transfer.manifests.playlists import MAX_SEGMENT_BYTES, inline_part
from aniworld_providers.transfer.progress import ProgressMeter
from aniworld_providers.transfer.retry_policy import TRANSFER_RETRIES
from aniworld_providers.transfer.segments.buffer import SegmentBuffer, WriteOrder
from aniworld_providers.transfer.segments.continuity import Continuity
from aniworld_providers.transfer.segments.current_link import CurrentLink, StreamChangedError
from aniworld_providers.transfer.segments.link_check import LinkCheck
from aniworld_providers.transfer.segments.sink import SegmentSink
from aniworld_providers.transfer.segments.store import SegmentStore, SegmentWriter

if TYPE_CHECKING:
    from aniworld_providers.network.bytes import ByteResponse, Chunk

_Result = TypeVar("_Result")
#: Errors after which another attempt, another address or a fresh link may succeed.
_PASSING: Final = (LinkRefusedError, FetchInterruptedError, SourceGoneError, BadMediaError)
#: Errors after which only another address may succeed.
_FINAL: Final = (SourceBlockedError, UnsupportedSourceError)

#: Seconds to let running requests finish after one piece has failed.
_LAST_SECONDS: Final = 2.0
#: Bytes to store at once while more arrive.
_BATCH: Final = 512 * 1024
#: Threads that decrypt and write at once; more would wait for the file's lock.
_AT_ONCE: Final = 2
#: Bytes between two checks of the free space.
_SPACE_EVERY: Final = 64 * 1024 * 1024
#: Segments that were short twice, from which on the playlist's durations count as inexact.
_FALSE_ALARMS: Final = 2
#: Bytes beyond the last attempt that count as progress.
_REAL_PROGRESS: Final = 16 * 1024


@attrs.define(eq=False)
class _PieceState:
    """The state of one piece that its attempts share.

    *taken* received bytes count against the limits, and *stored* ones count as progress. *address*
    is the index of the current address; 0 is the piece's own. *untried* are the addresses not tried
    since the last wait. *failure* is the error of the first address.
    """

    writer: SegmentWriter
    backoff: Backoff
    sink: SegmentSink | None = attrs.field(default=None, init=False)
    validator: str | None = attrs.field(default=None, init=False)
    reached: int = attrs.field(default=0, init=False)
    taken: int = attrs.field(default=0, init=False)
    stored: int = attrs.field(default=0, init=False)
    had_fresh_key: bool = attrs.field(default=False, init=False)
    was_short: bool = attrs.field(default=False, init=False)
    address: int = attrs.field(default=0, init=False)
    untried: list[int] | None = attrs.field(default=None, init=False)
    failure: AniworldError | None = attrs.field(default=None, init=False)


@attrs.define(eq=False, kw_only=True)
class SegmentTransfer:
    """The running transfer of one job.

    Attributes:
        attempts: Number of repeated requests, plus one.
        link_check: Compares stored segments with the current link.
    """

    _link: CurrentLink
    _store: SegmentStore
    _request: FetchRequest
    _clock: Clock
    _meter: ProgressMeter
    _part: Path
    attempts: int = attrs.field(default=1, init=False)
    link_check: LinkCheck = attrs.field(init=False)
    _keys: KeyCache = attrs.field(init=False)
    _continuity: Continuity = attrs.field(init=False)
    _last_address: dict[int, int] = attrs.field(factory=dict, init=False)
    _received_shares: dict[int, float] = attrs.field(factory=dict, init=False)
    _disk_limit: anyio.CapacityLimiter = attrs.field(
        factory=lambda: anyio.CapacityLimiter(_AT_ONCE), init=False
    )
    _write_order: WriteOrder = attrs.field(factory=WriteOrder, init=False)
    _whole: float = attrs.field(default=0.0, init=False)
    _played: float = attrs.field(default=0.0, init=False)
    _failure: AniworldError | None = attrs.field(default=None, init=False)
    _taken: int = attrs.field(default=0, init=False)
    _space_checked: int = attrs.field(default=0, init=False)
    _false_alarms: int = attrs.field(default=0, init=False)

    def __attrs_post_init__(self) -> None:
        self._keys = KeyCache(self._link.fetch_key)
        self.link_check = LinkCheck(self._link, self._store, self._keys, self._clock)
        self._continuity = Continuity.of(self._link.job, self._store)

    @property
    def resumed_bytes(self) -> int:
        """Bytes stored by earlier attempts."""
        return self._store.resumed_bytes

    async def run(self) -> None:
        """Fetch all missing pieces.

        Raises:
            StreamChangedError: If a fresh link leads to another encode.
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
        await self._disk(partial(self._continuity.check, self._link.job))

    async def doubtful(self) -> frozenset[int]:
        """Return the indexes of stored segments that do not fit together."""
        return await self._disk(partial(self._continuity.doubtful, self._link.job))

    async def _work(self, pending: Iterator[int], scope: anyio.CancelScope) -> None:
        try:
            for index in pending:
                await self._fetch(index)
                if self._failure is not None:
                    return
        except AniworldError as error:
            self._failure = self._failure or error
            # Nearly complete pieces are kept for the next attempt.
            scope.deadline = min(scope.deadline, anyio.current_time() + _LAST_SECONDS)

    async def _fetch(self, index: int) -> None:
        with naming_part(lambda: segment_name(self._link.job, index)):
            await self._fetch_with_retries(index)

    async def _fetch_with_retries(self, index: int) -> None:
        state = _PieceState(self._store.writer(index), Backoff(self._clock, TRANSFER_RETRIES))
        # The address of the last piece is probably right for the next one, too.
        state.address = self._last_address.get(self._link.job.items[index].track, 0)
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
                if not await self._switch_address(index, state, error):
                    failure, state.failure, state.untried = state.failure, None, None
                    if await self._prepare_round(index, state, failure, generation):
                        return
            self.attempts += 1

    async def _switch_address(self, index: int, state: _PieceState, error: AniworldError) -> bool:
        """Switch to the next untried address of a piece; return whether there is one."""
        is_under_way = isinstance(error, FetchInterruptedError) and state.sink is not None
        if is_under_way and state.reached and state.backoff.retries < 1:
            return False  # received bytes are continued at the same address
        if state.untried is None:
            count = 1 + len(await self._link.mirror_pieces(index))
            state.untried = [place for place in range(count) if place != state.address]
        if not state.untried:
            return False
        self._restart(index, state)
        state.address = state.untried.pop(0)
        return True

    async def _prepare_round(
        self, index: int, state: _PieceState, error: AniworldError, generation: int
    ) -> bool:
        """Prepare another round of attempts; return True if the piece is not needed.

        Raises:
            AniworldError: The same *error*, if another round cannot succeed.
        """
        item = self._link.job.items[index]
        if isinstance(error, _FINAL):
            raise error
        if isinstance(error, LinkRefusedError):
            if await self._link.renew(generation, error) and not await self.link_check.matches():
                raise StreamChangedError(self._link.stream) from error
            state.address = 0
            return False
        if isinstance(error, SourceGoneError) and item.may_be_absent and state.backoff.retries:
            # The number was only calculated; the playing time shows whether media are missing.
            self._restart(index, state)
            await self._disk(state.writer.commit)
            self._share(index, 1.0)
            return True
        if isinstance(error, WrongKeyError):
            if state.had_fresh_key:
                raise error
            state.had_fresh_key = True
            self._keys.discard(item.piece.key_url)
        await state.backoff.wait_after(error)
        return False

    async def _attempt(self, index: int, state: _PieceState) -> bool:
        """Request a piece once; return False if it is suspicious and has to be requested again."""
        item = self._link.job.items[index]
        if state.address:
            others = await self._link.mirror_pieces(index)
            piece = others[state.address - 1] if state.address <= len(others) else item.piece
            item = attrs.evolve(item, piece=piece)
        sink = state.sink
        if sink is None:
            key = await self._keys.key_at(item.piece.key_url)
            sink = SegmentSink(self._store, state.writer, item, self._link.stream.url, key)
            state.sink = sink
        rest = await self._receive(index, item, state, sink)
        is_lenient = self._false_alarms >= _FALSE_ALARMS
        settle = partial(self._commit, index, state, sink, rest, is_lenient=is_lenient)
        try:
            is_short = await self._disk(settle)
        except FetchInterruptedError:
            self._restart(index, state)
            raise
        if is_short and not state.was_short:
            state.was_short = True
            self._restart(index, state)
            return False
        self._last_address[item.track] = state.address
        # If it is short again, the playlist is inexact; missing media would leave a gap.
        self._false_alarms += is_short
        self._share(index, 1.0)
        late, state.stored = state.taken - state.stored, state.taken
        await self._meter.advance(late)
        await self._watch_space()
        return True

    def _commit(
        self,
        index: int,
        state: _PieceState,
        sink: SegmentSink,
        rest: "Sequence[Chunk]",
        *,
        is_lenient: bool,
    ) -> bool:
        """Commit a piece unless it is suspicious for the first time; return whether it is."""
        sink.take(rest)
        sink.flush()
        is_odd = sink.is_too_short(is_lenient=is_lenient)
        job, stored = self._link.job, state.writer.stored
        is_odd |= self._continuity.is_suspicious(
            job, index, stored, is_first=not state.was_short, is_lenient=is_lenient
        )
        if state.was_short or not is_odd:
            sink.commit()
        return is_odd

    async def _receive(
        self, index: int, item: Item, state: _PieceState, sink: SegmentSink
    ) -> "Sequence[Chunk]":
        """Store a piece except its last bytes, which are returned."""
        part, link = item.piece.part, self._link
        if is_inline(item.piece.url):
            body = inline_part(item.piece)
            self._count_received(state, len(body))
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
                raise FetchInterruptedError(Message("range_refused"))
            if is_resumed and response.status != 206:
                self._restart(index, state)
                raise FetchInterruptedError(Message("range_ignored"))
            # Ranges of a compressed body cannot continue decompressed bytes.
            marks = response.etag or response.last_modified
            state.validator = None if response.is_coded else marks
            skip = first if part and response.status == 200 else 0
            wanted = _left(item, sink)
            return await self._take(index, state, sink, response, skip=skip, wanted=wanted)

    async def _take(
        self,
        index: int,
        state: _PieceState,
        sink: SegmentSink,
        response: "ByteResponse",
        *,
        skip: int,
        wanted: int | None,
    ) -> "Sequence[Chunk]":
        length = wanted if wanted is not None else response.length
        if length is not None:
            if length > MAX_SEGMENT_BYTES:
                raise BadMediaError(Message("too_large", limit_bytes=MAX_SEGMENT_BYTES))
            state.writer.reserve(sink.received + length)
        expected = sink.received + length if length else None
        batch: list[Chunk] = []
        size = 0
        buffer = SegmentBuffer(
            partial(self._store_batch, sink),
            partial(self._record_stored, index, state, sink, expected),
        )
        async with self._write_order.slot() as slot, buffer:
            try:
                slot.wait_started()
                async for chunk in response.chunks(decode=True):
                    slot.received()
                    piece = chunk
                    if skip:
                        piece, skip = piece[skip:], max(0, skip - len(piece))
                    if wanted is not None:
                        piece = piece[:wanted]
                        wanted -= len(piece)
                    self._count_received(state, len(piece))
                    batch.append(piece)
                    size += len(piece)
                    if size >= _BATCH:
                        await buffer.put(batch, size)
                        batch, size = [], 0
                    if wanted == 0:
                        break
                    slot.wait_started()
            except FetchInterruptedError:
                await buffer.put(batch, size)
                await buffer.drain()
                self._keep_partial(index, state, sink)
                raise
            await buffer.drain()
            if wanted:
                self._restart(index, state)
                raise FetchInterruptedError(Message("bytes_missing", missing=wanted))
        return batch

    def _count_received(self, state: _PieceState, size: int) -> None:
        state.taken += size
        self._taken += size
        if state.taken > MAX_SEGMENT_BYTES:
            raise BadMediaError(Message("too_large", limit_bytes=MAX_SEGMENT_BYTES))
        if self._taken > self._request.max_bytes:
            raise BadMediaError(Message("too_large", limit_bytes=self._request.max_bytes))

    async def _store_batch(self, sink: SegmentSink, batch: "Sequence[Chunk]") -> None:
        await self._disk(partial(sink.take, batch))

    async def _record_stored(
        self, index: int, state: _PieceState, sink: SegmentSink, expected: int | None, size: int
    ) -> None:
        state.stored += size
        if expected:
            self._share(index, min(sink.received / expected, 1.0))
        await self._meter.advance(size)
        await self._watch_space()

    def _keep_partial(self, index: int, state: _PieceState, sink: SegmentSink) -> None:
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
        """Raise DiskFullError if the remaining bytes and the final file do not fit."""
        done, total = self._meter.downloaded, self._meter.total
        if done - self._space_checked < _SPACE_EVERY or total is None:
            return
        self._space_checked = done
        needed = 2 * max(total - done, 0)
        reserve = self._request.reserve_bytes
        await anyio.to_thread.run_sync(require_space, self._part.parent, needed, reserve)

    def _restart(self, index: int, state: _PieceState) -> None:
        self._meter.downloaded -= state.stored
        self._taken -= state.taken
        state.stored = state.taken = 0
        self._share(index, 0.0)
        state.writer.restart()
        state.sink = state.validator = None

    def _share(self, index: int, part: float) -> None:
        """Set the received share of a piece and update the progress by playing time.

        The total size is estimated from it.
        """
        duration = self._link.job.items[index].duration if self._whole > 0 else 1.0
        self._played += duration * (part - self._received_shares.pop(index, 0.0))
        if part:
            self._received_shares[index] = part
        share = self._played / (self._whole or len(self._link.job.items))
        self._meter.fraction = min(max(share, 0.0), 1.0)
        if share > 0.01:
            self._meter.total = int(self._meter.downloaded / share)


def _require_length(listed: float, promised: float | None) -> None:
    """Refuse a playlist that lists much less than the known duration in seconds."""
    if promised is not None and 0 < listed < promised - max(0.02 * promised, 2.0):
        raise BadMediaError(
            Message("playlist_short", listed_seconds=listed, promised_seconds=promised)
        )


def _left(item: Item, sink: SegmentSink) -> int | None:
    part = item.piece.part
    return None if part is None else part.length - sink.received
