"""`aniworld browse`."""

from datetime import UTC, date, datetime

import attrs

from aniworld_core.domain.catalogue import BrowseEntry, BrowseListName
from aniworld_core.domain.identity import SeriesKey
from aniworld_core.domain.media import GER_DUB, GER_SUB
from aniworld_core.errors import NeedsPersonError, ProviderUnavailableError
from aniworld_core.testing.fakes import FakeLoader
from support.console import Console

LANTERNS = BrowseEntry(
    key=SeriesKey("lanterns"),
    name="Laternen",
    site="fake.invalid",
    provider="fake",
    link="https://fake.invalid/lanterns",
    year=2019,
)
COMING = attrs.evolve(
    LANTERNS,
    season=1,
    number=105,
    languages=frozenset({GER_SUB, GER_DUB}),
    day=date(2026, 11, 22),
    at=datetime(2026, 11, 21, 23, 30, tzinfo=UTC),
)


def test_popular_series_are_the_first_to_be_seen(console: Console) -> None:
    """Without a list name, popular series are shown, one per line."""
    console.loader.stock = {BrowseListName.POPULAR: [LANTERNS]}

    answer = console("browse")

    assert answer.code == 0
    assert answer.rows == [
        ["lanterns", "Laternen (2019)", "", "", "", "https://fake.invalid/lanterns"]
    ]
    assert console("browse", "popular").out == answer.out


def test_the_calendar_tells_what_comes_when(console: Console) -> None:
    """In JSON, the day is that of the catalogue and the time is in UTC."""
    console.loader.stock = {BrowseListName.CALENDAR: [COMING, attrs.evolve(COMING, at=None)]}
    console("add", "lanterns")

    rows = console("browse", "calendar").rows
    exact, vague = console("browse", "calendar", "--json").json

    spoken = "German Dub, German Sub"
    assert rows[0][1:5] == ["Laternen (2019) [in library]", "2026-11-21T23:30Z", "S01E105", spoken]
    assert rows[1][2] == "2026-11-22"
    assert (exact["date"], exact["at"]) == ("2026-11-22", "2026-11-21T23:30:00.000Z")
    assert (exact["season"], exact["episode"], exact["code"]) == (1, 105, "S01E105")
    assert (exact["languages"], exact["in_library"]) == (["ger-dub", "ger-sub"], True)
    assert vague["at"] is None


def test_an_empty_browse_list_is_an_answer(console: Console) -> None:
    """An empty browse list is a success."""
    console.loader.stock = {BrowseListName.NEW: []}

    empty, none = console("browse", "new", "--json"), console("browse", "calendar", "--json")

    assert (empty.code, empty.json) == (0, [])
    assert (none.code, none.error["kind"]) == (3, "browse_list_not_found")


def test_other_words_are_wrong_use(console: Console) -> None:
    """An unknown browse list or catalogue is a usage error."""
    assert console("browse", "window").code == 2
    assert console("browse", "--provider", "nobody").code == 2


def test_one_silent_catalogue_is_told_and_the_others_answer(console: Console) -> None:
    """A catalogue that fails is reported; if all fail, the first error decides the exit code."""
    console.loader.stock = {BrowseListName.POPULAR: [LANTERNS]}
    silent = FakeLoader(name="other", site="other.invalid", stock={BrowseListName.POPULAR: []})
    silent.error = ProviderUnavailableError("other", "it sleeps")
    console.adapters["loaders"] = [silent, console.loader]

    answer = console("browse", "--json")
    alone = console("browse", "--provider", "other", "--json")
    silent.error = NeedsPersonError("other.invalid", "https://other.invalid/check")
    blocked = console("browse", "--provider", "other", "--json")

    assert (answer.code, len(answer.json)) == (0, 1)
    assert "other did not answer" in answer.err
    assert alone.code == blocked.code == 6
    assert "https://other.invalid/check" in blocked.err
