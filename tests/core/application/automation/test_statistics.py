"""Statistics: weeks, sums, forecast, and what is counted."""

from bisect import bisect_right
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import attrs
import pytest

from aniworld_core.adapters.library import DirectoryLibrary
from aniworld_core.application.automation import MOST_WEEKS
from aniworld_core.application.automation.statistics import reader
from aniworld_core.domain.automation import (
    DownloadResult,
    Forecast,
    ForecastKind,
    LibrarySize,
    forecast,
    week_bounds,
    week_starts,
)
from aniworld_core.domain.identity import FolderName
from aniworld_core.domain.media import GER_DUB
from aniworld_core.errors import InvalidFieldsError
from aniworld_core.events import DownloadCompleted, DownloadFailed
from aniworld_core.testing.factories import make_item
from support.application_stage import Stage, open_stage

pytestmark = pytest.mark.anyio

#: Thursday.
NOW = datetime(2026, 1, 1, 12, tzinfo=UTC)
TODAY = NOW.date()
DONE = DownloadResult(
    at=NOW, hoster="One", language="ger-dub", is_success=True, bytes=1000, seconds=2
)


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    """Open an application whose clock shows `NOW`."""
    async with open_stage(tmp_path) as stage:
        yield stage


async def test_an_empty_library_has_weeks_of_zeros(stage: Stage) -> None:
    """Without downloads there is no start, every week is there, and no forecast is made."""
    view = await stage.app.statistics.show(weeks=3, zone="UTC")

    assert view.since is None
    assert [week.start for week in view.weeks] == ["2025-12-15", "2025-12-22", "2025-12-29"]
    assert [week.end for week in view.weeks][-1] == "2026-01-04"
    assert [week.is_current for week in view.weeks] == [False, False, True]
    assert {(week.completed, week.failed, week.bytes) for week in view.weeks} == {(0, 0, 0)}
    assert (view.hosters, view.languages) == ((), ())
    assert (view.forecast.kind, view.forecast.measured_days) == ("too_few_days", 0)


async def test_weeks_hosters_and_languages_have_the_same_sum(stage: Stage) -> None:
    """Also with more names than are listed; what is older than the weeks is left out."""
    results = [
        attrs.evolve(
            DONE,
            at=NOW - timedelta(hours=7 * number),
            hoster=f"hoster {number}",
            language=f"l{number % 3}",
            is_success=bool(number % 4),
            bytes=number,
        )
        for number in range(60)
    ]
    await stage.storage.statistics.count(
        [*results, attrs.evolve(DONE, at=NOW - timedelta(days=99))]
    )

    view = await stage.app.statistics.show(weeks=4, zone="UTC")

    assert (view.downloads.completed, view.downloads.failed) == (45, 15)
    for parts in (view.weeks, view.hosters, view.languages):
        for name in ("completed", "upgraded", "failed", "bytes"):
            assert sum(getattr(each, name) for each in parts) == getattr(view.downloads, name)
    assert (view.hosters[-1].name, view.hosters[-1].others) == (None, 40)


async def test_hosters_have_success_and_speed(stage: Stage) -> None:
    """The speed is that of downloads with a known duration, in megabits per second."""
    unknown = attrs.evolve(DONE, seconds=0, bytes=10**9)
    failed = attrs.evolve(DONE, is_success=False)
    await stage.storage.statistics.count([attrs.evolve(DONE, bytes=2_500_000), unknown, failed])

    (hoster,) = (await stage.app.statistics.show(weeks=1, zone="UTC")).hosters

    assert (hoster.success, hoster.speed_mbps) == (0.6667, 10.0)


@pytest.mark.parametrize(
    ("weeks", "zone", "pointer"),
    [
        (0, None, "/weeks"),
        (MOST_WEEKS + 1, None, "/weeks"),
        (1, "No/Where", "/tz"),
        (1, "../etc", "/tz"),
    ],
)
async def test_bad_periods_are_refused(
    stage: Stage, weeks: int, zone: str | None, pointer: str
) -> None:
    """The error names the field."""
    with pytest.raises(InvalidFieldsError) as caught:
        await stage.app.statistics.show(weeks=weeks, zone=zone)
    assert [where for where, _ in caught.value.problems] == [pointer]


@pytest.mark.parametrize(
    ("at", "zone", "monday"),
    [
        ("2026-01-05T00:30+00:00", "UTC", "2026-01-05"),
        ("2026-01-04T23:30+00:00", "UTC", "2025-12-29"),
        ("2026-01-04T23:30+00:00", "Europe/Berlin", "2026-01-05"),
        ("2026-01-05T04:30+00:00", "America/New_York", "2025-12-29"),
        # The hour from 18:00 UTC begins at 23:30 on Sunday in this zone.
        ("2026-01-04T18:45+00:00", "Asia/Kolkata", "2025-12-29"),
        ("2026-01-04T19:00+00:00", "Asia/Kolkata", "2026-01-05"),
        # The Sunday on which clocks change has 23 hours.
        ("2026-03-29T21:59+00:00", "Europe/Berlin", "2026-03-23"),
        ("2026-03-29T22:00+00:00", "Europe/Berlin", "2026-03-30"),
    ],
)
def test_an_hour_counts_to_the_week_in_which_it_begins(at: str, zone: str, monday: str) -> None:
    """Weeks begin on Monday at 00:00 in the time zone of the viewer."""
    result = attrs.evolve(DONE, at=datetime.fromisoformat(at))
    starts = week_starts(result.at + timedelta(days=8), 4, ZoneInfo(zone))

    bounds = week_bounds(starts, ZoneInfo(zone))

    assert starts[bisect_right(bounds, result.hour) - 1].isoformat() == monday


def _sizes(*days_and_bytes: tuple[int, int]) -> list[LibrarySize]:
    return [
        LibrarySize(day=TODAY + timedelta(days=day), series=1, episodes=1, missing=0, bytes=size)
        for day, size in days_and_bytes
    ]


@pytest.mark.parametrize(
    ("sizes", "usable", "kind", "days"),
    [
        ((), 100, ForecastKind.TOO_FEW_DAYS, None),
        (((-13, 0), (0, 100)), 100, ForecastKind.TOO_FEW_DAYS, None),
        (((-14, 0), (0, 140)), 350, ForecastKind.FULL_IN, 35),
        # Only the last 28 days count, and none after today.
        (((-400, 10**9), (-28, 0), (0, 280), (900, 10**12)), 100, ForecastKind.FULL_IN, 10),
        (((900, 0), (930, 10**12)), 100, ForecastKind.TOO_FEW_DAYS, None),
        (((-20, 100), (0, 100)), 100, ForecastKind.NOT_GROWING, None),
        (((-20, 200), (0, 100)), 100, ForecastKind.NOT_GROWING, None),
        (((-20, 0), (0, 20)), None, ForecastKind.UNKNOWN_SPACE, None),
        (((-20, 0), (0, 20)), 0, ForecastKind.FULL, None),
        (((-20, 0), (0, 20)), -5, ForecastKind.FULL, None),
        (((-20, 0), (0, 20)), 10**15, ForecastKind.NOT_SOON, None),
    ],
)
def test_the_forecast_needs_enough_days(
    sizes: tuple[tuple[int, int], ...], usable: int | None, kind: ForecastKind, days: int | None
) -> None:
    """It divides the usable space by the growth of the last four weeks."""
    found = forecast(_sizes(*sizes), usable, TODAY)

    assert (found.kind, found.days) == (kind, days)


async def test_events_are_counted(stage: Stage) -> None:
    """Downloads count with bytes and duration, failures once per attempt, present files never."""
    folder = FolderName("Alpha")
    item = attrs.evolve(
        make_item(1),
        hoster="One",
        language=GER_DUB,
        started_at=NOW - timedelta(seconds=4),
        completed_at=NOW,
        progress=attrs.evolve(make_item(1).progress, downloaded_bytes=2_000_000),
    )
    set_back = attrs.evolve(item, started_at=NOW + timedelta(days=300))
    present = attrs.evolve(item, hoster="", provider="")
    for event in (
        DownloadCompleted(item=item, folder=folder, at=NOW),
        DownloadCompleted(item=attrs.evolve(item, replaces=True), folder=folder, at=NOW),
        DownloadCompleted(item=set_back, folder=folder, at=NOW),
        DownloadCompleted(item=present, folder=folder, at=NOW),
        DownloadFailed(item=item, folder=folder, at=NOW),
        DownloadFailed(item=present, folder=folder, at=NOW),
    ):
        await stage.app.bus.publish(event)

    view = await stage.app.statistics.show(weeks=1, zone="UTC")

    sums = view.downloads
    assert (sums.completed, sums.upgraded, sums.failed, sums.bytes) == (3, 1, 2, 6_000_000)
    assert {each.name: each.failed for each in view.hosters} == {"One": 1, "": 1}
    assert view.hosters[0].speed_mbps == 4.0
    assert [each.name for each in view.languages if each.completed] == ["ger-dub"]


async def test_the_size_of_a_day_is_its_last_one(stage: Stage) -> None:
    """The task stores the present size; the answer ends with the size of now."""
    old = LibrarySize(day=date(2025, 12, 30), series=9, episodes=8, missing=7, bytes=6)
    await stage.storage.statistics.save_size(old)

    result = await stage.app.measurement.measure()

    assert result == "0 episodes, 0 B"
    view = await stage.app.statistics.show(weeks=1, zone="UTC")
    assert [(size.day, size.bytes) for size in view.sizes] == [("2025-12-30", 6), ("2026-01-01", 0)]


async def test_the_forecast_leaves_the_reserve_of_the_disk_alone(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The disk counts as full when only `downloads.reserve_bytes` are left."""
    await stage.app.config.replace({"downloads": {"reserve_bytes": 1000}})
    used: list[int | None] = []

    def noted(sizes: Sequence[LibrarySize], usable: int | None, today: date) -> Forecast:
        used.append(usable)
        return forecast(sizes, usable, today)

    async def free_bytes(_: DirectoryLibrary) -> int:
        return 5000

    monkeypatch.setattr(reader, "forecast", noted)
    monkeypatch.setattr(DirectoryLibrary, "free_bytes", free_bytes)

    await stage.app.statistics.show(weeks=1, zone="UTC")

    assert used == [4000]
