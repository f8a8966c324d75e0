"""Answers that get smaller by packing are packed for who can unpack them."""

import gzip
from collections import OrderedDict
from typing import Final

import anyio
import anyio.to_thread
import attrs
from aiohttp import hdrs, web

from aniworld_http.operations import Handler, policy_of
from aniworld_http.rendering.content_coding import accepts_gzip

#: Shorter answers fit into one packet anyway.
_LEAST: Final = 1024
#: Packing this much takes the loop less than a millisecond; more is packed in a thread.
_AT_ONCE: Final = 16 * 1024
#: So many bytes of answers and what was made of them are remembered, in all.
_REMEMBERED: Final = 16 * 1024**2
#: Nearly as small as with more, in a fraction of the time.
_LEVEL: Final = 4
_TYPES: Final = frozenset(
    {
        "application/json",
        "application/problem+json",
        "image/svg+xml",
        "text/css",
        "text/html",
        "text/javascript",
        "text/plain",
    }
)


@attrs.define(eq=False)
class Packer:
    """Packs bodies with gzip; the same body once."""

    _packed: OrderedDict[bytes, bytes] = attrs.field(factory=OrderedDict, init=False)
    _size: int = attrs.field(default=0, init=False)
    _packing: anyio.Lock = attrs.field(factory=anyio.Lock, init=False)

    async def pack(self, body: bytes) -> bytes:
        """Return a body packed."""
        if (known := self._known(body)) is not None:
            return known
        if len(body) <= _AT_ONCE:
            return self._keep(body, _gzipped(body))
        # Many ask the same at once when something changed; it is packed once for all.
        async with self._packing:
            if (known := self._known(body)) is not None:
                return known
            return self._keep(body, await anyio.to_thread.run_sync(_gzipped, body))

    def _known(self, body: bytes) -> bytes | None:
        known = self._packed.get(body)
        if known is not None:
            self._packed.move_to_end(body)
        return known

    def _keep(self, body: bytes, packed: bytes) -> bytes:
        self._packed[body] = packed
        self._size += len(body) + len(packed)
        while self._size > _REMEMBERED:
            old, small = self._packed.popitem(last=False)
            self._size -= len(old) + len(small)
        return packed


#: Packs the answers of this server.
PACKER: Final = web.AppKey("PACKER", Packer)


@web.middleware
async def compress(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Compress the body of a response with gzip.

    Streams, partial content, bodies that are compressed already, small bodies, and responses of
    secret endpoints stay as they are.
    """
    response = await handler(request)
    if not isinstance(response, web.Response):
        return response
    body = response.body
    if not isinstance(body, bytes) or len(body) < _LEAST or not _may_be_packed(request, response):
        return response
    _vary(response)
    if not accepts_gzip(request):
        return response
    response.body = await request.app[PACKER].pack(body)
    response.headers[hdrs.CONTENT_ENCODING] = "gzip"
    return response


def _may_be_packed(request: web.Request, response: web.Response) -> bool:
    if response.prepared or response.status == 206 or response.content_type not in _TYPES:
        return False
    if hdrs.CONTENT_ENCODING in response.headers or hdrs.RANGE in request.headers:
        return False
    return not policy_of(request).is_secret


def _vary(response: web.Response) -> None:
    """Tell caches that the answer is another one for who asks for it packed."""
    former = response.headers.get(hdrs.VARY, "")
    if "accept-encoding" not in former.lower():
        name = hdrs.ACCEPT_ENCODING
        response.headers[hdrs.VARY] = f"{former}, {name}" if former else str(name)


def _gzipped(body: bytes) -> bytes:
    # Without a time in it, so that the same body always gives the same bytes.
    return gzip.compress(body, _LEVEL, mtime=0)
