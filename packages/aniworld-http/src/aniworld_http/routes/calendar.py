"""/api/calendar: what airs, what is here, and which versions are expected."""

from typing import Final

from aiohttp import web

from aniworld_core.application.automation import (
    MOST_DAYS,
    CalendarEntryView,
    parse_calendar_range,
)
from aniworld_http.keys import APPLICATION
from aniworld_http.operations import Answer, Operation
from aniworld_http.schemas import cached_json, read_query
from aniworld_http.schemas.calendar import CalendarQuery, CalendarView


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
)
