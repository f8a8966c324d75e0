"""Covers, from our own cache: browsers ask nobody but us for a picture."""

from typing import Annotated, Final, TypeAlias

from aiohttp import ETag, web
from msgspec import Meta

from aniworld_core.domain.catalogue import Cover
from aniworld_core.domain.identity import SeriesKey
from aniworld_http.keys import APPLICATION
from aniworld_http.operations import Answer, Operation
from aniworld_http.schemas.paging import SeriesKeyText

#: For a day without asking again, by the one who asked alone.
_KEPT: Final = "private, max-age=86400"
_Provider: TypeAlias = Annotated[
    str, Meta(min_length=1, max_length=100, pattern=r"^[A-Za-z0-9_.-]+$", examples=["archive"])
]


async def series_cover(request: web.Request) -> web.Response:
    """Show the cover of a series of the library."""
    key = SeriesKey(request.match_info["key"])
    return _picture(request, await request.app[APPLICATION].covers.of_series(key))


async def hit_cover(request: web.Request) -> web.Response:
    """Show the cover of what a catalogue showed lately."""
    key = SeriesKey(request.match_info["key"])
    covers = request.app[APPLICATION].covers
    return _picture(request, await covers.of_hit(request.match_info["provider"], key))


def _picture(request: web.Request, cover: Cover) -> web.Response:
    """Answer with a picture, or with 304 when the caller already has it."""
    known = request.if_none_match or ()
    if any(each.value in {cover.tag, "*"} for each in known):
        response = web.Response(status=304)
    else:
        response = web.Response(body=cover.data, content_type=cover.kind.value)
    response.etag = ETag(cover.tag)
    response.headers["Cache-Control"] = _KEPT
    # Whoever signs in next in the same browser is somebody else.
    response.headers["Vary"] = "Authorization, X-Api-Key"
    return response


_ANSWERS: Final = {
    200: Answer(
        description="The picture: JPEG, PNG, WebP, AVIF or GIF, at most 5 MiB",
        media="image/*",
        headers={"ETag": "Send it back in If-None-Match to be answered 304 while it is the same"},
    )
}
OPERATIONS: Final = (
    Operation(
        method="GET",
        path="/api/anime/{key}/cover",
        handler=series_cover,
        id="getCover",
        summary="The cover of a series of the library",
        description="Fetched from its catalogue when first wanted, and kept here.",
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
        description="Its address is the one the catalogue gave then.",
        path_types={"provider": _Provider, "key": SeriesKeyText},
        answers=_ANSWERS,
        problems=(404,),
    ),
)
