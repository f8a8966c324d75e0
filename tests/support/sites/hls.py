"""A loopback site of playlists and segments with faults by path."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TypeAlias

import attrs
from aiohttp import web

from providers.faults.conditions import reachable, scheme

#: Answers instead of the site, or returns `None` to let it answer.
Fault: TypeAlias = Callable[[web.Request, bytes], Awaitable[web.StreamResponse | None]]


@attrs.define(eq=False)
class HlsSite:
    """Files by path, requests, and faults by path."""

    files: dict[str, bytes] = attrs.Factory(dict)
    faults: dict[str, Fault] = attrs.Factory(dict)
    asked: list[str] = attrs.Factory(list)
    ranges: list[str] = attrs.Factory(list)
    headers: dict[str, dict[str, str]] = attrs.Factory(dict)
    sent: Counter[str] = attrs.Factory(Counter)
    honours_ranges: bool = True
    port: int = 0

    def url(self, path: str) -> str:
        """Return the link of a file."""
        return f"{scheme()}://127.0.0.1:{self.port}/{path}"

    def add_folder(self, folder: Path, prefix: str = "") -> None:
        """Serve every file of *folder*."""
        for path in folder.iterdir():
            self.files[prefix + path.name] = path.read_bytes()

    def edit(self, path: str, *changes: tuple[str, str]) -> None:
        """Replace text in a served file."""
        text = self.files[path].decode()
        for old, new in changes:
            assert old in text
            text = text.replace(old, new)
        self.files[path] = text.encode()

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Answer a request, with its fault if there is one."""
        path = request.path.lstrip("/")
        self.asked.append(path)
        self.headers[path] = dict(request.headers)
        body = self.files.get(path)
        fault = self.faults.get(path)
        if fault is not None:
            answer = await fault(request, body or b"")
            if answer is not None:
                return answer
        if body is None:
            raise web.HTTPNotFound
        headers = {"ETag": f'"{hash(body) & 0xFFFFFFFF:x}"'}
        wanted = request.headers.get("Range")
        if wanted and self.honours_ranges:
            self.ranges.append(f"{path} {wanted}")
            first, _, last = wanted.removeprefix("bytes=").partition("-")
            start, end = int(first), min(int(last or len(body) - 1), len(body) - 1)
            if start >= len(body):
                return web.Response(status=416, headers={"Content-Range": f"bytes */{len(body)}"})
            headers["Content-Range"] = f"bytes {start}-{end}/{len(body)}"
            self.sent[path] += end - start + 1
            return web.Response(status=206, body=body[start : end + 1], headers=headers)
        self.sent[path] += len(body)
        return web.Response(body=body, headers=headers)


@asynccontextmanager
async def open_site() -> AsyncIterator[HlsSite]:
    """Serve on a free loopback port."""
    site = HlsSite()
    app = web.Application()
    app.router.add_get("/{path:.*}", site.handle)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    try:
        tcp = web.TCPSite(runner, "127.0.0.1", 0)
        await tcp.start()
        async with reachable(runner.addresses[0][1]) as site.port:
            yield site
    finally:
        await runner.cleanup()


def times(count: int, answer: Fault) -> Fault:
    """Apply a fault *count* times."""
    left = count

    async def fault(request: web.Request, body: bytes) -> web.StreamResponse | None:
        nonlocal left
        if left <= 0:
            return None
        left -= 1
        return await answer(request, body)

    return fault


def late(seconds: float) -> Fault:
    """Answer correctly after a pause."""

    async def fault(request: web.Request, body: bytes) -> None:
        await asyncio.sleep(seconds)

    return fault


def status(code: int, **headers: str) -> Fault:
    """Answer with a status."""

    async def fault(request: web.Request, body: bytes) -> web.StreamResponse:
        return web.Response(status=code, headers=headers)

    return fault


def instead(data: bytes, content_type: str = "text/html") -> Fault:
    """Answer 200 with other bytes."""

    async def fault(request: web.Request, body: bytes) -> web.StreamResponse:
        return web.Response(body=data, content_type=content_type)

    return fault


def dropped_after(count: int) -> Fault:
    """Announce everything, send some of it, and disconnect."""

    async def fault(request: web.Request, body: bytes) -> web.StreamResponse:
        start = 0
        wanted = request.headers.get("Range")
        headers = {"ETag": '"same"'}
        if wanted:
            start = int(wanted.removeprefix("bytes=").partition("-")[0])
            headers["Content-Range"] = f"bytes {start}-{len(body) - 1}/{len(body)}"
        response = web.StreamResponse(status=206 if wanted else 200, headers=headers)
        response.content_length = len(body) - start
        await response.prepare(request)
        await response.write(body[start : start + count])
        if start + count < len(body) and request.transport is not None:
            await asyncio.sleep(0)
            request.transport.close()
        return response

    return fault


def first_bytes(count: int) -> Fault:
    """Send the beginning only, as if it were everything."""

    async def fault(request: web.Request, body: bytes) -> web.StreamResponse:
        return web.Response(body=body[:count])

    return fault


def silent_after(count: int) -> Fault:
    """Announce everything, send some of it, and then stall."""

    async def fault(request: web.Request, body: bytes) -> web.StreamResponse:
        response = web.StreamResponse()
        response.content_length = len(body)
        await response.prepare(request)
        await response.write(body[:count])
        await asyncio.sleep(30)
        return response

    return fault


async def unasked_part(request: web.Request, body: bytes) -> web.StreamResponse:
    """Answer with a part although the whole file was requested."""
    headers = {"Content-Range": f"bytes 0-999/{len(body)}"}
    return web.Response(status=206, body=body[:1000], headers=headers)
