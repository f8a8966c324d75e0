"""Send media files with ranges and preconditions (RFC 9110), by `sendfile` where possible.

`aiohttp.web.FileResponse` opens a path, follows links, prefers a compressed file of a
similar name, and reads the disk in the event loop.
"""

import asyncio
import logging
import os
import re
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from email.utils import formatdate
from pathlib import PurePosixPath
from typing import BinaryIO, Final

import anyio
import anyio.to_thread
import attrs
from aiohttp import ETag, hdrs, web

from aniworld_core.messages import Message
from aniworld_http.refusals import refused

logger: Final = logging.getLogger(__name__)

#: Media types by the suffix of the container.
MEDIA_TYPES: Final = {
    ".avi": "video/x-msvideo",
    ".flv": "video/x-flv",
    ".m2ts": "video/mp2t",
    ".m4v": "video/mp4",
    ".mkv": "video/x-matroska",
    ".mov": "video/quicktime",
    ".mp4": "video/mp4",
    ".mpeg": "video/mpeg",
    ".mpg": "video/mpeg",
    ".ogm": "video/ogg",
    ".ogv": "video/ogg",
    ".ts": "video/mp2t",
    ".webm": "video/webm",
    ".wmv": "video/x-ms-wmv",
}
#: Bytes that are sent at once; a thread reads them from the disk before.
_PIECE: Final = 1024**2
#: Threads that wait for the disk.
_READERS: Final = 8
#: Transfers of one user at once. A player that pauses holds its transfer, which is an open file and
#: a connection, for as long as it likes.
MOST_TRANSFERS: Final = 32
_RANGE: Final = re.compile(r"bytes=(?P<first>[0-9]{0,19})-(?P<last>[0-9]{0,19})", re.ASCII)


def media_type_of(file: str) -> str:
    """Return the media type of a file by its suffix."""
    return MEDIA_TYPES.get(PurePosixPath(file).suffix.lower(), "application/octet-stream")


@attrs.frozen(kw_only=True)
class Receiver:
    """Who gets a file.

    Attributes:
        user: Whose transfers are counted together.
        is_active: Return whether the receiver may still have it; asked before each piece.
    """

    user: str
    is_active: Callable[[], Awaitable[bool]]


@attrs.define(eq=False)
class MediaSender:
    """Sends opened files to clients."""

    _readers: anyio.CapacityLimiter = attrs.field(
        factory=lambda: anyio.CapacityLimiter(_READERS), init=False
    )
    _running: dict[anyio.CancelScope, str] = attrs.field(factory=dict, init=False)
    _is_closing: bool = attrs.field(default=False, init=False)

    async def send(
        self, request: web.Request, file: BinaryIO, media_type: str, receiver: Receiver
    ) -> web.StreamResponse:
        """Send a file, or the requested range of it, and close it.

        Several ranges in one request are answered with the whole file, which RFC 9110 allows.

        Raises:
            HTTPServiceUnavailable: If the server stops, or the user has too many transfers.
        """
        try:
            status = os.fstat(file.fileno())
            response = web.StreamResponse()
            response.content_type = media_type
            response.etag = ETag(f"{status.st_ino:x}-{status.st_mtime_ns:x}-{status.st_size:x}")
            # HTTP dates have whole seconds.
            response.last_modified = int(status.st_mtime)
            response.headers[hdrs.ACCEPT_RANGES] = "bytes"
            response.headers[hdrs.CACHE_CONTROL] = "private, no-cache"
            part = _chosen(request, response, int(status.st_mtime), status.st_size)
            response.content_length = len(part)
            with self._counted(receiver.user) as scope:
                await response.prepare(request)
                if part and request.method != hdrs.METH_HEAD:
                    await self._send_part(request, file, part, receiver)
                await response.write_eof()
            if scope.cancelled_caught and request.transport is not None:
                request.transport.abort()  # the client sees that bytes are missing
        except ConnectionError:
            # Players close the connection at each jump; nothing is left to send.
            logger.debug("the client closed the connection to a media file")
        finally:
            file.close()
        return response

    def close(self) -> None:
        """Break all transfers, and begin no more: a stop of the server cannot wait for films."""
        self._is_closing = True
        for scope in self._running:
            scope.cancel()

    @contextmanager
    def _counted(self, user: str) -> Iterator[anyio.CancelScope]:
        if self._is_closing:
            raise refused(web.HTTPServiceUnavailable, Message("server_stops"))
        if Counter(self._running.values())[user] >= MOST_TRANSFERS:
            raise refused(web.HTTPServiceUnavailable, Message("too_many_transfers"))
        with anyio.CancelScope() as scope:
            self._running[scope] = user
            try:
                yield scope
            finally:
                del self._running[scope]

    async def _send_part(
        self, request: web.Request, file: BinaryIO, part: range, receiver: Receiver
    ) -> None:
        loop = asyncio.get_running_loop()
        for begin in range(part.start, part.stop, _PIECE):
            count = min(_PIECE, part.stop - begin)
            # A slow disk must not stop the event loop; afterwards the bytes are in memory.
            there = await anyio.to_thread.run_sync(
                _read_ahead, file, begin, count, limiter=self._readers
            )
            is_active = await receiver.is_active()
            transport = request.transport
            if transport is None or transport.is_closing():
                raise ConnectionResetError
            if there < count or not is_active:
                if there < count:
                    logger.warning("a media file became shorter while it was sent")
                transport.close()  # the client sees that bytes are missing
                raise ConnectionResetError
            await loop.sendfile(transport, file, begin, count)


#: The sender of this server.
MEDIA_SENDER: Final = web.AppKey("MEDIA_SENDER", MediaSender)


def _read_ahead(file: BinaryIO, begin: int, count: int) -> int:
    try:
        return len(os.pread(file.fileno(), count, begin))
    except OSError as error:
        logger.warning("cannot read a media file: %s", error.strerror)
        return 0


def _chosen(request: web.Request, response: web.StreamResponse, modified: int, size: int) -> range:
    """Set the status of a response, and return the bytes of its body."""
    tag = response.etag.value if response.etag else ""
    if status := _precondition(request, tag, modified):
        response.set_status(status)
        return range(0)
    whole = range(size)
    wanted = request.headers.get(hdrs.RANGE, "") if request.method == hdrs.METH_GET else ""
    if not wanted or not _is_current(request, tag, modified):
        return whole
    part = _parsed(wanted, size)
    if part is None:
        return whole
    if not part:
        response.set_status(416)
        response.headers[hdrs.CONTENT_RANGE] = f"bytes */{size}"
        return part
    response.set_status(206)
    response.headers[hdrs.CONTENT_RANGE] = f"bytes {part.start}-{part.stop - 1}/{size}"
    return part


def _precondition(request: web.Request, tag: str, modified: int) -> int | None:
    """Return the status if a precondition decides the answer (RFC 9110 section 13.2.2)."""
    if (matching := request.if_match) is not None:
        if not _matches(tag, matching):
            return 412
    elif (limit := request.if_unmodified_since) is not None and modified > limit.timestamp():
        return 412
    if (known := request.if_none_match) is not None:
        return 304 if _matches(tag, known) else None
    since = request.if_modified_since
    return 304 if since is not None and modified <= since.timestamp() else None


def _matches(tag: str, tags: Sequence[ETag]) -> bool:
    return any(each.value in {tag, "*"} for each in tags)


def _is_current(request: web.Request, tag: str, modified: int) -> bool:
    """Return whether `If-Range` allows a range: it names exactly this version of the file."""
    condition = request.headers.get(hdrs.IF_RANGE)
    return condition in {None, f'"{tag}"', formatdate(modified, usegmt=True)}


def _parsed(text: str, size: int) -> range | None:
    """Return the requested bytes, empty if there are none; `None` if the range is ignored."""
    match = _RANGE.fullmatch(text.strip().lower())
    if match is None or match["first"] == match["last"] == "":
        return None
    if not match["first"]:
        return range(max(size - int(match["last"]), 0), size)
    first = int(match["first"])
    last = int(match["last"]) if match["last"] else max(first, size)
    if last < first:
        return None
    return range(min(first, size), min(last + 1, size))
