"""The calendar over REST."""

import logging
from datetime import UTC, date, timedelta
from pathlib import Path
from typing import Any

import pytest
from aiohttp import WSMsgType
from icalendar import Calendar

from aniworld_core.domain.catalogue import (
    AirDate,
    MetadataEntry,
    SeriesMetadata,
    Titles,
    VersionSeen,
)
from aniworld_core.domain.media import GER_DUB
from aniworld_core.testing import make_episode
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


def events_of(body: bytes) -> list[Any]:
    """Return the events of an iCalendar document."""
    return list(Calendar.from_ical(body).walk("VEVENT"))


async def feed_token(server: Server, scope: str = "calendar") -> tuple[str, str]:
    """Create a key; return its id and its secret."""
    _, made = await server.json("POST", "/api/auth/keys", {"name": "phone", "scope": scope})
    return made["id"], made["key"]


async def test_the_feed_is_valid_icalendar(tmp_path: Path) -> None:
    """Lines are at most 75 octets, texts are escaped, ids are stable, and times are in UTC."""
    hostile = "a,b;c\\d\ne\x07 " + "ü🌙" * 60
    series = titan(episodes=[make_episode(1, titles=Titles(de=hostile)), make_episode(2)])
    async with open_library(tmp_path, series) as server:
        await with_air_dates(server, 14, 24)
        _, token = await feed_token(server)
        path = f"/api/calendar.ics?token={token}"
        response = await server.call("GET", f"{path}&lang=de", token="")
        body = await response.read()
        server.stage.clock.advance(timedelta(hours=1))
        again = events_of(await (await server.call("GET", path, token="")).read())
        now = server.stage.clock.now() - timedelta(hours=1)

    assert (response.status, response.content_type) == (200, "text/calendar")
    assert all(len(line) <= 75 for line in body.split(b"\r\n"))
    assert b"\n" not in body.replace(b"\r\n", b"")
    events = events_of(body)
    assert [str(e["UID"]) for e in events] == [f"{KEY}-s01e01@aniworld", f"{KEY}-s01e02@aniworld"]
    assert [str(e["UID"]) for e in again] == [str(e["UID"]) for e in events]
    assert events[0]["SUMMARY"] == f"Attack on Titan S01E01 {hostile}".replace("\x07", "")
    assert events[0]["DTSTART"].dt == now + timedelta(hours=14)
    assert events[0]["DTSTART"].dt.tzinfo in {UTC, events[0]["DTSTAMP"].dt.tzinfo}
    assert "Noch nicht" in events[0]["DESCRIPTION"]


async def test_an_expected_dub_is_whole_days(tmp_path: Path) -> None:
    """The days of the range have no time; the last day is excluded as RFC 5545 says."""
    days = [n * 7 - 76 for n in range(1, 12)]
    async with open_library(tmp_path, titan(episodes=[make_episode(12)])) as server:
        await with_air_dates(server, *(24 * d for d in days), 12)
        now = server.stage.clock.now()
        await server.stage.storage.versions.add(
            [
                VersionSeen(
                    key=titan().key,
                    season=1,
                    number=n,
                    language=GER_DUB,
                    at=now + timedelta(days=day + 10 + n % 2),
                )
                for n, day in enumerate(days, start=1)
            ]
        )
        _, calendar = await server.json("GET", "/api/calendar?tz=UTC")
        feed = await (await server.call("GET", "/api/calendar.ics")).read()

    [version] = [e for e in calendar["entries"] if e["kind"] == "version" and e["episode"] == 12]
    uid = f"{KEY}-s01e12-ger-dub@aniworld"
    [event] = [e for e in events_of(feed) if e["UID"] == uid]
    assert event["DTSTART"].dt == date.fromisoformat(version["day"])
    assert event["DTEND"].dt == date.fromisoformat(version["last_day"]) + timedelta(days=1)
    assert version["episodes"] == 11
    assert "11 earlier episodes" in event["DESCRIPTION"]


async def test_the_token_of_the_feed_opens_nothing_else(tmp_path: Path) -> None:
    """It is refused everywhere else, and no other key is accepted in the query."""
    async with open_library(tmp_path, titan()) as server:
        _, token = await feed_token(server)
        _, admin = await feed_token(server, "admin")
        header = {"X-Api-Key": token}

        async def status(path: str, headers: dict[str, str] | None = None) -> int:
            return (await server.call("GET", path, headers=headers, token="")).status

        assert await status(f"/api/calendar.ics?token={token}") == 200
        assert await status("/api/calendar.ics", header) == 200
        assert await status("/api/calendar.ics", {"X-Api-Key": admin}) == 200
        for path in (f"?token={admin}", f"?token={server.token}", "?token=", "?token=%00%ff", ""):
            assert await status(f"/api/calendar.ics{path}") == 401
        for path in ("calendar", "anime", "config", "queue/status", "auth/keys"):
            assert await status(f"/api/{path}?token={token}") == 401
            assert await status(f"/api/{path}", header) == 403
        socket = await server.client.ws_connect("/ws/connect", headers=header)
        assert (await socket.receive()).type is not WSMsgType.TEXT
        assert socket.closed


async def test_a_revoked_token_is_refused_at_once(tmp_path: Path) -> None:
    """Revoking works like that of other keys."""
    async with open_library(tmp_path) as server:
        key_id, token = await feed_token(server)
        path = f"/api/calendar.ics?token={token}"
        before = await server.call("GET", path, token="")
        await server.call("DELETE", f"/api/auth/keys/{key_id}")
        after = await server.call("GET", path, token="")

    assert (before.status, after.status) == (200, 401)


async def test_the_token_is_in_no_log_and_no_error(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Neither a success nor an error writes the query, at any level."""
    caplog.set_level(logging.DEBUG)
    async with open_library(tmp_path) as server:
        _, token = await feed_token(server)
        await server.call("GET", f"/api/calendar.ics?token={token}", token="")
        wrong = await server.call("GET", f"/api/calendar.ics?token={token}&lang=xx", token="")
        secret = f"{token[:-1]}x"
        refused = await server.call("GET", f"/api/calendar.ics?token={secret}", token="")
        answers = await wrong.text() + await refused.text()
        stored = await server.stage.storage.api_keys.find()

    assert (wrong.status, refused.status) == (422, 401)
    logged = "\n".join(
        record.getMessage()
        for record in caplog.records
        if record.name != "aiohttp.access"  # the test server's own log, which `serve` switches off
    )
    for each in (token, secret):
        assert each not in logged + answers
    assert token not in repr(stored)
