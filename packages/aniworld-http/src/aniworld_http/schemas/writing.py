"""JSON responses from values."""

import hashlib
from collections.abc import Mapping, Sequence
from typing import Final

import attrs
import msgspec
from aiohttp import ETag, hdrs, web

#: Bytes of the digest in an ETag.
_TAG_BYTES: Final = 16


def _plain(value: object) -> object:
    """Return a message of the core as the plain text that JSON has for it."""
    if isinstance(value, str):
        return str(value)
    raise NotImplementedError(f"{type(value).__name__} is not JSON")


_encoder: Final = msgspec.json.Encoder(enc_hook=_plain)


@attrs.frozen(kw_only=True)
class Encoded:
    """An encoded JSON body, for one or many responses.

    Attributes:
        body: The JSON.
        tag: Digest of the body, for the ETag.
        headers: Headers of the response.
    """

    body: bytes
    tag: str
    headers: Mapping[str, str]

    @classmethod
    def of(cls, value: object, headers: Mapping[str, str] | None = None) -> "Encoded":
        """Encode a value of attrs classes, enums, times and collections."""
        body = _encoder.encode(value)
        # Not for security: the digest detects changes only.
        tag = hashlib.blake2b(body, digest_size=_TAG_BYTES).hexdigest()
        return cls(body=body, tag=tag, headers=headers or {})


def json_response(
    value: object, status: int = 200, headers: Mapping[str, str] | None = None
) -> web.Response:
    """Return a response with a value of attrs classes, enums, times and collections."""
    return _response(_encoder.encode(value), status, headers)


def cached_json(
    request: web.Request, value: object, headers: Mapping[str, str] | None = None
) -> web.Response:
    """Return a response with a value, or 304 when the client has it already.

    Only the client may cache the response, and must revalidate it each time.
    """
    return encoded_json(request, Encoded.of(value, headers))


def encoded_json(request: web.Request, answer: Encoded) -> web.Response:
    """Return a response with an encoded body, as `cached_json` does."""
    known = request.if_none_match or ()
    if any(each.value in {answer.tag, "*"} for each in known):
        response = web.Response(status=304, headers=answer.headers)
    else:
        response = _response(answer.body, 200, answer.headers)
    # Weak, because the response may be compressed.
    response.etag = ETag(answer.tag, is_weak=True)
    response.headers[hdrs.VARY] = "Accept-Encoding, Origin"
    response.headers["Cache-Control"] = "private, no-cache"
    return response


def listed(
    request: web.Request, values: Sequence[object], total: int | None = None
) -> web.Response:
    """Return a response with a part of a list; `X-Total-Count` has the length of the list."""
    return encoded_json(request, encoded_list(values, total))


def encoded_list(values: Sequence[object], total: int | None = None) -> Encoded:
    """Encode a part of a list for `listed`."""
    count = len(values) if total is None else total
    return Encoded.of(values, {"X-Total-Count": str(count)})


def no_content() -> web.Response:
    """Return a response with status 204."""
    return web.Response(status=204)


def _response(body: bytes, status: int, headers: Mapping[str, str] | None) -> web.Response:
    return web.Response(
        body=body,
        status=status,
        headers=headers,
        content_type="application/json",
        charset="utf-8",
    )
