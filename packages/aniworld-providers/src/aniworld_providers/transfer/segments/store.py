"""The segments of a stream on disk: one data file, written anywhere, read in order.

Segments arrive in parallel and out of order and are written directly to the file, so memory does
not grow with their size. Each takes one or a few *extents* of the file. The ledger lists the
extents with a checksum of their bytes. A segment is done when its line is in the ledger.
"""

import contextlib
import os
import threading
import zlib
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Final, Self

import attrs

from aniworld_providers.media.remux.group_feed import Extent, Stored, read_stored
from aniworld_providers.media.remux.input import MuxCancelledError
from aniworld_providers.transfer.disk.ledger import Entry, Ledger
from aniworld_providers.transfer.disk.paths import PartPaths
from aniworld_providers.transfer.disk.writing import write_all

#: Bytes to reserve at once for a segment of unknown length.
_BLOCK: Final = 1024 * 1024
_READ: Final = 1024 * 1024
#: Extents of a segment that was dropped, in the ledger.
_NOWHERE: Final = ""
#: Largest offset that is accepted from a ledger.
_MOST: Final = 2**62


@attrs.define(eq=False)
class SegmentStore:
    """All segments of one transfer; methods block shortly and are safe for several threads.

    Attributes:
        done: Finished segments by index.
        resumed_bytes: Bytes stored by earlier attempts.
    """

    _fd: int
    _ledger: Ledger
    _end: int = 0
    done: dict[int, Stored] = attrs.Factory(dict)
    resumed_bytes: int = 0
    _changed: threading.Condition = attrs.Factory(threading.Condition)
    _is_aborted: bool = False

    @classmethod
    def open(cls, paths: PartPaths, identity: Entry, count: int) -> Self:
        """Open the data file and keep the segments with this identity, if any.

        All segments in the ledger are read back and compared with their checksums.

        Args:
            paths: Paths of data file and ledger.
            identity: Identity of the stream.
            count: Number of segments.

        Raises:
            OSError: If the disk fails.
        """
        ledger = Ledger.load(paths.ledger)
        if ledger is not None and dict(ledger.identity) != dict(identity):
            ledger.close()
            ledger = None
        flags = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW
        fd = os.open(paths.part, flags | (os.O_TRUNC if ledger is None else 0), 0o666)
        try:
            store = cls(fd, ledger or Ledger.create(paths.ledger, identity))
        except OSError:
            os.close(fd)
            raise
        store._load_records(count)
        return store

    def writer(self, index: int, expected: int | None = None) -> "SegmentWriter":
        """Return a writer for a segment of about *expected* bytes."""
        writer = SegmentWriter(self, index)
        if expected:
            writer.reserve(expected)
        return writer

    def reset(self, identity: Entry, path: Path) -> None:
        """Drop all segments and start with another identity.

        Raises:
            OSError: If the disk fails.
        """
        with self._changed:
            self._ledger.close()
            os.ftruncate(self._fd, 0)
            self._ledger = Ledger.create(path, identity)
            self.done.clear()
            self._end = self.resumed_bytes = 0

    def abort(self) -> None:
        """Wake all threads that wait for segments: no more will be stored."""
        with self._changed:
            self._is_aborted = True
            self._changed.notify_all()

    @property
    def is_aborted(self) -> bool:
        """Whether the transfer was cancelled."""
        return self._is_aborted

    def wait_for(self, index: int) -> Stored:
        """Block until a segment is done.

        Raises:
            MuxCancelledError: If the transfer was cancelled.
        """
        with self._changed:
            while index not in self.done:
                if self._is_aborted:
                    raise MuxCancelledError
                self._changed.wait()
            return self.done[index]

    def read(self, stored: Stored, offset: int, size: int) -> bytes:
        """Return up to *size* bytes of a finished segment from *offset*, none at its end."""
        return read_stored(self._fd, stored, offset, size)

    def close(self) -> None:
        """Close the files; they stay on disk."""
        self.abort()
        self._ledger.close()
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1

    def allocate(self, size: int) -> Extent:
        """Reserve an extent of the data file."""
        with self._changed:
            extent = Extent(self._end, size)
            self._end += size
            return extent

    def write_at(self, chunks: Sequence[bytes | memoryview], offset: int) -> None:
        """Write *chunks* one after another.

        Raises:
            OSError: If writing fails.
        """
        write_all(self._fd, chunks, offset)

    def commit(self, index: int, stored: Stored) -> None:
        """Record a written segment as done.

        Raises:
            OSError: If the ledger cannot be written.
        """
        where = ",".join(f"{extent.offset}+{extent.length}" for extent in stored.extents)
        self._ledger.append({"i": index, "at": where, "crc": stored.check})
        with self._changed:
            self.done[index] = stored
            self._changed.notify_all()

    def drop(self, indexes: Collection[int]) -> None:
        """Forget finished segments; they are not done any more, for later attempts either.

        Raises:
            OSError: If the ledger cannot be written.
        """
        with self._changed:
            for index in sorted(self.done.keys() & set(indexes)):
                self._ledger.append({"i": index, "at": _NOWHERE})
                del self.done[index]

    def _load_records(self, count: int) -> None:
        for entry in self._ledger.entries:
            index, stored = entry.get("i"), _stored(entry)
            if not isinstance(index, int) or not 0 <= index < count:
                continue
            if entry.get("at") == _NOWHERE:
                self.done.pop(index, None)
            elif stored is not None and self._checksum(stored) == stored.check:
                self.done[index] = stored
        ends = [e.offset + e.length for stored in self.done.values() for e in stored.extents]
        self._end = max(ends, default=0)
        self.resumed_bytes = sum(stored.length for stored in self.done.values())

    def _checksum(self, stored: Stored) -> int | None:
        check = 0
        for extent in stored.extents:
            for offset in range(0, extent.length, _READ):
                size = min(_READ, extent.length - offset)
                data = os.pread(self._fd, size, extent.offset + offset)
                if len(data) != size:
                    return None
                check = zlib.crc32(data, check)
        return check


@attrs.define(eq=False)
class SegmentWriter:
    """Writes one segment; methods block shortly, one thread at a time.

    Attributes:
        length: Number of written bytes.
    """

    _store: SegmentStore
    _index: int
    _reserved: list[Extent] = attrs.Factory(list)
    length: int = 0
    _check: int = 0

    def reserve(self, size: int) -> None:
        """Reserve extents for *size* bytes in total."""
        room = sum(extent.length for extent in self._reserved)
        if room < size:
            self._reserved.append(self._store.allocate(size - room))

    def write(self, chunks: Sequence[bytes | memoryview]) -> None:
        """Append *chunks*.

        Raises:
            OSError: If writing fails.
        """
        amount = sum(len(chunk) for chunk in chunks)
        room = sum(extent.length for extent in self._reserved)
        if self.length + amount > room:
            self.reserve(max(self.length + amount, room + _BLOCK))
        for extent, part in self._placed(chunks, amount):
            self._store.write_at(part, extent)
        for chunk in chunks:
            self._check = zlib.crc32(chunk, self._check)
        self.length += amount

    def restart(self) -> None:
        """Start again at the first byte; the extents are reused."""
        self.length = self._check = 0

    def read(self, offset: int, size: int) -> bytes:
        """Return up to *size* written bytes from *offset*."""
        return self._store.read(self.stored, offset, size)

    @property
    def stored(self) -> Stored:
        """The extents written so far."""
        return Stored(self._extents(), self._check)

    def commit(self) -> Stored:
        """Record the segment as done.

        Raises:
            OSError: If the ledger cannot be written.
        """
        stored = self.stored
        self._store.commit(self._index, stored)
        return stored

    def _extents(self) -> tuple[Extent, ...]:
        extents, left = [], self.length
        for extent in self._reserved:
            if left <= 0:
                break
            extents.append(Extent(extent.offset, min(left, extent.length)))
            left -= extent.length
        return tuple(extents)

    def _placed(
        self, chunks: Sequence[bytes | memoryview], amount: int
    ) -> list[tuple[int, Sequence[bytes | memoryview]]]:
        start, skipped = self.length, 0
        for extent in self._reserved:
            inside = start - skipped
            if inside < extent.length:
                if amount <= extent.length - inside:
                    return [(extent.offset + inside, chunks)]
                break
            skipped += extent.length
        return self._scattered(b"".join(chunks))

    def _scattered(self, data: bytes) -> list[tuple[int, Sequence[bytes | memoryview]]]:
        places: list[tuple[int, Sequence[bytes | memoryview]]] = []
        left, position, skipped = memoryview(data), self.length, 0
        for extent in self._reserved:
            inside = position - skipped
            skipped += extent.length
            if inside >= extent.length or not left:
                continue
            take = min(len(left), extent.length - inside)
            places.append((extent.offset + inside, [left[:take]]))
            left, position = left[take:], position + take
        return places


def _stored(entry: Entry) -> Stored | None:
    where, check = entry.get("at"), entry.get("crc")
    if not isinstance(where, str) or not isinstance(check, int):
        return None
    with contextlib.suppress(ValueError):
        pairs = [part.split("+") for part in where.split(",") if part]
        extents = tuple(Extent(int(offset), int(length)) for offset, length in pairs)
        is_sane = all(0 <= e.offset < _MOST and 0 < e.length < _MOST for e in extents)
        if extents and is_sane:
            return Stored(extents, check)
    return None
