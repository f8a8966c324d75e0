"""/api/statistics: the library and downloads in numbers."""

from typing import Final

from aiohttp import web

from aniworld_core.application.automation import StatisticsView
from aniworld_http.keys import APPLICATION
from aniworld_http.operations import Answer, Operation
from aniworld_http.schemas import json_response, read_query
from aniworld_http.schemas.automation import StatisticsQuery


async def show_statistics(request: web.Request) -> web.Response:
    """Return the statistics of the last weeks."""
    query = read_query(request, StatisticsQuery)
    reader = request.app[APPLICATION].statistics
    return json_response(await reader.show(weeks=query.weeks, zone=query.tz))


OPERATIONS: Final = (
    Operation(
        method="GET",
        path="/api/statistics",
        handler=show_statistics,
        id="getStatistics",
        summary="Return library size, downloads per week, languages, hosters and disk forecast",
        description=(
            "Weeks begin on Monday at 00:00 in the time zone `tz`; an hour counts to the week in "
            "which it begins. The sums of weeks, hosters and languages are each `downloads`."
        ),
        query=StatisticsQuery,
        answers={200: Answer(description="The statistics", content=StatisticsView)},
        problems=(422,),
    ),
)
