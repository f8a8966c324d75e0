"""Hands the muxer the segments of a group, in order, while later ones are still arriving."""

from collections.abc import Sequence

import attrs

from aniworld_core.errors import BadMediaError
from aniworld_providers.media.sniff import SNIFF_BYTES, segment_kind
from aniworld_providers.transfer.hls_store import SegmentStore, Stored


@attrs.define(eq=False)
class GroupFeed:
    """The bytes of some segments one after another; a `ByteSource` of the muxer."""

    _store: SegmentStore
    _indices: Sequence[int]
    _place: int = 0
    _offset: int = 0
    _current: Stored | None = None

    def read(self, size: int, /) -> bytes:
        """Return up to *size* bytes, none at the end; blocks until some are there.

        Raises:
            MuxCancelledError: If the transfer was called off.
        """
        while self._place < len(self._indices):
            if self._current is None:
                self._current = self._store.wait_for(self._indices[self._place])
            data = self._store.read(self._current, self._offset, size)
            if data:
                self._offset += len(data)
                return data
            if self._offset < self._current.length:
                # Somebody cut the file under us: an end here would pass for the stream's.
                raise BadMediaError("its unfinished file was changed by somebody else")
            self._place, self._offset, self._current = self._place + 1, 0, None
        return b""

    def demuxer(self) -> str:
        """Tell how the group is to be read; blocks until its first segment is there.

        Raises:
            BadMediaError: If it is no media.
            MuxCancelledError: If the transfer was called off.
        """
        first = self._store.wait_for(self._indices[0])
        kind = segment_kind(self._store.read(first, 0, SNIFF_BYTES))
        if kind is None:
            raise BadMediaError("its segments are no media")
        return kind[0]
