"""The pages: shells that hold no data, filled by their scripts with the visitor's token."""

from collections.abc import Awaitable, Callable
from functools import partial
from typing import Final

from aiohttp import web

from aniworld_http.keys import APPLICATION, AUTHENTICATOR, SETTINGS, UPTIME
from aniworld_http.middlewares.error_pages import ERROR_PAGES, ErrorPages
from aniworld_http.rendering.static_files import STATIC, StaticFiles, send_static
from aniworld_http.rendering.templates import (
    TEMPLATES,
    Page,
    Templates,
    render_template,
    validate_template_exists,
)
from aniworld_http.security.setup_code import SETUP_CODE

#: Same as of the operations: what a key looks like. Anything else is no page.
_KEY: Final = "{key:[a-z0-9]+(?:-[a-z0-9]+)*}"
#: Everything else that a browser may ask for; not what programs ask for, whose answers stay.
_ELSEWHERE: Final = "/{rest:(?!(?:api|ws|health|metrics|static)(?:/|$)).*}"
#: Errors that have words of their own; all others share one text.
_SPOKEN: Final = frozenset({404, 421, 500, 503})


PAGES: Final = (
    Page("/", "library", "library"),
    Page("/add", "add", "add"),
    Page("/queue", "queue", "queue"),
    Page("/wanted", "wanted", "wanted"),
    Page("/settings", "settings", "settings"),
    Page("/system", "system", "system"),
    Page(f"/anime/{_KEY}", "series"),
)
#: The pages in the menu of the frame.
MENU: Final = tuple(page for page in PAGES if page.icon)


async def show(request: web.Request, page: Page) -> web.Response:
    """Show a page, or lead to setting up where that has not been done."""
    if not await request.app[AUTHENTICATOR].is_set_up():
        return _see(request, "/setup")
    return render_template(page.name, request)


async def show_setup(request: web.Request) -> web.Response:
    """Show the first steps; once."""
    if await request.app[AUTHENTICATOR].is_set_up():
        return _see(request, "/")
    needs_code = request.app[SETUP_CODE].is_needed
    return render_template("setup", request, {"needs_code": needs_code})


async def show_login(request: web.Request) -> web.Response:
    """Ask for the password."""
    if not await request.app[AUTHENTICATOR].is_set_up():
        return _see(request, "/setup")
    return render_template("login", request)


async def show_library(request: web.Request) -> web.Response:
    """Lead from the bare base path to what stands below it."""
    return _see(request, "/")


async def not_found(_request: web.Request) -> web.Response:
    """Say that there is no such page."""
    raise web.HTTPNotFound


async def manifest(request: web.Request) -> web.Response:
    """Describe the pages as something that can be installed."""
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
        "background_color": "#1b1b22",
        "theme_color": "#1b1b22",
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


def show_error(request: web.Request, status: int) -> web.Response:
    """Say what went wrong."""
    said = status if status in _SPOKEN else 500 if status >= 500 else 400
    return render_template("error", request, {"code": status, "said": said}, status=status)


def add_pages(app: web.Application) -> None:
    """Add the pages, and everything they are made of; after all other routes."""
    prefix = app[SETTINGS].base_path.rstrip("/")
    app[STATIC] = StaticFiles.load()
    app[TEMPLATES] = Templates(
        base=prefix, static=app[STATIC], version=app[UPTIME].version, menu=MENU
    )
    app[ERROR_PAGES] = ErrorPages(show_error)
    for page in PAGES:
        if not validate_template_exists(page.name):
            raise LookupError(f"the page {page.path} has no template {page.name}.html")
    handlers: dict[str, Callable[[web.Request], Awaitable[web.StreamResponse]]] = {
        page.path: partial(show, page=page) for page in PAGES
    }
    handlers |= {
        "/login": show_login,
        "/setup": show_setup,
        "/manifest.webmanifest": manifest,
        "/static/{name:.+}": send_static,
        _ELSEWHERE: not_found,
    }
    for path, handler in handlers.items():
        app.router.add_get(prefix + path, handler)
    if prefix:
        app.router.add_get(prefix, show_library)


def _see(request: web.Request, path: str) -> web.Response:
    where = request.app[SETTINGS].base_path.rstrip("/") + path
    return web.Response(status=303, headers={"Location": where})
