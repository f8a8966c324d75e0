"""Values to JSON answers."""

import hashlib
from collections.abc import Mapping, Sequence
from typing import Final

import attrs
import msgspec
from aiohttp import ETag, hdrs, web

#: So many bytes of a digest tell two answers apart.
_TAG_BYTES: Final = 16
_encoder: Final = msgspec.json.Encoder()


@attrs.frozen(kw_only=True)
class Encoded:
    """An answer that is ready to be sent, again and again.

    Attributes:
        tag: Tells it apart from other answers.
    """

    body: bytes
    tag: str
    headers: Mapping[str, str]

    @classmethod
    def of(cls, value: object, headers: Mapping[str, str] | None = None) -> "Encoded":
        """Encode a value: attrs classes, enums, times and what holds them."""
        body = _encoder.encode(value)
        # Not about secrecy: it only tells whether the bytes changed.
        tag = hashlib.blake2b(body, digest_size=_TAG_BYTES).hexdigest()
        return cls(body=body, tag=tag, headers=headers or {})


def json_response(
    value: object, status: int = 200, headers: Mapping[str, str] | None = None
) -> web.Response:
    """Answer with a value: attrs classes, enums, times and what holds them."""
    return _response(_encoder.encode(value), status, headers)


def cached_json(
    request: web.Request, value: object, headers: Mapping[str, str] | None = None
) -> web.Response:
    """Answer with a value, or with 304 when the caller already has it.

    The answer may be kept by the caller alone, and is asked for again each time.
    """
    return encoded_json(request, Encoded.of(value, headers))


def encoded_json(request: web.Request, answer: Encoded) -> web.Response:
    """Answer with what is encoded already, as `cached_json` does."""
    known = request.if_none_match or ()
    if any(each.value in {answer.tag, "*"} for each in known):
        response = web.Response(status=304, headers=answer.headers)
    else:
        response = _response(answer.body, 200, answer.headers)
    # Weak: packed or not, it is the same to whoever asks.
    response.etag = ETag(answer.tag, is_weak=True)
    response.headers[hdrs.VARY] = "Accept-Encoding, Origin"
    response.headers["Cache-Control"] = "private, no-cache"
    return response


def listed(
    request: web.Request, values: Sequence[object], total: int | None = None
) -> web.Response:
    """Answer with a part of a list; `X-Total-Count` tells the length of the whole."""
    return encoded_json(request, encoded_list(values, total))


def encoded_list(values: Sequence[object], total: int | None = None) -> Encoded:
    """Encode a part of a list, as `listed` answers with it."""
    count = len(values) if total is None else total
    return Encoded.of(values, {"X-Total-Count": str(count)})


def no_content() -> web.Response:
    """Answer that it is done."""
    return web.Response(status=204)


def _response(body: bytes, status: int, headers: Mapping[str, str] | None) -> web.Response:
    return web.Response(
        body=body,
        status=status,
        headers=headers,
        content_type="application/json",
        charset="utf-8",
    )
