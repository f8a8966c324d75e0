"""Whether segments follow each other: a server that mixes them up agrees with every length.

A cache that confuses links, a proxy that cuts bodies and corrects their length, a redirect to
the wrong file: each gives segments that are whole and play. What gives them away is the clock
inside, which goes on from one segment to the next, and that no two segments are the same.
"""

import io
from functools import partial
from typing import Final

import attrs

from aniworld_core.errors import BadMediaError
from aniworld_core.messages import Message
from aniworld_providers.media.probe.segment_probe import Glimpse, glimpse
from aniworld_providers.media.remux.group_feed import Stored
from aniworld_providers.transfer.manifests.job import Job
from aniworld_providers.transfer.manifests.part_errors import segment_name
from aniworld_providers.transfer.segments.store import SegmentStore

#: Seconds between two segments, or missing in one, that are worth a second look; and how many
#: of them are too many.
_ODD: Final = 0.03
_SHORT: Final = 0.06
_LONG: Final = 0.5
_TOO_MUCH: Final = 0.3
#: A clock that is off by more than this, in seconds, is another clock and nothing missing.
_ANOTHER_CLOCK: Final = 15.0
#: How far from the beginning of its stretch a restarted clock may begin, in seconds.
_RESTART: Final = 0.25
#: How many of a playlist's durations have to be right before it counts as exact.
_EXACT_ENOUGH: Final = 2
#: The smallest segment whose bytes are not the same as another's by chance.
_TELLING: Final = 4 * 188
#: Enough of a segment to tell how large its picture is.
_ENOUGH_TO_OPEN: Final = 256 * 1024
#: How fragments of an MP4 begin.
_FRAGMENT: Final = frozenset({b"styp", b"moof", b"sidx", b"emsg", b"prft"})
#: When the clock of a transport stream begins anew, in seconds.
_WRAP: Final = 2**33 / 90_000


@attrs.frozen
class _Known:
    stored: Stored
    look: Glimpse


@attrs.define(eq=False)
class Seams:
    """Compares the segments of a job with their neighbours. Its methods block shortly."""

    _store: SegmentStore
    _known: dict[int, _Known] = attrs.Factory(dict)
    _group_of: dict[int, tuple[int, ...]] = attrs.Factory(dict)
    _place_of: dict[int, int] = attrs.Factory(dict)
    _alike: dict[tuple[int, int], set[int]] = attrs.Factory(dict)
    _sizes: dict[bytes, tuple[int, int]] = attrs.Factory(dict)

    @classmethod
    def of(cls, job: Job, store: SegmentStore) -> "Seams":
        """Begin with what is stored already."""
        seams = cls(store)
        for track in job.tracks:
            for group in track.groups:
                media = tuple(index for index in group if not job.items[index].is_init)
                seams._group_of.update(dict.fromkeys(media, media))
                seams._place_of.update((index, place) for place, index in enumerate(media))
        return seams

    def learn(self, job: Job) -> None:
        """Look at what an earlier attempt has left."""
        for index, stored in list(self._store.done.items()):
            if index in self._group_of and index not in self._known:
                self._known[index] = self._seen(index, stored)

    def look_odd(
        self, job: Job, index: int, stored: Stored, *, is_first: bool, is_lenient: bool
    ) -> bool:
        """Take note of a segment, and tell whether it is worth a second look.

        Args:
            job: What it is of.
            index: Which one.
            stored: Where it lies.
            is_first: Whether it will be fetched again if it is.
            is_lenient: Whether small flaws have turned out to be the stream's own.
        """
        if index not in self._group_of:
            return False
        self._known[index] = self._seen(index, stored)
        is_odd = self._is_odd(job, index, is_lenient=is_lenient)
        if is_odd and is_first:
            # Nobody shall be measured by what is about to be fetched again.
            del self._known[index]
        return is_odd

    def _is_odd(self, job: Job, index: int, *, is_lenient: bool) -> bool:
        known = self._known[index]
        if self._twin(job, index) is not None or self._has_another_size(index):
            return True
        allowed = _TOO_MUCH if is_lenient else _ODD
        span, item = known.look.span, job.items[index]
        off = 0.0 if span is None else span - item.duration
        if not is_lenient and not -_SHORT - item.slack < off < _LONG + item.slack:
            return True
        beside = self._beside(index)
        if not is_lenient and any(_widest(*both) > allowed for both in beside):
            return True
        return any(abs(self._off(*both, self._group_of[index])) > allowed for both in beside)

    def check(self, job: Job) -> None:
        """Judge all segments together.

        Raises:
            BadMediaError: If one is not what its place asks for.
        """
        self.learn(job)
        for index in sorted(self._known):
            twin = self._twin(job, index)
            if twin is not None:
                both = f"{segment_name(job, twin)} and {segment_name(job, index)}"
                raise BadMediaError(f"{both} are the same")
            if self._has_another_size(index):
                name = segment_name(job, index)
                raise BadMediaError(
                    Message("part_reason", part=name, reason=Message("format_changes"))
                )
            for before, after in self._beside(index):
                off = self._off(before, after, self._group_of[index])
                if off > _TOO_MUCH:
                    name = segment_name(job, index)
                    raise BadMediaError(
                        Message("stretch_missing_beside", missing_seconds=off, part=name)
                    )
                if off < -_TOO_MUCH:
                    name = segment_name(job, index)
                    raise BadMediaError(f"what {name} plays is there twice")
        self._check_durations(job)

    def _check_durations(self, job: Job) -> None:
        """Refuse a segment that is shorter than announced where the others are not."""
        exact, short = 0, []
        for index, known in self._known.items():
            span, item = known.look.span, job.items[index]
            if span is None or item.duration <= 0:
                continue
            exact += abs(span - item.duration) <= max(_SHORT, 0.02 * item.duration)
            if span < item.shortest - max(_TOO_MUCH, 0.1 * item.duration):
                short.append((index, span))
        if short and exact >= max(_EXACT_ENOUGH, 2 * len(short)):
            index, span = short[0]
            name, told = segment_name(job, index), job.items[index].duration
            raise BadMediaError(
                Message("part_wrong_length", part=name, actual_seconds=span, expected_seconds=told)
            )

    def _twin(self, job: Job, index: int) -> int | None:
        """Return another segment with the same bytes, which the playlist does not name twice."""
        known, piece = self._known[index], job.items[index].piece
        if not known.look.tracks or known.stored.length < _TELLING:
            return None
        for other in self._alike.get((known.stored.length, known.stored.check), ()):
            place = job.items[other].piece
            is_near = other != index and self._group_of[other] is self._group_of[index]
            # It may hold something better by now.
            there = self._known.get(other)
            is_still = there is not None and there.stored.check == known.stored.check
            if is_near and is_still and (place.url, place.part) != (piece.url, piece.part):
                return other
        return None

    def _beside(self, index: int) -> list[tuple[Glimpse, Glimpse]]:
        """Return the seams of a segment with its neighbours that are known."""
        group = self._group_of[index]
        place = self._place_of[index]
        seams = []
        for one, other in ((place - 1, place), (place, place + 1)):
            if one >= 0 and other < len(group):
                before, after = self._known.get(group[one]), self._known.get(group[other])
                if before is not None and after is not None:
                    seams.append((before.look, after.look))
        return seams

    def _off(self, before: Glimpse, after: Glimpse, group: tuple[int, ...]) -> float:
        """Return how many seconds are missing between two, or there twice (negative)."""
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

    def _restarts(self, look: Glimpse, group: tuple[int, ...]) -> bool:
        """Whether a clock begins where that of the whole stretch did."""
        first = self._known.get(group[0])
        if first is None or first.look is look:
            return False
        allowed = _RESTART if look.is_timed else 0.0
        return any(
            track in first.look.tracks
            and abs(stretch.first - first.look.tracks[track].first) <= allowed
            for track, stretch in look.tracks.items()
        )

    def _has_another_size(self, index: int) -> bool:
        known = self._known[index]
        if not known.look.parameters:
            return False
        for other in self._group_of[index]:
            there = self._known.get(other)
            if other != index and there is not None and there.look.parameters:
                if there.look.parameters == known.look.parameters:
                    return False
                sizes = self._size_of(known), self._size_of(there)
                return None not in sizes and sizes[0] != sizes[1]
        return False

    def _size_of(self, known: _Known) -> tuple[int, int] | None:
        import av  # slow to import, and rarely needed

        if known.look.parameters not in self._sizes:
            data = self._store.read(known.stored, 0, _ENOUGH_TO_OPEN)
            try:
                with av.open(io.BytesIO(data), format="mpegts") as container:
                    context = container.streams.video[0].codec_context
                    size = (context.width, context.height)
            except (av.error.FFmpegError, IndexError):
                size = (0, 0)
            self._sizes[known.look.parameters] = size
        size = self._sizes[known.look.parameters]
        return size if all(size) else None

    def _seen(self, index: int, stored: Stored) -> _Known:
        head = self._store.read(stored, 0, 8)
        look = Glimpse()
        if head[:1] == b"\x47" or head[4:8] in _FRAGMENT:
            demuxer = "mpegts" if head[:1] == b"\x47" else "mov"
            look = glimpse(partial(self._store.read, stored), stored.length, demuxer)
        self._alike.setdefault((stored.length, stored.check), set()).add(index)
        return _Known(stored, look)


def _ahead(before: Glimpse, after: Glimpse) -> list[tuple[float, float]]:
    """Return per track how far its next beginning lies ahead, and how far it may."""
    if before.is_timed != after.is_timed:
        return []
    both = [(before.tracks[t], after.tracks[t]) for t in before.tracks if t in after.tracks]
    if not before.is_timed:
        return [(b.first - a.last, a.step) for a, b in both]
    return [(_apart(b.first, a.last), a.step) for a, b in both]


def _widest(before: Glimpse, after: Glimpse) -> float:
    """Return the widest hole in any one track, in seconds."""
    if not before.is_timed:
        return 0.0
    holes = [distance - step for distance, step in _ahead(before, after)]
    return max((hole for hole in holes if hole < _ANOTHER_CLOCK), default=0.0)


def _apart(later: float, earlier: float) -> float:
    """Return the distance of two times of a clock that begins anew at its end."""
    return (later - earlier + _WRAP / 2) % _WRAP - _WRAP / 2
