"""Web pages: shells without data, which their scripts fill with the visitor's token.

To add a page, add a line to `PAGES`, a template and a script of its name, and its texts. Routes,
menu and tests follow from the table.
"""

from collections.abc import Iterator
from functools import partial
from typing import Final

from aiohttp import web

from aniworld_http.keys import AUTHENTICATOR, SETTINGS
from aniworld_http.middlewares.admission import SETUP_PAGE
from aniworld_http.operations import EARLY_PAGE, PAGE, Endpoint, redirect_to
from aniworld_http.rendering import Page, render_template, validate_template_exists
from aniworld_http.security.setup_code import SETUP_CODE

#: Same rule for keys as in the operations. Anything else is not a page.
_KEY: Final = "{key:[a-z0-9]+(?:-[a-z0-9]+)*}"
_HOME: Final = "library"

#: All pages but the set-up, which is shown before there is a password.
PAGES: Final = (
    Page("/", _HOME, "library"),
    Page("/add", "add", "add"),
    Page("/queue", "queue", "queue"),
    Page("/wanted", "wanted", "wanted"),
    Page("/calendar", "calendar", "calendar"),
    Page("/attention", "attention", "warn"),
    Page("/changes", "changes", "retry"),
    Page("/import", "importing"),
    Page("/settings", "settings", "settings"),
    Page("/system", "system", "system"),
    Page(f"/anime/{_KEY}", "series"),
    Page("/login", "login"),
)
#: Pages in the menu.
MENU: Final = tuple(page for page in PAGES if page.icon)


async def show(request: web.Request, page: Page) -> web.Response:
    """Return a page."""
    return render_template(page.name, request)


async def show_setup(request: web.Request) -> web.Response:
    """Return the page for the first set-up; redirect to the library when it is done."""
    if await request.app[AUTHENTICATOR].password.is_set_up():
        return redirect_to(request, _HOME)
    needs_code = request.app[SETUP_CODE].is_needed
    return render_template("setup", request, {"needs_code": needs_code})


async def show_library(request: web.Request) -> web.Response:
    """Redirect from the base path without a slash to the library."""
    return redirect_to(request, _HOME)


def page_endpoints(app: web.Application) -> Iterator[Endpoint]:
    """Yield the endpoints of all pages.

    Raises:
        LookupError: If a page has no template.
    """
    for page in PAGES:
        if not validate_template_exists(page.name):
            raise LookupError(f"the page {page.path} has no template {page.name}.html")
        yield Endpoint(
            method="GET",
            path=page.path,
            name=page.name,
            handler=partial(show, page=page),
            policy=PAGE,
        )
    yield Endpoint(
        method="GET", path="/setup", name=SETUP_PAGE, handler=show_setup, policy=EARLY_PAGE
    )
    if app[SETTINGS].base_path.rstrip("/"):
        yield Endpoint(method="GET", path="", handler=show_library, policy=EARLY_PAGE)
