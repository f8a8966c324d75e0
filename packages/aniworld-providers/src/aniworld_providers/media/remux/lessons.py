"""What one try at putting a stream into a container has taught for the next one."""

from collections.abc import Callable
from typing import Final

import attrs

from aniworld_core.errors import BadMediaError
from aniworld_providers.media.remux.input import ByteSource, LateTrackError
from aniworld_providers.media.remux.timeline import LoneJumpError

#: Jumps of single tracks after which a stream is given up.
_MOST_LONE_JUMPS: Final = 20
#: Bytes behind the beginning of a track in which libav finds out what it is.
_ENOUGH_OF_A_TRACK: Final = 8 * 1024 * 1024
#: libav keeps in memory what it looks at.
_MOST_PROBED: Final = 256 * 1024 * 1024
_READ_BYTES: Final = 256 * 1024


class TryAgainError(Exception):
    """Something was learned that the next try needs; never leaves this distribution."""


@attrs.define(eq=False)
class Lessons:
    """What is known before a try.

    Attributes:
        room: Playing time in seconds for which to leave room for the index in front; `None` to
            move the film behind the index in the end.
        pauses: Per group and input, marks of jumps that are pauses of one track.
        probes: Per group and input, how many bytes libav has to look at to know every track.
    """

    room: float | None
    pauses: dict[tuple[int, int], set[int]] = attrs.Factory(dict)
    probes: dict[tuple[int, int], int] = attrs.Factory(dict)

    def learn_pause(self, error: LoneJumpError) -> None:
        """Record that a track pauses where it seemed to have a new clock.

        Raises:
            BadMediaError: If that explains nothing.
        """
        clock, jump = error.clock, error.jump
        known = self.pauses.setdefault(clock.key, set())
        if jump.by < 0:
            kind = jump.track.kind
            raise BadMediaError(f"its {kind} goes back by {-jump.by:.1f} s after {jump.at:.1f} s")
        if jump.mark in known or len(known) >= _MOST_LONE_JUMPS:
            raise BadMediaError(f"its clocks disagree after {jump.at:.1f} s")
        known.add(jump.mark)

    def learn_probe(
        self, key: tuple[int, int], late: LateTrackError, begin: Callable[[], ByteSource]
    ) -> None:
        """Find out where a track of a transport stream begins; blocks until that was read.

        Raises:
            BadMediaError: If it is empty or begins too late.
            MuxCancelledError: If the transfer was called off.
        """
        data, pid, kind = begin(), late.pid, late.kind
        data.demuxer()
        tables = data.tables
        while tables is not None and pid not in tables.first and data.read(_READ_BYTES):
            pass
        at = tables.first.get(pid) if tables is not None else None
        if at is None:
            raise BadMediaError(f"its {kind} track is announced, but empty (PID {pid})")
        probe = at + _ENOUGH_OF_A_TRACK
        if self.probes.get(key, 0) >= probe:
            raise BadMediaError(f"its {kind} track cannot be read (PID {pid})")
        if probe > _MOST_PROBED:
            raise BadMediaError(f"its {kind} begins only after {at >> 20} MiB (PID {pid})")
        self.probes[key] = probe
