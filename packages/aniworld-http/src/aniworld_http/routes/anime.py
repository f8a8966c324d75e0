"""/api/anime: series of the library, and search in the catalogues."""

from collections.abc import Iterable, Sequence
from typing import Final
from urllib.parse import quote

from aiohttp import web

from aniworld_core.application.catalogue import (
    SearchHitView,
    SearchReportView,
    add_links,
)
from aniworld_core.application.library import (
    AddedAnime,
    AnimeDetail,
    AnimeSummary,
    LibraryTotalsView,
    LinkResultView,
    ListPreviewView,
)
from aniworld_core.bootstrap.use_cases import Application
from aniworld_core.domain.access import Scope
from aniworld_core.domain.identity import SeriesKey
from aniworld_core.domain.media import Language
from aniworld_core.errors import EpisodeNotFoundError, InvalidFieldsError
from aniworld_http.errors import blame
from aniworld_http.keys import APPLICATION, SETTINGS
from aniworld_http.operations import Answer, Link, Operation
from aniworld_http.rendering import LIBRARY_LIST
from aniworld_http.schemas import (
    cached_json,
    encoded_json,
    json_response,
    no_content,
    read_body,
    read_document,
    read_query,
)
from aniworld_http.schemas.anime import (
    AddBody,
    LinkReport,
    ListQuery,
    PreviewBody,
    RemovalQuery,
    SearchBody,
    SeriesPatch,
    TotalsQuery,
    WantedBody,
    read_changes,
)
from aniworld_http.schemas.list_rules import ListPreviewBody
from aniworld_http.schemas.paging import SeriesKeyText
from aniworld_http.schemas.silent_catalogues import SilentCatalogues

#: Value of `Deprecation` (RFC 9745) for look-ups by folder: 2026-01-01.
_DEPRECATED_SINCE: Final = "@1767225600"


async def list_series(request: web.Request) -> web.Response:
    """List the series of the library."""
    query = read_query(request, ListQuery)
    return encoded_json(request, await request.app[LIBRARY_LIST].find(query.to_domain()))


async def totals(request: web.Request) -> web.Response:
    """Return the totals of the library or of a part of it."""
    query = read_query(request, TotalsQuery)
    overview = request.app[APPLICATION].overview
    return cached_json(request, await overview.totals(query.to_domain()))


async def detail(request: web.Request) -> web.Response:
    """Return one series with its episodes."""
    app = request.app[APPLICATION]
    name = request.match_info["anime_id"]
    series = await app.library_actions.find(name)
    headers = {} if series.key == name else _superseded(request, series.key)
    return cached_json(request, AnimeDetail.of(series, _order(app)), headers)


async def search(request: web.Request) -> web.Response:
    """Search the catalogues."""
    body = await read_body(request, SearchBody)
    return json_response(await _hits(request, body, SilentCatalogues()))


async def search_report(request: web.Request) -> web.Response:
    """Search the catalogues, and name those that did not answer."""
    body = await read_body(request, SearchBody)
    silent = SilentCatalogues()
    hits: tuple[SearchHitView, ...] = ()
    with silent.reported():
        hits = await _hits(request, body, silent)
    return json_response(SearchReportView(hits=hits, silent=silent.views))


async def _hits(
    request: web.Request, body: SearchBody, silent: SilentCatalogues
) -> tuple[SearchHitView, ...]:
    app = request.app[APPLICATION]
    with blame("/provider"):
        hits = await app.catalogue.search(
            body.query.strip(), provider=body.provider, on_failure=silent.note
        )
    app.covers.remember(hits)
    library = await app.library_actions.catalogue_keys()
    return tuple(SearchHitView.of(hit, library) for hit in hits)


async def add(request: web.Request) -> web.Response:
    """Add a series to the library."""
    app = request.app[APPLICATION]
    body = await read_body(request, AddBody)
    if body.provider is not None:
        with blame("/provider"):
            app.catalogue.loaders.named(body.provider)
    link = body.one_link()
    if link is None:
        return await add_each(app, body.links or (), provider=body.provider, follow=body.follow)
    rules = body.list_rules.to_domain("/list_rules") if body.list_rules else None
    with blame("/link"):
        addition = await app.series_addition.add(
            link, provider=body.provider, name=body.name, follow=body.follow, rules=rules
        )
    view = AddedAnime.after(addition, _order(app))
    return json_response(view, status=201 if addition.created else 200)


async def preview(request: web.Request) -> web.Response:
    """Return what adding a link would add."""
    app = request.app[APPLICATION]
    body = await read_body(request, PreviewBody)
    with blame("/link"):
        found = await app.series_addition.preview(
            body.link, provider=body.provider, follow=body.follow
        )
    app.covers.remember([found.series])
    return json_response(AddedAnime.after(found, _order(app)))


async def add_each(
    app: Application, links: Iterable[str], *, provider: str | None = None, follow: bool = False
) -> web.Response:
    """Add the series of several links, and return a report of each."""
    found = add_links(app.series_addition, links, provider=provider, follow=follow)
    results = [LinkResultView.of(r, _order(app)) async for r in found]
    return json_response(LinkReport(results=tuple(results)), status=207)


async def preview_list(request: web.Request) -> web.Response:
    """Show what filters and numbering would take from a list."""
    body = await read_body(request, ListPreviewBody)
    rules = body.list_rules.to_domain("/list_rules")
    with blame("/link"):
        found = await request.app[APPLICATION].catalogue.preview(body.link, rules)
    return json_response(ListPreviewView.of(found))


async def change(request: web.Request) -> web.Response:
    """Change the settings of a series."""
    app = request.app[APPLICATION]
    changes = read_changes(await read_document(request))
    with blame("/folder"):
        series = await app.library_actions.change(SeriesKey(request.match_info["key"]), changes)
    return json_response(AnimeDetail.of(series, _order(app)))


async def set_wanted(request: web.Request) -> web.Response:
    """Mark episodes as wanted or not wanted."""
    app = request.app[APPLICATION]
    body = await read_body(request, WantedBody)
    try:
        series = await app.library_actions.set_wanted(
            SeriesKey(request.match_info["key"]), body.selections(), wanted=body.wanted
        )
    except EpisodeNotFoundError as error:
        raise InvalidFieldsError(body.unknown(error)) from error
    return json_response(AnimeDetail.of(series, _order(app)))


async def remove(request: web.Request) -> web.Response:
    """Remove a series from the library."""
    query = read_query(request, RemovalQuery)
    key = SeriesKey(request.match_info["key"])
    await request.app[APPLICATION].library_actions.remove(key, files=query.files)
    return no_content()


def _order(app: Application) -> Sequence[Language]:
    """Return the global order of languages."""
    return app.current_config.value.languages.order


def _superseded(request: web.Request, key: str) -> dict[str, str]:
    prefix = request.app[SETTINGS].base_path.rstrip("/")
    return {
        "Deprecation": _DEPRECATED_SINCE,
        "Link": f'<{prefix}/api/anime/{quote(key)}>; rel="canonical"',
    }


_KEY: Final = {"key": SeriesKeyText}
OPERATIONS: Final = (
    Operation(
        method="GET",
        path="/api/anime",
        handler=list_series,
        id="listAnime",
        summary="List the series of the library with their missing episodes",
        query=ListQuery,
        answers={
            200: Answer(
                description="The series",
                content=tuple[AnimeSummary, ...],
                headers={"X-Total-Count": "Number of all matching series"},
            )
        },
    ),
    Operation(
        method="GET",
        path="/api/anime/totals",
        handler=totals,
        id="getAnimeTotals",
        summary="Return the totals of the library, or of the series of a filter",
        query=TotalsQuery,
        answers={200: Answer(description="The totals", content=LibraryTotalsView)},
    ),
    Operation(
        method="POST",
        path="/api/anime/search",
        handler=search,
        id="searchAnime",
        scope=Scope.REQUEST,
        summary="Search the catalogues for series",
        body=SearchBody,
        answers={
            200: Answer(
                description="Hits in the order of the catalogues",
                content=tuple[SearchHitView, ...],
            )
        },
        problems=(403, 502, 503),
    ),
    Operation(
        method="POST",
        path="/api/anime/search/report",
        handler=search_report,
        id="searchAnimeReport",
        scope=Scope.REQUEST,
        summary="Search the catalogues for series, and name those that did not answer",
        description="200 also if no catalogue answered.",
        body=SearchBody,
        answers={200: Answer(description="Hits and silent catalogues", content=SearchReportView)},
        problems=(403,),
    ),
    Operation(
        method="POST",
        path="/api/anime/add",
        handler=add,
        id="addAnime",
        scope=Scope.REQUEST,
        summary="Add a series to the library",
        description=(
            "With `link`, one series. With `links`, several: each succeeds or fails on its own, "
            "and the response lists the results in the order of the links."
        ),
        body=AddBody,
        answers={
            200: Answer(description="The series was in the library already", content=AddedAnime),
            201: Answer(description="The series was added", content=AddedAnime),
            207: Answer(description="The result of each of several links", content=LinkReport),
        },
        problems=(403, 404, 409, 502, 503),
        links=(
            Link(operation="getAnime", parameters={"anime_id": "$response.body#/key"}, status=201),
            Link(operation="changeAnime", parameters={"key": "$response.body#/key"}, status=201),
            Link(operation="removeAnime", parameters={"key": "$response.body#/key"}, status=201),
        ),
    ),
    Operation(
        method="POST",
        path="/api/anime/preview",
        handler=preview,
        id="previewAnime",
        scope=Scope.REQUEST,
        summary="Return what adding a link would add; nothing is stored",
        description=(
            "`created` is false if the library has the series. `existing` says what is on disk. "
            "Its cover is that of a search hit."
        ),
        body=PreviewBody,
        answers={200: Answer(description="The series", content=AddedAnime)},
        problems=(403, 404, 409, 502, 503),
    ),
    Operation(
        method="POST",
        path="/api/anime/list-preview",
        handler=preview_list,
        id="previewList",
        scope=Scope.REQUEST,
        summary="Show what filters and numbering would take from a list",
        description=(
            "For a channel, playlist or feed, before it is added or its filters are changed. "
            "Nothing is stored."
        ),
        body=ListPreviewBody,
        answers={200: Answer(description="Counts and first entries", content=ListPreviewView)},
        problems=(403, 404, 502, 503),
    ),
    Operation(
        method="GET",
        path="/api/anime/{anime_id}",
        handler=detail,
        id="getAnime",
        summary="Return one series with its episodes",
        description=(
            "The id is the key. Old clients may send the folder instead; the response then has a "
            "`Deprecation` header."
        ),
        answers={200: Answer(description="The series", content=AnimeDetail)},
        problems=(404,),
    ),
    Operation(
        method="PATCH",
        path="/api/anime/{key}",
        handler=change,
        id="changeAnime",
        summary="Change the settings of a series",
        body=SeriesPatch,
        path_types=_KEY,
        answers={200: Answer(description="The changed series", content=AnimeDetail)},
        problems=(404, 409),
    ),
    Operation(
        method="POST",
        path="/api/anime/{key}/wanted",
        handler=set_wanted,
        id="setWanted",
        summary="Mark episodes or seasons as wanted or not wanted",
        description=(
            "Episodes that are not wanted never count as missing and are never queued by "
            "themselves; their open items are removed from the queue. Files stay."
        ),
        body=WantedBody,
        path_types=_KEY,
        answers={200: Answer(description="The changed series", content=AnimeDetail)},
        problems=(404, 409),
    ),
    Operation(
        method="DELETE",
        path="/api/anime/{key}",
        handler=remove,
        id="removeAnime",
        summary="Remove a series from the library, and its open items from the queue",
        description="Its files stay; with `files=true` they are moved to the recycle bin.",
        path_types=_KEY,
        query=RemovalQuery,
        answers={204: Answer(description="The series is removed")},
        problems=(404, 409, 507),
    ),
)
