"""/api/calendar: what airs, what is here, and which versions are expected."""

from datetime import timedelta
from typing import Final
from zoneinfo import ZoneInfo

from aiohttp import web
from anyio import to_thread

from aniworld_core.application.automation import (
    MOST_DAYS,
    CalendarEntryView,
    CalendarRange,
    parse_calendar_range,
)
from aniworld_core.domain.access import Scope
from aniworld_http.keys import APPLICATION
from aniworld_http.operations import Answer, Operation, Policy
from aniworld_http.rendering import TEMPLATES, encode_feed
from aniworld_http.schemas import cached_json, read_query
from aniworld_http.schemas.automation import CalendarQuery, CalendarView, FeedQuery

_UTC: Final = ZoneInfo("UTC")
#: Part of the calendar in the feed before and after today.
_BEFORE: Final = timedelta(days=30)
_AFTER: Final = timedelta(days=180)


async def show_calendar(request: web.Request) -> web.Response:
    """Return the entries of some days."""
    app = request.app[APPLICATION]
    query = read_query(request, CalendarQuery)
    now = app.clock.now()
    days = parse_calendar_range(query.from_, query.to, query.tz, now)
    entries = await app.calendar.entries(days)
    view = CalendarView(
        first=days.first.isoformat(),
        last=days.last.isoformat(),
        today=now.astimezone(days.zone).date().isoformat(),
        entries=tuple(CalendarEntryView.of(entry, days.zone) for entry in entries),
    )
    return cached_json(request, view)


async def send_feed(request: web.Request) -> web.Response:
    """Return the calendar as an iCalendar document."""
    app = request.app[APPLICATION]
    query = read_query(request, FeedQuery)
    now = app.clock.now()
    today = now.astimezone(_UTC).date()
    days = CalendarRange(first=today - _BEFORE, last=today + _AFTER, zone=_UTC)
    entries = await app.calendar.entries(days)
    texts = request.app[TEMPLATES].texts(query.lang)
    body = await to_thread.run_sync(encode_feed, entries, texts, now)
    return web.Response(
        body=body,
        content_type="text/calendar",
        charset="utf-8",
        headers={
            "Cache-Control": "private, no-cache",
            "Content-Disposition": 'inline; filename="aniworld.ics"',
        },
    )


OPERATIONS: Final = (
    Operation(
        method="GET",
        path="/api/calendar",
        handler=show_calendar,
        id="getCalendar",
        summary="List what airs, what is in the library, and which versions are expected",
        description=(
            f"At most {MOST_DAYS} days. Broadcasts come from the entries of series in metadata "
            "sources. The range of an expected version is learned from earlier episodes."
        ),
        query=CalendarQuery,
        answers={200: Answer(description="The entries of these days", content=CalendarView)},
    ),
    Operation(
        method="GET",
        path="/api/calendar.ics",
        handler=send_feed,
        id="getCalendarFeed",
        policy=Policy(takes_feed_token=True),
        summary="The calendar as a feed for calendar programs (RFC 5545)",
        description=(
            f"From {_BEFORE.days} days before today to {_AFTER.days} days after it. `token` is an "
            "API key with the scope `calendar`, which opens nothing else. No other key or token "
            "is accepted in the query."
        ),
        query=FeedQuery,
        answers={200: Answer(description="An iCalendar document in UTF-8", media="text/calendar")},
        scope=Scope.CALENDAR,
    ),
)
