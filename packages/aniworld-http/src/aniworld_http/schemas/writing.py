"""Values to JSON answers."""

import hashlib
from collections.abc import Mapping, Sequence
from typing import Final

import msgspec
from aiohttp import ETag, web

#: So many bytes of a digest tell two answers apart.
_TAG_BYTES: Final = 16
_encoder: Final = msgspec.json.Encoder()


def json_response(
    value: object, status: int = 200, headers: Mapping[str, str] | None = None
) -> web.Response:
    """Answer with a value: attrs classes, enums, times and what holds them."""
    return web.Response(
        body=_encoder.encode(value),
        status=status,
        headers=headers,
        content_type="application/json",
        charset="utf-8",
    )


def cached_json(
    request: web.Request, value: object, headers: Mapping[str, str] | None = None
) -> web.Response:
    """Answer with a value, or with 304 when the caller already has it.

    The answer may be kept by the caller alone, and is asked for again each time.
    """
    response = json_response(value, headers=headers)
    body = response.body
    assert isinstance(body, bytes)  # noqa: S101 - just encoded
    # Not about secrecy: it only tells whether the bytes changed.
    tag = ETag(hashlib.blake2b(body, digest_size=_TAG_BYTES).hexdigest())
    known = request.if_none_match or ()
    if any(each.value in {tag.value, "*"} for each in known):
        response = web.Response(status=304, headers=headers)
    response.etag = tag
    response.headers["Cache-Control"] = "private, no-cache"
    return response


def listed(
    request: web.Request, values: Sequence[object], total: int | None = None
) -> web.Response:
    """Answer with a part of a list; `X-Total-Count` tells the length of the whole."""
    count = len(values) if total is None else total
    return cached_json(request, values, headers={"X-Total-Count": str(count)})


def no_content() -> web.Response:
    """Answer that it is done."""
    return web.Response(status=204)
