"""Which web origins may call the API from a browser: exactly the configured ones."""

from typing import Final

from aiohttp import web

from aniworld_http.keys import SETTINGS

_SENT: Final = ("Authorization", "Content-Type", "If-None-Match", "X-Api-Key")
_EXPOSED: Final = ("Deprecation", "ETag", "Retry-After", "X-Request-Id", "X-Total-Count")
_KEPT_SECONDS: Final = 600


def allow_origins(app: web.Application) -> None:
    """Answer preflights and mark answers for the allowed origins; after the routes are there."""
    import aiohttp_cors

    options = aiohttp_cors.ResourceOptions(  # type: ignore[no-untyped-call]  # it has no types
        # Tokens travel in a header; cookies and the browser's own sign-in are never used.
        allow_credentials=False,
        expose_headers=_EXPOSED,
        allow_headers=_SENT,
        allow_methods=("DELETE", "GET", "PATCH", "POST", "PUT"),
        max_age=_KEPT_SECONDS,
    )
    cors = aiohttp_cors.setup(app, defaults=dict.fromkeys(app[SETTINGS].cors_origins, options))
    prefix = app[SETTINGS].base_path.rstrip("/") + "/api/"
    for resource in list(app.router.resources()):
        if resource.canonical.startswith(prefix):
            cors.add(resource)
            for route in resource:
                if route.method not in {"OPTIONS", "HEAD"}:
                    cors.add(route)
