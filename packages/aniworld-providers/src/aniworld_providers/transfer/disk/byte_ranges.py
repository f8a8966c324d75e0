"""Missing byte ranges of a file and their assignment to connections."""

import bisect
import threading
from collections.abc import Iterable
from typing import Self

import attrs


@attrs.define(eq=False)
class FetchRange:
    """A byte range that one connection fetches.

    Attributes:
        first: Offset of the first byte.
        stop: Offset behind the last byte; `None` for the end of the file.
        pos: Offset of the next byte to receive.
        written: Offset up to which bytes are on disk and in the ledger.
        moved: Time of the last received bytes, in seconds of the event loop's clock; 0 before the
            first.
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
        """Number of bytes still to receive; 0 if the end is unknown."""
        return 0 if self.stop is None else max(self.stop - self.pos, 0)


def merged(ranges: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return the ranges sorted, with those that touch or overlap joined; drop empty ones."""
    result: list[tuple[int, int]] = []
    for first, stop in sorted(ranges):
        if result and first <= result[-1][1]:
            result[-1] = (result[-1][0], max(result[-1][1], stop))
        elif stop > first:
            result.append((first, stop))
    return result


class RangeSet:
    """A growing set of bytes, kept as sorted ranges; safe for use by several threads."""

    def __init__(self) -> None:
        self._known: list[tuple[int, int]] = []
        self._lock = threading.Lock()

    def add(self, first: int, stop: int) -> None:
        """Add a range; cheap if ranges are added roughly in order."""
        with self._lock:
            before = bisect.bisect_right(self._known, (first, stop))
            begin = max(before - 1, 0)
            end = bisect.bisect_right(self._known, (stop, stop), lo=begin)
            self._known[begin : end + 1] = merged([*self._known[begin : end + 1], (first, stop)])

    @property
    def prefix(self) -> int:
        """Number of bytes from offset 0 that are present without a gap."""
        known = self._known[:1]
        return known[0][1] if known and known[0][0] == 0 else 0

    def all(self) -> list[tuple[int, int]]:
        """Return the ranges in order; no two of them touch."""
        return list(self._known)


class RangePlan:
    """Assign missing ranges to connections; split the largest one for an idle connection.

    Attributes:
        active: The ranges that connections are fetching.
    """

    def __init__(self, size: int | None, done: Iterable[tuple[int, int]]) -> None:
        self.active: list[FetchRange] = []
        self._free: list[FetchRange] = []
        position = 0
        for first, stop in merged(done):
            if first > position:
                self._free.append(FetchRange(position, first))
            position = stop
        if size is None or position < size:
            self._free.append(FetchRange(position, size))

    @classmethod
    def of(cls, missing: FetchRange) -> Self:
        """Return a plan whose only missing range is already being fetched."""
        plan = cls(0, ())
        plan.active.append(missing)
        return plan

    @property
    def is_complete(self) -> bool:
        """Whether no byte is missing."""
        return not self._free and not self.active

    @property
    def left(self) -> int:
        """Number of bytes still to receive, as far as known."""
        return sum(missing.left for missing in (*self._free, *self.active))

    def take(self) -> FetchRange | None:
        """Return the first missing range without a connection, and mark it as active."""
        if not self._free:
            return None
        missing = self._free.pop(0)
        self.active.append(missing)
        return missing

    def steal(self, least: int) -> FetchRange | None:
        """Split off half of the largest active range, if both halves have *least* bytes."""
        largest = max(self.active, key=lambda missing: missing.left, default=None)
        if largest is None or largest.stop is None or largest.left < 2 * least:
            return None
        middle = largest.pos + largest.left // 2
        missing = FetchRange(middle, largest.stop)
        largest.stop = middle
        self.active.append(missing)
        return missing

    def take_over(self, since: float) -> FetchRange | None:
        """Take the rest of the largest active range without bytes since the time *since*."""
        still = [missing for missing in self.active if missing.left and 0 < missing.moved < since]
        largest = max(still, key=lambda missing: missing.left, default=None)
        if largest is None:
            return None
        missing = FetchRange(largest.pos, largest.stop)
        largest.stop = largest.pos
        self.active.append(missing)
        return missing

    def give_back(self, missing: FetchRange) -> None:
        """End a range; its bytes that were not written are missing again."""
        if missing not in self.active:
            return
        self.active.remove(missing)
        if missing.stop is None or missing.written < missing.stop:
            self._free.append(FetchRange(missing.written, missing.stop))
            self._free.sort(key=lambda free: free.pos)
