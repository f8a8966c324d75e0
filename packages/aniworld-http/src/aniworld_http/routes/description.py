"""/api/openapi.json and /api/docs: description of the API."""

from functools import cache
from typing import Any, Final

from aiohttp import web

from aniworld_http.keys import SETTINGS, UPTIME
from aniworld_http.operations import (
    DOCS_POLICY,
    PUBLIC,
    Answer,
    Operation,
    describe,
    operations_of,
    render_docs_page,
)
from aniworld_http.schemas import cached_json


async def description(request: web.Request) -> web.Response:
    """Return the OpenAPI document."""
    return cached_json(request, _document(request.app))


async def page(request: web.Request) -> web.Response:
    """Return the OpenAPI document as a page."""
    base = request.app[SETTINGS].base_path.rstrip("/")
    return web.Response(
        text=render_docs_page(_document(request.app), f"{base}/api/openapi.json"),
        content_type="text/html",
        headers={"Content-Security-Policy": DOCS_POLICY},
    )


def _document(app: web.Application) -> dict[str, Any]:
    return _described(operations_of(app), app[UPTIME].version, app[SETTINGS].base_path)


@cache
def _described(table: tuple[Operation, ...], version: str, base_path: str) -> dict[str, Any]:
    return describe(table, version=version, base_path=base_path)


OPERATIONS: Final = (
    Operation(
        method="GET",
        path="/api/openapi.json",
        handler=description,
        id="getDescription",
        policy=PUBLIC,
        summary="This description as an OpenAPI document",
        answers={200: Answer(description="OpenAPI 3.1 document", content=dict[str, object])},
    ),
    Operation(
        method="GET",
        path="/api/docs",
        handler=page,
        id="getDocs",
        policy=PUBLIC,
        summary="This description as a page",
        answers={200: Answer(description="HTML page", media="text/html")},
    ),
)
