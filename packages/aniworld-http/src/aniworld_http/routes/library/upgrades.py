"""/api/library/wanted and upgrades: missing episodes, and those that wait for a better file."""

from typing import Final

from aiohttp import web

from aniworld_core.application.downloads import SkippedView, UpgradeView, WantedView
from aniworld_core.domain.identity import SeriesKey
from aniworld_core.errors import EpisodeNotFoundError, InvalidFieldsError
from aniworld_http.keys import APPLICATION
from aniworld_http.operations import Answer, Operation
from aniworld_http.schemas import json_response, listed, read_body, read_query
from aniworld_http.schemas.library.upgrades import UpgradesBody, UpgradesQuery, WantedQuery
from aniworld_http.schemas.queue import Submitted


async def list_upgrades(request: web.Request) -> web.Response:
    """List the waiting episodes."""
    query = read_query(request, UpgradesQuery)
    upgrades = request.app[APPLICATION].upgrades
    keys = () if query.series is None else (SeriesKey(query.series),)
    candidates = await upgrades.waiting(keys)
    shown = candidates[query.offset :][: query.limit]
    queued = await upgrades.queued(shown)
    views = [UpgradeView.of(candidate, queued=candidate.episode in queued) for candidate in shown]
    return listed(request, views, len(candidates))


async def list_wanted(request: web.Request) -> web.Response:
    """List series with missing episodes."""
    query = read_query(request, WantedQuery)
    page = await request.app[APPLICATION].wanted.find(query.to_domain())
    return listed(request, page.items, page.total)


async def queue_upgrades(request: web.Request) -> web.Response:
    """Queue waiting episodes."""
    body = await read_body(request, UpgradesBody)
    app = request.app[APPLICATION]
    try:
        submission = await app.upgrades.queue(body.as_request())
    except EpisodeNotFoundError as error:
        raise InvalidFieldsError([("/episodes", error.message)]) from error
    return json_response(
        Submitted(
            items=app.queue_reader.views(submission.entries),
            skipped=tuple(SkippedView.of(skipped) for skipped in submission.skipped),
        ),
        status=201,
    )


OPERATIONS: Final = (
    Operation(
        method="GET",
        path="/api/library/upgrades",
        handler=list_upgrades,
        id="listUpgrades",
        summary="List episodes whose file is not the best by the wanted languages and quality",
        description="Episodes that are not wanted and pinned files are left out.",
        query=UpgradesQuery,
        answers={
            200: Answer(
                description="The episodes, ordered by series and number",
                content=tuple[UpgradeView, ...],
                headers={"X-Total-Count": "Number of all waiting episodes"},
            )
        },
        problems=(404,),
    ),
    Operation(
        method="GET",
        path="/api/library/wanted",
        handler=list_wanted,
        id="listWanted",
        summary="List series with missing episodes, and what becomes of these",
        query=WantedQuery,
        answers={
            200: Answer(
                description="The series",
                content=tuple[WantedView, ...],
                headers={"X-Total-Count": "Number of all matching series"},
            )
        },
    ),
    Operation(
        method="POST",
        path="/api/library/upgrades/queue",
        handler=queue_upgrades,
        id="queueUpgrades",
        summary="Queue waiting episodes that can be upgraded; old files go to the recycle bin",
        body=UpgradesBody,
        answers={201: Answer(description="The new items", content=Submitted)},
        problems=(404,),
    ),
)
