"""A folder of films on a web server, as a process: `origin.py ADDRESS CLIP SERIES SIZE RATE`.

Prints its port. Films of `Slow` series are sent with 4 KiB/s. `/!log` returns what was sent:
one line for each answer with path, first byte, bytes sent, and the times of begin and end.
"""

import asyncio
import json
import sys
import time
from pathlib import Path

from aiohttp import web
from films import PER_SERIES, episode_code, film, series_name

PIECE = 4096
SLOW = 4096


class Origin:
    def __init__(self, clip: Path, series: int, size: int, rate: int) -> None:
        self.clip, self.size, self.rate = clip.read_bytes(), size, rate
        self.names = [*(series_name(number) for number in range(series)), "Slow"]
        self.log: list[list[object]] = []

    async def index(self, request: web.Request) -> web.Response:
        return _page(f"{name}/" for name in self.names)

    async def series(self, request: web.Request) -> web.Response:
        name = request.match_info["series"]
        codes = map(episode_code, range(1, PER_SERIES + 1))
        return _page(f"{name} - {code}.mp4" for code in codes)

    async def send(self, request: web.Request) -> web.StreamResponse:
        name, code = request.match_info["series"], request.match_info["code"]
        is_slow = name == "Slow"
        number = 0 if is_slow else int(name[-4:]) * PER_SERIES
        body = film(self.clip, self.size * (8 if is_slow else 1), number + int(code[-3:]))
        wanted = request.http_range
        start, stop = wanted.start or 0, min(wanted.stop or len(body), len(body))
        headers = {"ETag": f'"{name}{code}"', "Accept-Ranges": "bytes", "Content-Type": "video/mp4"}
        if "Range" in request.headers:
            headers["Content-Range"] = f"bytes {start}-{stop - 1}/{len(body)}"
        status = 206 if "Range" in request.headers else 200
        response = web.StreamResponse(status=status, headers=headers)
        response.content_length = stop - start
        entry = [f"{name}/{code}", start, 0, time.time(), 0.0]
        self.log.append(entry)
        rate = SLOW if is_slow else self.rate
        try:
            await response.prepare(request)
            for first in range(start, stop, PIECE):
                piece = body[first : min(first + PIECE, stop)]
                await response.write(piece)
                entry[2] += len(piece)
                await asyncio.sleep(len(piece) / rate)
        finally:
            entry[4] = time.time()
        return response

    async def answered(self, request: web.Request) -> web.Response:
        return web.Response(text=json.dumps(self.log))


def _page(names) -> web.Response:
    links = "".join(f'<a href="{name.replace(" ", "%20")}">{name}</a>\n' for name in names)
    text = f"<html><head><title>Index of /</title></head><body>{links}</body></html>"
    return web.Response(text=text, content_type="text/html")


async def main() -> None:
    address, clip, series, size, rate = sys.argv[1:]
    origin = Origin(Path(clip), int(series), int(size), int(rate))
    app = web.Application()
    app.router.add_get("/", origin.index)
    app.router.add_get("/!log", origin.answered)
    app.router.add_get("/{series}/", origin.series)
    app.router.add_get(r"/{series}/{name:.* - }{code}.mp4", origin.send)
    # A client that goes away ends its answer, which is logged then.
    runner = web.AppRunner(app, handler_cancellation=True, access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, address, 0)
    await site.start()
    print(runner.addresses[0][1], flush=True)
    await asyncio.Event().wait()


asyncio.run(main())
