"""The segments of a group as one stream of bytes, while later ones are still fetched."""

import bisect
import os
from collections.abc import Sequence
from functools import partial
from typing import Protocol

import attrs

from aniworld_core.errors import BadMediaError
from aniworld_core.messages import Message
from aniworld_providers.media.probe.segment_probe import media_end
from aniworld_providers.media.probe.sniff import ID3_LIMIT, id3_length, id3_time, segment_kind
from aniworld_providers.media.structure.boxes import MP4_BOXES
from aniworld_providers.media.structure.programme_tables import ProgrammeTables


@attrs.frozen
class Extent:
    """A range of a data file."""

    offset: int
    length: int


@attrs.frozen
class Stored:
    """A finished segment: its extents and the CRC-32 of its bytes."""

    extents: tuple[Extent, ...]
    check: int

    @property
    def length(self) -> int:
        """Size in bytes."""
        return sum(extent.length for extent in self.extents)


def read_stored(fd: int, stored: Stored, offset: int, size: int) -> bytes:
    """Return up to *size* bytes of a segment from *offset*, none at its end.

    Raises:
        OSError: If reading fails.
    """
    found = b""
    for extent in stored.extents:
        if offset < extent.length:
            wanted = min(size - len(found), extent.length - offset)
            data = os.pread(fd, wanted, extent.offset + offset)
            # A segment nearly always has a single extent.
            found = found + data if found else data
            if len(found) == size or len(data) < wanted:
                break
        offset = max(offset - extent.length, 0)
    return found


class Segments(Protocol):
    """Access to finished segments."""

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
    """The bytes of several segments in order; a `ByteSource` of the muxer."""

    _segments: Segments
    _indices: Sequence[int]
    _place: int = attrs.field(default=0, init=False)
    _offset: int = attrs.field(default=0, init=False)
    _end: int = attrs.field(default=0, init=False)
    _current: Stored | None = attrs.field(default=None, init=False)
    _given: int = attrs.field(default=0, init=False)
    _stamps: list[tuple[int, float]] = attrs.field(factory=list, init=False)
    _tables: ProgrammeTables | None = attrs.field(default=None, init=False)

    def read(self, size: int, /) -> bytes:
        """Return up to *size* bytes, none at the end; block until some are available.

        Raises:
            MuxCancelledError: If the transfer was cancelled.
        """
        while self._place < len(self._indices):
            if self._current is None:
                self._current = self._begun(self._segments.wait_for(self._indices[self._place]))
            current = self._current
            data = self._segments.read(current, self._offset, min(size, self._end - self._offset))
            if data:
                if self._tables is not None:
                    self._tables.read(data, self._offset, self._given)
                self._offset += len(data)
                self._given += len(data)
                return data
            if self._offset < self._end:
                # The file was cut: an end here would look like the end of the stream.
                raise BadMediaError(Message("unfinished_file_changed"))
            self._place, self._offset, self._current = self._place + 1, 0, None
        return b""

    def _begun(self, stored: Stored) -> Stored:
        """Start to read a segment, behind the ID3 tag of audio.

        Bytes behind the last box of a fragment are skipped; they would make the next one
        unreadable.
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
        """Return the last tag time at or before a byte, and the offset it applies to.

        Only audio without a container has tag times. The time is in seconds on a clock of 33 bits
        at 90 kHz.
        """
        place = bisect.bisect_right(self._stamps, (position, float("inf"))) - 1
        return self._stamps[place] if place >= 0 else None

    def demuxer(self) -> str:
        """Return the demuxer of the group; block until its first segment is done.

        Raises:
            BadMediaError: If the segments are not media.
            MuxCancelledError: If the transfer was cancelled.
        """
        kind = self._kind_of(0)
        if kind == "mov" and len(self._indices) > 1 and self._kind_of(1) == "mpegts":
            # No tag ends a section: that of MP4 fragments is in force for the packets behind them.
            self._place, kind = 1, "mpegts"
        if kind is None:
            raise BadMediaError(Message("segments_no_media"))
        if kind == "mpegts":
            self._tables = ProgrammeTables()
        return kind

    def _kind_of(self, place: int) -> str | None:
        stored = self._segments.wait_for(self._indices[place])
        kind = segment_kind(self._segments.read(stored, 0, ID3_LIMIT))
        return kind[0] if kind is not None else None

    @property
    def tables(self) -> ProgrammeTables | None:
        """The programme tables of the bytes read so far, for a transport stream."""
        return self._tables
