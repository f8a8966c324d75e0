"""The pages: shells that hold no data, filled by their scripts with the visitor's token."""

from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any, Final

import attrs
from aiohttp import web

from aniworld_http.keys import AUTHENTICATOR, SETTINGS, UPTIME
from aniworld_http.middlewares.error_pages import ERROR_PAGES, ErrorPages
from aniworld_http.routes.page_texts import LANGUAGES, Texts, choose_language, load_texts
from aniworld_http.routes.static_files import STATIC, WEB, StaticFiles, send_static
from aniworld_http.security.setup_code import SETUP_CODE

if TYPE_CHECKING:
    from jinja2 import Environment

LANGUAGE_COOKIE: Final = "aniworld_language"
THEME_COOKIE: Final = "aniworld_theme"
_THEMES: Final = frozenset({"light", "dark"})
#: Same as of the operations: what a key looks like. Anything else is no page.
_KEY: Final = "{key:[a-z0-9]+(?:-[a-z0-9]+)*}"
#: Everything else that a browser may ask for; not what programs ask for, whose answers stay.
_ELSEWHERE: Final = "/{rest:(?!(?:api|ws|health|metrics|static)(?:/|$)).*}"
#: Errors that have words of their own; all others share one text.
_SPOKEN: Final = frozenset({404, 421, 500, 503})


@attrs.frozen
class Page:
    """A page of the frame: where it is, its template and script, and its sign."""

    path: str
    name: str
    icon: str = ""


PAGES: Final = (
    Page("/", "library", "library"),
    Page("/add", "add", "add"),
    Page("/queue", "queue", "queue"),
    Page("/wanted", "wanted", "wanted"),
    Page("/settings", "settings", "settings"),
    Page("/system", "system", "system"),
    Page(f"/anime/{_KEY}", "series"),
)
_MENU: Final = tuple(page for page in PAGES if page.icon)


@attrs.define(eq=False)
class Renderer:
    """Makes pages out of templates; the same page is made once."""

    _base: str
    _static: StaticFiles
    _version: str
    _texts: Mapping[str, Texts] = attrs.field(factory=lambda: load_texts(WEB / "locale"))
    _made: dict[tuple[object, ...], bytes] = attrs.field(factory=dict, init=False)
    _environment: "Environment | None" = attrs.field(default=None, init=False)

    def render(
        self, request: web.Request, name: str, *, status: int = 200, **values: Any
    ) -> web.Response:
        """Answer with a page in the language and theme of whoever asks.

        Args:
            request: Who asks.
            name: Name of the template.
            status: What to answer with.
            values: Further names for the template; few different ones, since all are kept.
        """
        language = choose_language(
            request.cookies.get(LANGUAGE_COOKIE), request.headers.get("Accept-Language", "")
        )
        theme = request.cookies.get(THEME_COOKIE, "")
        theme = theme if theme in _THEMES else "system"
        wanted = (name, language, theme, *sorted(values.items()))
        body = self._made.get(wanted)
        if body is None:
            body = self._made[wanted] = self._make(name, language, theme, values)
        response = web.Response(body=body, status=status, content_type="text/html", charset="utf-8")
        response.headers["Content-Language"] = language
        response.headers["Vary"] = "Accept-Encoding, Accept-Language, Cookie"
        response.headers["Cache-Control"] = "no-cache, private"
        return response

    def _make(self, name: str, language: str, theme: str, values: Mapping[str, Any]) -> bytes:
        # Imported late: the start of the server does not wait for it.
        from jinja2 import Environment, FileSystemLoader, StrictUndefined

        if self._environment is None:
            self._environment = Environment(
                autoescape=True,
                loader=FileSystemLoader(WEB / "templates"),
                undefined=StrictUndefined,
                trim_blocks=True,
                lstrip_blocks=True,
            )
        template = self._environment.get_template(f"{name}.html")
        return template.render(
            t=self._texts[language],
            language=language,
            languages=LANGUAGES,
            theme=theme,
            page=name,
            menu=_MENU,
            base=self._base,
            static=f"{self._base}/static/{self._static.version}",
            version=self._version,
            **values,
        ).encode()


RENDERER: Final = web.AppKey("RENDERER", Renderer)


async def show(request: web.Request, page: Page) -> web.Response:
    """Show a page, or lead to setting up where that has not been done."""
    if not await request.app[AUTHENTICATOR].is_set_up():
        return _see(request, "/setup")
    return request.app[RENDERER].render(request, page.name)


async def show_setup(request: web.Request) -> web.Response:
    """Show the first steps; once."""
    if await request.app[AUTHENTICATOR].is_set_up():
        return _see(request, "/")
    needs_code = request.app[SETUP_CODE].is_needed
    return request.app[RENDERER].render(request, "setup", needs_code=needs_code)


async def show_login(request: web.Request) -> web.Response:
    """Ask for the password."""
    if not await request.app[AUTHENTICATOR].is_set_up():
        return _see(request, "/setup")
    return request.app[RENDERER].render(request, "login")


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
    document = {
        "name": "Aniworld",
        "short_name": "Aniworld",
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
    return request.app[RENDERER].render(request, "error", status=status, code=status, said=said)


def add_pages(app: web.Application) -> None:
    """Add the pages, and everything they are made of; after all other routes."""
    prefix = app[SETTINGS].base_path.rstrip("/")
    app[STATIC] = StaticFiles.load()
    app[RENDERER] = Renderer(prefix, app[STATIC], app[UPTIME].version)
    app[ERROR_PAGES] = ErrorPages(show_error)
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
