"""Covers from the cache of the server; browsers load no images from other sites."""

from typing import Annotated, Final, TypeAlias

from aiohttp import ETag, web
from msgspec import Meta

from aniworld_core.domain.catalogue import Cover
from aniworld_core.domain.identity import SeriesKey
from aniworld_http.keys import APPLICATION
from aniworld_http.operations import Answer, Operation
from aniworld_http.schemas.paging import SeriesKeyText

#: Cached by the browser of one visitor for a day.
_CACHE_CONTROL: Final = "private, max-age=86400"
_Provider: TypeAlias = Annotated[
    str, Meta(min_length=1, max_length=100, pattern=r"^[A-Za-z0-9_.-]+$", examples=["archive"])
]


async def series_cover(request: web.Request) -> web.Response:
    """Return the cover of a series of the library."""
    key = SeriesKey(request.match_info["key"])
    return _image_response(request, await request.app[APPLICATION].covers.of_series(key))


async def series_banner(request: web.Request) -> web.Response:
    """Return the wide picture of a series of the library."""
    key = SeriesKey(request.match_info["key"])
    return _image_response(request, await request.app[APPLICATION].covers.banner_of(key))


async def hit_cover(request: web.Request) -> web.Response:
    """Return the cover of a recent search hit or browse list entry."""
    key = SeriesKey(request.match_info["key"])
    covers = request.app[APPLICATION].covers
    return _image_response(request, await covers.of_hit(request.match_info["provider"], key))


def _image_response(request: web.Request, cover: Cover) -> web.Response:
    """Return an image, or 304 when the client has it already."""
    known = request.if_none_match or ()
    if any(each.value in {cover.tag, "*"} for each in known):
        response = web.Response(status=304)
    else:
        response = web.Response(body=cover.data, content_type=cover.kind.value)
    response.etag = ETag(cover.tag)
    response.headers["Cache-Control"] = _CACHE_CONTROL
    # Another visitor may sign in with the same browser.
    response.headers["Vary"] = "Authorization, X-Api-Key"
    return response


_ANSWERS: Final = {
    200: Answer(
        description="The image: JPEG, PNG, WebP, AVIF or GIF, at most 5 MiB",
        media="image/*",
        headers={"ETag": "Send it in If-None-Match to get 304 while the image is unchanged"},
    )
}
OPERATIONS: Final = (
    Operation(
        method="GET",
        path="/api/anime/{key}/cover",
        handler=series_cover,
        id="getCover",
        summary="Return the cover of a series of the library",
        description="Fetched from the catalogue at the first request, then cached.",
        path_types={"key": SeriesKeyText},
        answers=_ANSWERS,
        problems=(404,),
    ),
    Operation(
        method="GET",
        path="/api/anime/{key}/banner",
        handler=series_banner,
        id="getBanner",
        summary="Return the wide picture of a series of the library",
        description="Fetched from the metadata source at the first request, then cached.",
        path_types={"key": SeriesKeyText},
        answers=_ANSWERS,
        problems=(404,),
    ),
    Operation(
        method="GET",
        path="/api/providers/{provider}/covers/{key}",
        handler=hit_cover,
        id="getHitCover",
        summary="Cover of a recent search hit or browse list entry",
        description="Fetched from the address that the catalogue gave.",
        path_types={"provider": _Provider, "key": SeriesKeyText},
        answers=_ANSWERS,
        problems=(404,),
    ),
)
