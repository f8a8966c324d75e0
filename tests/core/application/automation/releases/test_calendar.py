"""The calendar of a library."""

from datetime import timedelta

import attrs
import pytest

from aniworld_core.application.automation import (
    CalendarEntryView,
    CalendarRange,
    ReleaseCalendar,
    parse_calendar_range,
)
from aniworld_core.application.configuration import CurrentConfig
from aniworld_core.domain.catalogue import AirDate, MetadataEntry, SeriesMetadata, VersionSeen
from aniworld_core.domain.configuration import Config
from aniworld_core.domain.identity import SeriesKey
from aniworld_core.domain.media import GER_DUB, GER_SUB
from aniworld_core.testing import MemoryStorage, make_episode, make_series
from aniworld_core.testing.fakes import FakeClock

pytestmark = pytest.mark.anyio

NOW = FakeClock().now()
WEEK = timedelta(days=7)
KEY = SeriesKey("one")


async def weekly(dubbed: int) -> tuple[MemoryStorage, ReleaseCalendar]:
    """Return a library with a weekly series whose dubs came 9 or 10 days after each broadcast.

    Episode 20 aired a day ago.
    """
    storage = MemoryStorage()
    episodes = [make_episode(n, languages=frozenset({GER_SUB})) for n in range(1, 21)]
    await storage.series.add(make_series(KEY, name="One", episodes=episodes))
    aired = {n: NOW - timedelta(days=1) - WEEK * (20 - n) for n in range(1, 23)}
    entry = MetadataEntry(
        source="tvmaze",
        id="1",
        title="One",
        link="https://example.org/1",
        fetched_at=NOW,
        air_dates=tuple(AirDate(number=n, at=at, season=1) for n, at in aired.items()),
    )
    await storage.metadata.save(SeriesMetadata(key=KEY, entry=entry))
    await storage.versions.add(
        [
            VersionSeen(
                key=KEY,
                season=1,
                number=n,
                language=GER_DUB,
                at=aired[n] + timedelta(days=9 + n % 2),
            )
            for n in range(1, dubbed + 1)
        ]
    )
    config = Config()
    calendar = ReleaseCalendar(
        series=storage.series,
        metadata=storage.metadata,
        versions=storage.versions,
        config=CurrentConfig(
            attrs.evolve(config, languages=attrs.evolve(config.languages, order=(GER_DUB, GER_SUB)))
        ),
        clock=FakeClock(),
    )
    return storage, calendar


def days() -> CalendarRange:
    """Return the usual days in UTC."""
    return parse_calendar_range(None, None, "UTC", NOW)


async def test_the_dub_is_promised_with_its_confidence() -> None:
    """The range follows from the earlier episodes of the series."""
    _, calendar = await weekly(dubbed=14)

    entries = await calendar.entries(days())

    views = [CalendarEntryView.of(entry, None) for entry in entries]
    promises = {view.episode: view for view in views if view.kind == "version"}
    assert {20, 21, 22} <= promises.keys()
    newest = promises[20]
    assert (newest.language, newest.episodes, newest.of_series) == ("ger-dub", 14, True)
    assert newest.confidence is not None
    assert 50 <= newest.confidence < 100
    assert newest.at.startswith((NOW + timedelta(days=8)).date().isoformat())
    assert (newest.until or "").startswith((NOW + timedelta(days=9)).date().isoformat())
    first = attrs.asdict(views[0])
    assert first == {
        "kind": "version",
        "key": "one",
        "name": "One",
        "season": 1,
        "episode": 19,
        "code": "S01E19",
        "titles": {"de": None, "en": None},
        "state": "expected",
        "day": "2026-01-02",
        "at": "2026-01-02T12:00:00.000Z",
        "last_day": "2026-01-03",
        "until": "2026-01-03T12:00:00.000Z",
        "language": "ger-dub",
        "confidence": 73,
        "episodes": 14,
        "of_series": True,
    }
    nothing = ("language", "until", "confidence", "episodes", "of_series")
    assert attrs.asdict(views[1]) == first | dict.fromkeys(nothing) | {
        "kind": "episode",
        "episode": 21,
        "code": "S01E21",
        "day": "2026-01-07",
        "last_day": "2026-01-07",
        "at": "2026-01-07T12:00:00.000Z",
    }
    aired = [view.episode for view in views if view.kind == "episode"]
    assert aired == [21, 22]


async def test_three_earlier_dubs_are_too_few() -> None:
    """No dub is promised; broadcasts are listed all the same."""
    _, calendar = await weekly(dubbed=3)

    assert {type(entry).__name__ for entry in await calendar.entries(days())} == {"Airing"}


async def test_series_without_facts_and_removed_series_are_left_out() -> None:
    """A series that was removed leaves the calendar with its stored facts."""
    storage, calendar = await weekly(dubbed=14)
    await storage.series.add(make_series("two", name="Two"))
    await storage.series.remove(KEY)

    assert await calendar.entries(days()) == ()


async def test_a_series_is_near_a_release_if_something_can_appear() -> None:
    """Only monitored series count."""
    storage, calendar = await weekly(dubbed=14)
    assert set(await calendar.near_releases()) == {KEY}

    series = await storage.series.get(KEY)
    await storage.series.save(attrs.evolve(series, monitored=False))

    assert set(await calendar.near_releases()) == set()
