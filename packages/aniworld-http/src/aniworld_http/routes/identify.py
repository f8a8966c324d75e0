"""/api/anime/{key}/identify: the entries of a series in metadata sources."""

from collections.abc import Sequence
from typing import Final

from aiohttp import web

from aniworld_core.application.library import (
    RelatedSeriesView,
    SourceResult,
    SourceResultView,
    related_series,
)
from aniworld_core.domain.identity import SeriesKey
from aniworld_core.errors import InvalidFieldsError
from aniworld_core.messages import Message
from aniworld_http.errors import blame
from aniworld_http.keys import APPLICATION
from aniworld_http.operations import Answer, Operation
from aniworld_http.schemas import json_response, read_optional_body, read_query
from aniworld_http.schemas.anime import IdentifyBody, IdentifyQuery
from aniworld_http.schemas.paging import SeriesKeyText


async def show(request: web.Request) -> web.Response:
    """Return the entries of a series, and candidates if they are asked for."""
    query = read_query(request, IdentifyQuery)
    identification = request.app[APPLICATION].identification
    key = SeriesKey(request.match_info["key"])
    find = identification.candidates if query.candidates else identification.known
    return _answer(request, key, await find(key))


async def identify(request: web.Request) -> web.Response:
    """Identify a series, choose its entry, or forget one."""
    body = await read_optional_body(request, IdentifyBody)
    identification = request.app[APPLICATION].identification
    key = SeriesKey(request.match_info["key"])
    if body.entry is not None and body.forget is not None:
        raise InvalidFieldsError([("/forget", Message("entry_and_forget"))])
    if body.forget is not None:
        await identification.forget(key, body.forget)
        return _answer(request, key, await identification.known(key))
    if body.entry is None:
        return _answer(request, key, await identification.identify(key))
    source, _, entry_id = body.entry.partition(":")
    with blame("/entry"):
        await identification.choose(key, source, entry_id)
    return _answer(request, key, await identification.known(key))


async def list_related(request: web.Request) -> web.Response:
    """Return the sequels, prequels and other relatives of a series."""
    storage = request.app[APPLICATION].storage
    key = SeriesKey(request.match_info["key"])
    return json_response(tuple(await related_series(storage, key)))


def _answer(request: web.Request, key: SeriesKey, results: Sequence[SourceResult]) -> web.Response:
    now = request.app[APPLICATION].clock.now()
    return json_response([SourceResultView.of(key, result, now) for result in results])


_KEY: Final = {"key": SeriesKeyText}
_SOURCES: Final = Answer(
    description="The result of each source", content=tuple[SourceResultView, ...]
)
OPERATIONS: Final = (
    Operation(
        method="GET",
        path="/api/anime/{key}/identify",
        handler=show,
        id="getEntries",
        summary="Return the entries of a series in metadata sources",
        description="Only `candidates=true` makes requests to the sources; nothing is stored.",
        path_types=_KEY,
        query=IdentifyQuery,
        answers={200: _SOURCES},
        problems=(404,),
    ),
    Operation(
        method="POST",
        path="/api/anime/{key}/identify",
        handler=identify,
        id="identifyAnime",
        summary="Identify a series in metadata sources, choose its entry, or forget one",
        description=(
            "Without `entry` and `forget` every enabled source is searched; only a sure entry is "
            "stored. A chosen entry stays until another one is chosen."
        ),
        body=IdentifyBody,
        optional_body=True,
        path_types=_KEY,
        answers={200: _SOURCES},
        problems=(403, 404, 502, 503),
    ),
    Operation(
        method="GET",
        path="/api/anime/{key}/related",
        handler=list_related,
        id="listRelated",
        summary="List sequels, prequels and other relatives of a series",
        description=(
            "They come from the stored entries in metadata sources; no request is made. `key` is "
            "the series of the library that has it, `season` its season there."
        ),
        path_types=_KEY,
        answers={200: Answer(description="The relatives", content=tuple[RelatedSeriesView, ...])},
        problems=(404,),
    ),
)
