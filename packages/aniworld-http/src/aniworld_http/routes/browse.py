"""/api/anime/browse: browse lists of the catalogues."""

from collections.abc import Sequence
from typing import Final

from aiohttp import web

from aniworld_core.application.catalogue import BrowseEntryView, BrowseReportView
from aniworld_core.domain.catalogue import BrowseEntry
from aniworld_http.errors import blame
from aniworld_http.keys import APPLICATION
from aniworld_http.operations import Answer, Operation
from aniworld_http.schemas import json_response, listed, read_query
from aniworld_http.schemas.anime import BrowseQuery
from aniworld_http.schemas.silent_catalogues import SilentCatalogues


async def browse(request: web.Request) -> web.Response:
    """Return a browse list."""
    app = request.app[APPLICATION]
    query = read_query(request, BrowseQuery)
    with blame("/provider"):
        entries = await app.catalogue.browse(query.name, provider=query.provider)
    return listed(request, await _shown(request, query, entries), len(entries))


async def browse_report(request: web.Request) -> web.Response:
    """Return a browse list, and name the catalogues that did not answer."""
    app = request.app[APPLICATION]
    query = read_query(request, BrowseQuery)
    silent = SilentCatalogues()
    entries: Sequence[BrowseEntry] = ()
    with blame("/provider"), silent.reported():
        entries = await app.catalogue.browse(
            query.name, provider=query.provider, on_failure=silent.note
        )
    shown = await _shown(request, query, entries)
    return json_response(BrowseReportView(entries=shown, silent=silent.views))


async def _shown(
    request: web.Request, query: BrowseQuery, entries: Sequence[BrowseEntry]
) -> tuple[BrowseEntryView, ...]:
    """Return the requested part of a list."""
    app = request.app[APPLICATION]
    end = None if query.limit is None else query.offset + query.limit
    shown = entries[query.offset : end]
    app.covers.remember(shown)
    library = await app.library_actions.catalogue_keys()
    return tuple(BrowseEntryView.of(entry, library) for entry in shown)


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
    Operation(
        method="GET",
        path="/api/anime/browse/report",
        handler=browse_report,
        id="browseAnimeReport",
        summary="Return a browse list, and name the catalogues that did not answer",
        description="200 also if no catalogue answered. 404 if none has the list.",
        query=BrowseQuery,
        answers={
            200: Answer(description="Entries and silent catalogues", content=BrowseReportView)
        },
        problems=(403, 404),
    ),
)
