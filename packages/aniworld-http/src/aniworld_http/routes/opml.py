"""/api/opml: exchange lists of feeds with feed readers and podcast programs."""

from collections.abc import Sequence
from typing import Final

from aiohttp import web
from anyio import to_thread

from aniworld_core.application.catalogue import MAX_LINKS, feeds_in_opml, opml_of
from aniworld_core.domain.catalogue import SeriesQuery
from aniworld_core.errors import InvalidFieldsError
from aniworld_core.messages import Message
from aniworld_http.errors import blame
from aniworld_http.keys import APPLICATION
from aniworld_http.operations import Answer, Operation
from aniworld_http.routes.anime import add_each
from aniworld_http.schemas import json_response, read_body
from aniworld_http.schemas.anime import FeedLinks, LinkReport, OpmlBody


async def send_feeds(request: web.Request) -> web.Response:
    """Return the feeds of the library as an OPML document."""
    listed = await request.app[APPLICATION].storage.series.summaries(SeriesQuery())
    return web.Response(
        text=await to_thread.run_sync(opml_of, listed.items),
        content_type="text/x-opml",
        charset="utf-8",
        headers={"Content-Disposition": 'attachment; filename="aniworld.opml"'},
    )


async def list_links(request: web.Request) -> web.Response:
    """Return the links of an OPML document."""
    return json_response(FeedLinks(links=tuple(await _links(request))))


async def import_feeds(request: web.Request) -> web.Response:
    """Add the feeds of an OPML document."""
    app = request.app[APPLICATION]
    links = await _links(request)
    if len(links) > MAX_LINKS:
        reason = Message("opml_too_many", count=len(links), limit=MAX_LINKS)
        raise InvalidFieldsError([("/opml", reason)])
    return await add_each(app, links)


async def _links(request: web.Request) -> Sequence[str]:
    body = await read_body(request, OpmlBody)
    with blame("/opml"):
        return await to_thread.run_sync(feeds_in_opml, body.opml)


OPERATIONS: Final = (
    Operation(
        method="GET",
        path="/api/opml",
        handler=send_feeds,
        id="exportFeeds",
        summary="The feeds of the library as OPML 2.0",
        answers={200: Answer(description="An OPML document in UTF-8", media="text/x-opml")},
    ),
    Operation(
        method="POST",
        path="/api/opml",
        handler=import_feeds,
        id="importFeeds",
        summary="Add the feeds of an OPML document",
        description=(
            f"At most {MAX_LINKS} feeds. Each succeeds or fails on its own, and the response lists "
            "the results in the order of the document."
        ),
        body=OpmlBody,
        answers={207: Answer(description="The result of each feed", content=LinkReport)},
    ),
    Operation(
        method="POST",
        path="/api/opml/links",
        handler=list_links,
        id="listFeedLinks",
        summary="Return the links of the feeds in an OPML document; nothing is added",
        body=OpmlBody,
        answers={200: Answer(description="Each link once", content=FeedLinks)},
    ),
)
