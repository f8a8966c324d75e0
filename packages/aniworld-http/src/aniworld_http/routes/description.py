"""/api/openapi.json and /api/docs: the API describes itself."""

from functools import cache
from typing import Any, Final

from aiohttp import web

from aniworld_http.keys import SETTINGS, UPTIME
from aniworld_http.operations import PUBLIC, Answer, Operation, operations_of
from aniworld_http.operations.docs_page import POLICY, render_page
from aniworld_http.operations.document import describe
from aniworld_http.schemas import cached_json


async def description(request: web.Request) -> web.Response:
    """Describe the API to programs."""
    return cached_json(request, _document(request.app))


async def page(request: web.Request) -> web.Response:
    """Describe the API to people."""
    base = request.app[SETTINGS].base_path.rstrip("/")
    return web.Response(
        text=render_page(_document(request.app), f"{base}/api/openapi.json"),
        content_type="text/html",
        headers={"Content-Security-Policy": POLICY},
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
        summary="This description",
        answers={200: Answer(description="OpenAPI 3.1", content=dict[str, object])},
    ),
    Operation(
        method="GET",
        path="/api/docs",
        handler=page,
        id="getDocs",
        policy=PUBLIC,
        summary="This description, for people",
        answers={200: Answer(description="A page", media="text/html")},
    ),
)
