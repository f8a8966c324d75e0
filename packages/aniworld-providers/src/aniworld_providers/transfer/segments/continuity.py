"""Detect swapped, repeated or cut segments by their timestamps; lengths alone cannot show them.

A cache that confuses URLs, a proxy that cuts bodies and corrects their length, or a redirect to the
wrong file returns segments that are whole and play. They are detected by their clock, which
continues from one segment to the next, and by equal bytes.
"""

import io
from collections.abc import Iterator
from functools import partial
from typing import Final

import attrs

from aniworld_core.errors import BadMediaError
from aniworld_core.messages import Message
from aniworld_providers.media.probe.segment_probe import SegmentProbe, probe_segment
from aniworld_providers.media.remux.group_feed import Stored
from aniworld_providers.transfer.manifests.job import Job
from aniworld_providers.transfer.manifests.part_errors import segment_name
from aniworld_providers.transfer.segments.store import SegmentStore

#: Seconds of a gap between two segments that cause a second request.
_ODD: Final = 0.03
#: Seconds by which a segment may play shorter or longer before it is requested a second time.
_SHORT: Final = 0.06
_LONG: Final = 0.5
#: Seconds of a gap or overlap that fail the fetch.
_TOO_MUCH: Final = 0.3
#: Seconds of difference from which on two segments have different clocks.
_ANOTHER_CLOCK: Final = 15.0
#: Seconds from the start of its group within which a restarted clock may begin.
_RESTART: Final = 0.25
#: Correct durations from which on a playlist counts as exact.
_EXACT_ENOUGH: Final = 2
#: Size in bytes of the smallest segment whose bytes cannot equal another's by chance.
_TELLING: Final = 4 * 188
#: Bytes of a segment that contain the size of its picture.
_ENOUGH_TO_OPEN: Final = 256 * 1024
#: First boxes of MP4 fragments.
_FRAGMENT: Final = frozenset({b"styp", b"moof", b"sidx", b"emsg", b"prft"})
#: Seconds after which the clock of a transport stream restarts at zero.
_WRAP: Final = 2**33 / 90_000


@attrs.frozen
class _Known:
    index: int
    stored: Stored
    probe: SegmentProbe


@attrs.frozen
class _Break:
    """A place where segments do not fit together: those it concerns and what is wrong."""

    indexes: tuple[int, ...]
    reason: Message


@attrs.define(eq=False)
class Continuity:
    """Compares the segments of a job with their neighbours; methods block shortly."""

    _store: SegmentStore
    _known: dict[int, _Known] = attrs.Factory(dict)
    _group_of: dict[int, tuple[int, ...]] = attrs.Factory(dict)
    _place_of: dict[int, int] = attrs.Factory(dict)
    _alike: dict[tuple[int, int], set[int]] = attrs.Factory(dict)
    _sizes: dict[bytes, tuple[int, int]] = attrs.Factory(dict)

    @classmethod
    def of(cls, job: Job, store: SegmentStore) -> "Continuity":
        """Return the check for a job."""
        check = cls(store)
        for track in job.tracks:
            for group in track.groups:
                media = tuple(index for index in group if not job.items[index].is_init)
                check._group_of.update(dict.fromkeys(media, media))
                check._place_of.update((index, place) for place, index in enumerate(media))
        return check

    def load_stored(self, job: Job) -> None:
        """Probe the segments that an earlier attempt stored."""
        for index, stored in list(self._store.done.items()):
            if index in self._group_of and index not in self._known:
                self._known[index] = self._probed(index, stored)

    def is_suspicious(
        self, job: Job, index: int, stored: Stored, *, is_first: bool, is_lenient: bool
    ) -> bool:
        """Probe a segment and return whether to request it a second time.

        Args:
            job: The job of the segment.
            index: Its index in the job.
            stored: Its extents in the data file.
            is_first: Whether a suspicious segment will be requested again.
            is_lenient: Whether small deviations turned out to be part of the stream.
        """
        if index not in self._group_of:
            return False
        self._known[index] = self._probed(index, stored)
        is_odd = self._is_odd(job, index, is_lenient=is_lenient)
        if is_odd and is_first:
            # Other segments are not compared with one that is about to be replaced.
            del self._known[index]
        return is_odd

    def _is_odd(self, job: Job, index: int, *, is_lenient: bool) -> bool:
        known = self._known[index]
        if self._twin(job, index) is not None or self._has_another_size(index):
            return True
        allowed = _TOO_MUCH if is_lenient else _ODD
        longest, item = known.probe.longest, job.items[index]
        off = 0.0 if longest is None else longest - item.duration
        if not is_lenient and not -_SHORT - item.slack < off < _LONG + item.slack:
            return True
        beside = [(before.probe, after.probe) for before, after in self._neighbours(index)]
        if not is_lenient and any(_widest(*both) > allowed for both in beside):
            return True
        return any(abs(self._off(*both, self._group_of[index])) > allowed for both in beside)

    def check(self, job: Job) -> None:
        """Check all segments together.

        Raises:
            BadMediaError: If a segment is repeated, missing, swapped or cut.
        """
        self.load_stored(job)
        for each in self._breaks(job):
            raise BadMediaError(each.reason)

    def doubtful(self, job: Job) -> frozenset[int]:
        """Return the indexes of all known segments that do not fit together."""
        self.load_stored(job)
        return frozenset(index for each in self._breaks(job) for index in each.indexes)

    def _breaks(self, job: Job) -> Iterator[_Break]:
        for index in sorted(self._known):
            name = segment_name(job, index)
            twin = self._twin(job, index)
            if twin is not None:
                reason = Message("same_content", first=segment_name(job, twin), second=name)
                yield _Break((twin, index), reason)
            if self._has_another_size(index):
                reason = Message("part_reason", part=name, reason=Message("format_changes"))
                yield _Break((index,), reason)
            for before, after in self._neighbours(index):
                off = self._off(before.probe, after.probe, self._group_of[index])
                both = (before.index, after.index)
                if off > _TOO_MUCH:
                    gap = Message("stretch_missing_beside", missing_seconds=off, part=name)
                    yield _Break(both, gap)
                if off < -_TOO_MUCH:
                    yield _Break(both, Message("content_twice", part=name))
        yield from self._cut_segments(job)

    def _cut_segments(self, job: Job) -> Iterator[_Break]:
        """Yield segments that play shorter than announced if the other durations are exact."""
        exact, short = 0, []
        for index, known in self._known.items():
            longest, item = known.probe.longest, job.items[index]
            if longest is None or item.duration <= 0:
                continue
            exact += abs(longest - item.duration) <= max(_SHORT, 0.02 * item.duration)
            if longest < item.shortest - max(_TOO_MUCH, 0.1 * item.duration):
                short.append((index, longest))
        if exact < max(_EXACT_ENOUGH, 2 * len(short)):
            return
        for index, longest in short:
            reason = Message(
                "part_wrong_length",
                part=segment_name(job, index),
                actual_seconds=longest,
                expected_seconds=job.items[index].duration,
            )
            yield _Break((index,), reason)

    def _twin(self, job: Job, index: int) -> int | None:
        """Return another segment with the same bytes but another address."""
        known, piece = self._known[index], job.items[index].piece
        if not known.probe.tracks or known.stored.length < _TELLING:
            return None
        for other in self._alike.get((known.stored.length, known.stored.check), ()):
            place = job.items[other].piece
            is_near = other != index and self._group_of[other] is self._group_of[index]
            # The other segment may have been fetched again since.
            there = self._known.get(other)
            is_still = there is not None and there.stored.check == known.stored.check
            if is_near and is_still and (place.url, place.part) != (piece.url, piece.part):
                return other
        return None

    def _neighbours(self, index: int) -> list[tuple[_Known, _Known]]:
        """Return the pairs of a segment and each known neighbour."""
        group = self._group_of[index]
        place = self._place_of[index]
        pairs = []
        for one, other in ((place - 1, place), (place, place + 1)):
            if one >= 0 and other < len(group):
                before, after = self._known.get(group[one]), self._known.get(group[other])
                if before is not None and after is not None:
                    pairs.append((before, after))
        return pairs

    def _off(self, before: SegmentProbe, after: SegmentProbe, group: tuple[int, ...]) -> float:
        """Return the seconds missing between two segments; negative for repeated seconds."""
        ahead = _ahead(before, after)
        if not ahead:
            return 0.0
        if before.is_timed:
            hole = min(distance - step for distance, step in ahead)
            off = hole if hole > 0 else min(max(distance for distance, _ in ahead), 0.0)
        else:
            off = -1.0 if max(distance for distance, _ in ahead) <= 0 else 0.0
        if abs(off) >= _ANOTHER_CLOCK or (off < 0 and self._restarts(after, group)):
            return 0.0
        return off

    def _restarts(self, probe: SegmentProbe, group: tuple[int, ...]) -> bool:
        """Whether the clock of a segment starts where that of its group did."""
        first = self._known.get(group[0])
        if first is None or first.probe is probe:
            return False
        allowed = _RESTART if probe.is_timed else 0.0
        return any(
            track in first.probe.tracks
            and abs(stretch.first - first.probe.tracks[track].first) <= allowed
            for track, stretch in probe.tracks.items()
        )

    def _has_another_size(self, index: int) -> bool:
        known = self._known[index]
        if not known.probe.parameters:
            return False
        for other in self._group_of[index]:
            there = self._known.get(other)
            if other != index and there is not None and there.probe.parameters:
                if there.probe.parameters == known.probe.parameters:
                    return False
                sizes = self._size_of(known), self._size_of(there)
                return None not in sizes and sizes[0] != sizes[1]
        return False

    def _size_of(self, known: _Known) -> tuple[int, int] | None:
        import av  # slow to import, rarely needed

        if known.probe.parameters not in self._sizes:
            data = self._store.read(known.stored, 0, _ENOUGH_TO_OPEN)
            try:
                with av.open(io.BytesIO(data), format="mpegts") as container:
                    context = container.streams.video[0].codec_context
                    size = (context.width, context.height)
            except (av.error.FFmpegError, IndexError):
                size = (0, 0)
            self._sizes[known.probe.parameters] = size
        size = self._sizes[known.probe.parameters]
        return size if all(size) else None

    def _probed(self, index: int, stored: Stored) -> _Known:
        head = self._store.read(stored, 0, 8)
        probe = SegmentProbe()
        if head[:1] == b"\x47" or head[4:8] in _FRAGMENT:
            demuxer = "mpegts" if head[:1] == b"\x47" else "mov"
            probe = probe_segment(partial(self._store.read, stored), stored.length, demuxer)
        self._alike.setdefault((stored.length, stored.check), set()).add(index)
        return _Known(index, stored, probe)


def _ahead(before: SegmentProbe, after: SegmentProbe) -> list[tuple[float, float]]:
    """Return per track the distance to the next start in seconds, and the allowed distance."""
    if before.is_timed != after.is_timed:
        return []
    both = [(before.tracks[t], after.tracks[t]) for t in before.tracks if t in after.tracks]
    if not before.is_timed:
        return [(b.first - a.last, a.step) for a, b in both]
    return [(_apart(b.first, a.last), a.step) for a, b in both]


def _widest(before: SegmentProbe, after: SegmentProbe) -> float:
    """Return the widest gap in any track, in seconds."""
    if not before.is_timed:
        return 0.0
    holes = [distance - step for distance, step in _ahead(before, after)]
    return max((hole for hole in holes if hole < _ANOTHER_CLOCK), default=0.0)


def _apart(later: float, earlier: float) -> float:
    """Return the distance of two times on a clock that restarts at its end."""
    return (later - earlier + _WRAP / 2) % _WRAP - _WRAP / 2
