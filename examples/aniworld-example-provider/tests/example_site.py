"""The catalogue on loopback, with one invented series."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import attrs
from aiohttp import web


def paper_moon(url: str) -> dict[str, Any]:
    """Return a series with two episodes, a film and an announced episode."""
    return {
        "key": "paper-moon",
        "name": "Paper Moon 紙の月",
        "year": 2020,
        "episodes": [
            _episode(url, 0, 1, "ger-dub"),
            _episode(url, 1, 2, "ger-dub"),
            _episode(url, 1, 1, "ger-dub", "ger-sub"),
            _episode(url, 1, 3),
        ],
    }


def _episode(url: str, season: int, number: int, *languages: str) -> dict[str, Any]:
    return {
        "season": season,
        "number": number,
        "titles": {"de": f"Folge {number}", "en": f"Part {number}"},
        "films": [{"language": x, "url": f"{url}/{season}-{number}-{x}.mp4"} for x in languages],
    }


@attrs.define(eq=False)
class ExampleSite:
    """Answers by path, with a log of requests.

    Attributes:
        answers: By path, instead of those of the series.
    """

    url: str = ""
    answers: dict[str, Any] = attrs.field(factory=dict)
    asked: list[str] = attrs.field(factory=list)

    async def answer(self, request: web.Request) -> web.Response:
        """Answer any request."""
        self.asked.append(request.path)
        series = paper_moon(self.url)
        known = {
            "/catalogue.json": {"series": [{k: series[k] for k in ("key", "name", "year")}]},
            "/series/paper-moon.json": series,
            **self.answers,
        }
        if request.path not in known:
            return web.Response(status=404)
        return web.Response(text=json.dumps(known[request.path]), content_type="application/json")


@asynccontextmanager
async def open_example_site() -> AsyncIterator[ExampleSite]:
    """Serve the catalogue."""
    site = ExampleSite()
    application = web.Application()
    application.router.add_get("/{path:.*}", site.answer)
    runner = web.AppRunner(application, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    site.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    try:
        yield site
    finally:
        await runner.cleanup()
