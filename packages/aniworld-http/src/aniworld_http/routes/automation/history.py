"""/api/history: what happened, and who asked for it."""

from typing import Final

from aiohttp import web

from aniworld_core.application.automation import HistoryEntryView
from aniworld_http.keys import APPLICATION
from aniworld_http.operations import Answer, Operation
from aniworld_http.schemas import listed, read_query
from aniworld_http.schemas.automation import HistoryListQuery
from aniworld_http.security.key_names import entry_without_key_name, may_see_key_names


async def show_history(request: web.Request) -> web.Response:
    """List what happened."""
    query = read_query(request, HistoryListQuery)
    page = await request.app[APPLICATION].history.find(query.to_domain())
    items = page.items
    if not await may_see_key_names(request):
        items = tuple(map(entry_without_key_name, items))
    return listed(request, items, page.total)


OPERATIONS: Final = (
    Operation(
        method="GET",
        path="/api/history",
        handler=show_history,
        id="listHistory",
        summary="List what was added, queued, downloaded, failed and changed, newest first",
        description=(
            "Entries whose `id` is a number are changes of library files; "
            "`POST /api/library/history/{id}/undo` takes them back. "
            "Names of API keys are shown only to callers that may list the keys."
        ),
        query=HistoryListQuery,
        answers={
            200: Answer(
                description="The entries",
                content=tuple[HistoryEntryView, ...],
                headers={"X-Total-Count": "Number of all matching entries"},
            )
        },
    ),
)
