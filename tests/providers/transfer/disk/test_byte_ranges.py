"""Missing byte ranges and their assignment to connections, at their boundaries."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aniworld_providers.transfer.disk.byte_ranges import FetchRange, RangePlan, RangeSet, merged

#: Ranges inside a file of 40 bytes, empty and reversed ones included.
RANGES = st.lists(st.tuples(st.integers(0, 40), st.integers(0, 40)), max_size=12)


def _bytes_in(ranges: list[tuple[int, int]]) -> set[int]:
    return {place for first, stop in ranges for place in range(first, stop)}


def _taken(plan: RangePlan) -> list[tuple[int, int | None]]:
    """Take every missing range of a plan."""
    taken = []
    while (span := plan.take()) is not None:
        taken.append((span.first, span.stop))
    return taken


# --- sets of bytes -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("ranges", "expected"),
    [
        ([(0, 4), (4, 8)], [(0, 8)]),
        ([(0, 4), (5, 8)], [(0, 4), (5, 8)]),
        ([(4, 8), (0, 5)], [(0, 8)]),
        ([(0, 9), (2, 3)], [(0, 9)]),
        ([(0, 2), (4, 6), (5, 9)], [(0, 2), (4, 9)]),
        ([(3, 3), (7, 6)], []),
        ([(0, 1)], [(0, 1)]),
    ],
)
def test_touching_ranges_are_joined(
    ranges: list[tuple[int, int]], expected: list[tuple[int, int]]
) -> None:
    """Ranges that touch or overlap become one, one byte apart they do not; empty ones vanish."""
    assert merged(ranges) == expected


@given(ranges=RANGES)
def test_a_set_has_the_bytes_that_were_added(ranges: list[tuple[int, int]]) -> None:
    """In any order of adding, the set lists exactly these bytes, sorted and with gaps between."""
    known = RangeSet()
    for first, stop in ranges:
        if first < stop:
            known.add(first, stop)
    listed = known.all()
    assert _bytes_in(listed) == _bytes_in(ranges)
    assert all(before[1] < after[0] for before, after in pairwise(listed))
    expected = _bytes_in(ranges)
    assert known.prefix == next(place for place in range(42) if place not in expected)


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (0, 2, 1), (1, 2, 0)])
def test_touching_ranges_are_joined_in_any_order(order: tuple[int, ...]) -> None:
    """A range may touch one that begins where it stops, one that ends where it begins, or both."""
    known = RangeSet()
    for number in order:
        known.add(10 * number, 10 * number + 10)
    assert known.all() == [(0, 30)]


@pytest.mark.parametrize(("first", "prefix"), [(0, 5), (1, 0)])
def test_the_prefix_begins_with_the_first_byte(first: int, prefix: int) -> None:
    """A range that lacks byte 0 is no prefix."""
    known = RangeSet()
    known.add(first, 5)
    assert known.prefix == prefix


# --- what is missing ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("size", "done", "missing"),
    [
        (10, [], [(0, 10)]),
        (10, [(0, 10)], []),
        (10, [(0, 9)], [(9, 10)]),
        (10, [(1, 10)], [(0, 1)]),
        (10, [(0, 3), (3, 10)], []),
        (10, [(2, 4), (6, 8)], [(0, 2), (4, 6), (8, 10)]),
        (0, [], []),
        (None, [], [(0, None)]),
        (None, [(0, 7)], [(7, None)]),
    ],
)
def test_a_plan_lists_the_missing_ranges(
    size: int | None, done: list[tuple[int, int]], missing: list[tuple[int, int | None]]
) -> None:
    """Everything outside the done ranges is handed out once, in order."""
    plan = RangePlan(size, done)
    assert plan.is_complete == (not missing)
    assert _taken(plan) == missing
    assert plan.is_complete == (not missing)
    assert len(plan.active) == len(missing)


def test_the_bytes_left_are_counted_as_far_as_known() -> None:
    """Free and active ranges count; a range without an end counts nothing."""
    plan = RangePlan(10, [(2, 4)])
    assert plan.left == 8
    span = plan.take()
    assert span is not None
    span.pos += 1
    assert plan.left == 7
    assert RangePlan(None, ()).left == 0
    span.pos = 5
    assert span.left == 0


# --- sharing -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("size", "least", "shared"),
    [(8, 4, True), (9, 4, True), (7, 4, False), (2, 1, True), (1, 1, False)],
)
def test_a_range_is_shared_only_if_both_halves_are_worth_it(
    size: int, least: int, *, shared: bool
) -> None:
    """Exactly twice the least size is enough."""
    plan = RangePlan(size, ())
    first = plan.take()
    second = plan.steal(least)
    assert (second is not None) is shared
    if first is not None and second is not None:
        assert (first.first, first.stop) == (0, size // 2)
        assert (second.first, second.stop) == (size // 2, size)
        assert plan.active == [first, second]


def test_the_largest_range_is_split_from_its_position() -> None:
    """Received bytes do not count, and the half is taken from what is left."""
    plan = RangePlan(100, [(40, 50)])
    small, large = plan.take(), plan.take()
    assert small is not None
    assert large is not None
    large.pos = 70
    stolen = plan.steal(1)
    assert stolen is not None
    assert (small.stop, stolen.first, stolen.stop) == (20, 20, 40)
    second = plan.steal(1)
    assert second is not None
    assert (large.stop, second.first, second.stop) == (85, 85, 100)


def test_a_range_without_an_end_is_not_shared() -> None:
    """Its middle is unknown, and an idle plan has nothing to share."""
    plan = RangePlan(None, ())
    assert plan.steal(1) is None
    plan.take()
    assert plan.steal(1) is None


@pytest.mark.parametrize(
    ("moved", "since", "is_taken"),
    [(1.0, 1.5, True), (1.5, 1.5, False), (2.0, 1.5, False), (0.0, 1.5, False)],
)
def test_a_stalled_range_is_taken_over(moved: float, since: float, *, is_taken: bool) -> None:
    """Only one whose last bytes came before the given time; one without any bytes is starting."""
    plan = RangePlan(100, ())
    slow = plan.take()
    assert slow is not None
    slow.pos, slow.moved = 30, moved
    taken = plan.take_over(since)
    assert (taken is not None) is is_taken
    if taken is not None:
        assert (taken.first, taken.stop, slow.stop) == (30, 100, 30)
        assert plan.active == [slow, taken]


def test_the_largest_stalled_range_is_taken_over() -> None:
    """A finished range has nothing left to take."""
    plan = RangePlan(100, [(10, 20)])
    finished, open_ = plan.take(), plan.take()
    assert finished is not None
    assert open_ is not None
    finished.pos, finished.moved, open_.moved = 10, 1.0, 1.0
    taken = plan.take_over(2.0)
    assert taken is not None
    assert (taken.first, taken.stop) == (20, 100)
    assert plan.take_over(2.0) is None


# --- giving back -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "missing"), [(0, (0, 10)), (4, (4, 10)), (9, (9, 10)), (10, None)]
)
def test_what_was_not_written_is_missing_again(
    written: int, missing: tuple[int, int] | None
) -> None:
    """Received bytes that are not on the disk count as missing."""
    plan = RangePlan(10, ())
    span = plan.take()
    assert span is not None
    span.pos, span.written = 10, written
    plan.give_back(span)
    assert plan.active == []
    assert plan.is_complete is (missing is None)
    assert _taken(plan) == ([missing] if missing else [])


def test_a_range_is_given_back_once_and_in_its_place() -> None:
    """Giving back twice adds nothing; the first missing byte is handed out first."""
    plan = RangePlan(30, [(10, 20)])
    first, second = plan.take(), plan.take()
    assert first is not None
    assert second is not None
    for span in (second, first, first):
        plan.give_back(span)
    assert _taken(plan) == [(0, 10), (20, 30)]


def test_a_range_of_unknown_length_stays_open() -> None:
    """It is missing from the last written byte on, and until its end is known."""
    plan = RangePlan.of(FetchRange(0, None))
    (span,) = plan.active
    span.pos = span.written = 7
    plan.give_back(span)
    assert _taken(plan) == [(7, None)]
