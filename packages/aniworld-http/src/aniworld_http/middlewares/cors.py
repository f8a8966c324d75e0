"""Cross-origin requests (CORS): only the configured origins may call the API from a browser."""

from typing import Final

from aiohttp import hdrs, web

from aniworld_http.keys import SETTINGS
from aniworld_http.operations import PUBLIC, ROUTES, Handler, Kind

_SENT: Final = ("Authorization", "Content-Type", "If-None-Match", "X-Api-Key")
_EXPOSED: Final = ("Deprecation", "ETag", "Retry-After", "X-Request-Id", "X-Total-Count")
_MAX_AGE_SECONDS: Final = 600


_METHODS: Final = ("DELETE", "GET", "PATCH", "POST", "PUT")


@web.middleware
async def answer_preflights(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Answer the preflight (Fetch standard, section 4.8) of an allowed origin for any path.

    Only paths outside the API get here; `allow_origins` adds preflight handlers for the API.
    """
    if (
        request.method == hdrs.METH_OPTIONS
        and hdrs.ACCESS_CONTROL_REQUEST_METHOD in request.headers
        and request.match_info.http_exception is not None
        and _allowed_origin(request) is not None
    ):
        return web.Response(
            status=204,
            headers={
                hdrs.ACCESS_CONTROL_ALLOW_METHODS: ", ".join(_METHODS),
                hdrs.ACCESS_CONTROL_ALLOW_HEADERS: ", ".join(_SENT),
                hdrs.ACCESS_CONTROL_MAX_AGE: str(_MAX_AGE_SECONDS),
            },
        )
    return await handler(request)


async def mark_for_origins(request: web.Request, response: web.StreamResponse) -> None:
    """Allow pages of an allowed origin to read the response, also an error, page or static file."""
    origin = _allowed_origin(request)
    if origin is None or hdrs.ACCESS_CONTROL_ALLOW_ORIGIN in response.headers:
        return
    response.headers[hdrs.ACCESS_CONTROL_ALLOW_ORIGIN] = origin
    response.headers[hdrs.ACCESS_CONTROL_EXPOSE_HEADERS] = ", ".join(_EXPOSED)
    former = response.headers.get(hdrs.VARY)
    response.headers[hdrs.VARY] = f"{former}, Origin" if former else "Origin"


def _allowed_origin(request: web.Request) -> str | None:
    origin = request.headers.get(hdrs.ORIGIN, "")
    return origin if origin.casefold() in request.app[SETTINGS].cors_origins else None


def allow_origins(app: web.Application) -> None:
    """Add preflight handlers for the API and CORS headers; called after the routes are added."""
    import aiohttp_cors

    options = aiohttp_cors.ResourceOptions(  # type: ignore[no-untyped-call]  # it has no types
        # Tokens are sent in a header; cookies and HTTP authentication are never used.
        allow_credentials=False,
        expose_headers=_EXPOSED,
        allow_headers=_SENT,
        allow_methods=_METHODS,
        max_age=_MAX_AGE_SECONDS,
    )
    cors = aiohttp_cors.setup(app, defaults=dict.fromkeys(app[SETTINGS].cors_origins, options))
    table = app[ROUTES]
    for resource in list(app.router.resources()):
        policies = [table.declared_policy(route) for route in resource]
        if any(policy is not None and policy.kind is Kind.API for policy in policies):
            cors.add(resource)
            for route in resource:
                if route.method not in {"OPTIONS", "HEAD"}:
                    cors.add(route)
            for route in resource:
                if table.declared_policy(route) is None:
                    table.declare(route, PUBLIC)  # A preflight has no credentials.
    # After the signal of aiohttp_cors, which adds its headers to responses of the API.
    app.on_response_prepare.append(mark_for_origins)
