"""From the table to the router."""

from collections.abc import Iterable, Mapping
from typing import Final

from aiohttp import web

from aniworld_http.keys import SETTINGS
from aniworld_http.operations.operation import Operation

#: Every operation of the server, in the order of the table.
OPERATIONS: Final = web.AppKey("OPERATIONS", tuple[Operation, ...])
#: Which route belongs to which operation.
_ROUTES: Final = web.AppKey("_ROUTES", Mapping[web.AbstractRoute, Operation])


def add_operations(app: web.Application, operations: Iterable[Operation]) -> None:
    """Make a route of every operation, below the base path; once per server."""
    prefix = app[SETTINGS].base_path.rstrip("/")
    app[OPERATIONS] = tuple(operations)
    routes: dict[web.AbstractRoute, Operation] = {}
    for operation in app[OPERATIONS]:
        for path in _spellings(operation.path):
            resource = app.router.add_resource(prefix + path)
            routes[resource.add_route(operation.method, operation.handler)] = operation
            if operation.method == "GET":
                # RFC 9110 section 9.3.2; aiohttp sends the headers and leaves the body away.
                routes[resource.add_route("HEAD", operation.handler)] = operation
    app[_ROUTES] = routes


def operation_of(request: web.Request) -> Operation | None:
    """Return what the request asks for; `None` for pages and for what does not exist."""
    return request.app[_ROUTES].get(request.match_info.route)


def path_below_base(request: web.Request) -> str:
    """Return the path as the table knows it; empty when it is outside the base path."""
    prefix = request.app[SETTINGS].base_path.rstrip("/")
    if not prefix:
        return request.path
    return request.path.removeprefix(prefix) if request.path.startswith(f"{prefix}/") else ""


def _spellings(path: str) -> tuple[str, ...]:
    """The root of a group, `/api/anime`, is known to older clients with a slash at its end."""
    return (path, f"{path}/") if path.startswith("/api/") and path.count("/") == 2 else (path,)
