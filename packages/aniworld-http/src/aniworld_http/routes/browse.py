"""/api/anime/browse: browse lists of the catalogues."""

from typing import Final

from aiohttp import web

from aniworld_core.application.catalogue import BrowseEntryView
from aniworld_http.errors import blame
from aniworld_http.keys import APPLICATION
from aniworld_http.operations import Answer, Operation
from aniworld_http.schemas import listed, read_query
from aniworld_http.schemas.anime import BrowseQuery


async def browse(request: web.Request) -> web.Response:
    """Return a browse list."""
    app = request.app[APPLICATION]
    query = read_query(request, BrowseQuery)
    with blame("/provider"):
        entries = await app.catalogue.browse(query.name, provider=query.provider)
    end = None if query.limit is None else query.offset + query.limit
    shown = entries[query.offset : end]
    app.covers.remember(shown)
    library = await app.library_actions.catalogue_keys()
    return listed(request, [BrowseEntryView.of(entry, library) for entry in shown], len(entries))


OPERATIONS: Final = (
    Operation(
        method="GET",
        path="/api/anime/browse",
        handler=browse,
        id="browseAnime",
        summary="Return a browse list: popular series, new episodes or the calendar",
        description=(
            "Each catalogue is queried a few times an hour at most. A catalogue that fails is left "
            "out while another one answers. 404 if no catalogue has the list. `date` is a day of "
            "the catalogue's own calendar; `at` is null if the catalogue names no time, and around "
            "a change of its clock."
        ),
        query=BrowseQuery,
        answers={
            200: Answer(
                description="Most popular, newest or earliest first",
                content=tuple[BrowseEntryView, ...],
                headers={"X-Total-Count": "Number of all entries"},
            )
        },
        problems=(403, 404, 502, 503),
    ),
)
