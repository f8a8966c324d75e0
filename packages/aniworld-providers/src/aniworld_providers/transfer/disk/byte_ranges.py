"""Which bytes of a file are still to be had, and who fetches them."""

import bisect
import threading
from collections.abc import Iterable
from typing import Self

import attrs


@attrs.define(eq=False)
class Span:
    """A stretch of a file that one connection fetches.

    Attributes:
        first: Where it begins.
        stop: First byte that is not wanted; `None` for "to the end, wherever that is".
        pos: Where the next byte received goes.
        written: Up to where bytes are on disk and in the ledger.
        moved: When bytes came last, in seconds of the event loop's clock; 0 before the first.
    """

    first: int
    stop: int | None
    moved: float = attrs.field(default=0.0, init=False)
    pos: int = attrs.field(init=False)
    written: int = attrs.field(init=False)

    def __attrs_post_init__(self) -> None:
        self.pos = self.written = self.first

    @property
    def left(self) -> int:
        """Bytes still to be received; 0 when that is not known."""
        return 0 if self.stop is None else max(self.stop - self.pos, 0)


def merged(stretches: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """Join stretches that touch or overlap."""
    result: list[tuple[int, int]] = []
    for first, stop in sorted(stretches):
        if result and first <= result[-1][1]:
            result[-1] = (result[-1][0], max(result[-1][1], stop))
        elif stop > first:
            result.append((first, stop))
    return result


class Stretches:
    """A growing set of bytes; may be grown by several threads."""

    def __init__(self) -> None:
        self._known: list[tuple[int, int]] = []
        self._lock = threading.Lock()

    def add(self, first: int, stop: int) -> None:
        """Add a stretch; whoever adds them more or less in order waits for nothing."""
        with self._lock:
            before = bisect.bisect_right(self._known, (first, stop))
            begin = max(before - 1, 0)
            end = bisect.bisect_right(self._known, (stop, stop), lo=begin)
            self._known[begin : end + 1] = merged([*self._known[begin : end + 1], (first, stop)])

    @property
    def prefix(self) -> int:
        """How many bytes from the first one on are there without a gap."""
        known = self._known[:1]
        return known[0][1] if known and known[0][0] == 0 else 0

    def all(self) -> list[tuple[int, int]]:
        """Return the stretches in order, none touching the next."""
        return list(self._known)


class SpanPlan:
    """Deals out what is missing; gives half of the largest stretch to whoever has none.

    Attributes:
        active: The spans being fetched at the moment.
    """

    def __init__(self, size: int | None, done: Iterable[tuple[int, int]]) -> None:
        self.active: list[Span] = []
        self._free: list[Span] = []
        position = 0
        for first, stop in merged(done):
            if first > position:
                self._free.append(Span(position, first))
            position = stop
        if size is None or position < size:
            self._free.append(Span(position, size))

    @classmethod
    def of(cls, span: Span) -> Self:
        """Make a plan in which this span is all that is missing, and being fetched."""
        plan = cls(0, ())
        plan.active.append(span)
        return plan

    @property
    def is_complete(self) -> bool:
        """Whether nothing is missing."""
        return not self._free and not self.active

    @property
    def left(self) -> int:
        """Bytes still to be received, as far as known."""
        return sum(span.left for span in (*self._free, *self.active))

    def take(self) -> Span | None:
        """Hand out the first missing stretch nobody fetches."""
        if not self._free:
            return None
        span = self._free.pop(0)
        self.active.append(span)
        return span

    def steal(self, least: int) -> Span | None:
        """Hand out half of the largest stretch being fetched, if both halves have *least*."""
        largest = max(self.active, key=lambda span: span.left, default=None)
        if largest is None or largest.stop is None or largest.left < 2 * least:
            return None
        middle = largest.pos + largest.left // 2
        span = Span(middle, largest.stop)
        largest.stop = middle
        self.active.append(span)
        return span

    def take_over(self, since: float) -> Span | None:
        """Hand out all that is left of the largest stretch that has stood still since a time."""
        still = [span for span in self.active if span.left and 0 < span.moved < since]
        largest = max(still, key=lambda span: span.left, default=None)
        if largest is None:
            return None
        span = Span(largest.pos, largest.stop)
        largest.stop = largest.pos
        self.active.append(span)
        return span

    def give_back(self, span: Span) -> None:
        """Take a span back, finished or not; what was not written is missing again."""
        if span not in self.active:
            return
        self.active.remove(span)
        if span.stop is None or span.written < span.stop:
            self._free.append(Span(span.written, span.stop))
            self._free.sort(key=lambda free: free.pos)
