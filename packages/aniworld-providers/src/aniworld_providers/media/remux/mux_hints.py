"""What one remux attempt has found out for the next one."""

from collections.abc import Callable
from typing import Final

import attrs

from aniworld_core.errors import BadMediaError
from aniworld_core.messages import Message
from aniworld_providers.media.remux.input import ByteSource, LateTrackError
from aniworld_providers.media.remux.timeline import LoneJumpError

#: Most jumps of single tracks in one stream.
_MOST_LONE_JUMPS: Final = 20
#: Bytes of a track that libav needs to identify it.
_ENOUGH_OF_A_TRACK: Final = 8 * 1024 * 1024
#: Most bytes to probe; libav keeps them in memory.
_MOST_PROBED: Final = 256 * 1024 * 1024
_READ_BYTES: Final = 256 * 1024


class RetryMuxError(Exception):
    """The remux has to start again with the new hints; caught inside of this distribution."""


@attrs.define(eq=False)
class MuxHints:
    """The hints for a remux attempt.

    Attributes:
        index_duration: Playing time in seconds to reserve space for, for the index in front; `None`
            to write the index last and then move the media behind it.
        pauses: Per group and input, marks of jumps that are pauses of one track.
        probes: Per group and input, bytes that libav has to probe to know every track.
        in_band: Inputs whose parameter sets change, so that they are written into the packets.
    """

    index_duration: float | None
    pauses: dict[tuple[int, int], set[int]] = attrs.Factory(dict)
    probes: dict[tuple[int, int], int] = attrs.Factory(dict)
    in_band: set[int] = attrs.Factory(set)

    def add_pause(self, error: LoneJumpError) -> None:
        """Record that a jump of one track is a pause.

        Raises:
            BadMediaError: If the jump cannot be a pause.
        """
        clock, jump = error.clock, error.jump
        known = self.pauses.setdefault(clock.key, set())
        if jump.by < 0:
            kind = jump.track.kind
            raise BadMediaError(
                Message("track_goes_back", track=kind, back_seconds=-jump.by, start_seconds=jump.at)
            )
        if jump.mark in known or len(known) >= _MOST_LONE_JUMPS:
            raise BadMediaError(Message("track_clocks_differ", start_seconds=jump.at))
        known.add(jump.mark)

    def add_probe(
        self, key: tuple[int, int], late: LateTrackError, begin: Callable[[], ByteSource]
    ) -> None:
        """Find the start of a late track of a transport stream; blocks until it is read.

        Raises:
            BadMediaError: If the track is empty or begins too late.
            MuxCancelledError: If the transfer was cancelled.
        """
        data, pid, kind = begin(), late.pid, late.kind
        data.demuxer()
        tables = data.tables
        while tables is not None and pid not in tables.first and data.read(_READ_BYTES):
            pass
        at = tables.first.get(pid) if tables is not None else None
        if at is None:
            raise BadMediaError(Message("pid_empty", track=kind, pid=pid))
        probe = at + _ENOUGH_OF_A_TRACK
        if self.probes.get(key, 0) >= probe:
            raise BadMediaError(Message("pid_unreadable", track=kind, pid=pid))
        if probe > _MOST_PROBED:
            raise BadMediaError(Message("pid_begins_late", track=kind, after_bytes=at, pid=pid))
        self.probes[key] = probe
