"""Compression of responses with gzip, for clients that accept it."""

import gzip
from collections import OrderedDict
from typing import Final

import anyio
import anyio.to_thread
import attrs
from aiohttp import hdrs, web

from aniworld_http.operations import Handler, policy_of
from aniworld_http.rendering import accepts_gzip

#: Bytes below which a body is not compressed: it fits into one packet.
_MIN_BYTES: Final = 1024
#: Bytes above which a body is compressed in a thread; below, it takes under a millisecond.
_MAX_INLINE_BYTES: Final = 16 * 1024
#: Bytes of bodies and compressed bodies in the cache.
_CACHE_BYTES: Final = 16 * 1024**2
#: Higher levels need much more time for a little less size.
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
class GzipCache:
    """Compresses bodies with gzip and caches the results."""

    _cache: OrderedDict[bytes, bytes] = attrs.field(factory=OrderedDict, init=False)
    _size: int = attrs.field(default=0, init=False)
    _lock: anyio.Lock = attrs.field(factory=anyio.Lock, init=False)

    async def compress(self, body: bytes) -> bytes:
        """Return the compressed body."""
        if (known := self._cached(body)) is not None:
            return known
        if len(body) <= _MAX_INLINE_BYTES:
            return self._store(body, _gzipped(body))
        # After a change many clients request the same body; one request compresses it.
        async with self._lock:
            if (known := self._cached(body)) is not None:
                return known
            return self._store(body, await anyio.to_thread.run_sync(_gzipped, body))

    def _cached(self, body: bytes) -> bytes | None:
        known = self._cache.get(body)
        if known is not None:
            self._cache.move_to_end(body)
        return known

    def _store(self, body: bytes, compressed: bytes) -> bytes:
        self._cache[body] = compressed
        self._size += len(body) + len(compressed)
        while self._size > _CACHE_BYTES:
            old, small = self._cache.popitem(last=False)
            self._size -= len(old) + len(small)
        return compressed


#: The cache of this server.
GZIP_CACHE: Final = web.AppKey("GZIP_CACHE", GzipCache)


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
    if (
        not isinstance(body, bytes)
        or len(body) < _MIN_BYTES
        or not _is_compressible(request, response)
    ):
        return response
    _vary(response)
    if not accepts_gzip(request):
        return response
    response.body = await request.app[GZIP_CACHE].compress(body)
    response.headers[hdrs.CONTENT_ENCODING] = "gzip"
    return response


def _is_compressible(request: web.Request, response: web.Response) -> bool:
    if response.prepared or response.status == 206 or response.content_type not in _TYPES:
        return False
    if hdrs.CONTENT_ENCODING in response.headers or hdrs.RANGE in request.headers:
        return False
    return not policy_of(request).is_secret


def _vary(response: web.Response) -> None:
    """Add `Accept-Encoding` to `Vary`, for caches between server and client."""
    former = response.headers.get(hdrs.VARY, "")
    if "accept-encoding" not in former.lower():
        name = hdrs.ACCEPT_ENCODING
        response.headers[hdrs.VARY] = f"{former}, {name}" if former else str(name)


def _gzipped(body: bytes) -> bytes:
    # Without a timestamp, so that equal bodies give equal bytes.
    return gzip.compress(body, _LEVEL, mtime=0)
