"""The segments of a stream on disk: one data file, written anywhere, read in order.

Segments arrive in parallel and out of order and go straight to the file, so memory does not
grow with their size. Each takes one or a few *extents* of the file; the ledger says which ones,
with a checksum of what they hold. A segment counts once its line is in the ledger.
"""

import contextlib
import os
import threading
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import Final, Self

import attrs

from aniworld_providers.media.remux.group_feed import Extent, Stored, read_stored
from aniworld_providers.media.remux.input import MuxCancelledError
from aniworld_providers.transfer.disk.ledger import Entry, Ledger
from aniworld_providers.transfer.disk.positioned_write import write_all
from aniworld_providers.transfer.disk.publish import PartPaths

#: How much is reserved at once for a segment of unknown length.
_BLOCK: Final = 1024 * 1024
_READ: Final = 1024 * 1024
#: No place in a file is beyond this, whatever a ledger says.
_MOST: Final = 2**62


@attrs.define(eq=False)
class SegmentStore:
    """All segments of one transfer. Its methods block shortly and may be called by any thread.

    Attributes:
        done: What is finished, by index.
        resumed_bytes: How much of it an earlier attempt had left.
    """

    _fd: int
    _ledger: Ledger
    _end: int = 0
    done: dict[int, Stored] = attrs.Factory(dict)
    resumed_bytes: int = 0
    _changed: threading.Condition = attrs.Factory(threading.Condition)
    _is_aborted: bool = False

    @classmethod
    def open(cls, paths: PartPaths, shape: Entry, count: int) -> Self:
        """Go on from what is on disk if it has this shape, else start with nothing.

        Everything that claims to be done is read back and compared with its checksum.

        Args:
            paths: Where the files are.
            shape: What the transfer is of.
            count: How many segments there are.

        Raises:
            OSError: If the disk refuses.
        """
        ledger = Ledger.load(paths.ledger)
        if ledger is not None and dict(ledger.shape) != dict(shape):
            ledger.close()
            ledger = None
        flags = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW
        fd = os.open(paths.part, flags | (os.O_TRUNC if ledger is None else 0), 0o666)
        try:
            store = cls(fd, ledger or Ledger.create(paths.ledger, shape))
        except OSError:
            os.close(fd)
            raise
        store._believe(count)
        return store

    def writer(self, index: int, expected: int | None = None) -> "SegmentWriter":
        """Begin a segment of about *expected* bytes."""
        writer = SegmentWriter(self, index)
        if expected:
            writer.reserve(expected)
        return writer

    def forget(self, shape: Entry, path: Path) -> None:
        """Throw everything away and start anew with another shape.

        Raises:
            OSError: If the disk refuses.
        """
        with self._changed:
            self._ledger.close()
            os.ftruncate(self._fd, 0)
            self._ledger = Ledger.create(path, shape)
            self.done.clear()
            self._end = self.resumed_bytes = 0

    def abort(self) -> None:
        """Wake whoever waits for segments: no more will come."""
        with self._changed:
            self._is_aborted = True
            self._changed.notify_all()

    @property
    def is_aborted(self) -> bool:
        """Whether the transfer was called off."""
        return self._is_aborted

    def wait_for(self, index: int) -> Stored:
        """Block until a segment is finished.

        Raises:
            MuxCancelledError: If the transfer was called off.
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
        """Close the files; they stay."""
        self.abort()
        self._ledger.close()
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1

    def allocate(self, size: int) -> Extent:
        """Reserve a stretch of the data file."""
        with self._changed:
            extent = Extent(self._end, size)
            self._end += size
            return extent

    def write_at(self, chunks: Sequence[bytes | memoryview], offset: int) -> None:
        """Write *chunks* one after another.

        Raises:
            OSError: If the disk refuses.
        """
        write_all(self._fd, chunks, offset)

    def commit(self, index: int, stored: Stored) -> None:
        """Count a segment as finished; its bytes are written.

        Raises:
            OSError: If the ledger cannot be written.
        """
        where = ",".join(f"{extent.offset}+{extent.length}" for extent in stored.extents)
        self._ledger.append({"i": index, "at": where, "crc": stored.check})
        with self._changed:
            self.done[index] = stored
            self._changed.notify_all()

    def _believe(self, count: int) -> None:
        for entry in self._ledger.entries:
            index, stored = entry.get("i"), _stored(entry)
            if not isinstance(index, int) or not 0 <= index < count or stored is None:
                continue
            if self._checksum(stored) == stored.check:
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
    """Writes one segment; its methods block shortly, one thread at a time.

    Attributes:
        length: Bytes written so far.
    """

    _store: SegmentStore
    _index: int
    _reserved: list[Extent] = attrs.Factory(list)
    length: int = 0
    _check: int = 0

    def reserve(self, size: int) -> None:
        """Make sure that *size* bytes fit."""
        room = sum(extent.length for extent in self._reserved)
        if room < size:
            self._reserved.append(self._store.allocate(size - room))

    def write(self, chunks: Sequence[bytes | memoryview]) -> None:
        """Append *chunks*.

        Raises:
            OSError: If the disk refuses.
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
        """Forget what was written; its place is used again."""
        self.length = self._check = 0

    def read(self, offset: int, size: int) -> bytes:
        """Return up to *size* bytes of what was written, from *offset*."""
        return self._store.read(self.stored, offset, size)

    @property
    def stored(self) -> Stored:
        """What was written so far."""
        return Stored(self._extents(), self._check)

    def commit(self) -> Stored:
        """Finish the segment.

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
