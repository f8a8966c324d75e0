"""/api/anime: the series of the library, the catalogues they come from, and scans."""

from typing import Final
from urllib.parse import quote

from aiohttp import web

from aniworld_core.application.catalogue import SearchHitView
from aniworld_core.application.library import AddedAnime, AnimeDetail, AnimeSummary
from aniworld_core.bootstrap.application import Application
from aniworld_core.domain.catalogue import Series
from aniworld_core.domain.identity import SeriesKey
from aniworld_core.domain.media import Language
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
    read_optional_body,
    read_query,
)
from aniworld_http.schemas.anime import (
    AddBody,
    ListQuery,
    RemovalQuery,
    ScanBody,
    ScanStarted,
    ScanView,
    SearchBody,
    SeriesPatch,
    read_changes,
)
from aniworld_http.schemas.paging import SeriesKeyText

#: Since when series are no longer looked up by folder (RFC 9745): 2026-01-01.
_DEPRECATED_SINCE: Final = "@1767225600"


async def list_series(request: web.Request) -> web.Response:
    """List the library."""
    query = read_query(request, ListQuery)
    return encoded_json(request, await request.app[LIBRARY_LIST].find(query.asked()))


async def detail(request: web.Request) -> web.Response:
    """Show one series."""
    app = request.app[APPLICATION]
    name = request.match_info["anime_id"]
    series = await app.library_actions.find(name)
    headers = {} if series.key == name else _superseded(request, series.key)
    return cached_json(request, AnimeDetail.of(series, _wanted(app, series)), headers)


async def search(request: web.Request) -> web.Response:
    """Ask the catalogues."""
    app = request.app[APPLICATION]
    body = await read_body(request, SearchBody)
    with blame("/provider"):
        hits = await app.catalogue.search(body.query.strip(), provider=body.provider)
    app.covers.remember(hits)
    library = await app.library_actions.catalogue_keys()
    return json_response([SearchHitView.of(hit, library) for hit in hits])


async def add(request: web.Request) -> web.Response:
    """Take a series into the library."""
    app = request.app[APPLICATION]
    body = await read_body(request, AddBody)
    if body.provider is not None:
        with blame("/provider"):
            app.catalogue.loaders.named(body.provider)
    with blame("/link"):
        addition = await app.catalogue.ensure(
            body.link, provider=body.provider, name=body.name, follow=body.follow
        )
    view = AddedAnime.after(addition, _wanted(app, addition.series))
    return json_response(view, status=201 if addition.created else 200)


async def change(request: web.Request) -> web.Response:
    """Change what people decide about a series."""
    app = request.app[APPLICATION]
    changes = read_changes(await read_document(request))
    with blame("/folder"):
        series = await app.library_actions.change(SeriesKey(request.match_info["key"]), changes)
    return json_response(AnimeDetail.of(series, _wanted(app, series)))


async def remove(request: web.Request) -> web.Response:
    """Take a series out of the library."""
    query = read_query(request, RemovalQuery)
    key = SeriesKey(request.match_info["key"])
    await request.app[APPLICATION].library_actions.remove(key, files=query.files)
    return no_content()


async def start_scan(request: web.Request) -> web.Response:
    """Compare the library with disk and catalogues."""
    body = await read_optional_body(request, ScanBody)
    scan_id = await request.app[APPLICATION].scans.start(accept_loss=body.accept_loss)
    return json_response(ScanStarted(scan_id=scan_id), status=202)


async def show_scan(request: web.Request) -> web.Response:
    """Tell how the scan stands."""
    return json_response(ScanView.of(request.app[APPLICATION].scans.state))


async def cancel_scan(request: web.Request) -> web.Response:
    """End the scan."""
    await request.app[APPLICATION].scans.cancel()
    return no_content()


def _wanted(app: Application, series: Series) -> Language | None:
    """The language that decides which titles are shown."""
    order = series.languages or app.current_config.value.languages.order
    return order[0] if order else None


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
        summary="The series of the library, with what is missing of each",
        query=ListQuery,
        answers={
            200: Answer(
                description="The series",
                content=tuple[AnimeSummary, ...],
                headers={"X-Total-Count": "How many there are in all"},
            )
        },
    ),
    Operation(
        method="GET",
        path="/api/anime/scan",
        handler=show_scan,
        id="getScan",
        summary="The scan under way, or the last one",
        answers={200: Answer(description="How it stands", content=ScanView)},
    ),
    Operation(
        method="DELETE",
        path="/api/anime/scan",
        handler=cancel_scan,
        id="cancelScan",
        summary="End the scan under way, keeping what it learned",
        answers={204: Answer(description="None is under way any more")},
    ),
    Operation(
        method="POST",
        path="/api/anime/rescan",
        handler=start_scan,
        id="startScan",
        summary="Compare the library with disk and catalogues, in the background",
        body=ScanBody,
        optional_body=True,
        answers={202: Answer(description="The scan has begun", content=ScanStarted)},
        problems=(409,),
        links=(Link(operation="getScan", parameters={}, status=202),),
    ),
    Operation(
        method="POST",
        path="/api/anime/search",
        handler=search,
        id="searchAnime",
        summary="Look for series in the catalogues",
        body=SearchBody,
        answers={
            200: Answer(
                description="Hits, those of the first catalogue first",
                content=tuple[SearchHitView, ...],
            )
        },
        problems=(403, 502, 503),
    ),
    Operation(
        method="POST",
        path="/api/anime/add",
        handler=add,
        id="addAnime",
        summary="Take a series into the library",
        body=AddBody,
        answers={
            200: Answer(description="It was there already", content=AddedAnime),
            201: Answer(description="It is new", content=AddedAnime),
        },
        problems=(403, 404, 409, 502, 503),
        links=(
            Link(operation="getAnime", parameters={"anime_id": "$response.body#/key"}, status=201),
            Link(operation="changeAnime", parameters={"key": "$response.body#/key"}, status=201),
            Link(operation="removeAnime", parameters={"key": "$response.body#/key"}, status=201),
        ),
    ),
    Operation(
        method="GET",
        path="/api/anime/{anime_id}",
        handler=detail,
        id="getAnime",
        summary="One series with its episodes",
        description=(
            "By its key. For old clients its folder will do as well; the answer then has a "
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
        summary="Change what people decide about a series",
        body=SeriesPatch,
        path_types=_KEY,
        answers={200: Answer(description="The series now", content=AnimeDetail)},
        problems=(404, 409),
    ),
    Operation(
        method="DELETE",
        path="/api/anime/{key}",
        handler=remove,
        id="removeAnime",
        summary="Take a series out of the library, and its open items out of the queue",
        description="Its files stay, or go to the recycle bin with `files=true`.",
        path_types=_KEY,
        query=RemovalQuery,
        answers={204: Answer(description="It is out")},
        problems=(404, 409, 507),
    ),
)
