"""The calendar over REST."""

from datetime import timedelta
from pathlib import Path

import pytest

from aniworld_core.domain.catalogue import AirDate, MetadataEntry, SeriesMetadata
from support.http_library import KEY, open_library, titan
from support.http_stage import Server

pytestmark = pytest.mark.anyio


async def with_air_dates(server: Server, *hours: float) -> None:
    """Store an entry whose first episodes air some hours after now."""
    now = server.stage.clock.now()
    entry = MetadataEntry(
        source="tvmaze",
        id="1",
        title="Attack on Titan",
        link="https://example.org/1",
        fetched_at=now,
        air_dates=tuple(
            AirDate(number=n, at=now + timedelta(hours=each), season=1)
            for n, each in enumerate(hours, start=1)
        ),
    )
    await server.stage.storage.metadata.save(SeriesMetadata(key=titan().key, entry=entry))


async def test_the_calendar_lists_broadcasts_by_day(tmp_path: Path) -> None:
    """Days and order follow the time zone; episodes that are not listed yet have no title."""
    async with open_library(tmp_path, titan()) as server:
        await with_air_dates(server, -14, 13, 24, 24 * 40)
        now = server.stage.clock.now()
        day = now.date()
        path = f"/api/calendar?from={day - timedelta(1)}&to={day + timedelta(2)}&tz="
        status, berlin = await server.json("GET", f"{path}Europe/Berlin")
        _, tokyo = await server.json("GET", f"{path}Asia/Tokyo")

    assert status == 200
    assert [e["code"] for e in berlin["entries"]] == ["S01E01", "S01E02", "S01E03"]
    assert [e["state"] for e in berlin["entries"]] == ["aired", "expected", "expected"]
    first = berlin["entries"][0]
    assert (first["kind"], first["key"], first["name"]) == ("episode", KEY, "Attack on Titan")
    assert first["titles"] == {"de": "An dich, in 2000 Jahren", "en": "To You"}
    assert first["language"] is None
    assert [e["day"] for e in tokyo["entries"]] == [
        (now + timedelta(hours=h + 9)).date().isoformat() for h in (-14, 13, 24)
    ]
    assert berlin["today"] == day.isoformat()


async def test_the_usual_calendar_starts_today(tmp_path: Path) -> None:
    """Without a range it is today and the next 30 days."""
    async with open_library(tmp_path, titan()) as server:
        _, calendar = await server.json("GET", "/api/calendar?tz=UTC")
        today = server.stage.clock.now().date()

    assert calendar["first"] == calendar["today"] == today.isoformat()
    assert calendar["last"] == (today + timedelta(days=30)).isoformat()
    assert calendar["entries"] == []


@pytest.mark.parametrize(
    ("query", "pointers"),
    [
        ("from=tomorrow", ["/from"]),
        ("from=2026-02-30", ["/from"]),
        ("from=0001-01-01", ["/from"]),
        ("from=20260101", ["/from"]),
        ("from=2026-W01-1", ["/from"]),
        ("from=", ["/from"]),
        ("from=2026-01-02&to=2026-01-01", ["/to"]),
        ("from=2026-01-01&to=2027-02-05", ["/to"]),
        ("tz=Mars/Olympus", ["/tz"]),
        ("tz=../../etc/passwd", ["/tz"]),
        ("tz=/etc/localtime", ["/tz"]),
        ("tz=Europe", ["/tz"]),
        ("from=2026-13-01&to=x", ["/from", "/to"]),
    ],
)
async def test_a_bad_range_is_named(tmp_path: Path, query: str, pointers: list[str]) -> None:
    """Dates that do not exist, ranges that are backwards or too long, and unknown zones get 422."""
    async with open_library(tmp_path) as server:
        status, problem = await server.json("GET", f"/api/calendar?{query}")

    assert status == 422
    assert [error["pointer"] for error in problem["errors"]] == pointers


async def test_the_longest_range_is_answered(tmp_path: Path) -> None:
    """400 days are allowed, also at the ends of the years."""
    async with open_library(tmp_path) as server:
        for query in ("from=2198-12-01&to=2199-12-31", "from=1970-01-01&to=1971-02-04"):
            assert (await server.json("GET", f"/api/calendar?{query}"))[0] == 200
