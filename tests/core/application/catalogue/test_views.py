"""Values of views: errors, search results, browse entries, times and rates."""

from datetime import UTC, date, datetime
from typing import Any

import attrs
import pytest

from aniworld_core.application.catalogue import (
    BrowseEntryView,
    ErrorView,
    SearchHitView,
    megabits,
    wire_time,
)
from aniworld_core.domain.catalogue import BrowseEntry, SeriesMatch
from aniworld_core.domain.downloads import Failure
from aniworld_core.domain.identity import SeriesKey
from aniworld_core.domain.media import GER_DUB, GER_SUB
from aniworld_core.errors import AniworldError, LibraryNotSetError, SeriesNotFoundError
from aniworld_core.messages import values_to_wire

MATCH: dict[str, Any] = {
    "key": "alpha",
    "name": "Alpha",
    "site": "aniworld.to",
    "provider": "aniworld",
    "link": "https://aniworld.to/alpha",
}
KNOWN = {("aniworld", "alpha"): SeriesKey("own-alpha")}
FULL = BrowseEntry(
    **MATCH,
    cover_url="https://aniworld.to/a.jpg",
    year=2011,
    season=2,
    number=3,
    languages=frozenset({GER_SUB, GER_DUB}),
    day=date(2026, 3, 4),
    at=datetime(2026, 3, 4, 5, 6, 7, 8900, UTC),
)
NOTHING = ("cover_url", "year", "season", "episode", "code", "languages", "date", "at")


@pytest.mark.parametrize(("rate", "expected"), [(0, 0.0), (1_000_000, 8.0), (123_456, 0.99)])
def test_rates_are_megabits_per_second(rate: float, expected: float) -> None:
    """Eight bits in a byte, decimal units, two decimals."""
    assert megabits(rate) == expected


def test_times_are_in_utc_with_milliseconds() -> None:
    """No time stays null."""
    assert wire_time(FULL.at) == "2026-03-04T05:06:07.008Z"
    assert wire_time(None) is None


@pytest.mark.parametrize(
    "error", [SeriesNotFoundError("alpha"), LibraryNotSetError()], ids=["one", "other"]
)
def test_an_error_has_its_text_and_its_hint_with_kinds_and_values(error: AniworldError) -> None:
    """The hint is null without one; a stored failure has none."""
    view = ErrorView.of(error)

    assert (view.error, view.kind) == (str(error), error.kind)
    assert view.values == values_to_wire(error.values)
    assert view.hint == (None if error.hint is None else str(error.hint))
    assert (view.hint_kind is None) == (error.hint is None)
    stored = ErrorView.of_failure(Failure.of(error))
    assert attrs.asdict(stored) == {
        "error": str(error),
        "kind": error.kind,
        "values": values_to_wire(error.values),
        "hint": None,
        "hint_kind": None,
        "hint_values": {},
    }


def test_a_browse_entry_has_every_value_that_its_list_names() -> None:
    """What the list does not name is null; a series of the library has its own key."""
    full = attrs.asdict(BrowseEntryView.of(FULL, {}))
    bare = attrs.asdict(BrowseEntryView.of(BrowseEntry(**MATCH), KNOWN))

    assert full == MATCH | {
        "cover_url": FULL.cover_url,
        "year": 2011,
        "in_library": False,
        "season": 2,
        "episode": 3,
        "code": "S02E03",
        "languages": ("ger-dub", "ger-sub"),
        "date": "2026-03-04",
        "at": "2026-03-04T05:06:07.008Z",
    }
    assert bare == MATCH | {"key": "own-alpha", "in_library": True} | dict.fromkeys(NOTHING)


def test_a_search_result_has_the_key_of_the_library() -> None:
    """A series that is not in the library keeps the key of its catalogue."""
    match = SeriesMatch(**MATCH, year=2011, description="A story.")
    shown = MATCH | {"cover_url": None, "year": 2011, "description": "A story."}

    assert attrs.asdict(SearchHitView.of(match, {})) == shown | {"in_library": False}
    assert attrs.asdict(SearchHitView.of(match, KNOWN)) == shown | {
        "key": "own-alpha",
        "in_library": True,
    }
