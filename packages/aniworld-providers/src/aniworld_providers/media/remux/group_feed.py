"""The segments of a group, in order, while later ones may still be arriving."""

import bisect
import os
from collections.abc import Sequence
from functools import partial
from typing import Protocol

import attrs

from aniworld_core.errors import BadMediaError
from aniworld_providers.media.probe.segment_check import media_end
from aniworld_providers.media.probe.sniff import ID3_LIMIT, id3_length, id3_time, segment_kind
from aniworld_providers.media.structure.boxes import MP4_BOXES
from aniworld_providers.media.structure.programme_tables import ProgrammeTables


@attrs.frozen
class Extent:
    """A stretch of a data file."""

    offset: int
    length: int


@attrs.frozen
class Stored:
    """A finished segment: where it lies, and the CRC-32 of its bytes."""

    extents: tuple[Extent, ...]
    check: int

    @property
    def length(self) -> int:
        """Its size in bytes."""
        return sum(extent.length for extent in self.extents)


def read_stored(fd: int, stored: Stored, offset: int, size: int) -> bytes:
    """Return up to *size* bytes of a segment from *offset*, none at its end.

    Raises:
        OSError: If the disk refuses.
    """
    found = b""
    for extent in stored.extents:
        if offset < extent.length:
            wanted = min(size - len(found), extent.length - offset)
            data = os.pread(fd, wanted, extent.offset + offset)
            # Nearly always the only one; what lies in several places is still one segment.
            found = found + data if found else data
            if len(found) == size or len(data) < wanted:
                break
        offset = max(offset - extent.length, 0)
    return found


class Segments(Protocol):
    """Where finished segments are to be had."""

    def wait_for(self, index: int) -> Stored:
        """Block until a segment is finished.

        Raises:
            MuxCancelledError: If no more will come.
        """
        ...

    def read(self, stored: Stored, offset: int, size: int) -> bytes:
        """Return up to *size* bytes of a finished segment from *offset*, none at its end."""
        ...


@attrs.define(eq=False)
class GroupFeed:
    """The bytes of some segments one after another; a `ByteSource` of the muxer."""

    _segments: Segments
    _indices: Sequence[int]
    _place: int = 0
    _offset: int = 0
    _end: int = 0
    _current: Stored | None = None
    _given: int = 0
    _stamps: list[tuple[int, float]] = attrs.Factory(list)
    _tables: ProgrammeTables | None = None

    def read(self, size: int, /) -> bytes:
        """Return up to *size* bytes, none at the end; blocks until some are there.

        Raises:
            MuxCancelledError: If the transfer was called off.
        """
        while self._place < len(self._indices):
            if self._current is None:
                self._current = self._begun(self._segments.wait_for(self._indices[self._place]))
            current = self._current
            data = self._segments.read(current, self._offset, min(size, self._end - self._offset))
            if data:
                if self._tables is not None:
                    self._tables.look(data, self._offset, self._given)
                self._offset += len(data)
                self._given += len(data)
                return data
            if self._offset < self._end:
                # Somebody cut the file under us: an end here would pass for the stream's.
                raise BadMediaError("its unfinished file was changed by somebody else")
            self._place, self._offset, self._current = self._place + 1, 0, None
        return b""

    def _begun(self, stored: Stored) -> Stored:
        """Begin to read a segment, behind the ID3 tag in front of bare sound.

        Bytes behind the last box of a fragment would make the next one unreadable.
        """
        self._offset, self._end = 0, stored.length
        if self._segments.read(stored, 4, 4) in MP4_BOXES:
            end = media_end(partial(self._segments.read, stored), stored.length)
            self._end = stored.length if end is None else end
        if self._segments.read(stored, 0, 3) == b"ID3":
            head = self._segments.read(stored, 0, ID3_LIMIT)
            self._offset = length = min(id3_length(head), stored.length)
            time = id3_time(head[:length])
            if time is not None:
                self._stamps.append((self._given, time))
        return stored

    def time_at(self, position: int) -> tuple[int, float] | None:
        """Return the last time told at or before a byte, and for which byte it is.

        Only bare sound tells times beside its samples. The time is in seconds on a clock of 33
        bits at 90 kHz.
        """
        place = bisect.bisect_right(self._stamps, (position, float("inf"))) - 1
        return self._stamps[place] if place >= 0 else None

    def demuxer(self) -> str:
        """Tell how the group is to be read; blocks until its first segment is there.

        Raises:
            BadMediaError: If it is no media.
            MuxCancelledError: If the transfer was called off.
        """
        first = self._segments.wait_for(self._indices[0])
        kind = segment_kind(self._segments.read(first, 0, ID3_LIMIT))
        if kind is None:
            raise BadMediaError("its segments are no media")
        if kind[0] == "mpegts":
            self._tables = ProgrammeTables()
        return kind[0]

    @property
    def tables(self) -> ProgrammeTables | None:
        """What the bytes that were read announce, if they are a transport stream."""
        return self._tables
