"""`aniworld calendar`."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from aniworld_core.domain.catalogue import AirDate, MetadataEntry, SeriesMetadata
from aniworld_core.domain.identity import SeriesKey
from support.console import Console


def _air_tomorrow(console: Console) -> datetime:
    """Store an entry whose first episode airs tomorrow."""
    at = datetime.now(UTC).replace(hour=15, minute=0, second=0, microsecond=0) + timedelta(days=1)
    entry = MetadataEntry(
        source="tvmaze",
        id="1",
        title="Lanterns",
        link="https://example.org/1",
        fetched_at=at,
        air_dates=(AirDate(number=1, at=at, season=1),),
    )
    metadata = SeriesMetadata(key=SeriesKey("lanterns"), entry=entry)
    asyncio.run(console.storage.metadata.save(metadata))
    return at


def test_the_calendar_lists_broadcasts(console: Console) -> None:
    """A row has day, time, series, episode and state; JSON has the fields of the API."""
    console("add", "lanterns")
    at = _air_tomorrow(console)

    answer = console("calendar", "--tz", "UTC")
    document = console("calendar", "--tz", "UTC", "--json").json

    assert answer.code == 0
    assert answer.rows[-1][:2] == [at.date().isoformat(), "15:00"]
    assert answer.rows[-1][3:] == ["S01E01", "expected"]
    [entry] = document["entries"]
    assert (entry["key"], entry["day"]) == ("lanterns", at.date().isoformat())


def test_an_empty_calendar_says_so(console: Console) -> None:
    """Nothing is printed to stdout."""
    answer = console("calendar", "--from", "2026-01-01", "--to", "2026-01-02")

    assert (answer.code, answer.out) == (0, "")
    assert "nothing from 2026-01-01 to 2026-01-02" in answer.err


@pytest.mark.parametrize(
    "arguments",
    [("--from", "soon"), ("--tz", "Mars"), ("--from", "2026-01-02", "--to", "2026-01-01")],
)
def test_a_wrong_range_is_refused(console: Console, arguments: tuple[str, ...]) -> None:
    """The command ends with exit code 2."""
    assert console("calendar", *arguments).code == 2
