"""Loopback server of the demo: media and covers, with limited bandwidth."""

import math
import socket
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from functools import lru_cache
from pathlib import Path

import anyio
import attrs
from aiohttp import web
from anyio import to_thread
from anyio.streams.memory import MemoryObjectReceiveStream, MemoryObjectSendStream

from aniworld_core.domain.identity import SeriesKey
from aniworld_providers.catalogues.demo.all_series import KNOWN_SERIES, all_clips, next_clips
from aniworld_providers.catalogues.demo.drawing import make_cover
from aniworld_providers.catalogues.demo.ranges import requested_part
from aniworld_providers.catalogues.demo.storage import ClipStore, StoredFile
from aniworld_providers.catalogues.demo.values import Clip, Obstacle

_HOST = "127.0.0.1"
_CHUNK = 32 * 1024
_TYPES = {
    ".m3u8": "application/vnd.apple.mpegurl",
    ".ts": "video/mp2t",
    ".m4s": "video/iso.segment",
    ".mp4": "video/mp4",
    ".mkv": "video/x-matroska",
    ".vtt": "text/vtt",
}
#: The marker of a bot check, which programs recognise, is the name of the field.
_CHECK_PAGE = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>A check for people</title>
<h1>A check for people</h1>
<p>This page belongs to the demo. On a real site, it would ask you to prove that you are a person.
Aniworld shows you its link and does not try to pass the check.</p>
<form method="post"><button name="captcha" value="passed">I am a person</button></form>
</html>
"""
_CONFIRMED_PAGE = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>Check passed</title>
<h1>Check passed</h1>
<p>Go back to the queue and press Retry.</p>
</html>
"""


@attrs.define(eq=False)
class BandwidthLimit:
    """Limit the bandwidth of all responses together, first come, first served."""

    rate: float | None
    _turn: anyio.Lock = attrs.field(init=False, factory=anyio.Lock)

    async def take(self, amount: int) -> None:
        """Wait until *amount* more bytes may be sent; return at once without a limit."""
        if self.rate:
            async with self._turn:
                await anyio.sleep(amount / self.rate)


@attrs.define(eq=False)
class DemoServer:
    """Serve `/media/<clip>/<file>` and `/covers/<key>.png`.

    A clip with an obstacle is missing, or is served after a person has pressed a button on the
    page that its link shows.
    """

    _store: ClipStore
    _limit: BandwidthLimit
    #: Receives each clip once, at its first request.
    _requested: MemoryObjectSendStream[Clip]
    _announced: set[str] = attrs.field(init=False, factory=set)
    _confirmed: set[str] = attrs.field(init=False, factory=set)
    _clips: Mapping[str, Clip] = attrs.field(
        init=False, factory=lambda: {clip.name: clip for clip in all_clips()}
    )

    def application(self) -> web.Application:
        """Return the aiohttp application."""
        application = web.Application()
        application.router.add_get("/media/{clip}/{file}", self._media)
        application.router.add_post("/media/{clip}/{file}", self._confirm)
        application.router.add_get("/covers/{key}.png", self._cover)
        return application

    async def _media(self, request: web.Request) -> web.StreamResponse:
        clip = self._clips.get(request.match_info["clip"])
        if clip is None:
            raise web.HTTPNotFound
        if clip.episode.obstacle is Obstacle.GONE:
            raise web.HTTPNotFound
        if clip.episode.obstacle is Obstacle.PERSON and clip.name not in self._confirmed:
            return web.Response(status=403, text=_CHECK_PAGE, content_type="text/html")
        self._announce(clip)
        try:
            stored = await self._store.file(clip, request.match_info["file"])
        except OSError as error:
            raise web.HTTPInsufficientStorage(text=str(error)) from error
        if stored is None:
            raise web.HTTPNotFound
        return await self._send(request, stored)

    async def _confirm(self, request: web.Request) -> web.Response:
        if request.match_info["clip"] not in self._clips:
            raise web.HTTPNotFound
        self._confirmed.add(request.match_info["clip"])
        return web.Response(text=_CONFIRMED_PAGE, content_type="text/html")

    def _announce(self, clip: Clip) -> None:
        if clip.name not in self._announced:
            self._announced.add(clip.name)
            self._requested.send_nowait(clip)

    async def _send(self, request: web.Request, stored: StoredFile) -> web.StreamResponse:
        etag = f'"{stored.digest}"'
        part = requested_part(request.headers, etag=etag, size=stored.size)
        response = web.StreamResponse(
            status=part.status, headers={"ETag": etag, "Accept-Ranges": "bytes"}
        )
        response.content_type = _TYPES.get(stored.path.suffix, "application/octet-stream")
        if part.status == 206:
            response.headers["Content-Range"] = f"bytes {part.start}-{part.stop - 1}/{stored.size}"
        elif part.status == 416:
            response.headers["Content-Range"] = f"bytes */{stored.size}"
        response.content_length = part.stop - part.start
        # A client that stops its download disconnects; that is not a server error.
        with suppress(ConnectionResetError):
            await response.prepare(request)
            if request.method != "HEAD":
                content = await to_thread.run_sync(_read, stored.path, part.start, part.stop)
                for start in range(0, len(content), _CHUNK):
                    chunk = content[start : start + _CHUNK]
                    await self._limit.take(len(chunk))
                    await response.write(chunk)
            await response.write_eof()
        return response

    async def _cover(self, request: web.Request) -> web.Response:
        series = KNOWN_SERIES.get(SeriesKey(request.match_info["key"]))
        if series is None:
            raise web.HTTPNotFound
        cover = await to_thread.run_sync(_drawn, series.colour)
        return web.Response(body=cover, content_type="image/png")


@asynccontextmanager
async def open_server(
    store: ClipStore, limit: BandwidthLimit, *, port: int = 0
) -> AsyncIterator[str]:
    """Serve the demo until the context ends; yield its `host:port`.

    Args:
        store: Store of the media.
        limit: Bandwidth limit.
        port: Port to listen on if it is free; otherwise, and for 0, any other.
    """
    announcing, requested = anyio.create_memory_object_stream[Clip](math.inf)
    server = DemoServer(store, limit, announcing)
    runner = web.AppRunner(server.application(), access_log=None, shutdown_timeout=1.0)
    async with (
        announcing,
        requested,
        _listening(runner, port) as address,
        anyio.create_task_group() as tasks,
    ):
        tasks.start_soon(_encode_ahead, requested, store)
        yield address
        tasks.cancel_scope.cancel()


@asynccontextmanager
async def _listening(runner: web.AppRunner, port: int) -> AsyncIterator[str]:
    await runner.setup()
    listener = _listen(port)
    try:
        await web.SockSite(runner, listener).start()
        yield f"{_HOST}:{listener.getsockname()[1]}"
    finally:
        await runner.cleanup()
        listener.close()


async def _encode_ahead(requested: MemoryObjectReceiveStream[Clip], store: ClipStore) -> None:
    """Create the clips that will be requested next, while a client downloads one.

    Downloads then show their progress instead of waiting for the encoder.
    """
    async for clip in requested:
        for coming in next_clips(clip):
            with suppress(OSError):  # the request for the clip reports the error
                await store.file(coming, coming.entry)


def _listen(port: int) -> socket.socket:
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    # A port that was just used still has old connections in TIME_WAIT.
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((_HOST, port))
    except OSError:
        listener.bind((_HOST, 0))
    return listener


def _read(path: Path, start: int, stop: int) -> bytes:
    with path.open("rb") as file:
        file.seek(start)
        return file.read(stop - start)


@lru_cache(maxsize=16)
def _drawn(colour: tuple[int, int]) -> bytes:
    return make_cover(colour)
