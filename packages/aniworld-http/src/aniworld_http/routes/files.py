"""Static files, the web app manifest and the service worker, the same for every visitor."""

from typing import Final

from aiohttp import web

from aniworld_http.keys import APPLICATION, SETTINGS
from aniworld_http.operations import FILE, Endpoint
from aniworld_http.rendering import STATIC, write_service_worker

_COLOR: Final = "#1b1b22"


async def send_static(request: web.Request) -> web.Response:
    """Return a static file."""
    return request.app[STATIC].answer(request, request.match_info["name"])


async def manifest(request: web.Request) -> web.Response:
    """Return the web app manifest, with which browsers install the pages as an app."""
    base = request.app[SETTINGS].base_path.rstrip("/")
    icons = f"{base}/static/{request.app[STATIC].version}/icons"
    name = request.app[APPLICATION].current_config.value.name
    document = {
        "name": name,
        "short_name": name,
        "id": f"{base}/",
        "start_url": f"{base}/",
        "scope": f"{base}/",
        "display": "standalone",
        # The phone's share menu opens the page with the shared link; a person confirms it there.
        "share_target": {
            "action": f"{base}/add",
            "method": "GET",
            "params": {"title": "title", "text": "text", "url": "url"},
        },
        "background_color": _COLOR,
        "theme_color": _COLOR,
        "icons": [
            {"src": f"{icons}/icon.svg", "sizes": "any", "type": "image/svg+xml"},
            {"src": f"{icons}/icon-192.png", "sizes": "192x192", "type": "image/png"},
            {
                "src": f"{icons}/icon-512.png",
                "sizes": "512x512",
                "type": "image/png",
                "purpose": "any maskable",
            },
        ],
    }
    response = web.json_response(document, content_type="application/manifest+json")
    response.headers["Cache-Control"] = "no-cache"
    return response


async def service_worker(request: web.Request) -> web.Response:
    """Return the service worker; its scope is the folder of its address."""
    base = request.app[SETTINGS].base_path.rstrip("/")
    text = write_service_worker(base, request.app[STATIC].version)
    headers = {"Cache-Control": "no-cache"}
    return web.Response(text=text, content_type="text/javascript", headers=headers)


ENDPOINTS: Final = (
    Endpoint(method="GET", path="/service-worker.js", handler=service_worker, policy=FILE),
    Endpoint(method="GET", path="/manifest.webmanifest", handler=manifest, policy=FILE),
    Endpoint(method="GET", path="/static/{name:.+}", handler=send_static, policy=FILE),
)
